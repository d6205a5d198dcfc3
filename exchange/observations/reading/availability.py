"""What a selection holds: values per dimension, time span, counts (SDMX-REST 2.2.2, availability)."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from exchange.observations.ports import Availability
from exchange.observations.reading.context import ScanContext
from exchange.observations.reading.predicates import predicate
from exchange.observations.reading.scans import selected_rows, vanished_rows
from exchange.observations.table.layout import END, KEY_SEPARATOR, SERIES, START
from exchange.query.values.data_query import ObservationSelection

_COUNTED = [SERIES, START, END]


def availability(context: ScanContext, *, available: bool) -> Availability:
    """Exact values of the selection, or those that remain valid choices: a dimension's own restriction does not count for it.

    What a query finds that asks for changes since an instant is also what was deleted since (SDMX-REST, updatedAfter).
    """
    series = _series(context, None)
    values = _values(series, context)
    if available:
        for name in _restricted(context.selection, context):
            values[name] = _values(_series(context, name), context)[name]
    span = series.select(pl.col(START).min(), pl.col(END).max(), pl.col("count").sum())
    return Availability(values, _text(span[START][0]), _text(span[END][0]), series.height, int(span["count"][0] or 0))


def _series(context: ScanContext, without: str | None) -> pl.DataFrame:
    condition = predicate(context.selection, context.layout, without=without)
    rows = selected_rows(context, condition).select(_COUNTED)
    if context.selection.updated_after is not None:
        rows = pl.concat([rows, vanished_rows(context, condition).select(_COUNTED)])
    grouped = rows.group_by(SERIES).agg(pl.col(START).min(), pl.col(END).max(), pl.len().alias("count"))
    if not context.layout.dimensions:
        return grouped.collect(engine="streaming")
    key = (
        pl.col(SERIES)
        .str.split_exact(KEY_SEPARATOR, len(context.layout.dimensions) - 1)
        .struct.rename_fields(list(context.layout.dimensions))
    )
    return grouped.with_columns(key.alias(SERIES)).unnest(SERIES).collect(engine="streaming")


def _values(series: pl.DataFrame, context: ScanContext) -> dict[str, tuple[str, ...]]:
    return {name: tuple(series[name].unique().sort()) for name in context.layout.dimensions}


def _restricted(selection: ObservationSelection, context: ScanContext) -> list[str]:
    by_key = {
        name
        for key in selection.keys
        for name, admitted in zip(context.layout.dimensions, key.positions, strict=False)
        if admitted is not None
    }
    return [name for name in context.layout.dimensions if name in by_key or name in selection.filters]


def _text(instant: datetime | None) -> str | None:
    """An instant of UTC, which says so."""
    return None if instant is None else instant.replace(tzinfo=None).isoformat(timespec="seconds") + "Z"
