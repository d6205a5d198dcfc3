"""The rule of suppression cell by cell: how few is too few, and what goes with the value."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from mappings.cells import DENOMINATOR, INDICATOR, MET, NUMERATOR, SUPPRESSED, UNITS, VALUE, mapped
from mappings.disclosure.primary import protect
from mappings.disclosure.recoverable import recoverable_cells
from mappings.ports import Rows
from mappings.recipe.model import ComponentSource, Disclosure
from tests.mappings.frames import rows, values


def cells(units: list[int], met: list[int | None] | None = None, indicator: str = "SHARE", **components: str) -> Rows:
    number = len(units)
    columns: dict[str, list[Any]] = {
        INDICATOR: [indicator] * number, UNITS: [*units], MET: [*(met or [0] * number)], VALUE: [1.5] * number,
        NUMERATOR: [3.0] * number, DENOMINATOR: [2.0] * number,
    }  # fmt: skip
    return rows(**columns, **{mapped(name): [value] * number for name, value in components.items()})


def suppressed(made: Rows) -> list[bool]:
    return values(made, SUPPRESSED)


@pytest.mark.parametrize(
    ("zero_is_safe", "expected"), [(True, [False, True, True, False, False]), (False, [True, True, True, False, False])]
)
def test_cells_below_the_threshold_are_suppressed_and_empty_ones_where_zero_tells_something(
    zero_is_safe: bool, expected: list[bool]
) -> None:
    made, _ = protect(cells([0, 1, 2, 3, 4]), Disclosure(min_units=3, zero_is_safe=zero_is_safe), (), {})
    assert suppressed(made) == expected
    assert values(made, VALUE) == [None if hidden else 1.5 for hidden in expected]


@pytest.mark.parametrize(
    ("units", "met", "expected"),
    [
        (10, 0, False), (10, 1, True), (10, 2, True), (10, 3, False), (10, 7, False), (10, 8, True), (10, 9, True), (10, 10, False),
        (4, 2, True),  # few meet the condition and few do not
        (2, 1, True), (2, 0, True), (2, 2, True), (0, 0, False),  # few units in any case
        (3, None, False),
    ],
)  # fmt: skip
def test_a_share_is_suppressed_when_few_meet_the_condition_or_all_but_few(units: int, met: int | None, expected: bool) -> None:
    """min_units × min_count: each alone is enough, and both together are no exception."""
    made, _ = protect(cells([units], [met]), Disclosure(min_units=3, min_count=3), (), {}, ["SHARE"])
    assert [bool(hidden) for hidden in suppressed(made)] == [expected]


@pytest.mark.parametrize(("proportions", "min_count"), [(["OTHER"], 3), ([], 3), (["SHARE"], None)])
def test_the_number_that_meets_the_condition_matters_only_for_shares_and_only_where_the_policy_asks(
    proportions: list[str], min_count: int | None
) -> None:
    made, _ = protect(cells([10, 2], [1, 1]), Disclosure(min_units=3, min_count=min_count), (), {}, proportions)
    assert suppressed(made) == [False, True]


def test_without_a_policy_nothing_is_suppressed_and_the_exact_counts_go_all_the_same() -> None:
    made, emptied = protect(cells([0, 1], SIZE="SMALL", COMMENT_OBS="x"), None, ["SIZE"], {})
    assert (suppressed(made), values(made, VALUE), values(made, mapped("SIZE")), emptied) == (
        [False, False], [1.5, 1.5], ["SMALL", "SMALL"], [],
    )  # fmt: skip
    assert not {UNITS, MET, NUMERATOR, DENOMINATOR} & set(made.collect_schema().names())


def test_what_reveals_falls_back_to_its_fixed_value_what_is_hidden_to_nothing_and_statuses_to_the_policy() -> None:
    """Suppression × classes × flags × hide: a class of the count and a bound go with the value, shown cells keep theirs."""
    policy = Disclosure(min_units=3, status="Q", hide=("UPPER", "SIZE"), comment="Suppressed")
    fixed = {"SIZE": ComponentSource(value="SMALL"), "CLASS": ComponentSource(value="_Z"), "OBS_STATUS": ComponentSource(value="A")}
    before = cells([2, 3], OBS_STATUS="P", SIZE="LARGE", CLASS="FEW", UPPER="9", NOTE="n", BARE="b")
    made, emptied = protect(before, policy, ["SIZE", "CLASS", "BARE", "OBS_STATUS"], fixed)
    names = [mapped(name) for name in ("OBS_STATUS", "SIZE", "CLASS", "UPPER", "BARE", "NOTE", "COMMENT_OBS")]
    assert values(made, *names) == [("Q", None, "_Z", None, None, "n", "Suppressed"), ("P", "LARGE", "FEW", "9", "b", "n", None)]
    assert emptied == ["BARE", "CLASS", "COMMENT_OBS", "SIZE", "UPPER"]


def test_a_comment_by_rule_falls_back_to_the_fixed_comment_where_the_policy_has_none() -> None:
    fixed = {"COMMENT_OBS": ComponentSource(value="usual")}
    made, emptied = protect(cells([1, 9], COMMENT_OBS="exactly one"), Disclosure(min_units=3), ["COMMENT_OBS"], fixed)
    assert (values(made, mapped("COMMENT_OBS")), emptied) == (["usual", "exactly one"], ["COMMENT_OBS"])


def test_a_comment_that_no_rule_sets_stays() -> None:
    made, emptied = protect(cells([1], COMMENT_OBS="of the source"), Disclosure(min_units=3), (), {})
    assert (values(made, mapped("COMMENT_OBS")), emptied) == (["of the source"], [])


def found(hidden: dict[tuple[str, str], bool], totals: dict[str, tuple[str, str]]) -> list[Any]:
    frame = pl.DataFrame([(a, k, h) for (a, k), h in hidden.items()], schema=["area", "kind", "hidden"], orient="row")
    return [(f.component, f.count, f.severity) for f in recoverable_cells(frame, "hidden", ["area", "kind"], totals)]


AREA, KIND = {"AREA": ("area", "_T")}, {"KIND": ("kind", "_T")}


def test_the_only_suppressed_cell_of_a_row_whose_total_is_shown_can_be_computed() -> None:
    shown = {("N", "_T"): False, ("S", "_T"): True, ("_T", "_T"): False}
    assert found(shown, AREA) == [("AREA", 1, "warning")]
    assert found(shown, KIND) == []  # a total is not a part of itself


def test_the_parts_that_are_shown_do_not_count_however_many_they_are() -> None:
    others = {(area, "A"): False for area in ("E", "N", "W", "_T")}
    assert found({**others, ("S", "A"): True}, AREA) == [("AREA", 1, "warning")]
    assert found(others, AREA) == []
    assert found({("N", "A"): False, ("_T", "A"): False}, AREA) == []


@pytest.mark.parametrize(
    "cell",
    [
        {("N", "A"): True, ("S", "A"): True, ("_T", "A"): False},  # two unknowns
        {("N", "A"): False, ("S", "A"): True, ("_T", "A"): True},  # no total
        {("N", "A"): False, ("S", "A"): True},
        {("N", "A"): False, ("S", "A"): False, ("_T", "A"): False},  # nothing to find
        {("S", "A"): True, ("_T", "B"): False},  # a total of something else
    ],
)
def test_cells_that_nobody_can_compute_are_not_told(cell: dict[tuple[str, str], bool]) -> None:
    assert found(cell, AREA) == []


def test_every_dimension_is_told_with_the_number_of_its_rows() -> None:
    """Suppression × totals of two dimensions: codes that come before and after the total in the alphabet."""
    table = {
        ("a", "A"): True, ("N", "A"): False, ("_T", "A"): False,
        ("a", "B"): True, ("N", "B"): False, ("_T", "B"): False,
        ("a", "_T"): False, ("N", "_T"): False, ("_T", "_T"): False,
    }  # fmt: skip
    assert found(table, AREA | KIND) == [("AREA", 2, "warning")]
    assert found({**table, ("a", "B"): False}, AREA | KIND) == [("AREA", 1, "warning"), ("KIND", 1, "warning")]
