"""Opening the observations of a selection: pruned, in order, in batches, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from exchange.observations.ports import VALID_FROM, VALID_TO, Scan
from exchange.observations.reading.context import ScanContext, in_order, is_before, order_asked_for
from exchange.observations.reading.held_rows import computed, slices
from exchange.observations.reading.history import history
from exchange.observations.reading.predicates import Predicate, predicate, valid_at
from exchange.observations.table.key_ranges import KeyRange, key_ranges
from exchange.observations.table.lake_files import DataFile
from exchange.observations.table.layout import CURRENT, SERIES
from exchange.query.values.data_query import ObservationSelection

#: Up to so many rows a result is computed at once: quicker than a stream, and still small.
_AT_ONCE_ROWS = 600_000
#: The first batch is small, the next grow by this factor, to a part of a row group: what a slow client makes the service keep.
_FIRST_ROWS, _GROWTH = 2_048, 4


def open_scan(context: ScanContext, columns: Sequence[str]) -> Scan:
    """Open a result; nothing is read before the first batch is asked for."""
    selection = context.selection
    condition = predicate(selection, context.layout)
    if selection.include_history:
        told = history(context, condition, columns)
        return Scan(columns=tuple(columns), batches=iter(()), transactions=told, last_updated=context.state.last_change)
    return Scan(
        columns=tuple(columns),
        batches=_batches(context, condition, columns),
        deleted=_deleted(context, condition) if selection.updated_after is not None else None,
        last_updated=context.state.last_change,
    )


def selected_rows(context: ScanContext, condition: Predicate) -> pl.LazyFrame:
    """All selected rows, in no particular order."""
    files = _candidates(context, condition)
    part = KeyRange(None, None, tuple(f for f in files if f.current), tuple(f for f in files if not f.current))
    return context.rows(part).filter(_conditions(context, condition))


def vanished_rows(context: ScanContext, condition: Predicate) -> pl.LazyFrame:
    """All rows that were selected at ``updated_after`` and are not any more, in no particular order."""
    files = [file for file in context.state.files if condition.may_hold(file)]
    part = KeyRange(None, None, tuple(f for f in files if f.current), tuple(f for f in files if not f.current))
    return _vanished(context, part, condition)


def _batches(context: ScanContext, condition: Predicate, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
    selection = context.selection
    if selection.limit == 0:
        return
    files = _candidates(context, condition)
    by = order_asked_for(selection, context.layout)
    ranges = [part for part in key_ranges(files) if part.files or part.closed]
    ranked = selection.first_n is not None or selection.last_n is not None
    if by and not ranked:
        rows = selected_rows(context, condition)
        yield from _emit(context, _window(in_order(rows, by, context.layout), selection), columns, files)
    elif by:
        needed = [*columns, *(column for column, _ in by)]
        frames = [_first_and_last(_in_order(context, part, condition, needed), selection).lazy() for part in ranges]
        rows = pl.concat(frames or [context.rows(KeyRange(None, None))])
        yield from _emit(context, _window(in_order(rows, by, context.layout), selection), columns, files)
    elif all(part.is_one_sorted_file for part in ranges) and not ranked:
        yield from _in_file_order(context, [file for part in ranges for file in part.files], condition, columns)
    else:
        yield from _by_range(context, ranges, condition, columns, ranked=ranked)


def _in_file_order(context: ScanContext, files: Sequence[DataFile], condition: Predicate, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
    """The rows of sorted files; where they can be many, the beginning of the first file by itself, and the rest as a stream."""
    selection, conditions = context.selection, _conditions(context, condition)
    read, left = 0, selection.limit
    if files and not selection.offset and SERIES not in (condition.values or {}):
        first = context.rows(KeyRange(None, None, (files[0],)))
        for size in (_FIRST_ROWS, _FIRST_ROWS * (_GROWTH - 1)):
            found = first.slice(read, size).filter(conditions).select(list(columns)).head(left or size).collect()
            read += size
            left = None if left is None else left - found.height
            waiting = slices(found, context.batch_rows)
            del found
            yield from waiting
            if left == 0:
                return
    if read and left is None and not condition.expressions:
        # A little at a time: a stream would read far ahead of a client that takes its time.
        size = _FIRST_ROWS * _GROWTH
        for at, file in enumerate(files):
            rows = context.rows(KeyRange(None, None, (file,)))
            for begin in range(0 if at else read, file.rows, size):
                yield from slices(rows.slice(begin, size).filter(conditions).select(list(columns)).collect(), context.batch_rows)
        return
    if selection.offset:
        yield from _emit(context, _window(context.rows(KeyRange(None, None, tuple(files))).filter(conditions), selection), columns, files)
        return
    for at, file in enumerate(files):
        rows = context.rows(KeyRange(None, None, (file,)))
        rows = (rows.slice(read) if read and not at else rows).filter(conditions).select(list(columns))
        found = (rows if left is None else rows.head(left)).collect()
        left = None if left is None else left - found.height
        waiting = slices(found, context.batch_rows)
        del found
        yield from waiting
        if left == 0:
            return


def _emit(context: ScanContext, rows: pl.LazyFrame, columns: Sequence[str], files: Sequence[DataFile]) -> Iterator[pl.DataFrame]:
    rows = rows.select(list(columns))
    if sum(file.rows for file in files) <= _AT_ONCE_ROWS:
        yield from slices(rows.collect(), context.batch_rows)
    else:
        yield from computed(rows, context.batch_rows)


def _by_range(
    context: ScanContext, ranges: Sequence[KeyRange], condition: Predicate, columns: Sequence[str], *, ranked: bool
) -> Iterator[pl.DataFrame]:
    skip, left = context.selection.offset, context.selection.limit
    for part in ranges:
        rows = _in_order(context, part, condition, columns)
        if ranked:
            rows = _first_and_last(rows, context.selection)
        if skip >= rows.height:
            skip -= rows.height
            continue
        waiting = slices(rows.slice(skip, left).select(list(columns)), context.batch_rows)
        taken = rows.height - skip if left is None else min(rows.height - skip, left)
        skip = 0
        left = None if left is None else left - taken
        del rows
        yield from waiting
        if left == 0:
            return


def _in_order(context: ScanContext, part: KeyRange, condition: Predicate, columns: Sequence[str]) -> pl.DataFrame:
    """The selected rows of a range in default order, with the columns wanted and those that make the order."""
    rows = context.rows(part).filter(_conditions(context, condition))
    rows = rows.select(list(dict.fromkeys([*columns, *context.layout.order, VALID_FROM])))
    return (rows if part.is_one_sorted_file else rows.sort([*context.layout.order, VALID_FROM])).collect()


def _first_and_last(rows: pl.DataFrame, selection: ObservationSelection) -> pl.DataFrame:
    """The first and last observations of each series, of rows in default order: positions are counted from where the series changes."""
    begins = (pl.col(SERIES) != pl.col(SERIES).shift(1)).fill_null(value=True)
    ends = (pl.col(SERIES) != pl.col(SERIES).shift(-1)).fill_null(value=True)
    row = pl.int_range(pl.len(), dtype=pl.Int64)
    kept = pl.lit(value=False)
    if selection.first_n is not None:
        kept |= row - pl.when(begins).then(row).forward_fill() < selection.first_n
    if selection.last_n is not None:
        kept |= pl.when(ends).then(row).backward_fill() - row < selection.last_n
    return rows.filter(kept)


def _window(rows: pl.LazyFrame, selection: ObservationSelection) -> pl.LazyFrame:
    return rows.slice(selection.offset, selection.limit) if selection.offset or selection.limit is not None else rows


def _candidates(context: ScanContext, condition: Predicate) -> list[DataFile]:
    after, wants_closed = context.selection.updated_after, context.selection.as_of is not None
    return [
        file
        for file in context.state.files
        if (file.current or wants_closed) and condition.may_hold(file) and not (after and is_before(file, VALID_FROM, after))
    ]


def _conditions(context: ScanContext, condition: Predicate) -> list[pl.Expr]:
    selection = context.selection
    conditions = list(condition.expressions)
    if selection.as_of is not None:
        conditions.append(valid_at(selection.as_of))
    if selection.updated_after is not None:
        conditions.append(pl.col(VALID_FROM) > selection.updated_after)
    return conditions or [pl.lit(value=True)]


def _deleted(context: ScanContext, condition: Predicate) -> Iterator[pl.DataFrame]:
    """Keys of what was selected at ``updated_after`` and is not any more: it was deleted, or has values that the filters do not match."""
    after = context.selection.updated_after
    files = [file for file in context.state.files if condition.may_hold(file)]
    if all(file.current or (after is not None and is_before(file, VALID_TO, after)) for file in files):
        return
    for part in key_ranges(files):
        if part.closed:
            gone = _vanished(context, part, condition).sort(context.layout.order).select(context.layout.keys)
            yield from slices(gone.collect(), context.batch_rows)


def _vanished(context: ScanContext, part: KeyRange, condition: Predicate) -> pl.LazyFrame:
    after, as_of = context.selection.updated_after, context.selection.as_of
    rows = context.rows(part)
    if not part.closed:
        return rows.clear()
    now = rows.filter(pl.col(CURRENT) if as_of is None else valid_at(as_of), *condition.expressions).select(context.layout.identity)
    was = rows.filter(pl.col(VALID_TO).is_not_null(), *([valid_at(after)] if after else []), *condition.expressions)
    return was.join(now, on=context.layout.identity, how="anti", nulls_equal=True)
