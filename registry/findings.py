"""Findings: what reading, importing, mapping, checking or writing noticed, in one shape for every package.

A finding never changes data: it names the place, says what was noticed and what to do about it. Codes are stable and documented in
``docs/findings.md`` (structures and messages) and ``docs/recipes.md`` (datasets and recipes).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad a finding is: errors keep the row, the artefact or the run out, warnings need a look, notes are for the record."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something noticed in a dataset, a message or an artefact. Fields of the place are None when they do not apply.

    Attributes:
        code: Stable, documented identifier in kebab-case, for example ``ragged-row``.
        severity: How bad it is.
        message: What was noticed, for a person who knows the material.
        hint: What to do about it, unless the message says so.
        row: 1-based row of the source as a spreadsheet shows it: headers and blank lines count, a cell with line breaks is in one row.
            The first one when there are several.
        line: 1-based line of the file in an editor, where it is another number than ``row``.
        column: Column of the source.
        component: Component of the data structure.
        value: The offending value as it stands in the source; None where it could be personal.
        count: How many rows, cells or values the finding stands for. Where cells became rows (``unpivot``), the rows of the source count.
        place: Place in a document: a line, an element path, a JSON pointer, or a field of an artefact.
        artefact: The artefact it is about, as URN or as people write it.
    """

    code: str
    severity: Severity
    message: str
    hint: str = ""
    row: int | None = None
    column: str | None = None
    component: str | None = None
    value: str | None = None
    count: int = 1
    line: int | None = None
    place: str | None = None
    artefact: str | None = None

    def __str__(self) -> str:
        """Place in the document, and message.

        >>> str(Finding("invalid-id", Severity.ERROR, "'a b' is not an id", place="id"))
        "id: 'a b' is not an id"
        """
        return f"{self.place}: {self.message}" if self.place else self.message
