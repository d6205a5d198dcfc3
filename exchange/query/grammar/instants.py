"""Instants in query parameters: ``updatedAfter``, ``asOf``, ``updatedBefore`` (xs:dateTime or a date)."""

from __future__ import annotations

from datetime import UTC, datetime

from exchange.errors import InvalidQuery


def parse_instant(name: str, text: str | None) -> datetime | None:
    """Read an xs:dateTime; without offset it is the service's time zone, UTC. None stays None.

    Raises:
        InvalidQuery: When the text is not a date or dateTime.
    """
    if text is None:
        return None
    try:
        # A blank can only be a plus that some client or proxy decoded: offsets contain no blanks.
        instant = datetime.fromisoformat(text.replace(" ", "+"))
        return instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidQuery(f"Parameter {name}={text} is not a date and time; write for instance 2026-01-31T00:00:00Z.") from error
