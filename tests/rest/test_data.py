"""SDMX-REST data queries over HTTP: the right rows, in the right shape."""

import csv
import io

import pytest
from fastapi.testclient import TestClient

V2 = "/sdmx/v2/data/dataflow/CDE/DF_WATER/1.0.0"
V1 = "/sdmx/v1/data/CDE,DF_WATER,1.0.0"
NOW = {("A", "MW", "2020"), ("A", "MW", "2021"), ("A", "MW", "2022"), ("A", "RW", "2021"), ("M", "MW", "2021-03")}


def rows(client: TestClient, target: str, **headers: str) -> list[dict[str, str]]:
    separator = "&" if "?" in target else "?"
    answer = client.get(f"{target}{separator}format=sdmx-csv-2.1", headers=headers)
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text)))


def keys(found: list[dict[str, str]]) -> set[tuple[str, str, str]]:
    return {(row["FREQ"], row["AREA"], row["TIME_PERIOD"]) for row in found}


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (V2, NOW),
        (f"{V2}/", NOW),
        (f"{V2}/*", NOW),
        (f"{V2}/A", {key for key in NOW if key[0] == "A"}),
        (f"{V2}/A.MW", {key for key in NOW if key[:2] == ("A", "MW")}),
        (f"{V2}/*.RW,M.MW", {("A", "RW", "2021"), ("M", "MW", "2021-03")}),
        (f"{V2}?c[AREA]=RW", {("A", "RW", "2021")}),
        (f"{V2}?c%5BAREA%5D=RW%2CKG", {("A", "RW", "2021")}),
        (f"{V2}?c[AREA]=ne:MW", {("A", "RW", "2021")}),
        (f"{V2}?c[AREA]=sw:M&c[FREQ]=A", {key for key in NOW if key[:2] == ("A", "MW")}),
        (f"{V2}?c[TIME_PERIOD]=2021", {key for key in NOW if key[2].startswith("2021")}),
        (f"{V2}?c[TIME_PERIOD]=ge:2021-Q1+le:2021-Q1", {("M", "MW", "2021-03")}),
        (f"{V2}?c[TIME_PERIOD]=gt:2020%2Blt:2022", {key for key in NOW if key[2].startswith("2021")}),
        (f"{V2}?c[OBS_VALUE]=ge:12", {("A", "MW", "2021"), ("A", "MW", "2022")}),
        (f"{V2}?c[OBS_STATUS]=Q", {("A", "RW", "2021")}),
        (f"{V2}?c[TITLE]=co:Water", NOW),
        (f"{V2}?firstNObservations=1", {("A", "MW", "2020"), ("A", "RW", "2021"), ("M", "MW", "2021-03")}),
        (f"{V2}?lastNObservations=1", {("A", "MW", "2022"), ("A", "RW", "2021"), ("M", "MW", "2021-03")}),
        (
            f"{V2}?asOf=2026-01-15T00:00:00Z",
            {("A", "KG", "2020"), ("A", "MW", "2020"), ("A", "MW", "2021"), ("A", "RW", "2021"), ("M", "MW", "2021-03")},
        ),
        ("/sdmx/v2/data/datastructure/CDE/DSD_WATER", NOW),
        ("/sdmx/v2/data/provisionagreement/CDE/PA_WATER/*", NOW),
        ("/sdmx/v2/data/*/CDE/DF_WATER", NOW),
        ("/FMR/sdmx/v2/data/dataflow/CDE/DF_WATER", NOW),
        (V1, NOW),
        ("/sdmx/v1/data/DF_WATER/all/all/", NOW),
        ("/sdmx/v1/data/CDE%2CDF_WATER%2C1.0.0/A.", {key for key in NOW if key[0] == "A"}),
        (f"{V1}/.RW+KG", {("A", "RW", "2021")}),
        (f"{V1}/.RW%2BKG/ALL/", {("A", "RW", "2021")}),
        (f"{V1}/all/CDE,CSO", NOW),
        (f"{V1}/all?startPeriod=2021&endPeriod=2021-06", {("M", "MW", "2021-03")}),
        ("/rest/data/DF_WATER/all?lastNObservations=1", {("A", "MW", "2022"), ("A", "RW", "2021"), ("M", "MW", "2021-03")}),
    ],
)
def test_a_query_delivers_just_the_observations_it_asks_for(client: TestClient, target: str, expected: set[tuple[str, str, str]]) -> None:
    assert keys(rows(client, target)) == expected


