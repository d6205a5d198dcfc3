"""Values of components: texts of numbers, codes, absent values and periods."""

from __future__ import annotations

from typing import Any

import pytest

from mappings.cells import mapped
from mappings.expressions.kinds import Kind
from mappings.recipe.model import ComponentSource, TimeFormat
from mappings.steps.components import map_component, require_component, text_of
from tests.mappings.frames import journal, rejected, rows, told, values


def component(cells: list[Any], kind: Kind = Kind.TEXT, **source: Any) -> tuple[list[Any], list[tuple[int, str]]]:
    kept = journal()
    made = map_component(rows(c=cells), "KIND", ComponentSource(column="c", **source), {"c": kind}, kept)
    return values(made, mapped("KIND")), rejected(kept)


@pytest.mark.parametrize(
    ("cells", "kind", "expected"),
    [
        ([2010.0, -3.0, 0.0, None], Kind.NUMBER, ["2010", "-3", "0", None]),
        ([2.5, -0.25, 1.4, 1.6], Kind.NUMBER, ["2.5", "-0.25", "1.4", "1.6"]),
        ([2.0**53 - 1, 1 - 2.0**53], Kind.NUMBER, ["9007199254740991", "-9007199254740991"]),
        ([True, False, None], Kind.BOOLEAN, ["true", "false", None]),
        (["2010.0", None], Kind.TEXT, ["2010.0", None]),
    ],
)
def test_values_become_texts_and_whole_numbers_have_no_decimals(cells: list[Any], kind: Kind, expected: list[str | None]) -> None:
    assert values(rows(c=cells).with_columns(text_of("c", {"c": kind}).alias("t")), "t") == expected


def test_numbers_that_are_not_exact_are_not_written_as_whole_ones() -> None:
    (text,) = values(rows(c=[2.0**53]).with_columns(text_of("c", {"c": Kind.NUMBER}).alias("t")), "t")
    assert not text.isdigit()


def test_columns_without_a_kind_are_text() -> None:
    assert values(rows(c=["1.0"]).with_columns(text_of("c", {}).alias("t")), "t") == ["1.0"]


@pytest.mark.parametrize(
    ("source", "expected", "lost"),
    [
        ({}, ["a", "z", None], []),
        ({"missing": "_U"}, ["a", "z", "_U"], []),
        ({"codes": {"a": "A"}}, ["A", None], [(3, "unmapped-value")]),
        ({"codes": {"a": "A"}, "missing": "_U"}, ["A", "_U"], [(3, "unmapped-value")]),
        ({"codes": {"a": "A"}, "default": "_O"}, ["A", "_O", None], []),
        ({"codes": {"a": "A"}, "default": "_O", "missing": "_U"}, ["A", "_O", "_U"], []),
        ({"codes": {}}, [None], [(2, "unmapped-value"), (3, "unmapped-value")]),
    ],
)
def test_codes_defaults_and_absent_values_do_not_get_into_each_others_way(
    source: dict[str, Any], expected: list[str | None], lost: list[tuple[int, str]]
) -> None:
    """Codes × default × missing: an absent value is never the default, and a text without a code never the code of absent values."""
    assert component(["a", "z", None], **source) == (expected, lost)


def test_a_text_without_a_code_is_told_with_its_column_component_and_value() -> None:
    kept = journal()
    map_component(rows(c=["a", "z", "z"]), "KIND", ComponentSource(column="c", codes={"a": "A"}), {"c": Kind.TEXT}, kept)
    assert told(kept) == [("unmapped-value", 3, "c", "z", 2)]
    assert kept.findings[0].component == "KIND"
    assert "components.KIND.codes" in kept.findings[0].hint


def test_numbers_are_looked_up_by_the_text_that_they_are_written_with() -> None:
    assert component([1.0, 2.5, None], Kind.NUMBER, codes={"1": "A", "2.5": "B"}) == (["A", "B", None], [])


def test_a_fixed_value_is_no_column() -> None:
    assert map_component(rows(c=["a"]), "KIND", ComponentSource(value="A"), {}, journal()).collect_schema().names() == ["c", "_row"]


MONTHS = [f"2023-{month:02d}-28" for month in range(1, 13)]


@pytest.mark.parametrize(
    ("to", "expected"),
    [
        ("A", ["2023"] * 12),
        ("S", ["2023-S1"] * 6 + ["2023-S2"] * 6),
        ("Q", [f"2023-Q{quarter}" for quarter in (1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4)]),
        ("M", [f"2023-{month:02d}" for month in range(1, 13)]),
        ("D", MONTHS),
        ("W", [f"2023-W{week:02d}" for week in (4, 9, 13, 17, 21, 26, 30, 35, 39, 43, 48, 52)]),
    ],
)
@pytest.mark.parametrize("missing", [None, "1900"])
def test_dates_are_reduced_to_periods_of_every_frequency(to: Any, expected: list[str], missing: str | None) -> None:
    """Time × missing: a date that is absent is no period, unless the recipe says which."""
    found, lost = component([*MONTHS, None], time=TimeFormat(to=to), missing=missing)
    assert (found, lost) == ([*expected, missing], [])


@pytest.mark.parametrize(("day", "week"), [("2021-01-03", "2020-W53"), ("2024-12-30", "2025-W01")])
def test_weeks_belong_to_the_year_of_their_thursday(day: str, week: str) -> None:
    assert component([day], time=TimeFormat(to="W"))[0] == [week]


def test_rows_without_a_value_for_a_dimension_are_kept_out() -> None:
    kept = journal()
    made = require_component(rows(**{"=KIND": ["A", None, "B", None]}), "KIND", kept)
    assert values(made, "=KIND") == ["A", "B"]
    assert rejected(kept) == [(3, "missing-dimension"), (5, "missing-dimension")]
    assert (kept.findings[0].component, kept.findings[0].count) == ("KIND", 2)
