"""Identification parts of paths: agencies, ids, item ids, and lists of them."""

from __future__ import annotations

import re

from exchange.errors import InvalidQuery

_AGENCY = re.compile(r"[A-Za-z][A-Za-z0-9_\-]*(\.[A-Za-z][A-Za-z0-9_\-]*)*")
_ID = re.compile(r"[A-Za-z0-9_@$\-]+")


def split_list(text: str | None, separator: str = ",") -> tuple[str, ...]:
    """The non-empty parts of a list, without blanks around them."""
    return tuple(part for part in (value.strip() for value in (text or "").split(separator)) if part)


def parse_agencies(text: str, separator: str = ",") -> frozenset[str] | None:
    """Agency ids; None for any.

    Raises:
        InvalidQuery: When one is not a dotted NCName.
    """
    return _values(text, separator, _AGENCY, "an agency id", "SDMX or BIS.XTD")


def parse_ids(text: str, separator: str = ",") -> frozenset[str] | None:
    """Ids of maintainable artefacts; None for any.

    Raises:
        InvalidQuery: When one holds characters that an id cannot have.
    """
    return _values(text, separator, _ID, "an artefact id", "CL_FREQ")


def parse_items(text: str, separator: str = ",") -> frozenset[str] | None:
    """Item ids, dotted for nested ones; None for all. Value lists admit any characters, so nothing is refused here."""
    return None if text.lower() in {"", "*", "all"} else frozenset(split_list(text, separator))


def _values(text: str, separator: str, pattern: re.Pattern[str], what: str, example: str) -> frozenset[str] | None:
    values = split_list(text, separator)
    if not values or any(value == "*" or value.lower() == "all" for value in values):
        return None
    for value in values:
        if not pattern.fullmatch(value):
            raise InvalidQuery(f"{value!r} is not {what}; write for instance {example}, or * for any.")
    return frozenset(values)
