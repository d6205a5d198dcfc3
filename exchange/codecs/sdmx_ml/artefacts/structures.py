"""Data structure definitions (SDMXStructureDataStructure.xsd)."""

from __future__ import annotations

from typing import Final

from exchange.codecs.sdmx_ml.artefacts.components import (
    read_component,
    read_relationship,
    stems_of,
    write_component,
    write_relationship,
)
from exchange.codecs.sdmx_ml.artefacts.representations import ATTRIBUTE, DIMENSION, MEASURE, MEASURE_DIMENSION, TIME_DIMENSION
from exchange.codecs.sdmx_ml.artefacts.shared import read_identification, read_maintenance, read_notes, write_artefact
from exchange.codecs.sdmx_ml.markup import element, escape, true_only
from exchange.codecs.sdmx_ml.parsing import Node, Unreadable
from exchange.codecs.sdmx_ml.references import (
    read_local,
    read_locals,
    read_reference,
    read_references,
    write_local,
    write_reference,
)
from exchange.codecs.sdmx_ml.writing import Carried, Writing, restored
from registry.model.base import Annotation, Reference
from registry.model.identity import Urn
from registry.model.structures import (
    TIME_PERIOD,
    Attribute,
    AttributeList,
    DataStructure,
    DataStructureComponents,
    Dimension,
    DimensionList,
    Group,
    Measure,
    MeasureList,
    MetadataAttributeUsage,
    TimeDimension,
    Usage,
)

#: Role that marks the measure dimension of SDMX 2.1 (Section 6, concept roles).
MEASURE_ROLE: Final = "urn:sdmx:org.sdmx.infomodel.conceptscheme.Concept=SDMX:SDMX_CONCEPT_ROLES(1.0).MEASURE"

_USAGES: Final[dict[str, Usage]] = {
    "mandatory": "mandatory",
    "optional": "optional",
    "Mandatory": "mandatory",
    "Conditional": "optional",
}


def read_data_structure(node: Node) -> DataStructure:
    """A ``DataStructure``."""
    maintenance = read_maintenance(node)
    components = node.one("DataStructureComponents")
    return DataStructure(
        **maintenance,
        evolving_structure=node.truth("evolvingStructure") or False,
        data_structure_components=None if components is None or components.is_empty else _read_components(components),
        metadata=read_reference(node.one("Metadata"), "MetadataStructure"),
    )


def _read_components(node: Node) -> DataStructureComponents:
    attributes, measures = node.one("AttributeList"), node.one("MeasureList")
    return DataStructureComponents(
        dimension_list=_read_dimensions(node.need("DimensionList")),
        groups=tuple([_read_group(group) for group in node.all("Group")]),
        attribute_list=None if attributes is None else _read_attributes(attributes),
        measure_list=None if measures is None else _read_measures(measures),
    )


def _skip_list_identity(node: Node) -> None:
    """Component lists have fixed ids, and no links in the model."""
    node.all("Link")


def _read_dimensions(node: Node) -> DimensionList:
    _skip_list_identity(node)
    time = node.one("TimeDimension")
    dimensions = tuple([_read_dimension(child) for child in node.children() if child.name in {"Dimension", "MeasureDimension"}])
    return DimensionList(
        **read_notes(node),
        dimensions=dimensions,
        time_dimension=None if time is None else restored(TimeDimension(**read_component(time, TIME_PERIOD))),
    )


def _read_dimension(node: Node) -> Dimension:
    roles = read_references(node.all("ConceptRole"), "Concept")
    if node.name == "MeasureDimension" and not any(is_measure_role(role) for role in roles):
        roles = (*roles, MEASURE_ROLE)
    dimension = Dimension(**read_component(node), position=node.integer("position"), concept_roles=roles)
    node.get("type")  # always the name of the element
    node.settled()
    return restored(dimension)


def is_measure_role(role: Reference) -> bool:
    """Whether a concept role marks a measure dimension."""
    return Urn.parse(role).item == "MEASURE"


def _read_group(node: Node) -> Group:
    names = [read_local(dimension.one("DimensionReference")) for dimension in node.all("GroupDimension")]
    if not names and node.one("AttachmentConstraint") is not None:
        node.document.note(
            "attachment-constraint", f"group {node.get('id')!r} is defined by an attachment constraint, which was left out", node.line
        )
    return restored(Group(**read_identification(node), group_dimensions=tuple([name for name in names if name is not None])))


