"""Tables in the shapes in which citizen data come: wide, relational, aggregated already, one column per answer."""

from __future__ import annotations

from typing import Any

import openpyxl
import polars as pl
import pytest

from mappings.errors import InvalidRecipe, MappingFailed
from mappings.run.pipeline import run_recipe

AS_IT_STANDS = (
    ("statistic: sum", "statistic: value"),
    ("totals: {groupings: all}\n", ""),
    ("codes: {north: N, south: S}, total: _T", "codes: {north: N, south: S}, missing: _T"),
    ("missing: _U, total: _T", "missing: _T"),
)


def as_it_stands(small: Any) -> Any:
    for old, new in AS_IT_STANDS:
        small.change(old, new)
    return small


def by_region(run: Any) -> dict[str, float]:
    return {r["REGION"]: r["OBS_VALUE"] for r in run.observations.filter(pl.col("KIND") == "_T").iter_rows(named=True)}


def wide(small: Any) -> Any:
    small.change("    region: {}\n    kind: {}\n", "    day: {type: date, format: ['%d-%m-%Y', '%Y-%m-%d']}\n    region: {}\n")
    small.change("  columns:\n", "  unpivot: {columns: [north, south], name: region, value: amount}\n  columns:\n")
    return small.change("{column: kind, codes: {a: A, b: B}, missing: _U, total: _T}", "{value: _T}")


def test_a_column_per_area_becomes_a_row_per_area(small: Any) -> None:
    run = wide(small).run("day,north,south\n01-02-2023,1,10\n2023-02-02,2,\n")
    assert by_region(run) == {"N": 3, "S": 10, "_T": 13}
    step = next(step for step in run.steps if step.name == "reshape")
    assert (step.counts["rows_in"], step.counts["rows_out"]) == (2, 3)


def test_cumulative_figures_become_differences_within_each_area(small: Any) -> None:
    wide(small).change("of: amount", "of: new").change("{value: 2023}", "{column: day, time: {to: D}}")
    small.add("derive: [{column: new, statistic: difference, of: amount, within: [region], order_by: [day]}]\n")
    run = small.run("day,north,south\n2023-02-02,4,9\n2023-02-01,1,10\n2023-02-05,9,12\n")
    found = {(r["REGION"], r["TIME_PERIOD"][-2:]): r["OBS_VALUE"] for r in run.observations.iter_rows(named=True) if r["REGION"] != "_T"}
    assert found == {("N", "01"): 1, ("N", "02"): 3, ("N", "05"): 5, ("S", "01"): 10, ("S", "02"): -1, ("S", "05"): 3}


def test_the_first_difference_can_be_left_out(small: Any) -> None:
    wide(small).change("of: amount", "of: new")
    small.add("derive: [{column: new, statistic: difference, of: amount, within: [region], order_by: [day], first: missing}]\n")
    assert by_region(small.run("day,north,south\n2023-02-01,5,7\n2023-02-02,6,9\n")) == {"N": 1, "S": 2, "_T": 3}


def test_a_column_that_unpivot_names_must_exist(small: Any) -> None:
    with pytest.raises(MappingFailed, match="no column 'south', which unpivot names"):
        wide(small).run("day,north\n2023-02-01,5\n")


def test_sums_per_survey_count_each_survey_once(small: Any) -> None:
    small.change("of: amount", "of: whole").change("statistic: sum", "statistic: median")
    small.add(
        "derive: [{column: whole, statistic: sum, of: amount, within: [region, kind]}]\n"
        "deduplicate: [{key: [region, kind], keep: first, reason: one row per survey}]\n"
    )
    run = small.run("region,kind,amount\nnorth,a,1\nnorth,a,2\nnorth,b,10\nsouth,a,5\n")
    assert by_region(run) == {"N": 6.5, "S": 5, "_T": 5}


def with_lookup(small: Any, rule: str, table: str) -> Any:
    (small.folder / "places.csv").write_text(table, encoding="utf-8")
    small.change("    region: {}\n", "    place: {}\n    region: {}\n")
    return small.change(
        "  columns:\n", f"  lookups: [{{file: places.csv, on: {{place: name}}, take: {{region: area}}{rule}}}]\n  columns:\n"
    )


def test_facts_of_another_table_are_joined_by_key(small: Any) -> None:
    run = with_lookup(small, "", "name,area\nx ,north\ny,south\n").run("place,kind,amount\nx,a,1\n y,a,2\nz,a,4\n")
    assert by_region(run) == {"N": 1, "S": 2, "_T": 3}
    assert [(f.code, f.severity, f.row, f.count) for f in run.findings if f.code == "unmatched-lookup"] == [
        ("unmatched-lookup", "error", 4, 1)
    ]
    assert run.rejected.select("row", "code").rows() == [(4, "unmatched-lookup")]


