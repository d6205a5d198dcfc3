"""Queries that are about several datasets, not all of which have what the query names; contexts; what availability adds."""

import csv
import io
import re
from collections.abc import Iterator

import msgspec
import polars as pl
import pytest
from fastapi.testclient import TestClient

from exchange.app import create_app, open_services
from exchange.observations.ports import Action, Change
from exchange.settings import Settings
from registry.model.identity import Urn
from registry.model.structures import Group
from registry.store.ports import ChangeSet
from tests.builders import (
    a_codelist,
    a_concept_scheme,
    a_data_structure,
    a_dataflow,
    a_provider_scheme,
    a_provision_agreement,
    an_attribute,
    enumerated,
)

CSV = "application/vnd.sdmx.data+csv;version=2.1.0"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """DF_AREA has AREA, SEX and TITLE; DF_SEX has SEX; DF_STUB is a stub; DF_LOST refers to a structure that is not there."""
    settings = Settings(home=tmp_path_factory.mktemp("several") / "home")
    services = open_services(settings)
    area, sex = a_codelist("CL_AREA", ("MW", "RW")), a_codelist("CL_SEX", ("F", "M"))
    concepts = a_concept_scheme(concepts=("AREA", "SEX", "TIME_PERIOD", "OBS_VALUE", "TITLE", "NOTE"))
    by_group, note = (Group(id="Sibling", group_dimensions=("SEX",)),), an_attribute("NOTE", concepts, group="Sibling")
    by_area = a_data_structure(
        concepts,
        {"AREA": enumerated(area), "SEX": enumerated(sex)},
        id="DSD_AREA",
        attributes=(an_attribute("TITLE", concepts), note),
        groups=by_group,
    )
    by_sex = a_data_structure(concepts, {"SEX": enumerated(sex)}, id="DSD_SEX", attributes=(note,), groups=by_group)
    flow, other = a_dataflow(by_area, "DF_AREA"), a_dataflow(by_sex, "DF_SEX")
    stub = msgspec.structs.replace(a_dataflow(by_area, "DF_STUB"), structure=None, is_external_reference=True)
    lost = a_dataflow("urn:sdmx:org.sdmx.infomodel.datastructure.DataStructure=CDE:DSD_NOWHERE(1.0.0)", "DF_LOST")
    providers = a_provider_scheme("CSO", "NGO", "IDLE")
    agreements = [
        a_provision_agreement(flow, providers, id="PA_CSO"),
        a_provision_agreement(flow, providers, id="PA_NGO", data_provider=str(Urn.of(providers).item_urn("DataProvider", "NGO"))),
    ]
    services.artefacts.commit(ChangeSet(put=(area, sex, concepts, by_area, by_sex, flow, other, stub, lost, providers, *agreements)))
    rows = pl.DataFrame(
        {
            "AREA": ["MW", "MW", "RW"],
            "SEX": ["F", "M", "F"],
            "TIME_PERIOD": ["2020"] * 3,
            "OBS_VALUE": [1.0, 2.0, 3.0],
            "TITLE": ["a", "b", "c"],
        }
    )
    for agency_flow, frame in (("DF_AREA", rows), ("DF_SEX", rows.filter(pl.col("AREA") == "MW").drop("AREA", "TITLE"))):
        schema = services.schemas.for_dataflow("CDE", agency_flow)
        noted = frame.with_columns(NOTE=pl.format(f"{agency_flow} {{}}", "SEX"))
        services.observations.submit(schema, [Change(Action.MERGE, [noted])], submission=agency_flow)
    services.close()
    with TestClient(create_app(settings)) as made:
        yield made


def found(client: TestClient, target: str) -> dict[str, int]:
    """Rows per dataset."""
    answer = client.get(target, headers={"Accept": CSV})
    assert answer.status_code == 200, answer.text
    counts: dict[str, int] = {}
    for line in answer.text.splitlines():
        if line.startswith("STRUCTURE"):
            continue
        name = line.split(",")[1].removeprefix("CDE:").partition("(")[0]
        counts[name] = counts.get(name, 0) + 1
    return counts


