"""What the constraints in force exclude in a batch: single values, periods, combinations of values.

Only distinct values and distinct combinations of the components that some constraint speaks of are looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import polars as pl

from registry.constraints.combine import ConstraintSet
from registry.errors import InvalidTimePeriod
from registry.model.structures import TIME_PERIOD
from registry.model.time_periods import TimePeriod


def excluded_values(constraints: ConstraintSet, component: str, values: pl.Series) -> list[str]:
    """Values of a component that no observation may have, whatever its other values are."""
    if component not in constraints.restricted:
        return []
    distinct = values.drop_nulls().cast(pl.String).unique().sort().to_list()
    return [v for v in distinct if not constraints.admits(component, v)]


def excluded_combinations(constraints: ConstraintSet, frame: pl.DataFrame) -> Iterator[str]:
    """Combinations that are excluded although each of their values is admitted, joined by dots.

    What is valid in some period only is looked at on the first day of TIME_PERIOD.
    """
    by_day = TIME_PERIOD in frame.columns and constraints.has_validity
    if not by_day and constraints.is_separable:
        return
    names = [name for name in frame.columns if name in constraints.restricted or (by_day and name == TIME_PERIOD)]
    texts = frame.select(pl.col(name).cast(pl.String) for name in names).unique(maintain_order=True)
    passes: dict[tuple[str, str], bool] = {}
    for row in texts.iter_rows(named=True):
        known = {name: value for name, value in row.items() if value is not None}
        for pair in known.items():
            if pair not in passes:
                passes[pair] = constraints.admits(*pair)
        on = _first_day(known.get(TIME_PERIOD)) if by_day else None
        if all(passes[pair] for pair in known.items()) and not constraints.admits_row(known, on):
            yield ".".join(known.values())


def _first_day(period: str | None) -> date | None:
    try:
        return TimePeriod.parse(period).interval()[0].date() if period else None
    except InvalidTimePeriod:
        return None
