"""First and last instant of time periods, for messages that state them (standards sheet, 6.8). Works on distinct periods only."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Final

import polars as pl

_REPORTING: Final = re.compile(r"(?P<year>\d{4})-(?P<unit>[ASTQMWD])(?P<number>\d{1,3})(?:Z|[+-]\d\d:\d\d)?")
_GREGORIAN: Final = re.compile(r"(?P<year>\d{4})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d))?)?(?:Z|[+-]\d\d:\d\d)?")
_MONTHS_OF: Final = {"A": 12, "S": 6, "T": 4, "Q": 3, "M": 1}
#: Shift from 1 January to the Monday of reporting week 1, by weekday of 1 January.
_TO_MONDAY: Final = (0, -1, -2, -3, 3, 2, 1)


def days(period: str) -> tuple[date, date] | None:
    """First and last day of a period, or None when it is an instant, a time range or no period.

    >>> [str(day) for day in days("2010-Q2")]
    ['2010-04-01', '2010-06-30']
    """
    try:
        if match := _GREGORIAN.fullmatch(period):
            year, month, day = int(match["year"]), int(match["month"] or 1), int(match["day"] or 1)
            first = date(year, month, day)
            months = 12 if match["month"] is None else 1
            return first, first if match["day"] else _later(first, months) - timedelta(days=1)
        if match := _REPORTING.fullmatch(period):
            return _reporting(int(match["year"]), match["unit"], int(match["number"]))
    except (ValueError, OverflowError):
        return None
    return None


def _reporting(year: int, unit: str, number: int) -> tuple[date, date]:
    base = date(year, 1, 1)
    if unit in _MONTHS_OF:
        months = _MONTHS_OF[unit]
        return _later(base, (number - 1) * months), _later(base, number * months) - timedelta(days=1)
    length = timedelta(days=7 if unit == "W" else 1)
    if unit == "W":
        base += timedelta(days=_TO_MONDAY[base.weekday()])
    return base + (number - 1) * length, base + number * length - timedelta(days=1)


def _later(first: date, months: int) -> date:
    years, month = divmod(first.month - 1 + months, 12)
    return first.replace(year=first.year + years, month=month + 1)


def instants(period: str) -> tuple[str, str] | None:
    """Start and end of a period as SDMX-JSON states them, or None when the period has no such limits."""
    limits = days(period)
    if limits is not None:
        return f"{limits[0]}T00:00:00", f"{limits[1]}T23:59:59"
    try:
        datetime.fromisoformat(period)
    except ValueError:
        return None
    return period, period


def normalized(periods: pl.Series) -> pl.Series:
    """Periods as the ISO 8601 day they begin with; instants and time ranges as they are."""
    distinct = periods.drop_nulls().unique()
    limits = [days(period) for period in distinct]
    texts = [str(limit[0]) if limit else period for limit, period in zip(limits, distinct, strict=True)]
    return periods.replace(distinct, pl.Series(texts, dtype=pl.String))