BOTH = {"DF_AREA": 3, "DF_SEX": 2}


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/sdmx/v2/data", BOTH),
        ("/sdmx/v2/data/*/CDE/*/*", BOTH),
        ("/sdmx/v2/data/?c[AREA]=MW&attributes=none&measures=none", {"DF_AREA": 2}),
        ("/sdmx/v2/data/?c[AREA]=MW", {"DF_AREA": 2}),
        ("/sdmx/v2/data/?c[SEX]=F", {"DF_AREA": 2, "DF_SEX": 1}),
        ("/sdmx/v2/data/dataflow/CDE/DF_AREA,DF_SEX?c[AREA]=RW", {"DF_AREA": 1}),
        ("/sdmx/v2/data/dataflow/CDE/*/*/MW.F", {"DF_AREA": 1}),
        ("/sdmx/v2/data/?attributes=TITLE", BOTH),
        ("/sdmx/v2/data/?attributes=TITLE&measures=none", {"DF_AREA": 3}),
        ("/sdmx/v2/data/?sort=AREA:desc", BOTH),
        ("/sdmx/v2/data/?dimensionAtObservation=AREA", BOTH),
        ("/sdmx/v1/data/CDE,all/all", BOTH),
        ("/sdmx/v2/data/?limit=4", {"DF_AREA": 3, "DF_SEX": 1}),
        ("/sdmx/v2/data/?offset=3", {"DF_SEX": 2}),
        ("/sdmx/v2/data/?c[SEX]=F&offset=1&limit=1", {"DF_AREA": 1}),
        ("/sdmx/v2/data/?c[AREA]=MW&limit=1", {"DF_AREA": 1}),
        # Context * finds dataflows, structures and agreements; a dataflow that is found twice stands once.
        ("/sdmx/v2/data/*/CDE/DSD_SEX", {"DSD_SEX": 2}),
        ("/sdmx/v2/data/*/CDE/DSD_SEX,DF_SEX", {"DF_SEX": 2}),
        ("/sdmx/v2/data/*/CDE/DSD_AREA,DSD_SEX", {"DSD_AREA": 3, "DSD_SEX": 2}),
    ],
)
def test_a_query_about_several_datasets_answers_from_those_it_fits(client: TestClient, target: str, expected: dict[str, int]) -> None:
    assert found(client, target) == expected


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        ("limit=2", {"DF_AREA": 2}),
        ("limit=4", {"DF_AREA": 3, "DF_SEX": 1}),
        ("limit=9", BOTH),
        ("offset=2", {"DF_AREA": 1, "DF_SEX": 2}),
        ("offset=2&limit=2", {"DF_AREA": 1, "DF_SEX": 1}),
        ("offset=3&limit=1", {"DF_SEX": 1}),
        ("offset=3&limit=1&sort=OBS_VALUE:desc", {"DF_SEX": 1}),
        ("limit=3&firstNObservations=1", {"DF_AREA": 3}),
        ("c[OBS_VALUE]=ge:2&limit=3", {"DF_AREA": 2, "DF_SEX": 1}),
        ("limit=4&includeHistory=true", {"DF_AREA": 3, "DF_SEX": 1}),
        ("offset=3&includeHistory=true", {"DF_SEX": 2}),
        ("limit=4&attributes=none&measures=none", {"DF_AREA": 3, "DF_SEX": 1}),
        ("offset=4&attributes=none&measures=none", {"DF_SEX": 1}),
        ("limit=4&updatedAfter=2020-01-01T00:00:00Z", {"DF_AREA": 3, "DF_SEX": 1}),
        ("limit=4&asOf=2100-01-01T00:00:00Z", {"DF_AREA": 3, "DF_SEX": 1}),
    ],
)
def test_limit_and_offset_count_over_the_whole_answer(client: TestClient, window: str, expected: dict[str, int]) -> None:
    assert found(client, f"/sdmx/v2/data/dataflow/CDE/DF_AREA,DF_SEX?{window}") == expected


