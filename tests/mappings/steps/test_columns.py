"""Columns of text read as they are declared: blanks, absent values, numbers, limits and dates."""

from __future__ import annotations

from typing import Any

import pytest

from mappings.errors import MappingFailed
from mappings.expressions.kinds import Kind
from mappings.recipe.model import Column, ColumnPattern, Lookup, Source, Unpivot
from mappings.steps.columns import check_drift, expected_columns, iso_date, kinds_of, known_columns, type_columns
from tests.mappings.frames import journal, rejected, rows, told, values


def read(cells: list[str | None], reader: str = ".", **column: Any) -> tuple[list[Any], list[tuple[int, str]]]:
    kept = journal()
    made = type_columns(rows(c=cells), {"c": Column(**column)}, reader, kept)
    return values(made, "c"), rejected(kept)


@pytest.mark.parametrize(
    ("column", "cells", "expected"),
    [
        ({}, [" a ", "-", "", "  ", None], [" a ", "-", "", "  ", None]),
        ({"trim": True}, [" a ", "-", "", "  ", None], ["a", "-", None, None, None]),
        ({"missing": ("-", " n/a ")}, [" a ", " - ", "n/a", "", None], [" a ", None, None, "", None]),
        ({"trim": True, "missing": ("-",)}, [" a ", " - ", "--", " ", None], ["a", None, "--", None, None]),
    ],
)
def test_blanks_and_texts_for_absent_values_go_where_the_column_says_so(
    column: dict[str, Any], cells: list[str | None], expected: list[str | None]
) -> None:
    """Trim × missing."""
    assert read(cells, **column) == (expected, [])


NUMBER = {"type": "number"}


@pytest.mark.parametrize(
    ("column", "decimal", "cell", "expected"),
    [
        ({}, ".", " 1.5 ", 1.5), ({}, ".", "+2", 2.0), ({}, ".", "-.5", -0.5), ({}, ".", "7.", 7.0), ({}, ".", "1e3", 1000.0),
        ({}, ".", "2E-1", 0.2), ({}, ",", "1,5", 1.5), ({}, ",", ",5", 0.5), ({"decimal": ","}, ".", "1,5", 1.5),
        ({"decimal": "."}, ",", "1.5", 1.5), ({"thousands": ","}, ".", "1,234,567.5", 1234567.5), ({"thousands": ","}, ".", "1234", 1234.0),
        ({"thousands": "."}, ",", "1.234,5", 1234.5), ({"thousands": " "}, ".", "12 345", 12345.0), ({"strip": ("%",)}, ".", "12 %", 12.0),
        ({"strip": ("$", "USD")}, ".", "USD $5", 5.0), ({"strip": ("%",), "thousands": ","}, ".", "1,200%", 1200.0),
        ({"strip": (".",)}, ".", "5.", 5.0),
    ],
)  # fmt: skip
def test_numbers_are_read_with_the_signs_of_their_column(column: dict[str, Any], decimal: str, cell: str, expected: float) -> None:
    """Decimal of the reader × of the column × thousands × strip."""
    assert read([cell, None], decimal, **NUMBER, **column) == ([expected, None], [])


@pytest.mark.parametrize(
    ("column", "decimal", "cell"),
    [
        ({}, ".", "1,5"), ({}, ".", "1.5.1"), ({}, ".", "."), ({}, ".", "e5"), ({}, ".", "1e"), ({}, ".", "x1"), ({}, ".", "1x"),
        ({}, ".", "--1"),
        ({}, ",", "1.5"), ({"decimal": "."}, ",", "1,5"), ({"thousands": ","}, ".", "1,23"), ({"thousands": ","}, ".", "1234,567"),
        ({"thousands": "."}, ",", "1x234"), ({"strip": (".",)}, ".", "5a"), ({}, ".", "1 2"),
    ],
)  # fmt: skip
def test_what_is_no_number_in_these_signs_is_kept_out(column: dict[str, Any], decimal: str, cell: str) -> None:
    assert read(["1", cell, None], decimal, **NUMBER, **column) == ([1.0, None], [(3, "not-a-number")])


@pytest.mark.parametrize(
    ("limits", "expected", "spoken"),
    [
        ({"min": 1}, [1.0, 2.5, 3.0, None], "between 1 and any"),
        ({"max": 2.5}, [0.0, 1.0, 2.5, None], "between any and 2.5"),
        ({"min": 1, "max": 2.5}, [1.0, 2.5, None], "between 1 and 2.5"),
    ],
)
def test_numbers_outside_of_the_limits_are_kept_out_and_absent_ones_are_not(
    limits: dict[str, Any], expected: list[float | None], spoken: str
) -> None:
    kept = journal()
    made = type_columns(rows(c=["0", "1", "2.5", "3", None]), {"c": Column(type="number", **limits)}, ".", kept)
    assert values(made, "c") == expected
    assert {code for _, code in rejected(kept)} == {"value-out-of-range"}
    assert spoken in kept.findings[0].message


