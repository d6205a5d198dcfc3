"""What starting costs: processor time of commands beside a bare Typer program, with byte code there for both."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.results import Result
from mappings.examples import CROSS_DOMAIN, ORGANISATIONS, WATER_POINTS

_REPETITIONS = 9
_BARE = """
import typer
application = typer.Typer(add_completion=False)
@application.command()
def one() -> None: "One command."
@application.command()
def two() -> None: "Another."
application()
"""


def run() -> Iterator[Result]:
    """Ratios are medians over alternating runs, so that a slow moment hits both."""
    with tempfile.TemporaryDirectory() as folder:
        bare = Path(folder, "bare.py")
        bare.write_text(_BARE, encoding="utf-8")
        for words in (["--version"], ["--help"], ["recipe", "--help"]):
            yield Result(f"exchange {' '.join(words)} / bare Typer program, processor time", 3, _ratio(words, bare), "times", False)
        environment = os.environ | {"EXCHANGE_HOME": str(Path(folder, "home"))}
        _import_structures(folder, environment)
        check = [sys.executable, "-m", "exchange", "recipe", "check", str(WATER_POINTS.recipe)]
        seconds = [_processor_seconds(check, environment) for _ in range(_REPETITIONS)]
        yield Result("exchange recipe check, processor time", 1, statistics.median(seconds), "s", False)


def _ratio(words: list[str], bare: Path) -> float:
    ours, theirs = [sys.executable, "-m", "exchange", *words], [sys.executable, str(bare), "--help"]
    return statistics.median(_processor_seconds(ours) / _processor_seconds(theirs) for _ in range(_REPETITIONS))


def _import_structures(folder: str, environment: dict[str, str]) -> None:
    made = str(Path(folder, "structures.json"))
    command = [sys.executable, "-m", "exchange"]
    for words in (
        ["recipe", "structures", str(WATER_POINTS.recipe), "--output", made],
        ["structures", "import", str(CROSS_DOMAIN), str(ORGANISATIONS), made],
    ):
        subprocess.run([*command, *words], env=environment, check=True, capture_output=True)


def _processor_seconds(command: list[str], environment: dict[str, str] | None = None) -> float:
    """User and system time of a process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, env=environment, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    for outcome in run():
        print(outcome.document())
