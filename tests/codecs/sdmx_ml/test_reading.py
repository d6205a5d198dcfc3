"""Reading is liberal with what is understood, clear about what is not, and refuses what is hostile."""

from __future__ import annotations

import pytest

from exchange.codecs.ports import ReadStructures, StructureOptions
from exchange.codecs.sdmx_ml.dialect import SDMX_ML_2_1, SDMX_ML_3_1
from exchange.codecs.sdmx_ml.structure_message import SdmxMlStructureCodec
from exchange.errors import MalformedMessage
from registry.findings import Severity
from registry.model.categories import CategoryScheme
from registry.model.codelists import Code, Codelist
from registry.model.concepts import ConceptScheme
from registry.model.constraints import DataConstraint
from registry.model.messages import Header, MessageParty, StructureMessage
from registry.model.structures import DataStructure
from tests.narrowing import as_a

CODELIST = '<Codelist id="CL" agencyID="CDE"><Name>Ages</Name><Code id="Y0"><Name>Infants</Name></Code></Codelist>'
READ = Codelist(id="CL", agency_id="CDE", version="1.0", names={"en": "Ages"}, codes=(Code(id="Y0", names={"en": "Infants"}),))


def read(text: str | bytes) -> ReadStructures:
    return SdmxMlStructureCodec().decode(text.encode() if isinstance(text, str) else text)


def in_message(content: str) -> str:
    return f"<Structure><Structures>{content}</Structures></Structure>"


def concept_scheme(content: str) -> str:
    return f'<Concepts><ConceptScheme id="CS" agencyID="CDE">{content}</ConceptScheme></Concepts>'


LISTS = f"<Structures><Codelists>{CODELIST}</Codelists></Structures>"


@pytest.mark.parametrize(
    "text",
    [
        f"<Structure><Structures><Codelists>{CODELIST}</Codelists></Structures></Structure>",
        f"<Structures><Codelists>{CODELIST}</Codelists></Structures>",
        f'<Structure xmlns="http://example.org/other"><Structures><Codelists xmlns="">{CODELIST}</Codelists></Structures></Structure>',
        f"<RegistryInterface><QueryStructureResponse>{LISTS}</QueryStructureResponse></RegistryInterface>",
        f"<SubmitStructureRequest><SubmitStructureRequest>{LISTS}</SubmitStructureRequest></SubmitStructureRequest>",
        f"<RegistryInterface><SubmitStructureRequest>{LISTS}</SubmitStructureRequest></RegistryInterface>",
        f"\n\n<!-- comment --><Structure><Structures><Codelists>{CODELIST}</Codelists></Structures></Structure>",
    ],
)
def test_namespaces_wrappers_and_headers_may_be_missing(text: str) -> None:
    result = read(text)
    assert result.message.artefacts == (READ,)
    assert not result.findings


def test_undeclared_prefixes_are_noticed_and_forgiven() -> None:
    result = read(f"<mes:Structure><mes:Structures><str:Codelists>{CODELIST}</str:Codelists></mes:Structures></mes:Structure>")
    assert result.message.artefacts == (READ,)
    assert [finding.code for finding in result.findings] == ["undeclared-prefix"]


def test_declared_encodings_are_followed() -> None:
    text = f"<?xml version='1.0' encoding='ISO-8859-1'?>{in_message(f'<Codelists>{CODELIST}</Codelists>')}".replace("Ages", "Âges")
    (codelist,) = read(text.encode("latin-1")).message.artefacts
    assert codelist.names == {"en": "Âges"}


def test_unknown_elements_are_left_out_and_named() -> None:
    result = read(in_message(f"<Codelists>{CODELIST.replace('<Name>Ages</Name>', '<Name>Ages</Name><Colour/>')}</Codelists>"))
    assert result.message.artefacts == (READ,)
    (finding,) = result.findings
    assert finding.code == "unknown-element"
    assert "Codelist CDE:CL(1.0)" in finding.message
    assert "'Colour' in 'Codelist'" in finding.message
    assert finding.place == "line 1"


def test_a_broken_artefact_does_not_spoil_the_others() -> None:
    broken = concept_scheme('\n<Concept id="C"><CoreRepresentation>\n<TextFormat maxLength="ten"/></CoreRepresentation></Concept>')
    result = read(in_message(f"{broken}<Codelists>{CODELIST}</Codelists>"))
    assert result.message.artefacts == (READ,)
    (finding,) = result.findings
    assert finding.severity is Severity.ERROR
    assert finding.code == "unreadable-artefact"
    assert finding.place == "line 3"
    assert finding.message.startswith("ConceptScheme CDE:CS(1.0): maxLength='ten'")


