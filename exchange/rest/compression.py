"""Compression of answers (``Accept-Encoding``): gzip or identity, streamed."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

_GZIP_WINDOW = 31
#: Fast and close to the best ratio on repetitive SDMX text.
_LEVEL = 5


def wants_gzip(accept_encoding: str | None) -> bool:
    """True when the client prefers gzip over the plain bytes."""
    weights = dict(_weight(part) for part in (accept_encoding or "").split(",") if part.strip())
    gzip = weights.get("gzip", weights.get("x-gzip", weights.get("*", 0.0)))
    return gzip > 0 and gzip >= weights.get("identity", 0.0)


def gzipped(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The chunks as one gzip member; what is ready leaves at once, the first bytes without delay."""
    compressor = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP_WINDOW)
    first = True
    for chunk in chunks:
        compressed = compressor.compress(chunk)
        if first:
            compressed += compressor.flush(zlib.Z_SYNC_FLUSH)
            first = False
        if compressed:
            yield compressed
    yield compressor.flush()


def _weight(part: str) -> tuple[str, float]:
    coding, _, parameter = part.partition(";")
    name, _, value = parameter.strip().partition("=")
    try:
        return coding.strip().lower(), float(value) if name == "q" else 1.0
    except ValueError:
        return coding.strip().lower(), 0.0
