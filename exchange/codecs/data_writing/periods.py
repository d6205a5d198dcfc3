"""First and last instant of time periods, for messages that state them. Only distinct periods are looked at one by one."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from registry.errors import InvalidTimePeriod
from registry.model.time_periods import TimePeriod


def limits(period: str) -> tuple[datetime, datetime] | None:
    """Start and end of a period; None when the text is no time period."""
    try:
        return TimePeriod.parse(period).interval()
    except InvalidTimePeriod:
        return None


def normalized(periods: pl.Series) -> pl.Series:
    """Periods as the ISO 8601 day they begin with; points in time and what is no period as they are."""
    distinct = periods.drop_nulls().unique()
    days = pl.Series([_first_day(period) for period in distinct], dtype=pl.String)
    return periods.replace(distinct, days)


def _first_day(period: str) -> str:
    span = None if "T" in period else limits(period)
    return period if span is None else span[0].date().isoformat()
