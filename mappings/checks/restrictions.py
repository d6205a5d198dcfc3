"""What the constraints in force exclude in a batch: single values, periods, combinations of values.

Only distinct values and distinct combinations of the components that some constraint speaks of are looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import polars as pl

from registry.constraints.combine import ConstraintSet
from registry.constraints.restrictions import Region, Restriction
from registry.errors import InvalidTimePeriod
from registry.model.constraints import TimePeriodBound, TimeRange
from registry.model.structures import TIME_PERIOD
from registry.model.time_periods import TimePeriod


def excluded_values(constraints: ConstraintSet, component: str, values: pl.Series) -> list[str]:
    """Values of a component that no observation may have, whatever its other values are."""
    if component not in constraints.restricted:
        return []
    distinct = values.drop_nulls().cast(pl.String).unique().sort().to_list()
    return [v for v in distinct if not (constraints.admits(component, v) and _in_time(constraints, component, v))]


def excluded_combinations(constraints: ConstraintSet, frame: pl.DataFrame) -> Iterator[str]:
    """Combinations that are excluded although each of their values is admitted, joined by dots.

    A value that is valid in some period only is looked at on the first day of TIME_PERIOD.
    """
    by_day = TIME_PERIOD in frame.columns and _has_validity(constraints)
    if not by_day and constraints.is_separable:
        return
    names = [name for name in frame.columns if name in constraints.restricted or (by_day and name == TIME_PERIOD)]
    texts = frame.select(pl.col(name).cast(pl.String) for name in names).unique(maintain_order=True)
    passes: dict[tuple[str, str], bool] = {}
    for row in texts.iter_rows(named=True):
        known = {name: value for name, value in row.items() if value is not None}
        for pair in known.items():
            if pair not in passes:
                passes[pair] = constraints.admits(*pair) and _in_time(constraints, *pair)
        on = _first_day(known.get(TIME_PERIOD)) if by_day else None
        if all(passes[pair] for pair in known.items()) and not constraints.admits_row(known, on):
            yield ".".join(known.values())


def _has_validity(constraints: ConstraintSet) -> bool:
    in_keys = any(
        key.valid_from or key.valid_to for restriction in constraints.restrictions for table in restriction.key_tables for key in table.rows
    )
    return bool(constraints.dated) or in_keys


def _in_time(constraints: ConstraintSet, component: str, value: str) -> bool:
    """True when some included region of each constraint takes the period, and no region about it alone excludes it."""
    return all(_takes(restriction, component, value) for restriction in constraints.restrictions)


def _takes(restriction: Restriction, component: str, value: str) -> bool:
    included = [_lies_within(region, component, value) for region in restriction.included]
    if included and not any(verdict is not False for verdict in included):
        return False
    alone = [region for region in restriction.excluded if region.domains.keys() == {component}]
    return not any(_lies_within(region, component, value) is True for region in alone)


def _lies_within(region: Region, component: str, value: str) -> bool | None:
    """Whether the time range that a region states for a component holds a period; None when it states none or it is no period."""
    domain = region.domains.get(component)
    if domain is None or domain.time_range is None:
        return None
    try:
        start, end = TimePeriod.parse(value).interval()
    except InvalidTimePeriod:
        return None
    return _holds(domain.time_range, start, end) is not domain.is_complement


def _holds(limits: TimeRange, start: datetime, end: datetime) -> bool:
    starts = [_edges(bound) for bound in (limits.start_period, limits.after_period) if bound]
    ends = [_edges(bound) for bound in (limits.end_period, limits.before_period) if bound]
    return all((start >= edges[0] if inclusive else start > edges[1]) for edges, inclusive in starts) and all(
        (end <= edges[1] if inclusive else end < edges[0]) for edges, inclusive in ends
    )


def _edges(bound: TimePeriodBound) -> tuple[tuple[datetime, datetime], bool]:
    return TimePeriod.parse(bound.period).interval(), bound.is_inclusive


def _first_day(period: str | None) -> date | None:
    try:
        return TimePeriod.parse(period).interval()[0].date() if period else None
    except InvalidTimePeriod:
        return None
