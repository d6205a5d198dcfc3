"""Reads Parquet and Arrow IPC (stream or file) as this software writes them: a column per component, the structure in the metadata."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from exchange.codecs.columnar.tables import MISSING_COLUMN
from exchange.codecs.data_reading.batches import ACTIONS, Origin, datasets, structure_of_urn, typed
from exchange.codecs.ports import ReadDataSet, StructureName
from exchange.errors import MalformedMessage
from exchange.observations.ports import SOURCE_ROW, Action
from exchange.query.values.data_query import Context
from registry.data_schema import DataSchema
from registry.findings import Finding
from registry.model.data_types import MISSING

_BATCH = 100_000
_PARQUET, _ARROW_FILE = b"PAR1", b"ARROW1"
_STRUCTURE, _ACTION = "STRUCTURE_ID", "ACTION"
_RESERVED = frozenset({_STRUCTURE, _ACTION, "VALID_FROM", "VALID_TO", MISSING_COLUMN})
_ORIGIN = Origin("row")

Key = tuple[StructureName, Action]


class ColumnarDecoder:
    """Reads Parquet and Arrow; the first bytes say which it is."""

    def decode(self, source: Path, schema: DataSchema) -> Iterator[ReadDataSet]:
        """See :class:`exchange.codecs.ports.DataDecoder`. Columns that are no components are left out unless the message wrote them."""
        return datasets(_segments(source, schema))

    def left_out(self, source: Path, schema: DataSchema) -> Sequence[Finding]:
        """Nothing: what is no component is refused."""
        return ()

    def structures(self, source: Path) -> list[StructureName]:
        """The structures of the datasets, in order."""
        found: dict[StructureName, None] = {}
        for frame, metadata in _frames(source):
            for key, _ in _runs(frame, metadata):
                found.setdefault(key[0])
        return list(found)


def _segments(source: Path, schema: DataSchema) -> Iterator[tuple[Key, pl.DataFrame]]:
    for frame, metadata in _frames(source):
        for key, part in _runs(frame, metadata):
            marked = _with_missing(part, schema) if MISSING_COLUMN in part.columns and MISSING_COLUMN not in schema else part
            reserved = [name for name in marked.columns if name in _RESERVED and name not in schema]
            yield key, typed(marked.drop(reserved), schema, key[1], _ORIGIN)


def _with_missing(rows: pl.DataFrame, schema: DataSchema) -> pl.DataFrame:
    """The rows with ``#N/A`` in the columns whose values are missing on purpose."""
    marks = pl.col(MISSING_COLUMN)
    named = [name for name in rows[MISSING_COLUMN].explode().drop_nulls().unique() if name in rows.columns and name in schema]
    return rows.with_columns(
        pl.when(marks.list.contains(name)).then(pl.lit(MISSING)).otherwise(pl.col(name).cast(pl.String)).alias(name) for name in named
    )


def _frames(source: Path) -> Iterator[tuple[pl.DataFrame, dict[str, str]]]:
    """Batches as written, with row numbers, and the metadata of the file."""
    count = 0
    try:
        for batch, schema in _batches(source):
            converted = pl.from_arrow(pa.Table.from_batches([batch], schema=schema))
            frame = converted if isinstance(converted, pl.DataFrame) else converted.to_frame()
            texts = [pl.col(name).cast(pl.String) for name, kind in frame.schema.items() if isinstance(kind, pl.Categorical | pl.Enum)]
            rows = pl.int_range(count + 1, count + frame.height + 1, dtype=pl.Int64).alias(SOURCE_ROW)
            count += frame.height
            metadata = {key.decode(): value.decode() for key, value in (schema.metadata or {}).items() if key.startswith(b"sdmx:")}
            yield frame.with_columns(*texts, rows), metadata
    except (pa.ArrowInvalid, OSError) as error:
        raise MalformedMessage(f"the file is no Parquet or Arrow file, or it is damaged ({error}). Transfer it again.") from error


def _batches(source: Path) -> Iterator[tuple[pa.RecordBatch, pa.Schema]]:
    with source.open("rb") as stream:
        start = stream.read(8)
    if start.startswith(_PARQUET):
        with pq.ParquetFile(source) as file:
            yield from ((batch, file.schema_arrow) for batch in file.iter_batches(_BATCH))
        return
    with pa.OSFile(str(source)) as stream:
        if start.startswith(_ARROW_FILE):
            reader = pa.ipc.open_file(stream)
            yield from ((reader.get_batch(number), reader.schema) for number in range(reader.num_record_batches))
        else:
            streamed = pa.ipc.open_stream(stream)
            yield from ((batch, streamed.schema) for batch in streamed)


def _runs(frame: pl.DataFrame, metadata: dict[str, str]) -> Iterator[tuple[Key, pl.DataFrame]]:
    """Runs of rows of one dataset."""
    structure = structure_of_urn(metadata.get("sdmx:structure", ""))
    action = metadata.get("sdmx:action", "")
    if _STRUCTURE not in frame.columns:
        if structure is None:
            raise MalformedMessage(
                "the metadata of the file have no sdmx:structure with the URN of its dataflow. Map other files with a recipe."
            )
        yield (structure, _action(action)), frame
        return
    kind = structure[0] if structure else Context.DATAFLOW
    said = frame.select(_STRUCTURE, pl.col(_ACTION) if _ACTION in frame.columns else pl.lit(action).alias(_ACTION))
    runs = frame.with_columns(said.select(pl.struct(pl.all()).rle_id().alias("_run")).to_series())
    for part in runs.partition_by("_run", maintain_order=True):
        first = part.row(0, named=True)
        yield ((kind, str(first[_STRUCTURE])), _action(str(first.get(_ACTION) or action))), part.drop("_run")


def _action(text: str) -> Action:
    if text.lower() not in ACTIONS:
        raise MalformedMessage(f"the action {text!r} is not known. Write Merge, Replace or Delete.")
    return ACTIONS[text.lower()]
