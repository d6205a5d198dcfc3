"""Rows of one series stand together in every layout, whatever the client sorts by."""

import csv
import io
import xml.etree.ElementTree as ET

import pytest
from fastapi.testclient import TestClient

DATA = "/sdmx/v2/data/dataflow/CDE/DF_WATER/1.0.0"
SERIES_FORMATS = ["sdmx-ml-2.1", "sdmx-ml-2.1-generic", "sdmx-ml-3.0", "sdmx-json-2.0", "sdmx-json-2.1"]
SORTS = [
    "",
    "&sort=TIME_PERIOD:desc",
    "&sort=OBS_VALUE:desc",
    "&sort=AREA:desc",
    "&sort=OBS_STATUS+FREQ:desc",
    "&sort=series_key",
    "&sort=*:desc",
]


def series_keys(client: TestClient, target: str) -> list[tuple[tuple[str, str], ...]]:
    """The keys of the series of an answer, as often as they stand there."""
    answer = client.get(target)
    assert answer.status_code == 200, answer.text
    if "json" in answer.headers["content-type"]:
        return [(("key", key),) for data in answer.json()["data"]["dataSets"] for key in data["series"]]
    found = [element for element in ET.fromstring(answer.content).iter() if element.tag.endswith("Series")]  # noqa: S314  # ours
    attributes = {"TITLE"}
    generic = [[v for key in element if key.tag.endswith("SeriesKey") for v in key] for element in found]
    if any(generic):
        return [tuple(sorted((v.get("id", ""), v.get("value", "")) for v in values)) for values in generic]
    return [tuple(sorted((name, value) for name, value in element.attrib.items() if name not in attributes)) for element in found]


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("dimension", ["TIME_PERIOD", "AREA", "FREQ"])
@pytest.mark.parametrize("data_format", SERIES_FORMATS)
def test_each_series_is_written_once(client: TestClient, data_format: str, dimension: str, sort: str) -> None:
    keys = series_keys(client, f"{DATA}?dimensionAtObservation={dimension}&format={data_format}{sort}")
    expected = {"TIME_PERIOD": 3, "AREA": 4, "FREQ": 5}[dimension]
    assert len(keys) == len(set(keys)) == expected


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("dimension", ["TIME_PERIOD", "AREA", "AllDimensions"])
@pytest.mark.parametrize("data_format", ["sdmx-csv-2.1", "sdmx-ml-2.1"])
def test_each_series_key_is_written_once(client: TestClient, data_format: str, dimension: str, sort: str) -> None:
    target = f"{DATA}?attributes=none&measures=none&dimensionAtObservation={dimension}&format={data_format}{sort}"
    answer = client.get(target)
    assert answer.status_code == 200, answer.text
    if data_format.startswith("sdmx-csv"):
        rows = answer.text.splitlines()[1:]
        assert len(rows) == len(set(rows)) == {"TIME_PERIOD": 3, "AREA": 4, "AllDimensions": 3}[dimension]
    elif dimension != "AllDimensions":
        keys = series_keys(client, target)
        assert len(keys) == len(set(keys)) == {"TIME_PERIOD": 3, "AREA": 4}[dimension]


#: The observations of the fixture: FREQ, AREA, TIME_PERIOD.
KEYS = [("A", "MW", "2020"), ("A", "MW", "2021"), ("A", "MW", "2022"), ("A", "RW", "2021"), ("M", "MW", "2021-03")]
DIMENSIONS = ("FREQ", "AREA", "TIME_PERIOD")


def expected_order(sort: list[tuple[str, bool]], at_observation: str) -> list[tuple[str, str, str]]:
    """The keys as they must stand: series by what is asked for of them, then by key; inside a series the rest of what is asked for."""
    asked = [name for name, _ in sort]
    of_series = [(name, down) for name, down in sort if name != at_observation]
    of_series += [(name, False) for name in DIMENSIONS if name != at_observation and name not in asked]
    inside = [(name, down) for name, down in sort if name == at_observation] or [(at_observation, False)]
    found = list(KEYS)
    for name, down in reversed([*of_series, *inside]):
        found.sort(key=lambda key: key[DIMENSIONS.index(name)], reverse=down)  # used at once
    return found


