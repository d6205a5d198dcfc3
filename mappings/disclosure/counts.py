"""Step counts that would tell how small a group is: a filter that drops two rows says that two rows had what it filters.

With a disclosure policy a number of rows is shown only where neither it nor its difference to the number shown before lies between
one and the threshold; otherwise it is left out and named under ``withheld``. What is shown is exact.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from mappings.journal import StepRecord

#: Counts of rows that follow each other through the steps.
_CHAIN: Final = ("rows_in", "rows_spread", "rows_out")
#: Counts that are the difference of two of those.
_LOSS: Final = "dropped"


def without_small_counts(steps: Iterable[StepRecord], threshold: int) -> Iterator[StepRecord]:
    """The steps with the row counts that are safe to show."""
    shown: int | None = None
    for step in steps:
        counts = {}
        for name, number in step.counts.items():
            if name in _CHAIN:
                if _is_small(number, threshold) or (shown is not None and _is_small(shown - number, threshold)):
                    continue
                shown = number
            if name == _LOSS and (_is_small(number, threshold) or "rows_out" not in counts):
                continue
            counts[name] = number
        withheld = [name for name in step.counts if name not in counts]
        yield replace(step, counts=counts, details={**step.details, **({"withheld": withheld} if withheld else {})})


def _is_small(number: int, threshold: int) -> bool:
    return abs(number) in range(1, threshold)
