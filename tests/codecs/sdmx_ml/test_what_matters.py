"""What changes meaning is read or the artefact refused; what only describes, or says nothing, is left out with a finding."""

from __future__ import annotations

from pathlib import Path

import pytest

from exchange.codecs.ports import ReadStructures, StructureOptions
from exchange.codecs.sdmx_ml.dialect import DIALECTS, SDMX_ML_2_1, SDMX_ML_3_0, SDMX_ML_3_1, XmlDialect
from exchange.codecs.sdmx_ml.structure_message import SdmxMlStructureCodec
from registry.findings import Severity
from registry.model.base import Link
from registry.model.codelists import Codelist
from registry.model.constraints import (
    ComponentSelection,
    ConstraintAttachment,
    CubeRegion,
    DataConstraint,
    ReferencePeriod,
    TimePeriodBound,
    TimeRange,
)
from registry.model.identity import Urn
from registry.model.messages import StructureMessage
from registry.model.structures import DataStructure

CASES = Path(__file__).parents[2] / "specimens" / "cases"
CODEC = SdmxMlStructureCodec(SDMX_ML_2_1)
FLOW = "urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=MD:DF(1.0)"


def read(content: str) -> ReadStructures:
    return CODEC.decode(f"<Structure><Structures>{content}</Structures></Structure>".encode())


def constraint_with(content: str) -> ReadStructures:
    attachment = f"<ConstraintAttachment><Dataflow>{FLOW}</Dataflow></ConstraintAttachment>"
    return read(
        f'<DataConstraints><DataConstraint id="C" agencyID="MD" role="Allowed"><Name>c</Name>{attachment}{content}'
        "</DataConstraint></DataConstraints>"
    )


@pytest.mark.parametrize(
    "content",
    [
        '<CubeRegion isIncluded="false"><KeyValue id="D1"><Value>a</Value></KeyValue></CubeRegion>',
        '<CubeRegion><KeyValue id="D1" exclude="true"><Value>a</Value></KeyValue></CubeRegion>',
        '<CubeRegion><KeyValue id="D1"><Value cascade="true">a</Value></KeyValue></CubeRegion>',
        '<CubeRegion><KeyValue id="D1"><NotValue>a</NotValue></KeyValue></CubeRegion>',
        '<DataKeySet isIncluded="true"><Key include="false"><KeyValue id="D1"><Value>a</Value></KeyValue></Key></DataKeySet>',
        '<DataKeySet include="false"><Key><KeyValue id="D1"><Value>a</Value></KeyValue></Key></DataKeySet>',
        '<MetadataTargetRegion include="true" report="R" metadataTarget="T"><KeyValue id="D1"/></MetadataTargetRegion>',
    ],
)
def test_a_constraint_that_says_more_than_is_understood_is_refused(content: str) -> None:
    result = constraint_with(content)
    assert not result.message.artefacts
    assert Severity.ERROR in {finding.severity for finding in result.findings}


@pytest.mark.parametrize(
    "component",
    [
        '<Attribute id="A" mandatory="true"><AttributeRelationship><Observation/></AttributeRelationship></Attribute>',
        '<Attribute id="A"><AttributeRelationship><Dimension opt="true">D1</Dimension></AttributeRelationship></Attribute>',
        '<Attribute id="A"><AttributeRelationship><Everything/><Series>1</Series></AttributeRelationship></Attribute>',
    ],
)
def test_a_component_that_says_more_than_is_understood_refuses_its_data_structure(component: str) -> None:
    lists = f'<DimensionList><Dimension id="D1"/></DimensionList><AttributeList>{component}</AttributeList>'
    result = read(
        '<DataStructures><DataStructure id="D" agencyID="MD"><Name>d</Name>'
        f"<DataStructureComponents>{lists}</DataStructureComponents></DataStructure></DataStructures>"
    )
    assert not result.message.artefacts
    assert Severity.ERROR in {finding.severity for finding in result.findings}


def test_where_data_can_be_asked_for_is_left_out_of_a_constraint() -> None:
    source = "<QueryableDataSource isRESTDatasource='true'><DataURL>https://example.org</DataURL></QueryableDataSource>"
    attachment = f"<ConstraintAttachment><Dataflow>{FLOW}</Dataflow>{source}</ConstraintAttachment>"
    result = read(
        f'<Constraints><ContentConstraint id="C" agencyID="MD" type="Allowed"><Name>c</Name>{attachment}</ContentConstraint></Constraints>'
    )
    (constraint,) = result.message.artefacts
    assert isinstance(constraint, DataConstraint)
    assert constraint.constraint_attachment == ConstraintAttachment(dataflows=(FLOW,))
    assert [(finding.code, finding.severity) for finding in result.findings] == [("queryable-source", Severity.WARNING)]


