"""Over HTTP, on 10 million observations: memory, first byte, a series query and a codelist, beside an endpoint that answers from memory.

Every figure is measured with real server processes on the loopback interface and a client that keeps its connection.
"""

from __future__ import annotations

import http.client
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import generator
from benchmarks.results import Result
from exchange.app import open_services
from exchange.observations.ports import Action, Change
from exchange.settings import Settings
from registry.model.base import Maintainable
from registry.model.codelists import Code, Codelist
from registry.store.ports import ChangeSet

OBSERVATIONS = int(os.environ.get("BENCHMARK_OBSERVATIONS", "10000000"))
_REPETITIONS = 200


def run() -> Iterator[Result]:
    """Fill a lake, start both servers, ask."""
    with tempfile.TemporaryDirectory() as folder:
        home, static = Path(folder, "home"), Path(folder, "static")
        static.mkdir()
        flow, series_key = fill(home, OBSERVATIONS)
        with _server("exchange.app:create_app", "--factory", EXCHANGE_HOME=str(home)) as server:
            everything = f"/sdmx/v2/data/dataflow/{flow}?format=sdmx-csv-2.1"
            series = f"/sdmx/v2/data/dataflow/{flow}/{series_key}?format=sdmx-csv-2.1"
            codelist = f"/sdmx/v2/structure/codelist/{generator.AGENCY}/CL_LARGE/1.0.0"
            static.joinpath("series").write_bytes(server.get(series))
            static.joinpath("codelist").write_bytes(server.get(codelist))
            with _server("benchmarks.static_app:app", STATIC_FOLDER=str(static)) as peer:
                yield Result(
                    "series query over HTTP (20 of 10 M) / static answer", 10, _ratio(server, series, peer, "/series"), "times", False
                )
                yield Result(
                    "codelist of 5,000 codes again / static answer", 2, _ratio(server, codelist, peer, "/codelist"), "times", False
                )
            first_bytes = [server.first_byte(everything) for _ in range(9)]
            yield Result("first byte of 10 M observations as SDMX-CSV, median", 100, statistics.median(first_bytes) * 1000, "ms", False)
            before = server.resident()
            received = server.drain(everything)
            growth = server.peak() - before
            yield Result(f"server memory growth while sending {received / 1e9:.1f} GB of SDMX-CSV", 700, growth / 1e6, "MB", False)


class _Server:
    """A server process and a kept connection to it."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self._process = process
        self._port = port
        self._connection = http.client.HTTPConnection("127.0.0.1", port)

    def get(self, path: str) -> bytes:
        self._connection.request("GET", path)
        response = self._connection.getresponse()
        body = response.read()
        if response.status != 200:
            raise RuntimeError(f"{path}: {response.status} {body[:300]!r}")
        return body

    def first_byte(self, path: str) -> float:
        connection = http.client.HTTPConnection("127.0.0.1", self._port)
        start = time.perf_counter()
        connection.request("GET", path)
        connection.getresponse().read(1)
        elapsed = time.perf_counter() - start
        connection.close()
        return elapsed

    def drain(self, path: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self._port)
        connection.request("GET", path)
        response = connection.getresponse()
        size = 0
        while chunk := response.read(1 << 20):
            size += len(chunk)
        connection.close()
        return size

    def resident(self) -> int:
        return self._status("VmRSS")

    def peak(self) -> int:
        return self._status("VmHWM")

    def _status(self, name: str) -> int:
        for line in Path(f"/proc/{self._process.pid}/status").read_text(encoding="ascii").splitlines():
            if line.startswith(name):
                return int(line.split()[1]) * 1024
        raise RuntimeError(name)


@contextmanager
def _server(*application: str, **environment: str) -> Iterator[_Server]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", *application, "--port", str(port), "--log-level", "warning", "--no-access-log"]
    with subprocess.Popen(command, env=os.environ | environment) as process:
        try:
            _wait(port, process)
            yield _Server(process, port)
        finally:
            process.terminate()


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if process.poll() is not None:
            raise RuntimeError("the server ended")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError("the server did not start")


def _ratio(server: _Server, path: str, peer: _Server, peer_path: str) -> float:
    ours, theirs = [], []
    for _ in range(_REPETITIONS):
        start = time.perf_counter()
        server.get(path)
        middle = time.perf_counter()
        peer.get(peer_path)
        ours.append(middle - start)
        theirs.append(time.perf_counter() - middle)
    return statistics.median(ours) / statistics.median(theirs)


def fill(home: Path, observations: int) -> tuple[str, str]:
    """A home with so many observations and a large codelist; the dataflow as a path, and a key of a series."""
    schema = generator.sdg_schema()
    services = open_services(Settings(home=home))
    lists: list[Maintainable] = [component.codelist for component in schema.components if component.codelist is not None]
    large = Codelist(
        id="CL_LARGE",
        agency_id=generator.AGENCY,
        version="1.0.0",
        names={"en": "Many codes"},
        codes=tuple(
            Code(id=f"C{number:05}", names={"en": f"Code number {number}", "fr": f"Code numéro {number}"}) for number in range(5000)
        ),
    )
    unique = {(artefact.urn_class, artefact.agency_id, artefact.id, artefact.version): artefact for artefact in (*lists, large)}
    if schema.dataflow is None:
        raise RuntimeError("the generator has a dataflow")
    services.artefacts.commit(ChangeSet(put=(*unique.values(), schema.structure, schema.dataflow)))
    batches = generator.sdg_observations(observations)
    services.observations.submit(schema, [Change(Action.MERGE, batches)], submission="benchmark")
    services.close()
    first = next(iter(generator.sdg_observations(20)))
    key = ".".join(str(first[dimension.id][0]) for dimension in schema.dimensions)
    return f"{schema.dataflow.agency_id}/{schema.dataflow.id}/{schema.dataflow.version}", key


if __name__ == "__main__":
    for outcome in run():
        print(outcome.document())