def test_several_columns_are_read_at_once_and_each_tells_its_own_faults() -> None:
    """Numbers × limits × dates × personal: no value of a personal column is shown."""
    kept = journal("p")
    declared = {
        "n": Column(type="number", min=0), "p": Column(type="number", personal=True, max=9), "d": Column(type="date"), "t": Column(),
        "q": Column(type="date", personal=True),
    }  # fmt: skip
    made = type_columns(
        rows(
            n=["1", "x", "-1", "2", "3", "4"], p=["1", "1", "1", "secret", "99", "5"], d=["2023-01-02", "", "x", "2023-01-02", "x", "y"],
            t=["a"] * 6, q=["2023-01-02"] * 5 + ["secret"],
        ), declared, ".", kept,
    )  # fmt: skip
    assert values(made, "n", "p", "d", "t") == [(1.0, 1.0, "2023-01-02", "a")]
    assert told(kept) == [
        ("not-a-number", 3, "n", "x", 1), ("not-a-number", 5, "p", None, 1), ("value-out-of-range", 4, "n", "-1.0", 1),
        ("value-out-of-range", 6, "p", None, 1), ("not-a-date", 7, "d", "y", 1),
    ]  # fmt: skip


def test_dates_become_iso_dates_by_the_first_format_that_fits() -> None:
    made, lost = read(["31/07/2023", "20230701", None, "07/31/2023"], type="date", format=("%Y%m%d", "%d/%m/%Y"))
    assert (made, lost) == (["2023-07-31", "2023-07-01", None], [(5, "not-a-date")])


def test_a_column_in_which_no_text_is_a_date_is_kept_out_and_an_empty_one_stays() -> None:
    assert read(["x", None], type="date") == ([None], [(2, "not-a-date")])
    kept = journal()
    type_columns(rows(c=["x"]), {"c": Column(type="date", format=("%d.%m.%Y", "%Y"))}, ".", kept)
    assert "(%d.%m.%Y or %Y)" in kept.findings[0].message


@pytest.mark.parametrize(
    ("text", "formats", "expected"),
    [
        ("2023-07-31", (), "2023-07-31"), (" 2023-07-31T23:59:00Z", (), "2023-07-31"), ("2023-07-31 12:00", (), "2023-07-31"),
        ("2023-13-01", (), None), ("31/07/2023", (), None), ("", (), None), (" 31.7.2023 ", ("%d.%m.%Y",), "2023-07-31"),
        ("31/07/2023", ["%m/%d/%Y", "%d/%m/%Y"], "2023-07-31"), ("31/07/23", ["%d/%m/%Y"], None),
    ],
)  # fmt: skip
def test_a_date_is_read_by_its_formats_or_as_iso_8601(text: str, formats: Any, expected: str | None) -> None:
    assert iso_date(text, formats) == expected


PATTERNS = Source(
    columns={"item_age": Column(type="date")},
    patterns=(
        ColumnPattern(matching="item_*", excluding="*_name", type="number"),
        ColumnPattern(matching="item_*|who", personal=True),
    ),
)


def test_columns_are_declared_by_name_else_by_the_first_pattern_that_fits_else_they_are_optional_text() -> None:
    found = expected_columns(PATTERNS, ["item_1", "item_name", "item_age", "who", "other"])
    assert [(name, c.type, c.personal, c.optional) for name, c in found.items()] == [
        ("item_1", "number", False, False), ("item_name", "text", True, False), ("item_age", "date", False, False),
        ("who", "text", True, False), ("other", "text", False, True),
    ]  # fmt: skip
    assert kinds_of(found) == {
        "item_1": Kind.NUMBER, "item_name": Kind.TEXT, "item_age": Kind.TEXT, "who": Kind.TEXT, "other": Kind.TEXT,
    }  # fmt: skip


def test_known_columns_are_those_declared_and_those_made_by_changes_of_the_shape() -> None:
    source = Source(
        columns={"a": Column(), "v": Column(type="number"), "d": Column(type="date")},
        unpivot=Unpivot(columns=("x",), name="n", value="v"),
        lookups=(Lookup(file="f.csv", on={"a": "b"}, take={"region": "r"}),),
    )
    assert known_columns(source) == {"n": Kind.TEXT, "v": Kind.NUMBER, "region": Kind.TEXT, "a": Kind.TEXT, "d": Kind.TEXT}
    assert known_columns(Source(columns={"a": Column()})) == {"a": Kind.TEXT}


def test_a_column_that_is_needed_and_missing_stops_the_run_with_the_name_that_is_near() -> None:
    source = Source(columns={"amount": Column(), "gone": Column(), "maybe": Column(optional=True)})
    with pytest.raises(MappingFailed) as caught:
        check_drift(source, ["amuont", "else"], journal())
    told_of = str(caught.value)
    assert "no column 'amount'; is it 'amuont' now?" in told_of
    assert "no column 'gone'; add it to the source" in told_of
    assert "maybe" not in told_of


def test_the_number_of_the_row_is_no_column_of_the_source() -> None:
    with pytest.raises(MappingFailed, match="add it to the source"):
        check_drift(Source(columns={"row": Column()}), ["_row"], journal())


@pytest.mark.parametrize(("other", "expected"), [("report", ["new"]), ("ignore", [])])
def test_columns_that_nobody_declared_are_drift_unless_the_recipe_ignores_them(other: Any, expected: list[str]) -> None:
    """Drift × patterns × optional columns."""
    kept = journal()
    source = PATTERNS.model_copy(update={"other_columns": other})
    check_drift(source, ["item_age", "item_1", "new", "who"], kept)
    assert [finding.column for finding in kept.findings] == expected
