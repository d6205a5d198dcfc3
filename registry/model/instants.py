"""Instants as they are written in artefacts: with a time zone or without."""

from __future__ import annotations

import re
from typing import Final

_DATE: Final = re.compile(r"-?\d{4,}-\d\d-\d\d")
_LOCAL: Final = re.compile(r"-?\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?")


def zoned(text: str) -> str:
    """An instant with a zone: a date begins at midnight, and what has no zone is in UTC; any other text as it is.

    >>> zoned("2020-01-01"), zoned("2020-01-01T12:00:00"), zoned("2020-01-01T12:00:00+06:00")
    ('2020-01-01T00:00:00Z', '2020-01-01T12:00:00Z', '2020-01-01T12:00:00+06:00')
    """
    if _DATE.fullmatch(text):
        return f"{text}T00:00:00Z"
    return f"{text}Z" if _LOCAL.fullmatch(text) else text