@pytest.mark.parametrize("attribute", ['isMultiLingaul="true"', 'minimum="3"'])
def test_a_facet_that_is_not_known_refuses_the_artefact(attribute: str) -> None:
    text = f'<CoreRepresentation><TextFormat textType="String" {attribute}/></CoreRepresentation>'
    concept = f'<Concept id="A"><Name>a</Name>{text}</Concept>'
    result = read(f'<Concepts><ConceptScheme id="CS" agencyID="MD"><Name>c</Name>{concept}</ConceptScheme></Concepts>')
    assert not result.message.artefacts


def test_what_is_not_known_in_a_description_is_left_out() -> None:
    note = "<Annotations><Annotation><AnnotationTitle>t</AnnotationTitle><Mood level='3'>good</Mood></Annotation></Annotations>"
    result = read(f'<Codelists><Codelist id="CL" agencyID="MD">{note}<Name>c</Name></Codelist></Codelists>')
    assert len(result.message.artefacts) == 1
    assert [(finding.code, finding.severity) for finding in result.findings] == [("unknown-element", Severity.WARNING)]


def test_findings_about_a_broken_artefact_are_not_told_of_the_next_one() -> None:
    broken = '<Codelist id="BAD" agencyID="MD"><Strange x="1">y</Strange><Name>c</Name><Code><Name>no id</Name></Code></Codelist>'
    result = read(f'<Codelists>{broken}<Codelist id="CL" agencyID="MD"><Name>c</Name></Codelist></Codelists>')
    assert [artefact.id for artefact in result.message.artefacts] == ["CL"]
    assert all("BAD" in finding.message for finding in result.findings)


def test_an_empty_link_is_left_out_with_a_finding_on_its_artefact_alone() -> None:
    result = CODEC.decode((CASES / "empty-link.xml").read_bytes())
    assert [artefact.id for artefact in result.message.artefacts] == ["DF", "DS"]
    assert all(not artefact.links for artefact in result.message.artefacts)
    (finding,) = result.findings
    assert finding.code == "empty-link"
    assert "Dataflow MD:DF(1.0)" in finding.message


def test_a_link_without_a_purpose_is_kept_when_it_leads_somewhere() -> None:
    result = read(
        '<Codelists><Codelist id="CL" agencyID="MD"><Link rel="" url="https://example.org" urn=""/><Name>c</Name></Codelist></Codelists>'
    )
    assert result.message.artefacts[0].links == (Link(rel="related", href="https://example.org"),)


@pytest.mark.parametrize("content", ["", "<DimensionList/>", "<DimensionList/><AttributeList/><MeasureList/>"])
def test_a_stub_with_empty_lists_is_a_stub(content: str) -> None:
    result = read(
        '<DataStructures><DataStructure id="D" agencyID="MD" isExternalReference="true"><Name>d</Name>'
        f"<DataStructureComponents>{content}</DataStructureComponents></DataStructure></DataStructures>"
    )
    (structure,) = result.message.artefacts
    assert isinstance(structure, DataStructure)
    assert structure.data_structure_components is None
    assert not result.findings


