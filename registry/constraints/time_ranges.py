"""Which periods lie in a time range of a constraint: compared by the instants they begin and end."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from registry.errors import InvalidTimePeriod
from registry.model.constraints import TimePeriodBound, TimeRange
from registry.model.time_periods import TimePeriod


def lies_within(limits: TimeRange, period: str) -> bool:
    """True when a period lies in a range as a whole; what is no period is not for a range to refuse."""
    try:
        start, end = _interval(period)
    except InvalidTimePeriod:
        return True
    starts = [_edges(bound) for bound in (limits.start_period, limits.after_period) if bound]
    ends = [_edges(bound) for bound in (limits.end_period, limits.before_period) if bound]
    return all((start >= edges[0] if inclusive else start > edges[1]) for edges, inclusive in starts) and all(
        (end <= edges[1] if inclusive else end < edges[0]) for edges, inclusive in ends
    )


def _edges(bound: TimePeriodBound) -> tuple[tuple[datetime, datetime], bool]:
    return _interval(bound.period), bound.is_inclusive


@lru_cache(maxsize=4_096)
def _interval(period: str) -> tuple[datetime, datetime]:
    return TimePeriod.parse(period).interval()
