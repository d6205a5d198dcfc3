"""A data structure with everything resolved: what readers, writers, checks and the observation store need to know of it.

``registry.services.schemas`` builds it from the store; it is a plain value afterwards and never reads anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Final

from registry.model.codelists import AnyCodelist, ValueList
from registry.model.concepts import Concept
from registry.model.data_types import MISSING, TEXT_TYPE, DataType, ValueSpace, data_type
from registry.model.provision import ProvisionAgreement
from registry.model.representations import Representation
from registry.model.structures import Attribute, Dataflow, DataStructure, Dimension, Group, Measure, TimeDimension

#: How SDMX 2.1 and formats of its time call their one measure.
PRIMARY_MEASURE: Final = "OBS_VALUE"


class Role(Enum):
    """What a component does in the data structure."""

    DIMENSION = "dimension"
    TIME_DIMENSION = "time dimension"
    MEASURE = "measure"
    ATTRIBUTE = "attribute"


class Level(Enum):
    """Where the value of an attribute is constant."""

    DATASET = "dataset"
    GROUP = "group"
    SERIES = "series"
    OBSERVATION = "observation"


@dataclass(frozen=True)
class SchemaComponent:
    """A component of a data structure, resolved.

    Attributes:
        id: Component id, which is also its column name in observation batches.
        definition: The component as it stands in the data structure.
        concept: The concept it takes its meaning from, or None when the concept is not known to the registry.
        representation: Local representation, else the core representation of the concept, else an empty one.
        data_type: Effective SDMX data type; of the codes when enumerated (``String`` when not said).
        codelist: The resolved enumeration (extensions applied), or None when not enumerated.
        attached_to: Ids of the dimensions an attribute depends on; empty for dataset level; all of them for observation level.
        level: Attachment level of an attribute, None for other roles.
        allowed: Values admitted by constraints in force, or None when nothing restricts the component.
    """

    id: str
    role: Role
    definition: Dimension | TimeDimension | Measure | Attribute
    concept: Concept | None
    representation: Representation
    data_type: str
    codelist: AnyCodelist | None = None
    position: int | None = None
    level: Level | None = None
    attached_to: tuple[str, ...] = ()
    mandatory: bool = False
    allowed: frozenset[str] | None = None

    @property
    def is_coded(self) -> bool:
        """True when values are codes, or items of a value list."""
        return self.codelist is not None or self.representation.enumeration is not None

    @property
    def type(self) -> DataType:
        """What the values are. Codes are text, whatever they look like."""
        return TEXT_TYPE if self.is_coded else data_type(self.data_type)

    @property
    def is_numeric(self) -> bool:
        """True when values are numbers (never for enumerated components)."""
        return self.type.is_number

    @property
    def is_integer(self) -> bool:
        """True when values are whole numbers."""
        return self.type.space is ValueSpace.WHOLE

    @property
    def is_dimension(self) -> bool:
        """True for a part of the key."""
        return self.role in {Role.DIMENSION, Role.TIME_DIMENSION}

    @property
    def missing(self) -> str | None:
        """How "missing on purpose" is kept, as text; None where that cannot be: in dimensions, and where the text is a code."""
        return None if self.is_dimension or MISSING in self.code_names else self.type.missing

    @property
    def is_multi_valued(self) -> bool:
        """True when a cell may hold several values."""
        return self.representation.is_multi_valued

    @property
    def is_multilingual(self) -> bool:
        """True when a value is text in several languages."""
        return bool(self.representation.format and self.representation.format.is_multi_lingual)

    @cached_property
    def code_names(self) -> Mapping[str, Mapping[str, str]]:
        """Code id to its names in all languages; empty when not enumerated."""
        if self.codelist is None:
            return {}
        items = self.codelist.value_items if isinstance(self.codelist, ValueList) else self.codelist.codes
        return {item.id: item.names for item in items}

    @property
    def names(self) -> Mapping[str, str]:
        """Names of the concept, by language; the id in English when the concept is not known."""
        return self.concept.names if self.concept and self.concept.names else {"en": self.id}


@dataclass(frozen=True)
class DataSchema:
    """A data structure and the usage through which it is seen.

    Attributes:
        structure: The data structure definition.
        dataflow: The dataflow, or None when the structure itself is the context.
        components: Dimensions in key order (time last), then measures, then attributes, each in the order of the structure.
    """

    structure: DataStructure
    components: tuple[SchemaComponent, ...]
    dataflow: Dataflow | None = None
    provision_agreement: ProvisionAgreement | None = None
    groups: tuple[Group, ...] = ()
    _by_id: dict[str, SchemaComponent] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._by_id.update({component.id: component for component in self.components})

    def __contains__(self, component_id: object) -> bool:
        return component_id in self._by_id

    def __getitem__(self, component_id: str) -> SchemaComponent:
        return self._by_id[component_id]

    @cached_property
    def dimensions(self) -> tuple[SchemaComponent, ...]:
        """Dimensions in key order, without the time dimension."""
        return tuple(c for c in self.components if c.role is Role.DIMENSION)

    @cached_property
    def time_dimension(self) -> SchemaComponent | None:
        """The time dimension, if the structure has one."""
        return next((c for c in self.components if c.role is Role.TIME_DIMENSION), None)

    @cached_property
    def all_dimensions(self) -> tuple[SchemaComponent, ...]:
        """Dimensions in key order, the time dimension last."""
        return self.dimensions + ((self.time_dimension,) if self.time_dimension else ())

    @cached_property
    def measures(self) -> tuple[SchemaComponent, ...]:
        """Measures in the order of the structure."""
        return tuple(c for c in self.components if c.role is Role.MEASURE)

    @cached_property
    def primary_measure(self) -> SchemaComponent | None:
        """The measure that formats with one call :data:`PRIMARY_MEASURE`: the one of this id, else the first."""
        return next((measure for measure in self.measures if measure.id == PRIMARY_MEASURE), next(iter(self.measures), None))

    @cached_property
    def attributes(self) -> tuple[SchemaComponent, ...]:
        """Attributes in the order of the structure."""
        return tuple(c for c in self.components if c.role is Role.ATTRIBUTE)
