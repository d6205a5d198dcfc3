"""Sheets of workbooks, made with openpyxl."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from mappings.errors import UnreadableSource
from mappings.readers.catalogue import catalogue_of, read_source
from mappings.readers.delimited import DelimitedReader
from mappings.readers.ports import ROW, ReaderOptions, SourceTable
from mappings.readers.ranges import column_letters, column_number
from mappings.readers.spreadsheet import SpreadsheetReader


@pytest.fixture
def workbook() -> openpyxl.Workbook:
    return openpyxl.Workbook()


def sheet_of(workbook: openpyxl.Workbook) -> Worksheet:
    sheet = workbook.active
    assert isinstance(sheet, Worksheet)
    return sheet


def read(tmp_path: Path, workbook: openpyxl.Workbook, name: str = "data.xlsx", **options: Any) -> SourceTable:
    path = tmp_path / name
    workbook.save(path)
    return read_source(path, ReaderOptions(**options))


def codes(table: SourceTable) -> set[str]:
    return {finding.code for finding in table.findings}


def test_cells_become_canonical_text(tmp_path: Path, workbook: openpyxl.Workbook) -> None:
    sheet = sheet_of(workbook)
    sheet.append(["whole", "real", "flag", "day", "moment", "time", "text"])
    moment = dt.datetime(2021, 3, 4, 5, 6, 7)  # noqa: DTZ001
    sheet.append([3.0, 1 / 3, True, dt.date(2021, 3, 4), moment, dt.time(5, 6), "007"])
    sheet.append([500000, 1e-5, False, None, None, None, "true"])
    table = read(tmp_path, workbook)
    assert table.frame.rows() == [
        ("3", "0.3333333333333333", "TRUE", "2021-03-04", "2021-03-04T05:06:07", "05:06:00", "007", 2),
        ("500000", "0.00001", "FALSE", None, None, None, "true", 3),
    ]


def test_text_that_looks_like_a_date_stays_as_it_is(tmp_path: Path, workbook: openpyxl.Workbook) -> None:
    sheet = sheet_of(workbook)
    sheet.append(["at", "n"])
    sheet.append(["2021-03-04 00:00:00", 1])
    sheet.append([dt.date(2021, 3, 4), 2])
    assert read(tmp_path, workbook).frame["at"].to_list() == ["2021-03-04 00:00:00", "2021-03-04"]


def test_rows_are_those_of_the_sheet_even_when_the_table_starts_lower(tmp_path: Path, workbook: openpyxl.Workbook) -> None:
    sheet = sheet_of(workbook)
    sheet["C4"], sheet["D4"], sheet["C5"], sheet["C8"] = "a", "b", "1", "2"
    assert read(tmp_path, workbook).frame.rows() == [("1", None, 5), ("2", None, 8)]


def test_a_range_cuts_one_of_several_tables_out(tmp_path: Path, workbook: openpyxl.Workbook) -> None:
    sheet = sheet_of(workbook)
    for row in [["x", "y", None, "a", "b"], [1, 2, None, 3, 4], [5, 6, None, 7, 8], ["Total", None, None, 9, 9]]:
        sheet.append(row)
    table = read(tmp_path, workbook, range="D1:E3")
    assert (table.columns, table.frame[ROW].to_list(), table.frame["a"].to_list()) == (["a", "b"], [2, 3], ["3", "7"])


def test_merged_headers_of_two_rows_are_joined(tmp_path: Path, workbook: openpyxl.Workbook) -> None:
    sheet = sheet_of(workbook)
    for row in [["Area", "Water", None], ["name", "yes", "no"], ["A", 1, 2]]:
        sheet.append(row)
    sheet.merge_cells("B1:C1")
    table = read(tmp_path, workbook, header_rows=2)
    assert table.columns == ["Area/name", "Water/yes", "Water/no"]
    assert "merged-cells" in codes(table)


def test_a_hidden_first_sheet_is_passed_over_with_a_finding(tmp_path: Path, workbook: openpyxl.Workbook) -> None:
    sheet_of(workbook).append(["secret"])
    sheet_of(workbook).sheet_state = "hidden"
    workbook.create_sheet("Data & more").append(["a"])
    workbook["Data & more"].append([1])
    table = read(tmp_path, workbook)
    assert (table.reader.sheet, table.columns) == ("Data & more", ["a"])
    assert "sheet-guessed" in codes(table)


def test_sheets_are_chosen_by_name_or_number(tmp_path: Path, workbook: openpyxl.Workbook) -> None:
    sheet_of(workbook).append(["a"])
    sheet_of(workbook).append([1])
    second = workbook.create_sheet("Two")
    second.append(["b"])
    second.append([2])
    assert read(tmp_path, workbook, sheet="Two").columns == ["b"]
    assert read(tmp_path, workbook, sheet=2).columns == ["b"]
    with pytest.raises(UnreadableSource, match=r"no sheet 'Three'; the sheets are 'Sheet', 'Two'"):
        read(tmp_path, workbook, sheet="Three")


def test_formulas_without_values_and_error_cells_are_reported(tmp_path: Path, workbook: openpyxl.Workbook) -> None:
    sheet = sheet_of(workbook)
    sheet.append(["a", "b"])
    sheet.append(["=1+1", "x"])
    sheet["B3"] = "#N/A"
    sheet["A3"] = 1
    table = read(tmp_path, workbook)
    assert table.frame.rows() == [(None, "x", 2), ("1", "#N/A", 3)]
    assert codes(table) >= {"formula-without-value", "error-cell"}


def test_a_workbook_named_csv_is_read_as_a_workbook(tmp_path: Path, workbook: openpyxl.Workbook) -> None:
    sheet_of(workbook).append(["a"])
    sheet_of(workbook).append([1])
    path = tmp_path / "data.xlsx"
    workbook.save(path)
    renamed = path.rename(tmp_path / "data.csv")
    assert "misnamed-file" in codes(read_source(renamed))
    with pytest.raises(UnreadableSource, match="this is a spreadsheet"):
        read_source(renamed, ReaderOptions(format="csv"))


def test_an_empty_sheet_and_a_bad_range_are_refused(tmp_path: Path, workbook: openpyxl.Workbook) -> None:
    with pytest.raises(UnreadableSource, match="0 filled rows"):
        read(tmp_path, workbook)
    with pytest.raises(UnreadableSource, match="not a range"):
        read(tmp_path, workbook, range="first three")


def test_columns_are_lettered_and_numbered() -> None:
    assert [column_letters(number) for number in (1, 26, 27, 702, 703)] == ["A", "Z", "AA", "ZZ", "AAA"]
    assert all(column_number(column_letters(number)) == number for number in range(1, 2000))


def test_two_readers_cannot_share_a_name() -> None:
    with pytest.raises(ValueError, match="Two readers are called 'csv'"):
        catalogue_of([(("csv",), DelimitedReader()), (("xlsx", "csv"), SpreadsheetReader())])
