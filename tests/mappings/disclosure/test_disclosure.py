"""Attempts to learn a small count or its value from everything that a run leaves behind."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import polars as pl
import pytest

from mappings.disclosure.counts import without_small_counts
from mappings.journal import StepRecord
from tests.mappings.sinks import MemorySink

HEAD = "region,kind,amount\n"


def counts(run: Any) -> dict[str, dict[str, int]]:
    return {step.name: step.counts for step in run.steps}


def test_a_filter_that_drops_few_rows_does_not_say_how_many(small: Any) -> None:
    small.add("filters: [{keep: amount <> 99, reason: refused}]\ndisclosure: {min_units: 5}\n")
    sink = MemorySink()
    run = small.run(HEAD + "north,a,1\n" * 20 + "north,a,99\n" * 2, sink=sink, publish=True)
    assert counts(run)["filter"] == {"rows_in": 22}
    assert "rows_in" not in counts(run)["map"]
    step = next(step for step in run.steps if step.name == "filter")
    assert step.details["withheld"] == ["rows_out", "dropped"]
    record = sink.record
    assert not any({20, 2} & set(entry.counts.values()) for entry in record.steps)


def test_a_check_that_keeps_few_rows_out_does_not_say_how_many(small: Any) -> None:
    small.add("checks: [{expect: amount < 50, severity: error, message: too much}]\ndisclosure: {min_units: 5}\n")
    run = small.run(HEAD + "north,a,1\n" * 20 + "north,a,99\n" * 3)
    assert counts(run)["check rows"] == {"rows_in": 23}


def test_losses_that_are_large_enough_are_told_exactly(small: Any) -> None:
    small.add("filters: [{keep: amount <> 99, reason: refused}]\ndisclosure: {min_units: 5}\n")
    run = small.run(HEAD + "north,a,1\n" * 20 + "north,a,99\n" * 5)
    assert counts(run)["filter"] == {"rows_in": 25, "rows_out": 20, "dropped": 5}


def test_small_losses_cannot_be_found_by_differences_of_later_steps() -> None:
    now = datetime.now(UTC)
    chain = [100, 98, 97, 90]
    steps = [StepRecord("step", {"rows_in": before, "rows_out": after}, {}, now, now) for before, after in pairwise(chain)]
    shown = [number for step in without_small_counts(steps, 5) for number in step.counts.values()]
    assert shown == [100, 90]
    assert all(abs(a - b) == 0 or abs(a - b) >= 5 for a in shown for b in shown)


def test_a_source_of_few_rows_does_not_tell_their_number(small: Any) -> None:
    sink = MemorySink()
    run = small.add("disclosure: {min_units: 5}\n").run(HEAD + "north,a,1\n" * 3, sink=sink, publish=True)
    record = sink.record
    assert (record.source.rows, record.source.first_row, record.source.last_row) == (None, None, None)
    assert not any(3 in step.counts.values() for step in run.steps if step.name not in {"profile", "aggregate", "protect", "check", "read"})
    assert "rows_out" not in counts(run)["read"]


def test_rows_of_one_unit_count_once(small: Any) -> None:
    small.change("amount: {type: number}", "amount: {type: number}\n    household: {personal: true}")
    small.add("unit: household\ndisclosure: {min_units: 3}\n")
    same = "region,kind,amount,household\n" + "north,a,7,H1\n" * 5 + "north,a,7,H2\n" * 5
    assert set(small.run(same).observations["OBS_STATUS"]) == {"Q"}
    third = small.run(same + "north,a,7,H3\n").observations
    assert set(third["OBS_STATUS"]) == {"A"}
    assert set(third["OBS_VALUE"]) == {77}


def test_rows_without_an_id_are_units_of_their_own(small: Any) -> None:
    small.change("amount: {type: number}", "amount: {type: number}\n    household: {}")
    small.add("unit: household\ndisclosure: {min_units: 3}\n")
    run = small.run("region,kind,amount,household\nnorth,a,1,H1\nnorth,a,1,\nnorth,a,1,\n")
    assert set(run.observations["OBS_STATUS"]) == {"A"}


@pytest.mark.parametrize(("yes", "status"), [(0, "A"), (1, "Q"), (2, "Q"), (3, "A"), (17, "A"), (18, "Q"), (19, "Q"), (20, "A")])
def test_a_share_that_tells_a_small_count_is_suppressed(small: Any, yes: int, status: str) -> None:
    small.change("{statistic: sum, of: amount}", "{statistic: proportion, of: amount = 1, scale: 100}")
    run = small.add("disclosure: {min_units: 5, min_count: 3}\n").run(HEAD + "north,a,1\n" * yes + "north,a,0\n" * (20 - yes))
    assert set(run.observations["OBS_STATUS"]) == {status}
    assert run.observations["OBS_VALUE"].null_count() == (run.observations.height if status == "Q" else 0)


@pytest.mark.parametrize("statistic", ["min", "max"])
def test_the_value_of_one_unit_needs_a_reason(small: Any, statistic: str) -> None:
    small.change("statistic: sum", f"statistic: {statistic}").add("disclosure: {min_units: 5}\n")
    assert any("tells the value of one unit" in problem for problem in small.lint())
    small.change("of: amount}", "of: amount, extremes_on_purpose: years of construction are public}")
    assert small.lint() == []


def test_weights_and_numerators_of_small_cells_are_nowhere(small: Any) -> None:
    small.change("{statistic: sum, of: amount}", "{statistic: mean, of: amount, weight: amount * 7}")
    small.add("disclosure: {min_units: 3, comment: Suppressed}\nflags: [{when: numerator > 1, set: {COMMENT_OBS: many}}]\n")
    sink = MemorySink()
    run = small.run(HEAD + "north,a,10\n" * 9 + "south,b,4001\n" * 2, sink=sink, publish=True)
    told = json.dumps(run.to_document()) + run.observations.write_csv() + repr(run)
    told += sink.told()
    assert "4001" not in told
    assert str(4001 * 7) not in told
    south = run.observations.filter(pl.col("REGION") == "S")
    assert set(south["COMMENT_OBS"]) == {"Suppressed"}
    assert set(south["OBS_VALUE"]) == {None}


def test_observations_carry_nothing_but_components(small: Any) -> None:
    run = small.add("disclosure: {min_units: 3}\n").run(HEAD + "north,a,10\n" * 9 + "south,b,4001\n" * 2)
    assert set(run.observations.columns) <= {component.id for component in run.schema.components}


def test_a_suppressed_count_that_is_a_total_less_its_parts_is_told(small: Any) -> None:
    small.change("{statistic: sum, of: amount}", "{statistic: count}").add("disclosure: {min_units: 3}\n")
    run = small.run(HEAD + "north,a,1\n" * 9 + "south,a,1\n" * 2)
    told = {f.component: f.count for f in run.findings if f.code == "suppression-can-be-undone"}
    assert told == {"REGION": 2}
    assert run.publishable
    several = small.run(HEAD + "north,a,1\n" * 2 + "south,a,1\n" * 2)
    assert not [f for f in several.findings if f.component == "REGION"]


def test_shares_are_not_additive(small: Any) -> None:
    small.change("{statistic: sum, of: amount}", "{statistic: proportion, of: amount = 1}").add("disclosure: {min_units: 3}\n")
    assert small.run(HEAD + "north,a,1\n" * 9 + "south,a,1\n" * 2).findings == ()