def test_lookups_can_ignore_case_and_leave_rows_that_find_nothing(small: Any) -> None:
    with_lookup(small, ", ignore_case: true, unmatched: ignore", "name,area\nX,north\n").change(
        "south: S}, total", "south: S}, missing: S, total"
    )
    assert by_region(small.run("place,kind,amount\nx,a,1\nz,a,4\n")) == {"N": 1, "S": 4, "_T": 5}


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        ("name,area\nx,north\nx,south\n", "places.csv:2: name stands there more than once"),
        ("nome,area\nx,north\n", "places.csv has no column 'name'"),
    ],
)
def test_a_lookup_table_that_does_not_fit_stops_the_run(small: Any, table: str, complaint: str) -> None:
    with pytest.raises(MappingFailed, match=complaint):
        with_lookup(small, "", table).run("place,kind,amount\nx,a,1\n")


def test_blanks_that_mean_totals_and_texts_of_statuses(small: Any) -> None:
    as_it_stands(small).change("amount: {type: number}", "amount: {type: number}\n    status: {}")
    small.change("OBS_STATUS: {value: A}", "OBS_STATUS: {column: status, codes: {Normal value: A, Missing value; suppressed: Q}}")
    run = small.run("region,kind,amount,status\n,,5,Normal value\nnorth,,3,Normal value\nnorth,a,,Missing value; suppressed\n")
    assert run.publishable
    found = {(r["REGION"], r["KIND"]): (r["OBS_VALUE"], r["OBS_STATUS"]) for r in run.observations.iter_rows(named=True)}
    assert found == {("_T", "_T"): (5.0, "A"), ("N", "_T"): (3.0, "A"), ("N", "A"): (None, "Q")}


def test_a_row_called_total_is_right_where_rows_stand_as_they_are(small: Any) -> None:
    as_it_stands(small).change("{a: A, b: B}", "{a: A, b: B, Total: _T}")
    assert not [f for f in small.run("region,kind,amount\nnorth,Total,5\n").findings if f.code == "total-in-source"]


def test_confidence_bounds_stand_beside_the_value_and_double_rows_are_not_merged(small: Any) -> None:
    small.structures_text = small.structures_text.replace("  attributes:\n", "    UPPER: {type: Double}\n  attributes:\n")
    as_it_stands(small).change("amount: {type: number}", "amount: {type: number}\n    upper: {type: number}")
    small.change("of: amount}", "of: amount}\n  TOP: {statistic: value, of: upper, measure: UPPER}")
    run = small.run("region,kind,amount,upper\nnorth,a,1,2\n")
    assert run.observations.select("OBS_VALUE", "UPPER").rows() == [(1.0, 2.0)]
    doubled = small.run("region,kind,amount,upper\nnorth,a,1,2\nnorth,a,3,4\n")
    assert {f.code for f in doubled.refusals} == {"duplicate-observation"}


def test_answers_in_columns_of_their_own(small: Any) -> None:
    small.change("    kind: {}\n", "    kind/a: {}\n    kind/b: {}\n")
    small.change("{column: kind, codes: {a: A, b: B}, missing: _U, total: _T}", "{multi_select: kinds, total: _T}")
    small.add("multi_select: {kinds: {columns: {kind/a: A, kind/b: B}, missing: _U, none: _U}}\n")
    run = small.run("region,kind/a,kind/b,amount\nnorth,TRUE,1,1\nnorth,FALSE,true,2\nnorth,,,4\nnorth,0,0,8\n")
    north = {r["KIND"]: r["OBS_VALUE"] for r in run.observations.iter_rows(named=True) if r["REGION"] == "N"}
    assert north == {"A": 1, "B": 3, "_U": 12, "_T": 15}


@pytest.mark.parametrize(
    ("declaration", "text", "value"),
    [
        ("{type: number, strip: '%'}", "12%", 12),
        ("{type: number, strip: ['$', 'USD']}", "USD $1.5", 1.5),
        ('{type: number, thousands: ","}', '"1,234,567.5"', 1234567.5),
        ('{type: number, thousands: ".", decimal: ","}', '"1.234,5"', 1234.5),
        ('{type: number, decimal: ","}', '"0,5"', 0.5),
        ("{type: number}", "5e+05", 500000),
        ("{type: number, missing: ['-', '..']}", "..", None),
        ("{type: number, missing: '-'}", " - ", None),
    ],
)
def test_numbers_as_people_write_them(small: Any, declaration: str, text: str, value: float | None) -> None:
    run = small.change("amount: {type: number}", f"amount: {declaration}").run(f"region,kind,amount\nnorth,a,{text}\nnorth,a,0\n")
    assert run.rejected.is_empty()
    assert by_region(run)["N"] == (value or 0)


