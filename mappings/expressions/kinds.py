"""The kinds of value an expression can have. Dates are ISO 8601 text, which orders and compares as dates do."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What a column or expression holds; ``NULL`` is the literal NULL, which fits everywhere."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    NULL = "null"
