"""Two rules of disclosure control together: each alone is tested elsewhere."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest


def total(run: Any) -> dict[str, Any]:
    found = run.observations.filter((pl.col("REGION") == "_T") & (pl.col("KIND") == "_T"))
    return dict(next(found.iter_rows(named=True)))


def row_counts(run: Any) -> list[tuple[str, dict[str, int]]]:
    chain = ("rows_in", "rows_spread", "rows_out")
    return [(step.name, {name: step.counts[name] for name in chain if name in step.counts}) for step in run.steps if step.name == "reshape"]


@pytest.mark.parametrize(("missing", "value"), [(False, 2.0), (True, None)])
def test_a_unit_whose_argument_is_missing_does_not_protect_the_others(small: Any, missing: bool, value: float | None) -> None:
    """Unit × missing argument: three houses answer, but one of them not this question."""
    small.change("kind: {}", "kind: {}\n    house: {}").change("statistic: sum, of: amount", "statistic: mean, of: amount, decimals: 1")
    small.add("unit: house\ndisclosure: {min_units: 3}\n")
    third = "" if missing else "2"
    run = small.run(f"region,kind,amount,house\nnorth,a,1,h1\nnorth,a,3,h1\nnorth,a,2,h2\nnorth,a,{third},h3\nnorth,a,{third},h3\n")
    assert (total(run)["OBS_VALUE"], total(run)["OBS_STATUS"]) == (value, "A" if value else "Q")


@pytest.mark.parametrize(("third", "value"), [("1", 100.0), ("0", None), ("", None)])
def test_shares_count_the_units_that_answer_and_not_their_rows(small: Any, third: str, value: float | None) -> None:
    """Unit × missing argument × min_count: a share of all but one unit tells of that unit, however many rows it has."""
    small.change("kind: {}", "kind: {}\n    house: {}")
    small.change("statistic: sum, of: amount", "statistic: proportion, of: amount = 1, scale: 100, decimals: 1")
    small.add("unit: house\ndisclosure: {min_units: 3, min_count: 2}\n")
    run = small.run(f"region,kind,amount,house\nnorth,a,1,h1\nnorth,a,1,h1\nnorth,a,1,h2\nnorth,a,{third},h3\nnorth,a,{third},h3\n")
    assert total(run)["OBS_VALUE"] == value


def test_cells_left_out_when_columns_become_rows_are_not_told_when_they_are_few(small: Any) -> None:
    """Withheld counts × reshape: 10 rows × 2 columns make 20 cells; 18 left would say that two were empty."""
    small.change("    region: {}\n    kind: {}\n    amount: {type: number}\n", "    kind: {}\n    region: {}\n    amount: {type: number}\n")
    small.change("  columns:\n", "  unpivot: {columns: [north, south], name: region, value: amount}\n  columns:\n")
    source = "kind,north,south\n" + "a,1,2\n" * 8 + "a,,2\na,1,\n"
    assert row_counts(small.run(source)) == [("reshape", {"rows_in": 10, "rows_spread": 20, "rows_out": 18})]
    small.add("disclosure: {min_units: 5}\n")
    run = small.run(source)
    assert row_counts(run) == [("reshape", {"rows_in": 10, "rows_spread": 20})]
    assert 18 not in [number for step in run.steps for number in step.counts.values()]


@pytest.mark.parametrize(("unknown", "shown"), [(2, []), (6, [14])])
def test_rows_that_lookups_leave_out_are_not_told_when_they_are_few(small: Any, unknown: int, shown: list[int]) -> None:
    (small.folder / "areas.csv").write_text("name,area\nN1,north\n", encoding="utf-8")
    (small.folder / "more.csv").write_text("area,more\nnorth,x\n", encoding="utf-8")
    lookups = "[{file: areas.csv, on: {place: name}, take: {region: area}}, {file: more.csv, on: {region: area}, take: {more: more}}]"
    small.change("    region: {}\n", "    place: {}\n").change("  columns:\n", f"  lookups: {lookups}\n  columns:\n")
    small.add("disclosure: {min_units: 5}\n")
    run = small.run("place,kind,amount\n" + "N1,a,1\n" * (20 - unknown) + "N9,a,1\n" * unknown)
    counted = {number for step in run.steps for name, number in step.counts.items() if name in {"rows_in", "rows_out"}}
    assert sorted(counted - {20}) == shown
