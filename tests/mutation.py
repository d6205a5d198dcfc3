"""Mutation run: changes single places of the code and asks the tests that should notice. ``make mutants``.

    make mutants                                        every folder, all mutants: hours
    make mutants SAMPLE=200 ONLY=registry/versions      a sample, of what begins with that path

    make mutants RECORD=/tmp/mutants.json           resumes: what is killed there is not tried again while its file stays the same

The mutants are those of Cosmic Ray. They are made in copies of the tree, so that nothing here changes, however the run ends. Each
copy has a process (``tests.mutation_worker``) that forks for every mutant and runs only the tests that enter the changed function, the
quickest first and no more than take SECONDS together. The first test that fails kills a mutant; one under which the tests do not end is
killed too, and counted as a timeout. Exit status 1 when fewer than GOAL percent of a target are killed.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from queue import Queue
from typing import Any

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

ROOT = Path(__file__).parents[1]
GOAL = 85
#: Tests of one mutant take at most so long together when nothing is changed; the quickest go first.
SECONDS = 20.0
#: What is mutated, and the tests that should notice: those of single parts, which are quick; whole runs have tests of their own.
TARGETS: dict[str, tuple[str, ...]] = {
    "registry/versions.py": ("tests/registry/test_versions.py",),
    "mappings/disclosure": ("tests/mappings/disclosure",),
    "mappings/steps": ("tests/mappings/steps",),
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
    line: int

    def code(self) -> str | None:
        """The file with the change."""
        changed = mutate_code(ROOT.joinpath(self.file).read_text(encoding="utf-8"), get_operator(self.operator)(), self.occurrence)
        return None if changed is None else str(changed)

    def difference(self) -> str:
        """The change as lines that went and came."""
        before = ROOT.joinpath(self.file).read_text(encoding="utf-8").splitlines()
        lines = list(difflib.unified_diff(before, (self.code() or "").splitlines(), lineterm="", n=0))
        return "\n".join(lines[2:])

    def function(self) -> int | None:
        """Line where the function begins that has the change; None where the change is outside of functions."""
        tree = ast.parse(ROOT.joinpath(self.file).read_text(encoding="utf-8"))
        around = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and _inside(node, self.line)]
        if not around:
            return None
        # Decorators belong to the code of a function.
        return min([around[-1].lineno, *[part.lineno for part in around[-1].decorator_list]])

    def key(self) -> str:
        """What it is called in the record: it is another mutant when its file has changed."""
        digest = hashlib.sha256(ROOT.joinpath(self.file).read_bytes()).hexdigest()[:12]
        return f"{self.file} {digest} {self.operator} {self.occurrence}"


def mutants(only: str) -> Iterator[Mutant]:
    """All mutants of the targets whose path begins with ``only``, in the order of files."""
    for target in TARGETS:
        place = ROOT / target
        files = sorted(place.rglob("*.py")) if place.is_dir() else [place]
        for path in files:
            name = path.relative_to(ROOT).as_posix()
            if name.startswith(only):
                yield from _of_file(target, name)


def _inside(node: ast.FunctionDef, line: int) -> bool:
    return node.body[0].lineno <= line <= (node.end_lineno or node.lineno)


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
                yield Mutant(target, file, name, occurrence, begin[0])


def _annotations(source: str) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Where annotations stand: nobody evaluates them, so no test can notice a change."""
    nodes = list(ast.walk(ast.parse(source)))
    parts = [part for node in nodes for part in (getattr(node, "annotation", None), getattr(node, "returns", None))]
    return [
        ((part.lineno, part.col_offset), (part.end_lineno or part.lineno, part.end_col_offset or 0))
        for part in parts
        if isinstance(part, ast.expr)
    ]


class Worker:
    """A process in a copy of the tree that tries mutants of one target."""

    def __init__(self, copy: Path, target: str) -> None:
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(copy)}
        self._copy = copy
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.mutation_worker", *TARGETS[target]],
            cwd=copy, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip

    def traced(self, files: list[str]) -> dict[str, Any]:
        """Which tests pass, how long each takes, and which functions of the files it enters."""
        return self._asked({"trace": [str(self._copy / file) for file in files]})

    def outcome(self, mutant: Mutant, tests: list[str], seconds: float) -> str:
        """``killed``, ``survived`` or ``timeout`` with the tests."""
        place, code = self._copy / mutant.file, mutant.code()
        if code is None:
            raise RuntimeError(f"{mutant} changes nothing")
        original = place.read_text(encoding="utf-8")
        place.write_text(code, encoding="utf-8")
        try:
            patched = {"file": str(place), "before": original, "after": code} if mutant.function() else None
            return str(self._asked({"tests": tests, "seconds": seconds, "patch": patched})["outcome"])
        finally:
            place.write_text(original, encoding="utf-8")

    def close(self) -> None:
        """End the process."""
        self._process.communicate()

    def _asked(self, request: dict[str, Any]) -> dict[str, Any]:
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("the worker has no pipes")
        print(json.dumps(request), file=self._process.stdin, flush=True)
        answer = self._process.stdout.readline()
        if not answer:
            raise SystemExit("The worker ended; do the tests of the target fail to load?")
        return dict(json.loads(answer))


