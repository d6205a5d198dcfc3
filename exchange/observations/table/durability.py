"""Files that are still there after a power cut: their content and the folders that name them are written through to the disk."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path


def write_through(file: Path, content: bytes | memoryview) -> None:
    """Write a file, and come back when the disk has it; :func:`sync_folders` makes that its name is there, too."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def sync_file(file: Path) -> None:
    """Come back when the disk has a file that somebody else has written."""
    _sync(file, os.O_RDONLY)


def sync_folders(folders: Iterable[Path]) -> None:
    """Come back when the disk has the names in some folders."""
    for folder in dict.fromkeys(folders):
        _sync(folder, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))


def _sync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
