"""Looking after a table: is everything there as it was written, what did killed writers leave, and what must go for good."""

from __future__ import annotations

import copy
import hashlib
import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import polars as pl
from deltalake.transaction import AddAction
from pyarrow.fs import FileSelector, FileType, PyFileSystem

from exchange.errors import NothingFound, StorageUnavailable
from exchange.observations.ports import SUBMISSION, VALID_FROM, VALID_TO, Receipt
from exchange.observations.table.durability import sync_folders, write_through
from exchange.observations.table.key_ranges import key_ranges
from exchange.observations.table.lake_files import DataFile, FileWriter, local_path, pieces, write_object
from exchange.observations.table.lake_table import LakeTable, TableState
from exchange.observations.table.layout import CURRENT, SERIES, Layout
from exchange.observations.table.log_entries import LOG, RECEIPT, entries, read_receipt
from exchange.observations.table.row_source import read_rows
from exchange.observations.writing.waiting_values import WaitingValues

_PARQUET = ".parquet"
_NEXT, _HELD, _VALUE = " next", " held", " value"

Options = Mapping[str, str] | None


def damage(table: LakeTable) -> Iterator[str]:
    """What is not as it was written, in words; nothing when all is well."""
    try:
        list(entries(table.files()))
        state = table.state()
    except StorageUnavailable as error:
        yield str(error)
        return
    for file in (*state.files, *state.waiting) if state is not None else ():
        problem = _problem(table.files(), file)
        if problem is not None:
            yield f"{file.path} {problem}"


def _problem(files: PyFileSystem, file: DataFile) -> str | None:
    found = files.get_file_info([file.path])[0]
    if found.type is not FileType.File:
        return "is gone"
    if found.size != file.size:
        return f"has {found.size:,} bytes instead of {file.size:,}"
    if file.digest is None:
        return None
    with files.open_input_stream(file.path) as stream:
        digest = hashlib.sha256(stream.read()).hexdigest()
    return None if digest == file.digest else "does not hold what was written"


def receipts(table: LakeTable) -> list[Receipt]:
    """What each submission to a table did, the oldest first.

    Raises:
        DamagedStore: When the log is damaged.
    """
    return [entry.receipt for entry in entries(table.files()) if entry.receipt is not None]


def remove_leftovers(table: LakeTable) -> list[str]:
    """Remove the data files that no commit ever named, and unfinished log entries. Nobody may be writing; returns what went."""
    files = table.files()
    named = {path for entry in entries(files) for path in entry.added}
    found = files.get_file_info(FileSelector("", recursive=True, allow_not_found=True))
    left = [info.path for info in found if info.type is FileType.File and _is_leftover(info.path, named)]
    for path in left:
        files.delete_file(path)
    return left


def _is_leftover(path: str, named: set[str]) -> bool:
    if path.startswith(f"{LOG}/"):
        return path.endswith(".tmp")
    return path.endswith(_PARQUET) and path not in named


def erase(table: LakeTable, options: Options, layout: Layout, submission: str, at: datetime) -> int:
    """Take a submission out of a table as if it had never been: out of the state, the history, and the storage.

    What it replaced or deleted holds again until somebody else changed it. Returns how many observations were changed later, on top of
    it, or have an attribute value that came with it: what these took over from it stays. Nobody may be writing to a folder; in an
    object store, who writes at the same time loses and tries again.

    Args:
        table: Where it lies.
        options: Of the storage.
        layout: Of the data structure.
        submission: The submission to take out.
        at: Now; moved behind the newest change of the table.

    Raises:
        NothingFound: When the table holds no such submission.
        CommitConflict: When somebody else committed meanwhile; nothing is done.
    """
    state = table.state()
    known = table.receipt(submission) if state is not None else None
    if state is None or known is None:
        raise NothingFound(f"There is no submission {submission} in this dataflow.")
    moment = at if state.last_change is None else max(at, state.last_change + timedelta(microseconds=1))
    writer = FileWriter(table.url, options)
    try:
        erasure = _Erasure(state, layout, options, submission, known)
        added, removed = erasure.rewritten(writer)
        writer.sync()
        table.commit(state, state.columns, state.key or "", added, removed, Receipt(f"erase-{uuid.uuid4()}", moment), erases=True)
    except BaseException:
        writer.discard()
        raise
    _forget(table, submission)
    return erasure.taken_over


