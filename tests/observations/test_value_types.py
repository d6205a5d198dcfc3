"""Exact numbers, missing values and tables of version 0.1 in the store."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest

from exchange.observations.delta_store import DeltaObservationStore
from exchange.observations.ports import Action, Change, ObservationStore
from exchange.observations.table import layout
from exchange.query.grammar.components import parse_filter
from registry.data_schema import Level, SchemaComponent
from tests.observations.small_schema import KEYS, _attribute, read, small_schema

SCHEMA = small_schema(*(_attribute(name, Level.OBSERVATION, KEYS, kind) for name, kind in (("DEC", "Decimal"), ("BIG", "BigInteger"))))
DECIMALS = ["12345678901234567.89", "12345678901234567.88", "0.1234567890123456789", "-2.50", "#N/A", None]


def _rows(**columns: Sequence[object]) -> pl.DataFrame:
    height = len(next(iter(columns.values())))
    return pl.DataFrame(
        {"AREA": ["KG"] * height, "SEX": ["F"] * height, "TIME_PERIOD": [str(2010 + row) for row in range(height)], **columns}
    )


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("gt:12345678901234567.88", "0"),
        ("ge:12345678901234567.88", "01"),
        ("12345678901234567.890", "0"),
        ("lt:0.1234567890123456789", "3"),
        ("le:0.1234567890123456789", "23"),
        ("-2.5", "3"),
        ("ne:-2.5", "01245"),
        ("NaN", "4"),
        ("#N/A", "4"),
        ("nonsense", ""),
    ],
)
def test_filters_compare_digit_by_digit(store: ObservationStore, wanted: str, found: str) -> None:
    store.submit(SCHEMA, [Change(Action.MERGE, [_rows(DEC=DECIMALS)])], submission="first")
    years = [row[0] for row in read(store, SCHEMA, "TIME_PERIOD", filters={"DEC": parse_filter("DEC", wanted)})]
    assert "".join(str(int(year) - 2010) for year in years) == found


def test_exact_numbers_sort_as_numbers(store: ObservationStore) -> None:
    store.submit(SCHEMA, [Change(Action.MERGE, [_rows(BIG=["9", "10", "-10", "-9", "100"])])], submission="first")
    assert [row[0] for row in read(store, SCHEMA, "BIG", sort=(("BIG", False),))] == ["-10", "-9", "9", "10", "100"]


def test_filters_look_into_every_text_of_every_value(store: ObservationStore) -> None:
    texts = _attribute("TEXTS", Level.OBSERVATION, KEYS, max_occurs="unbounded", multilingual=True)
    schema = small_schema(texts)
    cells = [[[{"lang": "en", "value": "a"}, {"lang": "fr", "value": "b"}], [{"lang": "en", "value": "c"}]], None]
    batch = _rows(VALUE=[1.0, 2.0]).with_columns(pl.Series("TEXTS", cells, dtype=layout.column_type(texts)))
    store.submit(schema, [Change(Action.MERGE, [batch])], submission="first")
    for wanted, found in (("c", ["2010"]), ("b", ["2010"]), ("ne:b", ["2011"]), ("co:z", [])):
        rows = read(store, schema, "TIME_PERIOD", filters={"TEXTS": parse_filter("TEXTS", wanted)})
        assert [row[0] for row in rows] == found, wanted


@pytest.mark.parametrize("column", ["COUNT", "DEC", "BIG"])
def test_a_withdrawn_number_is_not_published_any_more(store: ObservationStore, column: str) -> None:
    for submission, value in (("first", "5"), ("second", "NaN")):
        store.submit(SCHEMA, [Change(Action.MERGE, [_rows(**{column: [value]})])], submission=submission)
    assert read(store, SCHEMA, column) == [("#N/A",)]


def test_tables_of_version_0_1_are_read_and_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def of_version_0_1(component: SchemaComponent) -> pl.DataType:
        kinds: dict[str, pl.DataType] = {"COUNT": pl.Int64(), "DEC": pl.Float64(), "BIG": pl.Int64(), "SURE": pl.Boolean(), "TEXTS": flat}
        return kinds.get(component.id) or today(component)

    today, flat = layout.column_type, layout.MULTILINGUAL
    sure = _attribute("SURE", Level.OBSERVATION, KEYS, "Boolean")
    several = _attribute("TEXTS", Level.OBSERVATION, KEYS, max_occurs="unbounded", multilingual=True)
    schema = small_schema(*SCHEMA.attributes[-2:], sure, several)
    texts = [{"lang": "en", "value": "a"}, {"lang": "fr", "value": "b"}, {"lang": "en", "value": "c"}]
    old = _rows(COUNT=[1, None], DEC=[1.5, float("nan")], BIG=[7, 8], SURE=[True, None], TEXTS=[texts, None])
    with monkeypatch.context() as earlier:
        earlier.setattr(layout, "column_type", of_version_0_1)
        earlier.setattr(layout, "_conforming", lambda batch, name, wanted: batch[name])
        DeltaObservationStore(str(tmp_path)).submit(schema, [Change(Action.MERGE, [old])], submission="first")
    store = DeltaObservationStore(str(tmp_path))
    assert read(store, schema, "COUNT", "DEC", "BIG") == [("1", "1.5", "7"), (None, "#N/A", "8")]
    assert read(store, schema, "SURE", "TEXTS") == [("true", [texts[:2], texts[2:]]), (None, None)]
    receipt = store.submit(schema, [Change(Action.MERGE, [_rows(DEC=["0.1234567890123456789"])])], submission="second")
    assert (receipt.inserted, receipt.updated) == (0, 1)
    assert read(store, schema, "COUNT", "DEC") == [("1", "0.1234567890123456789"), (None, "#N/A")]
    assert len(read(store, schema, "DEC", include_history=True)) == 3
    assert store.submit(schema, [], submission="first").inserted == 2
