"""Text built from whole columns: lexical values, escaping, joining, chunks. Every encoder of a text format stands on this.

Nothing here looks at one observation at a time. A column becomes text in one expression, and a value that a format has to escape
is escaped once per distinct value and batch. Values are written alike in all formats, as ``registry.model.data_types`` says: exact
numbers with the digits they were reported with, binary ones as the shortest text that reads back as the same number, without ``.0``
(``12``, ``12.5``, ``1e+16``), ``NaN`` where one is missing on purpose, ``INF`` and ``-INF``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, repeat
from tempfile import SpooledTemporaryFile
from typing import IO, Final

import polars as pl

from mappings.checks.values import binary_text
from registry.data_schema import DataSchema, SchemaComponent
from registry.model.data_types import ValueSpace

#: Text is handed on in pieces of about this many bytes.
CHUNK_BYTES: Final = 1 << 18
#: Batches are turned into text in slices of at most so many rows, so that memory depends on neither batches nor formats.
SLICE_ROWS: Final = 1 << 14
_SPOOL_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Escape:
    """How a format escapes text: a pattern of what must not stand as it is, and a function for the values that hold some of it."""

    pattern: str
    replace: Callable[[pl.Series], pl.Series]


def sliced(batches: Iterable[pl.DataFrame], keys: Sequence[str] = ()) -> Iterator[pl.DataFrame]:
    """The same rows in frames that are neither empty nor long, and that have the key columns, null where they were left out."""
    return chain.from_iterable(map(_slices, batches, repeat(keys)))


def put_back(first: list[pl.DataFrame], rest: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """Batches taken off a stream, and the stream again; ``first`` is emptied, as a chain would keep them to the end of the stream."""
    while first:
        yield first.pop(0)
    yield from rest


def _slices(batch: pl.DataFrame, keys: Sequence[str]) -> Iterator[pl.DataFrame]:
    absent = [pl.lit(None, pl.String).alias(name) for name in keys if name not in batch.columns]
    rest = deque(batch.with_columns(absent).iter_slices(SLICE_ROWS) if batch.height else ())
    del batch
    while rest:
        yield rest.popleft()


def lexical(frame: pl.DataFrame, schema: DataSchema, columns: Sequence[str]) -> pl.DataFrame:
    """The named columns as text; columns that the frame does not have are null. Lists stay lists, empty ones are null."""
    types = frame.schema
    return frame.select(
        _as_text(pl.col(name), types[name], schema[name]) if name in types else pl.lit(None, pl.String).alias(name) for name in columns
    )


def _as_text(column: pl.Expr, dtype: pl.DataType, component: SchemaComponent) -> pl.Expr:
    if isinstance(dtype, pl.List):
        return pl.when(column.list.len() > 0).then(column)
    if dtype == pl.String:
        return column
    if not dtype.is_float():
        return column.cast(pl.String)
    return binary_text(column, exponents=component.type.space is ValueSpace.BINARY)


def best_language(texts: pl.Expr, languages: Sequence[str]) -> pl.Expr:
    """One of the texts of a list of language and text, for formats that hold only one."""
    wanted = [texts.list.eval(pl.element().struct.field("value").filter(pl.element().struct.field("lang") == tag)) for tag in languages]
    return pl.coalesce(*(found.list.first() for found in wanted), texts.list.first().struct.field("value"))


def escaped(frame: pl.DataFrame, escape: Escape, seen: Callable[[str, pl.Series], None] | None = None) -> pl.DataFrame:
    """Escape all text columns, each distinct value once; ``seen`` is told which column holds what that needs it."""
    names = [name for name, dtype in frame.schema.items() if dtype == pl.String]
    if not names or not frame.height:
        return frame
    unsafe = frame.select(pl.col(name).filter(pl.col(name).str.contains(escape.pattern)).unique().implode() for name in names).row(0)
    found = {name: pl.Series(values, dtype=pl.String) for name, values in zip(names, unsafe, strict=True) if len(values)}
    if seen is not None:
        for name, values in found.items():
            seen(name, values)
    return frame.with_columns(frame[name].replace(values, escape.replace(values)).alias(name) for name, values in found.items())


def joined(parts: Iterable[pl.Expr | str]) -> pl.Expr:
    """The parts one after the other; what is null is left out."""
    return pl.concat_str([pl.lit(part) if isinstance(part, str) else part for part in parts], ignore_nulls=True)


def wrapped(before: str, name: str, after: str) -> pl.Expr:
    """A column between two texts; null where the column is null."""
    return pl.concat_str(pl.lit(before), pl.col(name), pl.lit(after))


def starts(frame: pl.DataFrame, keys: Sequence[str], previous: tuple[object, ...] | None) -> pl.Series:
    """True where a row's key differs from that of the row above; ``previous`` is the key above the first row, if any."""
    if keys:
        changes = frame.select(pl.any_horizontal(pl.col(name).ne_missing(pl.col(name).shift()) for name in keys)).to_series()
    else:
        changes = pl.repeat(False, frame.height, eager=True)
    changes[0] = previous is None or previous != _key(frame, keys, 0)
    return changes


