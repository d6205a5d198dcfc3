"""Delimited text in the shapes in which citizens' files arrive."""

from __future__ import annotations

import contextlib
import csv
import gzip
import hashlib
import io
import zipfile
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mappings.errors import UnreadableSource
from mappings.readers.catalogue import read_source
from mappings.readers.ports import ROW, ReaderOptions, SourceTable


def read(tmp_path: Path, content: bytes | str, name: str = "data.csv", **options: Any) -> SourceTable:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_source(path, ReaderOptions(**options))


def rows(table: SourceTable) -> list[tuple[object, ...]]:
    return table.frame.rows()


def codes(table: SourceTable) -> set[str]:
    return {finding.code for finding in table.findings}


def test_values_are_text_exactly_as_in_the_source(tmp_path: Path) -> None:
    table = read(tmp_path, "area,code,value\nKisumu,004,1.50\nNairobi,05,-3\n")
    assert table.frame.schema == {"area": pl.String, "code": pl.String, "value": pl.String, ROW: pl.Int64}
    assert rows(table) == [("Kisumu", "004", "1.50", 2), ("Nairobi", "05", "-3", 3)]


def test_digest_and_size_are_those_of_the_file(tmp_path: Path) -> None:
    content = b"a,b\n1,2\n"
    table = read(tmp_path, content)
    assert (table.digest, table.bytes) == (hashlib.sha256(content).hexdigest(), len(content))


def test_rows_are_records_as_a_spreadsheet_counts_them_and_know_their_lines(tmp_path: Path) -> None:
    table = read(tmp_path, 'a,b\n"x\ny\nz",1\n\np,2\n')
    assert rows(table) == [("x\ny\nz", "1", 2), ("p", "2", 4)]
    assert table.lines.column(table.frame[ROW]).to_list() == [None, 6]


@pytest.mark.parametrize(
    ("text", "options", "row", "line"),
    [
        ("a,b\n1,2\n\n# remark\nlast,4\n", {"comment": "#"}, 5, None),
        ("title\n\na,b\nc,d\nlast,4\n", {"skip_rows": 2, "header_rows": 2}, 5, None),
        ('"a\nb",c\nlast,4\n', {}, 2, 3),
        ('a,b\n"x\ny","x\r\ny"\nlast,4\n', {}, 3, 5),
        ('a,b\n5" pipe,"x\ny"\nlast,4\n', {}, 3, 4),
        ('a,b\n"x\ny",3\n# x\n\nlast,4\n', {"comment": "#"}, 5, 6),
    ],
)
def test_the_line_is_told_where_it_is_another_number(tmp_path: Path, text: str, options: Any, row: int, line: int | None) -> None:
    table = read(tmp_path, text, **options)
    assert (table.frame[ROW][-1], table.lines.column(table.frame[ROW])[-1]) == (row, line)


def test_windows_line_ends_inside_and_outside_quotes(tmp_path: Path) -> None:
    table = read(tmp_path, 'a,b\r\n"x\r\ny",1\r\nz,2\r\n')
    assert rows(table) == [("x\r\ny", "1", 2), ("z", "2", 3)]


def test_only_the_empty_cell_is_absent_by_default(tmp_path: Path) -> None:
    table = read(tmp_path, 'a,b,c\nNA,,""\n1,2,3\n')
    assert rows(table)[0] == ("NA", None, None, 2)
    assert "text-for-absent" in codes(table)


def test_a_recipe_says_what_else_is_absent(tmp_path: Path) -> None:
    table = read(tmp_path, "a,b\nNA,x\n-99,y\n", na_values=("NA", "-99"))
    assert rows(table) == [(None, "x", 2), (None, "y", 3)]


