"""What commands print: lines for people, a progress bar on a terminal and plain lines elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

from rich.console import Console
from rich.progress import track

Item = TypeVar("Item")

_errors = Console(stderr=True, highlight=False, soft_wrap=True)


def say(line: str) -> None:
    """Print a line to standard output, as it is."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def fail(line: str) -> None:
    """Print an error to standard error."""
    _errors.print("error:", style="bold red", end=" ")
    _errors.out(line)


def progress(items: Iterable[Item], label: str, total: int | None = None) -> Iterator[Item]:
    """The items, with a progress bar on a terminal; elsewhere one plain line at the start."""
    if not _errors.is_terminal:
        _errors.out(f"{label} …")
        yield from items
        return
    yield from track(items, description=label, total=total, console=_errors, transient=True)
