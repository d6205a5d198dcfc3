"""What commands print: lines for people, a progress bar on a terminal and plain lines elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from rich.console import Console

    from registry.findings import Finding

Item = TypeVar("Item")

#: So many findings of one kind are printed; the report and the file of rejected rows have all of them.
FINDINGS_SHOWN = 20


@cache
def _errors() -> Console:
    from rich.console import Console

    return Console(stderr=True, highlight=False, soft_wrap=True)


def say(line: str) -> None:
    """Print a line to standard output, as it is."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def note(line: str) -> None:
    """Print a remark to standard error."""
    _errors().out(line)


def fail(line: str) -> None:
    """Print an error to standard error."""
    _errors().print("error:", style="bold red", end=" ")
    _errors().out(line)


def pour(content: bytes) -> None:
    """Write a message to standard output, byte for byte."""
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def progress(items: Iterable[Item], label: str, total: int | None = None) -> Iterator[Item]:
    """The items, with a progress bar on a terminal; elsewhere one plain line at the start."""
    if not _errors().is_terminal:
        _errors().out(f"{label} …")
        yield from items
        return
    from rich.progress import track

    yield from track(items, description=label, total=total, console=_errors(), transient=True)


def _row(finding: Finding) -> str:
    """The record of the source, and the line of the file where that is another number."""
    if finding.row is None:
        return ""
    return f"row {finding.row}" if finding.line is None else f"record {finding.row} (line {finding.line} of the file)"


def line_of(finding: Finding) -> str:
    """A finding as one line: severity, code, place, message, how often, what to do."""
    place = ", ".join(
        part
        for part in (
            _row(finding),
            f"column {finding.column}" if finding.column else "",
            f"component {finding.component}" if finding.component else "",
            f"value {finding.value!r}" if finding.value is not None else "",
        )
        if part
    )
    times = f" ({finding.count} times)" if finding.count > 1 else ""
    return f"{finding.severity.value} {finding.code}{': ' + place if place else ''}: {finding.message}{times} {finding.hint}".rstrip()
