"""SDMX-REST structure and availability queries over HTTP."""

from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from exchange.app import create_app
from exchange.settings import Settings
from registry.store.ports import ChangeSet
from tests.builders import a_codelist
from tests.rest.conftest import services_of

V2 = "/sdmx/v2/structure"


def found(client: TestClient, target: str) -> dict[str, list[str]]:
    answer = client.get(target, headers={"Accept": "application/vnd.sdmx.structure+json;version=2.1.0"})
    assert answer.status_code == 200, answer.text
    return {family: sorted(f"{a['id']}({a['version']})" for a in artefacts) for family, artefacts in answer.json()["data"].items()}


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (f"{V2}/codelist/CDE/CL_AREA", {"codelists": ["CL_AREA(1.0.0)"]}),
        (f"{V2}/codelist/CDE/CL_AREA/*", {"codelists": ["CL_AREA(0.9.0)", "CL_AREA(1.0.0)"]}),
        (f"{V2}/codelist/CDE/CL_AREA/+/", {"codelists": ["CL_AREA(1.0.0)"]}),
        (f"{V2}/codelist/*/CL_AREA,CL_FREQ/~", {"codelists": ["CL_AREA(1.0.0)", "CL_FREQ(1.0.0)"]}),
        (
            f"{V2}/dataflow/CDE/DF_WATER?references=children",
            {"dataflows": ["DF_WATER(1.0.0)"], "dataStructures": ["DSD_WATER(1.0.0)"], "agencySchemes": ["AGENCIES(1.0)"]},
        ),
        (
            f"{V2}/dataflow/CDE/DF_WATER?references=codelist",
            {"dataflows": ["DF_WATER(1.0.0)"], "codelists": ["CL_AREA(1.0.0)", "CL_FREQ(1.0.0)", "CL_OBS_STATUS(1.0.0)"]},
        ),
        (
            f"{V2}/datastructure/CDE/DSD_WATER?references=codelist",
            {"dataStructures": ["DSD_WATER(1.0.0)"], "codelists": ["CL_AREA(1.0.0)", "CL_FREQ(1.0.0)", "CL_OBS_STATUS(1.0.0)"]},
        ),
        (
            f"{V2}/datastructure/CDE/DSD_WATER?references=parents",
            {"dataStructures": ["DSD_WATER(1.0.0)"], "dataflows": ["DF_EMPTY(1.0.0)", "DF_WATER(1.0.0)"]},
        ),
        ("/sdmx/v1/codelist/CDE/CL_AREA/latest/MW?format=sdmx-json-2.1", {"codelists": ["CL_AREA(1.0.0)"]}),
        ("/sdmx/v1/codelist/ALL/CL_AREA", {"codelists": ["CL_AREA(1.0.0)"]}),
        ("/sdmx/v1/dataflow/CDE/all/latest", {"dataflows": ["DF_EMPTY(1.0.0)", "DF_WATER(1.0.0)"]}),
        ("/sdmx/v1/organisationscheme", {"agencySchemes": ["AGENCIES(1.0)"], "dataProviderSchemes": ["DATA_PROVIDERS(1.0)"]}),
    ],
)
def test_a_query_delivers_just_the_artefacts_it_asks_for(client: TestClient, target: str, expected: dict[str, list[str]]) -> None:
    assert found(client, target) == expected


def test_everything_can_be_listed(client: TestClient) -> None:
    assert {"codelists", "conceptSchemes", "dataStructures", "dataflows", "agencySchemes", "provisionAgreements"} <= found(
        client, f"{V2}/"
    ).keys()


def test_stubs_say_where_the_whole_is(client: TestClient) -> None:
    answer = client.get(f"{V2}/codelist/CDE/CL_AREA?detail=allstubs&format=sdmx-ml-3.1")
    assert 'isExternalReference="true"' in answer.text
    assert 'structureURL="https://data.example.org/sdmx/v2/structure/codelist/CDE/CL_AREA/1.0.0"' in answer.text
    assert "Code " not in answer.text


def test_an_unknown_artefact_is_404_with_the_reason(client: TestClient) -> None:
    answer = client.get(f"{V2}/codelist/CDE/CL_NOWHERE")
    assert answer.status_code == 404
    assert "CL_NOWHERE" in answer.text


def test_wildcards_that_match_nothing_are_404(client: TestClient) -> None:
    assert client.get(f"{V2}/structuremap").status_code == 404


def test_a_commit_is_seen_by_the_next_request(client: TestClient) -> None:
    target = f"{V2}/codelist/CDE/CL_NEW"
    assert client.get(target).status_code == 404
    services = services_of(client)
    services.artefacts.commit(ChangeSet(put=(a_codelist("CL_NEW"),)))
    assert client.get(target).status_code == 200


def constraint(client: TestClient, target: str) -> dict[str, Any]:
    answer = client.get(target, headers={"Accept": "application/vnd.sdmx.structure+json;version=2.1.0"})
    assert answer.status_code == 200, answer.text
    (only,) = answer.json()["data"]["availabilityConstraints"]
    return dict(only)


