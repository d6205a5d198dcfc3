"""One Delta Lake table: its newest version as a plain value, and commits that either are the next version or fail."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
from deltalake import CommitProperties, DeltaTable, Field, Schema, Transaction
from deltalake.exceptions import CommitFailedError, DeltaError, TableNotFoundError
from deltalake.fs import DeltaStorageHandler
from deltalake.schema import ArrayType, PrimitiveType, StructType
from deltalake.transaction import AddAction, RemoveAction, create_table_with_add_actions
from pyarrow.fs import PyFileSystem

from exchange.observations.ports import VALID_FROM, VALID_TO, Receipt
from exchange.observations.table.durability import sync_file, sync_folders
from exchange.observations.table.lake_files import DataFile, local_path, partition_of
from exchange.observations.table.layout import CURRENT, INSTANT, SERIES
from exchange.observations.table.log_entries import FILES, LOG, RECEIPT, damaged, entry_name, parse_entry
from exchange.observations.table.storage_failures import reading

_PRIMITIVES = {pl.String: "string", pl.Int64: "long", pl.Float64: "double", pl.Boolean: "boolean", pl.Datetime: "timestamp"}
_TYPES: dict[str, pl.DataType] = {
    "string": pl.String(),
    "long": pl.Int64(),
    "integer": pl.Int64(),
    "double": pl.Float64(),
    "boolean": pl.Boolean(),
    "timestamp": INSTANT,
}
#: All columns have statistics, and the log is never shortened: receipts of old submissions stand in it.
_CONFIGURATION: dict[str, str | None] = {"delta.dataSkippingNumIndexedCols": "-1", "delta.enableExpiredLogCleanup": "false"}

#: Name under which the log remembers when something was erased.
_ERASED = "exchange.erased"


class CommitConflict(Exception):
    """Somebody else committed this version first."""


@dataclass(frozen=True)
class TableState:
    """A version of a table: everything a reader needs; never changes.

    Attributes:
        url: Where the table lies.
        files: Files with observations, current and closed.
        waiting: Files with attribute values that wait for observations.
        columns: Column name to type, without the partition column.
        key: The dimensions in the order of the joined series key, as a text; None when a foreign writer made the table.
        last_change: Transaction time of the newest change in it.
    """

    url: str
    version: int
    files: tuple[DataFile, ...]
    columns: Mapping[str, pl.DataType]
    last_change: datetime | None
    key: str | None = None
    waiting: tuple[DataFile, ...] = ()

    def location(self, file: DataFile) -> str:
        """Where a file lies."""
        return f"{self.url}/{file.path}"


class LakeTable:
    """A table of the lake. Safe for many threads and processes."""

    def __init__(self, url: str, options: Mapping[str, str] | None) -> None:
        self.url = url
        self._options = dict(options) if options else None
        self._local = local_path(url)
        self._lock = threading.Lock()
        self._delta: DeltaTable | None = None
        self._state: TableState | None = None

    def state(self) -> TableState | None:
        """The newest version; None when there is no table yet. Costs one file look-up when nothing is new."""
        with self._lock, reading():
            if self._state is None or self._is_outdated(self._state):
                self._load()
            return self._state

    def _is_outdated(self, state: TableState) -> bool:
        if self._local is None:
            return True
        return (self._local / "_delta_log" / f"{state.version + 1:020}.json").exists()

    def _load(self) -> None:
        if self._local is not None and not (self._local / "_delta_log").exists():
            return
        try:
            if self._delta is None:
                self._delta = DeltaTable(self.url, storage_options=self._options)
            else:
                self._delta.update_incremental()
        except TableNotFoundError:
            self._check_last()
            return
        except DeltaError:
            self._check_last()
            raise
        self._check_newest(self._delta)
        if self._state is None or self._state.version != self._delta.version():
            self._state = _state(self.url, self._delta)

    def files(self) -> PyFileSystem:
        """The files of the table, by their paths below it."""
        return PyFileSystem(DeltaStorageHandler(self.url, options=self._options))

    def _check_newest(self, table: DeltaTable) -> None:
        """A power cut may leave the newest entry empty or in part, which the library takes for an older state, or for no change."""
        if self._local is None:
            return
        entry = self._local / entry_name(table.version())
        if entry.exists():
            parse_entry(entry.read_bytes(), table.version())
        if (self._local / entry_name(table.version() + 1)).exists():
            before = table.version()
            table.update_incremental()  # somebody may have committed just now
            if table.version() == before:
                raise damaged(before + 1)
            self._check_newest(table)

    def _check_last(self) -> None:
        """The library cannot read the table: the last entry is the one that a power cut may have damaged."""
        entries = sorted(self._local.glob(f"{LOG}/*.json")) if self._local is not None else []
        if entries:
            parse_entry(entries[-1].read_bytes(), int(entries[-1].stem))

    def receipt(self, submission: str) -> Receipt | None:
        """The receipt of a submission that was committed before; None when it was not."""
        with self._lock:
            version = self._delta.transaction_version(submission) if self._delta is not None else None
        if version is None:
            return None
        with self.files().open_input_stream(entry_name(version)) as stream:
            return parse_entry(stream.read(), version).receipt

    def commit(
        self,
        base: TableState | None,
        columns: Mapping[str, pl.DataType],
        key: str,
        added: list[AddAction],
        removed: Sequence[DataFile],
        receipt: Receipt,
        *,
        erases: bool = False,
    ) -> None:
        """Make the next version: all files at once. One that ``erases`` counts as a change, though no row bears its instant.

        Raises:
            CommitConflict: When ``base`` is not the newest version any more.
        """
        version = 0 if base is None else base.version + 1
        properties = CommitProperties(
            custom_metadata={RECEIPT: _encoded(receipt), FILES: str(len(added) + len(removed))},
            max_commit_retries=0,
            app_transactions=[Transaction(receipt.submission, version), *([_erasure(receipt)] if erases else [])],
        )
        self._commit(base, columns, key, added, removed, properties)
        self._sync(version)

    def _commit(
        self,
        base: TableState | None,
        columns: Mapping[str, pl.DataType],
        key: str,
        added: list[AddAction],
        removed: Sequence[DataFile],
        properties: CommitProperties,
    ) -> None:
        try:
            if base is None:
                create_table_with_add_actions(
                    self.url,
                    _delta_schema(columns),
                    added,
                    mode="error",
                    partition_by=[CURRENT],
                    description=key,
                    configuration=_CONFIGURATION,
                    storage_options=self._options,
                    commit_properties=properties,
                )
                return
            table = DeltaTable(self.url, version=base.version, storage_options=self._options)
            table.create_write_transaction(
                [*added, *(_remove(file) for file in removed)], "append", table.schema(), [CURRENT], commit_properties=properties
            )
        except CommitFailedError as error:
            if base is not None and self._newest() == base.version:
                raise
            raise CommitConflict from error
        except DeltaError as error:
            if base is None and "already exists" in str(error):
                raise CommitConflict from error
            raise

    def _sync(self, version: int) -> None:
        """Come back when a power cut would leave the commit where it is."""
        if self._local is not None:
            entry = self._local / entry_name(version)
            sync_file(entry)
            sync_folders([entry.parent, self._local])

    def _newest(self) -> int:
        return DeltaTable(self.url, storage_options=self._options).version()

    def add_columns(self, base: TableState, columns: Mapping[str, pl.DataType]) -> None:
        """Give the table the columns it lacks; rows that exist have null in them.

        Raises:
            CommitConflict: When ``base`` is not the newest version any more.
        """
        missing = [Field(name, _delta_type(kind)) for name, kind in columns.items() if name not in base.columns]
        table = DeltaTable(self.url, version=base.version, storage_options=self._options)
        try:
            table.alter.add_columns(missing, commit_properties=CommitProperties(max_commit_retries=0))
        except CommitFailedError as error:
            raise CommitConflict from error

    def retype(self, base: TableState, columns: Mapping[str, pl.DataType], added: list[AddAction]) -> None:
        """Give the table other types: the files, which hold the same rows, stand for all there were.

        Raises:
            CommitConflict: When ``base`` is not the newest version any more.
        """
        table = DeltaTable(self.url, version=base.version, storage_options=self._options)
        try:
            table.create_write_transaction(
                [*added], "overwrite", _delta_schema(columns), [CURRENT], commit_properties=CommitProperties(max_commit_retries=0)
            )
        except CommitFailedError as error:
            raise CommitConflict from error

    def reopen(self) -> None:
        """Read the log anew the next time: it was rewritten."""
        with self._lock:
            self._delta = self._state = None

    def vacuum(self, hours: int) -> list[str]:
        """Remove files that no version of the last hours names, those of killed writers among them; history is not touched."""
        table = DeltaTable(self.url, storage_options=self._options)
        return table.vacuum(retention_hours=hours, dry_run=False, enforce_retention_duration=False, full=True)


def _state(url: str, table: DeltaTable) -> TableState:
    actions = pl.DataFrame(table.get_add_actions(flatten=True))
    everything = [_data_file(row) for row in actions.iter_rows(named=True)]
    files = tuple(file for file in everything if file.current is not None)
    waiting = tuple(file for file in everything if file.current is None)
    instants = [_last_erasure(table), *(file.maxima.get(name) for file in files for name in (VALID_FROM, VALID_TO))]
    columns = {item.name: _polars_type(item.type) for item in table.schema().fields if item.name != CURRENT}
    last_change = max((instant for instant in instants if isinstance(instant, datetime)), default=None)
    return TableState(url, table.version(), files, columns, last_change, table.metadata().description, waiting)


def _erasure(receipt: Receipt) -> Transaction:
    """When something was erased, as the version of an application: what is there afterwards says nothing about it."""
    return Transaction(_ERASED, round(receipt.recorded_at.timestamp() * 1_000_000))


def _last_erasure(table: DeltaTable) -> datetime | None:
    microseconds = table.transaction_version(_ERASED)
    return None if microseconds is None else datetime.fromtimestamp(0, UTC) + timedelta(microseconds=microseconds)


def _data_file(row: Mapping[str, Any]) -> DataFile:
    minima = {name.removeprefix("min."): value for name, value in row.items() if name.startswith("min.") and value is not None}
    maxima = {name.removeprefix("max."): value for name, value in row.items() if name.startswith("max.") and value is not None}
    return DataFile(
        path=row["path"],
        size=row["size_bytes"],
        rows=row["num_records"] or 0,
        current=row[f"partition.{CURRENT}"],
        first=minima.get(SERIES, ""),
        last=maxima.get(SERIES),
        minima=minima,
        maxima=maxima,
    )


def _remove(file: DataFile) -> RemoveAction:
    partition: dict[str, str | None] = {CURRENT: partition_of(file.current)}
    return RemoveAction(file.path, data_change=True, deletion_timestamp=int(time.time() * 1000), size=file.size, partition_values=partition)


def _encoded(receipt: Receipt) -> str:
    return json.dumps(
        {
            "submission": receipt.submission,
            "recorded_at": receipt.recorded_at.astimezone(UTC).isoformat(),
            "inserted": receipt.inserted,
            "updated": receipt.updated,
            "unchanged": receipt.unchanged,
            "deleted": receipt.deleted,
            "waiting": receipt.waiting,
        }
    )


def _delta_schema(columns: Mapping[str, pl.DataType]) -> Schema:
    fields = [Field(name, _delta_type(kind)) for name, kind in columns.items()]
    return Schema([*fields, Field(CURRENT, PrimitiveType("boolean"))])


def _delta_type(kind: pl.DataType) -> PrimitiveType | ArrayType | StructType:
    if isinstance(kind, pl.List):
        return ArrayType(_delta_type(kind.inner), contains_null=True)  # type: ignore[arg-type]  # a type may stand there as its class
    if isinstance(kind, pl.Struct):
        return StructType([Field(item.name, _delta_type(item.dtype)) for item in kind.fields])  # type: ignore[arg-type]  # the same
    return PrimitiveType(_PRIMITIVES[kind.base_type()])


def _polars_type(kind: PrimitiveType | ArrayType | StructType | Any) -> pl.DataType:
    if isinstance(kind, ArrayType):
        return pl.List(_polars_type(kind.element_type))
    if isinstance(kind, StructType):
        return pl.Struct({item.name: _polars_type(item.type) for item in kind.fields})
    return _TYPES.get(kind.type, pl.String())
