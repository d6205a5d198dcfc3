"""The ledger as a folder: per submission a JSON record and, where the policy allows it, a Parquet file of source rows."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import Final

import msgspec
import polars as pl

from mappings.provenance.records import ProvenanceRecord

_RECORD: Final = "record.json"
_ROWS: Final = "rows.parquet"
_SUBMISSION: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_\-]{0,127}")


class FileLedger:
    """:class:`mappings.provenance.ports.Ledger` in a folder.

    A record appears whole or not at all: it is made aside and renamed into place.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, record: ProvenanceRecord, contributions: pl.DataFrame | None) -> None:
        """Keep a record, and the source rows of its observations unless they are withheld."""
        target = self._place(record.submission)
        self._folder.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=".writing-", dir=self._folder))
        try:
            (aside / _RECORD).write_bytes(msgspec.json.format(msgspec.json.encode(record), indent=1))
            if contributions is not None:
                contributions.write_parquet(aside / _ROWS, compression="zstd")
            _rename(aside, target)
        except BaseException:
            shutil.rmtree(aside, ignore_errors=True)
            raise

    def discard(self, submission: str) -> None:
        """Forget the record of a submission that was not stored after all."""
        shutil.rmtree(self._place(submission), ignore_errors=True)

    def read(self, submission: str) -> ProvenanceRecord | None:
        """The record of a submission, or None."""
        path = self._place(submission) / _RECORD
        return msgspec.json.decode(path.read_bytes(), type=ProvenanceRecord) if path.is_file() else None

    def submissions(self, dataflow: str) -> list[str]:
        """Submissions of a dataflow, oldest first."""
        records = [msgspec.json.decode(path.read_bytes(), type=ProvenanceRecord) for path in self._folder.glob(f"[!.]*/{_RECORD}")]
        return [r.submission for r in sorted(records, key=lambda r: (r.started, r.submission)) if r.dataflow == dataflow]

    def contributions(self, submission: str) -> pl.DataFrame | None:
        """Source rows per observation, or None when they were withheld."""
        path = self._place(submission) / _ROWS
        return pl.read_parquet(path) if path.is_file() else None

    def _place(self, submission: str) -> Path:
        if not _SUBMISSION.fullmatch(submission):
            raise ValueError("a submission id is made of letters, digits, hyphens and underscores")
        return self._folder / submission


def _rename(aside: Path, target: Path) -> None:
    """Put a finished folder into its place; fails when something stands there already."""
    if target.exists():
        raise FileExistsError(f"submission {target.name} has a provenance record already")
    try:
        aside.rename(target)
    except OSError:
        # Another process was faster with the same submission.
        raise FileExistsError(f"submission {target.name} has a provenance record already") from None
    descriptor = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
