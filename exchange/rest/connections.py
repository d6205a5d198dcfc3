"""A connection that cannot be held for ever, and that breaks so that the other side sees it."""

from __future__ import annotations

import asyncio
import socket
import struct
from dataclasses import dataclass
from typing import Any, Final

import h11
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from exchange.rest.streaming import ABORT

#: Closing with this linger resets the connection: the other side gets an error, and not an end.
_RESET: Final = struct.pack("ii", 1, 0)
_TOO_SLOW: Final = b"The request did not arrive in time.\n"


@dataclass(frozen=True)
class Patience:
    """How long a client may take.

    Attributes:
        request_seconds: From the first byte of a request, or from the opening of a connection, to the last byte of the request.
        stalled_seconds: During which the client takes nothing of an answer that waits for it.
    """

    request_seconds: float
    stalled_seconds: float


class GuardedConnection(H11Protocol):
    """Uvicorn's connection with limits of time.

    A request that does not arrive in time is answered with 408 and the connection closed. A client that takes nothing of its answer
    for too long is cut off. An application can break the connection by what stands under ``ABORT`` in the state of a request: without
    chunks, as in HTTP/1.0, an answer that merely ends looks complete.
    """

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        patience: Patience,
    ) -> None:
        super().__init__(config, server_state, app_state | {ABORT: self.abort}, _loop)
        self._patience = patience
        self._request_timer: asyncio.TimerHandle | None = None
        self._stall_timer: asyncio.TimerHandle | None = None

    def abort(self) -> None:
        """Break the connection: what is not sent yet is dropped, and the client sees a reset."""
        connection = self.transport.get_extra_info("socket")
        if connection is not None and not self.transport.is_closing():
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self.transport.abort()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as Uvicorn declares it
        """A client is there; its request must follow."""
        super().connection_made(transport)
        self._request_timer = self.loop.call_later(self._patience.request_seconds, self._request_is_late)

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone."""
        self._stop(self._request_timer)
        self._stop(self._stall_timer)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes of a request."""
        super().data_received(data)
        self._watch_request()

    def on_response_complete(self) -> None:
        """An answer is sent; the beginning of another request may be there already."""
        super().on_response_complete()
        self._watch_request()

    def pause_writing(self) -> None:
        """The client takes less than there is for it."""
        super().pause_writing()
        self._stop(self._stall_timer)
        self._stall_timer = self.loop.call_later(self._patience.stalled_seconds, self.abort)

    def resume_writing(self) -> None:
        """The client has taken something."""
        super().resume_writing()
        self._stop(self._stall_timer)

    def _watch_request(self) -> None:
        if not self._is_half_sent():
            self._stop(self._request_timer)
            self._request_timer = None
        elif self._request_timer is None and not self.transport.is_closing():
            self._request_timer = self.loop.call_later(self._patience.request_seconds, self._request_is_late)

    def _is_half_sent(self) -> bool:
        if self.conn.their_state is h11.IDLE:
            return bool(self.conn.trailing_data[0])
        return self.conn.their_state is h11.SEND_BODY

    def _request_is_late(self) -> None:
        self._request_timer = None
        if self.transport.is_closing():
            return
        if self.conn.our_state not in {h11.IDLE, h11.SEND_RESPONSE}:  # the answer is on its way: no other can be sent
            self.abort()
            return
        headers = [(b"Content-Type", b"text/plain; charset=utf-8"), (b"Content-Length", str(len(_TOO_SLOW)).encode())]
        response = h11.Response(status_code=408, headers=[*headers, (b"Connection", b"close")], reason=b"Request Timeout")
        for event in (response, h11.Data(data=_TOO_SLOW), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    @staticmethod
    def _stop(timer: asyncio.TimerHandle | None) -> None:
        if timer is not None:
            timer.cancel()
