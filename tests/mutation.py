"""Mutation run: changes single places of the code and asks the tests that should notice. ``make mutants``.

    make mutants                                        every folder, all mutants: hours
    make mutants SAMPLE=200 ONLY=registry/versions      a sample, of what begins with that path

The mutants are those of Cosmic Ray. They are made in copies of the tree, so that nothing here changes, however the run ends. The first
test that fails kills a mutant. Exit status 1 when fewer than GOAL percent of a target are killed.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import Queue

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

ROOT = Path(__file__).parents[1]
GOAL = 85
#: What is mutated, and the tests that should notice.
TARGETS: dict[str, tuple[str, ...]] = {
    "registry/versions.py": ("tests/registry/test_versions.py",),
    "mappings/disclosure": ("tests/mappings/disclosure", "tests/mappings/run"),
    "mappings/steps": ("tests/mappings/steps", "tests/mappings/expressions", "tests/mappings/run", "tests/mappings/examples"),
    "exchange/observations": ("tests/observations",),
    "exchange/services": ("tests/services", "tests/rest/test_data.py", "tests/rest/test_structures.py", "tests/cli/test_data.py"),
}
_COPIED = ("exchange", "mappings", "registry", "tests", "openapi", "docs", "pyproject.toml", "README.md", "CHANGELOG.md", "Makefile")


@dataclass(frozen=True)
class Mutant:
    """One change: the occurrence of an operator in a file."""

    target: str
    file: str
    operator: str
    occurrence: int

    def code(self) -> str | None:
        """The file with the change."""
        changed = mutate_code(ROOT.joinpath(self.file).read_text(encoding="utf-8"), get_operator(self.operator)(), self.occurrence)
        return None if changed is None else str(changed)

    def difference(self) -> str:
        """The change as lines that went and came."""
        before = ROOT.joinpath(self.file).read_text(encoding="utf-8").splitlines()
        lines = list(difflib.unified_diff(before, (self.code() or "").splitlines(), lineterm="", n=0))
        return "\n".join(lines[2:])


def mutants(only: str) -> Iterator[Mutant]:
    """All mutants of the targets whose path begins with ``only``, in the order of files."""
    for target in TARGETS:
        place = ROOT / target
        files = sorted(place.rglob("*.py")) if place.is_dir() else [place]
        for path in files:
            name = path.relative_to(ROOT).as_posix()
            if name.startswith(only):
                yield from _of_file(target, name)


def _of_file(target: str, file: str) -> Iterator[Mutant]:
    source = ROOT.joinpath(file).read_text(encoding="utf-8")
    silent = _annotations(source)
    nodes = list(ast_nodes(get_ast(source)))
    for name in operator_names():
        operator_class = get_operator(name)
        if operator_class.arguments():
            continue
        operator = operator_class()
        positions = (begin for node in nodes for begin, _ in operator.mutation_positions(node))
        for occurrence, begin in enumerate(positions):
            if not any(first <= begin < last for first, last in silent):
                yield Mutant(target, file, name, occurrence)


def _annotations(source: str) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Where annotations stand: nobody evaluates them, so no test can notice a change."""
    nodes = list(ast.walk(ast.parse(source)))
    parts = [part for node in nodes for part in (getattr(node, "annotation", None), getattr(node, "returns", None))]
    return [
        ((part.lineno, part.col_offset), (part.end_lineno or part.lineno, part.end_col_offset or 0))
        for part in parts
        if isinstance(part, ast.expr)
    ]


def killed(mutant: Mutant, copy: Path, seconds: float) -> bool:
    """Whether a test fails, or does not end, with this change."""
    place, code = copy / mutant.file, mutant.code()
    if code is None:
        raise RuntimeError(f"{mutant} changes nothing")
    original = place.read_text(encoding="utf-8")
    place.write_text(code, encoding="utf-8")
    try:
        return not passes(TARGETS[mutant.target], copy, seconds)
    finally:
        place.write_text(original, encoding="utf-8")


def passes(tests: tuple[str, ...], copy: Path, seconds: float) -> bool:
    """Whether the tests pass in a copy, within a time."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-m", "not slow and not interop", *tests]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(copy)}
    with subprocess.Popen(
        command, cwd=copy, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    ) as process:
        try:
            return process.wait(seconds) == 0
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            return False


def main() -> int:
    """Make and try the mutants; print survivors, and per target how many were killed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="path with which the mutated files begin")
    parser.add_argument("--sample", type=int, default=0, help="so many mutants, chosen at random; 0: all")
    parser.add_argument("--seed", type=int, default=0, help="another seed chooses another sample")
    parser.add_argument("--jobs", type=int, default=max(1, (os.cpu_count() or 2) // 2), help="copies that work at once")
    arguments = parser.parse_args()
    wanted = list(mutants(arguments.only))
    if not wanted:
        parser.error(f"nothing to mutate begins with {arguments.only}; there are {', '.join(TARGETS)}")
    if 0 < arguments.sample < len(wanted):
        wanted = random.Random(arguments.seed).sample(wanted, arguments.sample)  # noqa: S311  # no secret
    with tempfile.TemporaryDirectory() as folder:
        results = _tried(wanted, [_copied(Path(folder, str(number))) for number in range(arguments.jobs)])
    return _told(results)


def _copied(place: Path) -> Path:
    for name in _COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, place / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, place / name)
    return place


def _tried(wanted: list[Mutant], copies: list[Path]) -> dict[Mutant, bool]:
    limits = {}
    for target in dict.fromkeys(mutant.target for mutant in wanted):
        begun = time.monotonic()
        if not passes(TARGETS[target], copies[0], 3600):
            raise SystemExit(f"The tests of {target} fail without any change: {' '.join(TARGETS[target])}")
        limits[target] = 3 * len(copies) * (time.monotonic() - begun) + 10
    free: Queue[Path] = Queue()
    for copy in copies:
        free.put(copy)

    def one(mutant: Mutant) -> bool:
        copy = free.get()
        try:
            return killed(mutant, copy, limits[mutant.target])
        finally:
            free.put(copy)

    results: dict[Mutant, bool] = {}
    with ThreadPoolExecutor(len(copies)) as pool:
        for mutant, dead in zip(wanted, pool.map(one, wanted), strict=True):
            results[mutant] = dead
            if not dead:
                print(f"survived: {mutant.file} ({mutant.operator.removeprefix('core/')})\n{mutant.difference()}", flush=True)
    return results


def _told(results: dict[Mutant, bool]) -> int:
    below = False
    for target in dict.fromkeys(mutant.target for mutant in results):
        outcomes = [dead for mutant, dead in results.items() if mutant.target == target]
        percent = 100 * sum(outcomes) / len(outcomes)
        below |= percent < GOAL
        print(f"{target}: {sum(outcomes)} killed, {len(outcomes) - sum(outcomes)} survived, {percent:.1f} % (goal {GOAL} %)")
    return 1 if below else 0


if __name__ == "__main__":
    sys.exit(main())
