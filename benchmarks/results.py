"""What a benchmark reports: a ratio (or a bound), its goal, and whether it holds."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    """One promise. ``goal`` and ``result`` are in ``unit``; ``at_least`` says on which side the result must be."""

    name: str
    goal: float
    result: float
    unit: str
    at_least: bool = True

    @property
    def holds(self) -> bool:
        """True when the promise is kept."""
        return self.result >= self.goal if self.at_least else self.result <= self.goal

    def document(self) -> dict[str, object]:
        """As it stands in ``results.json``."""
        return {"name": self.name, "goal": self.goal, "result": round(self.result, 3), "unit": self.unit, "holds": self.holds}


def seconds(action: Callable[[], object]) -> float:
    """How long an action takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def paired(ours: Callable[[], object], peer: Callable[[], object], repetitions: int) -> float:
    """How many times as fast we are as a peer: median over alternating runs, so that a slow moment hits both."""
    ratios = []
    for _ in range(repetitions):
        theirs = seconds(peer)
        ratios.append(theirs / seconds(ours))
    return statistics.median(ratios)
