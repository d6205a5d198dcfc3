"""The port of the dataset readers and the values that cross it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import msgspec
import polars as pl

from mappings.readers.lines import SAME_LINES, LineNumbers
from registry.findings import Finding

#: Column that every source table has besides those of the source: ``Int64``, 1-based row of the file as a spreadsheet shows it. Header
#: rows, blank lines and comments count; a record whose cells hold line breaks is one row.
ROW = "_row"


class ReaderOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a recipe says its source is to be read; what it leaves out is detected, and every detection is reported.

    Attributes:
        format: Name of a reader in the catalogue, or ``auto``.
        encoding: Name of a text encoding, or ``auto``.
        delimiter: One ASCII character (``tab`` for a tabulator), or ``auto``.
        quote: The quoting character; an empty string when quotes are ordinary characters.
        decimal: Decimal separator of the numbers, for later steps; the reader leaves numbers as text.
        skip_rows: Rows above the header (titles, notes), as counted in an editor or a spreadsheet.
        header_rows: Number of header rows; 0 names the columns ``column_1``, ``column_2`` and so on.
        header_separator: Joins the parts of a header that has several rows.
        skip_footer: Records at the end that are not data (totals, notes).
        comment: Records that begin with this text are left out.
        sheet: Name or 1-based number of a sheet; the first visible one by default.
        range: Cells to read, such as ``B3:H200``; delimits the table instead of ``skip_rows``.
        member: Name of the file inside a ZIP archive that has several.
        na_values: Texts that stand for an absent value. Only the empty cell by default; ``NA`` is absent only when a recipe says so.
        trim: Strip blanks around values (headers are always stripped).
        ragged: What to do with records that are too short: keep them out, or pad them with absent values.
        max_megabytes: Size to which an archive or workbook may unpack, and of the texts of a sheet.
        max_ratio: How many times larger than its packed form an archive or workbook above 32 MB may be.
        max_cells: Cells of a sheet, counted as the rectangle from its first to its last cell that holds something.
        max_columns: Columns of a table.
    """

    format: str = "auto"
    encoding: str = "auto"
    delimiter: str = "auto"
    quote: str = '"'
    decimal: str = "."
    skip_rows: int = 0
    header_rows: int = 1
    header_separator: str = "/"
    skip_footer: int = 0
    comment: str = ""
    sheet: str | int | None = None
    range: str | None = None
    member: str | None = None
    na_values: tuple[str, ...] = ("",)
    trim: bool = False
    ragged: Literal["reject", "pad"] = "reject"
    max_megabytes: int = 2048
    max_ratio: int = 250
    max_cells: int = 20_000_000
    max_columns: int = 16_384


@dataclass(frozen=True, slots=True)
class ReaderDescription:
    """What was really used to read a source, for the provenance record."""

    name: str
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    header_rows: int = 1


@dataclass(frozen=True, slots=True)
class UsedFile:
    """A file that went into a run besides the source: its name as the recipe has it, SHA-256 (hex), size, and what it was used for."""

    name: str
    sha256: str
    bytes: int
    use: str


@dataclass(frozen=True)
class SourceTable:
    """A source as read.

    Attributes:
        frame: Every source column as ``String``, exactly as in the source (null = absent), and :data:`ROW` as the last column.
        rejected: Records that could not become rows: :data:`ROW`, ``reason`` (the code of the finding) and ``text``; those that a lookup
            kept out also have ``column`` and ``message``.
        digest: SHA-256 of the bytes of the file, in hexadecimal.
        bytes: Size of the file.
        reader: What was used to read it.
        findings: What was noticed, in order of rows.
        lines: On which lines the rows begin.
        files: Other files whose columns were joined.
    """

    frame: pl.DataFrame
    rejected: pl.DataFrame
    digest: str
    bytes: int
    reader: ReaderDescription
    findings: tuple[Finding, ...] = ()
    lines: LineNumbers = SAME_LINES
    files: tuple[UsedFile, ...] = ()

    @property
    def columns(self) -> list[str]:
        """The columns of the source, without :data:`ROW`."""
        return [name for name in self.frame.columns if name != ROW]


class DatasetReader(Protocol):
    """Reads one kind of file."""

    def read(self, source: Path, options: ReaderOptions) -> SourceTable:
        """Read a file as one table of text.

        Raises:
            UnreadableSource: When it is not such a table; names the file, the place and the remedy.
        """
        ...


def no_rejected() -> pl.DataFrame:
    """The frame of rejected records when there are none."""
    return pl.DataFrame(schema={ROW: pl.Int64, "reason": pl.String, "text": pl.String})
