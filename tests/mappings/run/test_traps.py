"""Traps of citizen data that have no test elsewhere: what is formally right and still wrong."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from mappings.errors import InvalidRecipe
from mappings.structures.building import build_structures

HEAD = "region,kind,amount\n"


def test_a_local_list_cannot_call_itself_a_global_one(small: Any) -> None:
    small.structures_text = small.structures_text.replace("agency: LOCAL", "agency: IAEG-SDGs")
    (small.folder / "structures.yaml").write_text(small.structures_text, encoding="utf-8")
    with pytest.raises(InvalidRecipe, match=r"structures\.yaml:2: agency: IAEG-SDGs maintains its own artefacts"):
        build_structures(small.folder / "structures.yaml")


def test_two_statuses_in_one_cell_are_never_cut_to_one(small: Any) -> None:
    small.change("statistic: sum", "statistic: value").change("totals: {groupings: all}\n", "").change("S}, total: _T}", "S}}")
    small.change("missing: _U, total: _T", "missing: _U").change("amount: {type: number}", "amount: {type: number}\n    status: {}")
    small.change("OBS_STATUS: {value: A}", "OBS_STATUS: {column: status, codes: {Normal: A, Break: B}}")
    run = small.run("region,kind,amount,status\nnorth,a,1,Normal\nnorth,b,2,Low reliability; Break\n")
    assert [(f.code, f.value) for f in run.findings] == [("unmapped-value", "Low reliability; Break")]
    assert run.observations.height == 1


def test_an_empty_cell_is_neither_zero_nor_a_category(small: Any) -> None:
    small.change("statistic: sum", "statistic: mean").change("missing: _U, ", "")
    run = small.run(HEAD + "north,a,4\nnorth,a,\nnorth,,8\n")
    assert {r["KIND"]: r["OBS_VALUE"] for r in run.observations.iter_rows(named=True) if r["REGION"] == "N"} == {"A": 4, "_T": 4}
    assert [f.code for f in run.findings if f.severity == "error"] == ["missing-dimension"]


@pytest.mark.parametrize(("text", "told"), [("TRUE", True), ("FALSE", True), ("1 234", True), ("0x10", True), ("NaN", True), ("inf", True)])
def test_what_a_spreadsheet_made_of_a_number_is_told(small: Any, text: str, told: bool) -> None:
    run = small.run(HEAD + f"north,a,{text}\nnorth,a,1\n")
    assert ("not-a-number" in {f.code for f in run.findings}) is told
    assert run.rejected["row"].to_list() == [2]


@pytest.mark.parametrize("text", ["31/07/23", "44927", "7/2023", "approx. 2020"])
def test_dates_that_leave_something_open_are_refused(small: Any, text: str) -> None:
    small.change("kind: {}", "kind: {}\n    day: {type: date}").change("{value: 2023}", "{column: day, time: {to: A}}")
    run = small.run(f"region,kind,amount,day\nnorth,a,1,{text}\nnorth,a,1,2023-07-31\n")
    assert [(f.code, f.value) for f in run.findings if f.severity == "error"] == [("not-a-date", text)]


def test_the_same_name_in_two_countries_becomes_two_areas(small: Any) -> None:
    small.change("region: {}", "region: {}\n    country: {}")
    small.change("column: region, codes: {north: N, south: S}", "column: place, codes: {KE central: N, UG central: S}")
    small.add("derive: [{column: place, value: \"country || ' ' || region\"}]\n")
    run = small.run("region,country,kind,amount\ncentral,KE,a,1\ncentral,UG,a,2\n")
    found = run.observations.filter(pl.col("KIND") == "_T")
    assert dict(found.select("REGION", "OBS_VALUE").iter_rows()) == {"N": 1, "S": 2, "_T": 3}


def test_edited_submissions_count_once_and_the_latest_of_them(small: Any) -> None:
    small.change("region: {}", "region: {}\n    uuid: {}\n    version: {type: number}")
    small.add("deduplicate: [{key: [uuid], order_by: [version], keep: last, reason: edited submissions}]\n")
    run = small.run("region,uuid,version,kind,amount\nnorth,u1,2,a,5\nnorth,u1,1,a,1\nnorth,u2,1,a,7\nnorth,,1,a,9\n")
    assert run.observations.filter((pl.col("REGION") == "_T") & (pl.col("KIND") == "_T"))["OBS_VALUE"].to_list() == [21]


def test_free_text_is_named_and_never_exported(small: Any) -> None:
    story = "She told the volunteers a long story number"
    rows = "".join(f"north,a,1,{story} {number}\n" for number in range(40))
    run = small.change("amount: {type: number}", "amount: {type: number}\n    remarks: {}").run("region,kind,amount,remarks\n" + rows)
    step = next(step for step in run.steps if step.name == "profile")
    assert step.details["may_be_personal"] == ["remarks"]
    assert story not in str(run.to_document()) + run.observations.write_csv()


def test_a_code_that_was_removed_is_found_in_older_data(small: Any) -> None:
    small.structures_text = small.structures_text.replace(", S: South", "")
    problems = small.lint()
    assert any("recipe.yaml:" in problem and "S is not a code of CL_REGION" in problem for problem in problems)
