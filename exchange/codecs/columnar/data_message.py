"""Writes data messages as Parquet and as Arrow IPC stream, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from io import RawIOBase
from typing import ClassVar

import pyarrow as pa
import pyarrow.parquet as pq

from exchange.codecs.columnar.tables import arrow_schema, tables
from exchange.codecs.ports import DataMessage, DataOptions


class ParquetEncoder:
    """Writes Parquet, one row group per batch, compressed with Zstandard."""

    has_lists: ClassVar[bool] = True

    def encode(self, message: DataMessage, options: DataOptions) -> Iterator[bytes]:
        """Yield the file in pieces; the footer is the last. No option applies."""
        del options
        schema = arrow_schema(message)
        sink = _Sink()
        with pq.ParquetWriter(sink, schema, compression="zstd") as writer:
            for table in tables(message, schema):
                writer.write_table(table)
                yield sink.taken()
        yield sink.taken()


class ArrowEncoder:
    """Writes the Arrow IPC stream, one record batch per batch; dictionaries are replaced from batch to batch."""

    has_lists: ClassVar[bool] = True

    def encode(self, message: DataMessage, options: DataOptions) -> Iterator[bytes]:
        """Yield the stream in pieces. No option applies."""
        del options
        schema = arrow_schema(message)
        sink = _Sink()
        with pa.ipc.new_stream(sink, schema) as writer:
            yield sink.taken()
            for table in tables(message, schema):
                writer.write_table(table)
                yield sink.taken()
        yield sink.taken()


class _Sink(RawIOBase):
    """A file that is only written to, and whose content can be taken away at any time."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        piece = bytes(memoryview(data))  # type: ignore[arg-type] # pyarrow hands over anything with the buffer protocol
        self._pieces.append(piece)
        return len(piece)

    def taken(self) -> bytes:
        """What was written since the last time."""
        content = b"".join(self._pieces)
        self._pieces.clear()
        return content
