"""How far the cells of a workbook reach, found without loading them.

The spreadsheet library lays out a rectangle from the first to the last cell that holds something, and a copy of a text for every cell
that shows it. One cell in the far corner, a repeated row or one long text that many cells share is enough to exhaust the memory, so
the rectangle and the texts are measured on the bytes first. Formats: Office Open XML (ECMA-376 part 1, 18.3.1), its binary form
([MS-XLSB] 2.1.7.61), OpenDocument (part 3, 9.1). Sheets of the old XLS cannot be larger than the bounds.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Final

import numpy as np

from mappings.errors import UnreadableSource
from mappings.readers.ports import ReaderOptions
from mappings.readers.ranges import column_letters, column_number
from mappings.readers.sheet_notes import sheet_parts

_WINDOW: Final = 8 * 1024**2
#: Cells that hold something: an element follows that is no end tag.
_CELL: Final = re.compile(rb"<(?:\w+:)?c(\s[^>]*)?(?<!/)>\s*<(?!/)")
_PLACE: Final = re.compile(rb"""<(?:\w+:)?c\s(?:[^>]*?\s)?r\s*=\s*["']([A-Za-z]{1,3})(\d{1,7})["'][^>]*(?<!/)>\s*<(?!/)""")
_ROW_OR_CELL: Final = re.compile(rb"<(?:\w+:)?(row|c)(?=[\s/>])")
_SHARED: Final = re.compile(
    rb"""<(?:\w+:)?c\s(?=[^>]*\bt\s*=\s*["']s["'])[^>]*>\s*(?:<(?:\w+:)?f\b[^<]*(?:</(?:\w+:)?f>)?)?\s*<(?:\w+:)?v[^>]*>\s*(\d+)"""
)
_STRING_END: Final = re.compile(rb"</(?:\w+:)?si\s*>|<(?:\w+:)?si\s*/>")
_ODS: Final = re.compile(
    rb"<table:table\s[^>]*?table:name=\"([^\"]*)\"|<table:table-row\b([^>]*)>|<table:(?:covered-)?table-cell\b([^>]*)>"
)
_REPEATED: Final = {kind: re.compile(rb"table:number-" + kind + rb"-repeated\s*=\s*[\"'](\d+)") for kind in (b"columns", b"rows")}
#: Records of binary sheets that hold cells: BrtCellRk to BrtFmlaError; and BrtRowHdr, which says the row.
_BINARY_CELLS: Final = range(2, 12)
_BINARY_ROW: Final = 0


@dataclass(slots=True)
class _Extent:
    """The rectangle of the cells that hold something; 1-based and inclusive."""

    first_row: int = 0
    last_row: int = 0
    first_column: int = 0
    last_column: int = 0

    def take(self, rows: tuple[int, int], columns: tuple[int, int]) -> None:
        self.first_row = min(self.first_row or rows[0], rows[0])
        self.first_column = min(self.first_column or columns[0], columns[0])
        self.last_row, self.last_column = max(self.last_row, rows[1]), max(self.last_column, columns[1])

    @property
    def cells(self) -> int:
        return (self.last_row - self.first_row + 1) * (self.last_column - self.first_column + 1)

    def check(self, name: str, sheet: str, options: ReaderOptions) -> None:
        if self.cells > options.max_cells:
            far = f"{column_letters(self.last_column)}{self.last_row}"
            raise UnreadableSource(
                f"{name}, sheet {sheet!r}: the cells reach to {far}, {self.cells:,} cells in all, more than {options.max_cells:,}. "
                "Delete what stands far from the table and save the file again, export it as CSV, or raise `max_cells` of the reader."
            )


def check_extents(name: str, content: bytes, options: ReaderOptions) -> None:
    """Refuse workbooks whose cells or texts would fill more memory than the options allow.

    Raises:
        UnreadableSource: Names the sheet, the cell and the remedy.
    """
    if not content.startswith(b"PK"):
        return
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = archive.namelist()
        if "content.xml" in members:
            _check_open_document(name, archive.read("content.xml"), options)
        for part in members:
            if part.startswith("xl/worksheets/") and part.endswith(".bin"):
                _binary_extent(archive.read(part)).check(name, part.rpartition("/")[2], options)
        strings = b"".join(archive.read(part) for part in members if part.lower() == "xl/sharedstrings.xml")
        for sheet, part in sheet_parts(archive):
            if part in members:
                xml = archive.read(part)
                _extent(xml).check(name, unescape(sheet), options)
                _check_texts(name, unescape(sheet), xml, strings, options)


def _windows(xml: bytes) -> Iterator[bytes]:
    """The document in pieces that begin with an end tag, so that no cell is cut in two before its content begins."""
    start = 0
    while start < len(xml):
        end = start + _WINDOW
        cut = xml.find(b"</", end) if end < len(xml) else -1
        end = cut if cut > start else len(xml)
        yield xml[start:end]
        start = end


def _extent(xml: bytes) -> _Extent:
    extent = _Extent()
    for window in _windows(xml):
        found = _PLACE.findall(window)
        if len(found) < sum(1 for _ in _CELL.finditer(window)):
            return _counted_extent(xml)
        if found:
            rows = [int(row) for row in {row for _, row in found}]
            columns = [column_number(letters.decode()) for letters in {letters for letters, _ in found}]
            extent.take((min(rows), max(rows)), (min(columns), max(columns)))
    return extent


def _counted_extent(xml: bytes) -> _Extent:
    """Where cells do not say their place: they follow each other. Those that do say it are taken at their word too."""
    row = column = widest = 0
    for match in _ROW_OR_CELL.finditer(xml):
        if match[1] == b"row":
            row, column = row + 1, 0
        else:
            column += 1
            widest = max(widest, column)
    extent = _Extent()
    extent.take((1, max(row, 1)), (1, max(widest, 1)))
    for window in _windows(xml):
        for letters, number in set(_PLACE.findall(window)):
            extent.take((1, int(number) + row), (1, column_number(letters.decode()) + widest))
    return extent


def _check_texts(name: str, sheet: str, xml: bytes, strings: bytes, options: ReaderOptions) -> None:
    """Every cell that shows a shared text gets a copy of it."""
    ends = np.array([match.end() for match in _STRING_END.finditer(strings)], dtype=np.int64)
    if not len(ends):
        return
    lengths, size = np.diff(ends, prepend=0), 0
    for window in _windows(xml):
        indices = np.array([int(index) for index in _SHARED.findall(window)], dtype=np.int64)
        size += int(lengths[indices[indices < len(lengths)]].sum())
    _check_volume(name, sheet, size, options)


def _check_volume(name: str, sheet: str, size: int, options: ReaderOptions) -> None:
    if size > options.max_megabytes * 1024**2:
        raise UnreadableSource(
            f"{name}, sheet {sheet!r}: its texts are more than {options.max_megabytes:,} MB when every cell has its own. "
            "Shorten the long texts that many cells share, or raise `max_megabytes` of the reader."
        )


def _check_open_document(name: str, xml: bytes, options: ReaderOptions) -> None:
    """Rows and cells may be repeated, and their texts with them; what is empty at the end of a row or sheet is not laid out."""
    sheet, extent, rows, last_row, column, size = "", _Extent(), 1, 0, 0, 0
    for match in _ODS.finditer(xml):
        named, row, cell = match.groups()
        if named is not None:
            sheet, extent, last_row = unescape(named.decode("utf-8", "replace")), _Extent(), 0
        elif row is not None:
            rows, column = _repeats(row, b"rows"), 0
            last_row += rows
        else:
            repeats = _repeats(cell, b"columns")
            column += repeats
            if not cell.endswith(b"/") or b"office:value-type" in cell:
                extent.take((1, last_row), (1, column))
                extent.check(name, sheet, options)
                size += rows * repeats * (xml.find(b"</table:table-cell", match.end()) - match.end()) if not cell.endswith(b"/") else 0
                _check_volume(name, sheet, size, options)


def _repeats(attributes: bytes, kind: bytes) -> int:
    match = _REPEATED[kind].search(attributes)
    return int(match[1]) if match else 1


def _binary_extent(content: bytes) -> _Extent:
    """Records are a type and a length of up to two and four bytes, seven bits each, and what they hold."""
    extent, position, row = _Extent(), 0, 0
    while position < len(content):
        kind, position = _variable(content, position, 2)
        length, position = _variable(content, position, 4)
        if kind == _BINARY_ROW:
            row = int.from_bytes(content[position : position + 4], "little") + 1
        elif kind in _BINARY_CELLS:
            column = int.from_bytes(content[position : position + 4], "little") + 1
            extent.take((row, row), (column, column))
        position += length
    return extent


def _variable(content: bytes, position: int, most: int) -> tuple[int, int]:
    number = 0
    for index, byte in enumerate(content[position : position + most]):
        number |= (byte & 0x7F) << (7 * index)
        if not byte & 0x80:
            return number, position + index + 1
    return number, position + most
