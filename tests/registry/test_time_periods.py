"""Time periods: grammar, spans, and the check values of the Technical Notes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.errors import InvalidTimePeriod
from registry.model.time_periods import TimePeriod

MICROSECOND = timedelta(microseconds=1)

years = st.integers(1, 9999).map(lambda year: f"{year:04}")
zones = st.sampled_from(["", "Z", "+00:00", "-05:30", "+14:00", "-14:00", "+13:59"])
days = st.dates().map(date.isoformat)
clocks = st.sampled_from(["T00:00:00", "T23:59:59", "T12:30:15.250000"])
durations = st.sampled_from(["P1Y", "P2M", "P1Y2M10DT2H30M", "PT0.5S", "P400D", "P9999Y"])
reporting = st.one_of(
    st.just("A1"),
    st.integers(1, 2).map("S{}".format),
    st.integers(1, 3).map("T{}".format),
    st.integers(1, 4).map("Q{}".format),
    st.integers(1, 12).map("M{:02}".format),
    st.integers(1, 53).map("W{:02}".format),
    st.integers(1, 366).map("D{:03}".format),
)
start_days = st.tuples(st.integers(1, 12), st.integers(1, 29)).map(lambda day: f"--{day[0]:02}-{day[1]:02}")
gregorian = st.one_of(years, st.tuples(years, st.integers(1, 12)).map(lambda p: f"{p[0]}-{p[1]:02}"), days)
periods = st.one_of(
    st.tuples(gregorian, zones).map("".join),
    st.tuples(days, clocks, zones).map("".join),
    st.tuples(years, st.just("-"), reporting, zones).map("".join),
    st.tuples(days, st.sampled_from(["", "T08:00:00"]), zones, st.just("/"), durations).map("".join),
)


@given(periods)
def test_a_period_is_written_as_it_was_read(text: str) -> None:
    assert str(TimePeriod.parse(text)) == text


@given(periods, start_days)
def test_a_period_does_not_end_before_it_starts(text: str, start_day: str) -> None:
    try:
        start, end = TimePeriod.parse(text).interval(start_day)
    except InvalidTimePeriod:
        # Late reporting periods of the last year that can be counted start after it.
        assert text.startswith("9999-")
    else:
        assert start <= end


@given(st.integers(1, 9998), st.integers(1, 4), start_days)
def test_a_quarter_is_three_reporting_months(year: int, quarter: int, start_day: str) -> None:
    start, end = TimePeriod.parse(f"{year:04}-Q{quarter}").interval(start_day)
    first, _ = TimePeriod.parse(f"{year:04}-M{quarter * 3 - 2:02}").interval(start_day)
    _, last = TimePeriod.parse(f"{year:04}-M{quarter * 3:02}").interval(start_day)
    assert (start, end) == (first, last)


@given(st.integers(1, 9997), st.integers(1, 53), start_days)
def test_a_reporting_week_runs_from_monday_to_sunday(year: int, week: int, start_day: str) -> None:
    start, end = TimePeriod.parse(f"{year:04}-W{week:02}").interval(start_day)
    assert (start.isoweekday(), end.isoweekday()) == (1, 7)
    assert end - start == timedelta(days=7) - MICROSECOND


@given(st.integers(1900, 2100), st.integers(1, 52))
def test_without_a_start_day_reporting_weeks_are_those_of_iso_8601(year: int, week: int) -> None:
    start, _ = TimePeriod.parse(f"{year}-W{week:02}").interval()
    assert start.date() == date.fromisocalendar(year, week, 1)


@pytest.mark.parametrize(
    ("text", "start_day", "first", "last"),
    [
        ("2010-Q2", "--07-01", "2010-10-01", "2010-12-31"),
        ("2010-Q3", "--07-01", "2011-01-01", "2011-03-31"),
        ("2011-W36", "--07-01", "2012-03-05", "2012-03-11"),
        ("2010", "--07-01", "2010-01-01", "2010-12-31"),
        ("2010-A1", "--07-01", "2010-07-01", "2011-06-30"),
        ("2010-S2", "--01-01", "2010-07-01", "2010-12-31"),
        ("2010-T2", "--01-01", "2010-05-01", "2010-08-31"),
        ("2010-D001", "--07-01", "2010-07-01", "2010-07-01"),
        ("2012-D366", "--01-01", "2012-12-31", "2012-12-31"),
        ("2010-M02", "--01-31", "2010-02-28", "2010-03-30"),
        ("2012-02", "--01-01", "2012-02-01", "2012-02-29"),
        ("2000-01-01/P2M", "--01-01", "2000-01-01", "2000-02-29"),
        ("9999-Q4", "--01-01", "9999-10-01", "9999-12-31"),
        ("9999-A1", "--07-01", "9999-07-01", "9999-12-31"),
        ("0001", "--01-01", "0001-01-01", "0001-12-31"),
    ],
)
def test_the_span_of_a_period(text: str, start_day: str, first: str, last: str) -> None:
    start, end = TimePeriod.parse(text).interval(start_day)
    assert start == datetime.fromisoformat(first).replace(tzinfo=UTC)
    assert end == datetime.fromisoformat(f"{last}T23:59:59.999999").replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("2010-01-01T00:00:00+02:00", "2009-12-31T22:00:00"),
        ("2010-01-01T24:00:00", "2010-01-02T00:00:00"),
        ("2010-01-01T10:00:00.123456789Z", "2010-01-01T10:00:00.123456"),
        ("0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00"),
    ],
)
def test_a_point_in_time_is_its_own_end(text: str, start: str) -> None:
    moment = datetime.fromisoformat(start).replace(tzinfo=UTC)
    assert TimePeriod.parse(text).interval() == (moment, moment)


@pytest.mark.parametrize(
    "text",
    [
        *("", " 2010", "2010 ", "2010\n", "10", "0000", "12010", "２０１０", "2010-0", "2010-00", "2010-13", "2010-1", "2010/01"),
        *("2010-02-30", "2010-01-32", "2010-01-01T", "2010-01-01T25:00:00", "2010-01-01T10:00", "2010-01-01T24:00:01"),
        *("2010-A2", "2010-S0", "2010-S3", "2010-T4", "2010-Q5", "2010-M13", "2010-W00", "2010-W54", "2010-D367", "2010-D1", "2010-X1"),
        *("2010Z0", "2010+15:00", "2010+1:00", "2010-01-01/", "2010-01-01/P", "2010-01-01/PT", "2010-01-01/P0D", "2010/P1Y"),
    ],
)
def test_what_is_not_a_period_is_refused(text: str) -> None:
    with pytest.raises(InvalidTimePeriod, match="is not a time period; write for instance"):
        TimePeriod.parse(text)


@pytest.mark.parametrize("start_day", ["", "07-01", "--7-1", "--13-01", "--02-30", "--04-31", "--00-10"])
def test_what_is_not_a_start_day_is_refused(start_day: str) -> None:
    with pytest.raises(InvalidTimePeriod, match="write --MM-DD"):
        TimePeriod.parse("2010-Q1").interval(start_day)


@pytest.mark.parametrize(
    ("text", "frequency"),
    [("2010", "A"), ("2010-01", "M"), ("2010-01-01", "D"), ("2010-01-01T00:00:00", "I"), ("2010-W01", "W"), ("2010-01-01/P1D", None)],
)
def test_the_frequency_of_a_period(text: str, frequency: str | None) -> None:
    assert TimePeriod.parse(text).frequency == frequency


@pytest.mark.parametrize(
    ("text", "start_day", "last"),
    [
        ("2019-W53", "--01-01", "2019-W52"),
        ("2019-W53Z", "--01-01", "2019-W52Z"),
        ("2021-W53", "--01-01", "2021-W52"),
        ("2020-W53", "--01-01", None),
        ("2015-W53", "--01-01", None),
        ("2019-D366", "--01-01", "2019-D365"),
        ("1900-D366", "--01-01", "1900-D365"),
        ("2020-D366", "--01-01", None),
        ("2019-D366", "--07-01", None),
        ("2020-D366", "--07-01", "2020-D365"),
        ("9999-W53", "--01-01", "9999-W52"),
        ("9999-D366", "--01-01", "9999-D365"),
        ("2019-W52", "--01-01", None),
        ("2019-D365", "--01-01", None),
    ],
)
def test_the_last_week_or_day_of_a_year_is_named_where_one_more_is_asked_for(text: str, start_day: str, last: str | None) -> None:
    period = TimePeriod.parse(text)
    if last is None:
        period.check_exists(start_day)
    else:
        with pytest.raises(InvalidTimePeriod, match=f"does not exist.* the last is {last}"):
            period.check_exists(start_day)


@given(st.integers(1, 9998), start_days)
def test_the_last_week_of_a_year_is_the_one_before_the_first_of_the_next(year: int, start_day: str) -> None:
    def exists(number: int) -> bool:
        try:
            TimePeriod.parse(f"{year:04}-W{number}").check_exists(start_day)
        except InvalidTimePeriod:
            return False
        return True

    last = 53 if exists(53) else 52
    _, end = TimePeriod.parse(f"{year:04}-W{last}").interval(start_day)
    following, _ = TimePeriod.parse(f"{year + 1:04}-W01").interval(start_day)
    assert end + MICROSECOND == following


@pytest.mark.parametrize("text", ["2010-13", "2010-00", "2010-Q5", "2010-S3", "2010-T4", "2010-M13", "2010-W54", "2010-D367", "2019-02-29"])
def test_what_no_year_has_is_no_period(text: str) -> None:
    for written in (text, f"{text}Z"):
        with pytest.raises(InvalidTimePeriod):
            TimePeriod.parse(written)
