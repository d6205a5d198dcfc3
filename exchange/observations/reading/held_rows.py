"""Rows that wait for a client: few of them in memory, the rest in a file without a name.

How fast batches are taken is for the client to say. What has been computed and not been taken must therefore be small, however long the
result is and however many clients are slow.
"""

from __future__ import annotations

from collections.abc import Iterator
from tempfile import TemporaryFile
from typing import IO, Final

import polars as pl
import pyarrow as pa

from exchange.observations.table.lake_files import ROW_GROUP_ROWS

#: Up to so many rows wait in memory.
_IN_MEMORY_ROWS: Final = 2 * ROW_GROUP_ROWS


def slices(rows: pl.DataFrame, size: int) -> Iterator[pl.DataFrame]:
    """The rows in frames of at most ``size``; a long frame is laid aside at once, so that its caller must not keep it."""
    if rows.height <= _IN_MEMORY_ROWS:
        return iter(()) if rows.is_empty() else rows.iter_slices(size)
    aside = TemporaryFile()  # noqa: SIM115  # closed by _taken, which outlives this call
    rows.write_ipc(aside, compression="lz4", record_batch_size=size)
    aside.seek(0)
    return _taken(aside)


def _taken(aside: IO[bytes]) -> Iterator[pl.DataFrame]:
    with aside, pa.ipc.open_file(aside) as batches:
        for number in range(batches.num_record_batches):
            frame = pl.from_arrow(batches.get_batch(number))
            assert isinstance(frame, pl.DataFrame)  # noqa: S101  # a record batch has columns
            yield frame
