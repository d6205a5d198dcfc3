"""Who writes to a lake on this machine's disks, so that nobody tidies up below a writer. The lock goes with its process."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from exchange.errors import ConflictingSubmission
from exchange.observations.table.storage_failures import writing

_NAME, _PAUSE = "writers", 0.05


@contextmanager
def as_writer(folder: Path | None) -> Iterator[None]:
    """Around a submission; any number at a time. ``folder`` is None where the lake is not on a disk."""
    if folder is None:
        yield
        return
    with _opened(folder) as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield


@contextmanager
def without_writers(folder: Path, *, wait_seconds: float) -> Iterator[None]:
    """Around what must not meet a writer; who begins to write meanwhile waits.

    Raises:
        ConflictingSubmission: When somebody still writes after the time to wait.
    """
    with _opened(folder) as lock:
        until = time.monotonic() + wait_seconds
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if time.monotonic() > until:
                    raise ConflictingSubmission(
                        "Somebody is storing observations; nothing was done. Try again when they are done."
                    ) from error
                time.sleep(_PAUSE)
        yield


def _opened(folder: Path) -> BinaryIO:
    with writing():
        folder.mkdir(parents=True, exist_ok=True)
        return (folder / _NAME).open("ab")
