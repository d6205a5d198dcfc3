"""The days a validity bound stands for: a standard time period as written (SDMX 3.1 Technical Notes, time and date format).

Reporting periods are taken in the calendar year; a bound has no attribute that could shift the reporting year.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

from registry.errors import InvalidArtefact

_GREGORIAN = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T.*)?)?)?(?:Z|[+-]\d{2}:\d{2})?")
_REPORTING = re.compile(r"(\d{4})-([ASTQMWD])(\d{1,3})(?:Z|[+-]\d{2}:\d{2})?")

#: Months in a reporting period of each kind that is made of months.
_MONTHS: Final = {"A": 12, "S": 6, "T": 4, "Q": 3, "M": 1}


@lru_cache(maxsize=4_096)
def days_of(period: str) -> tuple[date, date]:
    """First and last day of a period.

    >>> days_of("2010-Q2")
    (datetime.date(2010, 4, 1), datetime.date(2010, 6, 30))

    Raises:
        InvalidArtefact: When the text is no standard time period.
    """
    try:
        if match := _REPORTING.fullmatch(period):
            return _reporting(int(match[1]), match[2], int(match[3]))
        if match := _GREGORIAN.fullmatch(period):
            return _gregorian(int(match[1]), match[2], match[3])
    except ValueError as error:
        raise InvalidArtefact(f"{period!r}, which limits the validity of a constraint, is not in the calendar: {error}") from error
    raise InvalidArtefact(
        f"{period!r}, which limits the validity of a constraint, is no time period; expected for example 2010-01-31 or 2010-Q1"
    )


def _gregorian(year: int, month: str | None, day: str | None) -> tuple[date, date]:
    if month is None:
        return date(year, 1, 1), date(year, 12, 31)
    if day is None:
        return _months(year, int(month), 1)
    return date(year, int(month), int(day)), date(year, int(month), int(day))


def _reporting(year: int, kind: str, number: int) -> tuple[date, date]:
    if kind == "W":
        monday = date.fromisocalendar(year, number, 1)
        return monday, monday + timedelta(days=6)
    if kind == "D":
        day = date(year, 1, 1) + timedelta(days=number - 1)
        return day, day
    return _months(year, (number - 1) * _MONTHS[kind] + 1, _MONTHS[kind])


def _months(year: int, first: int, count: int) -> tuple[date, date]:
    """The days of some months in a row."""
    start = date(year, first, 1)
    after = date(year + (first + count - 1) // 12, (first + count - 1) % 12 + 1, 1)
    return start, after - timedelta(days=1)
