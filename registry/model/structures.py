"""Data structure definitions and dataflows (SDMX 3.1 Section 2, data structure definition)."""

from __future__ import annotations

from typing import Annotated, ClassVar, Final, Literal

from registry.model.base import Annotable, Identifiable, Maintainable, Reference, SdmxStruct, To
from registry.model.representations import Representation

#: Id that SDMX fixes for the time dimension.
TIME_PERIOD: Final = "TIME_PERIOD"

Usage = Literal["mandatory", "optional"]


class Empty(SdmxStruct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """An element that says something by standing there."""


class AttributeRelationship(SdmxStruct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """What an attribute describes: exactly one of the dataflow, some dimensions, a group, or the observation."""

    dataflow: Empty | None = None
    dimensions: tuple[str, ...] = ()
    are_dimensions_optional: tuple[bool, ...] = ()
    group: str | None = None
    observation: Empty | None = None


class Component(Identifiable, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """Common part of dimensions, measures and attributes: a concept in a role."""

    concept_identity: Annotated[Reference, To("Concept")] | None = None
    local_representation: Representation | None = None


class Dimension(Component, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A dimension. ``position`` is what the document says (0- or 1-based); the order of the list is what counts."""

    urn_class: ClassVar[str] = "Dimension"

    position: int | None = None
    concept_roles: tuple[Annotated[Reference, To("Concept")], ...] = ()


class TimeDimension(Component, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """The time dimension; its id is always ``TIME_PERIOD``."""

    urn_class: ClassVar[str] = "TimeDimension"


class Measure(Component, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A measure. ``usage`` None means the default, optional."""

    urn_class: ClassVar[str] = "Measure"

    usage: Usage | None = None
    concept_roles: tuple[Annotated[Reference, To("Concept")], ...] = ()


class Attribute(Component, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A data attribute. ``measure_relationship`` lists the measures it is about; empty means all."""

    urn_class: ClassVar[str] = "DataAttribute"

    usage: Usage | None = None
    attribute_relationship: AttributeRelationship | None = None
    measure_relationship: tuple[str, ...] = ()
    concept_roles: tuple[Annotated[Reference, To("Concept")], ...] = ()


class MetadataAttributeUsage(Annotable, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A metadata attribute of the related metadata structure that may be reported with the data."""

    metadata_attribute_reference: str
    attribute_relationship: AttributeRelationship | None = None


class Group(Identifiable, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A named subset of the dimensions to which attributes attach."""

    urn_class: ClassVar[str] = "GroupDimensionDescriptor"

    group_dimensions: tuple[str, ...] = ()


class DimensionList(Annotable, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """The dimensions in key order, and the time dimension if there is one."""

    urn_class: ClassVar[str] = "DimensionDescriptor"

    dimensions: tuple[Dimension, ...] = ()
    time_dimension: TimeDimension | None = None


class AttributeList(Annotable, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """The attributes."""

    urn_class: ClassVar[str] = "AttributeDescriptor"

    attributes: tuple[Attribute, ...] = ()
    metadata_attribute_usages: tuple[MetadataAttributeUsage, ...] = ()


class MeasureList(Annotable, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """The measures; SDMX 2.1 has exactly one, ``OBS_VALUE``."""

    urn_class: ClassVar[str] = "MeasureDescriptor"

    measures: tuple[Measure, ...] = ()


class DataStructureComponents(SdmxStruct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """All components of a data structure."""

    dimension_list: DimensionList
    attribute_list: AttributeList | None = None
    measure_list: MeasureList | None = None
    groups: tuple[Group, ...] = ()


class DataStructure(Maintainable, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A data structure definition (DSD). ``data_structure_components`` is None only in a stub."""

    urn_class: ClassVar[str] = "DataStructure"

    evolving_structure: bool = False
    data_structure_components: DataStructureComponents | None = None
    metadata: Annotated[Reference, To("MetadataStructure")] | None = None


class Dataflow(Maintainable, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A dataflow. ``structure`` (URN of its data structure) is None only in a stub."""

    urn_class: ClassVar[str] = "Dataflow"

    structure: Annotated[Reference, To("DataStructure")] | None = None
    dimension_constraint: tuple[str, ...] = ()
