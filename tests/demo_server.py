"""A server that runs the demo as a process of its own, for tests that know nothing of our inside; one for the whole run."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest

AGENCY, FLOW, VERSION = "CDE_DEMO", "DF_WATER_POINTS", "1.0.0"


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("demo") / "home"
    command = [sys.executable, "-m", "exchange", "demo", "--no-serve"]
    done = subprocess.run(command, env={**os.environ, "EXCHANGE_HOME": str(home)}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return home


@pytest.fixture(scope="session")
def server(demo_home: Path) -> Iterator[str]:
    """The root URL of a running server."""
    with running(demo_home, EXCHANGE_MOUNTS='{"/rest": "v1", "/ws/public/sdmxapi/rest": "v1", "/FMR/sdmx/v2": "v2"}') as root:
        yield root


@contextmanager
def running(home: Path, *, command: Sequence[str] = (sys.executable, "-m", "exchange"), **settings: str) -> Iterator[str]:
    """A server on a free port with further settings, ended with the block; ``command`` is how the program is called."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "EXCHANGE_HOME": str(home), **settings}
    with subprocess.Popen([*command, "serve", "--port", str(port)], env=environment) as process:
        try:
            root = f"http://127.0.0.1:{port}"
            _wait(f"{root}/health/ready", process)
            yield root
        finally:
            process.terminate()


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        assert process.poll() is None, "the server ended"
        try:
            with urlopen(url) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    pytest.fail("the server did not become ready")