class _Erasure:
    """A submission on its way out of a version of a table.

    Attributes:
        taken_over: How many observations others changed later or gave a value that came with it, and how many of the values that it left
            waiting are not waiting any more.
    """

    def __init__(self, state: TableState, layout: Layout, options: Options, submission: str, known: Receipt) -> None:
        self._state = state
        self._layout = layout
        self._options = options
        self._submission = submission
        self._moment = known.recorded_at
        rows = self._read(state.files)
        ends, later = self._new_ends(rows)
        self._ends = ends
        waiting = WaitingValues.of(state, layout, options).of_submission(submission)
        self.taken_over = self._with_its_values(rows, later) + max(0, known.waiting - waiting)

    def _read(self, files: Sequence[DataFile]) -> pl.LazyFrame:
        return read_rows(self._state, files, self._layout, self._options)

    def rewritten(self, writer: FileWriter) -> tuple[list[AddAction], list[DataFile]]:
        """The files to add and to remove."""
        added: list[AddAction] = []
        removed: list[DataFile] = []
        reopened = [pl.DataFrame(schema=self._layout.columns)]
        for file in (*(file for file in self._state.files if not file.current), *self._state.waiting):
            before = self._read([file]).collect()
            after = before.filter(pl.col(SUBMISSION).ne_missing(self._submission))
            if file.current is False:
                after = _with_ends(after, self._ends, self._layout, self._moment)
            if after.equals(before):
                continue
            removed.append(file)
            if file.current is False:
                reopened.append(after.filter(pl.col(VALID_TO).is_null()))
                after = after.filter(pl.col(VALID_TO).is_not_null())
            if after.height:
                added.append(writer.write(after, file.current))
        self._rewrite_current(pl.concat(reopened), writer, added, removed)
        return added, removed

    def _rewrite_current(self, again: pl.DataFrame, writer: FileWriter, added: list[AddAction], removed: list[DataFile]) -> None:
        """Without the submission, and with what holds again."""
        for part in key_ranges([file for file in self._state.files if file.current]):
            inside = [] if part.lower is None else [pl.col(SERIES) >= part.lower]
            inside += [] if part.upper is None else [pl.col(SERIES) < part.upper]
            back = again.filter(inside) if inside else again
            before = self._read(part.files).collect()
            kept = before.filter(pl.col(SUBMISSION).ne_missing(self._submission))
            if back.height or kept.height != before.height:
                removed.extend(part.files)
                current = pl.concat([kept, back]).sort(self._layout.order)
                added.extend(writer.write(piece, True) for piece in pieces(current) if piece.height)

    def _new_ends(self, rows: pl.LazyFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Until when the revisions hold that the submission ended; and which of its own observations were changed by others."""
        identity = self._layout.identity
        ended = rows.filter(pl.col(VALID_TO) == self._moment).select(identity).collect()
        own = rows.filter(pl.col(SUBMISSION) == self._submission).select(*identity, pl.col(VALID_TO).alias(_NEXT)).collect()
        changed = rows.filter(pl.col(VALID_FROM) > self._moment).select(*identity, VALID_FROM).collect()
        later = changed.group_by(identity).agg(pl.col(VALID_FROM).min())
        held = own.with_columns(pl.lit(value=True).alias(_HELD))
        both = ended.join(held, on=identity, how="left", nulls_equal=True).join(later, on=identity, how="left", nulls_equal=True)
        ends = both.select(*identity, pl.when(pl.col(_HELD)).then(_NEXT).otherwise(VALID_FROM).alias(_NEXT))
        return ends, own.join(later, on=identity, how="semi", nulls_equal=True).select(identity)

    def _with_its_values(self, rows: pl.LazyFrame, changed: pl.DataFrame) -> int:
        """How many observations were changed, or came later and have a value above the observation that came with the submission."""
        found = [changed]
        for name, on in self._layout.attached.items():
            value = rows.filter(pl.col(name).is_not_null()).with_columns(pl.col(name).hash().alias(_VALUE))
            place = [*on, _VALUE]
            before = value.filter(pl.col(VALID_FROM) < self._moment)
            brought = value.filter(pl.col(SUBMISSION) == self._submission).select(place).unique().join(before, on=place, how="anti")
            later = value.filter(pl.col(VALID_FROM) > self._moment).join(brought, on=place, how="semi")
            found.append(later.select(self._layout.identity).collect())
        return pl.concat(found).unique().height


def _with_ends(rows: pl.DataFrame, ends: pl.DataFrame, layout: Layout, moment: datetime) -> pl.DataFrame:
    known = rows.join(ends, on=layout.identity, how="left", nulls_equal=True, maintain_order="left")
    end = pl.when(pl.col(VALID_TO) == moment).then(_NEXT).otherwise(VALID_TO).alias(VALID_TO)
    return known.with_columns(end).drop(_NEXT)


def _forget(table: LakeTable, submission: str) -> None:
    """Remove the files that are not in the newest version, and what the log says about their content and about a submission."""
    files, state = table.files(), table.state()
    kept = {file.path for file in (*state.files, *state.waiting)} if state is not None else set()
    gone = {path for entry in entries(files) for path in entry.added} - kept
    for info in files.get_file_info(FileSelector(LOG)):
        if info.base_name.endswith(".json"):
            _redact(table, info.path, kept, submission)
    # The log is never shortened, so checkpoints are only quicker to read; these say what the log does not say any more.
    checkpoints = [info.path for info in files.get_file_info(FileSelector(LOG)) if "checkpoint" in info.base_name]
    for info in files.get_file_info([*checkpoints, *gone]):
        if info.type is FileType.File:
            files.delete_file(info.path)
    folder = local_path(table.url)
    if folder is not None:
        remove_leftovers(table)  # nobody writes, so what no entry names is of nobody
        sync_folders([folder / LOG, *(path for path in folder.glob(f"{CURRENT}=*") if path.is_dir())])
    table.reopen()


def _redact(table: LakeTable, path: str, kept: set[str], submission: str) -> None:
    """Rewrite an entry of the log, whole or not at all, if it says what must be forgotten."""
    files, folder = table.files(), local_path(table.url)
    with files.open_input_stream(path) as stream:
        before = [json.loads(line) for line in stream.read().splitlines() if line.strip()]
    after = [action for action in (_redacted(copy.deepcopy(action), kept, submission) for action in before) if action]
    if after == before:
        return
    content = "\n".join(json.dumps(action) for action in after).encode()
    if folder is None:
        write_object(files, path, content)
        return
    aside = (folder / path).with_suffix(".tmp")
    write_through(aside, content)
    aside.replace(folder / path)


def _redacted(action: dict[str, Any], kept: set[str], submission: str) -> dict[str, Any]:
    """An action without the statistics of files that are gone and without the receipt of a submission; empty when nothing is left."""
    added, info = action.get("add"), action.get("commitInfo")
    if added is not None and added["path"] not in kept:
        added["stats"] = None
    receipt = read_receipt(info or {})
    if info is not None and receipt is not None and receipt.submission == submission:
        del info[RECEIPT]
    return {} if action.get("txn", {}).get("appId") == submission else action
