"""Content that is no table at all: JSON, XML and web pages under the name of a CSV file."""

from __future__ import annotations

import json
import re
from typing import Final

from mappings.errors import UnreadableSource

_MARKUP: Final = re.compile(rb"<(?:\?xml|!DOCTYPE\s+(?P<type>\w+)|!--|(?P<root>[A-Za-z][\w:.-]*)(?=[\s/>]))", re.IGNORECASE)

#: Up to so many bytes a text is tried as JSON.
_TRIED: Final = 64 * 1024**2
_BEGINS_LIKE_JSON: Final = re.compile(rb'\{\s*"|\[\s*[{\["]')


def check_is_a_table(name: str, content: bytes) -> None:
    """Refuse text that another kind of program should read.

    Raises:
        UnreadableSource: Says what it is and what to do.
    """
    text = content.removeprefix(b"\xef\xbb\xbf").lstrip()
    markup = _MARKUP.match(text)
    if markup is not None and (markup["root"] is None or text.rstrip().endswith(b">")):
        if (markup["type"] or markup["root"] or b"").lower() == b"html":
            raise UnreadableSource(f"{name}: this is a web page, perhaps a log-in or error page. Download the data themselves.")
        raise UnreadableSource(f"{name}: this is XML, not delimited text. Export the data as CSV or XLSX.")
    if text[:1] in {b"{", b"["} and _is_json(text):
        raise UnreadableSource(f"{name}: this is JSON, not delimited text. Export the data as CSV or XLSX.")


def _is_json(text: bytes) -> bool:
    """True for a document, or for lines of which the first is one; a very large one is known by how it begins."""
    first, _, _ = text.partition(b"\n")
    for candidate in (first.rstrip(b",\r"), text) if len(text) <= _TRIED else ():
        try:
            found = json.loads(candidate)
        except (ValueError, RecursionError):
            continue
        return isinstance(found, dict | list)
    return len(text) > _TRIED and _BEGINS_LIKE_JSON.match(text) is not None
