"""What each data type admits, how reported numbers are kept, and what facets forbid."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.checks.values import dimension_text, facet_problems, is_of_type, kept, order_key
from registry.model.data_types import DATA_TYPES, ValueSpace
from registry.model.representations import TextFormat

#: Per type what it admits and what it does not, as reported.
LEXICAL = {
    "Alpha": ("abC", "ab1"),
    "AlphaNumeric": ("ab1", "a b"),
    "Numeric": ("007", "-7"),
    "BigInteger": ("-" + "9" * 38, "1.5"),
    "Integer": ("2147483647", "2147483648"),
    "Long": ("-9223372036854775808", "9223372036854775808"),
    "Short": ("-32768", "32768"),
    "Count": ("0", "0.5"),
    "Decimal": ("-.5", "INF"),
    "Incremental": ("2.5", "two"),
    "InclusiveValueRange": ("1e2", "1e400"),
    "ExclusiveValueRange": ("1", "9" * 39),
    "Float": ("-INF", "1e999"),
    "Double": ("1E-7", "1,5"),
    "Boolean": ("0", "yes"),
    "URI": ("urn:x", "a b"),
    "ObservationalTimePeriod": ("2020-01-01/P1M", "2020-13"),
    "StandardTimePeriod": ("2020-W01", "2020-01-01/P1M"),
    "BasicTimePeriod": ("2020-01-01T00:00:00", "2020-Q1"),
    "GregorianTimePeriod": ("2020-01", "2020-01-01T00:00:00"),
    "GregorianYear": ("2020", "2020-01"),
    "GregorianYearMonth": ("2020-01", "2020"),
    "GregorianDay": ("2020-02-29", "2021-02-29"),
    "ReportingTimePeriod": ("2020-Q1", "2020"),
    "ReportingYear": ("2020-A1", "2020-Q1"),
    "ReportingSemester": ("2020-S2", "2020-S3"),
    "ReportingTrimester": ("2020-T3", "2020-Q3"),
    "ReportingQuarter": ("2020-Q4", "2020-M04"),
    "ReportingMonth": ("2020-M12", "2020-12"),
    "ReportingWeek": ("2020-W53", "2020-D001"),
    "ReportingDay": ("2020-D366", "2020-01-01"),
    "DateTime": ("2020-01-01T12:00:00Z", "2020-01"),
    "TimeRange": ("2020-01-01/P1M", "2020-01-01"),
    "Month": ("--12", "12"),
    "MonthDay": ("--07-01", "07-01"),
    "Day": ("---31", "---32"),
    "Time": ("12:00:00", "noon"),
    "Duration": ("P1Y", "1Y"),
}


@pytest.mark.parametrize("name", LEXICAL)
def test_a_type_admits_its_values_and_no_others(name: str) -> None:
    reported = pl.Series(LEXICAL[name], dtype=pl.String)
    read = kept(reported, DATA_TYPES[name])
    assert (read.is_not_null() & is_of_type(read, DATA_TYPES[name]).fill_null(value=False)).to_list() == [True, False]


def test_the_types_without_a_lexical_space_of_their_own_hold_any_text() -> None:
    free = set(DATA_TYPES) - set(LEXICAL)
    assert all(DATA_TYPES[name].space is ValueSpace.TEXT and DATA_TYPES[name].pattern is None for name in free)


@pytest.mark.parametrize(
    ("reported", "decimal", "whole", "binary"),
    [
        ("1.50", "1.50", None, "1.5"),
        ("1e3", "1000", "1000", "1000"),
        ("+5", "5", "5", "5"),
        ("007", "7", "7", "7"),
        ("-0", "0", "0", "-0"),
        ("-0.0", "0.0", "0", "-0"),
        ("INF", None, None, "INF"),
        ("NaN", "#N/A", "#N/A", "NaN"),
        ("#N/A", "#N/A", "#N/A", "NaN"),
        (" 6 ", "6", "6", "6"),
    ],
)
def test_numbers_come_back_as_the_record_of_decisions_says(
    reported: str, decimal: str | None, whole: str | None, binary: str | None
) -> None:
    found = [kept(pl.Series([reported]), DATA_TYPES[name])[0] for name in ("Decimal", "Integer", "Double")]
    assert found == [decimal, whole, binary]


def test_equal_numbers_are_one_key_and_no_key_is_missing() -> None:
    texts = pl.Series(["2.50", "2.5", "100", "~", "#N/A"])
    assert dimension_text(texts, DATA_TYPES["Decimal"]).to_list() == ["2.5", "2.5", "100", "~", None]


@given(
    st.lists(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20, places=15), min_size=2, max_size=20)
)
def test_texts_of_numbers_sort_as_the_numbers_do(numbers: list[object]) -> None:
    texts = pl.DataFrame(
        {"text": kept(pl.Series([f"{number:f}" for number in numbers]), DATA_TYPES["Decimal"]), "number": [float(str(n)) for n in numbers]}
    )
    ordered = texts.sort(order_key(pl.col("text")))["number"]
    assert ordered.is_sorted()


@pytest.mark.parametrize(
    ("name", "facets", "right", "wrong"),
    [
        ("Decimal", {"min_value": 0.5}, ["0.50", "12345678901234567.89"], ["0.49999999999999999999", "-3"]),
        ("Decimal", {"max_value": 2}, ["2.000", "-9"], ["2.0000000000000000001"]),
        ("Decimal", {"decimals": 1}, ["1.50", "3"], ["1.55"]),
        ("Integer", {"min_value": 9}, ["10"], ["8"]),
        ("Incremental", {"start_value": 1, "interval": 0.5, "end_value": 3}, ["1", "1.5", "3.0"], ["1.25", "0.5", "3.5"]),
        ("InclusiveValueRange", {"start_value": 0, "end_value": 1}, ["0", "1"], ["-0.1", "1.1"]),
        ("ExclusiveValueRange", {"start_value": 0, "end_value": 1}, ["0.1", "0.9"], ["0", "1.0"]),
        ("Count", {"start_value": 1, "interval": 1}, ["1", "7"], ["0"]),
        ("String", {"min_length": 2, "max_length": 3}, ["ab", "abc"], ["a", "abcd"]),
        ("Decimal", {"pattern": r"\d\.\d\d"}, ["1.50"], ["1.5"]),
    ],
)
def test_facets_speak_of_the_exact_value(name: str, facets: dict[str, Any], right: list[str], wrong: list[str]) -> None:
    frame = pl.DataFrame({"X": [*right, *wrong]})
    problems = [expression for _, expression in facet_problems("X", TextFormat(**facets), DATA_TYPES[name], pl.String())]
    found = frame.filter(pl.any_horizontal(problem.fill_null(value=False) for problem in problems))
    assert found["X"].to_list() == wrong
