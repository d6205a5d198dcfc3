"""The rows that a run kept out, whole, so that a person can correct them in the source."""

from __future__ import annotations

from typing import Final

import polars as pl

from mappings.journal import Journal
from mappings.readers.ports import ROW, SourceTable

#: What is said about a row that was kept out, before its own columns.
_ABOUT: Final = ("row", "line", "code", "message", "column", "value")
_BY_READER: Final = "it could not become a row of the table; its text stands under value"


def rejected_rows(as_read: SourceTable, table: SourceTable, journal: Journal) -> pl.DataFrame:
    """Every row kept out, by the reader, by a lookup or by a step; one line per refusal.

    Args:
        as_read: The source as it was read, before its shape was changed.
        table: The source in the shape that the recipe describes.
        journal: What the steps kept out.

    Returns:
        ``row`` of the source, ``line`` of the file where it is another number, ``code`` and ``message`` of the finding, the ``column``
        and the ``value`` that was refused, and all columns of the source under their names. Where the source has a column of such a
        name, ours has a leading underscore.
    """
    refusals = pl.concat([_by_tables(table), *journal.rejected]).unique(maintain_order=True).sort("row", maintain_order=True)
    refusals = refusals.with_columns(as_read.lines.column(refusals["row"]).alias("line"))
    about = {name: _free(name, as_read.columns) for name in _ABOUT}
    refusals = refusals.select(pl.col(name).alias(free) for name, free in about.items())
    return refusals.join(as_read.frame, left_on=about["row"], right_on=ROW, how="left", maintain_order="left")


def _by_tables(table: SourceTable) -> pl.DataFrame:
    """What the reader kept out, and lookups."""
    found = table.rejected
    missing = [pl.lit(None, pl.String).alias(name) for name in ("column", "message") if name not in found.columns]
    return found.with_columns(missing).select(
        pl.col(ROW).alias("row"),
        pl.col("reason").alias("code"),
        pl.col("message").fill_null(_BY_READER),
        "column",
        pl.col("text").alias("value"),
    )


def _free(name: str, taken: list[str]) -> str:
    while name in taken:
        name = f"_{name}"
    return name
