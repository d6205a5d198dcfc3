"""Components of data structures: concept, representation, and what an attribute is about (SDMXStructureBase.xsd, ComponentType)."""

from __future__ import annotations

from collections.abc import Mapping

from exchange.codecs.sdmx_ml.artefacts.representations import Place, read_representation, write_representation
from exchange.codecs.sdmx_ml.artefacts.shared import Identification, read_identification, urn_stem
from exchange.codecs.sdmx_ml.dialect import XmlDialect
from exchange.codecs.sdmx_ml.markup import element, escape, true_only
from exchange.codecs.sdmx_ml.parsing import Node
from exchange.codecs.sdmx_ml.references import read_local, read_locals, read_reference, write_local, write_reference
from exchange.codecs.sdmx_ml.writing import Carried, Writing
from registry.model.base import Reference
from registry.model.identity import ARTEFACT_OF_CLASS, Urn
from registry.model.metadata_structures import MetadataAttribute
from registry.model.representations import Representation
from registry.model.structures import AttributeRelationship, Component, DataStructure, Empty


class ComponentFields(Identification):
    """Fields of every component."""

    concept_identity: Reference | None
    local_representation: Representation | None


def read_component(node: Node, default_id: str | None = None) -> ComponentFields:
    """Id, concept and representation. A component without id takes that of its concept, as the standard says.

    The measure dimension of SDMX 2.1 is enumerated by a concept scheme, everything else by a codelist unless it says otherwise.
    """
    enumerated_by = "ConceptScheme" if node.name == "MeasureDimension" else "Codelist"
    concept = read_reference(node.one("ConceptIdentity"), "Concept")
    concept_id = None if concept is None else Urn.parse(concept).item
    return {
        **read_identification(node, default_id or concept_id),
        "concept_identity": concept,
        "local_representation": read_representation(node.one("LocalRepresentation"), enumerated_by),
    }


def read_relationship(node: Node | None) -> AttributeRelationship | None:
    """What an attribute is about. An SDMX 2.1 attachment group is redundant with the dimensions beside it, and not kept."""
    if node is None:
        return None
    dimensions = node.all("Dimension")
    groups = node.all("AttachmentGroup")
    if groups and not dimensions:
        return AttributeRelationship(group=read_local(groups[0]))
    if groups:
        node.document.note("attachment-group", "an attachment group beside dimensions was left out", node.line)
    optional = tuple([dimension.truth("optional") or False for dimension in dimensions])
    for dimension in dimensions:
        dimension.settled()
    # "None" of SDMX 2.1 is an attribute of the dataset, which SDMX 3 calls the dataflow.
    whole = node.one("Dataflow") or node.one("None")
    observation = node.one("Observation") or node.one("PrimaryMeasure")
    return AttributeRelationship(
        dataflow=None if whole is None else Empty(),
        dimensions=read_locals(dimensions),
        are_dimensions_optional=optional if any(optional) else (),
        group=read_local(node.one("Group")),
        observation=None if observation is None else Empty(),
    )


def write_relationship(writing: Writing, relationship: AttributeRelationship | None, carried: Carried) -> str:
    """What an attribute is about; the schema demands it, so without it the attribute is about the observation."""
    dialect = writing.dialect
    admitted = _admitted(relationship, dialect)
    if admitted != relationship:
        carried["attribute_relationship"] = relationship
    relationship = admitted
    if relationship.dimensions:
        content = _write_dimensions(writing, relationship)
    elif relationship.group is not None:
        content = write_local("str:Group", relationship.group, dialect, "GroupDimensionDescriptor")
    elif relationship.dataflow is not None:
        content = element("str:None" if dialect.has_primary_measure else "str:Dataflow")
    elif dialect.has_primary_measure:
        content = write_local("str:PrimaryMeasure", "OBS_VALUE", dialect, "PrimaryMeasure")
    else:
        content = element("str:Observation")
    return element("str:AttributeRelationship", None, content)


def _admitted(relationship: AttributeRelationship | None, dialect: XmlDialect) -> AttributeRelationship:
    """A relationship as the dialect can say it: of one kind, with a flag for each dimension or none."""
    if relationship is None:
        return AttributeRelationship(observation=Empty())
    dimensions = relationship.dimensions
    if dimensions:
        flags = (*relationship.are_dimensions_optional, *([False] * len(dimensions)))[: len(dimensions)]
        is_sayable = any(flags) and not dialect.has_primary_measure
        return AttributeRelationship(dimensions=dimensions, are_dimensions_optional=flags if is_sayable else ())
    if relationship.group is not None:
        return AttributeRelationship(group=relationship.group)
    return AttributeRelationship(dataflow=Empty()) if relationship.dataflow is not None else AttributeRelationship(observation=Empty())


def _write_dimensions(writing: Writing, relationship: AttributeRelationship) -> str:
    if writing.dialect.has_primary_measure:
        return "".join([write_local("str:Dimension", name, writing.dialect, "Dimension") for name in relationship.dimensions])
    flags = relationship.are_dimensions_optional or [False] * len(relationship.dimensions)
    return "".join(
        [
            element("str:Dimension", {"optional": true_only(is_optional)}, escape(name))
            for name, is_optional in zip(relationship.dimensions, flags, strict=True)
        ]
    )


def write_component(
    writing: Writing,
    name: str,
    component: Component | MetadataAttribute,
    stem: str,
    place: Place,
    *content: str,
    carried: Carried | None = None,
    **attributes: str | None,
) -> str:
    """A component: concept and representation, then ``content``."""
    carried = {} if carried is None else carried
    concept = write_reference("str:ConceptIdentity", component.concept_identity, writing.dialect)
    representation = write_representation(
        writing, "str:LocalRepresentation", component.local_representation, place, carried, "local_representation"
    )
    head = writing.identifiable(component, carried)
    identity = writing.identity(component, stem + component.id)
    return element(f"str:{name}", {**identity, **attributes}, head, concept, representation, *content)


def stems_of(writing: Writing, structure: DataStructure) -> Mapping[str, str]:
    """URNs of the parts of a data structure up to the id of the part, by class."""
    return {cls: urn_stem(structure, writing, cls) + "." for cls, artefact in ARTEFACT_OF_CLASS.items() if artefact == "DataStructure"}
