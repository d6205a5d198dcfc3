"""First and last instant of time periods, for messages that state them. Only distinct periods are looked at one by one.

Where a reporting year starts is said by the attribute ``REPORTING_YEAR_START_DAY`` of an observation: the same period of two series may
span different days. A *dated* period carries that day along.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

import polars as pl

from registry.data_schema import DataSchema
from registry.errors import InvalidTimePeriod
from registry.model.data_types import MISSING
from registry.model.time_periods import CALENDAR_YEAR_START, REPORTING_YEAR_START_DAY, TimePeriod

_REPORTING: Final = r"^[0-9]{4}-[ASTQMWD]"
#: Between a period and the day on which its reporting year starts; stands in neither.
_APART: Final = "\x1f"
_NOT_SAID: Final = [CALENDAR_YEAR_START, MISSING, ""]


def dated(frame: pl.DataFrame, periods: pl.Series, schema: DataSchema) -> pl.Series:
    """The periods of some rows, those that depend on the start of the reporting year with that day."""
    if REPORTING_YEAR_START_DAY not in schema or REPORTING_YEAR_START_DAY not in frame.columns:
        return periods
    rows = pl.DataFrame({"period": periods, "day": frame[REPORTING_YEAR_START_DAY].cast(pl.String)})
    own = pl.col("period").str.contains(_REPORTING) & pl.col("day").is_not_null() & ~pl.col("day").is_in(_NOT_SAID)
    both = pl.concat_str("period", pl.lit(_APART), "day")
    return rows.select(pl.when(own).then(both).otherwise("period")).to_series().alias(periods.name)


def name_of_period(period: str) -> str:
    """The period itself, without the day it may carry."""
    return period.partition(_APART)[0]


def limits(period: str) -> tuple[datetime, datetime] | None:
    """Start and end of a period, dated or not; None when the text is no time period."""
    text, _, start_day = period.partition(_APART)
    try:
        return TimePeriod.parse(text).interval(start_day or CALENDAR_YEAR_START)
    except InvalidTimePeriod:
        return None


def normalized(periods: pl.Series) -> pl.Series:
    """Periods, dated or not, as the ISO 8601 day they begin with; points in time and what is no period as they are."""
    distinct = periods.drop_nulls().unique()
    days = pl.Series([_first_day(period) for period in distinct], dtype=pl.String)
    return periods.replace(distinct, days)


def _first_day(period: str) -> str:
    span = None if "T" in period else limits(period)
    return name_of_period(period) if span is None else span[0].date().isoformat()
