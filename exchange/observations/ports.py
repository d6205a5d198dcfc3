"""The port of the observation store and the values that cross it.

An *observation batch* is a ``polars.DataFrame`` with one column per component of the :class:`~registry.data_schema.DataSchema`
(column name = component id; components that carry nothing may be absent) and one row per observation:

- binary numbers (Double, Float) outside the key: ``Float64``; null = not reported, NaN = missing on purpose;
- everything else: ``String`` in the form in which it is kept (ADR 0021), ``#N/A`` = missing on purpose; batches that are submitted may
  also hold ``Categorical``/``Enum``, ``Int64``, ``Float64`` and ``Boolean`` where the values are of that kind;
- ``TIME_PERIOD``: ``String``, the period as reported (any form of ``registry.model.time_periods``);
- multi-valued components: ``List(String)``; multilingual ones: ``List(Struct{lang: String, value: String})``, both: lists of such lists.

In a batch that changes the store, a null dimension is a wildcard (deletions, and attributes attached to part of the key), and the
optional column :data:`SOURCE_ROW` (``Int64``, 1-based) says where the row stood in its source. Attributes above the observation are
stored with every observation they hold for: a value given once holds for all of them, and new observations take the value that holds.
Where there is no observation yet, the value waits for the first one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

import polars as pl

from exchange.query.values.data_query import ObservationSelection
from registry.data_schema import DataSchema
from registry.model.identity import Urn

#: Optional column of a submitted batch: 1-based row in the source file.
SOURCE_ROW = "_row"
#: Columns that a scan adds on request (provenance): transaction time interval and submission id.
VALID_FROM, VALID_TO, SUBMISSION = "_valid_from", "_valid_to", "_submission"
#: The same: the provision agreement an observation was last reported under, as ``AGENCY:ID(VERSION)``; null means under none.
AGREEMENT = "_agreement"


class Action(StrEnum):
    """What a dataset does to the store (SDMX-CSV 2.1 field guide, actions)."""

    MERGE = "M"
    APPEND = "A"
    REPLACE = "R"
    DELETE = "D"


@dataclass(frozen=True)
class Mandate:
    """The provision agreement under which a change is made. It reaches no observation that was reported under another one.

    Attributes:
        agreement: ``AGENCY:ID(VERSION)``.
        reach: Agreements whose observations it may touch: itself and its other versions, and None (reported under no agreement) where the
            dataflow has no other agreement. What was reported under none it may always take over by writing it.
    """

    agreement: str
    reach: frozenset[str | None]


@dataclass(frozen=True)
class Change:
    """One dataset of a submission: batches and what to do with them. An iterator is used up by whoever previews or submits it.

    Without a mandate it reaches every observation, and what it writes belongs to no agreement.
    """

    action: Action
    batches: Iterator[pl.DataFrame] | Sequence[pl.DataFrame]
    mandate: Mandate | None = None


@dataclass(frozen=True)
class Receipt:
    """What a submission did: counts of observations.

    Attributes:
        waiting: Attribute values that came for keys without observations and wait for the first of these.
    """

    submission: str
    recorded_at: datetime
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    deleted: int = 0
    waiting: int = 0


@dataclass(frozen=True)
class Transaction:
    """What one commit changed in a result: first keys of what it deleted, then what it wrote; None where there is nothing."""

    instant: datetime
    deleted: Iterator[pl.DataFrame] | None
    written: Iterator[pl.DataFrame] | None


@dataclass(frozen=True)
class Scan:
    """An opened result. ``batches`` are produced lazily, in bounded memory; nothing is read before the first is asked for.

    Attributes:
        columns: Component ids present in every batch.
        deleted: For ``updated_after``: keys of observations deleted since, as further batches.
        transactions: For history, instead of both: what happened, the earliest first. On top of the state at ``updated_after``, else of
            an empty table, it gives the state.
        last_updated: Transaction time of the newest change that the result could contain, or None for an empty table.
    """

    columns: tuple[str, ...]
    batches: Iterator[pl.DataFrame]
    deleted: Iterator[pl.DataFrame] | None = None
    transactions: Iterator[Transaction] | None = None
    last_updated: datetime | None = None


@dataclass(frozen=True)
class Availability:
    """What a selection holds: distinct values per dimension, time span, and counts.

    ``values`` maps dimension id to sorted values; the time dimension is not in it. ``start`` and ``end`` are the first and last moment
    of the periods (``xs:dateTime`` in UTC, to the second), None without observations or without time dimension.
    """

    values: dict[str, tuple[str, ...]]
    start: str | None
    end: str | None
    series_count: int
    obs_count: int


class ObservationStore(Protocol):
    """Keeps observations per dataflow, with their history."""

    @property
    def is_local(self) -> bool:
        """True when everything lies on this machine, so that whoever writes can be seen."""
        ...

    def submit(
        self,
        schema: DataSchema,
        changes: Iterable[Change],
        *,
        submission: str,
        recorded_at: datetime | None = None,
        may_empty: bool = True,
    ) -> Receipt:
        """Apply all changes in order, in one atomic commit; readers see all of it or nothing.

        ``may_empty=False`` refuses what would leave no observation, or none with a value, where there were some.

        Raises:
            ConflictingSubmission: After retries, when other writers kept changing the same observations.
            InvalidObservations: When a batch does not fit the schema, or writes what was reported under an agreement that its mandate does
                not reach; nothing is stored.
            WouldEmptyDataflow: See ``may_empty``; nothing is stored.
        """
        ...

    def receipt(self, dataflow: Urn, submission: str) -> Receipt | None:
        """What a submission did to a dataflow; None when it is not stored."""
        ...

    def preview(self, schema: DataSchema, changes: Iterable[Change], *, may_empty: bool = True) -> Receipt:
        """What :meth:`submit` would do, without storing anything; raises the same errors."""
        ...

    def scan(self, schema: DataSchema, selection: ObservationSelection, columns: Sequence[str]) -> Scan:
        """Open the observations of ``schema.dataflow`` that a selection matches, with the named columns.

        :data:`SOURCE_ROW`, :data:`SUBMISSION`, :data:`AGREEMENT`, :data:`VALID_FROM` and :data:`VALID_TO` may be among them.
        """
        ...

    def availability(self, schema: DataSchema, selection: ObservationSelection, *, available: bool = False) -> Availability:
        """What exists in a selection; ``available`` computes the values that remain valid choices (mode=available)."""
        ...

    def last_updated(self, dataflow: Urn) -> datetime | None:
        """Transaction time of the newest commit of a dataflow; None when it never held data."""
        ...

    def dataflows(self) -> Sequence[Urn]:
        """The dataflows that have a table."""
        ...

    def stored(self) -> Sequence[Urn]:
        """The dataflows of which anything lies there, damaged ones and those of killed writers among them."""
        ...

    def damage(self, dataflow: Urn) -> Iterator[str]:
        """What of a dataflow is not as it was written, in words; nothing when all is well."""
        ...

    def receipts(self, dataflow: Urn) -> Sequence[Receipt]:
        """What each submission to a dataflow did, the oldest first."""
        ...

    def clean(self) -> list[str]:
        """Remove what killed writers left, and what nobody reads any more; names what went.

        Raises:
            ConflictingSubmission: When somebody is writing.
        """
        ...

    def erase(self, schema: DataSchema, submission: str) -> int:
        """Take a submission out of a dataflow, of its history and of the storage; what it replaced holds again.

        Returns how many observations others changed or gave values of it later: what these took over from it stays.

        Raises:
            NothingFound, ConflictingSubmission: As their names say.
        """
        ...
