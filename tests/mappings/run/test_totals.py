"""Totals that a recipe declares are published."""

from __future__ import annotations

from typing import Any

import pytest

SOURCE = "region,kind,amount\nnorth,a,1\nsouth,a,2\nsouth,b,4\n"


def cells(run: Any) -> dict[tuple[str, str], float]:
    return {(r["REGION"], r["KIND"]): r["OBS_VALUE"] for r in run.observations.iter_rows(named=True)}


def test_a_declared_total_is_published_without_a_totals_block(small: Any) -> None:
    with_block = cells(small.run(SOURCE))
    assert cells(small.change("totals: {groupings: all}\n", "").run(SOURCE)) == with_block
    assert with_block[("_T", "_T")] == 7


def test_only_dimensions_with_a_total_are_summed_up(small: Any) -> None:
    small.change("totals: {groupings: all}\n", "").change("_U, total: _T", "_U")
    assert cells(small.run(SOURCE)) == {("N", "A"): 1, ("S", "A"): 2, ("S", "B"): 4, ("_T", "A"): 3, ("_T", "B"): 4}


def test_answers_without_a_total_stay_broken_down_in_every_grouping(small: Any) -> None:
    small.change("{column: kind, codes: {a: A, b: B}, missing: _U, total: _T}", "{multi_select: kinds}")
    small.add("multi_select: {kinds: {column: kind, delimiter: ';', options: {a: A, b: B}}}\n")
    run = small.run("region,kind,amount\nnorth,a;b,1\nsouth,a,2\n")
    assert cells(run) == {("N", "A"): 1, ("N", "B"): 1, ("S", "A"): 2, ("_T", "A"): 3, ("_T", "B"): 1}


@pytest.mark.parametrize(
    ("changes", "at"),
    [
        ([("groupings: all", "groupings: [[REGION, KIND], [REGION]]")], "components.REGION.total: no grouping"),
        ([("statistic: sum", "statistic: value"), ("totals: {groupings: all}\n", "")], "components.REGION.total: rows taken as they stand"),
    ],
)
def test_a_total_that_would_never_be_published_is_a_problem(small: Any, changes: list[tuple[str, str]], at: str) -> None:
    for old, new in changes:
        small.change(old, new)
    assert any(at in problem for problem in small.lint())


@pytest.mark.parametrize("kind", ["{}", "{type: number}"])
def test_counting_a_column_counts_the_rows_in_which_it_is_there(small: Any, kind: str) -> None:
    small.change("    kind: {}\n", f"    kind: {{}}\n    answer: {kind}\n").change(
        "statistic: sum, of: amount", "statistic: count, of: answer"
    )
    run = small.run("region,kind,amount,answer\nnorth,a,1,7\nnorth,a,1,\nsouth,a,1,9\n")
    assert cells(run)[("_T", "_T")] == 2


def test_counting_texts_over_rows(small: Any) -> None:
    small.change("of: amount", "of: named").add("derive: [{column: named, statistic: count, of: kind, within: [region]}]\n")
    assert cells(small.run("region,kind,amount\nnorth,a,1\nnorth,,1\nsouth,b,1\n"))[("_T", "_T")] == 3


def test_counting_a_condition_is_told(small: Any) -> None:
    small.change("statistic: sum, of: amount", "statistic: count, of: amount > 1")
    assert any("is a condition" in problem for problem in small.lint())