def _read_attributes(node: Node) -> AttributeList:
    _skip_list_identity(node)
    attributes = tuple([_read_attribute(child) for child in node.children() if child.name in {"Attribute", "ReportingYearStartDay"}])
    usages = tuple([_read_metadata_usage(child) for child in node.all("MetadataAttributeUsage")])
    return AttributeList(**read_notes(node), attributes=attributes, metadata_attribute_usages=usages)


def _read_attribute(node: Node) -> Attribute:
    default_id = "REPORTING_YEAR_START_DAY" if node.name == "ReportingYearStartDay" else None
    measures = node.one("MeasureRelationship")
    attribute = Attribute(
        **read_component(node, default_id),
        usage=_read_usage(node),
        attribute_relationship=read_relationship(node.one("AttributeRelationship")),
        measure_relationship=() if measures is None else read_locals(measures.all("Measure")),
        concept_roles=read_references(node.all("ConceptRole"), "Concept"),
    )
    node.settled()
    return restored(attribute)


def _read_usage(node: Node) -> Usage | None:
    text = node.get("usage") or node.get("assignmentStatus")
    if text is None:
        return None
    usage = _USAGES.get(text)
    if usage is None:
        raise Unreadable(f"usage {text!r} of {node.name!r} is not one of {', '.join(_USAGES)}", node.line)
    return usage


def _read_metadata_usage(node: Node) -> MetadataAttributeUsage:
    reference = read_local(node.need("MetadataAttributeReference"))
    usage = MetadataAttributeUsage(
        **read_notes(node),
        metadata_attribute_reference=reference or "",
        attribute_relationship=read_relationship(node.one("AttributeRelationship")),
    )
    return restored(usage)


def _read_measures(node: Node) -> MeasureList:
    _skip_list_identity(node)
    measures = [_read_measure(child) for child in node.children() if child.name in {"Measure", "PrimaryMeasure"}]
    return MeasureList(**read_notes(node), measures=tuple(measures))


def _read_measure(node: Node) -> Measure:
    default_id = "OBS_VALUE" if node.name == "PrimaryMeasure" else None
    roles = read_references(node.all("ConceptRole"), "Concept")
    measure = Measure(**read_component(node, default_id), usage=_read_usage(node), concept_roles=roles)
    node.settled()
    return restored(measure)


def write_data_structure(writing: Writing, structure: DataStructure) -> str:
    """A ``DataStructure``; in SDMX 2.1 with one measure (see ``legacy``)."""
    carried: Carried = {}
    evolving = structure.evolving_structure
    if evolving and not writing.dialect.has_dimension_constraints:
        carried["evolving_structure"] = True
        evolving = False
    metadata = "" if writing.dialect.has_primary_measure else write_reference("str:Metadata", structure.metadata, writing.dialect)
    components = structure.data_structure_components
    if components is not None and not _is_complete(components):
        carried["data_structure_components"] = components
    if components is not None and not components.dimension_list.dimensions:
        components = None
    return write_artefact(
        writing,
        "str:DataStructure",
        structure,
        {"evolvingStructure": true_only(evolving)},
        carried,
        "" if components is None else _ComponentWriter(writing, structure).components(components),
        metadata,
    )


def _is_complete(components: DataStructureComponents) -> bool:
    """Whether the schema has room for the components: it demands a dimension, and knows no empty lists.

    A list that is empty means the same as none, so it is carried only if it has annotations.
    """
    attributes, measures = components.attribute_list, components.measure_list
    return (
        bool(components.dimension_list.dimensions)
        and (attributes is None or bool(attributes.attributes or attributes.metadata_attribute_usages or not attributes.annotations))
        and (measures is None or bool(measures.measures or not measures.annotations))
    )


