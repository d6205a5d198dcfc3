"""DuckDB in this process: tables that do not fit into memory go to disk while a run works on them."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from itertools import count
from typing import Any, Final

import duckdb
import narwhals.stable.v2 as nw
import polars as pl

from mappings.ports import Rows

#: Nothing but the tables given to it: no extension is fetched, and no setting can change that later.
_CONFIGURATION: Final = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "preserve_insertion_order": "true",
}


class DuckDBEngine:
    """:class:`mappings.ports.FrameEngine` on an own database in memory; one engine serves one run."""

    def __init__(self) -> None:
        # A folder that nobody else may read: what goes to disk may be personal.
        spill = tempfile.mkdtemp(prefix="exchange-duckdb-")
        weakref.finalize(self, shutil.rmtree, spill, ignore_errors=True)
        self._connection = duckdb.connect(":memory:", config={**_CONFIGURATION, "temp_directory": spill})
        self._names = (f"checkpoint_{number}" for number in count(1))

    def read(self, table: pl.DataFrame) -> Rows:
        """A table as lazy rows."""
        return self._kept(self._connection.from_arrow(table.to_arrow()))

    def checkpoint(self, rows: Rows) -> Rows:
        """The same rows as a table of the database."""
        return self._kept(rows.to_native())

    def to_polars(self, rows: Rows) -> pl.DataFrame:
        """The rows in memory."""
        frame: pl.DataFrame = rows.collect(backend="polars").to_native()
        return frame

    def _kept(self, relation: Any) -> Rows:
        name = next(self._names)
        relation.create(name)
        kept: Rows = nw.from_native(self._connection.table(name))
        return kept
