"""From text as read to text as meant: absent values, blanks, empty rows, and cells that a program has spoilt.

Nothing is repaired here; what looks spoilt is reported with its first row and its number.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from mappings.readers.ports import ROW, ReaderOptions
from registry.findings import Finding, Severity

_ERROR_CELLS = ("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "Err:502", "Err:508")
#: Words that often stand for a missing value; only a recipe can say whether they do.
WORDS_FOR_ABSENT = (
    "NA", "N/A", "n/a", "na", "NULL", "null", "None", "NaN", "nan", "-", "--", ".", "..", "...", ":", "?",
    "-99", "-999", "-9999",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Suspicion:
    """Something that cells may look like; ``message`` is completed with the number of cells and the column."""

    code: str
    severity: Severity
    message: str
    hint: str
    test: Callable[[pl.Expr], pl.Expr]


_SUSPICIONS = (
    _Suspicion(
        "error-cell",
        Severity.WARNING,
        "{count} cells of {column!r} hold a spreadsheet error.",
        "Correct the formulas in the source, or list the error text in `na_values`.",
        lambda column: column.is_in(_ERROR_CELLS),
    ),
    _Suspicion(
        "scientific-notation",
        Severity.WARNING,
        "{count} cells of {column!r} are in scientific notation: digits of a long number or identifier may be lost.",
        "Export the column as text or with all digits, or accept the rounding.",
        lambda column: column.str.contains(r"^\s*[+-]?\d(?:[.,]\d+)?[eE]\+\d+\s*$"),
    ),
    _Suspicion(
        "padded-value",
        Severity.NOTE,
        "{count} cells of {column!r} have blanks at their ends.",
        "Write `trim: true` in the recipe when the blanks mean nothing.",
        lambda column: column.str.contains(r"^\s|\s$"),
    ),
    _Suspicion(
        "text-for-absent",
        Severity.NOTE,
        "{count} cells of {column!r} hold a text that often stands for a missing value; they were kept.",
        "List it in `na_values` when it means that the value is missing.",
        lambda column: column.is_in(WORDS_FOR_ABSENT),
    ),
)


def settle(frame: pl.DataFrame, options: ReaderOptions) -> tuple[pl.DataFrame, list[Finding]]:
    """Apply the recipe's idea of absent values, leave out empty rows, and report suspicious cells.

    Args:
        frame: Text columns and :data:`ROW`.
        options: ``trim`` and ``na_values`` are applied, in this order.
    """
    columns = [name for name in frame.columns if name != ROW]
    if options.trim:
        frame = frame.with_columns(pl.col(columns).str.strip_chars())
    if options.na_values:
        absent = pl.col(columns).is_in(options.na_values)
        frame = frame.with_columns(pl.when(absent).then(None).otherwise(pl.col(columns)).name.keep())
    frame, findings = _without_empty_rows(frame, columns)
    return frame, findings + _suspicious_cells(frame, columns) + _mixed_zeros(frame, columns)


def _without_empty_rows(frame: pl.DataFrame, columns: list[str]) -> tuple[pl.DataFrame, list[Finding]]:
    empty = frame.select(pl.all_horizontal(pl.col(columns).is_null() | (pl.col(columns) == ""))).to_series()
    count = int(empty.sum() or 0)
    if not count:
        return frame, []
    first = int(frame.filter(empty)[ROW][0])
    message = f"{count} rows have no value at all and were left out."
    return frame.filter(~empty), [Finding("empty-row", Severity.NOTE, message, "Nothing to do.", row=first, count=count)]


def _suspicious_cells(frame: pl.DataFrame, columns: list[str]) -> list[Finding]:
    found = []
    for column in columns:
        values = frame.lazy().select(pl.col(column), ROW)
        counts = values.select(*(item.test(pl.col(column)).sum().alias(item.code) for item in _SUSPICIONS)).collect().row(0, named=True)
        for item in _SUSPICIONS:
            if counts[item.code]:
                first = values.filter(item.test(pl.col(column))).select(ROW).head(1).collect().item()
                message = item.message.format(count=counts[item.code], column=column)
                found.append(Finding(item.code, item.severity, message, item.hint, row=first, column=column, count=counts[item.code]))
    return found


def _mixed_zeros(frame: pl.DataFrame, columns: list[str]) -> list[Finding]:
    """Columns of digits where some begin with 0 and others are shorter than those: ``004`` beside ``36``."""
    found = []
    for column in columns:
        value = pl.col(column)
        padded = value.str.contains(r"^0\d+$")
        width = value.filter(padded).str.len_bytes().max()
        shorter = value.str.contains(r"^[1-9]\d*$") & (value.str.len_bytes() < width)
        matches = frame.lazy().filter(shorter).select(ROW).collect() if bool(frame.select(padded.any()).item()) else frame.clear()
        if matches.height:
            message = f"Some codes of {column!r} begin with 0 and {matches.height} others are shorter: leading zeros may be lost."
            hint = "Check them against the code list; the code map of the recipe can restore them."
            first = int(matches[ROW][0])
            found.append(Finding("leading-zeros", Severity.WARNING, message, hint, row=first, column=column, count=matches.height))
    return found
