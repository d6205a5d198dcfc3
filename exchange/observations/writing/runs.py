"""The observations of a change as sorted runs: in memory while they are few, in temporary Parquet files when they are many."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

import polars as pl

from exchange.observations.table.lake_files import ROW_GROUP_ROWS, TARGET_ROWS
from exchange.observations.table.layout import SERIES
from exchange.observations.table.storage_failures import writing

#: Rows of a run, and how many rows of a submission are held in memory.
RUN_ROWS = 250_000
#: Every so many rows of a run its series is remembered, to cut what is submitted into ranges of bearable size.
_SAMPLED = 4_096
#: Folders of submissions that nobody can be working at any more.
_ABANDONED_SECONDS = 7 * 24 * 3600
_PREFIX = "submission-"


@dataclass(frozen=True)
class Run:
    """Rows in default order, at least one.

    Attributes:
        rows: The rows; None when they lie in ``file``.
        samples: The series of every 4,096th row.
    """

    height: int
    first: str
    last: str
    samples: Sequence[str]
    rows: pl.DataFrame | None = None
    file: Path | None = None

    def between(self, lower: str | None, upper: str | None) -> pl.DataFrame | None:
        """The rows of the series from ``lower`` (inside) to ``upper`` (outside); None when there are none."""
        if (lower is not None and self.last < lower) or (upper is not None and self.first >= upper):
            return None
        if self.rows is not None:
            series = self.rows[SERIES]
            begin = 0 if lower is None else series.search_sorted(lower, side="left")
            end = series.len() if upper is None else series.search_sorted(upper, side="left")
            return self.rows.slice(begin, end - begin)
        bounds = [pl.col(SERIES) >= lower] if lower is not None else []
        bounds += [pl.col(SERIES) < upper] if upper is not None else []
        return pl.scan_parquet(str(self.file), glob=False).filter(bounds or [pl.lit(value=True)]).collect()


@dataclass(frozen=True)
class Runs:
    """All rows of a change. A key may stand in several runs."""

    runs: tuple[Run, ...] = ()

    def between(self, lower: str | None, upper: str | None) -> pl.DataFrame | None:
        """The rows of a range of series, in no particular order where runs meet; None when there are none."""
        found = [rows for run in self.runs if (rows := run.between(lower, upper)) is not None and rows.height]
        return pl.concat(found, how="diagonal") if len(found) > 1 else next(iter(found), None)

    def cuts(self) -> list[str]:
        """Series at which the rows can be cut into ranges of about the size of a file; none when they are few."""
        if sum(run.height for run in self.runs) <= 2 * TARGET_ROWS:
            return []
        samples = sorted(sample for run in self.runs for sample in run.samples)
        return samples[:: TARGET_ROWS // _SAMPLED]


class Staging:
    """Where the runs of one submission wait: in memory, then in a temporary folder that goes with everything in it at the end."""

    def __init__(self, parent: Path | None) -> None:
        self._parent = parent
        self._left = RUN_ROWS
        self._exit = ExitStack()
        self._folder: Path | None = None
        self._files = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._exit.close()

    def keep(self, rows: pl.DataFrame) -> Run:
        """Make a run of rows in default order."""
        series = rows[SERIES]
        samples = series.gather_every(_SAMPLED).to_list()
        if rows.height <= self._left:
            self._left -= rows.height
            return Run(rows.height, series[0], series[-1], samples, rows=rows)
        with writing():
            file = self._new_file()
            rows.write_parquet(file, compression="lz4", row_group_size=ROW_GROUP_ROWS)
        return Run(rows.height, series[0], series[-1], samples, file=file)

    def _new_file(self) -> Path:
        if self._folder is None:
            if self._parent is not None:
                self._parent.mkdir(parents=True, exist_ok=True)
                _remove_abandoned(self._parent)
            self._folder = Path(self._exit.enter_context(TemporaryDirectory(prefix=_PREFIX, dir=self._parent)))
        self._files += 1
        return self._folder / f"{self._files}.parquet"


def _remove_abandoned(parent: Path) -> None:
    """Remove what killed writers left behind."""
    for folder in parent.glob(f"{_PREFIX}*"):
        with suppress(FileNotFoundError):
            if time.time() - folder.stat().st_mtime > _ABANDONED_SECONDS:
                rmtree(folder, ignore_errors=True)


def remove_all(parent: Path) -> list[str]:
    """Remove the staging areas below a folder, whoever they belong to; names what went."""
    found = sorted(parent.glob(f"{_PREFIX}*"))
    for folder in found:
        rmtree(folder, ignore_errors=True)
    return [f"{folder.parent.name}/{folder.name}" for folder in found]


def chunks(frames: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """Frames gathered, or cut, into ones of about the size of a run."""
    gathered: list[pl.DataFrame] = []
    height = 0
    for frame in frames:
        for piece in frame.iter_slices(RUN_ROWS) if frame.height > RUN_ROWS else (frame,):
            if gathered and height + piece.height > RUN_ROWS:
                yield pl.concat(gathered, how="diagonal")
                gathered, height = [], 0
            gathered.append(piece)
            height += piece.height
    if gathered:
        yield pl.concat(gathered, how="diagonal")
