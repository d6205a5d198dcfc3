"""Column names from header rows: joined, stripped, unique; whatever had to be changed is a finding."""

from __future__ import annotations

from collections.abc import Sequence

from mappings.readers.ports import ROW
from registry.findings import Finding, Severity


def column_names(rows: Sequence[Sequence[str | None]], width: int, separator: str, row: int) -> tuple[list[str], list[Finding]]:
    """Names for ``width`` columns.

    Args:
        rows: The header rows; with several, blank cells of all but the last repeat the cell to their left (merged headers).
        width: Number of columns of the table.
        separator: Joins the parts of a name.
        row: Row of the file where the header begins, for the findings.
    """
    findings: list[Finding] = []
    wanted = [_joined(parts, separator) for parts in zip(*_filled(rows, width), strict=True)] if rows else [""] * width
    names: list[str] = []
    for position, raw in enumerate(wanted, start=1):
        name = raw.strip().lstrip("\ufeff")
        if name != raw:
            findings.append(
                _finding("header-trimmed", Severity.NOTE, f"The header {raw!r} has blanks around it.", f"Write it as {name!r}.", row, name)
            )
        if not name:
            name = f"column_{position}"
            if rows:
                message = f"Column {position} has no header; it is called {name!r}."
                findings.append(_finding("header-missing", Severity.WARNING, message, "Give the column a header in the source.", row, name))
        unique = _unique(name, names)
        if unique != name:
            message = f"The header {name!r} is taken; column {position} is called {unique!r}."
            findings.append(_finding("header-duplicate", Severity.WARNING, message, f"Write {unique!r} in the recipe.", row, unique))
        names.append(unique)
    return names, findings


def _filled(rows: Sequence[Sequence[str | None]], width: int) -> list[list[str]]:
    """Header rows of equal width; blank cells of the upper rows take the value to their left."""
    filled = []
    for depth, cells in enumerate(rows, start=1):
        padded = [cells[position] or "" if position < len(cells) else "" for position in range(width)]
        if depth < len(rows):
            for position in range(1, width):
                padded[position] = padded[position] if padded[position].strip() else padded[position - 1]
        filled.append(padded)
    return filled


def _joined(parts: Sequence[str], separator: str) -> str:
    if len(parts) == 1:
        return parts[0]
    return separator.join(part.strip() for part in parts if part.strip())


def _unique(name: str, taken: Sequence[str]) -> str:
    forbidden = {*taken, ROW}
    if name not in forbidden:
        return name
    number = 2
    while f"{name}_{number}" in forbidden:
        number += 1
    return f"{name}_{number}"


def _finding(code: str, severity: Severity, message: str, hint: str, row: int, column: str) -> Finding:
    return Finding(code, severity, message, hint, row=row, column=column)
