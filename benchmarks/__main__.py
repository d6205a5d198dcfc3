"""Runs every benchmark, prints a table and writes ``benchmarks/results.json``: ``python -m benchmarks [NAME...]``."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import encoding, http, observations, slow_readers, start_up
from benchmarks.results import Result

BENCHMARKS: dict[str, Callable[[], Iterator[Result]]] = {
    "start_up": start_up.run,
    "encoding": encoding.run,
    "observations": observations.run,
    "http": http.run,
    "slow_readers": slow_readers.run,
}


def main(names: list[str]) -> int:
    """Run the named benchmarks, all when none is named; exit status 1 when a promise is broken."""
    results: list[Result] = []
    table = Table("benchmark", "goal", "result", "unit", "holds", title="What is promised, and what was measured here")
    for name in names or list(BENCHMARKS):
        print(f"{name} …", flush=True)
        for result in BENCHMARKS[name]():
            results.append(result)
            sign = "≥" if result.at_least else "≤"
            table.add_row(result.name, f"{sign} {result.goal:g}", f"{result.result:.3g}", result.unit, "yes" if result.holds else "NO")
    Console(width=140).print(table)
    path = Path(__file__).with_name("results.json")
    path.write_text(json.dumps([result.document() for result in results], indent=2) + "\n", encoding="utf-8")
    return 0 if all(result.holds for result in results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