def test_limit_and_offset_cut_a_sorted_result(client: TestClient) -> None:
    everything = rows(client, f"{V2}?sort=TIME_PERIOD:desc%2BAREA")
    assert everything[0]["TIME_PERIOD"] == "2022"
    assert rows(client, f"{V2}?sort=TIME_PERIOD:desc+AREA&offset=1&limit=2") == everything[1:3]


def test_updates_come_with_what_was_deleted(client: TestClient) -> None:
    found = rows(client, f"{V2}?updatedAfter=2026-01-15T00:00:00Z")
    assert {(row["ACTION"], row["AREA"], row["TIME_PERIOD"]) for row in found} == {
        ("D", "KG", "2020"),
        ("R", "MW", "2021"),
        ("R", "MW", "2022"),
    }


def test_history_holds_every_revision(client: TestClient) -> None:
    answer = client.get(f"{V2}/A.MW?includeHistory=true&c[TIME_PERIOD]=2021&format=sdmx-json-2.0").json()
    slices = answer["data"]["dataSets"]
    assert [part["validFrom"][:10] for part in slices if part["action"] == "Replace"] == ["2026-01-01", "2026-02-01"]


def test_attributes_and_measures_can_be_left_out(client: TestClient) -> None:
    found = rows(client, f"{V2}?attributes=none")
    assert "OBS_STATUS" not in found[0]
    assert found[0]["ACTION"] == "M"
    assert "OBS_VALUE" not in rows(client, f"{V2}?measures=none")[0]
    assert "TITLE" in rows(client, f"{V2}?attributes=series")[0]


def test_series_keys_only_are_listed_once(client: TestClient) -> None:
    found = rows(client, f"{V2}?attributes=none&measures=none")
    assert [(row["FREQ"], row["AREA"]) for row in found] == [("A", "MW"), ("A", "RW"), ("M", "MW")]


def test_series_keys_only_in_the_old_version_are_series_without_observations(client: TestClient) -> None:
    answer = client.get(f"{V1}/all?detail=serieskeysonly", headers={"Accept": "application/vnd.sdmx.structurespecificdata+xml;version=2.1"})
    assert answer.text.count("<Series") == 3
    assert "<Obs" not in answer.text


@pytest.mark.parametrize("target", [f"{V2}?c[AREA]=XX", f"{V2}/A.XX", "/sdmx/v2/data/dataflow/CDE/DF_EMPTY"])
def test_nothing_found_is_404_with_an_sdmx_error_on_version_2(client: TestClient, target: str) -> None:
    answer = client.get(target)
    assert answer.status_code == 404
    assert answer.json()["errors"][0]["x-sdmxCode"] == 100


@pytest.mark.parametrize("target", [f"{V1}/A.XX", "/sdmx/v1/data/DF_EMPTY"])
def test_nothing_found_is_404_with_an_sdmx_error_on_version_1(client: TestClient, target: str) -> None:
    answer = client.get(target)
    assert answer.status_code == 404
    assert answer.text.startswith("<?xml")
    assert 'code="100"' in answer.text


