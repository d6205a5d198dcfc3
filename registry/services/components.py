"""The components of a data structure with concepts, representations and codelists put in (SDMX 3.1 Section 2, data structure)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from registry.constraints.domains import Codes
from registry.data_schema import Level, Role, SchemaComponent
from registry.errors import InvalidArtefact, UnresolvedReference
from registry.model.base import Maintainable
from registry.model.codelists import AnyCodelist, Code, Codelist, GeographicCodelist, GeoGridCodelist, ValueList
from registry.model.concepts import Concept, ConceptScheme
from registry.model.identity import Urn
from registry.model.representations import Representation
from registry.model.structures import (
    Attribute,
    AttributeRelationship,
    Component,
    DataStructure,
    DataStructureComponents,
    Dimension,
    Measure,
    TimeDimension,
)
from registry.references.extensions import ExtensibleCodelist
from registry.services.snapshots import Snapshot

AnyComponent = Dimension | TimeDimension | Measure | Attribute


@dataclass(slots=True)
class ComponentResolver:
    """Puts concepts, representations and codelists into the components of one data structure.

    Attributes:
        codes: The codes of each coded component, as constraints need them; filled by :meth:`resolve`.
    """

    snapshot: Snapshot
    structure: DataStructure
    codes: dict[str, Codes] = field(default_factory=dict)
    _schemes: dict[Urn, Maintainable] = field(default_factory=dict)
    _missing: list[str] = field(default_factory=list)

    def resolve(self, dimensions: Iterable[str] = ()) -> tuple[SchemaComponent, ...]:
        """Dimensions in key order (only those named, if any are), then measures, then attributes.

        Raises:
            UnresolvedReference: When a codelist is not in the registry; names every such component.
            InvalidArtefact: When the structure is a stub, or an attribute names a group or dimension that is not there.
        """
        content = self._content()
        chosen = _chosen_dimensions(self.structure, content, tuple(dimensions))
        measures = content.measure_list.measures if content.measure_list else ()
        attributes = content.attribute_list.attributes if content.attribute_list else ()
        definitions: list[AnyComponent] = [*chosen, *measures, *attributes]
        self._load_schemes(definitions)
        keys = tuple(dimension.id for dimension in chosen)
        components = tuple(self._component(definition, keys) for definition in definitions)
        if self._missing:
            raise UnresolvedReference(f"Data structure {self._name} cannot be used: " + "; ".join(self._missing))
        return components

    @property
    def _name(self) -> str:
        return Urn.of(self.structure).short

    def _content(self) -> DataStructureComponents:
        if self.structure.data_structure_components is None:
            raise InvalidArtefact(f"Data structure {self._name} is only a stub here; import its full definition")
        return self.structure.data_structure_components

    def _load_schemes(self, definitions: Iterable[AnyComponent]) -> None:
        """Load the concept schemes, then all codelists, each in one go."""
        definitions = list(definitions)
        self._load([self._concept_scheme(definition) for definition in definitions])
        self._load([self._enumeration(definition) for definition in definitions])

    def _load(self, urns: Iterable[Urn | None]) -> None:
        self._schemes.update(self.snapshot.load(urn for urn in urns if urn and urn not in self._schemes))

    def _concept_scheme(self, definition: Component) -> Urn | None:
        if definition.concept_identity is None:
            return None
        return self.snapshot.index.resolve_one(Urn.parse(definition.concept_identity), referrer=Urn.of(self.structure))

    def _concept(self, definition: Component) -> Concept | None:
        urn = self._concept_scheme(definition)
        scheme = self._schemes.get(urn) if urn else None
        if not isinstance(scheme, ConceptScheme) or definition.concept_identity is None:
            return None
        wanted = Urn.parse(definition.concept_identity).item
        return next((concept for concept in scheme.concepts if concept.id == wanted), None)

    def _representation(self, definition: Component) -> Representation:
        concept = self._concept(definition)
        return definition.local_representation or (concept.core_representation if concept else None) or Representation()

    def _enumeration(self, definition: Component) -> Urn | None:
        """The list that enumerates a component; a core representation refers to it from the concept scheme."""
        enumeration = self._representation(definition).enumeration
        referrer = Urn.of(self.structure) if definition.local_representation else self._concept_scheme(definition)
        if enumeration is None or referrer is None:
            return None
        return self.snapshot.index.resolve_one(Urn.parse(enumeration), referrer=referrer)

    def _component(self, definition: AnyComponent, dimensions: tuple[str, ...]) -> SchemaComponent:
        representation = self._representation(definition)
        level, attached_to = self._attachment(definition, dimensions)
        return SchemaComponent(
            id=definition.id,
            role=_role(definition),
            definition=definition,
            concept=self._concept(definition),
            representation=representation,
            data_type=_data_type(definition, representation),
            codelist=self._codelist(definition, representation),
            position=dimensions.index(definition.id) + 1 if definition.id in dimensions else None,
            level=level,
            attached_to=attached_to,
            mandatory=definition.usage == "mandatory" if isinstance(definition, Measure | Attribute) else True,
        )

    def _codelist(self, definition: AnyComponent, representation: Representation) -> AnyCodelist | None:
        if representation.enumeration is None:
            return None
        urn = self._enumeration(definition)
        scheme = self._schemes.get(urn) if urn else None
        if scheme is None or scheme.is_external_reference:
            wanted = Urn.parse(representation.enumeration).artefact
            state = "of which only a stub is stored" if scheme else "which is not in the registry"
            self._missing.append(f"{definition.id} takes its values from {wanted.cls} {wanted.short}, {state}; import it first")
            return None
        codelist, self.codes[definition.id] = self._coded(scheme)
        return codelist

    def _coded(self, scheme: Maintainable) -> tuple[AnyCodelist, Codes]:
        """The enumeration as a list of codes; a concept scheme (SDMX 2.1 measure dimensions) is read as one."""
        match scheme:
            case ValueList():
                return scheme, Codes(dict.fromkeys(item.id for item in scheme.value_items))
            case ConceptScheme():
                listed: ExtensibleCodelist = _as_codelist(scheme)
                prefixes: Mapping[str, str] = {}
            case Codelist() | GeographicCodelist() | GeoGridCodelist():
                resolved = self.snapshot.codelist(scheme)
                listed, prefixes = resolved.codelist, resolved.prefixes
            case _:
                raise InvalidArtefact(f"{self._name} enumerates a component by {Urn.of(scheme)}, which holds no values")
        return listed, Codes({code.id: code.parent for code in listed.codes}, prefixes)

    def _attachment(self, definition: AnyComponent, dimensions: tuple[str, ...]) -> tuple[Level | None, tuple[str, ...]]:
        if not isinstance(definition, Attribute):
            return None, ()
        relationship = definition.attribute_relationship or AttributeRelationship()
        if relationship.dataflow is not None:
            return Level.DATASET, ()
        if relationship.group is not None:
            return Level.GROUP, self._known(definition, self._group(definition, relationship.group), dimensions)
        if not relationship.dimensions:
            return Level.OBSERVATION, dimensions
        attached_to = self._known(definition, relationship.dimensions, dimensions)
        return _level_of(attached_to, dimensions, self._content()), attached_to

    def _group(self, attribute: Attribute, group_id: str) -> tuple[str, ...]:
        group = next((group for group in self._content().groups if group.id == group_id), None)
        if group is None:
            raise InvalidArtefact(
                f"Data structure {self._name}: attribute {attribute.id} is attached to group {group_id}, which is not there"
            )
        return group.group_dimensions

    def _known(self, attribute: Attribute, wanted: tuple[str, ...], dimensions: tuple[str, ...]) -> tuple[str, ...]:
        """Dimensions in key order; those that the dataflow leaves out are dropped, those the structure does not have are an error."""
        existing = {dimension.id for dimension in _all_dimensions(self._content())}
        unknown = [dimension for dimension in wanted if dimension not in existing]
        if unknown:
            raise InvalidArtefact(
                f"Data structure {self._name}: attribute {attribute.id} is attached to {', '.join(unknown)}, which is no dimension of it"
            )
        return tuple(dimension for dimension in dimensions if dimension in wanted)


def _all_dimensions(content: DataStructureComponents) -> Iterator[Dimension | TimeDimension]:
    yield from content.dimension_list.dimensions
    if content.dimension_list.time_dimension is not None:
        yield content.dimension_list.time_dimension


def _chosen_dimensions(
    structure: DataStructure, content: DataStructureComponents, wanted: tuple[str, ...]
) -> tuple[Dimension | TimeDimension, ...]:
    """All dimensions, or those that the dimension constraint of a dataflow names; time stays in any case."""
    everything = tuple(_all_dimensions(content))
    if not wanted:
        return everything
    unknown = set(wanted) - {dimension.id for dimension in everything}
    if unknown:
        raise InvalidArtefact(
            f"The dataflow's dimension constraint names {', '.join(sorted(unknown))}, which is no dimension of {Urn.of(structure).short}"
        )
    return tuple(dimension for dimension in everything if dimension.id in wanted or isinstance(dimension, TimeDimension))


def _level_of(attached_to: tuple[str, ...], dimensions: tuple[str, ...], content: DataStructureComponents) -> Level:
    """An attribute that depends on time, or on every dimension of a structure without time, is one of the observation."""
    time = content.dimension_list.time_dimension
    deciding = (time.id,) if time is not None and time.id in dimensions else dimensions
    return Level.OBSERVATION if set(deciding) <= set(attached_to) else Level.SERIES


def _role(definition: AnyComponent) -> Role:
    match definition:
        case Dimension():
            return Role.DIMENSION
        case TimeDimension():
            return Role.TIME_DIMENSION
        case Measure():
            return Role.MEASURE
        case Attribute():
            return Role.ATTRIBUTE


def _data_type(definition: AnyComponent, representation: Representation) -> str:
    text_format = representation.enumeration_format if representation.enumeration else representation.format
    if text_format is not None and text_format.data_type is not None:
        return text_format.data_type
    return "ObservationalTimePeriod" if isinstance(definition, TimeDimension) else "String"


def _as_codelist(scheme: ConceptScheme) -> Codelist:
    return Codelist(
        id=scheme.id,
        agency_id=scheme.agency_id,
        version=scheme.version,
        names=scheme.names,
        codes=tuple(
            Code(id=concept.id, names=concept.names, descriptions=concept.descriptions, parent=concept.parent)
            for concept in scheme.concepts
        ),
    )