def test_families_that_are_not_kept_are_named() -> None:
    result = read(in_message('<HierarchicalCodelists><HierarchicalCodelist id="H" agencyID="CDE" version="2.0"/></HierarchicalCodelists>'))
    (finding,) = result.findings
    assert (finding.code, finding.severity) == ("unsupported-artefact", Severity.WARNING)
    assert finding.message.startswith("HierarchicalCodelist CDE:H(2.0)")


@pytest.mark.parametrize(
    "reference",
    [
        '<Ref id="CL" agencyID="SDMX" version="2.0" class="Codelist" package="codelist"/>',
        '<Ref id="CL" agencyID="SDMX" version="2.0"/>',
        "<URN>urn:sdmx:org.sdmx.infomodel.codelist.Codelist=SDMX:CL(2.0)</URN>",
        "urn:sdmx:org.sdmx.infomodel.codelist.Codelist=SDMX:CL(2.0)",
        " urn:sdmx:org.sdmx.infomodel.codelist.Codelist=SDMX:CL(2.0)\n",
    ],
)
def test_references_are_read_in_every_style(reference: str) -> None:
    concept = f'<Concept id="C"><CoreRepresentation><Enumeration>{reference}</Enumeration></CoreRepresentation></Concept>'
    (scheme,) = read(in_message(concept_scheme(concept))).message.artefacts
    core = as_a(ConceptScheme, scheme).concepts[0].core_representation
    assert core
    assert core.enumeration == "urn:sdmx:org.sdmx.infomodel.codelist.Codelist=SDMX:CL(2.0)"


def test_a_reference_without_agency_and_version_means_that_of_the_artefact_and_1_0() -> None:
    concept = '<Concept id="C"><CoreRepresentation><Enumeration><Ref id="CL"/></Enumeration></CoreRepresentation></Concept>'
    (scheme,) = read(in_message(concept_scheme(concept))).message.artefacts
    core = as_a(ConceptScheme, scheme).concepts[0].core_representation
    assert core
    assert core.enumeration == "urn:sdmx:org.sdmx.infomodel.codelist.Codelist=CDE:CL(1.0)"


def concept(name: str) -> str:
    return f'<ConceptIdentity><Ref id="{name}" maintainableParentID="CS" agencyID="CDE"/></ConceptIdentity>'


def attribute(name: str, status: str, about: str) -> str:
    relationship = f"<AttributeRelationship>{about}</AttributeRelationship>"
    return f'<Attribute id="{name}" assignmentStatus="{status}">{concept(name)}{relationship}</Attribute>'


SDMX_2_1_STRUCTURE = f"""<DataStructures><DataStructure id="DSD" agencyID="CDE"><Name>D</Name><DataStructureComponents>
<DimensionList>
<Dimension>{concept("AREA")}</Dimension>
<MeasureDimension id="INDICATOR">{concept("INDICATOR")}
<LocalRepresentation><Enumeration><Ref id="INDICATORS" agencyID="CDE" class="ConceptScheme"/></Enumeration></LocalRepresentation>
</MeasureDimension>
<TimeDimension>{concept("TIME")}</TimeDimension>
</DimensionList>
<Group id="G"><GroupDimension><DimensionReference><Ref id="AREA"/></DimensionReference></GroupDimension></Group>
<AttributeList>
{attribute("A1", "Mandatory", "<None/>")}
{attribute("A2", "Conditional", '<Dimension><Ref id="AREA"/></Dimension><AttachmentGroup><Ref id="G"/></AttachmentGroup>')}
{attribute("A3", "Conditional", '<PrimaryMeasure><Ref id="OBS_VALUE"/></PrimaryMeasure>')}
</AttributeList>
<MeasureList><PrimaryMeasure>{concept("OBS")}</PrimaryMeasure></MeasureList>
</DataStructureComponents></DataStructure></DataStructures>"""


