"""Concept schemes (SDMXStructureConcept.xsd)."""

from __future__ import annotations

from exchange.codecs.sdmx_ml.artefacts.items import read_partial, write_item, write_scheme
from exchange.codecs.sdmx_ml.artefacts.representations import CONCEPT, read_representation, write_representation
from exchange.codecs.sdmx_ml.artefacts.shared import read_maintenance, read_naming
from exchange.codecs.sdmx_ml.markup import element, text_element
from exchange.codecs.sdmx_ml.parsing import Node
from exchange.codecs.sdmx_ml.references import read_local, write_local
from exchange.codecs.sdmx_ml.writing import Carried, Writing, restored
from registry.model.concepts import Concept, ConceptScheme, IsoConceptReference


def read_concept_scheme(node: Node) -> ConceptScheme:
    """A ``ConceptScheme``."""
    concepts = tuple([_read_concept(concept) for concept in node.all("Concept")])
    return ConceptScheme(**read_maintenance(node), is_partial=read_partial(node), concepts=concepts)


def _read_concept(node: Node) -> Concept:
    concept = Concept(
        **read_naming(node),
        parent=read_local(node.one("Parent")),
        core_representation=read_representation(node.one("CoreRepresentation")),
        iso_concept_reference=_read_iso_reference(node.one("ISOConceptReference")),
    )
    return restored(concept)


def _read_iso_reference(node: Node | None) -> IsoConceptReference | None:
    if node is None:
        return None
    return IsoConceptReference(
        concept_agency=node.need("ConceptAgency").text,
        concept_scheme_id=node.need("ConceptSchemeID").text,
        concept_id=node.need("ConceptID").text,
    )


def write_concept_scheme(writing: Writing, scheme: ConceptScheme) -> str:
    """A ``ConceptScheme``."""
    return write_scheme(writing, "str:ConceptScheme", scheme, scheme.concepts, "Concept", _write_concept, is_partial=scheme.is_partial)


def _write_concept(writing: Writing, concept: Concept, stem: str) -> str:
    carried: Carried = {}
    content = (
        write_local("str:Parent", concept.parent, writing.dialect, "Concept"),
        write_representation(writing, "str:CoreRepresentation", concept.core_representation, CONCEPT, carried, "core_representation"),
        _write_iso_reference(concept.iso_concept_reference),
    )
    return write_item(writing, "str:Concept", concept, stem + concept.id, carried, *content)


def _write_iso_reference(reference: IsoConceptReference | None) -> str:
    if reference is None:
        return ""
    return element(
        "str:ISOConceptReference",
        None,
        text_element("str:ConceptAgency", reference.concept_agency),
        text_element("str:ConceptSchemeID", reference.concept_scheme_id),
        text_element("str:ConceptID", reference.concept_id),
    )