@pytest.mark.parametrize(
    ("target", "status", "said"),
    [
        (f"{V2}?c[COLOUR]=RED", 400, "no component COLOUR"),
        (f"{V2}/A.MW.X", 400, "3 positions"),
        (f"{V2}?dimensionAtObservation=COLOUR", 400, "not a dimension"),
        (f"{V2}?attributes=COLOUR", 400, "attributes=COLOUR"),
        (f"{V2}?measures=COLOUR", 400, "measures=COLOUR"),
        (f"{V2}?limit=-1", 400, "limit=-1"),
        (f"{V2}?c[TIME_PERIOD]=ge:20x", 400, "20x"),
        (f"{V2}?updatedAfter=2026-02-01&asOf=2026-01-01", 400, "later than asOf"),
        (f"{V2}?updatedAfter=2026-02-01&asOf=2026-01-01&includeHistory=true", 400, "later than asOf"),
        ("/sdmx/v2/data?c[COLOUR]=RED", 404, "datasets has COLOUR"),
        ("/sdmx/v2/data?c[AERA]=MW", 400, "the nearest is AREA"),
        ("/sdmx/v2/data/*/*/*/*/A.MW.X.Y.Z", 404, "5 positions"),
        ("/sdmx/v2/availability/dataflow/*/*/*/*/COLOUR", 404, "not a dimension"),
        ("/sdmx/v2/availability/dataflow/CDE/DF_WATER/*/*/COLOUR", 400, "not a dimension"),
        ("/sdmx/v1/data/all/A.MW.X.Y.Z", 404, "5 positions"),
        ("/sdmx/v1/data/CDE,DF_WATER/all/NOBODY", 404, "No provision agreement says that NOBODY reports"),
        ("/sdmx/v1/availableconstraint/CDE,DF_WATER/all/CDE,NOBODY", 404, "No provision agreement says that CDE:NOBODY reports"),
        (f"{V2}?formatVersion=1918", 406, "formatVersion=1918"),
        ("/sdmx/v2/data/dataflow/CDE/DF_NOWHERE", 404, "DF_NOWHERE"),
        ("/sdmx/v2/data/flow/CDE/DF_WATER", 400, "not a context"),
        ("/sdmx/v1/data/A,B,C,D", 400, "not a dataflow reference"),
        ("/sdmx/v2/schema/dataflow/*/DF_WATER", 400, "names one artefact"),
        ("/sdmx/v2/schema/metadataflow/CDE/MDF", 501, "schemas of metadataflow"),
        ("/sdmx/v2/metadata/metadataset", 501, "does not offer"),
        ("/sdmx/v2/structure/hierarchy", 501, "hierarchy"),
        ("/sdmx/v1/schema/dataflow/CDE/DF_WATER", 501, "does not offer"),
        ("/sdmx/v2/nonsense", 404, "not a resource"),
        ("/sdmx/v1/nonsense", 404, "not a resource"),
    ],
)
def test_errors_name_place_and_remedy(client: TestClient, target: str, status: int, said: str) -> None:
    answer = client.get(target)
    assert answer.status_code == status, answer.text
    assert said in answer.text


def test_a_range_of_rows_is_delivered_with_the_total(client: TestClient) -> None:
    answer = client.get(f"{V2}?format=sdmx-csv-2.1", headers={"X-Range": "values=0-1"})
    assert answer.headers["content-range"] == "values 0-1/5"
    assert len(answer.text.strip().splitlines()) == 3


def test_a_long_key_can_be_posted(client: TestClient) -> None:
    answer = client.post(f"{V1}/body?format=csv", data={"key": "A.MW+RW"})
    assert answer.status_code == 200
    assert answer.text.count("\n") == 5


def test_parameters_without_a_question_mark_are_understood(client: TestClient) -> None:
    assert client.get(f"{V1}/all&format=csv").headers["content-type"].startswith("application/vnd.sdmx.data+csv")


def test_eight_kilobytes_of_key_are_read(client: TestClient) -> None:
    key = ",".join(f"A.X{number}" for number in range(1200)) + ",A.RW"
    assert keys(rows(client, f"{V2}/{key}")) == {("A", "RW", "2021")}


@pytest.mark.parametrize("operator", ["", "ge:", "lt:", "ne:"])
def test_a_filter_by_a_week_that_its_year_does_not_have_is_400(client: TestClient, operator: str) -> None:
    answer = client.get(f"{V2}?c[TIME_PERIOD]={operator}2019-W53")
    assert answer.status_code == 400
    assert "2019-W52" in answer.text
    assert client.get(f"{V2}?c[TIME_PERIOD]={operator}2020-W53").status_code != 400


def test_a_posted_form_is_answered_whatever_copy_the_client_has(client: TestClient) -> None:
    copies = {"If-None-Match": "*"}
    assert client.get(f"{V1}/A.MW+RW", headers=copies).status_code == 304
    assert client.post(f"{V1}/body", data={"key": "A.MW+RW"}, headers=copies).status_code == 200
