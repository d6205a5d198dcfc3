"""Conditional requests: strong ETags, Last-Modified, 304 (RFC 9110, section 13; SDMX-REST caching)."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime

from exchange import __version__


def strong_etag(*facts: object) -> str:
    """A strong ETag over everything that decides the bytes of a representation; the software that writes them is part of that."""
    digest = hashlib.sha256("\x1f".join(str(fact) for fact in (__version__, *facts)).encode()).hexdigest()
    return f'"{digest[:32]}"'


def http_date(instant: datetime) -> str:
    """An instant as an HTTP date."""
    return format_datetime(instant.astimezone(UTC), usegmt=True)


def last_modified(modified: datetime, now: datetime) -> str:
    """``Last-Modified`` of what changed at an instant.

    HTTP dates know no fractions of a second. Once the second of the change is over, its end stands for it: whoever has an answer with
    that date has one that was made after every change of that second. Before, the beginning of the second is said, which
    :func:`is_unchanged` never takes for current (RFC 9110, section 8.8.2.2).
    """
    begin = modified.replace(microsecond=0)
    end = begin if begin == modified else begin + timedelta(seconds=1)
    return http_date(end if end <= now else begin)


def is_unchanged(*, if_none_match: str | None, if_modified_since: str | None, etag: str | None, modified: datetime | None) -> bool:
    """True when the client's copy is current. ``If-None-Match`` decides alone when it is there; weak comparison as RFC 9110 says."""
    if if_none_match is not None:
        tags = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
        return etag is not None and ("*" in tags or etag in tags)
    if if_modified_since is None or modified is None:
        return False
    since = _date(if_modified_since)
    return since is not None and modified <= since


def _date(text: str) -> datetime | None:
    """An HTTP date, or the ISO 8601 date that some SDMX clients send instead; UTC when no zone is written. None: neither."""
    for read in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            date = read(text.strip())
            return date.astimezone(UTC) if date.tzinfo else date.replace(tzinfo=UTC)
        except (ValueError, OverflowError):
            continue
    return None
