"""Rows that wait for a client: few of them in memory, the rest in a file without a name.

How fast batches are taken is for the client to say. What has been computed and not been taken must therefore be small, however long the
result is and however many clients are slow.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from io import BytesIO
from tempfile import TemporaryFile
from typing import IO, Final

import polars as pl
import pyarrow as pa

from exchange.observations.table.lake_files import ROW_GROUP_ROWS

#: Up to so many rows wait in memory.
_IN_MEMORY_ROWS: Final = 2 * ROW_GROUP_ROWS


def slices(rows: pl.DataFrame, size: int) -> Iterator[pl.DataFrame]:
    """The rows in frames of at most ``size``; a long frame is laid aside at once, so that its caller must not keep it."""
    if rows.height <= size:
        return _given([] if rows.is_empty() else [rows])
    aside = BytesIO() if rows.height <= _IN_MEMORY_ROWS else TemporaryFile()  # noqa: SIM115  # closed by _taken
    rows.write_ipc(aside, compression="lz4", record_batch_size=size)
    return _taken(aside)


def computed(rows: pl.LazyFrame, size: int) -> Iterator[pl.DataFrame]:
    """The rows of a result of any length, which is computed to its end and laid aside before the first of them is there."""
    aside = TemporaryFile()  # noqa: SIM115  # closed by _taken, which outlives this call
    rows.sink_ipc(aside, compression="lz4", record_batch_size=size, engine="streaming")
    return _taken(aside)


def _given(frames: list[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """Frames that are forgotten as soon as they are handed on: what is made of one waits much longer than it takes to make."""
    while frames:
        yield frames.pop()


def _taken(aside: IO[bytes]) -> Iterator[pl.DataFrame]:
    aside.seek(0)
    with aside, pa.ipc.open_file(aside) as batches:
        yield from map(partial(_frame, batches), range(batches.num_record_batches))


def _frame(batches: pa.ipc.RecordBatchFileReader, number: int) -> pl.DataFrame:
    frame = pl.from_arrow(batches.get_batch(number))
    assert isinstance(frame, pl.DataFrame)  # noqa: S101  # a record batch has columns
    return frame
