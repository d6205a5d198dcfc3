"""The rows that a run kept out: whole, with their record, their line and the value that was refused; findings count records."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from mappings.run.pipeline import run_recipe

TWO_LINES = 'region,kind,amount\nnorth,"a\nb",1\nwest,a,2\n\nnorth,a,many\n'


def rejected(run: Any) -> list[dict[str, Any]]:
    return list(run.rejected.iter_rows(named=True))


def workbook(path: Path, *rows: Sequence[object], above: int = 0) -> Path:
    book = openpyxl.Workbook()
    for position, row in enumerate(rows, start=above + 1):
        for column, value in enumerate(row, start=1):
            book.active.cell(position, column, value)
    book.save(path)
    return path


def test_the_whole_row_is_written_with_its_record_its_line_and_the_value(small: Any) -> None:
    run = small.run(TWO_LINES)
    assert [(r["row"], r["line"], r["code"], r["column"], r["value"], r["region"], r["kind"], r["amount"]) for r in rejected(run)] == [
        (2, None, "unmapped-value", "kind", "a\nb", "north", "a\nb", "1"),
        (3, 4, "unmapped-value", "region", "west", "west", "a", "2"),
        (5, 6, "not-a-number", "amount", "many", "north", "a", "many"),
    ]
    assert rejected(run)[2]["message"] == "amount should be a number"


def test_findings_count_records_and_say_the_line_where_it_differs(small: Any) -> None:
    findings = {f.code: (f.row, f.line) for f in small.run(TWO_LINES).findings if f.column != "region"}
    assert findings["not-a-number"] == (5, 6)
    assert findings["unmapped-value"] == (2, None)


def test_rows_that_the_reader_kept_out_are_written_as_they_stand(small: Any) -> None:
    run = small.run('region,kind,amount\nnorth,"a\nb"\nsouth,a,1\nsouth,a,2\n')
    row = rejected(run)[0]
    assert (row["row"], row["code"], row["value"], row["region"]) == (2, "ragged-row", 'north,"a\nb"', None)


def test_columns_of_the_source_keep_their_names(small: Any) -> None:
    small.change("region: {}", "value: {}").change("column: region", "column: value").change("kind: {}", "kind: {}\n    code: {}")
    run = small.run("value,kind,amount,code\nwest,a,1,x\n")
    assert run.rejected.columns == ["row", "line", "_code", "message", "column", "_value", "value", "kind", "amount", "code"]
    assert (run.rejected["_value"][0], run.rejected["value"][0], run.rejected["code"][0]) == ("west", "west", "x")


@pytest.mark.parametrize("rows_above", [0, 3])
def test_rows_of_a_spreadsheet_are_those_of_the_sheet(small: Any, rows_above: int) -> None:
    small.change('{format: csv, encoding: utf-8, delimiter: ","}', f"{{skip_rows: {rows_above}}}")
    rows: list[list[object]] = [["region", "kind", "amount"], ["north", "a\nb", 1], [], ["west", "a", 2], ["north", "a", "many"]]
    source = workbook(small.folder / "source.xlsx", *rows, above=rows_above)
    run = run_recipe(small.load(), source, schemas=small.schemas())
    assert [(r["row"], r["line"], r["value"], r["amount"]) for r in rejected(run)] == [
        (rows_above + 2, None, "a\nb", "1"),
        (rows_above + 4, None, "west", "2"),
        (rows_above + 5, None, "many", "many"),
    ]


WIDE = 'region,first,second\nnorth,"1\n",2\nsouth,x,y\nnorth,x,3\n'


def wide(small: Any) -> Any:
    small.change(
        "  columns:\n    region: {}\n    kind: {}\n",
        "  unpivot: {columns: [first, second], name: kind, value: amount}\n  columns:\n    region: {}\n    kind: {}\n",
    )
    return small.change("codes: {a: A, b: B}", "codes: {first: A, second: B}")


def test_rows_of_wide_tables_are_written_as_they_stand_in_the_source(small: Any) -> None:
    run = wide(small).run(WIDE)
    told = [(r["row"], r["line"], r["column"], r["value"], r["first"], r["second"]) for r in rejected(run)]
    assert told == [(3, 4, "first", "x", "x", "y"), (3, 4, "second", "y", "x", "y"), (4, 5, "first", "x", "x", "3")]
    assert "kind" not in run.rejected.columns


def test_findings_of_wide_tables_count_records_and_not_cells(small: Any) -> None:
    small.change("kind: {}", "kind: {}").change("amount: {type: number}", "amount: {type: number, personal: true}")
    run = wide(small).run(WIDE)
    (finding,) = [f for f in run.findings if f.code == "not-a-number"]
    assert (finding.row, finding.line, finding.count, finding.value) == (3, 4, 2, None)


def test_what_a_lookup_kept_out_names_its_key(small: Any) -> None:
    (small.folder / "areas.csv").write_text("name,area\nnorth,north\n", encoding="utf-8")
    small.change("  columns:\n", "  lookups: [{file: areas.csv, on: {region: name}, take: {area: area}}]\n  columns:\n")
    (row,) = rejected(small.run("region,kind,amount\nnorth,a,1\nnowhere,b,7\n"))
    assert (row["row"], row["column"], row["value"], row["amount"]) == (3, "region", "nowhere", "7")
    assert row["message"] == "it finds nothing in areas.csv"


def test_personal_values_are_in_the_rejected_rows_and_in_no_finding(small: Any) -> None:
    small.change("amount: {type: number}", "amount: {type: number, max: 10, personal: true}")
    run = small.run("region,kind,amount\nnorth,a,9021047\nnorth,a,9021047x\n")
    assert [(r["code"], r["value"]) for r in rejected(run)] == [("value-out-of-range", "9021047.0"), ("not-a-number", "9021047x")]
    assert "9021047" not in str(run.to_document())
