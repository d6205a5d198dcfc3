"""Files that would become enormous: refused with the place and the remedy, in a process that has little memory."""

from __future__ import annotations

import gzip
import io
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from mappings.errors import UnreadableSource
from mappings.readers.catalogue import read_source
from mappings.readers.ports import ReaderOptions

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_MEMORY = 1536 * 1024**2
_READING = f"""
import resource, sys
from pathlib import Path
from mappings.errors import UnreadableSource
from mappings.readers.catalogue import read_source
from mappings.readers.spreadsheet import SpreadsheetReader
resource.setrlimit(resource.RLIMIT_DATA, ({_MEMORY}, {_MEMORY}))
try:
    print(read_source(Path(sys.argv[1])).frame.height)
except UnreadableSource as error:
    print(error)
"""


def told(path: Path) -> str:
    """What reading a file in a process of little memory says."""
    done = subprocess.run([sys.executable, "-c", _READING, str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def workbook(path: Path, cells: dict[str, object], **parts: bytes) -> Path:
    """A real workbook; parts replace the sheet (``sheet``) or add the texts that cells share (``strings``)."""
    book = openpyxl.Workbook()
    for place, value in cells.items():
        book.active[place] = value
    buffer = io.BytesIO()
    book.save(buffer)
    with zipfile.ZipFile(buffer) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        contents = {name: old.read(name) for name in old.namelist()}
        places = {"sheet": "xl/worksheets/sheet1.xml", "strings": "xl/sharedStrings.xml"}
        for name, content in (contents | {places[name]: content for name, content in parts.items()}).items():
            new.writestr(name, content)
    return path


def sheet(rows: str) -> bytes:
    return f'<worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData></worksheet>'.encode()


def strings(*texts: str) -> bytes:
    return f'<sst xmlns="{_MAIN}">{"".join(f"<si><t>{text}</t></si>" for text in texts)}</sst>'.encode()


def open_document(path: Path, rows: str) -> Path:
    namespaces = " ".join(f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text"))
    table = f'<table:table table:name="Data">{rows}</table:table>'
    content = (
        f"<office:document-content {namespaces}><office:body><office:spreadsheet>{table}"
        "</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    return path


CELL = '<table:table-cell {0} office:value-type="string"><text:p>x</text:p></table:table-cell>'
ROW = "<table:table-row>{0}</table:table-row>"


def far(path: Path) -> Path:
    return workbook(path, {"A1": "a", "B1": "b", "A2": 1, "B2": 2, "XFD1048576": "here"})


def far_on_another_sheet(path: Path) -> Path:
    far(path)
    book = openpyxl.load_workbook(path)
    book.create_sheet("First", 0)["A1"] = "a"
    book.save(path)
    return path


def far_without_places(path: Path) -> Path:
    return workbook(path, {"A1": 1}, sheet=sheet("<row><c><v>1</v></c></row>" * 3_000 + "<row>" + "<c><v>1</v></c>" * 9_000 + "</row>"))


def shared_text(path: Path) -> Path:
    rows = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 5_000))
    return workbook(path, {"A1": "x"}, sheet=sheet(rows), strings=strings("long " * 200_000))


def long_text(path: Path) -> Path:
    return workbook(path, {"A1": 1}, strings=strings("x" * 48 * 1024**2))


def repeated_rows(path: Path) -> Path:
    wide = CELL.format('table:number-columns-repeated="16384"')
    return open_document(path.with_suffix(".ods"), f'<table:table-row table:number-rows-repeated="1048576">{wide}</table:table-row>')


def repeated_texts(path: Path) -> Path:
    cell = CELL.format('table:number-columns-repeated="10"').replace("x<", "x" * 1_000_000 + "<")
    return open_document(path.with_suffix(".ods"), f'<table:table-row table:number-rows-repeated="1000">{cell}</table:table-row>')


def gzip_of_one_letter(path: Path) -> Path:
    path = path.with_suffix(".csv.gz")
    path.write_bytes(gzip.compress(b"a,b\n" + b"1,2\n" * 12_000_000))
    return path


def zip_of_one_letter(path: Path) -> Path:
    path = path.with_suffix(".zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("data.csv", "w") as stream:
        for _ in range(48):
            stream.write(b"1,2\n" * 2**18)
    return path


def columns_without_end(path: Path) -> Path:
    path = path.with_suffix(".csv")
    path.write_bytes(b",".join(b"c%d" % n for n in range(300_000)) + b"\n")
    return path


@pytest.mark.parametrize(
    ("make", "place", "option"),
    [
        (far, "sheet 'Sheet': the cells reach to XFD1048576, 17,179,869,184 cells", "max_cells"),
        (far_on_another_sheet, "sheet 'Sheet': the cells reach to XFD1048576", "max_cells"),
        (far_without_places, "sheet 'Sheet': the cells reach to MHD3001", "max_cells"),
        (shared_text, "sheet 'Sheet': its texts are more than 2,048 MB", "max_megabytes"),
        (long_text, "unpacks to more than 250 times its size", "max_ratio"),
        (repeated_rows, "sheet 'Data': the cells reach to XFD1048576", "max_cells"),
        (repeated_texts, "sheet 'Data': its texts are more than 2,048 MB", "max_megabytes"),
        (gzip_of_one_letter, "unpacks to more than 250 times its size", "max_ratio"),
        (zip_of_one_letter, "unpacks to more than 250 times its size", "max_ratio"),
        (columns_without_end, "row 1: the header has 300,000 columns", "max_columns"),
    ],
)
def test_what_would_exhaust_the_memory_is_refused_with_place_and_remedy(
    tmp_path: Path, make: Callable[[Path], Path], place: str, option: str
) -> None:
    path = make(tmp_path / "data.xlsx")
    assert path.stat().st_size < 3 * 1024**2
    said = told(path)
    assert said.startswith(f"{path.name}")
    assert place in said
    assert f"raise `{option}` of the reader" in said


def test_formats_without_content_far_away_do_no_harm(tmp_path: Path) -> None:
    table = '<row r="1"><c r="A1" t="str"><v>a</v></c></row><row r="2"><c r="A2"><v>1</v></c></row>'
    rows = f'{table}<row r="1048576"><c r="XFD1048576" s="0"/><c r="XFC1048576" s="0"></c></row>'
    assert told(workbook(tmp_path / "data.xlsx", {"A1": 1}, sheet=sheet(rows))) == "1\n"


def test_empty_rows_and_cells_that_are_repeated_do_no_harm(tmp_path: Path) -> None:
    empty = '<table:table-cell table:number-columns-repeated="16384"/>'
    rows = ROW.format(CELL.format("") + empty) * 2 + f'<table:table-row table:number-rows-repeated="1048574">{empty}</table:table-row>'
    assert told(open_document(tmp_path / "data.ods", rows)) == "1\n"


@pytest.mark.parametrize(("option", "value", "harmless"), [("max_cells", 3, 4), ("max_columns", 1, 2), ("max_megabytes", 0, 1)])
def test_the_recipe_sets_the_bounds(tmp_path: Path, option: str, value: int, harmless: int) -> None:
    path = workbook(tmp_path / "data.xlsx", {"A1": "a", "B1": "b", "A2": 1, "B2": 2})
    with pytest.raises(UnreadableSource, match=f"raise `{option}` of the reader"):
        read_source(path, ReaderOptions(**{option: value}))  # type: ignore[arg-type]
    assert read_source(path, ReaderOptions(**{option: harmless})).frame.height == 1  # type: ignore[arg-type]


def test_the_ratio_can_be_raised_for_what_is_really_so_repetitive(tmp_path: Path) -> None:
    path = tmp_path / "data.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n" + (b"x" * 1024**2 + b",1\n") * 40))
    with pytest.raises(UnreadableSource, match="max_ratio"):
        read_source(path)
    assert read_source(path, ReaderOptions(max_ratio=2_000)).frame.height == 40


def test_sizes_that_an_archive_lies_about_are_no_way_around(tmp_path: Path) -> None:
    path = workbook(tmp_path / "data.xlsx", {"A1": "x"}, strings=strings("x" * 33 * 1024**2))
    content = path.read_bytes()
    size = (33 * 1024**2 + len(strings(""))).to_bytes(4, "little")
    assert content.count(size) >= 1
    path.write_bytes(content.replace(size, (100).to_bytes(4, "little")))
    with pytest.raises(UnreadableSource):
        read_source(path)
