"""Taking gzip off messages within bounds: a small file must not become a large one unnoticed."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from exchange.errors import MalformedMessage

GZIP_MAGIC: Final = b"\x1f\x8b"
#: Below this size nobody is harmed, however well it was packed.
_HARMLESS_BYTES: Final = 32 * 1024**2
_PIECE: Final = 1024**2


@dataclass(frozen=True)
class MessageLimits:
    """How large messages may be.

    Attributes:
        size: Bytes of a message without compression.
        ratio: How many times larger than its packed form a message above 32 MB may be. Real messages reach about 50.
    """

    size: int = 2 * 1024**3
    ratio: int = 250


def unpacked_pieces(stream: BinaryIO, name: str, limits: MessageLimits) -> Iterator[bytes]:
    """The content of a gzip file, piece by piece; several gzip files one after the other are one.

    Raises:
        MalformedMessage: When the file is damaged, or unpacks to more than the limits.
    """
    size = 0
    try:
        with gzip.GzipFile(fileobj=stream, mode="rb") as packed:
            while piece := packed.read(_PIECE):
                size += len(piece)
                _check(size, stream.tell(), name, limits)
                yield piece
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise MalformedMessage(f"{name} is damaged: {error}. Compress it again with gzip, or give it as it is.") from error


def check_size(path: Path, limits: MessageLimits) -> None:
    """Refuse files that are larger than messages may be.

    Raises:
        MalformedMessage: Names the limit.
    """
    if path.is_file() and path.stat().st_size > limits.size:
        raise _too_large(path.name, "", limits)


def _check(size: int, packed: int, name: str, limits: MessageLimits) -> None:
    if size > limits.size:
        raise _too_large(name, " when unpacked", limits)
    if size > _HARMLESS_BYTES and size > packed * limits.ratio:
        raise MalformedMessage(
            f"{name} unpacks to more than {limits.ratio} times its size, as no real message does. Unpack it yourself if it is one, or "
            "raise EXCHANGE_MESSAGE_RATIO."
        )


def _too_large(name: str, when: str, limits: MessageLimits) -> MalformedMessage:
    return MalformedMessage(f"{name} is larger than {limits.size} bytes{when}; send it in parts, or raise EXCHANGE_MESSAGE_MEGABYTES.")
