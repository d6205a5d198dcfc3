"""Structure maps and representation maps (SDMX 3.1 Section 2, structure mapping)."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import msgspec

from registry.model.base import Annotable, Identifiable, Maintainable, Reference, SdmxStruct, To


class MappedComponents(SdmxStruct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A source component whose value becomes that of a target component."""

    source: str
    target: str


class DateMap(Identifiable, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """Common part of maps that produce time periods; the target frequency is fixed or taken from a dimension."""

    id: str | None = None  # type: ignore[assignment]  # SDMX-JSON does not require the id of a date map
    mapped_components: tuple[MappedComponents, ...] = ()
    resolve_period: Literal["startOfPeriod", "endOfPeriod", "midPeriod"] | None = None
    frequency_dimension: str | None = None
    mapped_frequencies: tuple[str, ...] = ()
    target_frequency_id: str | None = msgspec.field(default=None, name="targetFrequencyID")


class EpochMap(DateMap, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """Time given as a count of periods since a base."""

    urn_class: ClassVar[str] = "EpochMap"

    base_period: str
    epoch_period: Literal["nanosecond", "millisecond", "microsecond", "second", "day"]


class DatePatternMap(DateMap, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """Time given as text in a pattern."""

    urn_class: ClassVar[str] = "DatePatternMap"

    source_pattern: str
    locale: str


class FrequencyFormatMapping(Identifiable, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """The output pattern of a frequency."""

    urn_class: ClassVar[str] = "FrequencyFormatMapping"

    id: str | None = None  # type: ignore[assignment]  # as for DateMap
    frequency_id: str
    date_pattern: str


class ComponentMap(Annotable, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """Source components to target components, through a representation map or copied as they are."""

    source: tuple[str, ...]
    target: tuple[str, ...]
    representation_map: Annotated[Reference, To("RepresentationMap")] | None = None


class FixedValueMap(Annotable, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A component with a fixed value on one side."""

    source: str | None = None
    target: str | None = None
    values: tuple[str, ...] = ()


class StructureMap(Maintainable, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """How data of one structure become data of another."""

    urn_class: ClassVar[str] = "StructureMap"

    source: Annotated[Reference, To("DataStructure", "Dataflow")] | None = None
    target: Annotated[Reference, To("DataStructure", "Dataflow")] | None = None
    epoch_maps: tuple[EpochMap, ...] = ()
    date_pattern_maps: tuple[DatePatternMap, ...] = ()
    frequency_format_mappings: tuple[FrequencyFormatMapping, ...] = ()
    component_maps: tuple[ComponentMap, ...] = ()
    fixed_value_maps: tuple[FixedValueMap, ...] = ()


class MappedList(SdmxStruct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """One column of a representation map: a codelist (or value list) or a data type."""

    codelist: Annotated[Reference, To("Codelist", "ValueList")] | None = None
    data_type: str | None = None


class MappedValue(SdmxStruct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A source value: literal, regular expression, or a substring of the input (1-based)."""

    value: str
    is_reg_ex: bool = False
    start_index: int | None = None
    end_index: int | None = None


class ValueMapping(Annotable, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """Source values to target values; no target value means "maps to nothing"."""

    source_values: tuple[MappedValue, ...] = ()
    target_values: tuple[str, ...] = ()
    valid_from: str | None = None
    valid_to: str | None = None


class RepresentationMap(Maintainable, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A table of values, in order: the first row that matches wins."""

    urn_class: ClassVar[str] = "RepresentationMap"

    source: tuple[MappedList, ...] = ()
    target: tuple[MappedList, ...] = ()
    representation_mappings: tuple[ValueMapping, ...] = ()