@pytest.mark.parametrize(
    "reference",
    [
        '<Ref id="CS" agencyID="MD" version="1.0"/>',
        '<Ref id="CS" agencyID="MD" version="1.0" package="conceptscheme"/>',
        '<Ref id="CS" agencyID="MD" version="1.0" class="ConceptScheme"/>',
    ],
)
def test_the_concept_scheme_of_a_measure_dimension_need_not_say_its_class(reference: str) -> None:
    concept = '<ConceptIdentity><Ref id="M" maintainableParentID="CS" maintainableParentVersion="1.0" agencyID="MD"/></ConceptIdentity>'
    dimension = (
        f'<MeasureDimension id="M" position="1">{concept}<LocalRepresentation><Enumeration>{reference}</Enumeration></LocalRepresentation>'
        "</MeasureDimension>"
    )
    result = read(
        '<DataStructures><DataStructure id="D" agencyID="MD"><Name>d</Name><DataStructureComponents>'
        f"<DimensionList>{dimension}</DimensionList></DataStructureComponents></DataStructure></DataStructures>"
    )
    (structure,) = result.message.artefacts
    assert isinstance(structure, DataStructure)
    assert structure.data_structure_components is not None
    (read_dimension,) = structure.data_structure_components.dimension_list.dimensions
    assert read_dimension.local_representation is not None
    assert Urn.parse(read_dimension.local_representation.enumeration or "").cls == "ConceptScheme"


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.version)
def test_numeric_parents_are_kept_or_their_loss_is_named(dialect: XmlDialect) -> None:
    (codelist,) = CODEC.decode((CASES / "numeric-parents.xml").read_bytes()).message.artefacts
    codec = SdmxMlStructureCodec(dialect)
    content, losses = codec.write(StructureMessage((codelist,)), StructureOptions())
    (found,) = codec.decode(content).message.artefacts
    assert isinstance(found, Codelist)
    assert {code.id: code.parent for code in found.codes} == {"001": None, "002": "001"}
    assert [loss.code for loss in losses] == (["parent-in-annotation"] if dialect is SDMX_ML_3_0 else [])
    assert ("Footer" in content.decode()) == (dialect is SDMX_ML_3_0)


RANGE = TimeRange(after_period=TimePeriodBound(period="2020"), valid_from="2021", valid_to="2022")
LIMITED = DataConstraint(
    id="C",
    agency_id="MD",
    version="1.0",
    names={"en": "c"},
    role="Allowed",
    constraint_attachment=ConstraintAttachment(dataflows=(FLOW,)),
    cube_regions=(CubeRegion(key_values=(ComponentSelection(id="TIME_PERIOD", time_range=RANGE),)),),
)


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.version)
def test_the_validity_of_a_time_range_is_kept_or_its_loss_is_named(dialect: XmlDialect) -> None:
    codec = SdmxMlStructureCodec(dialect)
    content, losses = codec.write(StructureMessage((LIMITED,)), StructureOptions())
    (found,) = codec.decode(content).message.artefacts
    assert (found == LIMITED) == (not losses)
    assert [loss.code for loss in losses] == (["no-place-cube-regions"] if dialect is SDMX_ML_2_1 else [])


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.version)
def test_the_reference_period_of_a_constraint_comes_back(dialect: XmlDialect) -> None:
    period = ReferencePeriod(start_time="2020-01-01T00:00:00", end_time="2020-12-31T00:00:00")
    constraint = DataConstraint(id="C", agency_id="MD", version="1.0", names={"en": "c"}, role="Allowed", reference_period=period)
    codec = SdmxMlStructureCodec(dialect)
    content = codec.write(StructureMessage((constraint,)), StructureOptions()).content
    assert codec.decode(content).message.artefacts == (constraint,)


@pytest.mark.parametrize(
    ("version", "flag", "is_final"),
    [("1.0.0", "false", False), ("1.0.0", None, False), ("1.0.0", "true", True), ("1.0", "false", None), ("1.0", "true", True)],
)
@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.version)
def test_what_2_1_did_not_mean_as_final_is_not_made_so(version: str, flag: str | None, is_final: bool | None, dialect: XmlDialect) -> None:
    namespace = 'xmlns:str="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/structure"'
    attribute = "" if flag is None else f' isFinal="{flag}"'
    codelist = f'<str:Codelist {namespace} id="CL" agencyID="MD" version="{version}"{attribute}><Name>c</Name></str:Codelist>'
    (found,) = read(f"<Codelists>{codelist}</Codelists>").message.artefacts
    assert found.is_final is is_final
    codec = SdmxMlStructureCodec(dialect)
    content = codec.write(StructureMessage((found,)), StructureOptions()).content
    assert codec.decode(content).message.artefacts == (found,)


def test_a_version_of_3_is_final_without_a_flag() -> None:
    namespace = 'xmlns:str="http://www.sdmx.org/resources/sdmxml/schemas/v3_1/structure"'
    content = f'<str:Codelist {namespace} id="CL" agencyID="MD" version="1.0.0"><Name>c</Name></str:Codelist>'
    (found,) = (
        SdmxMlStructureCodec(SDMX_ML_3_1)
        .decode(f"<Structure><Structures><Codelists>{content}</Codelists></Structures></Structure>".encode())
        .message.artefacts
    )
    assert found.is_final is None
