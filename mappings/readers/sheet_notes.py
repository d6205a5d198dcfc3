"""What the XML of a worksheet says beyond its values: merged cells, error cells, formulas that were never computed, booleans.

The spreadsheet library gives values only; these facts decide whether the values can be trusted. Only the attributes of cells are
looked at, with patterns over the bytes of the sheet (Office Open XML, ECMA-376 part 1, 18.3.1.4); other workbook formats have no notes.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from posixpath import normpath

from mappings.readers.ranges import column_letters, column_number
from registry.findings import Finding, Severity

#: Cells by (row, column), 1-based.
Place = tuple[int, int]

_SHEET = re.compile(rb"<(?:\w+:)?sheet\s[^>]*>")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\s[^>]*>")
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s+ref="([A-Z]+)(\d+):([A-Z]+)(\d+)"')
_TYPED = re.compile(
    rb'<(?:\w+:)?c\s[^>]*?r="([A-Z]+)(\d+)"[^>]*?\st="([be])"[^>]*>(?:<(?:\w+:)?f[^>]*>[^<]*</(?:\w+:)?f>|<(?:\w+:)?f[^>]*/>)?<(?:\w+:)?v>([^<]*)<'
)
_UNCOMPUTED = re.compile(
    rb'<(?:\w+:)?c\s[^>]*?r="([A-Z]+)(\d+)"[^>]*>(?:<(?:\w+:)?f[^>/]*>[^<]*</(?:\w+:)?f>|<(?:\w+:)?f[^>]*/>)'
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?</(?:\w+:)?c>"
)
_FIRST_CELL = re.compile(rb'<(?:\w+:)?c\s[^>]*?r="([A-Z]+)\d+"')


@dataclass(frozen=True)
class SheetNotes:
    """Facts about one worksheet.

    Attributes:
        errors: Text of the error cells (``#N/A``).
        booleans: Places of boolean cells; None when the format does not tell.
        uncomputed: Places of formulas without a stored value.
        merged: Merged ranges as (first row, first column, last row, last column).
        xml: The worksheet itself, empty when the format has none.
    """

    errors: dict[Place, str] = field(default_factory=dict)
    booleans: frozenset[Place] | None = None
    uncomputed: tuple[Place, ...] = ()
    merged: tuple[tuple[int, int, int, int], ...] = ()
    xml: bytes = b""

    def text_rows(self, column: int) -> frozenset[int]:
        """Rows where a column holds text, as opposed to numbers and dates."""
        letters = column_letters(column).encode()
        pattern = rb'<(?:\w+:)?c\s[^>]*?r="' + letters + rb'(\d+)"[^>]*?\st="(?:s|str|inlineStr)"'
        return frozenset(int(row) for row in re.findall(pattern, self.xml))

    def first_column(self) -> int:
        """The leftmost column that has a cell; the spreadsheet library begins there."""
        return min((column_number(letters.decode()) for letters in set(_FIRST_CELL.findall(self.xml))), default=1)

    def findings(self) -> list[Finding]:
        """What a person should know before trusting the sheet."""
        found = []
        if self.uncomputed:
            row, column = self.uncomputed[0]
            message = (
                f"{len(self.uncomputed)} formulas have no stored value (first: {column_letters(column)}{row}); they were read as empty."
            )
            hint = "Open the file in a spreadsheet program and save it, so that the values are stored."
            found.append(Finding("formula-without-value", Severity.WARNING, message, hint, row=row, count=len(self.uncomputed)))
        if self.merged:
            row, column, last_row, last_column = self.merged[0]
            first = f"{column_letters(column)}{row}:{column_letters(last_column)}{last_row}"
            message = f"{len(self.merged)} ranges of cells are merged (first: {first}); only their upper left cell has a value."
            hint = "Merged headers are joined with `header_rows`; unmerge merged data and fill them down."
            found.append(Finding("merged-cells", Severity.NOTE, message, hint, row=row, count=len(self.merged)))
        return found


def notes_of(content: bytes, sheet: str) -> SheetNotes:
    """Read the notes of the sheet with that name; empty notes for workbooks that are not Office Open XML."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            part = _part_of(archive, sheet)
            xml = archive.read(part) if part else b""
    except (zipfile.BadZipFile, KeyError):
        return SheetNotes()
    if not xml:
        return SheetNotes()
    typed = [(_place(column, row), kind, text) for column, row, kind, text in _TYPED.findall(xml)]
    return SheetNotes(
        errors={place: text.decode() for place, kind, text in typed if kind == b"e"},
        booleans=frozenset(place for place, kind, _ in typed if kind == b"b"),
        uncomputed=tuple(_place(column, row) for column, row in _UNCOMPUTED.findall(xml)),
        merged=tuple((int(r1), column_number(c1.decode()), int(r2), column_number(c2.decode())) for c1, r1, c2, r2 in _MERGED.findall(xml)),
        xml=xml,
    )


def _place(column: bytes, row: bytes) -> Place:
    return int(row), column_number(column.decode())


def _part_of(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """The part that holds a sheet."""
    return next((part for name, part in sheet_parts(archive) if name == _escaped(sheet)), None)


def sheet_parts(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Names of sheets, as escaped in the XML, and the parts that hold them, through the relations of the workbook."""
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= set(archive.namelist()):
        return
    relations = _RELATION.findall(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {_attribute(tag, rb"Id"): _attribute(tag, rb"Target") for tag in relations}
    for tag in _SHEET.findall(archive.read("xl/workbook.xml")):
        target = targets.get(_attribute(tag, rb"\w+:id"))
        if target is not None:
            path = target.decode()
            name = (_attribute(tag, rb"name") or b"").decode()
            yield name, path.lstrip("/") if path.startswith("/") else normpath(f"xl/{path}")


def _attribute(tag: bytes, name: bytes) -> bytes | None:
    match = re.search(rb"\s" + name + rb'="([^"]*)"', tag)
    return match[1] if match else None


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