def values(only: dict[str, Any]) -> dict[str, list[str]]:
    region = only["cubeRegion"]
    return {
        key["id"]: [value if isinstance(value, str) else value["value"] for value in key.get("values", ["range"])]
        for key in region["keyValues"]
    }


def test_availability_counts_and_lists_what_there_is(client: TestClient) -> None:
    only = constraint(client, "/sdmx/v2/availability/dataflow/CDE/DF_WATER")
    assert (only["seriesCount"], only["obsCount"]) == (3, 5)
    assert values(only) == {"FREQ": ["A", "M"], "AREA": ["MW", "RW"], "TIME_PERIOD": ["range"]}


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/sdmx/v2/availability/dataflow/CDE/DF_WATER/1.0.0/M/AREA", {"AREA": ["MW"]}),
        ("/sdmx/v2/availability/dataflow/CDE/DF_WATER/1.0.0/M/FREQ?mode=available", {"FREQ": ["A", "M"]}),
        ("/sdmx/v2/availability/dataflow/CDE/DF_WATER/1.0.0/M/FREQ?mode=exact", {"FREQ": ["M"]}),
        ("/sdmx/v2/availability/dataflow/CDE/DF_WATER/1.0.0/*/all?c[AREA]=RW", {"FREQ": ["A"], "AREA": ["RW"], "TIME_PERIOD": ["range"]}),
        ("/sdmx/v1/availableconstraint/CDE,DF_WATER/M./all/AREA", {"AREA": ["MW"]}),
    ],
)
def test_availability_of_a_part(client: TestClient, target: str, expected: dict[str, list[str]]) -> None:
    assert values(constraint(client, target)) == expected


def test_availability_brings_partial_structures(client: TestClient) -> None:
    answer = client.get(
        "/sdmx/v2/availability/dataflow/CDE/DF_WATER?references=all",
        headers={"Accept": "application/vnd.sdmx.structure+json;version=2.1.0"},
    )
    data = answer.json()["data"]
    area = next(codelist for codelist in data["codelists"] if codelist["id"] == "CL_AREA")
    assert [code["id"] for code in area["codes"]] == ["AFR", "MW", "RW"]
    assert area["isPartial"] is True
    assert {"dataflows", "dataStructures", "conceptSchemes"} <= data.keys()


def test_availability_of_nothing_is_an_empty_region(client: TestClient) -> None:
    only = constraint(client, "/sdmx/v2/availability/dataflow/CDE/DF_WATER/1.0.0/A.XX")
    assert only["obsCount"] == 0


def test_a_schema_holds_the_structure_and_what_it_uses(client: TestClient) -> None:
    assert found(client, "/sdmx/v2/schema/dataflow/CDE/DF_WATER/1.0.0/") == {
        "dataStructures": ["DSD_WATER(1.0.0)"],
        "codelists": ["CL_AREA(1.0.0)", "CL_FREQ(1.0.0)", "CL_OBS_STATUS(1.0.0)"],
        "conceptSchemes": ["CS_WATER(1.0.0)"],
        "agencySchemes": ["AGENCIES(1.0)"],
    }


def test_a_schema_language_is_not_offered(client: TestClient) -> None:
    answer = client.get("/sdmx/v2/schema/dataflow/CDE/DF_WATER", headers={"Accept": "application/vnd.sdmx.schema+xml;version=3.0.0"})
    assert answer.status_code == 406


@pytest.mark.parametrize("references", ["all", "parentsandsiblings", "contentconstraint"])
def test_old_clients_find_what_a_dataflow_holds_among_its_references(client: TestClient, references: str) -> None:
    answer = client.get(f"/sdmx/v1/dataflow/CDE/DF_WATER/latest?references={references}")
    assert answer.status_code == 200
    region = answer.text.split('type="Actual"')[1]
    assert "<com:Value>MW</com:Value>" in region.replace("common:", "com:")
    assert "TimeRange" not in region
    assert 'type="Actual"' not in client.get(f"/sdmx/v1/dataflow/CDE/DF_EMPTY/latest?references={references}").text


def test_a_change_of_the_structures_makes_copies_of_data_old(client: TestClient) -> None:
    target = "/sdmx/v2/data/dataflow/CDE/DF_WATER?format=sdmx-csv-2.1&labels=both"
    before = client.get(target)
    services_of(client).artefacts.commit(ChangeSet(put=(a_codelist("CL_LATER"),)))
    headers = {"If-Modified-Since": before.headers["last-modified"]}
    assert client.get(target, headers=headers).headers["etag"] != before.headers["etag"]


def test_availability_under_two_hosts_has_two_etags_when_the_bytes_differ(home: Path) -> None:
    target = "/sdmx/v2/availability/dataflow/CDE/DF_WATER?references=all&format=sdmx-json-2.1"
    with TestClient(create_app(Settings(home=home))) as made:
        one, other = (made.get(target, headers={"Host": host}) for host in ("a.example.org", "b.example.org"))
    assert one.content != other.content
    assert one.headers["etag"] != other.headers["etag"]
