"""What a submission does to a table: the files to write and to remove, worked out range by range."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import polars as pl
from deltalake.transaction import AddAction

from exchange.observations.ports import VALID_FROM, Action
from exchange.observations.table.key_ranges import KeyRange, key_ranges
from exchange.observations.table.lake_files import TARGET_ROWS, DataFile, pieces
from exchange.observations.table.lake_table import TableState
from exchange.observations.table.layout import SERIES, Layout
from exchange.observations.table.row_source import read_rows
from exchange.observations.table.time_columns import check_one_spelling
from exchange.observations.writing.applied_changes import RangeOutcome, first_values, outcome, values_without, without
from exchange.observations.writing.mandates import within_reach
from exchange.observations.writing.prepared_changes import PreparedChange, RangeChange
from exchange.observations.writing.waiting_values import WaitingValues

#: So many small files of closed revisions are merged into one.
_SMALL_CLOSED_FILES = 8
_INDEX, _STORED = "_index", " stored"

#: Writes a file of a partition (see ``DataFile.current``).
Write = Callable[[pl.DataFrame, bool | None], AddAction]


@dataclass
class Rewrite:
    """The result: counts, new files, and the files they stand for.

    Attributes:
        waiting: Attribute values of the submission that wait for observations.
        empties: There were observations with values, and there are none any more.
    """

    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    deleted: int = 0
    waiting: int = 0
    empties: bool = False
    added: list[AddAction] = field(default_factory=list)
    removed: list[DataFile] = field(default_factory=list)

    def count(self, result: RangeOutcome) -> None:
        """Add the counts of a range."""
        self.inserted += result.inserted
        self.updated += result.updated
        self.unchanged += result.unchanged
        self.deleted += result.deleted


@dataclass(frozen=True)
class PreparedSubmission:
    """What is being submitted: checked changes in order, who, when."""

    id: str
    moment: datetime
    changes: Sequence[PreparedChange]


def rewrite(
    state: TableState | None, submission: PreparedSubmission, layout: Layout, options: Mapping[str, str] | None, write: Write | None
) -> Rewrite:
    """Work out what a submission does; nothing is written when ``write`` is None.

    Raises:
        InvalidObservations: When a key stands there twice with different content, an attribute of a series has several values, or an
            observation was reported under an agreement that the mandate of a change does not reach.
    """
    result = Rewrite()
    closed = _ClosedRevisions(state, result, layout, options, write)
    submitted, inherited = [], []
    before_all = waiting = WaitingValues.of(state, layout, options)
    for at, change in enumerate(submission.changes):
        reduced, known = _above_observation(state, submission.changes[:at], change, waiting, layout, options)
        submitted.append(reduced)
        inherited.append(known)
        waiting = waiting.after(change, submission.id, submission.moment)
    observed, contents = _Observed(waiting, layout), _Contents(layout)
    files = [file for file in state.files if file.current] if state else []
    for part in key_ranges(files, (cut for change in submitted for cut in change.rows.cuts())):
        changes = [change.between(part.lower, part.upper, layout) for change in submitted]
        if not any(_touches(change, part) for change in changes):
            contents.see_untouched(part)
            if observed.may_be_in(part):
                observed.see(_rows(state, part, layout, options))
            continue
        before, aside = _concerned(_rows(state, part, layout, options), changes, layout)
        after = before
        for step, known in zip(changes, inherited, strict=True):
            after = within_reach(after, step, known, layout)
        contents.see(before, after, aside)
        observed.see(after, aside)
        given = pl.concat([change.observations.select(layout.identity) for change in changes])
        found = outcome(before, after, given, layout, submission=submission.id, moment=submission.moment)
        result.count(found)
        if not (found.inserted or found.updated or found.deleted):
            continue
        result.removed.extend(part.files)
        closed.add(found.closed)
        check_one_spelling(found.current, submission.moment, layout)
        if write is not None:
            current = pl.concat([aside, found.current]).sort(layout.order) if aside.height else found.current
            result.added.extend(write(piece, True) for piece in pieces(current) if piece.height)
    closed.finish()
    result.empties = contents.are_gone
    _keep_waiting(result, state, before_all, waiting.without(observed.keys), submission, write)
    return result


class _Observed:
    """For which of the waiting values there are observations, seen range by range."""

    def __init__(self, waiting: WaitingValues, layout: Layout) -> None:
        self._wanted = {on: keys for on in layout.attachments() if (keys := waiting.keys(on)).height}
        self.keys: dict[tuple[str, ...], pl.DataFrame] = {}

    def may_be_in(self, part: KeyRange) -> bool:
        """True when a range that the submission does not touch may hold observations of waiting values."""
        return any(_may_hold(file, keys.select(on)) for file in part.files for on, keys in self._wanted.items())

    def see(self, *frames: pl.DataFrame) -> None:
        """Look at rows as they are after the submission."""
        for on, wanted in self._wanted.items():
            for rows in (frame for frame in frames if frame.height):
                if not on:
                    self.keys[on] = pl.DataFrame()
                    continue
                found = wanted.join(rows.select(on).unique(), on=list(on), how="semi")
                known = self.keys.get(on, found.clear())
                self.keys[on] = pl.concat([known, found]).unique()


class _Contents:
    """Whether there were observations with values before a submission, and are after it."""

    def __init__(self, layout: Layout) -> None:
        self._measures = list(layout.measures)
        self._before = self._after = False

    def see(self, before: pl.DataFrame, after: pl.DataFrame, aside: pl.DataFrame) -> None:
        """Look at a range: the rows that are concerned, before and after, and the others."""
        others = self._has_values(aside)
        self._before = self._before or others or self._has_values(before)
        self._after = self._after or others or self._has_values(after)

    def see_untouched(self, part: KeyRange) -> None:
        """What is in a range that is not touched stays."""
        self._after = self._after or bool(part.files)

    @property
    def are_gone(self) -> bool:
        """True when there were some and are none."""
        return self._before and not self._after

    def _has_values(self, rows: pl.DataFrame) -> bool:
        if not rows.height or not self._measures:
            return bool(rows.height)
        return any(rows[name].null_count() < rows.height for name in self._measures)


def _keep_waiting(
    result: Rewrite,
    state: TableState | None,
    before: WaitingValues,
    waiting: WaitingValues,
    submission: PreparedSubmission,
    write: Write | None,
) -> None:
    """Write the values that wait, if they are not the same as before."""
    result.waiting = waiting.of_submission(submission.id)
    rows = waiting.rows()
    if write is None or rows.equals(before.rows()):
        return
    result.removed.extend(state.waiting if state else ())
    if rows.height:
        result.added.append(write(rows, None))


def _touches(change: RangeChange, part: KeyRange) -> bool:
    if change.observations.height:
        return True
    if not part.files:
        return False
    keys = [deletion.keys for deletion in change.deletions] + [frame.select(on) for on, frame in change.assigned.items()]
    return any(_may_hold(file, frame) for file in part.files for frame in keys)


def _may_hold(file: DataFile, keys: pl.DataFrame) -> bool:
    """False when the statistics of a file rule out all of some keys."""
    inside = [
        pl.col(name).is_between(pl.lit(file.minima[name]), pl.lit(file.maxima[name]))
        for name in keys.columns
        if name in file.minima and name in file.maxima
    ]
    return not inside or bool(keys.select(pl.all_horizontal(inside).any()).item())


def _rows(state: TableState | None, part: KeyRange, layout: Layout, options: Mapping[str, str] | None) -> pl.DataFrame:
    if state is None or not part.files:
        return pl.DataFrame(schema=layout.columns)
    return read_rows(state, part.files, layout, options).collect()


def _concerned(rows: pl.DataFrame, changes: Sequence[RangeChange], layout: Layout) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows that changes can be about, and the others."""
    if not rows.height:
        return rows, rows
    numbered = rows.with_row_index(_INDEX)
    hits = []
    for change in changes:
        hits.append(numbered.join(change.observations.select(SERIES).unique(), on=SERIES, how="semi"))
        keys = [deletion.keys for deletion in change.deletions] + [frame.select(on) for on, frame in change.assigned.items()]
        hits.extend(numbered.join(frame, on=frame.columns, how="semi") if frame.width else numbered for frame in keys)
    concerned = pl.concat([hit.select(_INDEX) for hit in hits]).unique()
    return (
        numbered.join(concerned, on=_INDEX, how="semi", maintain_order="left").drop(_INDEX),
        numbered.join(concerned, on=_INDEX, how="anti", maintain_order="left").drop(_INDEX),
    )


