from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pysdmx.io.csv.sdmx10.reader import read as pysdmx_read_1_0
from pysdmx.io.csv.sdmx20.reader import read as pysdmx_read_2_0
from pysdmx.io.csv.sdmx21.reader import read as pysdmx_read_2_1

from exchange.codecs.ports import DataMessage, DataOptions
from exchange.codecs.sdmx_csv.dialect import SDMX_CSV_1_0, SDMX_CSV_2_0, SDMX_CSV_2_1, CsvDialect
from exchange.codecs.sdmx_csv.writing import SdmxCsvEncoder
from exchange.observations.ports import Action
from exchange.query.values.data_query import ALL_DIMENSIONS, Context
from tests.codecs.data_writing.sample import KEY, a_dataset, a_frame, a_message, a_schema, halves, history, written

DIALECTS = (SDMX_CSV_1_0, SDMX_CSV_2_0, SDMX_CSV_2_1)


def _name(dialect: CsvDialect) -> str:
    return dialect.version


def _rows(dialect: CsvDialect, message: DataMessage, options: DataOptions | None = None) -> list[dict[str, str]]:
    text = written(SdmxCsvEncoder(dialect), message, options).decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def _header(dialect: CsvDialect, message: DataMessage, options: DataOptions | None = None) -> list[str]:
    return next(csv.reader(io.StringIO(written(SdmxCsvEncoder(dialect), message, options).decode())))


@pytest.mark.parametrize("dialect", DIALECTS, ids=_name)
def test_every_value_comes_back(dialect: CsvDialect) -> None:
    frame = a_frame()
    rows = _rows(dialect, a_message(a_dataset(a_schema(), frame)))
    assert [row["OBS_VALUE"] for row in rows] == ["12", "0.25", "NaN", "", "-1e+21"]
    assert [row["ESTIMATED"] for row in rows] == ["true", "false", "", "", "true"]
    for name in ("TIME_PERIOD", "SOURCE", "COMMENT", "TITLE", "OBS_STATUS"):
        assert [row[name] for row in rows] == [value or "" for value in frame[name]], name


def test_1_0_begins_with_the_dataflow_and_has_all_dimensions_and_a_value() -> None:
    message = a_message(a_dataset(a_schema(), a_frame().select("AREA", "OBS_STATUS")))
    content = written(SdmxCsvEncoder(SDMX_CSV_1_0), message)
    assert content.startswith(b"DATAFLOW,FREQ,AREA,SEX,TIME_PERIOD,OBS_VALUE,OBS_STATUS\nCSO:DF_WATER(1.0.0),,MW,,,,A\n")


def test_2_1_names_structure_and_action() -> None:
    content = written(SdmxCsvEncoder(SDMX_CSV_2_1), a_message(a_dataset(a_schema(), a_frame().select(KEY))))
    assert content.startswith(b"STRUCTURE,STRUCTURE_ID,ACTION,FREQ,AREA,SEX,TIME_PERIOD\ndataflow,CSO:DF_WATER(1.0.0),R,A,MW,F,2020\n")


@pytest.mark.parametrize(("dialect", "codes"), [(SDMX_CSV_2_0, ["A", "A", "R", "D"]), (SDMX_CSV_2_1, ["M", "M", "R", "D"])])
def test_actions_have_the_codes_of_their_version(dialect: CsvDialect, codes: list[str]) -> None:
    schema, frame = a_schema(), a_frame().head(1)
    datasets = [a_dataset(schema, frame, action=action) for action in (Action.MERGE, Action.APPEND, Action.REPLACE, Action.DELETE)]
    assert [row["ACTION"] for row in _rows(dialect, a_message(*datasets))] == codes


def test_a_deletion_has_nothing_but_its_key() -> None:
    rows = _rows(SDMX_CSV_2_1, a_message(*history(a_schema())))
    assert [row["ACTION"] for row in rows] == ["D", "R", "R", "R", "R"]
    assert {name for name, value in rows[0].items() if value} == {"STRUCTURE", "STRUCTURE_ID", "ACTION", *KEY}


def test_the_context_is_named() -> None:
    message = a_message(a_dataset(a_schema(), a_frame(), context=Context.DATASTRUCTURE))
    assert {(row["STRUCTURE"], row["STRUCTURE_ID"]) for row in _rows(SDMX_CSV_2_1, message)} == {("datastructure", "CSO:DSD_WATER(1.0.0)")}


def test_labels_both_stand_in_header_and_cells() -> None:
    options = DataOptions(labels="both", languages=("fr",))
    (row, *_) = _rows(SDMX_CSV_2_1, a_message(a_dataset(a_schema(), a_frame())), options)
    assert row["STRUCTURE_ID"] == "CSO:DF_WATER(1.0.0): Eau"
    assert row["AREA: Area"] == "MW: fr Malawi"
    assert row["OBS_VALUE: Obs value"] == "12"
    assert row["TIME_PERIOD: Time period"] == "2020"


def test_labels_in_1_0_leave_dataflow_and_value_as_they_are() -> None:
    for labels in ("both", "name"):
        header = _header(SDMX_CSV_1_0, a_message(a_dataset(a_schema(), a_frame())), DataOptions(labels=labels))
        assert header[:6] == ["DATAFLOW", "FREQ: Freq", "AREA: Area", "SEX: Sex", "TIME_PERIOD: Time period", "OBS_VALUE"]


