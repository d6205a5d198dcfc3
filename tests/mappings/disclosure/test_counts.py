"""Row counts of steps that say how small a group is are withheld, and the others are exact."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mappings.disclosure.counts import without_small_counts
from mappings.journal import StepRecord

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def shown(*counts: dict[str, int], threshold: int = 5) -> list[tuple[dict[str, int], list[str]]]:
    steps = without_small_counts([StepRecord("step", each, {"reason": "r"}, NOW, NOW) for each in counts], threshold)
    return [(step.counts, step.details.get("withheld", [])) for step in steps]


@pytest.mark.parametrize(("number", "is_shown"), [(0, True), (1, False), (4, False), (5, True), (6, True)])
@pytest.mark.parametrize("name", ["rows_in", "rows_spread", "rows_out"])
def test_numbers_of_rows_from_one_to_the_threshold_are_withheld(name: str, number: int, is_shown: bool) -> None:
    assert shown({name: number}) == [({name: number}, []) if is_shown else ({}, [name])]


@pytest.mark.parametrize(("after", "is_shown"), [(20, True), (19, False), (16, False), (15, True), (24, False), (25, True), (0, True)])
def test_a_number_that_differs_by_few_from_the_last_one_that_was_shown_is_withheld(after: int, is_shown: bool) -> None:
    assert shown({"rows_in": 20}, {"rows_out": after})[1] == (({"rows_out": after}, []) if is_shown else ({}, ["rows_out"]))


def test_what_is_compared_is_the_last_number_shown_even_when_it_was_zero_or_withheld_in_between() -> None:
    assert [counts for counts, _ in shown({"rows_in": 0}, {"rows_in": 7}, {"rows_in": 9}, {"rows_in": 12})] == [
        {"rows_in": 0}, {"rows_in": 7}, {}, {"rows_in": 12},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({"rows_in": 20, "rows_out": 14, "dropped": 6}, {"rows_in": 20, "rows_out": 14, "dropped": 6}),
        ({"rows_in": 20, "rows_out": 20, "dropped": 0}, {"rows_in": 20, "rows_out": 20, "dropped": 0}),
        ({"rows_in": 20, "rows_out": 18, "dropped": 2}, {"rows_in": 20}),
        ({"rows_in": 20, "rows_out": 3, "dropped": 17}, {"rows_in": 20}),  # 20 - 17 would tell
        ({"rows_in": 2, "rows_out": 0, "dropped": 2}, {"rows_out": 0}),
        ({"dropped": 2, "columns": 3, "rows_in": 20}, {"columns": 3, "rows_in": 20}),
    ],
)
def test_a_loss_is_told_only_beside_both_numbers_and_when_it_is_not_small(counts: dict[str, int], expected: dict[str, int]) -> None:
    assert shown(counts) == [(expected, [name for name in counts if name not in expected])]


def test_counts_of_other_things_stay_and_so_do_the_details() -> None:
    (step,) = without_small_counts([StepRecord("derive", {"columns": 2, "rows_in": 3}, {"reason": "r"}, NOW, NOW)], 5)
    assert (step.counts, step.details) == ({"columns": 2}, {"reason": "r", "withheld": ["rows_in"]})
    (whole,) = without_small_counts([StepRecord("derive", {"columns": 2}, {"reason": "r"}, NOW, NOW)], 5)
    assert whole.details == {"reason": "r"}
