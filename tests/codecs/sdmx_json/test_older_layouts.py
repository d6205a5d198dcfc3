"""What other writers mean: the layout of SDMX-JSON 1.0 under any label, and properties that nobody knows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from exchange.codecs.ports import ReadStructures
from exchange.codecs.sdmx_json.dialect import JSON_2_0
from exchange.codecs.sdmx_json.structure_message import SdmxJsonStructureCodec
from registry.findings import Severity
from registry.model.base import Link
from registry.model.constraints import DataConstraint
from registry.model.identity import Urn
from registry.model.provision import ProvisionAgreement
from registry.model.structures import DataStructure

CASES = Path(__file__).parents[2] / "specimens" / "cases"
CODEC = SdmxJsonStructureCodec(JSON_2_0)
CONCEPT = "urn:sdmx:org.sdmx.infomodel.conceptscheme.Concept=CDE:CS(1.0)."
SCHEME = "urn:sdmx:org.sdmx.infomodel.conceptscheme.ConceptScheme=CDE:CS(1.0)"
FLOW = "urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=CDE:DF(1.0)"


def read(collection: str, **document: Any) -> ReadStructures:
    whole = {"id": "X", "agencyID": "CDE", "version": "1.0", "name": "x", **document}
    message = {"meta": {"id": "M", "prepared": "2026-01-01T00:00:00Z", "sender": {"id": "X"}}, "data": {collection: [whole]}}
    return CODEC.decode(json.dumps(message).encode())


def structure_of(**components: Any) -> ReadStructures:
    return read("dataStructures", dataStructureComponents=components)


LAYOUT_OF_1_0: dict[str, Any] = {
    "dimensionList": {
        "id": "DimensionDescriptor",
        "dimensions": [{"id": "AREA", "position": 0, "type": "Dimension", "conceptIdentity": CONCEPT + "AREA"}],
        "measureDimensions": [
            {
                "id": "WHAT",
                "position": 1,
                "type": "MeasureDimension",
                "conceptIdentity": CONCEPT + "WHAT",
                "localRepresentation": {"enumeration": SCHEME},
            }
        ],
        "timeDimensions": [
            {
                "id": "TIME_PERIOD",
                "position": 2,
                "type": "TimeDimension",
                "conceptIdentity": CONCEPT + "TIME_PERIOD",
                "localRepresentation": {"textFormat": {"textType": "ObservationalTimePeriod"}},
            }
        ],
    },
    "groups": [{"id": "G", "groupDimensions": ["AREA"]}],
    "attributeList": {
        "id": "AttributeDescriptor",
        "attributes": [
            {
                "id": "NOTE",
                "assignmentStatus": "Mandatory",
                "conceptIdentity": CONCEPT + "NOTE",
                "attributeRelationship": {"primaryMeasure": "OBS_VALUE"},
            },
            {"id": "ALL", "assignmentStatus": "Conditional", "conceptIdentity": CONCEPT + "ALL", "attributeRelationship": {"none": {}}},
            {
                "id": "PART",
                "assignmentStatus": "Conditional",
                "conceptIdentity": CONCEPT + "PART",
                "attributeRelationship": {"dimensions": ["AREA"], "attachmentGroups": ["G"]},
            },
        ],
        "reportingYearStartDays": [
            {"assignmentStatus": "Conditional", "conceptIdentity": CONCEPT + "DAY", "attributeRelationship": {"none": {}}}
        ],
    },
    "measureList": {"id": "MeasureDescriptor", "primaryMeasure": {"id": "OBS_VALUE", "conceptIdentity": CONCEPT + "OBS_VALUE"}},
}


def test_a_data_structure_in_the_layout_of_1_0_is_read_whole() -> None:
    result = structure_of(**json.loads(json.dumps(LAYOUT_OF_1_0)))
    assert result.findings == ()
    (structure,) = result.message.artefacts
    assert isinstance(structure, DataStructure)
    components = structure.data_structure_components
    assert components is not None
    assert components.measure_list is not None
    assert components.attribute_list is not None
    dimensions = components.dimension_list
    assert [dimension.id for dimension in dimensions.dimensions] == ["AREA", "WHAT"]
    assert [Urn.parse(role).item for role in dimensions.dimensions[1].concept_roles] == ["MEASURE"]
    assert dimensions.time_dimension is not None
    assert dimensions.time_dimension.id == "TIME_PERIOD"
    assert [measure.id for measure in components.measure_list.measures] == ["OBS_VALUE"]
    by_id = {attribute.id: attribute for attribute in components.attribute_list.attributes}
    relationships = {name: attribute.attribute_relationship for name, attribute in by_id.items()}
    assert relationships["NOTE"] is not None
    assert relationships["NOTE"].observation is not None
    assert relationships["ALL"] is not None
    assert relationships["ALL"].dataflow is not None
    assert relationships["PART"] is not None
    assert relationships["PART"].dimensions == ("AREA",)
    assert by_id.keys() == {"NOTE", "ALL", "PART", "REPORTING_YEAR_START_DAY"}
    assert (by_id["NOTE"].usage, by_id["ALL"].usage) == ("mandatory", "optional")


def test_an_exclusion_in_the_words_of_1_0_stays_an_exclusion() -> None:
    (constraint,) = CODEC.decode((CASES / "exclusion.json").read_bytes()).message.artefacts
    assert isinstance(constraint, DataConstraint)
    assert [region.include for region in constraint.cube_regions] == [False]


def test_the_type_of_a_constraint_is_its_role_and_cascading_values_cascade() -> None:
    region = {"isIncluded": True, "keyValues": [{"id": "AREA", "values": ["AFR", "KG"], "cascadeValues": ["AFR"]}]}
    result = read("dataConstraints", type="Actual", constraintAttachment={"dataflows": [FLOW]}, cubeRegions=[region])
    (constraint,) = result.message.artefacts
    assert isinstance(constraint, DataConstraint)
    assert constraint.is_actual
    assert [value.cascade_values for value in constraint.cube_regions[0].key_values[0].values] == [True, None]


@pytest.mark.parametrize(("kind", "is_actual"), [("Allowed", False), ("Actual", True), (None, True)])
def test_content_constraints_of_1_0_restrict_only_when_they_say_so(kind: str | None, is_actual: bool) -> None:
    said = {} if kind is None else {"type": kind}
    (constraint,) = read("contentConstraints", constraintAttachment={"dataflows": [FLOW]}, **said).message.artefacts
    assert isinstance(constraint, DataConstraint)
    assert constraint.is_actual is is_actual


@pytest.mark.parametrize(
    "components",
    [
        {"dimensionList": {"dimensions": [], "temporalDimension": {"id": "T"}}},
        {"dimensionList": {"dimensions": [{"id": "A", "conceptIdentity": CONCEPT + "A", "localRepresentation": {"codelist": "x"}}]}},
        {"dimensionList": {"dimensions": []}, "attributeList": {"attributes": [{"id": "A", "isMandatory": True}]}},
        {"dimensionList": {"dimensions": []}, "measures": [{"id": "M"}]},
        {"dimensionList": {"timeDimensions": [{"id": "TIME_PERIOD"}, {"id": "OTHER"}]}},
    ],
)
def test_a_data_structure_that_says_more_than_is_understood_is_refused(components: dict[str, Any]) -> None:
    result = structure_of(**components)
    assert not result.message.artefacts
    assert {(finding.code, finding.severity) for finding in result.findings} == {("unknown-property", Severity.ERROR)}


@pytest.mark.parametrize(
    "region",
    [
        {"exclude": True},
        {"keyValues": [{"id": "A", "values": ["x"], "negate": True}]},
        {"keyValues": [{"id": "A", "value": "x", "not": 1}]},
    ],
)
def test_a_constraint_that_says_more_than_is_understood_is_refused(region: dict[str, Any]) -> None:
    result = read("dataConstraints", constraintAttachment={"dataflows": [FLOW]}, cubeRegions=[region])
    assert not result.message.artefacts
    assert [finding.severity for finding in result.findings] == [Severity.ERROR]


def test_further_facts_in_one_word_and_extensions_are_left_out_with_a_warning() -> None:
    result = read("codelists", colour="red", annotations=[{"type": "t", "mood": {"a": 1}}], codes=[{"id": "A", "name": "a", "order": 3}])
    assert len(result.message.artefacts) == 1
    assert {(finding.code, finding.severity) for finding in result.findings} == {("unknown-property", Severity.WARNING)}


def test_further_content_of_an_artefact_is_refused() -> None:
    result = read("codelists", codes=[{"id": "A", "name": "a"}], extends=[{"codelist": "x"}])
    assert not result.message.artefacts


def test_links_that_lead_nowhere_are_left_out_and_others_are_kept() -> None:
    result = read("dataflows", links=[{"rel": ""}, {"rel": "", "href": "", "urn": ""}, {"href": "https://example.org"}], structure=None)
    (flow,) = result.message.artefacts
    assert flow.links == (Link(rel="related", href="https://example.org"),)
    assert [(finding.code, finding.severity) for finding in result.findings] == [("empty-link", Severity.WARNING)]


@pytest.mark.parametrize(
    ("collection", "content"),
    [
        ("dataStructures", {"dataStructureComponents": {}}),
        ("dataStructures", {"dataStructureComponents": {"dimensionList": {"dimensions": []}, "attributeList": {}, "groups": []}}),
        ("dataConstraints", {"constraintAttachment": {}, "cubeRegions": [], "dataKeySets": [{}]}),
        ("metadataStructures", {"metadataStructureComponents": {"metadataAttributeList": {}}}),
        ("codelists", {"codes": [], "codelistExtensions": [{}]}),
        ("representationMaps", {"source": [], "target": [], "representationMappings": []}),
    ],
)
def test_stubs_with_empty_lists_are_stubs(collection: str, content: dict[str, Any]) -> None:
    with_lists, without = read(collection, isExternalReference=True, **content), read(collection, isExternalReference=True)
    assert with_lists.findings == ()
    assert with_lists.message.artefacts == without.message.artefacts != ()


def test_a_provision_agreement_in_the_words_of_1_0_keeps_its_dataflow() -> None:
    result = read("provisionAgreements", structureUsage=FLOW)
    (agreement,) = result.message.artefacts
    assert isinstance(agreement, ProvisionAgreement)
    assert agreement.dataflow == FLOW
    assert result.findings == ()


def test_a_reference_that_is_not_understood_refuses_the_artefact() -> None:
    result = read("provisionAgreements", dataflow=FLOW, metadataProvider="urn:sdmx:org.sdmx.infomodel.base.DataProvider=A:DP(1.0).X")
    assert not result.message.artefacts
    assert [(finding.code, finding.severity) for finding in result.findings] == [("unknown-property", Severity.ERROR)]