def _above_observation(
    state: TableState | None,
    before: Sequence[PreparedChange],
    change: PreparedChange,
    waiting: WaitingValues,
    layout: Layout,
    options: Mapping[str, str] | None,
) -> tuple[PreparedChange, dict[tuple[str, ...], pl.DataFrame]]:
    """A change without the values of groups and dataset that are stored already, and what holds for its new observations.

    Of series that is only what waits; what is stored of them is seen range by range.
    """
    assigned, inherited = dict(change.assigned), {}
    before = [step for step in before if change.mandate is None or step.mandate in {None, change.mandate}]
    if change.action is Action.DELETE:
        return change, {}
    for on, names in layout.attachments().items():
        if on == layout.dimensions:
            inherited[on] = waiting.known(on)
            continue
        stored = _stored(state, before, on, names, layout, options)
        frames = [*([assigned[on]] if on in assigned else []), *_assigned_before(before, on, layout), stored, waiting.known(on)]
        inherited[on] = first_values(pl.concat(frames, how="diagonal"), on, names)
        if on in assigned and not any(step.deletions or on in step.assigned for step in before):
            assigned[on] = _news(assigned[on], stored, on)
    return replace(change, assigned={on: frame for on, frame in assigned.items() if frame.height}), inherited


def _assigned_before(before: Sequence[PreparedChange], on: tuple[str, ...], layout: Layout) -> list[pl.DataFrame]:
    """The values that earlier changes of the submission assign and later ones of them do not delete, newest first."""
    frames: list[pl.DataFrame] = []
    for step in before:
        for deletion in step.deletions:
            frames = [values_without(frame, deletion, on, layout) for frame in frames]
        frames = [*([step.assigned[on]] if on in step.assigned else []), *frames]
    return frames