def test_an_empty_cell_can_be_kept_as_empty_text(tmp_path: Path) -> None:
    assert rows(read(tmp_path, 'a,b\n,x\n"",y\n', na_values=())) == [("", "x", 2), ("", "y", 3)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_detected(tmp_path: Path, delimiter: str) -> None:
    lines = [["name", "value", "note"], ["a", "1", "x"], ["b", "2", "y"]]
    table = read(tmp_path, "\n".join(delimiter.join(line) for line in lines))
    assert (table.columns, table.reader.delimiter) == (["name", "value", "note"], delimiter)


def test_decimal_commas_do_not_pass_for_delimiters(tmp_path: Path) -> None:
    table = read(tmp_path, "area;value\nA;1,5\nB;2,75\nC;3\n")
    assert rows(table)[1] == ("B", "2,75", 3)


def test_an_ambiguous_delimiter_is_reported(tmp_path: Path) -> None:
    assert "delimiter-guessed" in codes(read(tmp_path, "a;b,c\n1;2,3\n4;5,6\n"))


def test_a_delimiter_must_be_one_character(tmp_path: Path) -> None:
    with pytest.raises(UnreadableSource, match="cannot be a delimiter"):
        read(tmp_path, "a\n1\n", delimiter="::")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_unicode_encodings_are_recognised(tmp_path: Path, encoding: str) -> None:
    table = read(tmp_path, "région,valeur\nTillabéri,1\nMaradi,2\n".encode(encoding))
    assert table.columns == ["région", "valeur"]
    assert rows(table)[0] == ("Tillabéri", "1", 2)


def test_western_european_text_is_guessed_and_reported_with_its_confidence(tmp_path: Path) -> None:
    text = "région,catégorie\nTillabéri,élevé\nDiffa,très faible – à vérifier\n"
    table = read(tmp_path, text.encode("cp1252"))
    finding = next(finding for finding in table.findings if finding.code == "encoding-guessed")
    assert rows(table)[1] == ("Diffa", "très faible – à vérifier", 3)
    assert table.reader.encoding == "cp1252"
    assert (finding.row, "confidence" in finding.message) == (1, True)


def test_a_wrong_encoding_in_the_recipe_names_the_line(tmp_path: Path) -> None:
    with pytest.raises(UnreadableSource, match="line 2: the bytes are not utf-8"):
        read(tmp_path, "a\né\n".encode("cp1252"), encoding="utf-8")


def test_carriage_returns_alone_are_lines(tmp_path: Path) -> None:
    table = read(tmp_path, b"a,b\r1,2\r3,4\r")
    assert rows(table) == [("1", "2", 2), ("3", "4", 3)]
    assert "old-line-ends" in codes(table)


def test_ragged_records_are_kept_out_and_can_be_downloaded(tmp_path: Path) -> None:
    table = read(tmp_path, "a,b,c\n1,2,3\n4,5\n6,7,8,9\n10,11,12\n13,14,15\n16,17,18\n")
    assert table.frame[ROW].to_list() == [2, 5, 6, 7]
    assert table.rejected.rows() == [(3, "ragged-row", "4,5"), (4, "ragged-row", "6,7,8,9")]
    assert next((f.row, f.count) for f in table.findings if f.code == "ragged-row") == (3, 2)


def test_short_records_can_be_padded(tmp_path: Path) -> None:
    table = read(tmp_path, "a,b,c\n1,2,3\n4,5\n6,7,8,9\n1,1,1\n", ragged="pad")
    assert rows(table) == [("1", "2", "3", 2), ("4", "5", None, 3), ("1", "1", "1", 5)]
    assert table.rejected[ROW].to_list() == [4]


def test_a_header_that_fits_no_record_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(UnreadableSource, match=r"most have 3 fields.*skip_rows"):
        read(tmp_path, "Water points 2020\na,b,c\n1,2,3\n4,5,6\n7,8,9\n")


def test_a_preamble_and_a_footer_are_skipped_by_rows(tmp_path: Path) -> None:
    text = "Title, 2020\n\n# note\na,b\n1,2\n3,4\nGrand Total,6\n"
    table = read(tmp_path, text, skip_rows=2, comment="#", skip_footer=1)
    assert rows(table) == [("1", "2", 5), ("3", "4", 6)]


def test_a_name_of_a_column_that_never_ends_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(UnreadableSource, match=r"row 1: the header cannot be read.*`quote`"):
        read(tmp_path, f"area,{'x' * 200_000}\nKisumu,1\n")


def test_several_header_rows_are_joined_and_merged_cells_filled(tmp_path: Path) -> None:
    table = read(tmp_path, "Area,Water,,Total\nname,yes,no,\nA,1,2,3\n", header_rows=2, header_separator=" / ")
    assert table.columns == ["Area / name", "Water / yes", "Water / no", "Total"]
    assert rows(table) == [("A", "1", "2", "3", 3)]


def test_without_header_rows_columns_are_numbered(tmp_path: Path) -> None:
    assert read(tmp_path, "1,2\n3,4\n", header_rows=0).frame.columns == ["column_1", "column_2", ROW]


def test_headers_are_trimmed_completed_and_made_unique_with_findings(tmp_path: Path) -> None:
    table = read(tmp_path, " a ,a,,_row\n1,2,3,4\n")
    assert table.columns == ["a", "a_2", "column_3", "_row_2"]
    assert codes(table) >= {"header-trimmed", "header-duplicate", "header-missing"}


def test_a_trailing_delimiter_is_no_column(tmp_path: Path) -> None:
    assert read(tmp_path, "a,b,\n1,2,\n3,4,\n").columns == ["a", "b"]
    table = read(tmp_path, "a,b\n1,2,\n3,4,\n")
    assert rows(table) == [("1", "2", 2), ("3", "4", 3)]
    assert "trailing-delimiter" in codes(table)


def test_a_named_last_column_that_is_empty_stays(tmp_path: Path) -> None:
    assert rows(read(tmp_path, "a,b\n1,\n2,\n")) == [("1", None, 2), ("2", None, 3)]


def test_rows_without_any_value_are_left_out(tmp_path: Path) -> None:
    table = read(tmp_path, "a,b\n1,2\n,\n3,4\n")
    assert table.frame[ROW].to_list() == [2, 4]
    assert "empty-row" in codes(table)


def test_loose_quotes_are_read_as_spreadsheets_do_and_reported(tmp_path: Path) -> None:
    table = read(tmp_path, 'a,b\n5" pipe,1\n"x\ny",2\n"q" r,3\n')
    assert rows(table) == [('5" pipe', "1", 2), ("x\ny", "2", 3), ("q r", "3", 4)]
    assert next(f.row for f in table.findings if f.code == "loose-quote") == 2


@pytest.mark.parametrize("text", ['a,b\n1,2\n"open,3\n4,5\n', 'a,b\n5" x,2\n"open,3\n4,5\n'])
def test_a_quote_that_never_closes_names_its_row(tmp_path: Path, text: str) -> None:
    with pytest.raises(UnreadableSource, match=r"(line|row) 3.*never closes"):
        read(tmp_path, text)


def test_quotes_can_be_ordinary_text(tmp_path: Path) -> None:
    assert rows(read(tmp_path, 'a,b\n5",x\n"y,z\n', quote="")) == [('5"', "x", 2), ('"y', "z", 3)]


def test_records_with_nul_bytes_are_kept_out(tmp_path: Path) -> None:
    table = read(tmp_path, b"a,b\n1,2\n3\x00,4\n5,6\n7,8\n", encoding="utf-8")
    assert (table.frame[ROW].to_list(), table.rejected["reason"].to_list()) == ([2, 4, 5], ["nul-byte"])


def test_spoilt_cells_are_reported_and_kept(tmp_path: Path) -> None:
    table = read(tmp_path, "id,area,n,e\n5e+05,004,1,#REF!\n12,36, 2,x\n")
    found = {(f.code, f.column, f.row) for f in table.findings}
    expected = {("scientific-notation", "id", 2), ("leading-zeros", "area", 3), ("padded-value", "n", 3), ("error-cell", "e", 2)}
    assert found >= expected
    assert rows(table)[0] == ("5e+05", "004", "1", "#REF!", 2)


def test_values_are_trimmed_only_when_asked(tmp_path: Path) -> None:
    assert rows(read(tmp_path, "a,b\n x ,y\n", trim=True)) == [("x", "y", 2)]
    assert rows(read(tmp_path, "a,b\n x ,y\n")) == [(" x ", "y", 2)]


def zipped(**members: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return buffer.getvalue()


def test_an_archive_named_csv_is_opened_and_reported(tmp_path: Path) -> None:
    table = read(tmp_path, zipped(inside="a,b\n1,2\n"))
    assert rows(table) == [("1", "2", 2)]
    assert "misnamed-file" in codes(table)


def test_an_archive_of_several_files_needs_a_member(tmp_path: Path) -> None:
    content = zipped(one="a\n1\n", two="a\n2\n")
    with pytest.raises(UnreadableSource, match="2 files \\('one', 'two'\\)"):
        read(tmp_path, content, name="data.zip")
    assert rows(read(tmp_path, content, name="data.zip", member="two")) == [("2", 2)]


def test_gzip_is_unpacked(tmp_path: Path) -> None:
    assert rows(read(tmp_path, gzip.compress(b"a,b\n1,2\n"), name="data.csv.gz")) == [("1", "2", 2)]


def test_damaged_archives_are_refused(tmp_path: Path) -> None:
    for content in (b"PK\x03\x04 not a zip", gzip.compress(b"a,b\n1,2\n")[:-9]):
        with pytest.raises(UnreadableSource, match=r"again|by hand"):
            read(tmp_path, content)


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        (b"", {}, "is empty"),
        (b"\n\n", {}, "only 0 records"),
        (b"a\n1\n", {"format": "stata"}, "no reader 'stata'"),
        (b"a\n1\n", {"format": "xlsx"}, "not a spreadsheet"),
        (b"a\n1\n", {"sheet": "x"}, "no sheets"),
        (b"a\n1\n", {"encoding": "klingon"}, "no text encoding"),
    ],
)
def test_errors_name_the_remedy(tmp_path: Path, content: bytes, options: dict[str, str], message: str) -> None:
    with pytest.raises(UnreadableSource, match=message):
        read(tmp_path, content, **options)


