"""Rows of table files as lazy frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from exchange.observations.table.conversions import converted
from exchange.observations.table.lake_files import DataFile
from exchange.observations.table.lake_table import TableState
from exchange.observations.table.layout import Layout


def read_rows(state: TableState, files: Sequence[DataFile], layout: Layout, options: Mapping[str, str] | None) -> pl.LazyFrame:
    """The rows of some files, in file order, with all columns of the layout in its types; a column the table lacks is null."""
    if not files:
        return pl.LazyFrame(schema=layout.columns)
    rows = pl.scan_parquet(
        [state.location(file) for file in files],
        schema=dict(state.columns),
        missing_columns="insert",
        hive_partitioning=False,
        glob=False,
        storage_options=dict(options) if options else None,
    )
    if list(state.columns.items()) == list(layout.columns.items()):
        return rows
    missing = {name: kind for name, kind in layout.columns.items() if name not in state.columns}
    older = [name for name, kind in layout.components.items() if state.columns.get(name, kind) != kind]
    return rows.with_columns(
        *(pl.lit(None, dtype=kind).alias(name) for name, kind in missing.items()),
        *(converted(name, state.columns[name], layout.types[name]) for name in older),
    ).select(list(layout.columns))
