"""Structures from URLs: what is fetched, and what is not (size, time, addresses of one's own network, redirects to them)."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from exchange.errors import UnreachableSource
from exchange.services import harvesting
from exchange.services.harvest_rules import HarvestRules
from exchange.services.harvesting import fetch
from tests.builders import a_codelist
from tests.cli.conftest import Command, written

OPEN = HarvestRules(size=10_000, seconds=20, private=True)


class Serving(ThreadingHTTPServer):
    """A service on this machine, with what it answers where no path says otherwise."""

    daemon_threads = True
    content = b"hello"


class Service(BaseHTTPRequestHandler):
    """Answers by path."""

    server: Serving

    def do_GET(self) -> None:
        asked.append(self.path)
        if self.path.startswith("/to/"):
            self._head(302, Location=self.path.removeprefix("/to/"))
        elif self.path == "/drip":
            self._head(200)
            with_patience(lambda: self.wfile.write(b"."))
        elif self.path == "/dripping-head":
            with_patience(lambda: self.wfile.write(b"H"))
        elif self.path == "/packed":
            packed = gzip.compress(b"0" * 100_000)
            self._head(200, **{"Content-Encoding": "gzip", "Content-Length": str(len(packed))})
            self.wfile.write(packed)
        elif self.path == "/none":
            self._head(404)
        else:
            self._head(200)
            self.wfile.write(self.server.content)

    def _head(self, status: int, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing."""


asked: list[str] = []


def with_patience(say: Callable[[], object]) -> None:
    """Say something ten times a second, until nobody listens."""
    for _ in range(100):
        try:
            say()
        except OSError:
            return
        time.sleep(0.1)


@pytest.fixture
def service() -> Iterator[Serving]:
    asked.clear()
    with Serving(("127.0.0.1", 0), Service) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def root(service: Serving) -> str:
    return f"http://127.0.0.1:{service.server_port}"


def test_what_is_allowed_is_fetched_through_redirects_too(root: str) -> None:
    assert fetch(f"{root}/", OPEN) == b"hello"
    assert fetch(f"{root}/to/{root}/", OPEN) == b"hello"
    assert fetch(f"{root}/", HarvestRules(len(b"hello"), 20, private=True)) == b"hello"


@pytest.mark.parametrize(
    ("path", "rules", "reason"),
    [
        ("/none", OPEN, "the service answered 404"),
        ("/", HarvestRules(4, 20, private=True), "larger than 4 bytes"),
        ("/packed", OPEN, "larger than 10000 bytes"),
        ("/drip", HarvestRules(10_000, 0.5, private=True), "not there after 0.5 seconds"),
        ("/dripping-head", HarvestRules(10_000, 0.5, private=True), "not there after 0.5 seconds"),
        ("/to/ftp://example.org/x", OPEN, "only http and https|InvalidSchema"),
        ("/to/file:///etc/passwd", OPEN, "only http and https|InvalidSchema"),
        ("/", HarvestRules(10_000, 20), "a network that is not public.*EXCHANGE_HARVEST_PRIVATE"),
    ],
)
def test_what_is_not_fetched_is_named_with_the_reason(root: str, path: str, rules: HarvestRules, reason: str) -> None:
    with pytest.raises(UnreachableSource, match=reason) as caught:
        fetch(root + path, rules)
    assert str(caught.value).startswith(root)


@pytest.mark.parametrize(
    "host",
    ["localhost", "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0.0.0.0",  # noqa: S104 - refused, not bound
     "[::1]", "[::ffff:127.0.0.1]", "10.0.0.1", "192.168.1.1",
     "172.16.0.1", "169.254.169.254", "[fe80::1]", "[fd00::1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "100.64.0.1", "224.0.0.1"],
)  # fmt: skip
def test_addresses_that_are_not_public_are_refused_whatever_their_spelling(host: str, service: Serving) -> None:
    with pytest.raises(UnreachableSource, match="not public"):
        fetch(f"http://{host}:{service.server_port}/", HarvestRules(10_000, 5))
    assert asked == []


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://example.org/x", "gopher://example.org", "http://", "://x"])
def test_other_schemes_are_refused(url: str) -> None:
    with pytest.raises(UnreachableSource):
        fetch(url, OPEN)


def test_a_redirect_into_the_own_network_is_refused(root: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The service itself counts as public here; what it leads to does not."""
    monkeypatch.setattr(harvesting, "_check_public", lambda address: refuse() if address == "127.0.0.2" else None)
    with pytest.raises(UnreachableSource, match="not public"):
        fetch(f"{root}/to/http://127.0.0.2:9/", HarvestRules(10_000, 5))
    assert asked == ["/to/http://127.0.0.2:9/"]


def refuse() -> None:
    raise harvesting._Refused("the address leads into a network that is not public.")


def test_a_name_that_changes_its_address_between_look_up_and_connection_is_refused(root: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real, looked_up = socket.getaddrinfo, []

    def rebound(host: str, *arguments: Any, **options: Any) -> object:
        looked_up.append(host)
        return real("93.184.216.34" if len(looked_up) == 1 else "127.0.0.1", *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", rebound)
    with pytest.raises(UnreachableSource, match="not public"):
        fetch(root.replace("127.0.0.1", "rebound.example"), HarvestRules(10_000, 5))
    assert (len(looked_up), asked) == (2, [])


def test_the_command_fetches_from_its_own_network_only_when_told(exchange: Command, service: Serving, root: str, tmp_path: Path) -> None:
    path = written(tmp_path / "codes.xml", a_codelist())
    service.content = path.read_bytes()
    done = exchange("structures", "import", f"{root}/codes.xml")
    assert (done.code, asked) == (1, [])
    assert "EXCHANGE_HARVEST_PRIVATE" in done.err
    done = exchange("structures", "import", f"{root}/codes.xml", EXCHANGE_HARVEST_PRIVATE="true")
    assert (done.code, done.out.startswith("added")) == (0, True)
