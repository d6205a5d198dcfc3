"""A run from source to observations: statistics, flags, what is kept out and told, dry run and publishing."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from mappings.errors import MappingFailed
from mappings.ports import Effect, Publication
from tests.mappings.sinks import MemorySink

SOURCE = "region,kind,amount\nnorth,a,1\nnorth,b,2\nsouth,a,4\nsouth,,8\n"


def values(run: Any) -> dict[tuple[str, str], float | None]:
    return {(r["REGION"], r["KIND"]): r["OBS_VALUE"] for r in run.observations.iter_rows(named=True)}


def test_totals_over_all_margins(small: Any) -> None:
    assert values(small.run(SOURCE)) == {
        ("N", "A"): 1, ("N", "B"): 2, ("N", "_T"): 3, ("S", "A"): 4, ("S", "_U"): 8, ("S", "_T"): 12,
        ("_T", "A"): 5, ("_T", "B"): 2, ("_T", "_U"): 8, ("_T", "_T"): 15,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("indicator", "expected"),
    [
        ("{statistic: count}", 4),
        ("{statistic: count, among: amount > 1}", 3),
        ("{statistic: count, weight: amount}", 15),
        ("{statistic: mean, of: amount}", 3.75),
        ("{statistic: mean, of: amount, weight: amount}", 85 / 15),
        ("{statistic: median, of: amount}", 3),
        ("{statistic: min, of: amount}", 1),
        ("{statistic: max, of: amount}", 8),
        ("{statistic: proportion, of: amount > 3, scale: 100}", 50),
        ("{statistic: proportion, of: amount > 3, weight: amount}", 12 / 15),
        ("{statistic: proportion, of: kind = 'a'}", 2 / 3),
        ("{statistic: ratio, of: amount, to: amount * 3, decimals: 2}", 0.33),
        ("{statistic: sum, of: amount * 2, among: region = 'south'}", 24),
    ],
)
def test_statistics(small: Any, indicator: str, expected: float) -> None:
    small.change("{statistic: sum, of: amount}", indicator).change("totals: {groupings: all}", "totals: {groupings: [[]]}")
    assert values(small.run(SOURCE)) == {("_T", "_T"): pytest.approx(expected)}


def test_unmapped_values_are_told_with_row_and_value_and_never_changed(small: Any) -> None:
    run = small.run(SOURCE + "west,a,16\nwest,b,32\n")
    (finding,) = [f for f in run.findings if f.code == "unmapped-value"]
    assert (finding.row, finding.value, finding.count, finding.component) == (6, "west", 2, "REGION")
    assert run.rejected["row"].to_list() == [6, 7]
    assert values(run)["_T", "_T"] == 15
    assert run.publishable


def test_a_stated_default_takes_all_other_values(small: Any) -> None:
    small.change("codes: {a: A, b: B}", "codes: {a: A}, default: B")
    assert values(small.run("region,kind,amount\nnorth,zebra,2\n"))["N", "B"] == 2


def test_text_where_a_number_should_be_keeps_the_row_out(small: Any) -> None:
    run = small.run(SOURCE + "north,a,many\n")
    (finding,) = [f for f in run.findings if f.code == "not-a-number"]
    assert (finding.row, finding.value, finding.column) == (6, "many", "amount")
    assert values(run)["_T", "_T"] == 15


def test_values_of_personal_columns_stay_out_of_findings(small: Any) -> None:
    small.change("amount: {type: number}", "amount: {type: number, max: 10, personal: true}")
    run = small.run(SOURCE + "north,a,4711\n")
    assert "4711" not in str(run.to_document())
    assert [f.code for f in run.findings if f.row == 6] == ["value-out-of-range"]


def test_a_missing_column_stops_the_run_with_a_suggestion(small: Any) -> None:
    with pytest.raises(MappingFailed, match="no column 'amount'; is it 'amounts' now"):
        small.run("region,kind,amounts\nnorth,a,1\n")


def test_new_columns_are_reported_as_drift(small: Any) -> None:
    run = small.run("region,kind,amount,extra\nnorth,a,1,x\n")
    assert [f.column for f in run.findings if f.code == "unexpected-column"] == ["extra"]


def test_rows_that_look_like_totals_are_reported(small: Any) -> None:
    small.change("codes: {a: A, b: B}", "codes: {a: A, b: B, Total: A}")
    run = small.run(SOURCE + "north,Total,3\n")
    assert [(f.row, f.value) for f in run.findings if f.code == "total-in-source"] == [(6, "Total")]


def test_filters_checks_and_duplicates_are_counted(small: Any) -> None:
    small.add(
        "filters: [{keep: amount < 8, reason: too large}]\n"
        "checks: [{expect: amount <> 4, severity: error, message: four}]\n"
        "deduplicate: [{key: [region, kind], order_by: [amount], keep: first, reason: once}]\n"
    )
    run = small.run("region,kind,amount\nnorth,a,3\nnorth,a,1\nsouth,a,4\nsouth,,7\nsouth,,6\nnorth,b,9\n")
    steps = {step.name: step.counts for step in run.steps}
    assert steps["filter"] == {"rows_in": 5, "rows_out": 4, "dropped": 1}
    assert steps["deduplicate"] == {"rows_in": 4, "rows_out": 3, "dropped": 1}
    assert values(run)["_T", "_T"] == 1 + 7 + 6
    assert run.rejected.select("row", "code", "message").rows() == [(4, "row-check", "four")]


def test_the_first_matching_flag_rule_wins(small: Any) -> None:
    small.add("flags: [{when: n < 2, set: {OBS_STATUS: U}}, {when: value > 3, set: {OBS_STATUS: P}}]\n")
    statuses = {(r["REGION"], r["KIND"]): r["OBS_STATUS"] for r in small.run(SOURCE).observations.iter_rows(named=True)}
    assert (statuses["S", "A"], statuses["_T", "_T"], statuses["N", "_T"]) == ("U", "P", "A")


def test_several_statuses_go_by_hierarchy_and_the_others_into_the_comment(small: Any) -> None:
    small.add("flags: [{when: n < 2, set: {OBS_STATUS: U}}, {when: value > 3, set: {OBS_STATUS: B}}]\nstatus_hierarchy: [B, U]\n")
    rows = {(r["REGION"], r["KIND"]): (r["OBS_STATUS"], r["COMMENT_OBS"]) for r in small.run(SOURCE).observations.iter_rows(named=True)}
    assert rows["S", "A"][0] == "B"
    assert rows["S", "A"][1].startswith("Also U (")
    assert rows["N", "A"] == ("U", None)
    assert rows["N", "_T"] == ("A", None)


@pytest.mark.parametrize(("to", "expected"), [("A", "2023"), ("S", "2023-S2"), ("Q", "2023-Q3"), ("M", "2023-07"), ("D", "2023-07-31")])
def test_dates_become_periods(small: Any, to: str, expected: str) -> None:
    small.change("kind: {}", "kind: {}\n    day: {type: date, format: '%d/%m/%Y'}")
    small.change("{value: 2023}", f"{{column: day, time: {{to: {to}}}}}")
    run = small.run("region,kind,amount,day\nnorth,a,1,31/07/2023\nnorth,a,1,07/31/2023\n")
    assert set(run.observations["TIME_PERIOD"]) == {expected}
    assert [(f.row, f.value) for f in run.findings if f.code == "not-a-date"] == [(3, "07/31/2023")]


def test_rows_taken_as_they_stand_know_their_row(small: Any) -> None:
    small.change("statistic: sum", "statistic: value").change("totals: {groupings: all}\n", "").change(", total: _T}\n  KIND", "}\n  KIND")
    small.change("missing: _U, total: _T", "missing: _U")
    run = small.run(SOURCE)
    assert run.observations["_row"].sort().to_list() == [2, 3, 4, 5]
    assert run.publishable


def test_double_keys_and_blank_values_forbid_publishing(small: Any) -> None:
    small.change("statistic: sum", "statistic: value").change("totals: {groupings: all}\n", "").change(", total: _T}\n  KIND", "}\n  KIND")
    small.change("missing: _U, total: _T", "missing: _U")
    sink = MemorySink()
    run = small.run("region,kind,amount\nnorth,a,1\nnorth,a,2\nsouth,a,\n", sink=sink, publish=True)
    assert {f.code for f in run.refusals} == {"duplicate-observation", "normal-status-without-value"}
    assert not run.published
    assert not sink.published


def test_a_dry_run_says_what_would_happen_and_stores_nothing(small: Any) -> None:
    sink = MemorySink()
    run = small.run(SOURCE, sink=sink)
    assert run.effect == Effect(inserted=9, updated=1)
    assert not run.published
    assert not sink.published


def test_publishing_hands_over_the_mode_of_the_recipe(small: Any) -> None:
    sink = MemorySink()
    run = small.change("structures: ", "publication: replace\nstructures: ").run(SOURCE, sink=sink, publish=True)
    assert [(publication, batch.height) for publication, batch in sink.published] == [(Publication.REPLACE, 10)]
    assert run.published
    assert run.to_document()["effect"]["inserted"] == 10


def test_several_measures_of_one_key_become_one_observation(small: Any) -> None:
    small.structures_text = small.structures_text.replace("  attributes:\n", "    UPPER: {type: Double}\n  attributes:\n")
    small.change("of: amount}", "of: amount}\n  TOP: {statistic: max, of: amount, measure: UPPER}")
    total = small.run(SOURCE).observations.filter((pl.col("REGION") == "_T") & (pl.col("KIND") == "_T"))
    assert total.select("OBS_VALUE", "UPPER", "OBS_STATUS").rows() == [(15.0, 8.0, "A")]


def test_columns_of_the_source_may_be_called_anything(small: Any) -> None:
    small.change("amount: {type: number}", "amount: {type: number}\n    _c0: {type: number}\n    value: {type: number}\n    n: {}")
    small.change("of: amount", "of: _c0 + value")
    run = small.run("region,kind,amount,_c0,value,n\nnorth,a,1,10,100,x\nsouth,b,2,20,200,y\n")
    assert values(run)["_T", "_T"] == 330
