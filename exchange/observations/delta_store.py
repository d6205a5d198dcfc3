"""The observation store on Delta Lake: one table per dataflow below a folder or URL."""

from __future__ import annotations

import random
import re
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from deltalake.fs import DeltaStorageHandler
from pyarrow.fs import FileSelector, FileType, PyFileSystem

from exchange.errors import ConflictingSubmission, InvalidObservations, WouldEmptyDataflow
from exchange.observations import upkeep
from exchange.observations.ports import Availability, Change, Receipt, Scan
from exchange.observations.reading.availability import availability
from exchange.observations.reading.context import ScanContext
from exchange.observations.reading.scans import open_scan
from exchange.observations.table.conversions import is_convertible
from exchange.observations.table.lake_files import FileWriter, local_path
from exchange.observations.table.lake_table import CommitConflict, LakeTable, TableState
from exchange.observations.table.layout import ADDED, Layout
from exchange.observations.table.row_source import read_rows
from exchange.observations.table.storage_failures import reading, scanned_safely, writing
from exchange.observations.table.writers_lock import as_writer, without_writers
from exchange.observations.writing.prepared_changes import PreparedChange, prepare
from exchange.observations.writing.rewrite import PreparedSubmission, Rewrite, rewrite
from exchange.observations.writing.runs import Staging, remove_all
from exchange.query.values.data_query import ObservationSelection
from registry.caching import Cache
from registry.data_schema import DataSchema
from registry.model.identity import Urn

_ATTEMPTS = 30
_LONGEST_PAUSE = 1.0
#: So many seconds upkeep waits for writers.
_PATIENCE = 10.0
#: Folder below the root where large submissions wait; not the name of an agency.
_STAGING = ".staging"
_SAFE_NAME = re.compile(r"[A-Za-z0-9_@$\-]+(?:\.[A-Za-z0-9_@$\-]+)*")


