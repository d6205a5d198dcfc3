"""SDMX-JSON data as others write it (field guides 1.0, 2.0, 2.1)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from exchange.codecs.ports import ReadDataSet
from exchange.codecs.sdmx_json.data.reading import SdmxJsonDataDecoder
from exchange.errors import InvalidObservations, MalformedMessage
from exchange.observations.ports import SOURCE_ROW, Action
from exchange.query.values.data_query import Context
from registry.data_schema import DataSchema

URN = "urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=CDE:DF_WATER(1.0.0)"


def codes(name: str, *values: str, position: int | None = None) -> dict[str, Any]:
    found: dict[str, Any] = {"id": name, "values": [{"id": value, "name": value.title()} for value in values]}
    return found if position is None else found | {"keyPosition": position}


def a_message() -> dict[str, Any]:
    structure = {
        "links": [{"rel": "dataflow", "urn": URN}],
        "dimensions": {
            "dataSet": [codes("FREQ", "A", position=0)],
            "series": [codes("AREA", "KG", "MW", position=1)],
            "observation": [codes("TIME_PERIOD", "2021", "2020", position=2)],
        },
        "measures": {"observation": [{"id": "OBS_VALUE"}, {"id": "COUNT"}]},
        "attributes": {
            "dataSet": [codes("NOTE", "everything")],
            "dimensionGroup": [{"id": "OWNER"}],
            "series": [{"id": "TITLE"}],
            "observation": [
                codes("OBS_STATUS", "A", "E"),
                {"id": "SOURCES", "values": [{"value": "WHO"}, {"value": "UN"}]},
                {"id": "CONFIRMED"},
            ],
        },
    }
    dataset = {
        "action": "Replace",
        "attributes": [0],
        "dimensionGroupAttributes": {"0:1:": ["village"], ":0:~": ["state"]},
        "series": {
            "0": {"attributes": [{"en": "Water", "fr": "Eau"}], "observations": {"0": [1.5, 3, 1, [0, 1], True], "1": ["NaN", None]}},
            "1": {"observations": {"0": [2]}},
        },
    }
    return {"meta": {"id": "M"}, "data": {"structures": [structure], "dataSets": [dataset]}}


def read(tmp_path: Path, schema: DataSchema, message: object) -> list[tuple[ReadDataSet, pl.DataFrame]]:
    path = tmp_path / "message.json"
    path.write_text(message if isinstance(message, str) else json.dumps(message))
    return [(dataset, pl.concat(dataset.batches, how="diagonal")) for dataset in SdmxJsonDataDecoder().decode(path, schema)]


def test_indexes_become_values_at_every_level(tmp_path: Path, schema: DataSchema) -> None:
    ((dataset, batch),) = read(tmp_path, schema, a_message())
    assert (dataset.structure, dataset.action) == ((Context.DATAFLOW, "CDE:DF_WATER(1.0.0)"), Action.REPLACE)
    assert batch.select("FREQ", "AREA", "TIME_PERIOD", "COUNT", "OBS_STATUS", "CONFIRMED", "OWNER", "NOTE", SOURCE_ROW).rows() == [
        ("A", "KG", "2021", "3", "E", "true", "state", "everything", 1),
        ("A", "KG", "2020", None, None, None, "state", "everything", 2),
        ("A", "MW", "2021", None, None, None, "village", "everything", 3),
    ]
    assert str(batch["OBS_VALUE"].to_list()) == "[1.5, nan, 2.0]"
    assert batch["SOURCES"].to_list() == [["WHO", "UN"], None, None]
    assert batch["TITLE"].to_list()[0] == [{"lang": "en", "value": "Water"}, {"lang": "fr", "value": "Eau"}]


def test_version_1_with_one_structure_and_links_by_address(tmp_path: Path, schema: DataSchema) -> None:
    message = a_message()["data"]
    structure = message.pop("structures")[0]
    del structure["measures"]
    structure["links"] = [{"rel": "dataflow", "href": "https://example.org/rest/dataflow/CDE/DF_WATER/1.0.0"}]
    structure["attributes"] = {"dataSet": [], "series": [], "observation": [codes("OBS_STATUS", "A", "E")]}
    message["dataSets"] = [{"action": "Information", "observations": {"0:1": [4, 0], "1:0": [5, None]}}]
    structure["dimensions"]["observation"] = structure["dimensions"].pop("series") + structure["dimensions"]["observation"]
    ((dataset, batch),) = read(tmp_path, schema, {**message, "structure": structure})
    assert (dataset.structure, dataset.action) == ((Context.DATAFLOW, "CDE:DF_WATER(1.0.0)"), Action.MERGE)
    assert batch.select("AREA", "TIME_PERIOD", "OBS_VALUE", "OBS_STATUS").rows() == [("KG", "2020", 4.0, "A"), ("MW", "2021", 5.0, None)]


def test_omitted_attributes_at_the_end_mean_their_default(tmp_path: Path, schema: DataSchema) -> None:
    message = a_message()
    message["data"]["structures"][0]["attributes"]["observation"] = [{"id": "OBS_STATUS", "default": "A"}]
    message["data"]["dataSets"][0]["series"] = {"0": {"observations": {"0": [1, 2], "1": [1, 2, None]}}}
    ((_, batch),) = read(tmp_path, schema, message)
    assert batch["OBS_STATUS"].to_list()[:2] == ["A", None]


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        (("dataSets", 0, "series", "0", "observations", "7"), [1], "TIME_PERIOD: '7' is no index into its 2 values"),
        (("dataSets", 0, "series", "0:1"), {"observations": {"0": [1]}}, "does not have one part for each of AREA"),
        (("dataSets", 0, "series", "0", "observations", "0"), ["many"], "observation 1: OBS_VALUE is 'many'"),
        (("dataSets", 0, "structure"), 3, "data.dataSets[0].structure is 3, but the message has 1 structures"),
        (("dataSets", 0, "action"), "Burn", "data.dataSets[0].action is 'burn'"),
        (("structures", 0, "measures", "observation", 0, "id"), "LAND", "'LAND' is no component"),
    ],
)
def test_errors_name_place_and_remedy(tmp_path: Path, schema: DataSchema, path: tuple[Any, ...], value: object, expected: str) -> None:
    message = a_message()
    place: Any = message["data"]
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises((MalformedMessage, InvalidObservations)) as caught:
        read(tmp_path, schema, message)
    assert expected in str(caught.value)


@pytest.mark.parametrize("text", ["{", "[]", '{"data": {}}'])
def test_other_json_is_refused(tmp_path: Path, schema: DataSchema, text: str) -> None:
    with pytest.raises(MalformedMessage, match=r"not JSON|no data\.dataSets"):
        read(tmp_path, schema, text)


def test_without_links_the_structure_is_that_of_the_caller(tmp_path: Path, schema: DataSchema) -> None:
    message = a_message()
    message["data"]["structures"][0]["links"] = []
    ((dataset, _),) = read(tmp_path, schema, message)
    assert dataset.structure == (Context.DATASTRUCTURE, "CDE:DSD_WATER(1.0.0)")
    with pytest.raises(MalformedMessage, match="has no link with the URN"):
        SdmxJsonDataDecoder().structures(tmp_path / "message.json")


def test_a_value_that_the_structure_has_no_place_for_is_refused(tmp_path: Path, schema: DataSchema) -> None:
    message = a_message()
    series = message["data"]["dataSets"][0]["series"]
    series["0"]["observations"]["0"] = [1.5, 3, 1, [0, 1], True, 7]
    with pytest.raises(MalformedMessage, match="observation 1 has 6 values, but the structure describes 5"):
        read(tmp_path, schema, message)
    message["data"]["structures"][0]["annotations"] = [{"id": "a"}] * 8
    assert read(tmp_path, schema, message)[0][1].height == 3
    del message["data"]["structures"][0]["annotations"]
    del series["0"]["observations"]["0"][-1]
    series["1"]["attributes"] = ["a", "b"]
    with pytest.raises(MalformedMessage, match="the series of observation 3 has 2 values"):
        read(tmp_path, schema, message)
    del series["1"]["attributes"]
    message["data"]["dataSets"][0]["dimensionGroupAttributes"]["0:1:"] = ["village", "x"]
    with pytest.raises(MalformedMessage, match="FREQ=A, AREA=MW has 2 attribute values, but the structure describes 1"):
        read(tmp_path, schema, message)


def test_several_values_where_one_is_taken_are_refused(tmp_path: Path, schema: DataSchema) -> None:
    message = a_message()
    message["data"]["dataSets"][0]["series"]["0"]["observations"]["1"] = ["NaN", None, [0, 1]]
    with pytest.raises(InvalidObservations, match="observation 2: OBS_STATUS takes one value but has 2: 'A', 'E'"):
        read(tmp_path, schema, message)


def test_a_component_that_is_described_twice_is_refused(tmp_path: Path, schema: DataSchema) -> None:
    message = a_message()
    message["data"]["structures"][0]["attributes"]["observation"].append({"id": "CONFIRMED"})
    with pytest.raises(MalformedMessage, match="describes CONFIRMED twice"):
        read(tmp_path, schema, message)


def test_a_series_and_its_observation_must_agree(tmp_path: Path, schema: DataSchema) -> None:
    message = a_message()
    structure, dataset = message["data"]["structures"][0], message["data"]["dataSets"][0]
    structure["attributes"] = {"series": [{"id": "UNIT"}], "observation": [{"id": "UNIT"}]}
    structure["measures"] = {"observation": [{"id": "OBS_VALUE"}]}
    dataset["series"] = {"0": {"attributes": ["l"], "observations": {"0": [1, "l"], "1": [2]}}}
    del dataset["attributes"], dataset["dimensionGroupAttributes"]
    assert read(tmp_path, schema, message)[0][1]["UNIT"].to_list() == ["l", "l"]
    dataset["series"]["0"]["observations"]["1"] = [2, "m"]
    with pytest.raises(
        InvalidObservations, match="observation 2: UNIT takes one value, but the observation says 'm' and its series says 'l'"
    ):
        read(tmp_path, schema, message)


def test_the_measure_may_be_a_dimension_of_the_observation(tmp_path: Path, schema: DataSchema) -> None:
    structure = {
        "links": [{"rel": "dataflow", "urn": URN}],
        "dimensions": {
            "dataset": [codes("FREQ", "A", position=0)],
            "series": [codes("TIME_PERIOD", "2020", "2021", position=2)],
            "observation": [codes("AREA", "BIRTHS", "DEATHS", position=1) | {"role": "MEASURE", "roles": ["MEASURE"]}],
        },
    }
    data = {"structure": structure, "dataSets": [{"action": "Information", "series": {"0": {"observations": {"0": [1], "1": [2]}}}}]}
    ((_, batch),) = read(tmp_path, schema, {"meta": {"id": "M"}, "data": data})
    assert batch.select("FREQ", "AREA", "TIME_PERIOD", "OBS_VALUE").rows() == [("A", "BIRTHS", "2020", 1.0), ("A", "DEATHS", "2020", 2.0)]


def test_what_is_not_kept_is_told(tmp_path: Path, schema: DataSchema) -> None:
    path, told = tmp_path / "message.json", a_message()
    path.write_text(json.dumps(told))
    assert SdmxJsonDataDecoder().left_out(path, schema) == []
    told["data"]["structures"][0]["annotations"] = [{"id": "A"}, {"id": "B"}]
    (dataset,) = told["data"]["dataSets"]
    dataset |= {"annotations": [0], "metadata": [{"id": "M"}], "obsevations": {"0:0:0": [1]}}
    dataset["series"]["1"]["attribute"] = ["Lost"]
    path.write_text(json.dumps(told))
    found = [(finding.code, finding.count, finding.hint) for finding in SdmxJsonDataDecoder().left_out(path, schema)]
    assert found == [
        ("annotations-left-out", 2, "Send what describes data as attributes."),
        ("metadata-left-out", 1, "Send what describes data as attributes."),
        ("unknown-property", 1, "Did you mean observations? Correct it and load the message again."),
        ("unknown-property", 1, "Did you mean attributes? Correct it and load the message again."),
    ]


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        ('"1": ["NaN", null]', '"1": ["NaN", null], "0": [7]', "0"),
        ('"1": {"observations"', '"0": {}, "1": {"observations"', "0"),
        ('"fr": "Eau"', '"en": "Lake"', "en"),
        ('"action": "Replace"', '"action": "Replace", "action": "Delete"', "action"),
    ],
)
def test_a_name_that_stands_twice_is_refused_because_one_would_be_lost(
    tmp_path: Path, schema: DataSchema, old: str, new: str, name: str
) -> None:
    text = json.dumps(a_message())
    assert old in text
    with pytest.raises(MalformedMessage, match=f"an object has the name '{name}' twice"):
        read(tmp_path, schema, text.replace(old, new))


def test_text_that_looks_like_a_name_is_text(tmp_path: Path, schema: DataSchema) -> None:
    text = json.dumps(a_message()).replace('"Eau"', json.dumps('"0": and "0" : "'))
    ((_, batch),) = read(tmp_path, schema, text)
    assert batch["TITLE"][0][1]["value"] == '"0": and "0" : "'
