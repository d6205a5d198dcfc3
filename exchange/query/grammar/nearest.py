"""Which known name somebody probably meant: the same letters in another case or spelling, or a slip of one or two of them."""

from __future__ import annotations

from collections.abc import Iterable

#: In longer names two slips still leave no doubt.
_LONG = 7


def nearest(name: str, known: Iterable[str], *, shortest: int = 4) -> str | None:
    """The known name that is nearest, if any is near.

    Names with fewer letters than ``shortest`` mean too much as they are: ``key`` is not a slip of ``keys``.

    >>> nearest("start_period", ["startPeriod", "endPeriod"]), nearest("refrences", ["references"]), nearest("utm_source", ["sort"])
    ('startPeriod', 'references', None)
    """
    folded = _folded(name)
    near = [(_slips(folded, _folded(candidate)), candidate) for candidate in sorted(known)]
    return min((found for found in near if found[0] <= _tolerated(folded, found[1], shortest)), default=(0, None))[1]


def _tolerated(name: str, candidate: str, shortest: int) -> int:
    if min(len(name), len(candidate)) < shortest:
        return 0
    return 2 if len(candidate) >= _LONG else 1


def _folded(name: str) -> str:
    return name.strip().casefold().replace("_", "").replace("-", "")


def _slips(written: str, meant: str) -> int:
    """Letters left out, added, mistaken or swapped with their neighbour (optimal string alignment); names far apart are not counted out."""
    if abs(len(written) - len(meant)) > 2 or max(len(written), len(meant)) > 100:
        return 3
    before: list[int] = []
    row = list(range(len(meant) + 1))
    for i, letter in enumerate(written, 1):
        current = [i]
        for j, other in enumerate(meant, 1):
            cost = min(row[j] + 1, current[j - 1] + 1, row[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == meant[j - 2] and written[i - 2] == other:
                cost = min(cost, before[j - 2] + 1)
            current.append(cost)
        before, row = row, current
    return row[-1]
