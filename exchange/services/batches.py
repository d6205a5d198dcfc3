"""Small operations on streams of observation batches."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from exchange.codecs.data_writing.fragments import put_back


def distinct_series(batches: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """Each distinct row once. Rows of a series must stand together, so only the edge of a batch needs remembering."""
    last: tuple[object, ...] | None = None
    for batch in batches:
        rows = batch.unique(maintain_order=True)
        if last is not None and rows.height and rows.row(0) == last:
            rows = rows.slice(1)
        if rows.height:
            last = rows.row(-1)
            yield rows


def window(batches: Iterator[pl.DataFrame], offset: int, limit: int | None) -> Iterator[pl.DataFrame]:
    """Rows ``offset`` to ``offset + limit`` of a stream; reading stops with the last one."""
    for batch in batches:
        rows = batch.slice(offset)
        offset = max(0, offset - batch.height)
        if limit is not None:
            rows = rows.head(limit)
            limit -= rows.height
        if rows.height:
            yield rows
        if limit == 0:
            return


def peeked(batches: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame] | None:
    """The stream without leading empty batches, or None when it holds no row at all. Reads no further than the first row."""
    for batch in batches:
        if batch.height:
            return put_back([batch], batches)
    return None
