"""Stores of every adapter; a new one joins the contract suite by one line here."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from exchange.observations.delta_store import DeltaObservationStore
from exchange.observations.ports import ObservationStore

MakeStore = Callable[[], ObservationStore]
Adapter = Callable[[pytest.FixtureRequest], ObservationStore]


def _on_disk(request: pytest.FixtureRequest) -> ObservationStore:
    return DeltaObservationStore(str(_new_folder(request) / "lake"))


def _by_url(request: pytest.FixtureRequest) -> ObservationStore:
    return DeltaObservationStore(f"file://{_new_folder(request)}/lake by url", batch_rows=2)


def _in_objects(request: pytest.FixtureRequest) -> ObservationStore:
    url, options = request.getfixturevalue("object_store")
    return DeltaObservationStore(f"{url}/{uuid.uuid4()}", options)


def _new_folder(request: pytest.FixtureRequest) -> Path:
    factory: pytest.TempPathFactory = request.getfixturevalue("tmp_path_factory")
    return factory.mktemp("observations")


@pytest.fixture(scope="session")
def object_store() -> Iterator[tuple[str, dict[str, str]]]:
    """An object store that speaks S3: its URL and the storage options that lead there.

    It is a process of its own: delta-rs keeps the interpreter's lock while it waits for some answers.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    endpoint = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            _make_bucket(f"{endpoint}/lake", server)
            yield "s3://lake", _options(endpoint)
        finally:
            server.terminate()


def _make_bucket(url: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        assert server.poll() is None, "the object store ended"
        try:
            requests.put(url, timeout=10).raise_for_status()
        except requests.ConnectionError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("the object store did not start")


def _options(endpoint: str) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ALLOW_HTTP": "true",
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }


@pytest.fixture(scope="module", params=[_on_disk, _by_url, _in_objects], ids=["disk", "url", "objects"])
def make_store(request: pytest.FixtureRequest) -> MakeStore:
    """Makes empty stores of one kind."""
    adapter: Adapter = request.param
    return lambda: adapter(request)


@pytest.fixture
def store(make_store: MakeStore) -> ObservationStore:
    """An empty store."""
    return make_store()
