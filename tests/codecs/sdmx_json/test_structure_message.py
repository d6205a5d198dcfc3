"""How SDMX-JSON structure messages look, and what a reader makes of sloppy ones."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft201909Validator
from pysdmx.io import read_sdmx

from exchange.codecs.ports import ReadStructures, StructureOptions
from exchange.codecs.sdmx_json.dialect import JSON_2_0, JSON_2_1, JsonDialect
from exchange.codecs.sdmx_json.structure_message import SdmxJsonStructureCodec
from exchange.errors import MalformedMessage
from registry.findings import Severity
from registry.model.base import Link, Maintainable
from registry.model.categories import Category, CategoryScheme
from registry.model.codelists import Code, Codelist, ValueItem, ValueList
from registry.model.concepts import ConceptScheme
from registry.model.constraints import (
    AvailabilityAttachment,
    AvailabilityConstraint,
    ComponentSelection,
    ConstraintAttachment,
    CubeRegion,
    DataConstraint,
    DataKey,
    DataKeySet,
    ReleaseCalendar,
    SelectedValue,
    TimePeriodBound,
    TimeRange,
)
from registry.model.maps import RepresentationMap, ValueMapping
from registry.model.messages import Header, MessageParty, StructureMessage
from registry.model.organisations import Contact
from registry.model.representations import Representation
from registry.model.structures import (
    Dataflow,
    DataStructure,
    DataStructureComponents,
    Dimension,
    DimensionList,
    TimeDimension,
)
from tests.codecs.sdmx_json.schemas import problems
from tests.narrowing import as_a

FLOW = "urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=CDE:DF_WATER(1.2.0)"
CONCEPT = "urn:sdmx:org.sdmx.infomodel.conceptscheme.Concept=CDE:CS(1.0)."
AREAS = Codelist(
    id="CL_AREA",
    agency_id="CDE",
    version="1.0.0",
    names={"en": "Areas", "fr": "Zones", "pt-BR": "Áreas"},
    codes=(Code(id="KG", names={"en": "Kyrgyzstan", "fr": "Kirghizistan"}), Code(id="KG_B", parent="KG")),
)
CODECS = {dialect.version: SdmxJsonStructureCodec(dialect) for dialect in (JSON_2_0, JSON_2_1)}
BOTH = pytest.mark.parametrize("codec", CODECS.values(), ids=CODECS)


def written(artefact: Maintainable, options: StructureOptions = StructureOptions(), dialect: JsonDialect = JSON_2_1) -> dict[str, Any]:  # noqa: B008
    content = SdmxJsonStructureCodec(dialect).write(StructureMessage((artefact,)), options).content
    assert problems(content, dialect.version) == []
    [[document]] = json.loads(content)["data"].values()
    return as_a(dict, document)


def read(collection: str, *documents: Any, **meta: Any) -> ReadStructures:
    message = {"meta": {"id": "M", "prepared": "2026-01-01T00:00:00Z", "sender": {"id": "X"}, **meta}, "data": {collection: documents}}
    return CODECS["2.1.0"].decode(json.dumps(message).encode())


def through(artefact: Maintainable, dialect: JsonDialect) -> Maintainable:
    codec = SdmxJsonStructureCodec(dialect)
    [result] = codec.decode(codec.write(StructureMessage((artefact,)), StructureOptions()).content).message.artefacts
    return result


def test_names_come_in_all_languages_without_preference() -> None:
    document = written(AREAS)
    assert document["name"] == "Areas"
    assert document["names"] == {"en": "Areas", "fr": "Zones", "pt-BR": "Áreas"}
    assert "isPartialLanguage" not in document


def test_names_are_chosen_by_lookup_and_filtered_by_preference() -> None:
    document = written(AREAS, StructureOptions(languages=("fr-ca", "pt")))
    assert document["name"] == "Zones"
    assert document["names"] == {"pt-BR": "Áreas"}
    assert document["isPartialLanguage"] is True
    assert "isPartialLanguage" not in written(AREAS, StructureOptions(languages=("fr",)), JSON_2_0)


def test_any_language_gives_the_best_match_and_all_names() -> None:
    document = written(AREAS, StructureOptions(languages=("fr", "*")))
    assert (document["name"], len(document["names"])) == ("Zones", 3)


def test_preference_that_nothing_meets_falls_back_to_english() -> None:
    document = written(AREAS, StructureOptions(languages=("ky",)))
    assert (document["name"], document["names"]) == ("Areas", {"en": "Areas"})


@BOTH
def test_content_languages_are_those_that_were_written(codec: SdmxJsonStructureCodec) -> None:
    content = codec.write(StructureMessage((AREAS,)), StructureOptions(languages=("fr",))).content
    assert json.loads(content)["meta"]["contentLanguages"] == ["fr"]


def test_artefact_and_items_link_to_themselves() -> None:
    document = written(AREAS, StructureOptions(base_url="https://example.org/sdmx/v2/structure/"))
    assert document["links"] == [
        {
            "rel": "self",
            "urn": "urn:sdmx:org.sdmx.infomodel.codelist.Codelist=CDE:CL_AREA(1.0.0)",
            "href": "https://example.org/sdmx/v2/structure/codelist/CDE/CL_AREA/1.0.0",
        }
    ]
    assert document["codes"][1]["links"] == [{"rel": "self", "urn": "urn:sdmx:org.sdmx.infomodel.codelist.Code=CDE:CL_AREA(1.0.0).KG_B"}]


def test_urn_of_a_nested_category_holds_its_path() -> None:
    scheme = CategoryScheme(id="CS", agency_id="CDE", version="1.0", categories=(Category(id="A", categories=(Category(id="B"),)),))
    nested = written(scheme)["categories"][0]["categories"][0]
    assert nested["links"][0]["urn"] == "urn:sdmx:org.sdmx.infomodel.categoryscheme.Category=CDE:CS(1.0).A.B"


def test_item_without_name_is_named_by_its_id_and_read_without_name() -> None:
    assert written(AREAS)["codes"][1]["name"] == "KG_B"
    assert through(AREAS, JSON_2_0) == AREAS


@pytest.mark.parametrize(
    ("version", "schema"), [("2.0.0", "2.0.0/sdmx-json-structure-schema.json"), ("2.1.0", "2.1/sdmx-json-structure-schema.json")]
)
def test_schema_stands_where_readers_look_for_it(version: str, schema: str) -> None:
    assert schema in CODECS[version].write(StructureMessage((AREAS,)), StructureOptions()).content[:350].decode()


@BOTH
def test_header_survives(codec: SdmxJsonStructureCodec) -> None:
    contact = Contact(id="C", names={"en": "Ann"}, emails=("ann@example.org",))
    header = Header(
        "MSG1",
        datetime(2026, 5, 4, 3, 2, 1, 500, tzinfo=UTC),
        MessageParty("CDE", {"en": "Exchange"}, (contact,)),
        (MessageParty("NSO"), MessageParty("UNSD")),
        test=True,
        names={"en": "A message"},
    )
    content = codec.write(StructureMessage((AREAS,), (), header), StructureOptions()).content
    assert problems(content, codec.dialect.version) == []
    assert codec.decode(content).message.header == header


@BOTH
def test_message_without_artefacts_is_valid(codec: SdmxJsonStructureCodec) -> None:
    content = codec.write(StructureMessage(), StructureOptions()).content
    assert problems(content, codec.dialect.version) == []
    assert codec.decode(content).message.artefacts == ()


@BOTH
def test_stub_is_valid(codec: SdmxJsonStructureCodec) -> None:
    stubs: tuple[Maintainable, ...] = tuple(
        struct(id="S", agency_id="CDE", version="1.0", names={"en": "S"}, is_external_reference=True)
        for struct in (Codelist, DataStructure, Dataflow, DataConstraint, CategoryScheme)
    )
    assert problems(codec.write(StructureMessage(stubs), StructureOptions()).content, codec.dialect.version) == []


def test_schema_of_2_1_refuses_an_empty_metadata_attribute_list() -> None:
    """The defect that makes some stubs of other services invalid (sdmx-json issue 189); ours leave the list out."""
    content = {"metadataStructureComponents": {"metadataAttributeList": {"id": "MetadataAttributeDescriptor"}}}
    structure = {"id": "M", "agencyID": "CDE", "version": "1.0", "name": "M", **content}
    meta = {"id": "M", "prepared": "2026-01-01T00:00:00Z", "sender": {"id": "X"}}
    message = {"meta": meta, "data": {"metadataStructures": [structure]}}
    assert problems(json.dumps(message).encode(), "2.1.0")


# What SDMX-JSON 2.0 loses or adds


def test_2_0_keeps_partial_language_evolving_structure_and_dimension_constraint_as_extensions() -> None:
    flow = Dataflow(id="F", agency_id="CDE", version="1.0", names={"en": "F"}, is_partial_language=True, dimension_constraint=("A",))
    structure = DataStructure(id="D", agency_id="CDE", version="1.0", names={"en": "D"}, evolving_structure=True)
    assert through(flow, JSON_2_0) == through(flow, JSON_2_1) == flow
    assert through(structure, JSON_2_0) == structure
    assert {"x-dimensionConstraint", "x-isPartialLanguage"} <= written(flow, dialect=JSON_2_0).keys()
    assert {"dimensionConstraint", "isPartialLanguage"}.isdisjoint(written(flow, dialect=JSON_2_0))


def test_2_0_gives_the_time_dimension_the_default_representation() -> None:
    dimensions = DimensionList(dimensions=(Dimension(id="AREA", concept_identity=CONCEPT + "AREA"),), time_dimension=time_dimension())
    components = DataStructureComponents(dimension_list=dimensions)
    structure = DataStructure(id="D", agency_id="CDE", version="1.0", names={"en": "D"}, data_structure_components=components)
    old = written(structure, dialect=JSON_2_0)["dataStructureComponents"]["dimensionList"]["timeDimension"]
    assert old["localRepresentation"] == {"format": {"dataType": "ObservationalTimePeriod"}}
    assert "localRepresentation" not in written(structure)["dataStructureComponents"]["dimensionList"]["timeDimension"]


def time_dimension() -> TimeDimension:
    return TimeDimension(id="TIME_PERIOD", concept_identity=CONCEPT + "TIME_PERIOD")


def a_constraint(**fields: Any) -> DataConstraint:
    attachment = ConstraintAttachment(dataflows=(FLOW,))
    common: dict[str, Any] = {"id": "C", "agency_id": "CDE", "version": "1.0", "names": {"en": "C"}, "constraint_attachment": attachment}
    return DataConstraint(**common | fields)


def test_2_0_says_that_a_constraint_without_role_is_about_what_is_allowed() -> None:
    assert through(a_constraint(), JSON_2_0) == a_constraint(role="Allowed")
    assert through(a_constraint(), JSON_2_1) == a_constraint()


def test_role_and_release_calendar_have_their_own_properties_in_2_0_only() -> None:
    constraint = a_constraint(role="Allowed", release_calendar=ReleaseCalendar(periodicity="P1M", offset="P1D", tolerance="P2D"))
    old, new = written(constraint, dialect=JSON_2_0), written(constraint)
    assert (old["role"], old["releaseCalendar"]["periodicity"]) == ("Allowed", "P1M")
    assert (new["x-role"], new["x-releaseCalendar"]["periodicity"]) == ("Allowed", "P1M")
    assert through(constraint, JSON_2_0) == through(constraint, JSON_2_1) == constraint


def test_2_0_spells_out_keys_with_several_values_in_a_position() -> None:
    def position(name: str, *values: str) -> ComponentSelection:
        return ComponentSelection(id=name, values=tuple(SelectedValue(value=value) for value in values))

    keys = DataKey(key_values=(position("SEX", "F", "M"), position("AREA", "KG")))
    constraint = a_constraint(data_key_sets=(DataKeySet(is_included=True, keys=(keys,)),))
    single = [[{"id": "SEX", "value": sex}, {"id": "AREA", "value": "KG"}] for sex in "FM"]
    assert [key["keyValues"] for key in written(constraint, dialect=JSON_2_0)["dataKeySets"][0]["keys"]] == single
    assert written(constraint)["dataKeySets"][0]["keys"][0]["keyValues"][0] == {"id": "SEX", "values": ["F", "M"]}
    assert through(constraint, JSON_2_1) == constraint


def an_availability() -> AvailabilityConstraint:
    region = CubeRegion(key_values=(ComponentSelection(id="AREA", values=(SelectedValue(value="KG"),)),))
    return AvailabilityConstraint(
        constraint_attachment=AvailabilityAttachment(dataflow=FLOW), cube_region=region, series_count=3, obs_count=12
    )


def test_availability_is_an_artefact_of_its_own_in_2_1() -> None:
    content = CODECS["2.1.0"].write(StructureMessage(availability=(an_availability(),)), StructureOptions()).content
    assert problems(content, "2.1.0") == []
    [document] = json.loads(content)["data"]["availabilityConstraints"]
    assert (document["seriesCount"], document["obsCount"]) == (3, 12)


def test_availability_is_an_actual_constraint_with_counts_in_annotations_in_2_0() -> None:
    content = CODECS["2.0.0"].write(StructureMessage(availability=(an_availability(),)), StructureOptions()).content
    assert problems(content, "2.0.0") == []
    [document] = json.loads(content)["data"]["dataConstraints"]
    assert (document["role"], document["constraintAttachment"], document["version"]) == ("Actual", {"dataflows": [FLOW]}, "1.0")
    assert document["id"] == "DF_WATER_AVAILABILITY"
    assert document["annotations"] == [
        {"id": "series_count", "type": "sdmx_metrics", "title": "3"},
        {"id": "obs_count", "type": "sdmx_metrics", "title": "12"},
    ]
    assert document["cubeRegions"][0]["keyValues"] == [{"id": "AREA", "values": [{"value": "KG"}]}]


@pytest.mark.parametrize("version", CODECS)
def test_instants_of_time_ranges_have_a_zone_and_dates_stay_dates(version: str) -> None:
    span = TimeRange(
        start_period=TimePeriodBound(period="2020-01-01"), end_period=TimePeriodBound(period="2021-12-31T23:59:59"), valid_from="2020-01-01"
    )
    region = CubeRegion(key_values=(ComponentSelection(id="TIME_PERIOD", time_range=span),))
    answer = AvailabilityConstraint(constraint_attachment=AvailabilityAttachment(dataflow=FLOW), cube_region=region)
    content = CODECS[version].write(StructureMessage(availability=(answer,)), StructureOptions()).content
    assert problems(content, version) == []
    assert b'"startPeriod":{"period":"2020-01-01"},"endPeriod":{"period":"2021-12-31T23:59:59Z"}' in content


# Liberal reading


def test_name_alone_is_in_the_language_of_the_message() -> None:
    result = read("codelists", {"id": "CL", "agencyID": "A", "name": "Liste"}, contentLanguages=["fr", "en"])
    assert result.message.artefacts == (Codelist(id="CL", agency_id="A", version="1.0", names={"fr": "Liste"}),)
    assert result.findings == ()
    assert read("codelists", {"id": "CL", "agencyID": "A", "name": "List"}).message.artefacts[0].names == {"en": "List"}


def test_nulls_own_links_and_urns_of_parents_are_understood() -> None:
    document = {
        "id": "CL",
        "agencyID": "A",
        "version": None,
        "name": "L",
        "links": [{"rel": "self", "urn": "urn:x", "type": "codelist"}, {"rel": "glossary", "href": "https://example.org"}],
        "codes": [{"id": "B", "name": "B!", "parent": "urn:sdmx:org.sdmx.infomodel.codelist.Code=A:CL(1.0).A", "description": None}],
    }
    [codelist] = read("codelists", document).message.artefacts
    assert isinstance(codelist, Codelist)
    assert codelist.links == (Link(rel="glossary", href="https://example.org"),)
    assert codelist.codes == (Code(id="B", names={"en": "B!"}, parent="A"),)


def test_old_spellings_of_formats_are_understood() -> None:
    concept = {
        "id": "X",
        "name": "X!",
        "coreRepresentation": {"textFormat": {"textType": "Double", "maxLength": "5", "isSequence": "false"}},
    }
    result = read("conceptSchemes", {"id": "CS", "agencyID": "A", "name": "C", "concepts": [concept]})
    core = as_a(ConceptScheme, result.message.artefacts[0]).concepts[0].core_representation
    representation = as_a(Representation, core)
    assert representation.format
    assert (representation.format.data_type, representation.format.max_length, representation.format.is_sequence) == ("Double", 5, False)
    assert [(finding.code, finding.severity) for finding in result.findings] == [("converted-value", Severity.WARNING)]


def test_component_without_id_has_that_of_its_concept() -> None:
    components = {
        "dimensionList": {"dimensions": [{"conceptIdentity": CONCEPT + "AREA"}], "timeDimension": {"conceptIdentity": CONCEPT + "T"}}
    }
    result = read("dataStructures", {"id": "D", "agencyID": "A", "name": "D", "dataStructureComponents": components})
    structure = as_a(DataStructure, result.message.artefacts[0]).data_structure_components
    assert structure
    read_list = structure.dimension_list
    assert read_list.time_dimension
    assert (read_list.dimensions[0].id, read_list.time_dimension.id) == ("AREA", "TIME_PERIOD")


def test_plain_values_of_selections_are_understood() -> None:
    region = {"keyValues": [{"id": "AREA", "values": ["KG", {"value": "RW"}]}]}
    result = read("dataConstraints", {"id": "C", "agencyID": "A", "name": "C", "cubeRegions": [region]})
    [selection] = as_a(DataConstraint, result.message.artefacts[0]).cube_regions[0].key_values
    assert selection.values == (SelectedValue(value="KG"), SelectedValue(value="RW"))


def test_broken_artefact_is_pointed_at_and_the_others_are_read() -> None:
    broken = {"id": "BAD", "agencyID": "A", "version": "1.0", "name": "B", "codes": [{"id": "A", "name": "a"}, {"name": "no id"}]}
    result = read("codelists", broken, {"id": "CL", "agencyID": "A", "name": "L"}, "nonsense", {"id": "a b", "agencyID": "A", "name": "x"})
    assert [artefact.id for artefact in result.message.artefacts] == ["CL"]
    assert [(finding.severity, finding.place) for finding in result.findings] == [
        (Severity.ERROR, "/data/codelists/0/codes/1"),
        (Severity.ERROR, "/data/codelists/2"),
        (Severity.ERROR, "/data/codelists/3"),
    ]
    assert "Codelist A:BAD(1.0)" in result.findings[0].message
    assert "`id`" in result.findings[0].message


def test_second_artefact_of_the_same_urn_is_refused() -> None:
    document = {"id": "CL", "agencyID": "A", "name": "L"}
    result = read("codelists", document, document | {"name": "M"})
    assert result.message.artefacts[0].names == {"en": "L"}
    assert [(finding.code, finding.place) for finding in result.findings] == [("duplicate-artefact", "/data/codelists/1")]


def test_unknown_properties_and_families_are_reported() -> None:
    result = read(
        "codelists", {"id": "CL", "agencyID": "A", "name": "L", "colour": "red", "codes": [{"id": "A", "name": "a", "x-rank": 1}]}
    )
    assert {(finding.code, finding.severity, finding.place) for finding in result.findings} == {
        ("unknown-property", Severity.WARNING, "/data/codelists/0")
    }
    assert {finding.message.split()[0] for finding in result.findings} == {"'colour'", "'x-rank'"}
    result = read("processes", {"id": "P", "agencyID": "A", "version": "2.0"})
    assert [finding.message for finding in result.findings] == ["A:P(2.0) was not read: processes are not supported"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is not JSON"),
        (b'{"meta": {},\n "data": nope}', "line 2, column "),
        (b"[1]", "must be an object"),
        (b'{"a": 1}', "'data'"),
        (b'{"data": {"dataSets": []}}', "holds data, not structures"),
        (b'{"meta": {}, "errors": [{"code": 404, "title": "No results found"}]}', "404 No results found"),
        (b'{"meta": {}, "data": []}', "'data'"),
    ],
)
def test_what_is_no_structure_message_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(MalformedMessage, match=message):
        CODECS["2.1.0"].decode(content)


def test_byte_order_mark_and_missing_header_are_tolerated() -> None:
    result = CODECS["2.0.0"].decode(b'\xef\xbb\xbf{"data": {"codelists": [{"id": "CL", "agencyID": "A", "name": "L"}]}}')
    assert [artefact.id for artefact in result.message.artefacts] == ["CL"]
    assert [finding.code for finding in result.findings] == ["missing-header"]


# Other readers and writers


@BOTH
def test_pysdmx_reads_what_is_written(codec: SdmxJsonStructureCodec) -> None:
    values = ValueList(id="VL", agency_id="CDE", version="1.0", names={"en": "V"}, value_items=(ValueItem(id="$ 5", names={"en": "five"}),))
    dimensions = DimensionList(
        dimensions=(Dimension(id="AREA", concept_identity=CONCEPT + "AREA"),),
        time_dimension=time_dimension(),
    )
    structure = DataStructure(
        id="DSD",
        agency_id="CDE",
        version="1.0",
        names={"en": "D"},
        data_structure_components=DataStructureComponents(dimension_list=dimensions),
    )
    region = CubeRegion(key_values=(ComponentSelection(id="AREA", values=(SelectedValue(value="KG"),)),))
    content = codec.write(
        StructureMessage((AREAS, values, structure, a_constraint(role="Allowed", cube_regions=(region,)))), StructureOptions()
    ).content
    message = read_sdmx(content.decode())
    codelists = {codelist.id: [code.id for code in codelist.codes] for codelist in message.get_codelists()}
    assert codelists["CL_AREA"] == ["KG", "KG_B"]
    assert [dsd.id for dsd in message.get_data_structure_definitions()] == ["DSD"]
    assert [component.id for component in message.get_data_structure_definitions()[0].components] == ["AREA", "TIME_PERIOD"]


def official_messages() -> list[Path]:
    folder = os.environ.get("EXCHANGE_EXTRA_DATA")
    return sorted((Path(folder).parent / "sdmx").rglob("*.json")) if folder else []


@pytest.mark.skipif(not official_messages(), reason="EXCHANGE_EXTRA_DATA is not set")
@pytest.mark.parametrize("path", official_messages(), ids=lambda path: path.name)
def test_sdg_message_is_read_whole_and_written_again(path: Path) -> None:
    codec = CODECS["2.1.0"]
    result = codec.decode(path.read_bytes())
    expected = json.loads(path.read_text("utf-8-sig"))["data"]
    assert len(result.message.artefacts) == sum(map(len, expected.values()))
    assert all(finding.severity is Severity.WARNING for finding in result.findings)
    again = codec.write(result.message, StructureOptions()).content
    assert problems(again, "2.1.0") == []
    assert set(map(repr, codec.decode(again).message.artefacts)) == set(map(repr, result.message.artefacts))


@pytest.mark.parametrize("dialect", [JSON_2_0, JSON_2_1], ids=lambda dialect: dialect.version)
def test_every_instant_has_a_zone(dialect: JsonDialect) -> None:
    mapping = ValueMapping(valid_from="2020-01-01", valid_to="2021-01-01T00:00:00")
    common: dict[str, Any] = {"agency_id": "CDE", "version": "1.0", "names": {"en": "x"}}
    artefacts = (
        Codelist(id="CL", valid_from="2020-01-01T00:00:00", valid_to="2021-01-01", **common),
        RepresentationMap(id="RM", representation_mappings=(mapping,), **common),
    )
    message = StructureMessage(artefacts, header=Header(prepared=datetime(2020, 1, 1, tzinfo=UTC)))
    document = json.loads(SdmxJsonStructureCodec(dialect).write(message, StructureOptions()).content)
    (codelist,), (values,) = document["data"]["codelists"], document["data"]["representationMaps"]
    instants = [document["meta"]["prepared"], *map(codelist.get, ("validFrom", "validTo"))]
    instants += map(values["representationMappings"][0].get, ("validFrom", "validTo"))
    assert [Draft201909Validator.FORMAT_CHECKER.conforms(instant, "date-time") for instant in instants] == [True] * 5
    assert instants[1:] == ["2020-01-01T00:00:00Z", "2021-01-01T00:00:00Z"] * 2
