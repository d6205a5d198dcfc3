"""Polars in this process: the engine that needs nothing else."""

from __future__ import annotations

import narwhals.stable.v2 as nw
import polars as pl

from mappings.ports import Rows


class PolarsEngine:
    """:class:`mappings.ports.FrameEngine` on lazy frames of Polars."""

    def read(self, table: pl.DataFrame) -> Rows:
        """A table as lazy rows."""
        return nw.from_native(table.lazy())

    def checkpoint(self, rows: Rows) -> Rows:
        """The same rows, computed once."""
        return rows.collect(backend="polars").lazy()

    def to_polars(self, rows: Rows) -> pl.DataFrame:
        """The rows in memory."""
        frame: pl.DataFrame = rows.collect(backend="polars").to_native()
        return frame
