"""The history of what a selection finds, transaction by transaction: replayed in order, it gives the state (SDMX-REST, includeHistory).

Observations lie in the order of their keys, transactions are told in the order of time. So the table is read range by range, each range
is cut by instants, and the cuts wait on the disk until their transaction is told.

An observation is in the answer from the moment a revision of it fits the filters until none does; it is deleted then, from the point of
view of the answer. ``limit``, ``offset`` and the first and last observations count the observations that the same query would find
without history. What does not exist any more does not count: it stands with the observation before it.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from itertools import pairwise
from tempfile import SpooledTemporaryFile

import polars as pl

from exchange.observations.ports import VALID_FROM, VALID_TO, Transaction
from exchange.observations.reading.context import ScanContext, in_order, inside, is_before, order_asked_for
from exchange.observations.reading.held_rows import slices
from exchange.observations.reading.predicates import Predicate
from exchange.observations.table.lake_files import DataFile
from exchange.observations.table.layout import SERIES
from exchange.query.values.data_query import ObservationSelection

#: About so many revisions are read at once. In larger files, the series at every 15,000th row may be where to cut.
_RANGE_ROWS, _SAMPLED = 60_000, 15_000
#: Up to so many bytes wait in memory, what is more on the disk.
_IN_MEMORY = 8 * 1024 * 1024
_INSTANT, _ALIVE, _AT = " instant", " alive", " at"


def history(context: ScanContext, condition: Predicate, columns: Sequence[str]) -> Iterator[Transaction]:
    """The transactions of a selection, the earliest first. All is read before the first; batches are to be read before the iterator goes.

    Args:
        context: What is scanned.
        condition: What the revisions must fit.
        columns: What to deliver of the observations written; of those deleted, their key.
    """
    by = order_asked_for(context.selection, context.layout)
    written, deleted = _Cuts(), _Cuts()
    needed = list(dict.fromkeys([*columns, *context.layout.keys, *context.layout.order, *(name for name, _ in by)]))
    for rows in _windowed(context, condition, by):
        written.keep(_written(rows, context.selection).select(*needed, pl.col(VALID_FROM).alias(_INSTANT)))
        deleted.keep(_deleted(rows, context).select(*needed, pl.col(VALID_TO).alias(_INSTANT)))
    for instant in sorted(written.instants | deleted.instants):
        yield Transaction(
            instant,
            deleted=_batches(context, deleted, instant, context.layout.keys, by) if instant in deleted.instants else None,
            written=_batches(context, written, instant, columns, by) if instant in written.instants else None,
        )


def _batches(
    context: ScanContext, cuts: _Cuts, instant: datetime, columns: Sequence[str], by: Sequence[tuple[str, bool]]
) -> Iterator[pl.DataFrame]:
    """What happened at an instant, in the order asked for; the default order is that of the cuts."""
    frames = cuts.at(instant)
    if by:
        gathered = list(frames)
        every = [in_order(pl.concat(gathered).lazy().with_columns(pl.lit(instant).alias(VALID_FROM)), by, context.layout).collect()]
        frames = iter(every if gathered else [])
    for frame in frames:
        yield from slices(frame.select(columns), context.batch_rows)


def _written(rows: pl.DataFrame, selection: ObservationSelection) -> pl.DataFrame:
    return rows if selection.updated_after is None else rows.filter(pl.col(VALID_FROM) > selection.updated_after)


def _deleted(rows: pl.DataFrame, context: ScanContext) -> pl.DataFrame:
    """The revisions that ended without another one that fits in their place."""
    identity, after = context.layout.identity, context.selection.updated_after
    ended = rows.filter(pl.col(VALID_TO).is_not_null() if after is None else pl.col(VALID_TO) > after)
    successors = rows.select(*identity, pl.col(VALID_FROM).alias(VALID_TO))
    return ended.join(successors, on=[*identity, VALID_TO], how="anti", nulls_equal=True, maintain_order="left")


def _windowed(context: ScanContext, condition: Predicate, by: Sequence[tuple[str, bool]]) -> Iterator[pl.DataFrame]:
    """The revisions of a selection, range by range, of those observations that are inside its window."""
    window = _Window.of(context.selection)
    if by and window.cuts:
        observations = pl.concat([window.of_series(_observations(rows, context, by)) for rows in _ranges(context, condition)])
        kept = window.of_answer(in_order(observations.lazy(), by, context.layout).collect())
        window = _Window(window.selection, kept)
    for rows in _ranges(context, condition):
        yield window.revisions(rows, context)
        if window.is_past:
            return


@dataclass
class _Window:
    """Which observations are inside ``firstN``, ``lastN``, ``offset`` and ``limit``.

    Attributes:
        kept: The identity of the observations inside, where it is known before because the order asked for is not that of the table.
        counted: The observations counted so far, where it is.
    """

    selection: ObservationSelection
    kept: pl.DataFrame | None = None
    counted: int = 0

    @staticmethod
    def of(selection: ObservationSelection) -> _Window:
        return _Window(selection)

    @property
    def cuts(self) -> bool:
        """True when offset or limit leave something out."""
        return bool(self.selection.offset) or self.selection.limit is not None

    @property
    def is_past(self) -> bool:
        """True when nothing that follows is inside."""
        limit = self.selection.limit
        return self.kept is None and limit is not None and self.counted > self.selection.offset + limit

    def revisions(self, rows: pl.DataFrame, context: ScanContext) -> pl.DataFrame:
        """The revisions of the observations inside, of those of a range."""
        ranked = self.selection.first_n is not None or self.selection.last_n is not None
        if not rows.height or not (ranked or self.cuts):
            return rows
        kept = self.kept
        if kept is None:
            kept = self.of_answer(self.of_series(_observations(rows, context, ())))
        return rows.join(
            kept.select(context.layout.identity), on=context.layout.identity, how="semi", nulls_equal=True, maintain_order="left"
        )

    def of_series(self, observations: pl.DataFrame) -> pl.DataFrame:
        """The first and last observations of each series, of observations in default order."""
        first, last = self.selection.first_n, self.selection.last_n
        if first is None and last is None:
            return observations
        at = (pl.col(_ALIVE).cum_sum() - 1).clip(0).over(SERIES)
        kept = pl.lit(value=False)
        if first is not None:
            kept |= at < first
        if last is not None:
            kept |= at >= pl.col(_ALIVE).sum().over(SERIES) - last
        return observations.filter(kept)

    def of_answer(self, observations: pl.DataFrame) -> pl.DataFrame:
        """Those from offset to limit, of observations in the order of the answer; counts them."""
        numbered = observations.with_columns((pl.col(_ALIVE).cum_sum() + self.counted - 1).clip(0).alias(_AT))
        self.counted += int(observations[_ALIVE].sum())
        offset, limit = self.selection.offset, self.selection.limit
        inside_window = pl.col(_AT) >= offset
        return numbered.filter(inside_window if limit is None else inside_window & (pl.col(_AT) < offset + limit))


def _observations(rows: pl.DataFrame, context: ScanContext, by: Sequence[tuple[str, bool]]) -> pl.DataFrame:
    """One row per observation of a range, in default order, as its last revision has it, and whether the plain query finds it (1 or 0)."""
    layout, after = context.layout, context.selection.updated_after
    names = list(dict.fromkeys([*layout.identity, *layout.order, *(name for name, _ in by), VALID_FROM]))
    found = pl.col(VALID_TO).is_null() if after is None else pl.col(VALID_TO).is_null() & (pl.col(VALID_FROM) > after)
    last = rows.unique(layout.identity, keep="last", maintain_order=True)
    return last.select(*names, found.cast(pl.Int64).alias(_ALIVE))


def _ranges(context: ScanContext, condition: Predicate) -> Iterator[pl.DataFrame]:
    """The revisions that fit and touch the span of time, in order of key and validity; what ended after it has not ended yet."""
    selection, layout = context.selection, context.layout
    conditions = list(condition.expressions)
    if selection.as_of is not None:
        conditions.append(pl.col(VALID_FROM) <= selection.as_of)
    if selection.updated_after is not None:
        conditions.append((pl.col(VALID_FROM) > selection.updated_after) | (pl.col(VALID_TO) > selection.updated_after))
    files = [file for file in context.state.files if condition.may_hold(file) and _touches(file, selection)]
    for lower, upper in pairwise([None, *_bounds(context, files), None]):
        met = [file for file in files if file.meets(lower, upper)]
        rows = inside(context.read(met), lower, upper).filter(conditions) if conditions else inside(context.read(met), lower, upper)
        if selection.as_of is not None:
            rows = rows.with_columns(pl.when(pl.col(VALID_TO) <= selection.as_of).then(pl.col(VALID_TO)).alias(VALID_TO))
        yield rows.sort([*layout.order, VALID_FROM]).collect()


def _touches(file: DataFile, selection: ObservationSelection) -> bool:
    """False when nothing in a file began or ended in the span of time."""
    after = selection.updated_after
    return after is None or not (is_before(file, VALID_FROM, after) and (file.current or is_before(file, VALID_TO, after)))


def _bounds(context: ScanContext, files: Sequence[DataFile]) -> list[str]:
    """Series at which to cut, so that about as many revisions as are read at once lie between two."""
    starts = [(file.first, file.rows) for file in files if file.rows <= _SAMPLED]
    for file in files:
        if file.rows > _SAMPLED:
            sampled = context.read([file]).select(pl.col(SERIES).gather_every(_SAMPLED)).collect()
            starts.extend((series, _SAMPLED) for series in sampled[SERIES])
    cuts: list[str] = []
    gathered = 0
    for series, rows in sorted(starts):
        if gathered >= _RANGE_ROWS and series and series not in cuts[-1:]:
            cuts.append(series)
            gathered = 0
        gathered += rows
    return cuts


class _Cuts:
    """Frames by instant, kept in the order in which they come: in memory while they are small, else in a file without a name."""

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - open as long as somebody may read
        weakref.finalize(self, self._file.close)
        self._places: dict[datetime, list[tuple[int, int]]] = {}

    @property
    def instants(self) -> set[datetime]:
        """When something happened."""
        return set(self._places)

    def keep(self, rows: pl.DataFrame) -> None:
        """Keep rows under their instants."""
        for (instant,), frame in rows.partition_by(_INSTANT, as_dict=True, include_key=False, maintain_order=True).items():
            content = BytesIO()
            frame.write_ipc_stream(content, compression="lz4")
            begin = self._file.seek(0, 2)
            self._file.write(content.getbuffer())
            self._places.setdefault(instant, []).append((begin, content.getbuffer().nbytes))

    def at(self, instant: datetime) -> Iterator[pl.DataFrame]:
        """What was kept under an instant, frame by frame."""
        for begin, length in self._places.get(instant, ()):
            self._file.seek(begin)
            yield pl.read_ipc_stream(BytesIO(self._file.read(length)))
