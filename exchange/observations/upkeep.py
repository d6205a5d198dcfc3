"""Looking after a table: is everything there as it was written, what did killed writers leave, and what must go for good."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
from deltalake.transaction import AddAction
from pyarrow.fs import FileSelector, FileType, PyFileSystem

from exchange.errors import NothingFound, StorageUnavailable
from exchange.observations.ports import SUBMISSION, VALID_FROM, VALID_TO, Receipt
from exchange.observations.table.durability import sync_folders, write_through
from exchange.observations.table.key_ranges import key_ranges
from exchange.observations.table.lake_files import DataFile, FileWriter, pieces
from exchange.observations.table.lake_table import LakeTable, TableState
from exchange.observations.table.layout import CURRENT, Layout
from exchange.observations.table.log_entries import LOG, RECEIPT, entries, read_receipt
from exchange.observations.table.row_source import read_rows

_PARQUET = ".parquet"
_NEXT, _HELD = " next", " held"


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


def erase(table: LakeTable, folder: Path, layout: Layout, submission: str, receipt: Receipt) -> int:
    """Take a submission out of a table as if it had never been: out of the state, the history, and the disk. Nobody may be writing.

    What it replaced or deleted holds again until somebody else changed it. Returns how many observations were changed later, on top of
    it: what these took over from it stays.

    Args:
        table: Where it lies.
        folder: The folder of the table.
        layout: Of the data structure.
        submission: The submission to take out.
        receipt: What the commit of the erasure says about itself.

    Raises:
        NothingFound: When the table holds no such submission.
    """
    state = table.state()
    known = table.receipt(submission) if state is not None else None
    if state is None or known is None:
        raise NothingFound(f"There is no submission {submission} in this dataflow.")
    writer = FileWriter(table.url, None)
    try:
        added, removed, changed_later = _rewritten(state, layout, submission, known.recorded_at, writer)
        writer.sync()
        table.commit(state, state.columns, state.key or "", added, removed, receipt)
    except BaseException:
        writer.discard()
        raise
    _forget(table, folder, submission)
    return changed_later


def _rewritten(
    state: TableState, layout: Layout, submission: str, moment: datetime, writer: FileWriter
) -> tuple[list[AddAction], list[DataFile], int]:
    """The files to add and to remove, and how many observations others changed afterwards."""
    rows = read_rows(state, state.files, layout, None)
    ends, changed_later = _new_ends(rows, layout, submission, moment)
    added: list[AddAction] = []
    removed: list[DataFile] = []
    reopened = [pl.DataFrame(schema=layout.columns)]
    for file in (*(file for file in state.files if not file.current), *state.waiting):
        before = read_rows(state, [file], layout, None).collect()
        after = before.filter(pl.col(SUBMISSION).ne_missing(submission))
        if file.current is False:
            after = _with_ends(after, ends, layout, moment)
        if after.equals(before):
            continue
        removed.append(file)
        if file.current is False:
            reopened.append(after.filter(pl.col(VALID_TO).is_null()))
            after = after.filter(pl.col(VALID_TO).is_not_null())
        if after.height:
            added.append(writer.write(after, file.current))
    again = pl.concat(reopened)
    for part in key_ranges([file for file in state.files if file.current]):
        inside = [] if part.lower is None else [pl.col("_series") >= part.lower]
        inside += [] if part.upper is None else [pl.col("_series") < part.upper]
        back = again.filter(inside) if inside else again
        before = read_rows(state, part.files, layout, None).collect()
        kept = before.filter(pl.col(SUBMISSION).ne_missing(submission))
        if back.height or kept.height != before.height:
            removed.extend(part.files)
            current = pl.concat([kept, back]).sort(layout.order)
            added.extend(writer.write(piece, True) for piece in pieces(current) if piece.height)
    return added, removed, changed_later


def _new_ends(rows: pl.LazyFrame, layout: Layout, submission: str, moment: datetime) -> tuple[pl.DataFrame, int]:
    """Until when the revisions hold that the submission ended; and how many of its own were replaced by others."""
    identity = layout.identity
    ended = rows.filter(pl.col(VALID_TO) == moment).select(identity).collect()
    own = rows.filter(pl.col(SUBMISSION) == submission).select(*identity, pl.col(VALID_TO).alias(_NEXT)).collect()
    later = (
        rows.filter(pl.col(VALID_FROM) > moment).select(*identity, VALID_FROM).collect().group_by(identity).agg(pl.col(VALID_FROM).min())
    )
    held = own.with_columns(pl.lit(value=True).alias(_HELD))
    both = ended.join(held, on=identity, how="left", nulls_equal=True).join(later, on=identity, how="left", nulls_equal=True)
    ends = both.select(*identity, pl.when(pl.col(_HELD)).then(_NEXT).otherwise(VALID_FROM).alias(_NEXT))
    return ends, own.join(later, on=identity, how="semi", nulls_equal=True).height


def _with_ends(rows: pl.DataFrame, ends: pl.DataFrame, layout: Layout, moment: datetime) -> pl.DataFrame:
    known = rows.join(ends, on=layout.identity, how="left", nulls_equal=True, maintain_order="left")
    end = pl.when(pl.col(VALID_TO) == moment).then(_NEXT).otherwise(VALID_TO).alias(VALID_TO)
    return known.with_columns(end).drop(_NEXT)


def _forget(table: LakeTable, folder: Path, submission: str) -> None:
    """Remove the files that are not in the newest version, and what the log says about their content and about a submission."""
    state = table.state()
    kept = {file.path for file in (*state.files, *state.waiting)} if state is not None else set()
    for entry in sorted((folder / LOG).glob("*.json")):
        redacted = (_redacted(json.loads(line), kept, submission) for line in entry.read_text(encoding="utf-8").splitlines())
        lines = [json.dumps(action) for action in redacted if action]
        aside = entry.with_suffix(".tmp")
        write_through(aside, "\n".join(lines).encode())
        aside.replace(entry)
    # The log is never shortened, so checkpoints are only quicker to read; these say what the log does not say any more.
    for checkpoint in [*(folder / LOG).glob("*.checkpoint*.parquet"), folder / LOG / "_last_checkpoint"]:
        checkpoint.unlink(missing_ok=True)
    for file in folder.rglob(f"*{_PARQUET}"):
        if file.relative_to(folder).as_posix() not in kept:
            file.unlink()
    sync_folders([folder / LOG, *(path for path in folder.glob(f"{CURRENT}=*") if path.is_dir())])
    table.reopen()


def _redacted(action: dict[str, Any], kept: set[str], submission: str) -> dict[str, Any]:
    """An action without the statistics of files that are gone and without the receipt of a submission; empty when nothing is left."""
    added, info = action.get("add"), action.get("commitInfo")
    if added is not None and added["path"] not in kept:
        added["stats"] = None
    receipt = read_receipt(info or {})
    if info is not None and receipt is not None and receipt.submission == submission:
        del info[RECEIPT]
    return {} if action.get("txn", {}).get("appId") == submission else action
