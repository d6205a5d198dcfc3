"""Writing the Parquet files of a table: sorted, named with their checksum, with the statistics that Delta Lake readers prune by."""

from __future__ import annotations

import hashlib
import json
import re
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from math import isfinite
from pathlib import Path

import polars as pl
from deltalake.exceptions import DeltaError
from deltalake.fs import DeltaStorageHandler
from deltalake.transaction import AddAction
from pyarrow.fs import PyFileSystem

from exchange.observations.table.durability import sync_folders, write_through
from exchange.observations.table.layout import CURRENT, SERIES

#: A file is cut into pieces of TARGET rows when it has more than twice as many; a row group is what a series query decodes.
TARGET_ROWS, ROW_GROUP_ROWS = 250_000, 16_384
#: Longer texts are no use for pruning.
_LONGEST_STATISTIC = 256
_SORTED, _SUFFIX = "sorted-", ".zstd.parquet"
_DIGEST = re.compile(r"-([0-9a-f]{64})\.zstd\.parquet$")
#: Folder of the rows whose partition is null, as Hive calls it.
_NO_PARTITION = "__HIVE_DEFAULT_PARTITION__"


@dataclass(frozen=True)
class DataFile:
    """A data file of a table version.

    Attributes:
        path: Relative to the table.
        current: Partition: true for what is valid now, false for closed revisions, None for attribute values that wait.
        first, last: Smallest and greatest joined series key; ``last`` None when a foreign writer kept no statistics.
        minima, maxima: Statistics of the other columns, as far as known.
    """

    path: str
    size: int
    rows: int
    current: bool | None
    first: str
    last: str | None
    minima: Mapping[str, object]
    maxima: Mapping[str, object]

    @property
    def is_sorted(self) -> bool:
        """True when the rows are known to be in default order: foreign writers name their files otherwise."""
        return self.path.rpartition("/")[2].startswith(_SORTED)

    @property
    def digest(self) -> str | None:
        """SHA-256 of the content as it was written, which the name says; None of files of foreign writers or version 0.1."""
        found = _DIGEST.search(self.path)
        return found[1] if found else None

    def meets(self, lower: str | None, upper: str | None) -> bool:
        """True when the file may hold series from ``lower`` (inside) to ``upper`` (outside); None is unbounded."""
        return (upper is None or self.first < upper) and (lower is None or self.last is None or self.last >= lower)


def partition_of(current: bool | None) -> str | None:
    """How Delta Lake writes the value of the partition."""
    return None if current is None else "true" if current else "false"


class FileWriter:
    """Writes data files below a table. Until a commit names them they are invisible."""

    def __init__(self, url: str, options: Mapping[str, str] | None) -> None:
        self._url = url
        self._options = dict(options) if options else None
        self._local = local_path(url)
        self._begun: list[str] = []

    def write(self, rows: pl.DataFrame, current: bool | None) -> AddAction:
        """Write rows, sorted already, as one file of a partition (see :class:`DataFile`)."""
        partition = partition_of(current)
        folder, name = f"{CURRENT}={partition or _NO_PARTITION}", f"{_SORTED}{uuid.uuid4()}"
        buffer = BytesIO()
        rows.write_parquet(buffer, compression="zstd", statistics=True, row_group_size=ROW_GROUP_ROWS)
        content = buffer.getbuffer()
        # The name says what the file holds: neither disks nor copies of objects tell when a bit turned.
        path = f"{folder}/{name}-{hashlib.sha256(content).hexdigest()}{_SUFFIX}"
        self._begun.append(path)
        if self._local is not None:
            write_through(self._local / path, content)
        else:
            write_object(PyFileSystem(self._storage()), path, content)
        return AddAction(
            path=path,
            size=len(content),
            partition_values={CURRENT: partition},
            modification_time=int(time.time() * 1000),
            data_change=True,
            stats=json.dumps(statistics(rows)),
        )

    def sync(self) -> None:
        """Come back when a power cut would leave all files where they are."""
        if self._local is not None:
            files = [self._local / path for path in self._begun]
            sync_folders([folder for file in files for folder in (file.parent, self._local, *self._local.parents[:3])])

    def discard(self) -> None:
        """Remove all files, of which no commit has become; as far as the storage lets us, the rest is for the clean-up."""
        for path in self._begun:
            with suppress(OSError, DeltaError):
                self._storage().delete_file(path)

    def _storage(self) -> DeltaStorageHandler:
        return DeltaStorageHandler(self._url, options=self._options)


def write_object(files: PyFileSystem, path: str, content: bytes | memoryview) -> None:
    """Write an object whole; whoever reads it meanwhile finds what was there before."""
    # Only from a buffer that is larger than the content, the storage below gets bytes, which it insists on.
    with files.open_output_stream(path, buffer_size=len(content) + 1) as stream:
        stream.write(content)


def local_path(url: str) -> Path | None:
    """The folder behind a URL or path; None when it is not on this machine's disk."""
    if url.startswith("file://"):
        return Path(url.removeprefix("file://"))
    return None if "://" in url else Path(url)


def pieces(rows: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Rows in file-sized pieces; a series is never cut, so that whoever reads a file reads whole series."""
    if rows.height <= 2 * TARGET_ROWS:
        yield rows
        return
    starts = rows.select((pl.col(SERIES) != pl.col(SERIES).shift(1)).fill_null(value=True).arg_true())[SERIES]
    begin = 0
    while begin < rows.height:
        following = starts.search_sorted(begin + TARGET_ROWS)
        end = starts[following] if following < starts.len() else rows.height
        yield rows.slice(begin, end - begin)
        begin = end


def statistics(rows: pl.DataFrame) -> dict[str, object]:
    """Delta Lake statistics of a file: number of rows, smallest and greatest value, number of nulls per column."""
    minima: dict[str, object] = {}
    maxima: dict[str, object] = {}
    scalar = [name for name, kind in rows.schema.items() if not kind.is_nested() and kind != pl.Boolean]
    bounds = rows.select(
        *(pl.col(name).min().alias(f"min {name}") for name in scalar), *(pl.col(name).max().alias(f"max {name}") for name in scalar)
    )
    for name in scalar:
        smallest, greatest = _plain(bounds[f"min {name}"][0]), _plain(bounds[f"max {name}"][0])
        if smallest is not None and greatest is not None:
            minima[name], maxima[name] = smallest, greatest
    nulls = {name: rows[name].null_count() for name in scalar}
    return {"numRecords": rows.height, "minValues": minima, "maxValues": maxima, "nullCount": nulls}


def _plain(value: object) -> object:
    """A statistic as JSON has it; None when it is better left out."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
    if isinstance(value, float) and not isfinite(value):
        return None
    return None if isinstance(value, str) and len(value) > _LONGEST_STATISTIC else value
