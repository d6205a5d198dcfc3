"""Findings: what reading, mapping and checking a dataset noticed, in one shape.

A finding never changes data: it names the place, says what was noticed and what to do about it. Codes are stable and documented.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad a finding is: errors keep the row (or the run) out, warnings need a look, notes are for the record."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something noticed in a dataset.

    Attributes:
        code: Stable, documented identifier in kebab-case, for example ``ragged-row``.
        severity: How bad it is.
        message: What was noticed, for a person who knows the dataset.
        hint: What to do about it.
        row: 1-based row of the source as a person sees it in an editor or a spreadsheet; the first one when there are several.
        column: Column of the source.
        component: Component of the data structure.
        value: The offending value as it stands in the source; None where it could be personal.
        count: How many rows or cells the finding stands for.
    """

    code: str
    severity: Severity
    message: str
    hint: str
    row: int | None = None
    column: str | None = None
    component: str | None = None
    value: str | None = None
    count: int = 1
