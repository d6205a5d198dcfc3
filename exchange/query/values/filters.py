"""Component filters (``c[...]``, SDMX-REST 2.x data queries) and series keys, as values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Operator(StrEnum):
    """Comparison of a filter term; ``eq`` when none is written."""

    EQUALS = "eq"
    NOT_EQUALS = "ne"
    LESS = "lt"
    LESS_OR_EQUAL = "le"
    GREATER = "gt"
    GREATER_OR_EQUAL = "ge"
    CONTAINS = "co"
    NOT_CONTAINS = "nc"
    STARTS_WITH = "sw"
    ENDS_WITH = "ew"


@dataclass(frozen=True, slots=True)
class Term:
    """One comparison, e.g. ``ge:2010-Q3``."""

    operator: Operator
    value: str


@dataclass(frozen=True, slots=True)
class ComponentFilter:
    """``alternatives`` are ORed; the terms inside each are ANDed (``+`` binds closer than ``,``)."""

    alternatives: tuple[tuple[Term, ...], ...]

    @staticmethod
    def any_of(*values: str) -> ComponentFilter:
        """The filter that matches any of some values."""
        return ComponentFilter(tuple((Term(Operator.EQUALS, value),) for value in values))


@dataclass(frozen=True, slots=True)
class SeriesKey:
    """A (partial) key: per dimension in key order the admitted values, None for any; missing trailing positions mean any."""

    positions: tuple[frozenset[str] | None, ...]