def test_labels_name_add_a_column_after_each() -> None:
    message = a_message(a_dataset(a_schema(), a_frame()))
    content = written(SdmxCsvEncoder(SDMX_CSV_2_1), message, DataOptions(labels="name")).decode()
    header, first, *_ = csv.reader(io.StringIO(content, newline=""))
    assert header[:7] == ["STRUCTURE", "STRUCTURE_ID", "STRUCTURE_NAME", "ACTION", "FREQ", "Freq", "AREA"]
    assert first[:8] == ["dataflow", "CSO:DF_WATER(1.0.0)", "Water, sanitation", "R", "A", "Annual", "MW", "Malawi"]
    assert dict(zip(header, first, strict=True))["Obs value"] == ""


def test_times_are_normalized_to_days() -> None:
    frame = a_frame().with_columns(TIME_PERIOD=pl.Series(["2020", "2021-Q2", "2022-02", "2020-W01", "2020-01-01T10:00:00"]))
    rows = _rows(SDMX_CSV_2_1, a_message(a_dataset(a_schema(), frame)), DataOptions(time_format="normalized"))
    assert [row["TIME_PERIOD"] for row in rows] == ["2020-01-01", "2021-04-01", "2022-02-01", "2019-12-30", "2020-01-01T10:00:00"]


def test_keys_are_built_from_the_dimensions() -> None:
    for at in ("TIME_PERIOD", ALL_DIMENSIONS):
        (row, *_) = _rows(SDMX_CSV_2_0, a_message(a_dataset(a_schema(), a_frame(), at=at)), DataOptions(keys="both"))
        assert (row["SERIES_KEY"], row["OBS_KEY"]) == ("A.MW.F", "A.MW.F.2020")


def test_lists_are_sub_fields() -> None:
    message = a_message(a_dataset(a_schema(lists=True), *halves(a_frame(lists=True))))
    rows = _rows(SDMX_CSV_2_1, message)
    assert next(iter(rows[0])) == "STRUCTURE[;]"
    assert [row["TOPICS[]"] for row in rows] == ["W;S", "W;S", "W;S", "", "W"]
    assert [row["TAGS[]"] for row in rows] == ['"a;b";"c""d"', "<x>", "", "", "plain"]
    assert [row["NOTE[en;fr]"] for row in rows] == ["en:Dry & dusty;fr:Sec", '"en:say ""hi"""', "", "", '"fr:Oui; non"']


def test_lists_have_labels() -> None:
    message = a_message(a_dataset(a_schema(lists=True), a_frame(lists=True).head(1)))
    (row,) = _rows(SDMX_CSV_2_1, message, DataOptions(labels="both"))
    assert row["TOPICS[]: Topics"] == "W: Water;S: Sanitation"


def test_1_0_writes_multilingual_text_in_the_preferred_language() -> None:
    message = a_message(a_dataset(a_schema(lists=True), a_frame(lists=True)))
    rows = _rows(SDMX_CSV_1_0, message, DataOptions(languages=("fr",)))
    assert [row["NOTE"] for row in rows] == ["Sec", 'say "hi"', "", "", "Oui; non"]


@pytest.mark.parametrize("dialect", DIALECTS, ids=_name)
def test_an_empty_dataset_is_a_header(dialect: CsvDialect) -> None:
    assert written(SdmxCsvEncoder(dialect), a_message(a_dataset(a_schema()))).count(b"\n") == 1


def test_structures_with_other_components_share_the_columns() -> None:
    few, many = a_schema(attributes=False), a_schema(measures=("OBS_VALUE", "PEOPLE"), attributes=False)
    frame = a_frame().select(*KEY, "OBS_VALUE").head(1)
    message = a_message(a_dataset(few, frame), a_dataset(many, frame.with_columns(PEOPLE=pl.lit(7))))
    rows = _rows(SDMX_CSV_2_1, message)
    assert [(row["OBS_VALUE"], row["PEOPLE"]) for row in rows] == [("12", ""), ("12", "7")]


@pytest.mark.parametrize(
    ("dialect", "read"), [(SDMX_CSV_1_0, pysdmx_read_1_0), (SDMX_CSV_2_0, pysdmx_read_2_0), (SDMX_CSV_2_1, pysdmx_read_2_1)], ids=str
)
def test_pysdmx_reads_it(dialect: CsvDialect, read: Callable[[str], Any]) -> None:
    frame = a_frame().with_columns(COMMENT=pl.lit('a, "b"'))
    text = written(SdmxCsvEncoder(dialect), a_message(a_dataset(a_schema(), frame))).decode()
    (dataset,) = read(text)
    assert dataset.short_urn == "Dataflow=CSO:DF_WATER(1.0.0)"
    assert list(dataset.data["COMMENT"]) == ['a, "b"'] * 5
    assert [str(value) for value in dataset.data["OBS_VALUE"]][:2] == ["12", "0.25"]


_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@given(st.lists(st.tuples(_TEXT, st.floats(allow_nan=False, allow_infinity=False)), min_size=1, max_size=8))
def test_any_text_and_any_number_come_back(cells: list[tuple[str, float]]) -> None:
    frame = pl.DataFrame({"TIME_PERIOD": "2020", "COMMENT": [text for text, _ in cells], "OBS_VALUE": [number for _, number in cells]})
    rows = _rows(SDMX_CSV_2_1, a_message(a_dataset(a_schema(), frame)))
    assert [(row["COMMENT"], float(row["OBS_VALUE"])) for row in rows] == cells


@pytest.mark.parametrize("dialect", DIALECTS, ids=_name)
def test_the_golden_message(dialect: CsvDialect, golden: Path) -> None:
    message = a_message(a_dataset(a_schema(lists=True), *halves(a_frame(lists=True))))
    content = written(SdmxCsvEncoder(dialect), message, DataOptions(languages=("en",)))
    assert content == (golden / f"sdmx-csv-{dialect.version}.csv").read_bytes()
