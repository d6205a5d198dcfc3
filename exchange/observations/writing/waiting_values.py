"""Attribute values of series, groups and the dataset for which there is no observation yet: they wait until one comes.

A value that holds for observations stands in their rows. What comes before them is kept aside in the table, one row per value with the
dimensions that its attribute depends on, and given to the first observations of its key; then it waits no more. It is never part of an
answer by itself, so it has no history: the observations that take it have theirs (ADR 0020).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce

import polars as pl

from exchange.errors import InvalidObservations
from exchange.observations.ports import AGREEMENT, SOURCE_ROW, SUBMISSION, VALID_FROM, Action, Mandate
from exchange.observations.table.lake_table import TableState
from exchange.observations.table.layout import Layout, reported_under
from exchange.observations.table.row_source import read_rows
from exchange.observations.writing.prepared_changes import Deletion, PreparedChange

_NEW = " new"
#: Where a value came from.
_ORIGIN = (SUBMISSION, VALID_FROM, SOURCE_ROW, AGREEMENT)


@dataclass(frozen=True)
class WaitingValues:
    """The values that wait at one moment.

    Attributes:
        values: Attribute to its values: the dimensions it depends on, the value, and its origin; one row per combination of dimensions.
    """

    layout: Layout
    values: Mapping[str, pl.DataFrame]

    @staticmethod
    def of(state: TableState | None, layout: Layout, options: Mapping[str, str] | None) -> WaitingValues:
        """The values that wait in a table."""
        rows = read_rows(state, state.waiting, layout, options).collect() if state else pl.DataFrame(schema=layout.columns)
        return WaitingValues(layout, {name: _values(rows, name, on) for name, on in layout.attached.items()})

    @property
    def count(self) -> int:
        """How many there are."""
        return sum(frame.height for frame in self.values.values())

    def after(self, change: PreparedChange, submission: str, moment: datetime) -> WaitingValues:
        """What waits after a change: values that came without observations are added, deleted ones removed.

        Raises:
            InvalidObservations: When another value waits that was reported under an agreement out of the reach of the change.
        """
        if change.mandate is not None:
            return self._after_within(change.mandate, replace(change, mandate=None), submission, moment)
        if change.action is Action.DELETE:
            return WaitingValues(self.layout, {name: self._kept(name, change.deletions) for name in self.values})
        origin = [pl.lit(submission).alias(SUBMISSION), pl.lit(moment).cast(self.layout.columns[VALID_FROM]).alias(VALID_FROM)]
        values = dict(self.values)
        for on, announced in change.announced.items():
            for name in (column for column in announced.columns if column in self.layout.attached):
                new = announced.select(*on, name, SOURCE_ROW).filter(pl.col(name).is_not_null()).with_columns(origin)
                values[name] = pl.concat([_without(values[name], new.select(on)) if new.height else values[name], new], how="diagonal")
        return WaitingValues(self.layout, values)

    def _after_within(self, mandate: Mandate, change: PreparedChange, submission: str, moment: datetime) -> WaitingValues:
        """The same for a change under an agreement: what waits under another one stays, and is not contradicted."""
        mine = reported_under(mandate.reach)
        reached = WaitingValues(self.layout, {name: frame.filter(mine) for name, frame in self.values.items()})
        after = reached.after(change, submission, moment).values
        values = {}
        for name, on in self.layout.attached.items():
            others, own = self.values[name].filter(~mine), after[name]
            both = others.join(own, on=list(on), how="inner", suffix=_NEW) if on else others.join(own, how="cross", suffix=_NEW)
            wrong = both.filter(pl.col(name).ne_missing(pl.col(name + _NEW)))
            if wrong.height:
                raise InvalidObservations(
                    f"{name} waits for observations with the value {wrong[name][0]!r}, which was not reported under {mandate.agreement}; "
                    "give the same value, or change it for all without an agreement."
                )
            owner = pl.when(pl.col(SUBMISSION) == submission).then(pl.lit(mandate.agreement)).otherwise(pl.col(AGREEMENT))
            own = own.with_columns(owner.alias(AGREEMENT))
            values[name] = pl.concat([others, _without(own, others.select(on)) if others.height else own])
        return WaitingValues(self.layout, values)

    def _kept(self, name: str, deletions: Iterable[Deletion]) -> pl.DataFrame:
        """The values of an attribute that deletions leave: these are about the attribute, or about all observations of its key."""
        about = [deletion for deletion in deletions if not deletion.values or name in deletion.values]
        whole = [deletion for deletion in about if set(deletion.given) <= set(self.layout.attached[name])]
        return reduce(lambda frame, deletion: _without(frame, deletion.keys), whole, self.values[name])

    def known(self, on: tuple[str, ...]) -> pl.DataFrame:
        """The values of all attributes that depend on just these dimensions; an attribute is null where it does not wait."""
        frames = [self.values[name].select(*on, name) for name in self.layout.attachments()[on]]
        return pl.concat(frames, how="diagonal")

    def keys(self, on: tuple[str, ...]) -> pl.DataFrame:
        """The combinations of some dimensions for which values wait; a row for the dataset has no columns."""
        return self.known(on).select(on).unique() if on else self.known(on)

    def without(self, observed: Mapping[tuple[str, ...], pl.DataFrame]) -> WaitingValues:
        """What still waits when there are observations for some combinations of dimensions."""
        kept = {
            name: _without(frame, observed[on]) for name, frame in self.values.items() if (on := self.layout.attached[name]) in observed
        }
        return WaitingValues(self.layout, {**self.values, **kept})

    def of_submission(self, submission: str) -> int:
        """How many of them a submission left behind."""
        return sum(int((frame[SUBMISSION] == submission).sum()) for frame in self.values.values())

    def rows(self) -> pl.DataFrame:
        """Them all as rows of the table."""
        empty = pl.DataFrame(schema=self.layout.columns)
        return pl.concat([empty, *(frame for frame in self.values.values() if frame.height)], how="diagonal")


def _values(rows: pl.DataFrame, name: str, on: Sequence[str]) -> pl.DataFrame:
    given = [pl.col(dimension).is_not_null() for dimension in on]
    return rows.filter(pl.col(name).is_not_null(), *given).select(*on, name, *_ORIGIN)


def _without(frame: pl.DataFrame, keys: pl.DataFrame) -> pl.DataFrame:
    """Rows that are about none of some combinations; one without columns is about everything."""
    if keys.width:
        return frame.join(keys, on=keys.columns, how="anti", maintain_order="left")
    return frame.clear()
