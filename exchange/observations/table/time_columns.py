"""Start and end instants of reported time periods, computed once per distinct period and joined back."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from exchange.errors import InvalidObservations
from exchange.observations.ports import VALID_FROM
from exchange.observations.table.layout import END, INSTANT, SERIES, START, Layout, place
from registry.errors import InvalidTimePeriod
from registry.model.time_periods import CALENDAR_YEAR_START, REPORTING_YEAR_START_DAY, TimePeriod

_START_DAY, _NOMINAL, _OTHER = "_start_day", "_period", " other"
#: Instants are kept to the microsecond; what differs beyond it is not one instant in two spellings.
_FINER_THAN_KEPT = r"\.[0-9]{7}"
#: Points in time without a zone are read by Polars itself: high-frequency data have as many distinct periods as rows.
_PLAIN_MOMENT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}$"


class _NotAPeriod(Exception):
    """A text that is not a period, and why."""


def with_time_columns(rows: pl.DataFrame, period: str | None) -> pl.DataFrame:
    """The rows with the start and end of their period; both null when the data structure has no time dimension.

    The attribute ``REPORTING_YEAR_START_DAY``, where a row has it, moves reporting periods.

    Raises:
        InvalidObservations: When something is not a time period; names it and the row.
    """
    if period is None:
        return rows.with_columns(pl.lit(None, dtype=INSTANT).alias(START), pl.lit(None, dtype=INSTANT).alias(END))
    has_start_day = REPORTING_YEAR_START_DAY in rows.columns
    start_day = pl.col(REPORTING_YEAR_START_DAY).cast(pl.String) if has_start_day else pl.lit(None, dtype=pl.String)
    keyed = rows.select(period, start_day.fill_null(CALENDAR_YEAR_START).alias(_START_DAY))
    try:
        spans = _spans(keyed.unique(maintain_order=True), period)
    except _NotAPeriod as error:
        text, reason = error.args
        raise InvalidObservations(f"{period}: {reason}{place(rows.filter(keyed[period] == text))}") from error
    joined = keyed.join(spans, on=[period, _START_DAY], how="left", maintain_order="left", nulls_equal=True)
    return rows.with_columns(joined[START], joined[END])


def nominal_spans(periods: pl.Series) -> pl.Series:
    """Start and end of periods as if every reporting year started on 1 January, as structs of ``_start`` and ``_end``.

    A last week that the year has only because it starts on another day has its span as well.
    """
    rows = pl.DataFrame({_NOMINAL: periods.cast(pl.String)}).with_columns(pl.lit(CALENDAR_YEAR_START).alias(_START_DAY))
    spans = _spans(rows.unique(), _NOMINAL, check=False)
    joined = rows.join(spans, on=[_NOMINAL, _START_DAY], how="left", maintain_order="left", nulls_equal=True)
    return joined.select(pl.struct(START, END)).to_series()


def check_one_spelling(rows: pl.DataFrame, moment: datetime, layout: Layout) -> None:
    """Check that no series has one period twice, of the current rows of some series in default order; what stood there before may.

    Raises:
        InvalidObservations: When a period that is new has another spelling of the same span of time beside it; names both.
    """
    if layout.time is None or rows.height < 2:
        return
    same = pl.all_horizontal(pl.col(name) == pl.col(name).shift(1) for name in (SERIES, START, END)).fill_null(value=False)
    finer = pl.col(layout.time).str.contains(_FINER_THAN_KEPT)
    new = (pl.col(VALID_FROM) == moment) | (pl.col(VALID_FROM).shift(1) == moment)
    doubled = rows.with_columns(pl.col(layout.time).shift(1).alias(_OTHER)).filter(same & new & ~finer)
    if doubled.height:
        first = doubled.row(0, named=True)
        series = ", ".join(f"{name}={first[name]}" for name in layout.dimensions)
        more = f" There are {doubled.height - 1} more such cases." if doubled.height > 1 else ""
        raise InvalidObservations(
            f"{layout.time}: {first[_OTHER]} and {first[layout.time]} are one and the same period of the series {series}"
            f"{place(doubled)}. Report it once, or delete the other spelling in the same submission.{more}"
        )


def _spans(distinct: pl.DataFrame, period: str, *, check: bool = True) -> pl.DataFrame:
    text = pl.col(period).cast(pl.String)
    plain = text.str.contains(_PLAIN_MOMENT).fill_null(value=False)
    moments = distinct.with_columns(
        pl.when(plain).then(text.str.to_datetime("%Y-%m-%dT%H:%M:%S", strict=False, time_unit="us", time_zone="UTC")).alias(START)
    )
    read = moments.filter(pl.col(START).is_not_null()).with_columns(pl.col(START).alias(END))
    rest = moments.filter(pl.col(START).is_null()).drop(START)
    spans = [_span(text, start_day, check=check) for text, start_day in rest.iter_rows()]
    columns = [pl.Series(name, [span[side] for span in spans], dtype=INSTANT) for side, name in enumerate((START, END))]
    return pl.concat([read, rest.with_columns(columns)])


def _span(text: str | None, start_day: str, *, check: bool) -> tuple[object, object]:
    if text is None:
        return (None, None)
    try:
        period = TimePeriod.parse(text)
        if check:
            period.check_exists(start_day)
        return period.interval(start_day)
    except InvalidTimePeriod as error:
        raise _NotAPeriod(text, str(error)) from error
