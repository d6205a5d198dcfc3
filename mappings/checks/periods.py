"""Periods that do not exist, and periods that are written in several ways."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from registry.data_schema import DataSchema
from registry.errors import InvalidTimePeriod
from registry.model.structures import TIME_PERIOD
from registry.model.time_periods import CALENDAR_YEAR_START, REPORTING_YEAR_START_DAY, TimePeriod

_START_DAY, _SPAN = " start day", " span"
#: All other periods exist in every year.
_NOT_EVERY_YEAR = "-(W53|D366)"


def distinct_periods(frame: pl.DataFrame, schema: DataSchema, component: str = TIME_PERIOD) -> pl.DataFrame:
    """The periods of a component, each with the start of its reporting year, in the order in which they come."""
    return _keyed(frame, schema, component).unique(maintain_order=True)


def absent(periods: pl.DataFrame) -> dict[str, str]:
    """The periods that do not exist in their reporting year, each with the reason; what is no period at all is left to other checks."""
    found: dict[str, str] = {}
    for text, start_day in periods.filter(pl.nth(0).str.contains(_NOT_EVERY_YEAR)).iter_rows():
        period = _parsed(text)
        try:
            if period is not None:
                period.check_exists(start_day)
        except InvalidTimePeriod as error:
            found[text] = str(error)
    return found


def spelt_twice(frame: pl.DataFrame, schema: DataSchema, series: Sequence[str]) -> pl.DataFrame:
    """The series that have one span of time in several spellings, with the list of these."""
    distinct = distinct_periods(frame, schema)
    spans = [_span(text, start_day) for text, start_day in distinct.iter_rows()]
    if len({span for span in spans if span is not None}) == sum(span is not None for span in spans):
        return pl.DataFrame(schema={**dict.fromkeys(series, pl.String), TIME_PERIOD: pl.List(pl.String)})
    known = distinct.with_columns(pl.Series(_SPAN, spans, dtype=pl.String)).drop_nulls(_SPAN)
    keyed = frame.select(*series).hstack(_keyed(frame, schema)).join(known, on=[TIME_PERIOD, _START_DAY])
    spellings = keyed.group_by(*series, _SPAN, maintain_order=True).agg(pl.col(TIME_PERIOD).unique(maintain_order=True))
    return spellings.filter(pl.col(TIME_PERIOD).list.len() > 1).select(*series, TIME_PERIOD)


def _keyed(frame: pl.DataFrame, schema: DataSchema, component: str = TIME_PERIOD) -> pl.DataFrame:
    has_start_day = REPORTING_YEAR_START_DAY in schema and REPORTING_YEAR_START_DAY in frame.columns
    start_day = pl.col(REPORTING_YEAR_START_DAY).cast(pl.String) if has_start_day else pl.lit(None, dtype=pl.String)
    return frame.select(pl.col(component).cast(pl.String), start_day.fill_null(CALENDAR_YEAR_START).alias(_START_DAY))


def _parsed(text: str | None) -> TimePeriod | None:
    try:
        return None if text is None else TimePeriod.parse(text)
    except InvalidTimePeriod:
        return None


def _span(text: str | None, start_day: str) -> str | None:
    """Start and end of a period; None when it has none, or one finer than can be compared."""
    period = _parsed(text)
    try:
        if period is None or "." in (text or ""):
            return None
        start, end = period.interval(start_day)
    except InvalidTimePeriod:
        return None
    return f"{start.isoformat()}/{end.isoformat()}"