def test_a_range_counts_over_the_whole_answer(client: TestClient) -> None:
    answer = client.get("/sdmx/v2/data/dataflow/CDE/DF_AREA,DF_SEX", headers={"Accept": CSV, "X-Range": "values=2-3"})
    assert answer.headers["content-range"] == "values 2-3/5"
    assert len([line for line in answer.text.splitlines() if line.startswith("dataflow")]) == 2


@pytest.mark.parametrize("parameters", ["", "&c[SEX]=F", "&limit=4", "&attributes=NOTE", "&dimensionAtObservation=SEX"])
@pytest.mark.parametrize("data_format", ["sdmx-csv-2.1", "sdmx-csv-1.0"])
def test_the_attributes_of_a_group_are_those_of_its_dataset(client: TestClient, data_format: str, parameters: str) -> None:
    rows = list(csv.DictReader(io.StringIO(client.get(f"/sdmx/v2/data?format={data_format}{parameters}").text)))
    flows = [re.findall(r"DF_\w+", " ".join(row.values()))[0] for row in rows]
    assert set(flows) == {"DF_AREA", "DF_SEX"}
    assert [row["NOTE"] for row in rows] == [f"{flow} {row['SEX']}" for flow, row in zip(flows, rows, strict=True)]


@pytest.mark.parametrize("separator", ["", "&format=sdmx-json-2.1", "&format=sdmx-ml-3.1", "&format=sdmx-ml-2.1", "&format=parquet"])
def test_every_format_can_answer_such_a_query(client: TestClient, separator: str) -> None:
    assert client.get(f"/sdmx/v2/data/?c[AREA]=MW{separator}").status_code == 200


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("/sdmx/v2/data/dataflow/CDE/DF_SEX?c[AREA]=MW", "has no component AREA"),
        ("/sdmx/v2/data/dataflow/CDE/DF_AREA?c[ARAE]=MW", "the nearest is AREA"),
        ("/sdmx/v2/data/?c[ARAE]=MW", "the nearest is AREA"),
        ("/sdmx/v2/data/?c[AREA]=MW&c[SXE]=F", "the nearest is SEX"),
        ("/sdmx/v2/data/?attributes=TITEL", "the nearest is TITLE"),
        ("/sdmx/v2/data/?measures=OBS_VALU", "the nearest is OBS_VALUE"),
        ("/sdmx/v2/data/?sort=ARAE", "the nearest is AREA"),
        ("/sdmx/v2/data/?dimensionAtObservation=ARAE", "the nearest is AREA"),
        ("/sdmx/v2/data/*/CDE/DF_AREA,DF_SEX/*/A.B.C.D", "4 positions"),
        ("/sdmx/v2/data/?AREA=MW", r"write c[AREA]=VALUE"),
        ("/sdmx/v2/data/dataflow/CDE/DF_AREA?area=MW", r"write c[AREA]=VALUE"),
        ("/sdmx/v2/data/?c[TIME_PERIOD]=ge:soon", "soon"),
        ("/sdmx/v2/availability/dataflow/CDE/DF_SEX/*/*?c[AREA]=MW", "has no component AREA"),
        ("/sdmx/v2/availability/dataflow/CDE/*/*/*/ARAE", "the nearest is AREA"),
    ],
)
def test_what_no_dataset_has_is_a_slip(client: TestClient, target: str, said: str) -> None:
    answer = client.get(target, headers={"Accept": "application/json"})
    assert answer.status_code == 400
    assert said in answer.json()["errors"][0]["detail"]