@dataclass(frozen=True)
class Tests:
    """The tests of a target, the quickest first: how long each takes, and the functions (file and line) that it enters."""

    seconds: dict[str, float]
    entered: dict[str, set[tuple[str, int]]]

    def of(self, mutant: Mutant, most: float) -> list[str]:
        """Those that can notice a mutant, as far as they take no longer than so many seconds together; at least one."""
        function = mutant.function()
        names = [name for name in self.seconds if function is None or (mutant.file, function) in self.entered[name]]
        lasting = accumulate(self.seconds[name] for name in names)
        return [name for number, (name, total) in enumerate(zip(names, lasting, strict=True)) if total <= most or number == 0]


def main() -> int:
    """Make and try the mutants; print survivors, and per target how many were killed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="path with which the mutated files begin")
    parser.add_argument("--sample", type=int, default=0, help="so many mutants, chosen at random; 0: all")
    parser.add_argument("--seed", type=int, default=0, help="another seed chooses another sample")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="how long the tests of one mutant take together, at most")
    parser.add_argument("--record", type=Path, help="file that keeps the outcomes; what is killed there is not tried again")
    parser.add_argument("--jobs", type=int, default=max(1, (os.cpu_count() or 2) // 2), help="copies that work at once")
    arguments = parser.parse_args()
    wanted = list(mutants(arguments.only))
    if not wanted:
        parser.error(f"nothing to mutate begins with {arguments.only}; there are {', '.join(TARGETS)}")
    if 0 < arguments.sample < len(wanted):
        wanted = random.Random(arguments.seed).sample(wanted, arguments.sample)  # noqa: S311  # no secret
    with tempfile.TemporaryDirectory() as folder:
        copies = [_copied(Path(folder, str(number))) for number in range(arguments.jobs)]
        record = json.loads(arguments.record.read_text(encoding="utf-8")) if arguments.record and arguments.record.exists() else {}
        try:
            results = _tried(wanted, copies, arguments.seconds, record)
        finally:
            if arguments.record:
                arguments.record.write_text(json.dumps(record, indent=1), encoding="utf-8")
    return _told(results)


def _copied(place: Path) -> Path:
    for name in _COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, place / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, place / name)
    return place


def _tried(wanted: list[Mutant], copies: list[Path], most: float, record: dict[str, str]) -> dict[Mutant, str]:
    results = {mutant: record[mutant.key()] for mutant in wanted if record.get(mutant.key(), "survived") != "survived"}
    for target in dict.fromkeys(mutant.target for mutant in wanted):
        own = [mutant for mutant in wanted if mutant.target == target and mutant not in results]
        workers = [Worker(copy, target) for copy in copies]
        try:
            tests = _traced(workers[0], target, sorted({mutant.file for mutant in own}), copies[0])
            for mutant, outcome in _outcomes(own, workers, tests, most):
                results[mutant] = record[mutant.key()] = outcome
                if len(results) % 50 == 0:
                    print(f"{len(results)} of {len(wanted)} mutants", flush=True)
                if outcome == "survived":
                    print(f"survived: {mutant.file} ({mutant.operator.removeprefix('core/')})\n{mutant.difference()}", flush=True)
        finally:
            for worker in workers:
                worker.close()
    return results


def _traced(worker: Worker, target: str, files: list[str], copy: Path) -> Tests:
    found = worker.traced(files)
    if found["failed"]:
        raise SystemExit(f"The tests of {target} fail without any change: {', '.join(found['failed'])}")
    seconds = dict(sorted(found["seconds"].items(), key=lambda pair: pair[1]))
    places = {name: {(Path(file).relative_to(copy).as_posix(), line) for file, line in found["entered"][name]} for name in seconds}
    return Tests(seconds, places)


def _outcomes(own: list[Mutant], workers: list[Worker], tests: Tests, most: float) -> Iterator[tuple[Mutant, str]]:
    free: Queue[Worker] = Queue()
    for worker in workers:
        free.put(worker)

    def one(mutant: Mutant) -> str:
        chosen = tests.of(mutant, most)
        if not chosen:
            return "survived"  # no test enters the function
        worker = free.get()
        try:
            return worker.outcome(mutant, chosen, 5 * len(workers) * sum(tests.seconds[name] for name in chosen) + 20)
        finally:
            free.put(worker)

    with ThreadPoolExecutor(len(workers)) as pool:
        yield from zip(own, pool.map(one, own), strict=True)


def _told(results: dict[Mutant, str]) -> int:
    below = False
    for target in dict.fromkeys(mutant.target for mutant in results):
        outcomes = Counter(outcome for mutant, outcome in results.items() if mutant.target == target)
        percent = 100 * (outcomes["killed"] + outcomes["timeout"]) / outcomes.total()
        below |= percent < GOAL
        numbers = f"{outcomes.total()} tried, {outcomes['killed']} killed, {outcomes['timeout']} timeouts, {outcomes['survived']} survived"
        print(f"{target}: {numbers}, {percent:.1f} % (goal {GOAL} %)")
    return 1 if below else 0


if __name__ == "__main__":
    sys.exit(main())