def test_a_missing_file_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(UnreadableSource, match="cannot be opened"):
        read_source(tmp_path / "nowhere.csv")


cell = st.text(st.characters(codec="utf-8", exclude_characters="\0\r", exclude_categories=["Cs"]), max_size=8)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
@given(st.lists(st.tuples(cell, cell, cell), min_size=1, max_size=12), st.sampled_from([",", ";", "\t"]), st.sampled_from(["\n", "\r\n"]))
def test_what_the_standard_library_writes_is_read_with_its_rows_and_lines(
    tmp_path: Path, table: list[tuple[str, str, str]], delimiter: str, line_end: str
) -> None:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator=line_end)
    writer.writerow(("first", "second", "third"))
    expected, lines, line = [], [], 2
    for row, record in enumerate(table, start=2):
        writer.writerow(record)
        if any(record):
            expected.append((*record, row))
            lines.append(line if line != row else None)
        line += 1 + sum(value.count("\n") for value in record)
    path = tmp_path / "table.csv"
    path.write_bytes(buffer.getvalue().encode())
    read_back = read_source(path, ReaderOptions(delimiter=delimiter, encoding="utf-8", na_values=()))
    assert read_back.frame.rows() == expected
    assert read_back.lines.column(read_back.frame[ROW]).to_list() == lines


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
@given(
    st.lists(st.sampled_from([b"a", b"1", b",", b";", b'"', b"\n", b"\r", b"\0", b" ", b"#", b"\xe9", b"\xc3\xa9"]), max_size=40).map(
        b"".join
    )
)
def test_any_bytes_are_a_table_or_an_error_with_a_remedy(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    with contextlib.suppress(UnreadableSource):
        assert read_source(path).frame[ROW].is_sorted()
