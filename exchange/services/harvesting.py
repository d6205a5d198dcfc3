"""Fetching messages from other SDMX services, within bounds: size, total time, and no detour into the own network."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address
from typing import Any, Final
from urllib.parse import urlsplit

from requests import PreparedRequest, RequestException, Response, Session
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from exchange.errors import UnreachableSource
from exchange.services.harvest_rules import HarvestRules

#: Best first; servers that ignore Accept send what they have, and the format is sniffed anyway.
_ACCEPT: Final = (
    "application/vnd.sdmx.structure+json;version=2.1.0, application/vnd.sdmx.structure+xml;version=3.1.0;q=0.9, "
    "application/vnd.sdmx.structure+xml;version=3.0.0;q=0.9, application/vnd.sdmx.structure+json;version=2.0.0;q=0.8, "
    "application/vnd.sdmx.structure+xml;version=2.1;q=0.7, application/xml;q=0.5, */*;q=0.1"
)
_SCHEMES: Final = {"http": 80, "https": 443}
_PIECE: Final = 64 * 1024
_MAX_REDIRECTS: Final = 5


class _Refused(Exception):
    """A rule is in the way; the message says which."""


def fetch(url: str, rules: HarvestRules) -> bytes:
    """The body behind a URL.

    Raises:
        UnreachableSource: When the service cannot be reached, answers with an error, or a rule is in the way; names URL and reason.
    """
    deadline = _Deadline(rules.seconds)
    try:
        with deadline.running(), _session(rules, deadline) as session, session.get(url, stream=True, timeout=deadline.left) as response:
            if not response.ok:
                raise UnreachableSource(f"{url}: the service answered {response.status_code} {response.reason}.")
            return _body(response, rules, deadline)
    except _Refused as refused:
        raise UnreachableSource(f"{url}: {refused}") from None
    except (RequestException, OSError, ValueError) as error:
        if deadline.is_over:
            raise UnreachableSource(f"{url}: {_late(rules)}") from None
        cause = _refusal(error)
        raise UnreachableSource(f"{url}: {cause or f'{type(error).__name__}; check the address and the network.'}") from error


def _body(response: Response, rules: HarvestRules, deadline: _Deadline) -> bytes:
    pieces, size = [], 0
    for piece in response.iter_content(_PIECE):
        size += len(piece)
        if size > rules.size:
            raise _Refused(f"the answer is larger than {rules.size} bytes. Fetch parts of it, or raise EXCHANGE_MESSAGE_MEGABYTES.")
        if deadline.is_over:
            raise _Refused(_late(rules))
        pieces.append(piece)
    if deadline.is_over:
        # A connection that was cut looks like the end of an answer without a length.
        raise _Refused(_late(rules))
    return b"".join(pieces)


def _late(rules: HarvestRules) -> str:
    return f"the answer was not there after {rules.seconds:g} seconds. Try again, or raise EXCHANGE_HARVEST_SECONDS."


def _refusal(error: BaseException | None) -> str | None:
    """The rule behind an error, which the layers of the client wrap into errors of their own."""
    while error is not None:
        if isinstance(error, _Refused):
            return str(error)
        reasons: Iterable[Any] = (*error.args, getattr(error, "reason", None))
        error = error.__cause__ or error.__context__ or next((reason for reason in reasons if isinstance(reason, BaseException)), None)
    return None


@dataclass
class _Deadline:
    """When a fetch must be over. Then its connections are cut: a service that sends a byte now and then would hold us for ever."""

    seconds: float
    _sockets: list[socket.socket] = field(default_factory=list)
    _began: float = field(default_factory=time.monotonic)

    @property
    def left(self) -> float:
        """Seconds that are left, a moment at least."""
        return max(0.01, self.seconds - (time.monotonic() - self._began))

    @property
    def is_over(self) -> bool:
        return time.monotonic() - self._began >= self.seconds

    @contextmanager
    def running(self) -> Iterator[None]:
        timer = threading.Timer(self.seconds, self._cut)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def watch(self, connection: socket.socket) -> None:
        """Cut this one too when time is over."""
        self._sockets.append(connection)
        if self.is_over:
            self._cut()

    def _cut(self) -> None:
        for connection in self._sockets:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


def _session(rules: HarvestRules, deadline: _Deadline) -> Session:
    """A session whose requests, those of redirects too, are checked before they are sent."""

    class Plain(HTTPConnection):
        def connect(self) -> None:
            super().connect()
            _check_connection(self.sock, rules, deadline)

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            # Before anything is said over it, the greeting of TLS included.
            connection: socket.socket = super()._new_conn()
            _check_connection(connection, rules, deadline)
            return connection

        def connect(self) -> None:
            super().connect()
            deadline.watch(self.sock)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    class Guarded(HTTPAdapter):
        def init_poolmanager(self, *args: Any, **options: Any) -> None:
            super().init_poolmanager(*args, **options)
            self.poolmanager.pool_classes_by_scheme = {"http": PlainPool, "https": SecurePool}

        def send(self, request: PreparedRequest, *args: Any, **options: Any) -> Response:
            _check_address(str(request.url), rules)
            return super().send(request, *args, **{**options, "timeout": deadline.left})

    session = Session()
    session.headers["Accept"] = _ACCEPT
    session.max_redirects = _MAX_REDIRECTS
    session.mount("http://", Guarded())
    session.mount("https://", Guarded())
    return session


def _check_address(url: str, rules: HarvestRules) -> None:
    """Refuse what is no web address, or names something that is not public. Where it leads is checked again when it is connected."""
    parts = urlsplit(url)
    if parts.scheme not in _SCHEMES or not parts.hostname:
        raise _Refused("only http and https URLs can be fetched.")
    if rules.private:
        return
    try:
        found = socket.getaddrinfo(parts.hostname, parts.port or _SCHEMES[parts.scheme], type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return  # nothing is reached by a name without an address, unless a proxy knows it
    for *_, address in found:
        _check_public(str(address[0]))


def _check_connection(connection: socket.socket, rules: HarvestRules, deadline: _Deadline) -> None:
    """Look at the address that is really connected: a name may mean another one than a moment ago."""
    deadline.watch(connection)
    if not rules.private:
        try:
            _check_public(str(connection.getpeername()[0]))
        except _Refused:
            connection.close()
            raise


def _check_public(text: str) -> None:
    """Refuse addresses that are not for everyone, whichever way they are written into an IPv6 address."""
    address = ip_address(text.partition("%")[0])
    if isinstance(address, IPv6Address):
        address = address.ipv4_mapped or address.sixtofour or _translated(address) or address
    if not address.is_global or address.is_multicast:
        raise _Refused("the address leads into a network that is not public. If that is meant, set EXCHANGE_HARVEST_PRIVATE=true.")


def _translated(address: IPv6Address) -> Any:
    """The IPv4 address behind the well-known prefix of NAT64."""
    return ip_address(int(address) & 0xFFFFFFFF) if int(address) >> 32 == 0x64FF9B << 64 else None