def _key(frame: pl.DataFrame, keys: Sequence[str], row: int) -> tuple[object, ...]:
    return frame.select(keys).row(row) if keys else ()


def spread(fragments: pl.Series, marks: pl.Series) -> pl.Series:
    """One fragment at each marked row, in order; null elsewhere."""
    return fragments.gather(pl.select(pl.when(marks).then(marks.cast(pl.UInt32).cum_sum() - 1)).to_series())


def nested(
    batches: Iterable[pl.DataFrame],
    keys: Sequence[str],
    opened: Callable[[pl.DataFrame], pl.Series],
    rows: Callable[[pl.DataFrame, pl.Series], pl.Series] | None,
    *,
    between: str,
    separator: str = "",
) -> Generator[bytes, None, bool]:
    """Rows inside series, as text. The rows of a series stand together; a series may go on in the next batch.

    Args:
        batches: Frames that hold the key columns, none of them empty.
        keys: Columns of the series key.
        opened: Text with which each series begins, from the first row of each.
        rows: Text of each row, with what is to stand before it; None when only series are written.
        between: What closes a series and leads to the next. The caller writes what closes the last one.
        separator: What stands between two rows of a series.

    Returns:
        True when anything was written.
    """
    previous: tuple[object, ...] | None = None

    def text(batch: pl.DataFrame) -> Iterator[bytes]:
        nonlocal previous
        marks = starts(batch, keys, previous)
        skip = len(between.encode()) if previous is None else 0
        previous = _key(batch, keys, -1)
        heads = between + opened(batch.filter(marks))
        return utf8(heads if rows is None else rows(batch, spread(heads, marks).fill_null(separator)), skip)

    yield from in_text(text, batches)
    return previous is not None


def in_text(text: Callable[[pl.DataFrame], Iterator[bytes]], batches: Iterable[pl.DataFrame]) -> Iterator[bytes]:
    """The text of each batch. While text waits for a client, nothing here holds the batch that it was made from."""
    return chain.from_iterable(map(text, batches))


def utf8(texts: pl.Series, skip: int = 0) -> Iterator[bytes]:
    """The texts of a column one after the other, in chunks; ``skip`` bytes are left out at the beginning."""
    if not len(texts):
        return iter(())
    # The large strings of Arrow lie one after the other in memory: what is wanted is that memory, with no string made of any row.
    array = texts.rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())
    _, offsets, content = array.buffers()
    if content is None:
        return iter(())
    ends = memoryview(offsets).cast("q")
    return in_chunks(memoryview(content)[ends[array.offset] + skip : ends[array.offset + len(array)]])


def in_chunks(view: memoryview) -> Iterator[bytes]:
    """Bytes in pieces of ``CHUNK_BYTES``."""
    for begin in range(0, len(view), CHUNK_BYTES):
        yield bytes(view[begin : begin + CHUNK_BYTES])


def gathered(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Run through all chunks now, keep them outside memory when there are many, and give them back one by one."""
    spool: IO[bytes] = SpooledTemporaryFile(_SPOOL_BYTES)  # noqa: SIM115 - closed by _drained, which outlives this call
    for chunk in chunks:
        spool.write(chunk)
    spool.seek(0)
    return _drained(spool)


def _drained(spool: IO[bytes]) -> Iterator[bytes]:
    with spool:
        while chunk := spool.read(CHUNK_BYTES):
            yield chunk
