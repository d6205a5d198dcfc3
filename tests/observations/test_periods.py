"""Periods that do not exist are not stored, and one period does not stand in a series twice."""

from __future__ import annotations

import polars as pl
import pytest

from exchange.errors import InvalidObservations
from exchange.observations.ports import Action, Change, ObservationStore
from registry.data_schema import Level
from tests.observations.small_schema import _attribute, change, keys, small_schema

SCHEMA = small_schema()


@pytest.mark.parametrize(
    ("period", "last"),
    [("2019-W53", "2019-W52"), ("2021-W53", "2021-W52"), ("2019-D366", "2019-D365"), ("2019-Q5", ""), ("2019-02-29/P1D", "")],
)
def test_a_period_that_does_not_exist_is_refused_with_its_row(store: ObservationStore, period: str, last: str) -> None:
    with pytest.raises(InvalidObservations, match=rf"{period}.*{last}.*row 7"):
        store.submit(SCHEMA, [change("M", {"key": f"KG F {period}", "VALUE": 1.0, "_row": 7})], submission="1")
    assert keys(store, SCHEMA) == []


def test_a_day_exists_in_the_reporting_year_of_its_row(store: ObservationStore) -> None:
    schema = small_schema(_attribute("REPORTING_YEAR_START_DAY", Level.SERIES, ("AREA", "SEX")), version="2.0.0")
    rows = pl.DataFrame({"AREA": ["KG"], "SEX": ["F"], "TIME_PERIOD": ["2019-D366"], "REPORTING_YEAR_START_DAY": ["--07-01"]})
    store.submit(schema, [Change(Action.MERGE, [rows])], submission="1")
    assert keys(store, schema) == ["KG F 2019-D366"]


SPELLINGS = [
    ("2006-01", "2006-M01"),
    ("2006", "2006-A1"),
    ("2006-Q1", "2006-01-01/P3M"),
    ("2006-01-01", "2006-D001"),
    ("2006-W01", "2006-01-02/P7D"),
    ("2006-01-01T00:00:00", "2006-01-01T00:00:00Z"),
    ("2006-01-01T01:00:00+01:00", "2006-01-01T00:00:00"),
]


@pytest.mark.parametrize(("one", "other"), SPELLINGS)
@pytest.mark.parametrize("action", ["M", "A", "R"])
def test_a_period_in_another_spelling_than_the_stored_one_is_refused(store: ObservationStore, one: str, other: str, action: str) -> None:
    store.submit(SCHEMA, [change("M", {"key": f"KG F {one}", "VALUE": 1.0}, {"key": f"MW F {one}", "VALUE": 1.0})], submission="1")
    with pytest.raises(InvalidObservations, match="one and the same period") as refused:
        store.submit(SCHEMA, [change(action, {"key": f"KG F {other}", "VALUE": 2.0})], submission="2")
    assert one in str(refused.value)
    assert other in str(refused.value)
    assert "AREA=KG, SEX=F" in str(refused.value)
    assert keys(store, SCHEMA) == [f"KG F {one}", f"MW F {one}"]


def test_two_spellings_inside_one_submission_are_refused(store: ObservationStore) -> None:
    with pytest.raises(InvalidObservations, match="2006-Q1"):
        store.submit(SCHEMA, [change("M", {"key": "KG F 2006-Q1"}, {"key": "KG F 2006-01-01/P3M"})], submission="1")
    with pytest.raises(InvalidObservations, match="2006-M01"):
        store.submit(SCHEMA, [change("M", {"key": "KG F 2006-01"}), change("M", {"key": "KG F 2006-M01"})], submission="1")


def test_a_spelling_can_be_exchanged_in_one_submission(store: ObservationStore) -> None:
    store.submit(SCHEMA, [change("M", {"key": "KG F 2006-01", "VALUE": 1.0})], submission="1")
    store.submit(SCHEMA, [change("D", {"key": "KG F 2006-01"}), change("M", {"key": "KG F 2006-M01", "VALUE": 1.0})], submission="2")
    assert keys(store, SCHEMA) == ["KG F 2006-M01"]


def test_other_series_and_longer_periods_are_no_second_spelling(store: ObservationStore) -> None:
    rows = ["KG F 2006-01", "KG M 2006-M01", "KG F 2006", "KG F 2006-Q1", "KG F 2006-01-01", "KG F 2006-01-01T00:00:00"]
    fine = ["MW F 2006-01-01T00:00:00.1234567", "MW F 2006-01-01T00:00:00.1234568"]
    store.submit(SCHEMA, [change("M", *({"key": key} for key in rows + fine))], submission="1")
    assert len(keys(store, SCHEMA)) == len(rows + fine)
