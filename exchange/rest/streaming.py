"""Answers that are sent while they are made: in small pieces, at the pace of the client, and broken off so that it is seen."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from typing import Final, cast
from uuid import uuid4

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

_log = logging.getLogger(__name__)

#: Where an application finds, in the state of a request, how to break its connection; other servers than ours have nothing there.
ABORT: Final = "abort_connection"
#: What is handed to the server at once. It waits for the client before it takes the next piece, so this bounds what a slow client can
#: make it keep.
PIECE_BYTES: Final = 1 << 16


class StreamedAnswer(StreamingResponse):
    """An answer made of chunks of any size.

    When making it fails, the status line is sent already. The connection is reset then: an answer without chunks (HTTP/1.0, and what
    many proxies ask for) that merely ended would look complete.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer; break the connection when it cannot be completed."""
        try:
            await super().__call__(scope, receive, send)
        except Exception as error:
            abort = scope.get("state", {}).get(ABORT)
            if abort is None:  # another server than ours: it does what it does with errors
                raise
            _log.error("an answer broke off, correlation id %s", uuid4().hex[:12], exc_info=error)
            abort()
            await asyncio.sleep(0)  # the server takes notice of the lost connection

    async def stream_response(self, send: Send) -> None:
        """Send head and body."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        async for chunk in self.body_iterator:
            for piece in _pieces(cast("bytes", chunk)):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def _pieces(chunk: bytes) -> Iterator[bytes]:
    if len(chunk) <= PIECE_BYTES:
        yield chunk
        return
    view = memoryview(chunk)
    for begin in range(0, len(view), PIECE_BYTES):
        yield bytes(view[begin : begin + PIECE_BYTES])
