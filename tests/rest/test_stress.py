"""A server process under clients that are many, slow, silent or old: nobody can make it hold much, or take half an answer for a whole."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree, rmtree
from urllib.parse import urlsplit

import polars as pl
import pytest

from exchange.app import open_services
from exchange.observations.ports import Action, Change
from exchange.settings import Settings
from registry.store.ports import ChangeSet
from tests.builders import a_codelist, a_concept_scheme, a_data_structure, a_dataflow, enumerated
from tests.demo_server import running

#: More text than the buffers of a loopback connection take.
AREAS, PERIODS = 400, 500
DATA = "/sdmx/v2/data/dataflow/CDE/DF_WATER?format=sdmx-csv-2.1&labels=both"


@pytest.fixture(scope="session")
def large_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("large") / "home"
    services = open_services(Settings(home=home))
    codes = {f"A{number:03}": None for number in range(AREAS)}
    area, concepts = a_codelist(codes=codes), a_concept_scheme()
    structure = a_data_structure(concepts, {"AREA": enumerated(area)})
    services.artefacts.commit(ChangeSet(put=(area, concepts, structure, a_dataflow(structure))))
    rows = pl.DataFrame({"AREA": list(codes)}).join(pl.DataFrame({"TIME_PERIOD": [f"{1500 + at}" for at in range(PERIODS)]}), how="cross")
    schema = services.schemas.for_dataflow("CDE", "DF_WATER")
    services.observations.submit(schema, [Change(Action.MERGE, [rows.with_columns(OBS_VALUE=pl.lit(1.5))])], submission="S1")
    services.close()
    return home


@pytest.fixture
def own_home(large_home: Path, tmp_path: Path) -> Iterator[Path]:
    copy = tmp_path / "home"
    copytree(large_home, copy)
    yield copy
    rmtree(copy)


def connected(root: str) -> socket.socket:
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.settimeout(60)
    client.connect((urlsplit(root).hostname, urlsplit(root).port))
    return client


def asking(root: str, target: str, version: str = "1.1", *headers: str) -> socket.socket:
    client = connected(root)
    client.sendall("\r\n".join([f"GET {target} HTTP/{version}", "Host: test", *headers, "", ""]).encode())
    return client


def rest_of(client: socket.socket) -> bytes:
    received = bytearray()
    while chunk := client.recv(1 << 16):
        received += chunk
    return bytes(received)


def whole(root: str, target: str, *headers: str) -> tuple[bytes, bytes]:
    with asking(root, target, "1.0", *headers) as client:
        head, _, body = rest_of(client).partition(b"\r\n\r\n")
    return head, body


def test_beyond_so_many_answers_of_a_kind_a_client_is_asked_to_come_again(large_home: Path) -> None:
    with running(large_home, EXCHANGE_CONCURRENT_DATA="2", EXCHANGE_CONCURRENT_AVAILABILITY="1") as root:
        slow = [asking(root, DATA) for _ in range(2)]
        assert all(client.recv(12) == b"HTTP/1.1 200" for client in slow)
        head, body = whole(root, DATA)
        assert head.startswith(b"HTTP/1.1 503")
        assert b"\r\nretry-after: " in head.lower()
        assert b"cache-control: no-store" in head.lower()
        assert b'"errors"' in body
        _, xml = whole(root, "/sdmx/v1/data/DF_WATER/all")
        assert b":Error" in xml
        # Kinds do not stand in each other's way.
        assert whole(root, "/sdmx/v2/structure/codelist")[0].startswith(b"HTTP/1.1 200")
        assert whole(root, "/sdmx/v2/availability/dataflow/CDE/DF_WATER")[0].startswith(b"HTTP/1.1 200")
        assert whole(root, "/health/ready")[0].startswith(b"HTTP/1.1 200")
        for client in slow:
            client.close()
        for _ in range(100):
            if whole(root, f"{DATA}&firstNObservations=1&c[AREA]=A001")[0].startswith(b"HTTP/1.1 200"):
                break
            time.sleep(0.1)
        else:
            pytest.fail("clients that went away still count")


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"GET /health/live HTTP/1.1\r\nHost: test\r\nX-Slow: ",
        b"POST /sdmx/v1/data/DF_WATER/body HTTP/1.1\r\nHost: a\r\nContent-Length: 90\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n",  # noqa: E501
    ],
    ids=["nothing", "headers", "body"],
)
def test_a_request_that_trickles_in_is_given_up(large_home: Path, sent: bytes) -> None:
    with running(large_home, EXCHANGE_REQUEST_SECONDS="1") as root:
        _is_given_up(root, b"", sent)
        # The second request of a connection is a request like the first.
        if sent:
            _is_given_up(root, b"GET /health/live HTTP/1.1\r\nHost: test\r\n\r\n", sent)


def _is_given_up(root: str, before: bytes, sent: bytes) -> None:
    with connected(root) as client:
        if before:
            client.sendall(before)
            assert client.recv(12) == b"HTTP/1.1 200"
            time.sleep(0.3)
            client.recv(1 << 16)
        client.sendall(sent)
        client.settimeout(0.2)
        answer = b""
        for _ in range(50):
            try:
                answer = client.recv(1 << 16)
                break
            except TimeoutError:
                client.sendall(b"a" if sent else b"")
        assert answer.startswith(b"HTTP/1.1 408"), answer


def test_a_client_that_takes_nothing_is_disconnected_and_a_slow_one_is_not(large_home: Path) -> None:
    with running(large_home, EXCHANGE_STALLED_SECONDS="1.5") as root:
        with asking(root, DATA) as client:
            assert client.recv(12) == b"HTTP/1.1 200"
            time.sleep(4)
            with pytest.raises(ConnectionResetError):
                rest_of(client)
        with asking(root, DATA, "1.0") as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
            begun, received = time.monotonic(), bytearray()
            while chunk := client.recv(1 << 20):
                received += chunk
                if time.monotonic() - begun < 4:
                    time.sleep(0.1)
        assert received.count(b"\n") > AREAS * PERIODS


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_an_answer_that_breaks_off_does_not_look_complete(own_home: Path, version: str) -> None:
    with running(own_home) as root:
        with asking(root, DATA, version) as client:
            assert client.recv(12) == b"HTTP/1.1 200"
            for file in own_home.glob("lake/**/*.parquet"):
                file.unlink()
            with pytest.raises(ConnectionResetError):
                rest_of(client)
        assert whole(root, "/health/live")[0].startswith(b"HTTP/1.1 200")


def test_a_head_request_says_no_length_that_nobody_knows(large_home: Path) -> None:
    with running(large_home) as root:
        with connected(root) as client:
            client.sendall(f"HEAD {DATA} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n".encode())
            head, _, body = rest_of(client).partition(b"\r\n\r\n")
        got, _ = whole(root, DATA)
    fields = {line.partition(b":")[0].lower(): line for line in head.splitlines()[1:]}
    expected = {line.partition(b":")[0].lower(): line for line in got.splitlines()[1:]}
    assert body == b""
    assert b"content-length" not in fields
    for name in (b"etag", b"last-modified", b"content-type", b"vary"):
        assert fields[name] == expected[name]


def test_a_connection_that_is_reset_by_its_client_frees_its_place(large_home: Path) -> None:
    with running(large_home, EXCHANGE_CONCURRENT_DATA="1") as root:
        for _ in range(3):
            for _ in range(100):
                client = asking(root, DATA)
                status = client.recv(12)
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                client.close()
                if status == b"HTTP/1.1 200":
                    break
                time.sleep(0.1)
            assert status == b"HTTP/1.1 200"
