"""The command, run in this process, and as a process of its own where that boundary matters."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import pytest
from typer.testing import CliRunner

from exchange.cli import application
from exchange.codecs.catalogue import default_catalogue
from exchange.codecs.negotiation.media_types import format_by_alias
from exchange.codecs.ports import MessageKind, StructureOptions
from registry.model.base import Maintainable
from registry.model.messages import StructureMessage


@dataclass(frozen=True)
class Outcome:
    """What a command left: exit status and what it printed."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


Command = Callable[..., Outcome]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def exchange(home: Path) -> Command:
    """Runs the command in this process on a home of its own; keywords are environment variables."""

    def run(*arguments: str | Path, **settings: str) -> Outcome:
        environment = {"EXCHANGE_HOME": str(home), **settings}
        result = CliRunner().invoke(application, [str(argument) for argument in arguments], env=environment)
        # Anything else would be a traceback for whoever calls the command.
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
        return Outcome(result.exit_code, result.stdout, result.stderr)

    return run


def started(home: Path, *arguments: str | Path, **settings: str) -> subprocess.Popen[str]:
    """The command as a process of its own."""
    environment = {**os.environ, "EXCHANGE_HOME": str(home), **settings}
    command = [sys.executable, "-m", "exchange", *(str(argument) for argument in arguments)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@contextmanager
def serving(home: Path, *arguments: str, **settings: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A server on a port that it finds itself: its root URL and the process."""
    with started(home, "serve", "--port", "0", *arguments, **settings) as process:
        try:
            assert process.stdout is not None
            found = re.search(r"Serving on (\S+)", process.stdout.readline())
            assert found, process.communicate()
            _wait(f"{found[1]}/health/ready")
            yield found[1], process
        finally:
            process.terminate()
            try:
                process.wait(10)
            finally:
                process.kill()


def _wait(url: str) -> None:
    for _ in range(300):
        try:
            with urlopen(url) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    pytest.fail("the server did not become ready")


def written(path: Path, *artefacts: Maintainable, alias: str = "sdmx-ml-3.0") -> Path:
    """A file with a structure message."""
    wanted = format_by_alias(alias, MessageKind.STRUCTURE)
    assert wanted is not None
    path.write_bytes(default_catalogue().structure(wanted).write(StructureMessage(artefacts=artefacts), StructureOptions()).content)
    return path
