"""Files that commands write: they appear when they are complete, or not at all."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from exchange.cli.output import note, pour, say

if TYPE_CHECKING:
    from exchange.codecs.ports import WrittenStructures


def check_writable(*paths: Path | None) -> None:
    """Refuse places where no file can be written before any work is done.

    Raises:
        OSError: When the folder does not exist, or the place is a folder itself.
    """
    for path in paths:
        if path is None:
            continue
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if not path.parent.is_dir():
            raise FileNotFoundError(errno.ENOENT, "the folder of this file does not exist", str(path))


def deliver(written: WrittenStructures, artefacts: int, output: Path | None) -> None:
    """Write a structure message to a file or standard output, and say what it could not carry: of whole artefacts every one."""
    from exchange.codecs.losses import told

    if output is None:
        pour(written.content)
    else:
        write_whole(output, [written.content])
        left_out = f" ({len(written.left_out)} left out)" if written.left_out else ""
        say(f"{output}: {artefacts - len(written.left_out)} artefacts{left_out}, {len(written.content):,} bytes")
    for _, text in told(written.losses):
        note(f"warning: {text}")


def write_whole(path: Path, chunks: Iterable[bytes], *, private: bool = False) -> int:
    """Write a file aside and move it into its place when it is complete; the number of bytes. A private one is for its owner only."""
    if path.exists() and not path.is_file():  # a pipe or a device takes what comes
        with path.open("wb") as stream:
            return sum(stream.write(chunk) for chunk in chunks)
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        partial.unlink(missing_ok=True)
        partial.touch(mode=0o600 if private else 0o666)
        with partial.open("wb") as stream:
            size = sum(stream.write(chunk) for chunk in chunks)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return size
