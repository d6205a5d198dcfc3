"""What tries mutants in one copy of the tree, for :mod:`tests.mutation`: a pytest that has collected its tests and forks for each request.

Requests and answers are lines of JSON. Python and the libraries are loaded once; a mutant of a function is put into the loaded module of
the fork, one outside of functions (constants, defaults) is tried by a pytest of its own that reads the changed file.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FrameType, FunctionType
from typing import Any, TextIO

import pytest

OPTIONS = ("-q", "-s", "-p", "no:cacheprovider", "-m", "not slow and not interop")


class Server:
    """Plugin of pytest: instead of running the tests it answers requests, each in a fork that runs some of them."""

    def __init__(self, answers: TextIO) -> None:
        self._answers = answers
        self._functions: dict[str, list[FunctionType]] = defaultdict(list)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """Answer until nothing more is asked. In a fork: let pytest run the tests that were chosen."""
        if session.testsfailed:
            return True
        for line in sys.stdin:
            request = json.loads(line)
            answer = self._traced(session, request["trace"]) if "trace" in request else self._tried(session, request)
            if answer is None:
                return None  # this is the fork
            print(json.dumps(answer), file=self._answers, flush=True)
        return True

    def _traced(self, session: pytest.Session, files: list[str]) -> dict[str, Any] | None:
        result = Path.cwd() / ".traced.json"
        child = os.fork()
        if not child:
            session.config.option.maxfail = 0
            session.config.pluginmanager.register(Tracer(frozenset(files), result))
            return None
        os.waitpid(child, 0)
        return dict(json.loads(result.read_text(encoding="utf-8")))

    def _tried(self, session: pytest.Session, request: dict[str, Any]) -> dict[str, Any] | None:
        patch = request["patch"]
        functions = self._of_file(patch["file"]) if patch else []
        child = os.fork()
        if not child:
            os.setpgid(0, 0)
            session.config.option.maxfail = 1
            if not functions or not put_in(functions, patch["file"], patch["before"], patch["after"]):
                os.execv(sys.executable, [sys.executable, "-m", "pytest", "-x", *OPTIONS, *request["tests"]])  # noqa: S606  # no shell
            items = {item.nodeid: item for item in session.items}
            session.items[:] = [items[name] for name in request["tests"]]
            return None
        return {"outcome": _outcome(child, request["seconds"])}

    def _of_file(self, file: str) -> list[FunctionType]:
        """The functions that were loaded from a file, those behind decorators too."""
        if not self._functions:
            for one in gc.get_objects():
                if isinstance(one, FunctionType):
                    self._functions[one.__code__.co_filename].append(one)
            gc.freeze()  # forks share what nobody moves; get_objects does not show it any more
        return self._functions[file]


def _outcome(child: int, seconds: float) -> str:
    last = time.monotonic() + seconds
    while time.monotonic() < last:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return "survived" if os.waitstatus_to_exitcode(status) == 0 else "killed"
        time.sleep(0.005)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return "timeout"


def put_in(functions: list[FunctionType], file: str, before: str, after: str) -> bool:
    """Give functions of a file the code of the changed file; False where that cannot be done."""
    codes = dict(_pairs(compile(before, file, "exec", dont_inherit=True), compile(after, file, "exec", dont_inherit=True)))
    try:
        for function in functions:
            function.__code__ = codes[function.__code__]
    except (KeyError, ValueError):
        return False
    return True


def _pairs(before: CodeType, after: CodeType) -> Iterator[tuple[CodeType, CodeType]]:
    inner = [[part for part in code.co_consts if isinstance(part, CodeType)] for code in (before, after)]
    for old, new in zip(*inner, strict=False):
        yield old, new
        yield from _pairs(old, new)


class Tracer:
    """Plugin of pytest: writes how long each test takes, and which functions of some files it enters."""

    def __init__(self, files: frozenset[str], result: Path) -> None:
        self._files, self._result = files, result
        self._seconds: dict[str, float] = defaultdict(float)
        self._entered: dict[str, set[tuple[str, int]]] = defaultdict(set)
        self._shared: dict[str, set[tuple[str, int]]] = defaultdict(set)
        self._failed: list[str] = []
        self._now: set[tuple[str, int]] = set()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Iterator[None]:
        """What fixtures do is done for all tests that use them."""
        self._now = set()
        sys.settrace(self._trace)
        threading.settrace(self._trace)
        yield
        for name in _shared_fixtures(item):
            self._shared[name] |= self._now
        self._entered[item.nodeid] |= self._now

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        """What a test does itself."""
        self._now = self._entered[item.nodeid]
        yield

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take the time."""
        self._seconds[report.nodeid] += report.duration
        if report.failed:
            self._failed.append(report.nodeid)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write it down."""
        sys.settrace(None)
        entered = {
            item.nodeid: sorted(self._entered[item.nodeid].union(*(self._shared[name] for name in _shared_fixtures(item))))
            for item in session.items
        }
        seconds = {item.nodeid: self._seconds[item.nodeid] for item in session.items}
        self._result.write_text(json.dumps({"failed": self._failed, "seconds": seconds, "entered": entered}), encoding="utf-8")

    def _trace(self, frame: FrameType, event: str, _argument: object) -> None:
        if event == "call" and frame.f_code.co_filename in self._files:
            self._now.add((frame.f_code.co_filename, frame.f_code.co_firstlineno))


def _shared_fixtures(item: pytest.Item) -> list[str]:
    definitions = getattr(item, "_fixtureinfo").name2fixturedefs  # noqa: B009  # pytest has no public way
    return [name for name, found in definitions.items() if found[-1].scope != "function"]


def main() -> None:
    """Collect the tests that are named on the command line, and answer."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    status = pytest.main([*OPTIONS, "--basetemp", str(Path.cwd() / ".tests"), *sys.argv[1:]], plugins=[Server(answers)])
    os._exit(int(status))


if __name__ == "__main__":
    main()