@pytest.mark.parametrize("at_observation", DIMENSIONS)
@pytest.mark.parametrize(
    "sort",
    [
        [],
        *([(name, down)] for name in DIMENSIONS for down in (False, True)),
        [("AREA", True), ("TIME_PERIOD", True)],
        [("TIME_PERIOD", True), ("AREA", True)],
        [("TIME_PERIOD", False), ("FREQ", True), ("AREA", True)],
    ],
)
@pytest.mark.parametrize("data_format", ["sdmx-ml-3.1", "sdmx-ml-2.1"])
def test_series_and_their_observations_stand_as_asked(
    client: TestClient, data_format: str, sort: list[tuple[str, bool]], at_observation: str
) -> None:
    asked = "+".join(f"{name}:desc" if down else name for name, down in sort)
    answer = client.get(f"{DATA}?dimensionAtObservation={at_observation}&format={data_format}" + (f"&sort={asked}" if asked else ""))
    found = []
    for series in (element for element in ET.fromstring(answer.content).iter() if element.tag.endswith("Series")):  # noqa: S314  # ours
        for observation in (element for element in series if element.tag.endswith("Obs")):
            values = {**series.attrib, **observation.attrib}
            found.append(tuple(values[name] for name in DIMENSIONS))
    assert found == expected_order(sort, at_observation)


def in_order(client: TestClient, parameters: str) -> list[tuple[str, str, str]]:
    answer = client.get(f"{DATA}?format=sdmx-csv-2.1&{parameters}")
    return [(row["FREQ"], row["AREA"], row["TIME_PERIOD"]) for row in csv.DictReader(io.StringIO(answer.text))]


def test_flat_data_stand_exactly_as_asked(client: TestClient) -> None:
    by_value = in_order(client, "sort=OBS_VALUE:desc&c[OBS_VALUE]=ge:0")
    assert by_value == [("A", "MW", "2022"), ("A", "MW", "2021"), ("A", "MW", "2020"), ("M", "MW", "2021-03")]


def test_pages_of_sorted_data_are_the_whole(client: TestClient) -> None:
    whole = in_order(client, "sort=AREA:desc+FREQ+TIME_PERIOD:desc")
    pages = [in_order(client, f"sort=AREA:desc+FREQ+TIME_PERIOD:desc&offset={offset}&limit=2") for offset in (0, 2, 4)]
    assert [key for page in pages for key in page] == whole
    assert whole[0][1] == "RW"


def test_pages_of_series_are_the_whole(client: TestClient) -> None:
    target = f"{DATA}?attributes=none&measures=none&format=sdmx-csv-2.1"
    whole = client.get(target).text.splitlines()[1:]
    pages = [client.get(f"{target}&offset={offset}&limit=1").text.splitlines()[1:] for offset in range(3)]
    assert [line for page in pages for line in page] == whole


@pytest.mark.parametrize("dimension", ["TIME_PERIOD", "AREA", "AllDimensions"])
@pytest.mark.parametrize(
    "parameters",
    [
        "updatedAfter=2026-01-15T00:00:00Z",
        "asOf=2026-01-15T00:00:00Z",
        "includeHistory=true",
        "includeHistory=true&attributes=none&measures=none",
    ],
)
@pytest.mark.parametrize("data_format", [*SERIES_FORMATS, "sdmx-csv-1.0", "sdmx-csv-2.0", "sdmx-csv-2.1", "parquet", "arrow"])
def test_changes_and_history_come_in_every_format(client: TestClient, data_format: str, parameters: str, dimension: str) -> None:
    answer = client.get(f"{DATA}?{parameters}&dimensionAtObservation={dimension}&format={data_format}")
    assert answer.status_code == 200, answer.text
    assert len(answer.content) > 100


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ("c[OBS_VALUE]=ge:12", {"2021", "2022"}),
        ("c[OBS_VALUE]=10", {"2020"}),
        ("c[OBS_STATUS]=Q", {"2021"}),
        ("c[OBS_STATUS]=ne:A", {"2021"}),
        ("c[TITLE]=co:RW", {"2021"}),
        ("c[TITLE]=ew:MW&c[FREQ]=M", {"2021-03"}),
        ("c[OBS_VALUE]=gt:10+lt:13", {"2021"}),
        ("c[OBS_VALUE]=lt:4,gt:12.5", {"2021-03", "2022"}),
    ],
)
def test_attributes_and_measures_can_be_filtered(client: TestClient, parameters: str, expected: set[str]) -> None:
    assert {key[2] for key in in_order(client, parameters)} == expected


@pytest.mark.parametrize("parameters", ["sort=NOWHERE", "sort=AREA:up", "offset=-1", "limit=0", "firstNObservations=0"])
def test_what_cannot_be_ordered_or_compared_is_refused(client: TestClient, parameters: str) -> None:
    answer = client.get(f"{DATA}?{parameters}")
    assert answer.status_code == 400, answer.text
