"""The cells of a sheet as canonical text: whole numbers without ``.0``, ISO dates, ``TRUE`` and ``FALSE``, errors by their name."""

from __future__ import annotations

from typing import Literal

import fastexcel
import polars as pl

from mappings.readers.ports import ROW
from mappings.readers.sheet_notes import SheetNotes

_DATE = r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?$"


def cells_of(workbook: fastexcel.ExcelReader, sheet: str, notes: SheetNotes) -> pl.DataFrame:
    """All cells from row 1 on: a ``String`` column per sheet column, named by its 1-based number, and the row number."""
    texts = _load(workbook, sheet, "string", notes)
    numbers = _load(workbook, sheet, "float", notes)
    columns = [name for name in texts.columns if name != ROW]
    texts = texts.with_columns(_precise(pl.col(name), numbers[name]).alias(name) for name in columns)
    texts = texts.with_columns(_dates(texts, name, notes) for name in columns)
    return _marked(texts, columns, notes)


def _load(workbook: fastexcel.ExcelReader, sheet: str, dtype: Literal["string", "float"], notes: SheetNotes) -> pl.DataFrame:
    # skip_rows=0 keeps empty rows at the top, so that row numbers are those of the sheet.
    frame: pl.DataFrame = workbook.load_sheet(sheet, header_row=None, skip_rows=0, dtypes=dtype).to_polars()
    first = notes.first_column()
    frame.columns = [str(number) for number in range(first, first + frame.width)]
    return frame.with_columns((pl.int_range(pl.len(), dtype=pl.Int64) + 1).alias(ROW))


def _precise(text: pl.Expr, number: pl.Series) -> pl.Expr:
    """Numbers with all their digits: the library rounds their text to nine decimals."""
    exact = pl.lit(number)
    whole = (exact == exact.round()) & (exact.abs() < 1e15)
    full = pl.when(whole).then(exact.cast(pl.Int64, strict=False).cast(pl.String)).otherwise(exact.cast(pl.String))
    rounded = exact.is_not_null() & (text.cast(pl.Float64, strict=False) != exact)
    return pl.when(rounded).then(full).otherwise(text)


def _dates(frame: pl.DataFrame, name: str, notes: SheetNotes) -> pl.Expr:
    """Typed dates and times in ISO form; text that merely looks like one stays as it is."""
    column = pl.col(name)
    dated = column.str.contains(_DATE)
    if not frame.select(dated.any()).item():
        return column
    written = notes.text_rows(int(name))
    if written:
        dated &= ~pl.col(ROW).is_in(list(written))
    day, clock = column.str.slice(0, 10), column.str.slice(11)
    iso = pl.when(day == "1899-12-31").then(clock).when(clock == "00:00:00").then(day).otherwise(day + "T" + clock)
    return pl.when(dated).then(iso).otherwise(column).alias(name)


def _marked(frame: pl.DataFrame, columns: list[str], notes: SheetNotes) -> pl.DataFrame:
    """Write booleans as spreadsheets do, and errors by their name."""
    if notes.booleans is None:
        return frame.with_columns(
            pl.when(pl.col(columns).is_in(["true", "false"]))
            .then(pl.col(columns).str.to_uppercase())
            .otherwise(pl.col(columns))
            .name.keep()
        )
    for name in columns:
        rows = [row for row, column in notes.booleans if column == int(name)]
        if rows:
            frame = frame.with_columns(
                pl.when(pl.col(ROW).is_in(rows)).then(pl.col(name).str.to_uppercase()).otherwise(pl.col(name)).alias(name)
            )
        errors = {row: text for (row, column), text in notes.errors.items() if column == int(name)}
        if errors:
            found = pl.col(ROW).replace_strict(errors, default=None, return_dtype=pl.String)
            frame = frame.with_columns(pl.coalesce(found, pl.col(name)).alias(name))
    return frame
