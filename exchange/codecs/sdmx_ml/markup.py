"""XML as text: elements made of escaped strings. The one place of this project where angle brackets are written.

Structure messages are written as text because it takes a third of the time of building a tree first. What is written is well formed by
construction: element names are constants of this package, and everything else passes through :func:`escape`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

#: Attribute values by (prefixed) name; None leaves the attribute out.
Attributes = Mapping[str, str | None]

DECLARATION: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'

_REPLACEMENTS: Final = {
    ord("&"): "&amp;",
    ord("<"): "&lt;",
    ord(">"): "&gt;",
    ord('"'): "&quot;",
    # Written as references because parsers turn them into spaces in attributes, and carriage returns into line feeds everywhere.
    ord("\t"): "&#9;",
    ord("\n"): "&#10;",
    ord("\r"): "&#13;",
}
#: What XML 1.0 cannot hold, not even as a reference, is replaced by U+FFFD.
_FORBIDDEN: Final = "\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff"
_SPECIAL: Final = re.compile(f'[&<>"\t\n\r{_FORBIDDEN}]')
_UNWRITABLE: Final = re.compile(f"[{_FORBIDDEN}]")


def escape(text: str) -> str:
    """Text as it may stand between tags or between double quotes."""
    if _SPECIAL.search(text) is None:
        return text
    return _UNWRITABLE.sub("\ufffd", text).translate(_REPLACEMENTS)


def attributes_of(attributes: Attributes) -> str:
    """Attributes as they stand in a start tag, each with a space before it."""
    return "".join([f' {name}="{escape(value)}"' for name, value in attributes.items() if value is not None])


def element(name: str, attributes: Attributes | None = None, *content: str) -> str:
    """An element around content that is markup already."""
    start = f"<{name}{attributes_of(attributes)}" if attributes else f"<{name}"
    body = "".join(content)
    return f"{start}>{body}</{name}>" if body else f"{start}/>"


def text_element(name: str, text: str, attributes: Attributes | None = None) -> str:
    """An element that holds text."""
    return element(name, attributes, escape(text))


def container(name: str, content: Iterable[str]) -> str:
    """An element around some elements, or nothing when there are none."""
    body = "".join(content)
    return f"<{name}>{body}</{name}>" if body else ""


def flag(value: bool | None) -> str | None:
    """A truth value as an attribute; None leaves the attribute out."""
    return None if value is None else "true" if value else "false"


def true_only(value: bool) -> str | None:
    """``true``, or nothing: for attributes whose default is false."""
    return "true" if value else None