def test_components_of_2_1_become_those_of_3_1() -> None:
    result = read(in_message(SDMX_2_1_STRUCTURE))
    (structure,) = result.message.artefacts
    assert isinstance(structure, DataStructure)
    components = structure.data_structure_components
    assert components is not None
    area, indicator = components.dimension_list.dimensions
    assert area.id == "AREA"  # a component without id takes that of its concept
    assert [role.rpartition(".")[2] for role in indicator.concept_roles] == ["MEASURE"]
    assert indicator.local_representation is not None
    assert indicator.local_representation.enumeration == "urn:sdmx:org.sdmx.infomodel.conceptscheme.ConceptScheme=CDE:INDICATORS(1.0)"
    assert components.dimension_list.time_dimension is not None
    assert components.dimension_list.time_dimension.id == "TIME_PERIOD"
    assert components.attribute_list is not None
    whole, partial, single = components.attribute_list.attributes
    assert whole.usage == "mandatory"
    assert whole.attribute_relationship is not None
    assert whole.attribute_relationship.dataflow is not None
    assert partial.attribute_relationship is not None
    assert partial.attribute_relationship.dimensions == ("AREA",)
    assert single.attribute_relationship is not None
    assert single.attribute_relationship.observation is not None
    assert components.measure_list is not None
    assert [measure.id for measure in components.measure_list.measures] == ["OBS_VALUE"]
    assert [finding.code for finding in result.findings] == ["attachment-group"]


def test_the_measure_dimension_of_2_1_comes_back() -> None:
    message = read(in_message(SDMX_2_1_STRUCTURE)).message
    content = SdmxMlStructureCodec(SDMX_ML_2_1).write(message, StructureOptions()).content
    assert b'<str:MeasureDimension id="INDICATOR"' in content
    (written,), (original,) = read(content).message.artefacts, message.artefacts
    ours, theirs = (as_a(DataStructure, artefact).data_structure_components for artefact in (written, original))
    assert ours
    assert theirs
    assert ours.dimension_list.dimensions[1].concept_roles == theirs.dimension_list.dimensions[1].concept_roles
    assert ours.measure_list == theirs.measure_list


def test_content_constraints_without_type_are_actual_as_the_schema_says() -> None:
    (constraint,) = read(in_message('<Constraints><ContentConstraint id="C" agencyID="CDE"/></Constraints>')).message.artefacts
    assert as_a(DataConstraint, constraint).role == "Actual"


HOSTILE = {
    "entity expansion": b'<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><Structure>&b;</Structure>',
    "external entity": b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]><Structure>&a;</Structure>',
    "external entity in UTF-16": '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]><Structure>&a;</Structure>'.encode("utf-16"),
    "external document type": b'<!DOCTYPE x SYSTEM "http://localhost/x.dtd"><Structure/>',
    "deep nesting": b"<Structure>" + b"<a>" * 100_000 + b"</a>" * 100_000 + b"</Structure>",
    "truncated": b"<Structure><Structures><Codelists",
    "empty": b"",
    "not XML": b'{"data": {}}',
    "another message": b"<GenericData/>",
    "null bytes": b"<Structure>\x00</Structure>",
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_and_malformed_input_is_refused(case: str) -> None:
    with pytest.raises(MalformedMessage):
        read(HOSTILE[case])


def test_deep_category_trees_within_the_limit_are_read() -> None:
    depth = 200
    tree = '<Category id="C"><Name>C</Name>' * depth + "</Category>" * depth
    scheme_of = f'<CategorySchemes><CategoryScheme id="S" agencyID="CDE"><Name>S</Name>{tree}</CategoryScheme></CategorySchemes>'
    (scheme,) = read(in_message(scheme_of)).message.artefacts
    found, levels = as_a(CategoryScheme, scheme).categories, 0
    while found:
        found, levels = found[0].categories, levels + 1
    assert levels == depth


def test_numbers_too_long_to_be_meant_are_quoted_short() -> None:
    concept = f'<Concept id="C"><CoreRepresentation><TextFormat maxLength="{"9" * 9999}"/></CoreRepresentation></Concept>'
    (finding,) = read(in_message(concept_scheme(concept))).findings
    assert finding.severity is Severity.ERROR
    assert len(finding.message) < 300


def test_strangers_cannot_change_an_identity_through_annotations() -> None:
    annotation = '<Annotation><AnnotationType>x-agencyID</AnnotationType><AnnotationTitle>"EVIL"</AnnotationTitle></Annotation>'
    note = f"<Annotations>{annotation}</Annotations>"
    (codelist,) = read(in_message(f"<Codelists>{CODELIST.replace('<Name>Ages', note + '<Name>Ages', 1)}</Codelists>")).message.artefacts
    assert codelist.agency_id == "CDE"
    assert codelist.annotations[0].title == '"EVIL"'


def test_headers_come_back() -> None:
    header = Header(
        id="M1",
        sender=MessageParty("CDE", {"en": "Exchange", "fr": "Échange"}),
        receivers=(MessageParty("R1"), MessageParty("R2")),
        test=True,
        names={"en": "T"},
    )
    codec = SdmxMlStructureCodec(SDMX_ML_3_1)
    assert codec.decode(codec.write(StructureMessage(header=header), StructureOptions()).content).message.header == header
