"""A table cut into ranges of series that can be read, sorted or rewritten one after the other."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from exchange.observations.table.lake_files import DataFile


@dataclass(frozen=True)
class KeyRange:
    """Series from ``lower`` (inside; None: from the first) to ``upper`` (outside; None: to the last), and the files that may hold them.

    ``closed`` are files with closed revisions, which may reach beyond the range.
    """

    lower: str | None
    upper: str | None
    files: tuple[DataFile, ...] = ()
    closed: tuple[DataFile, ...] = ()

    @property
    def is_one_sorted_file(self) -> bool:
        """True when the range needs no sorting."""
        return len(self.files) == 1 and not self.closed and self.files[0].is_sorted


def key_ranges(files: Sequence[DataFile], further_cuts: Iterable[str] = ()) -> list[KeyRange]:
    """Ranges between files that do not overlap. Our own files never do; files of foreign writers that do stay in one range.

    ``further_cuts`` are series at which to cut as well where no file is in the way.
    """
    current = sorted((file for file in files if file.current), key=lambda file: file.first)
    closed = tuple(file for file in files if not file.current)
    cuts = _cuts(current, further_cuts)
    bounds = [None, *cuts, None]
    ranges = [KeyRange(lower, upper) for lower, upper in pairwise(bounds)]
    members: list[list[DataFile]] = [[] for _ in ranges]
    for file in current:
        members[bisect_right(cuts, file.first)].append(file)
    return [
        replace(part, files=tuple(inside), closed=tuple(file for file in closed if file.meets(part.lower, part.upper)))
        for part, inside in zip(ranges, members, strict=True)
    ]


def _cuts(current: Sequence[DataFile], further: Iterable[str]) -> list[str]:
    """Series at which no file is cut in two, the first of all left out."""
    wanted = sorted({file.first for file in current[1:]} | set(further))
    cuts: list[str] = []
    reach: str | None = ""
    position = 0
    for cut in wanted:
        while position < len(current) and current[position].first < cut:
            last = current[position].last
            reach = None if reach is None or last is None else max(reach, last)
            position += 1
        if reach is not None and reach < cut and cut:
            cuts.append(cut)
    return cuts
