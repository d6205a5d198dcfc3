"""A server that runs the demo, as a process of its own, for clients that know nothing of us."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import polars as pl
import pytest

from exchange.app import open_services
from exchange.query.data_query import ObservationSelection
from exchange.services.container import Services
from exchange.settings import Settings

AGENCY, FLOW, VERSION = "CDE_DEMO", "DF_WATER_POINTS", "1.0.0"


def tool(name: str) -> str:
    """A program that the test needs; its absence fails in CI and skips elsewhere."""
    found = shutil.which(name)
    if found is None:
        if os.environ.get("CI"):
            pytest.fail(f"{name} is missing; .ci/run installs it")
        pytest.skip(f"{name} is not installed")
    return found


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
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "EXCHANGE_HOME": str(demo_home), "EXCHANGE_MOUNTS": '{"/rest": "v1", "/FMR/sdmx/v2": "v2"}'}
    with subprocess.Popen([sys.executable, "-m", "exchange", "serve", "--port", str(port)], env=environment) as process:
        try:
            root = f"http://127.0.0.1:{port}"
            _wait(f"{root}/health/ready", process)
            yield root
        finally:
            process.terminate()


@pytest.fixture(scope="session")
def stored(demo_home: Path) -> pl.DataFrame:
    """What the store holds: the truth that every client must get."""
    services: Services = open_services(Settings(home=demo_home))
    schema = services.schemas.for_dataflow(AGENCY, FLOW, VERSION)
    columns = [component.id for component in schema.components]
    batches = list(services.observations.scan(schema, ObservationSelection(), columns).batches)
    services.close()
    return pl.concat(batches)


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