@pytest.mark.parametrize("text", ["[1]", ":", "12 [a]", '"1,5"', '"12,34"', "approx. 40", "FALSE"])
def test_footnotes_and_ambiguous_numbers_are_never_read_as_numbers(small: Any, text: str) -> None:
    run = small.change("amount: {type: number}", 'amount: {type: number, thousands: ","}').run(
        f"region,kind,amount\nnorth,a,{text}\nnorth,a,1\n"
    )
    assert [f.code for f in run.findings if f.severity == "error"] == ["not-a-number"]
    assert by_region(run)["N"] == 1


def test_a_number_inside_a_text_is_read_by_a_derived_column(small: Any) -> None:
    small.change("amount: {type: number}", "amount: {}").change("of: amount", "of: number")
    small.add("derive: [{column: number, value: \"replace(amount, 'approx. ', '')\", type: number}]\n")
    run = small.run("region,kind,amount\nnorth,a,approx. 40\nnorth,a,2\nnorth,a,many\n")
    assert by_region(run)["N"] == 42
    assert [(f.code, f.value) for f in run.findings] == [("not-a-number", "many")]


def test_whole_numbers_become_codes_without_decimals(small: Any) -> None:
    small.change("kind: {}", "kind: {type: number}\n    year: {type: number}").change("{a: A, b: B}", "{'1': A, '2': B}")
    small.change("{value: 2023}", "{column: year}")
    run = small.run("region,kind,amount,year\nnorth,1,5,2023\nnorth,2.0,6,2023\n")
    assert run.publishable
    assert set(run.observations["TIME_PERIOD"]) == {"2023"}


def test_weeks_follow_the_iso_calendar(small: Any) -> None:
    small.change("kind: {}", "kind: {}\n    day: {type: date}").change("{value: 2023}", "{column: day, time: {to: W}}")
    run = small.run("region,kind,amount,day\nnorth,a,1,2021-01-03\nnorth,a,1,2021-01-04\n")
    assert set(run.observations["TIME_PERIOD"]) == {"2020-W53", "2021-W01"}


def codes_file(small: Any, content: str) -> Any:
    (small.folder / "map.csv").write_text(content, encoding="utf-8")
    return small.change(
        "codes: {a: A, b: B}", "codes: {b: B}, codes_file: {file: map.csv, text: Text, code: Value, where: {Dimension: KIND}}"
    )


def test_codes_come_from_a_map_that_exists_already(small: Any) -> None:
    codes_file(small, "Text,Dimension,Value\na,KIND,A\nb,KIND,A\nc,KIND,ELSEWHERE\na,OTHER,X\n")
    assert small.lint() == []
    run = small.run("region,kind,amount\nnorth,a,1\nnorth,b,2\n")
    assert {r["KIND"]: r["OBS_VALUE"] for r in run.observations.iter_rows(named=True) if r["REGION"] == "N"} == {"A": 1, "B": 2, "_T": 3}
    assert [f.code for f in small.run("region,kind,amount\nnorth,c,1\n").refusals] == ["unknown-code"]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("Text,Dimension,Code\na,KIND,A\n", "map.csv has no column 'Value'"),
        ("Text,Dimension,Value\na,KIND,A\na,KIND,B\n", "map.csv:3: 'a' has the code 'A' above and 'B' here"),
        ("Text,Dimension,Value\na,KIND,not an id\n", "map.csv:2: 'not an id' is not an id"),
        ("Text,Dimension,Value\na,OTHER,A\n", "no rows to take codes from"),
    ],
)
def test_a_code_map_that_cannot_be_used_is_told_with_file_and_line(small: Any, content: str, complaint: str) -> None:
    with pytest.raises(InvalidRecipe, match=complaint) as caught:
        codes_file(small, content).load()
    assert caught.value.problems[0].startswith("recipe.yaml:")


def test_the_digest_of_a_recipe_covers_its_code_maps(small: Any) -> None:
    first = codes_file(small, "Text,Dimension,Value\na,KIND,A\n").load().digest
    (small.folder / "map.csv").write_text("Text,Dimension,Value\na,KIND,B\n", encoding="utf-8")
    assert small.load().digest != first


