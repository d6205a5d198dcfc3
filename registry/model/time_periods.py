"""Time periods as they are reported, and the span of time each of them covers (SDMX 3.1 Technical Notes, time and time format).

    ======================  ============================  =========
    kind                    written                       frequency
    ======================  ============================  =========
    Gregorian year          ``2010``                      A
    Gregorian year month    ``2010-03``                   M
    Gregorian day           ``2010-03-31``                D
    date time               ``2010-03-31T12:00:00``       I
    reporting period        ``2010-A1`` ``2010-S1`` ``2010-T1`` ``2010-Q1`` ``2010-M01`` ``2010-W01`` ``2010-D001``
    time range              ``2010-03-01/P2M``            none
    ======================  ============================  =========

Each may end in a time zone (``Z``, ``+01:00``; in a time range it stands before the slash). A period without one is taken as UTC.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import MAXYEAR, UTC, datetime, timedelta
from enum import Enum
from typing import Final

from registry.errors import InvalidTimePeriod

#: First day of the reporting year when the data say nothing else (attribute ``REPORTING_YEAR_START_DAY``).
CALENDAR_YEAR_START: Final = "--01-01"
#: Id that SDMX fixes for the attribute that says on which day the reporting year starts.
REPORTING_YEAR_START_DAY: Final = "REPORTING_YEAR_START_DAY"

_MICROSECOND = timedelta(microseconds=1)
_LAST_MOMENT = datetime.max.replace(tzinfo=UTC)
_FIRST_MOMENT = datetime.min.replace(tzinfo=UTC)
_ZONE = r"(?P<zone>Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)?"
_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_CLOCK = r"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?|T24:00:00(?:\.0+)?"
_YEAR = re.compile(rf"(?P<year>[0-9]{{4}}){_ZONE}")
_YEAR_MONTH = re.compile(rf"(?P<year>[0-9]{{4}})-(?P<month>0[1-9]|1[0-2]){_ZONE}")
_MOMENT = re.compile(rf"(?P<date>{_DATE})(?P<clock>{_CLOCK})?{_ZONE}")
_REPORTING = re.compile(
    r"(?P<year>[0-9]{4})-(?:A(?P<A>1)|S(?P<S>[12])|T(?P<T>[1-3])|Q(?P<Q>[1-4])|M(?P<M>0[1-9]|1[0-2])"
    rf"|W(?P<W>0[1-9]|[1-4][0-9]|5[0-3])|D(?P<D>00[1-9]|0[1-9][0-9]|[12][0-9][0-9]|3[0-5][0-9]|36[0-6])){_ZONE}"
)
_DURATION = re.compile(
    r"P(?=[0-9]|T[0-9])(?:(?P<years>[0-9]+)Y)?(?:(?P<months>[0-9]+)M)?(?:(?P<days>[0-9]+)D)?"
    r"(?:T(?=[0-9])(?:(?P<hours>[0-9]+)H)?(?:(?P<minutes>[0-9]+)M)?(?:(?P<seconds>[0-9]+(?:\.[0-9]+)?)S)?)?"
)
_START_DAY = re.compile(r"--(?P<month>0[1-9]|1[0-2])-(?P<day>0[1-9]|[12][0-9]|3[01])")
#: Digits with which the ordinal of a reporting period is written, and its length in months (None: counted in days).
_DIGITS = {"A": 1, "S": 1, "T": 1, "Q": 1, "M": 2, "W": 2, "D": 3}
_MONTHS = {"A": 12, "S": 6, "T": 4, "Q": 3, "M": 1}
_DAYS = {"W": 7, "D": 1}
#: Every reporting year has so many weeks and days; some have one more.
_ALWAYS = {"W": 52, "D": 365}
#: The calendar, weekdays included, repeats itself.
_CYCLE_YEARS, _CYCLE_DAYS = 400, 146_097


class PeriodKind(Enum):
    """How a period is expressed."""

    GREGORIAN_YEAR = "gregorian year"
    GREGORIAN_YEAR_MONTH = "gregorian year month"
    GREGORIAN_DAY = "gregorian day"
    DATE_TIME = "date time"
    REPORTING = "reporting period"
    TIME_RANGE = "time range"


@dataclass(frozen=True, slots=True)
class TimePeriod:
    """A reported time period; ``str()`` gives it back.

    >>> str(TimePeriod.parse("2010-Q2"))
    '2010-Q2'

    Attributes:
        frequency: ``A S T Q M W D`` as in reporting periods; ``I`` for a point in time; None for a time range.
        year: Year as written; for a time range the year of its start.
        ordinal: Month of a year month, number of a reporting period; 0 otherwise.
        moment: Day, point in time, or start of a time range, in local time; None otherwise.
        duration: Length of a time range (``xs:duration``), as written.
        has_clock: Whether ``moment`` is written with a time of day.
        zone: Time zone as written.
    """

    kind: PeriodKind
    frequency: str | None
    year: int
    ordinal: int = 0
    moment: datetime | None = None
    duration: str | None = None
    has_clock: bool = False
    zone: str | None = None

    @staticmethod
    def parse(text: str) -> TimePeriod:
        """Read a period.

        Raises:
            InvalidTimePeriod: When the text is none of the forms above, or names a day that does not exist.
        """
        period = _parse(text)
        if period is None or period.year == 0:
            raise InvalidTimePeriod(
                f"{text!r} is not a time period; write for instance 2010, 2010-03, 2010-03-31, 2010-03-31T12:00:00, "
                f"2010-Q1, 2010-S1, 2010-W09 or 2010-03-01/P2M."
            )
        return period

    @property
    def is_reporting(self) -> bool:
        """True when the span depends on the start of the reporting year."""
        return self.kind is PeriodKind.REPORTING

    def interval(self, reporting_year_start_day: str = CALENDAR_YEAR_START) -> tuple[datetime, datetime]:
        """First and last moment (UTC, both inside, to the microsecond).

        Raises:
            InvalidTimePeriod: When the start day is malformed, or the period lies beyond the year 9999.
        """
        try:
            start, after = self._local_bounds(reporting_year_start_day)
        except OverflowError as overflow:
            raise InvalidTimePeriod(f"{self} starts after the year 9999.") from overflow
        offset = _offset(self.zone)
        first = _shifted(start, offset)
        if self.kind is PeriodKind.DATE_TIME:
            return first, first
        return first, _LAST_MOMENT if after is None else max(first, _shifted(after - _MICROSECOND, offset))

    def check_exists(self, reporting_year_start_day: str = CALENDAR_YEAR_START) -> None:
        """Check that the reporting year has this week or day; all other forms name nothing that does not exist.

        Raises:
            InvalidTimePeriod: When it does not; names the last one of that year. When the start day is malformed.
        """
        if self.kind is not PeriodKind.REPORTING or self.frequency not in _DAYS or self.ordinal <= _ALWAYS[self.frequency]:
            return
        first, following = (_first_day(year, reporting_year_start_day, self.frequency) for year in (self.year, self.year + 1))
        last = (following - first) // _DAYS[self.frequency]
        if self.ordinal > last:
            what = {"W": "weeks", "D": "days"}[self.frequency]
            name = f"{self.year:04}-{self.frequency}{last:0{_DIGITS[self.frequency]}}{self.zone or ''}"
            starts = "" if reporting_year_start_day == CALENDAR_YEAR_START else f" that starts on {reporting_year_start_day}"
            raise InvalidTimePeriod(f"{self} does not exist: the reporting year {self.year}{starts} has {last} {what}, the last is {name}.")

    def _local_bounds(self, start_day: str) -> tuple[datetime, datetime | None]:
        """First moment, and the first moment after it (None beyond the year 9999)."""
        if self.kind is PeriodKind.REPORTING:
            return self._reporting_bounds(start_day)
        if self.moment is None:
            first = datetime(self.year, self.ordinal or 1, 1, tzinfo=UTC)
            return first, _plus(first, months=1 if self.ordinal else 12)
        if self.duration is not None:
            return self.moment, _plus_duration(self.moment, self.duration)
        return self.moment, _plus(self.moment, time=timedelta(days=1))

    def _reporting_bounds(self, start_day: str) -> tuple[datetime, datetime | None]:
        base = _reporting_year_start(self.year, start_day)
        frequency = self.frequency or ""
        before = self.ordinal - 1
        if frequency in _MONTHS:
            length = _MONTHS[frequency]
            start, after = _plus(base, months=before * length), _plus(base, months=self.ordinal * length)
        else:
            if frequency == "W":
                base += timedelta(days=_to_monday(base.weekday()))
            step = timedelta(days=_DAYS[frequency])
            start, after = _plus(base, time=before * step), _plus(base, time=self.ordinal * step)
        if start is None:
            raise OverflowError
        return start, after

    def __str__(self) -> str:
        zone = self.zone or ""
        if self.kind is PeriodKind.REPORTING:
            return f"{self.year:04}-{self.frequency}{self.ordinal:0{_DIGITS[self.frequency or 'A']}}{zone}"
        if self.moment is None:
            return f"{self.year:04}" + (f"-{self.ordinal:02}" if self.ordinal else "") + zone
        moment = self.moment.replace(tzinfo=None)
        text = (moment.isoformat() if self.has_clock else moment.date().isoformat()) + zone
        return text if self.duration is None else f"{text}/{self.duration}"


def _parse(text: str) -> TimePeriod | None:
    if match := _YEAR.fullmatch(text):
        return TimePeriod(PeriodKind.GREGORIAN_YEAR, "A", int(match["year"]), zone=match["zone"])
    if match := _YEAR_MONTH.fullmatch(text):
        return TimePeriod(PeriodKind.GREGORIAN_YEAR_MONTH, "M", int(match["year"]), int(match["month"]), zone=match["zone"])
    if match := _REPORTING.fullmatch(text):
        frequency = next(letter for letter in _DIGITS if match[letter])
        return TimePeriod(PeriodKind.REPORTING, frequency, int(match["year"]), int(match[frequency]), zone=match["zone"])
    start, slash, duration = text.partition("/")
    return _parse_moment(start, duration if slash else None)


def _parse_moment(text: str, duration: str | None) -> TimePeriod | None:
    match = _MOMENT.fullmatch(text)
    if match is None or (duration is not None and not _is_duration(duration)):
        return None
    date, clock = match["date"], match["clock"]
    try:
        moment = datetime.fromisoformat(date).replace(tzinfo=UTC)
        if clock and clock.startswith("T24"):
            moment += timedelta(days=1)
        elif clock:
            # Python keeps microseconds; finer fractions are cut, as xs:dateTime allows.
            moment = datetime.fromisoformat(date + clock[:16]).replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    kind, frequency = _MOMENT_KINDS[duration is not None, clock is not None]
    return TimePeriod(kind, frequency, moment.year, 0, moment, duration, clock is not None, match["zone"])


_MOMENT_KINDS: Final[dict[tuple[bool, bool], tuple[PeriodKind, str | None]]] = {
    (False, False): (PeriodKind.GREGORIAN_DAY, "D"),
    (False, True): (PeriodKind.DATE_TIME, "I"),
    (True, False): (PeriodKind.TIME_RANGE, None),
    (True, True): (PeriodKind.TIME_RANGE, None),
}


def _is_duration(text: str) -> bool:
    match = _DURATION.fullmatch(text)
    return match is not None and any(value and float(value) for value in match.groupdict().values())


def _plus_duration(start: datetime, duration: str) -> datetime | None:
    match = _DURATION.fullmatch(duration)
    parts = {name: float(value or 0) for name, value in (match.groupdict() if match else {}).items()}
    try:
        months = int(parts["years"]) * 12 + int(parts["months"])
        time = timedelta(days=parts["days"], hours=parts["hours"], minutes=parts["minutes"], seconds=parts["seconds"])
    except OverflowError:
        return None
    return _plus(start, months=months, time=time)


def _plus(start: datetime, *, months: int = 0, time: timedelta = timedelta()) -> datetime | None:
    """A moment some months and some time later, on the last day of a shorter month; None beyond the year 9999."""
    years, month = divmod(start.month - 1 + months, 12)
    year = start.year + years
    if year > 9999:
        return None
    day = min(start.day, monthrange(year, month + 1)[1])
    try:
        return start.replace(year=year, month=month + 1, day=day) + time
    except OverflowError:
        return None


def _reporting_year_start(year: int, start_day: str) -> datetime:
    match = _START_DAY.fullmatch(start_day)
    if match is None or int(match["day"]) > monthrange(2000, int(match["month"]))[1]:
        raise InvalidTimePeriod(f"{start_day!r} is not a start of the reporting year; write --MM-DD, for instance --07-01.")
    month = int(match["month"])
    return datetime(year, month, min(int(match["day"]), monthrange(year, month)[1]), tzinfo=UTC)


def _first_day(year: int, start_day: str, frequency: str) -> int:
    """The day on which the first week, or the first day, of a reporting year starts, counted from one fixed day."""
    if year > MAXYEAR:
        return _first_day(year - _CYCLE_YEARS, start_day, frequency) + _CYCLE_DAYS
    base = _reporting_year_start(year, start_day)
    return base.toordinal() + (_to_monday(base.weekday()) if frequency == "W" else 0)


def _to_monday(weekday: int) -> int:
    """Days to the Monday on which the first reporting week starts: back from Monday to Thursday, forward from Friday on."""
    return -weekday if weekday <= 3 else 7 - weekday


def _offset(zone: str | None) -> timedelta:
    if zone is None or zone == "Z":
        return timedelta()
    offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[4:6]))
    return -offset if zone[0] == "-" else offset


def _shifted(moment: datetime, offset: timedelta) -> datetime:
    """Local time to UTC, held inside the years that can be counted."""
    try:
        return moment - offset
    except OverflowError:
        return _FIRST_MOMENT if offset > timedelta() else _LAST_MOMENT
