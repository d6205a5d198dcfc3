"""What a format cannot carry: gathered while a message is written, and told in the message itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from registry.findings import Finding, Severity

#: So many losses stand in a message one by one; whole artefacts that were left out always do.
TOLD: Final = 50


class Losses:
    """The losses of one message: one finding per loss of an artefact, or kind of loss of a component, with their number."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str | None, str | None], Finding] = {}

    def lose(self, code: str, message: str, artefact: str | None = None, *, component: str | None = None, count: int = 1) -> None:
        """Record that a fact, or so many values of a component, could not be written."""
        about = artefact or component
        key = code, about, message if component is None else None
        known = self._found.get(key)
        if known is None:
            text = f"{about}: {message}" if about else message
            self._found[key] = Finding(code, Severity.WARNING, text, artefact=artefact, component=component, count=count)
        else:
            self._found[key] = replace(known, count=known.count + count)

    def leave_out(self, message: str, artefact: str) -> None:
        """Record that an artefact as a whole could not be written."""
        self._found["", artefact, message] = Finding("no-place-artefact", Severity.ERROR, f"{artefact}: {message}", artefact=artefact)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """In the order in which they were met."""
        return tuple(self._found.values())


def told(losses: Sequence[Finding]) -> list[tuple[str, str]]:
    """Code and text of each loss as a message tells it: left out artefacts first, then as many others as a reader can bear."""
    ordered = sorted(losses, key=lambda loss: loss.severity is not Severity.ERROR)
    shown = [loss for number, loss in enumerate(ordered) if loss.severity is Severity.ERROR or number < TOLD]
    lines = [(loss.code, text_of(loss)) for loss in shown]
    if len(shown) < len(ordered):
        lines.append(("more-losses", f"and {len(ordered) - len(shown)} more facts that this format has no place for"))
    return lines


def text_of(loss: Finding) -> str:
    """A loss as one line, with its number and its code.

    >>> text_of(Finding("no-place-names", Severity.WARNING, "Codelist A:B(1.0): no name", count=3))
    'Codelist A:B(1.0): no name (3 times) [no-place-names]'
    """
    times = f" ({loss.count} times)" if loss.count > 1 else ""
    return f"{loss.message}{times} [{loss.code}]"