def test_codelists_come_from_files(small: Any) -> None:
    (small.folder / "choices.csv").write_text("list_name,name,label\nregion,N,North\nregion,S,South\nkind,A,Kind A\n", encoding="utf-8")
    file = "codes_file: {file: choices.csv, id: name, names: label, where: {list_name: region}}"
    small.structures_text = small.structures_text.replace("codes: {_T: Total, N: North, S: South}}", f"codes: {{_T: Total}}, {file}}}")
    assert small.lint() == []
    small.structures_text = small.structures_text.replace("list_name: region", "list_name: nothing")
    with pytest.raises(InvalidRecipe, match=r"structures.yaml:\d+: .*no rows to take codes from"):
        small.schemas()


@pytest.mark.parametrize(
    ("addition", "complaint"),
    [
        ("derive: [{column: x}]\n", "give either value"),
        ("derive: [{column: x, statistic: difference, of: amount}]\n", "needs order_by"),
        ("derive: [{column: x, statistic: sum, of: amonut, within: [region]}]\n", "did you mean 'amount'"),
        ("derive: [{column: x, statistic: sum, of: amount, within: [regoin]}]\n", "did you mean 'region'"),
        ("unit: houshold\n", "there is no column 'houshold'"),
        ("multi_select: {kinds: {column: kind, columns: {kind: A}}}\n", "give either column and options"),
        ("disclosure: {min_units: 5, comment: Suppressed, hide: [KIND]}\n", "KIND is a dimension"),
        ("flags: [{when: n < 3, set: {KIND: A}}]\n", "KIND is a dimension; flags set attributes"),
    ],
)
def test_rules_that_contradict_themselves_are_refused(small: Any, addition: str, complaint: str) -> None:
    assert any(complaint in problem for problem in small.add(addition).lint())


@pytest.mark.parametrize(
    ("column", "complaint"),
    [
        ("{format: '%Y'}", "add type: date"),
        ("{strip: '%'}", "add type: number"),
        ("{type: date, format: yyyy}", "strftime"),
        ("{type: number, thousands: '.'}", "decimal sign too"),
    ],
)
def test_columns_that_contradict_themselves_are_refused(small: Any, column: str, complaint: str) -> None:
    assert any(complaint in problem for problem in small.change("kind: {}", f"kind: {column}").lint())


def test_a_period_is_never_cut_out_of_a_text(small: Any) -> None:
    small.change("{value: 2023}", "{column: kind, time: {to: A}}")
    assert any("reduces dates; give the column 'kind' type: date" in problem for problem in small.lint())


def test_a_spreadsheet_with_merged_headers_of_two_rows(small: Any) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.worksheets[0]
    for row in (
        ["Survey of wells"],
        ["Region", 2022, None, 2023, None],
        [None, "a", "b", "a", "b"],
        ["north", "1,200", "12%", 3, 4],
        ["south", 5, "n/a", 7, 8],
    ):
        sheet.append(row)
    sheet.merge_cells("B2:C2")
    sheet.merge_cells("D2:E2")
    workbook.save(small.folder / "source.xlsx")
    small.change('{format: csv, encoding: utf-8, delimiter: ","}', "{format: xlsx, skip_rows: 1, header_rows: 2}")
    small.change("    region: {}\n    kind: {}\n    amount: {type: number}\n", "")
    small.change(
        "  columns:\n",
        "  unpivot: {matching: '202*', name: head, value: amount}\n"
        "  columns:\n    Region: {}\n    head: {}\n    amount: {type: number, thousands: ',', strip: '%', missing: n/a}\n",
    )
    small.add("derive: [{column: year, value: \"split_part(head, '/', 1)\"}, {column: kind, value: \"split_part(head, '/', 2)\"}]\n")
    small.change("column: region", "column: Region").change("{value: 2023}", "{column: year}")
    run = run_recipe(small.load(), small.folder / "source.xlsx", schemas=small.schemas())
    assert run.rejected.is_empty()
    cells = run.observations.filter((pl.col("REGION") != "_T") & (pl.col("KIND") != "_T"))
    assert {(r["REGION"], r["KIND"], r["TIME_PERIOD"]): r["OBS_VALUE"] for r in cells.iter_rows(named=True)} == {
        ("N", "A", "2022"): 1200, ("N", "B", "2022"): 12, ("N", "A", "2023"): 3, ("N", "B", "2023"): 4,
        ("S", "A", "2022"): 5, ("S", "A", "2023"): 7, ("S", "B", "2023"): 8,
    }  # fmt: skip
