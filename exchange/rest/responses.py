"""Answers: whole or streamed, with the headers that caches and clients rely on."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain

from starlette.responses import Response

from exchange.rest.caching import is_unchanged, last_modified
from exchange.rest.call import Call
from exchange.rest.compression import gzipped, wants_gzip
from exchange.rest.streaming import StreamedAnswer

#: Request headers that decide what is sent (SDMX-REST, content negotiation).
VARY = "Accept, Accept-Encoding, Accept-Language"
#: Up to so many bytes an answer is sent whole, with its length.
_WHOLE = 1 << 16


@dataclass(frozen=True)
class AnswerHead:
    """What identifies the bytes of an answer before they exist."""

    media_type: str
    etag: str
    modified: datetime | None = None
    languages: tuple[str, ...] = ()
    extra: dict[str, str] = field(default_factory=dict)

    def headers(self, *, compressed: bool) -> dict[str, str]:
        """Response headers. A compressed answer is another representation, so its strong ETag differs."""
        headers = {"Vary": VARY, "Cache-Control": "no-cache", **self.extra}
        headers["ETag"] = self.etag[:-1] + '-gzip"' if compressed else self.etag
        if self.modified:
            headers["Last-Modified"] = last_modified(self.modified, datetime.now(UTC))
        if self.languages:
            headers["Content-Language"] = ", ".join(self.languages)
        if compressed:
            headers["Content-Encoding"] = "gzip"
        return headers


def not_modified(call: Call, representation: AnswerHead) -> Response | None:
    """The answer 304 when the client's copy is current, else None; forms that are posted have none (RFC 9110, section 13.1)."""
    if call.method not in {"GET", "HEAD"}:
        return None
    compressed = wants_gzip(call.header("accept-encoding"))
    headers = representation.headers(compressed=compressed)
    unchanged = is_unchanged(
        if_none_match=call.header("if-none-match"),
        if_modified_since=call.header("if-modified-since"),
        etag=headers.get("ETag"),
        modified=representation.modified,
    )
    if not unchanged:
        return None
    headers.pop("Content-Encoding", None)
    return Response(status_code=304, headers=headers)


@dataclass(frozen=True, slots=True)
class Body:
    """The bytes of an answer as they are sent."""

    content: bytes
    compressed: bool = False


def packed(call: Call, content: bytes) -> Body:
    """Bytes in the encoding that the client prefers."""
    compressed = wants_gzip(call.header("accept-encoding"))
    return Body(gzip.compress(content, compresslevel=5, mtime=0) if compressed else content, compressed)


def complete(call: Call, representation: AnswerHead, body: Body, *, status: int = 200) -> Response:
    """An answer that is there already."""
    headers = representation.headers(compressed=body.compressed) | {"Content-Type": representation.media_type}
    headers["Content-Length"] = str(len(body.content))
    return Response(b"" if call.method == "HEAD" else body.content, status_code=status, headers=headers)


def streamed(call: Call, representation: AnswerHead, chunks: Iterator[bytes], *, status: int = 200) -> Response:
    """An answer that is still being made; a small one is sent whole, so that it carries its length."""
    start: list[bytes] = []
    size = 0
    for chunk in chunks:
        start.append(chunk)
        size += len(chunk)
        if size > _WHOLE:
            break
    else:
        return complete(call, representation, packed(call, b"".join(start)), status=status)
    compressed = wants_gzip(call.header("accept-encoding"))
    headers = representation.headers(compressed=compressed) | {"Content-Type": representation.media_type}
    if call.method == "HEAD":
        head = Response(status_code=status, headers=headers)
        del head.headers["Content-Length"]  # nobody knows it yet; zero would be a lie
        return head
    body = chain(start, chunks)
    return StreamedAnswer(gzipped(body) if compressed else body, status_code=status, headers=headers)
