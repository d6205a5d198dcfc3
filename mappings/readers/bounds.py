"""What a source may grow to when it is unpacked: small files that become enormous are refused before they do.

The bounds are options of the reader, so whoever writes a recipe for a source that is really so large can raise them.
"""

from __future__ import annotations

import gzip
import zipfile
from typing import IO, Final

from mappings.errors import UnreadableSource
from mappings.readers.ports import ReaderOptions

#: Below this size no ratio is suspicious.
HARMLESS_BYTES: Final = 32 * 1024**2
_PIECE: Final = 1024**2


def unpacked(stream: IO[bytes] | gzip.GzipFile, name: str, packed: int, options: ReaderOptions) -> bytes:
    """All bytes of a stream that unpacks ``packed`` bytes.

    Raises:
        UnreadableSource: When they are more than the options allow.
    """
    pieces, size = [], 0
    while piece := stream.read(_PIECE):
        size += len(piece)
        check_size(name, size, packed, options)
        pieces.append(piece)
    return b"".join(pieces)


def check_archive(archive: zipfile.ZipFile, name: str, packed: int, options: ReaderOptions) -> None:
    """Unpack all of an archive piece by piece, because what it says about its sizes may be a lie.

    Raises:
        UnreadableSource: When it unpacks to more than the options allow.
    """
    size = 0
    for member in archive.infolist():
        with archive.open(member) as stream:
            while piece := stream.read(_PIECE):
                size += len(piece)
                check_size(name, size, packed, options)


def check_size(name: str, size: int, packed: int, options: ReaderOptions) -> None:
    """Refuse what has grown too large.

    Raises:
        UnreadableSource: Names the option that allows more.
    """
    if size > options.max_megabytes * 1024**2:
        raise UnreadableSource(
            f"{name}: it unpacks to more than {options.max_megabytes:,} MB. "
            "Split it into smaller files, or raise `max_megabytes` of the reader."
        )
    if size > HARMLESS_BYTES and size > packed * options.max_ratio:
        raise UnreadableSource(
            f"{name}: it unpacks to more than {options.max_ratio:,} times its size, as no real table does. "
            "Export it again; if it is really so repetitive, raise `max_ratio` of the reader."
        )


def check_columns(place: str, width: int, options: ReaderOptions) -> None:
    """Refuse tables with more columns than the options allow.

    Raises:
        UnreadableSource: Names the option that allows more.
    """
    if width > options.max_columns:
        raise UnreadableSource(
            f"{place}: the header has {width:,} columns, more than {options.max_columns:,}. "
            "Check `delimiter` and `skip_rows`, turn the table, or raise `max_columns` of the reader."
        )