@pytest.mark.parametrize(("target", "status"), [("DF_STUB", 422), ("DF_LOST", 500)])
def test_who_names_a_stub_learns_why_it_has_no_data(client: TestClient, target: str, status: int) -> None:
    assert client.get(f"/sdmx/v2/data/dataflow/CDE/{target}").status_code == status


@pytest.mark.parametrize(
    ("target", "flows"),
    [
        ("dataflow/CDE/*/*/*/AREA", ["DF_AREA"]),
        ("dataflow/CDE/*/*/*/SEX", ["DF_AREA", "DF_SEX"]),
        ("dataflow/CDE/*?c[AREA]=MW", ["DF_AREA"]),
        ("dataflow/CDE", ["DF_AREA", "DF_SEX"]),
    ],
)
def test_availability_of_several_datasets_is_that_of_those_it_fits(client: TestClient, target: str, flows: list[str]) -> None:
    answer = client.get(f"/sdmx/v2/availability/{target}", headers={"Accept": "application/vnd.sdmx.structure+json;version=2.1.0"})
    attached = [constraint["constraintAttachment"]["dataflow"] for constraint in answer.json()["data"]["availabilityConstraints"]]
    assert sorted(urn.rpartition(":")[2].partition("(")[0] for urn in attached) == flows


@pytest.mark.parametrize(
    ("target", "providers"),
    [
        ("/sdmx/v2/availability/dataflow/CDE/DF_AREA?references=dataproviderscheme", ["CSO", "NGO"]),
        ("/sdmx/v2/availability/dataflow/CDE/DF_AREA?references=all", ["CSO", "NGO"]),
        ("/sdmx/v2/availability/provisionagreement/CDE/PA_NGO?references=dataproviderscheme", ["NGO"]),
        ("/sdmx/v1/availableconstraint/CDE,DF_AREA?references=dataproviderscheme", ["CSO", "NGO"]),
        ("/sdmx/v2/availability/dataflow/CDE/DF_SEX?references=dataproviderscheme", []),
    ],
)
def test_availability_lists_the_providers_that_report(client: TestClient, target: str, providers: list[str]) -> None:
    answer = client.get(target, headers={"Accept": "application/vnd.sdmx.structure+json;version=2.1.0"})
    schemes = answer.json()["data"].get("dataProviderSchemes", [])
    assert [provider["id"] for scheme in schemes for provider in scheme["dataProviders"]] == providers


@pytest.mark.parametrize("name", ["organisationscheme", "ORGANISATIONSCHEME", "dataproviderscheme"])
def test_version_1_knows_its_own_names_in_references(client: TestClient, name: str) -> None:
    answer = client.get(f"/sdmx/v1/provisionagreement/CDE?references={name}&format=sdmx-json-2.1")
    assert [scheme["id"] for scheme in answer.json()["data"]["dataProviderSchemes"]] == ["DATA_PROVIDERS"]


@pytest.mark.parametrize(
    "name",
    ["hierarchicalcodelist", "structureset", "attachmentconstraint", "contentconstraint", "reportingtaxonomy", "process", "metadataflow"],
)
def test_every_resource_of_version_1_may_stand_in_references(client: TestClient, name: str) -> None:
    assert client.get(f"/sdmx/v1/dataflow/CDE/DF_AREA?references={name}").status_code == 200


def test_a_name_of_version_1_is_unknown_to_version_2(client: TestClient) -> None:
    answer = client.get("/sdmx/v2/structure/provisionagreement/CDE?references=organisationscheme")
    assert answer.status_code == 400


@pytest.mark.parametrize(("query", "status"), [("startPeriod=2020", 400), ("Format=x", 404), ("_=1&utm_source=mail", 404)])
def test_resources_of_the_service_itself_know_no_parameters_of_sdmx_rest(client: TestClient, query: str, status: int) -> None:
    answer = client.get(f"/api/v1/provenance/CDE/DF_AREA/1.0.0/MW.F?{query}")
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
