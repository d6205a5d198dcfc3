"""What a client that takes its time makes the service keep: many of them at once, on 600,000 observations, in every shape of answer."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from benchmarks.http import fill
from benchmarks.results import Result

OBSERVATIONS: Final = int(os.environ.get("BENCHMARK_SLOW_OBSERVATIONS", "600000"))
READERS: Final = int(os.environ.get("BENCHMARK_READERS", "60"))
GOAL: Final = 3.0
_GZIP: Final = "Accept-Encoding: gzip"
#: What is asked for: name, parameters, further header fields.
ANSWERS: Final = (
    ("SDMX-CSV", "format=sdmx-csv-2.1", ""),
    ("SDMX-CSV with gzip", "format=sdmx-csv-2.1", _GZIP),
    ("SDMX-ML 3.0", "format=sdmx-3.0", ""),
    ("SDMX-JSON 2.0", "format=sdmx-json-2.0", ""),
    ("SDMX-CSV, filtered", "format=sdmx-csv-2.1&c[SEX]=F", ""),
    ("SDMX-CSV, sorted", "format=sdmx-csv-2.1&sort=TIME_PERIOD:desc", ""),
)
_ROUNDS = 20


def run() -> Iterator[Result]:
    """Fill a lake; one server per answer, so that what one left behind is not counted for the next."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder, "home")
        flow, _ = fill(home, OBSERVATIONS)
        for name, parameters, field in ANSWERS:
            growth = growth_per_reader(home, f"/sdmx/v2/data/dataflow/{flow}?{parameters}", field)
            yield Result(f"memory per slow reader, {READERS} at once, {name}", GOAL, growth / 1e6, "MB", False)


def growth_per_reader(home: Path, target: str, field: str) -> float:
    """Bytes by which a server grows per client that reads a few kilobytes per second; the server has answered as many quick ones before."""
    with _serving(home) as (process, port):
        for _ in range(2):
            with _asking(port, target, field) as client:
                _take(client, 1 << 22)
        time.sleep(1)
        before = _resident(process)
        clients = [_asking(port, target, field) for _ in range(READERS)]
        for client in clients:
            if b" 200 " not in client.recv(64):
                raise RuntimeError(f"{target} is not answered")
        largest = 0
        for _ in range(_ROUNDS):
            for client in clients:
                _take(client, 4096)
            time.sleep(0.1)
            largest = max(largest, _resident(process))
        for client in clients:
            client.close()
    return (largest - before) / READERS


@contextmanager
def _serving(home: Path) -> Iterator[tuple[int, int]]:
    """Process and port of a server."""
    command = [sys.executable, "-m", "exchange", "serve", "--port", "0"]
    environment = os.environ | {"EXCHANGE_HOME": str(home), "EXCHANGE_CONCURRENT_DATA": str(2 * READERS)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            lines = process.stdout
            address = re.search(r":(\d+) ", lines.readline() if lines else "")
            if lines is None or address is None or not lines.readline():
                raise RuntimeError("the server did not start")
            yield process.pid, int(address[1])
        finally:
            process.terminate()


def _asking(port: int, target: str, field: str) -> socket.socket:
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.settimeout(120)
    client.connect(("127.0.0.1", port))
    client.sendall("\r\n".join([f"GET {target} HTTP/1.1", "Host: benchmark", *([field] if field else []), "", ""]).encode())
    return client


def _take(client: socket.socket, size: int) -> None:
    while size > 0 and (got := len(client.recv(min(size, 1 << 16)))):
        size -= got


def _resident(process: int) -> int:
    for line in Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("no such process")


if __name__ == "__main__":
    for outcome in run():
        print(outcome.document(), flush=True)