class DeltaObservationStore:
    """Keeps each dataflow in a Delta Lake table ``ROOT/agency/id/version``. Safe for many threads and processes.

    Attributes:
        batch_rows: Rows per batch of a scan.
    """

    def __init__(self, root_url: str, storage_options: Mapping[str, str] | None = None, *, batch_rows: int = 100_000) -> None:
        self._root = root_url.rstrip("/")
        self._options = dict(storage_options) if storage_options else None
        self.batch_rows = batch_rows
        self._tables: dict[str, LakeTable] = {}
        self._everything = Cache[str, Availability](most=10_000)
        self._lock = threading.Lock()

    def submit(
        self,
        schema: DataSchema,
        changes: Iterable[Change],
        *,
        submission: str,
        recorded_at: datetime | None = None,
        may_empty: bool = True,
    ) -> Receipt:
        """Apply all changes in order, in one commit. A submission id that was committed before gives its receipt again.

        ``recorded_at`` (default: now) is moved behind the newest change of the table, so that transaction times never run backwards.

        Raises:
            ConflictingSubmission: When other writers were quicker on every attempt.
            StorageUnavailable: When the storage refuses; nothing is stored.
            InvalidObservations: When a change does not fit the data structure; nothing is stored.
            WouldEmptyDataflow: When nothing would be left and ``may_empty`` is false; nothing is stored.
        """
        table, layout = self._table(_dataflow(schema)), Layout.of(schema)
        known = _known(table, submission)
        if known is not None:
            return known
        with as_writer(self._waiting_room), self._staging() as staging:
            prepared = [prepare(change, layout, staging) for change in changes]
            for attempt in range(_ATTEMPTS):
                try:
                    return self._attempt(table, layout, prepared, submission, recorded_at, may_empty=may_empty)
                except CommitConflict:
                    _pause(attempt)
        raise ConflictingSubmission(
            f"Submission {submission} lost against other writers of {_dataflow(schema).short} {_ATTEMPTS} times; "
            "nothing of it is stored. Submit it again."
        )

    def _attempt(
        self,
        table: LakeTable,
        layout: Layout,
        changes: Sequence[PreparedChange],
        submission: str,
        recorded_at: datetime | None,
        *,
        may_empty: bool,
    ) -> Receipt:
        state = table.state()
        known = table.receipt(submission) if state is not None else None
        if known is not None:
            return known
        state = _with_columns(table, state, layout, self._options)
        moment = _moment(state, recorded_at)
        writer = FileWriter(table.url, self._options)
        try:
            with writing():
                result = rewrite(state, PreparedSubmission(submission, moment, changes), layout, self._options, writer.write)
                _check_left(result, table, may_empty=may_empty)
                receipt = _receipt(result, submission, moment)
                writer.sync()
                table.commit(state, layout.columns, _key(layout), result.added, result.removed, receipt)
        except Exception:
            # An answer that was lost on its way is no failure: the commit may be there.
            committed = _known(table, submission)
            if committed is not None:
                return committed
            writer.discard()
            raise
        return receipt

    def receipt(self, dataflow: Urn, submission: str) -> Receipt | None:
        """What a submission did to a dataflow; None when it is not stored."""
        with reading():
            return _known(self._table(dataflow), submission)

    def preview(self, schema: DataSchema, changes: Iterable[Change], *, may_empty: bool = True) -> Receipt:
        """What :meth:`submit` would do, without storing anything.

        Raises:
            InvalidObservations: When a change does not fit the data structure.
            WouldEmptyDataflow: When nothing would be left and ``may_empty`` is false.
        """
        table, layout = self._table(_dataflow(schema)), Layout.of(schema)
        state = table.state()
        _check(state, layout)
        moment = _moment(state, None)
        with self._staging() as staging:
            prepared = [prepare(change, layout, staging) for change in changes]
            result = rewrite(state, PreparedSubmission("", moment, prepared), layout, self._options, None)
            _check_left(result, table, may_empty=may_empty)
            return _receipt(result, "", moment)

    def scan(self, schema: DataSchema, selection: ObservationSelection, columns: Sequence[str]) -> Scan:
        """Open the observations that a selection matches, with the named columns; transaction columns may be among them."""
        state = self._table(_dataflow(schema)).state()
        if state is None:
            return Scan(tuple(columns), iter(()))
        return scanned_safely(open_scan(ScanContext(state, Layout.of(schema), selection, self._options, self.batch_rows), columns))

    def availability(self, schema: DataSchema, selection: ObservationSelection, *, available: bool = False) -> Availability:
        """What exists in a selection; ``available`` computes the values that remain valid choices (mode=available)."""
        layout = Layout.of(schema)
        state = self._table(_dataflow(schema)).state()
        if state is None:
            return Availability(dict.fromkeys(layout.dimensions, ()), None, None, 0, 0)
        context = ScanContext(state, layout, selection, self._options, self.batch_rows)
        with reading():
            if _is_unrestricted(selection):
                return self._everything.find(state.url, lambda: availability(context, available=available), state.version)
            return availability(context, available=available)

    def last_updated(self, dataflow: Urn) -> datetime | None:
        """Transaction time of the newest change of a dataflow; None when it never held data."""
        state = self._table(dataflow).state()
        return state.last_change if state else None

    def dataflows(self) -> Sequence[Urn]:
        """The dataflows that have a table."""
        return [urn for urn in self.stored() if self._table(urn).state() is not None]

    def stored(self) -> Sequence[Urn]:
        """The dataflows that have a folder, whatever is in it."""
        folder = local_path(self._root)
        if folder is not None and not folder.is_dir():
            return []
        paths = [""]
        with reading():
            lake = PyFileSystem(DeltaStorageHandler(self._root, options=self._options))
            for _ in range(3):
                found = [lake.get_file_info(FileSelector(path, allow_not_found=True)) for path in paths]
                paths = sorted(info.path for infos in found for info in infos if info.type is FileType.Directory)
        names = [path.strip("/").split("/") for path in paths]
        return [Urn("Dataflow", agency, name, version) for agency, name, version in names if agency != _STAGING]

    def damage(self, dataflow: Urn) -> Iterator[str]:
        """What of a dataflow is not as it was written, in words; nothing when all is well."""
        with reading():
            yield from upkeep.damage(self._table(dataflow))

    def receipts(self, dataflow: Urn) -> Sequence[Receipt]:
        """What each submission to a dataflow did, the oldest first."""
        with reading():
            return upkeep.receipts(self._table(dataflow))

    def clean(self, *, older_than: timedelta = timedelta(days=7)) -> list[str]:
        """Remove what killed writers left, and files of versions that were replaced so long ago; history stays. Names what went.

        In an object store, where writers cannot be seen, everything that goes is as old as that.

        Raises:
            ConflictingSubmission: When somebody is writing.
        """
        if self._waiting_room is None:
            with writing():
                return [path for urn in self.dataflows() for path in self._table(urn).vacuum(int(older_than.total_seconds() // 3600))]
        with without_writers(self._waiting_room, wait_seconds=_PATIENCE), writing():
            gone = remove_all(self._waiting_room)
            for urn in self.stored():
                table = self._table(urn)
                gone += [f"{urn.short} {path}" for path in upkeep.remove_leftovers(table)]
                if table.state() is not None:
                    gone += [f"{urn.short} {path}" for path in table.vacuum(int(older_than.total_seconds() // 3600))]
        return gone

    def erase(self, schema: DataSchema, submission: str) -> int:
        """Take a submission out of a dataflow, of its history and of the storage; what it replaced holds again.

        Returns how many observations others changed or gave values of it later: what these took over from it stays. Former versions of
        objects, where a bucket keeps such, are not ours to remove.

        Raises:
            NothingFound: When the dataflow holds no such submission.
            ConflictingSubmission: When somebody is writing.
        """
        table, layout = self._table(_dataflow(schema)), Layout.of(schema)
        alone = nullcontext() if self._waiting_room is None else without_writers(self._waiting_room, wait_seconds=_PATIENCE)
        with alone, writing():
            for attempt in range(_ATTEMPTS):
                try:
                    return upkeep.erase(table, self._options, layout, submission, datetime.now(UTC))
                except CommitConflict:
                    _pause(attempt)
        raise ConflictingSubmission(f"Others kept storing observations of {_dataflow(schema).short}; nothing was erased. Try again.")

    @property
    def is_local(self) -> bool:
        """True when the lake lies in a folder."""
        return local_path(self._root) is not None

    @property
    def _waiting_room(self) -> Path | None:
        """Where large submissions wait: beside the tables when these are on a disk."""
        folder = local_path(self._root)
        return None if folder is None else folder / _STAGING

    def _staging(self) -> Staging:
        """In the folder of the system for temporary files when the tables are not on a disk."""
        return Staging(self._waiting_room)

    def _table(self, dataflow: Urn) -> LakeTable:
        url = "/".join((self._root, *_parts(dataflow)))
        with self._lock:
            return self._tables.setdefault(url, LakeTable(url, self._options))


def _pause(attempt: int) -> None:
    """Before the next attempt, the longer the more there were."""
    time.sleep(random.uniform(0, min(_LONGEST_PAUSE, 0.02 * 2**attempt)))  # noqa: S311 - jitter, not a secret


def _parts(dataflow: Urn) -> tuple[str, str, str]:
    """The folders in which a dataflow lies, from the root."""
    names = (dataflow.agency, dataflow.id, dataflow.version)
    if not all(_SAFE_NAME.fullmatch(name) for name in names):
        raise InvalidObservations(f"{dataflow.short} cannot hold data: agency, id and version must name one dataflow.")
    return names


def _known(table: LakeTable, submission: str) -> Receipt | None:
    """The receipt of a submission that was committed before."""
    return table.receipt(submission) if table.state() is not None else None


def _dataflow(schema: DataSchema) -> Urn:
    if schema.dataflow is None:
        raise InvalidObservations(f"Data are kept per dataflow; {schema.structure.id} was given without one.")
    return Urn.of(schema.dataflow)


def _is_unrestricted(selection: ObservationSelection) -> bool:
    """True when a selection is about all current observations, whatever their order."""
    return selection == ObservationSelection(sort=selection.sort, reporting_year_start_day=selection.reporting_year_start_day)


def _moment(state: TableState | None, recorded_at: datetime | None) -> datetime:
    moment = (recorded_at or datetime.now(UTC)).astimezone(UTC)
    if state is None or state.last_change is None:
        return moment
    return max(moment, state.last_change + timedelta(microseconds=1))


def _check(state: TableState | None, layout: Layout) -> None:
    """Check that a table can hold what has this layout.

    Raises:
        InvalidObservations: When the dimensions, or the type of a component, changed since the table was made.
    """
    if state is None:
        return
    if state.key not in {None, _key(layout)}:
        raise InvalidObservations(
            f"The data are stored with {state.key}, but it is now {_key(layout)}. Publish under a new version of the dataflow."
        )
    for name, kind in layout.columns.items():
        stored = state.columns.get(name, kind)
        if stored != kind and not is_convertible(stored, kind):
            raise InvalidObservations(
                f"{name} is stored as {stored} but the data structure now says {kind}. Publish under a new version of the dataflow."
            )


def _check_left(result: Rewrite, table: LakeTable, *, may_empty: bool) -> None:
    if result.empties and not may_empty:
        agency, name, version = table.url.rsplit("/", 3)[1:]
        gone = f"all {result.deleted:,} observations" if result.deleted and not result.updated else "all values"
        raise WouldEmptyDataflow(
            f"The submission deletes {gone} of {agency}:{name}({version}) and leaves none; nothing was stored. "
            "Allow that it is emptied (exchange data load --allow-empty) if this is meant."
        )


def _with_columns(table: LakeTable, state: TableState | None, layout: Layout, options: Mapping[str, str] | None) -> TableState | None:
    """The table with all columns of the layout, in its types."""
    _check(state, layout)
    if state is None:
        return state
    if any(state.columns.get(name, kind) != kind for name, kind in layout.columns.items()):
        state = _retyped(table, state, layout, options)
    if all(name in state.columns for name in layout.columns):
        return state
    table.add_columns(state, layout.columns)
    return table.state()


def _retyped(table: LakeTable, state: TableState, layout: Layout, options: Mapping[str, str] | None) -> TableState:
    """A table of an earlier version, written anew file by file; components that the structure no longer has keep their columns."""
    columns = {**state.columns, **layout.columns}
    everything = replace(layout, components={name: kind for name, kind in columns.items() if name not in ADDED})
    writer = FileWriter(table.url, options)
    try:
        with writing():
            added = [writer.write(read_rows(state, [file], everything, options).collect(), file.current) for file in state.files]
            table.retype(state, columns, added)
    except Exception:
        writer.discard()
        raise
    written = table.state()
    if written is None:
        raise CommitConflict
    return written


def _key(layout: Layout) -> str:
    """How a table names its key, in its description."""
    return f"Key: {', '.join(layout.keys)}"


def _receipt(result: Rewrite, submission: str, moment: datetime) -> Receipt:
    return Receipt(submission, moment, result.inserted, result.updated, result.unchanged, result.deleted, result.waiting)