class _ComponentWriter:
    """Writes the components of one data structure."""

    def __init__(self, writing: Writing, structure: DataStructure) -> None:
        self._writing = writing
        self._dialect = writing.dialect
        self._stems = stems_of(writing, structure)

    def components(self, components: DataStructureComponents) -> str:
        dimensions, attributes, measures = components.dimension_list, components.attribute_list, components.measure_list
        groups = [self._group(group) for group in components.groups]
        return element(
            "str:DataStructureComponents",
            None,
            self._list("DimensionList", "DimensionDescriptor", dimensions.annotations, self._dimensions(dimensions)),
            *groups,
            ""
            if attributes is None
            else self._list("AttributeList", "AttributeDescriptor", attributes.annotations, self._attributes(attributes)),
            "" if measures is None else self._list("MeasureList", "MeasureDescriptor", measures.annotations, self._measures(measures)),
        )

    def _list(self, name: str, descriptor: str, annotations: tuple[Annotation, ...], content: list[str]) -> str:
        if not content:
            return ""
        urn = self._stems[descriptor] + descriptor
        return element(f"str:{name}", {"id": descriptor, "urn": urn}, self._writing.annotations(annotations), *content)

    def _dimensions(self, dimensions: DimensionList) -> list[str]:
        written = [self._dimension(dimension, index) for index, dimension in enumerate(dimensions.dimensions, start=1)]
        if dimensions.time_dimension is not None:
            written.append(self._time_dimension(dimensions.time_dimension, len(written) + 1))
        return written

    def _position(self, position: int | None, index: int) -> str | None:
        if position is None and not self._dialect.has_primary_measure:
            return None
        return str(index if position is None else position)

    def _dimension(self, dimension: Dimension, index: int) -> str:
        name, place, roles = "Dimension", DIMENSION, dimension.concept_roles
        if self._dialect.has_primary_measure and is_measure_dimension(dimension):
            name, place, roles = "MeasureDimension", MEASURE_DIMENSION, tuple([role for role in roles if role != MEASURE_ROLE])
        return write_component(
            self._writing,
            name,
            dimension,
            self._stems[name],
            place,
            self._roles(roles),
            position=self._position(dimension.position, index),
        )

    def _time_dimension(self, dimension: TimeDimension, index: int) -> str:
        position = str(index) if self._dialect.has_primary_measure else None
        return write_component(self._writing, "TimeDimension", dimension, self._stems["TimeDimension"], TIME_DIMENSION, position=position)

    def _roles(self, roles: tuple[Reference, ...]) -> str:
        return "".join([write_reference("str:ConceptRole", role, self._dialect) for role in roles])

    def _group(self, group: Group) -> str:
        carried: Carried = {}
        head = self._writing.identifiable(group, carried, links=False)
        dimensions = [
            element("str:GroupDimension", None, write_local("str:DimensionReference", dimension, self._dialect, "Dimension"))
            for dimension in group.group_dimensions
        ]
        urn = self._stems["GroupDimensionDescriptor"] + group.id
        return element("str:Group", self._writing.identity(group, urn), head, *dimensions)

    def _attributes(self, attributes: AttributeList) -> list[str]:
        usages = () if self._dialect.has_primary_measure else attributes.metadata_attribute_usages
        return [*[self._attribute(attribute) for attribute in attributes.attributes], *[self._metadata_usage(usage) for usage in usages]]

    def _attribute(self, attribute: Attribute) -> str:
        carried: Carried = {}
        relationship = write_relationship(self._writing, attribute.attribute_relationship, carried)
        if self._dialect.has_primary_measure:
            status: dict[str, str | None] = {"assignmentStatus": "Mandatory" if attribute.usage == "mandatory" else "Conditional"}
            measures = ""
        else:
            status = {"usage": attribute.usage}
            measures = "".join([element("str:Measure", None, escape(measure)) for measure in attribute.measure_relationship])
            measures = element("str:MeasureRelationship", None, measures) if measures else ""
        return write_component(
            self._writing,
            "Attribute",
            attribute,
            self._stems["DataAttribute"],
            ATTRIBUTE,
            self._roles(attribute.concept_roles),
            relationship,
            measures,
            carried=carried,
            **status,
        )

    def _metadata_usage(self, usage: MetadataAttributeUsage) -> str:
        carried: Carried = {}
        relationship = write_relationship(self._writing, usage.attribute_relationship, carried)
        path = usage.metadata_attribute_reference
        if "." in path:  # the schema has room for the last part only
            carried["metadata_attribute_reference"] = path
        reference = element("str:MetadataAttributeReference", None, escape(path.rpartition(".")[2]))
        return element("str:MetadataAttributeUsage", None, self._writing.annotations(usage.annotations, carried), reference, relationship)

    def _measures(self, measures: MeasureList) -> list[str]:
        return [self._measure(measure) for measure in measures.measures]

    def _measure(self, measure: Measure) -> str:
        if self._dialect.has_primary_measure:
            return write_component(self._writing, "PrimaryMeasure", measure, self._stems["PrimaryMeasure"], MEASURE)
        roles = self._roles(measure.concept_roles)
        return write_component(self._writing, "Measure", measure, self._stems["Measure"], MEASURE, roles, usage=measure.usage)


def is_measure_dimension(dimension: Dimension) -> bool:
    """Whether SDMX 2.1 would call this the measure dimension: it has the role, and concepts enumerate it."""
    representation = dimension.local_representation
    if representation is None or representation.enumeration is None:
        return False
    return Urn.parse(representation.enumeration).cls == "ConceptScheme" and any(is_measure_role(role) for role in dimension.concept_roles)
