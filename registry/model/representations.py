"""Representations: data types, facets, sentinel values, and what a concept or component may hold (SDMX 3.1 Section 2, 4.5)."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from registry.model.base import Reference, SdmxStruct, To
from registry.model.data_types import DATA_TYPES

#: ``maxOccurs`` of a component: a number or ``unbounded``.
Occurrence = int | Literal["unbounded"]

#: SDMX data types whose values are numbers, and those whose values are time periods.
NUMERIC_TYPES: Final = frozenset(name for name, known in DATA_TYPES.items() if known.is_number)
TIME_TYPES: Final = frozenset(name for name, known in DATA_TYPES.items() if known.periods)


class SentinelValue(SdmxStruct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A reserved value with a meaning of its own, e.g. ``-1`` for "not asked"."""

    value: str | int | float
    names: dict[str, str] = {}
    descriptions: dict[str, str] = {}


class TextFormat(SdmxStruct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """Data type and facets. Numbers are kept as numbers, periods as written. ``data_type`` None means the default, String."""

    data_type: str | None = None
    is_sequence: bool | None = None
    interval: int | float | None = None
    start_value: int | float | None = None
    end_value: int | float | None = None
    time_interval: str | None = None
    start_time: str | None = None
    end_time: str | None = None
    min_length: int | None = None
    max_length: int | None = None
    min_value: int | float | None = None
    max_value: int | float | None = None
    decimals: int | None = None
    pattern: str | None = None
    is_multi_lingual: bool | None = None
    sentinel_values: tuple[SentinelValue, ...] = ()


class Representation(SdmxStruct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """Either enumerated (``enumeration``: URN of a Codelist or ValueList, 2.1 also ConceptScheme) or free (``format``)."""

    enumeration: Annotated[Reference, To("Codelist", "ValueList", "ConceptScheme")] | None = None
    enumeration_format: TextFormat | None = None
    format: TextFormat | None = None
    min_occurs: int | None = None
    max_occurs: Occurrence | None = None

    @property
    def is_multi_valued(self) -> bool:
        """True when more than one value may stand in one cell."""
        return self.max_occurs is not None and self.max_occurs != 1
