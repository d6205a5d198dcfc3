"""The kinds of value an expression can have. Dates are ISO 8601 text, which orders and compares as dates do."""

from __future__ import annotations

from enum import StrEnum

import narwhals.stable.v2 as nw


class Kind(StrEnum):
    """What a column or expression holds; ``NULL`` is the literal NULL, which fits everywhere."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    NULL = "null"


def kind_of(dtype: object) -> Kind:
    """The kind of a column of a frame."""
    if isinstance(dtype, type):
        dtype = dtype()
    if getattr(dtype, "is_numeric", lambda: False)():
        return Kind.NUMBER
    if isinstance(dtype, nw.Boolean):
        return Kind.BOOLEAN
    return Kind.TEXT
