"""A change within the reach of its mandate: what was reported under another agreement it neither deletes nor writes.

Attributes above the observation have one value for the series, group or dataset, whoever reports its observations: a value that would
change those of another agreement is refused.
"""

from __future__ import annotations

import polars as pl

from exchange.errors import InvalidObservations
from exchange.observations.ports import AGREEMENT
from exchange.observations.table.layout import SERIES, Layout, place, reported_under
from exchange.observations.writing.applied_changes import apply
from exchange.observations.writing.prepared_changes import RangeChange

_WRITTEN, _GIVEN = "_written", " given"


def within_reach(rows: pl.DataFrame, change: RangeChange, inherited: dict[tuple[str, ...], pl.DataFrame], layout: Layout) -> pl.DataFrame:
    """The rows after one change; see :func:`exchange.observations.writing.applied_changes.apply`.

    Raises:
        InvalidObservations: When the change writes an observation that was reported under an agreement out of its reach.
    """
    if change.mandate is None:
        return apply(rows, change, inherited, layout)
    mine = reported_under(change.mandate.reach)
    if change.observations.height and None not in change.mandate.reach:
        # What was loaded under no agreement belongs to whoever reports it first.
        written = change.observations.select(*layout.identity, pl.lit(value=True).alias(_WRITTEN))
        rows = rows.join(written, on=layout.identity, how="left", nulls_equal=True)
        mine |= pl.col(AGREEMENT).is_null() & pl.col(_WRITTEN).is_not_null()
    reached, others = rows.filter(mine).select(list(layout.columns)), rows.filter(~mine).select(list(layout.columns))
    if others.height:
        _check_free(change, change.mandate.agreement, others, layout)
        _check_shared_attributes(change, change.mandate.agreement, others)
    return pl.concat([apply(reached, change, inherited, layout), others])


def _check_free(change: RangeChange, agreement: str, others: pl.DataFrame, layout: Layout) -> None:
    owned = others.select(*layout.identity, pl.col(AGREEMENT).alias("owner"))
    taken = change.observations.join(owned, on=layout.identity, how="inner", nulls_equal=True)
    if not taken.height:
        return
    key = ", ".join(f"{name}={taken[name][0]}" for name in layout.keys)
    owner = taken["owner"][0]
    more = f" There are {taken.height - 1} more such observations." if taken.height > 1 else ""
    raise InvalidObservations(
        f"The observation {key} was reported under {owner}, so it cannot be reported under {agreement}{place(taken)}; "
        f"leave it out, or delete it under {owner} first.{more}"
    )


def _check_shared_attributes(change: RangeChange, agreement: str, others: pl.DataFrame) -> None:
    for on, values in change.assigned.items():
        names = [name for name in values.columns if name in others.columns and name not in {*on, SERIES}]
        known = others.select(*on, AGREEMENT, *names).unique()
        given = values.select(*on, *(pl.col(name).alias(name + _GIVEN) for name in names))
        both = known.join(given, on=list(on), how="inner") if on else known.join(given, how="cross")
        for name in names:
            old, new = pl.col(name), pl.col(name + _GIVEN)
            wrong = both.filter(old.is_not_null() & new.is_not_null() & old.ne_missing(new))
            if wrong.height:
                about = ", ".join(f"{dimension}={wrong[dimension][0]}" for dimension in on) or "the dataset"
                owner = f"under {wrong[AGREEMENT][0]}" if wrong[AGREEMENT][0] else "under no agreement"
                raise InvalidObservations(
                    f"{name} has one value for {about}, and observations that were reported {owner} have {wrong[name][0]!r}, not "
                    f"{wrong[name + _GIVEN][0]!r} as under {agreement}; give the same value, or change it for all without an agreement."
                )
