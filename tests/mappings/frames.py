"""Small frames for tests of single steps, on one engine and without files or a registry."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from mappings.engines.polars_engine import PolarsEngine
from mappings.journal import Journal
from mappings.ports import Rows
from mappings.readers.ports import ROW

ENGINE = PolarsEngine()


def rows(**columns: Sequence[Any]) -> Rows:
    """Rows of a source, numbered from 2 because the header stands above them."""
    frame = pl.DataFrame({name: list(values) for name, values in columns.items()})
    return ENGINE.read(frame.with_columns(pl.int_range(2, pl.len() + 2, dtype=pl.Int64).alias(ROW)))


def journal(*personal: str) -> Journal:
    """A journal with these personal columns."""
    return Journal(ENGINE, personal=frozenset(personal))


def values(made: Rows, *columns: str) -> list[Any]:
    """The values of a column, or tuples of several, in order of rows."""
    frame = ENGINE.to_polars(made).select(*columns)
    return frame.to_series().to_list() if len(columns) == 1 else frame.rows()


def rejected(kept: Journal) -> list[tuple[int, str]]:
    """Row and code of all that was kept out."""
    return [(row, code) for frame in kept.rejected for row, code in frame.select("row", "code").iter_rows()]


def told(kept: Journal) -> list[tuple[Any, ...]]:
    """Code, row, column, value and count of every finding."""
    return [(f.code, f.row, f.column, f.value, f.count) for f in kept.findings]
