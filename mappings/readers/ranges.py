"""Cell references of spreadsheets: ``C7`` and ``B3:H200``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mappings.errors import UnreadableSource

_RANGE = re.compile(r"\$?([A-Za-z]{1,3})\$?(\d+)?:\$?([A-Za-z]{1,3})\$?(\d+)?")


@dataclass(frozen=True, slots=True)
class CellRange:
    """A rectangle of cells, 1-based and inclusive; ``last_row`` is None when it is open below."""

    first_column: int
    last_column: int
    first_row: int = 1
    last_row: int | None = None


def parse_range(text: str) -> CellRange:
    """Parse ``B3:H200``, or ``B:H`` for whole columns.

    Raises:
        UnreadableSource: When the text is not a range.
    """
    match = _RANGE.fullmatch(text.strip())
    if not match:
        raise UnreadableSource(f"`range: {text}` is not a range of cells. Write it as B3:H200, or B:H for whole columns.")
    first, first_row, last, last_row = match.groups()
    found = CellRange(column_number(first), column_number(last), int(first_row or 1), int(last_row) if last_row else None)
    if found.first_column > found.last_column or (found.last_row is not None and found.first_row > found.last_row):
        raise UnreadableSource(f"`range: {text}` ends before it begins. Write the upper left cell first.")
    return found


def column_number(letters: str) -> int:
    """``A`` is 1, ``Z`` is 26, ``AA`` is 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def column_letters(number: int) -> str:
    """The inverse of :func:`column_number`."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
