"""Reads sheets of workbooks (XLSX, XLSM, XLSB, XLS, ODS): every cell as canonical text, every row by its number in the sheet."""

from __future__ import annotations

from pathlib import Path

import fastexcel
import polars as pl

from mappings.errors import UnreadableSource
from mappings.readers.bounds import check_columns
from mappings.readers.cells import settle
from mappings.readers.containers import SourceFile, open_source
from mappings.readers.headers import column_names
from mappings.readers.ports import ROW, ReaderDescription, ReaderOptions, SourceTable, no_rejected
from mappings.readers.ranges import CellRange, parse_range
from mappings.readers.sheet_cells import cells_of
from mappings.readers.sheet_extents import check_extents
from mappings.readers.sheet_notes import notes_of
from registry.findings import Finding, Severity


class SpreadsheetReader:
    """Reads one sheet of a workbook as a table of text."""

    def read(self, source: Path, options: ReaderOptions) -> SourceTable:
        """See :class:`mappings.readers.ports.DatasetReader`."""
        return self.read_opened(open_source(source, options), options)

    def read_opened(self, source: SourceFile, options: ReaderOptions) -> SourceTable:
        """Read a workbook whose bytes are at hand."""
        if not source.is_workbook:
            raise UnreadableSource(f"{source.name}: this is not a spreadsheet. Write `format: csv` or `format: auto` in the recipe.")
        area = parse_range(options.range) if options.range is not None else None
        check_extents(source.name, source.content, options)
        workbook = _open(source)
        try:
            sheet, findings = _choose_sheet(source.name, workbook, options.sheet)
            notes = notes_of(source.content, sheet)
            cells = _within(cells_of(workbook, sheet, notes), area)
        except fastexcel.FastExcelError as error:
            reason = str(error).splitlines()[0]
            raise UnreadableSource(f"{source.name}: a sheet cannot be read ({reason}). Save the file again as XLSX or CSV.") from error
        frame, named = _table(f"{source.name}, sheet {sheet!r}", cells, options)
        frame, noticed = settle(frame, options)
        return SourceTable(
            frame=frame,
            rejected=no_rejected(),
            digest=source.digest,
            bytes=source.size,
            reader=ReaderDescription("spreadsheet", sheet=sheet, header_rows=options.header_rows),
            findings=(*source.findings, *findings, *notes.findings(), *named, *noticed),
        )


def _open(source: SourceFile) -> fastexcel.ExcelReader:
    try:
        return fastexcel.read_excel(source.content)
    except fastexcel.FastExcelError as error:
        reason = str(error).splitlines()[0]
        raise UnreadableSource(
            f"{source.name}: the workbook cannot be opened ({reason}). Remove its password, or save it again as XLSX or CSV."
        ) from error


def _choose_sheet(name: str, workbook: fastexcel.ExcelReader, wanted: str | int | None) -> tuple[str, list[Finding]]:
    """The sheet that the recipe names, or the first visible one."""
    names = workbook.sheet_names
    visible = [sheet for sheet in names if _is_visible(workbook, sheet)]
    listed = ", ".join(repr(sheet) for sheet in names)
    if isinstance(wanted, int):
        if not 1 <= wanted <= len(names):
            raise UnreadableSource(f"{name}: there is no sheet number {wanted}; the sheets are {listed}. Correct `sheet` in the recipe.")
        return names[wanted - 1], []
    if wanted is not None:
        if wanted not in names:
            raise UnreadableSource(f"{name}: there is no sheet {wanted!r}; the sheets are {listed}. Correct `sheet` in the recipe.")
        return wanted, []
    if not visible:
        raise UnreadableSource(f"{name}: all sheets are hidden ({listed}). Name one as `sheet` in the recipe.")
    if len(names) == 1:
        return visible[0], []
    hidden = [sheet for sheet in names if sheet not in visible]
    message = f"The workbook has {len(names)} sheets ({listed}); {visible[0]!r} was read."
    message += f" Hidden: {', '.join(repr(sheet) for sheet in hidden)}." if hidden else ""
    return visible[0], [
        Finding("sheet-guessed", Severity.WARNING, message, "Name the right one as `sheet` in the recipe.", count=len(names))
    ]


def _is_visible(workbook: fastexcel.ExcelReader, sheet: str) -> bool:
    return bool(workbook.load_sheet(sheet, header_row=None, n_rows=0, dtypes="string").visible == "visible")


def _within(cells: pl.DataFrame, area: CellRange | None) -> pl.DataFrame:
    """Cells of a range; columns are called by their 1-based number."""
    if area is None:
        return cells
    columns = [str(number) for number in range(area.first_column, area.last_column + 1)]
    missing = [pl.lit(None, dtype=pl.String).alias(column) for column in columns if column not in cells.columns]
    cells = cells.with_columns(missing).select(*columns, ROW).filter(pl.col(ROW) >= area.first_row)
    return cells if area.last_row is None else cells.filter(pl.col(ROW) <= area.last_row)


def _table(place: str, cells: pl.DataFrame, options: ReaderOptions) -> tuple[pl.DataFrame, list[Finding]]:
    """Split header and body, and name the columns."""
    columns = [name for name in cells.columns if name != ROW]
    cells = cells.filter(pl.col(ROW) > options.skip_rows)
    if options.comment:
        cells = cells.filter(~pl.col(columns[0]).str.starts_with(options.comment).fill_null(value=False))
    cells = cells.filter(pl.any_horizontal(pl.col(columns).is_not_null())) if columns else cells
    if cells.height < max(options.header_rows, 1):
        raise UnreadableSource(
            f"{place}: {cells.height} filled rows below row {options.skip_rows} are fewer than {options.header_rows} header rows. "
            "Correct `sheet`, `range`, `skip_rows` or `header_rows`."
        )
    header, body = cells.head(options.header_rows), cells.slice(options.header_rows)
    body = body.head(max(body.height - options.skip_footer, 0))
    # Formatting makes sheets wider than their table: columns without header and values do not exist.
    filled = [name for name in columns if header[name].count() or body[name].count()]
    row = int(cells[ROW][0])
    check_columns(place, len(filled), options)
    names, findings = column_names(header.select(filled).rows(), len(filled), options.header_separator, row)
    return body.select(*(pl.col(old).alias(new) for old, new in zip(filled, names, strict=True)), ROW), findings
