"""Instants in query parameters: ``updatedAfter``, ``asOf``, ``updatedBefore`` (xs:dateTime; a date, month or year is its first moment)."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from exchange.errors import InvalidQuery

_YEAR_OR_MONTH = re.compile(r"\d{4}(-\d{2})?")


def parse_instant(name: str, text: str | None) -> datetime | None:
    """Read an xs:dateTime, or a date, month or year as its first moment; without offset it is UTC, the service's time zone.

    None stays None.

    Raises:
        InvalidQuery: When the text is not a date or dateTime.
    """
    if text is None:
        return None
    try:
        # A blank can only be a plus that some client or proxy decoded: offsets contain no blanks.
        instant = datetime.fromisoformat(_first_day(text) if _YEAR_OR_MONTH.fullmatch(text) else text.replace(" ", "+"))
        return instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidQuery(f"Parameter {name}={text} is not a date and time; write for instance 2026-01-31T00:00:00Z.") from error


def _first_day(text: str) -> str:
    return f"{text}-01" if "-" in text else f"{text}-01-01"