def _news(assigned: pl.DataFrame, stored: pl.DataFrame, on: tuple[str, ...]) -> pl.DataFrame:
    """The values that change something stored; without this every submission would touch every file."""
    names = [name for name in assigned.columns if name not in on]
    known = stored.select(*on, *names).unique()
    both = assigned.join(known, on=list(on), how="inner", suffix=_STORED) if on else assigned.join(known, how="cross", suffix=_STORED)
    differs = pl.any_horizontal(pl.col(n).is_not_null() & pl.col(n).ne_missing(pl.col(n + _STORED)) for n in names)
    return both.filter(differs).select(assigned.columns).unique()


def _stored(
    state: TableState | None,
    before: Sequence[PreparedChange],
    on: tuple[str, ...],
    names: Sequence[str],
    layout: Layout,
    options: Mapping[str, str] | None,
) -> pl.DataFrame:
    """The attribute values that are stored, but for those that earlier changes of the submission delete."""
    if state is None:
        return pl.DataFrame(schema={name: layout.components[name] for name in (*on, *names)})
    rows = read_rows(state, [file for file in state.files if file.current], layout, options)
    for deletion in (deletion for step in before for deletion in step.deletions):
        rows = without(rows, deletion, layout)
    return rows.select(*on, *names).unique().collect(engine="streaming")


class _ClosedRevisions:
    """Keeps closed revisions: a file as soon as there are enough, in the order of the ranges they come from."""

    def __init__(
        self, state: TableState | None, result: Rewrite, layout: Layout, options: Mapping[str, str] | None, write: Write | None
    ) -> None:
        self._state = state
        self._result = result
        self._layout = layout
        self._options = options
        self._write = write
        self._frames: list[pl.DataFrame] = []

    def add(self, rows: pl.DataFrame) -> None:
        """Keep the revisions of a range."""
        if rows.height:
            self._frames.append(rows)
        if sum(frame.height for frame in self._frames) >= TARGET_ROWS:
            self._flush()

    def finish(self) -> None:
        """Keep what is left; when many small files of closed revisions have gathered, merge those."""
        if not self._frames or self._write is None:
            return
        small = [file for file in (self._state.files if self._state else ()) if not file.current and file.rows < TARGET_ROWS]
        if self._state is not None and len(small) >= _SMALL_CLOSED_FILES:
            self._frames.append(read_rows(self._state, small, self._layout, self._options).collect())
            self._result.removed.extend(small)
        self._flush()

    def _flush(self) -> None:
        if self._write is not None:
            rows = pl.concat(self._frames).sort([*self._layout.order, VALID_FROM])
            self._result.added.extend(self._write(piece, False) for piece in pieces(rows))
        self._frames = []
