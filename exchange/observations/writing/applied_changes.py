"""Changes applied to the current rows of a range of series, and what that means for their history (SDMX-CSV 2.1, actions)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import polars as pl

from exchange.observations.ports import AGREEMENT, SUBMISSION, VALID_FROM, VALID_TO, Action
from exchange.observations.table.layout import SERIES, Layout, sorted_rows
from exchange.observations.writing.prepared_changes import Deletion, RangeChange

_NEW = " new"
_STATE = "_state"


@dataclass(frozen=True)
class RangeOutcome:
    """The rows of a range after a submission: what is current, what was closed, and counts."""

    current: pl.DataFrame
    closed: pl.DataFrame
    inserted: int
    updated: int
    unchanged: int
    deleted: int


def apply(rows: pl.DataFrame, change: RangeChange, inherited: dict[tuple[str, ...], pl.DataFrame], layout: Layout) -> pl.DataFrame:
    """The rows after one change. ``inherited`` are attribute values that hold for new observations beside those of their own series."""
    if change.action is Action.DELETE:
        for deletion in change.deletions:
            rows = without(rows.lazy(), deletion, layout).collect()
        return rows
    merged = _merged(rows, change, layout)
    for on, names in layout.attachments().items():
        assigned = change.assigned.get(on)
        known = _known(rows, change, on, names, layout, inherited.get(on)) if on == layout.dimensions else inherited.get(on)
        merged = _with_attributes(merged, assigned, known, on, names)
    return merged


def _merged(rows: pl.DataFrame, change: RangeChange, layout: Layout) -> pl.DataFrame:
    """Observations inserted and updated; attributes above the observation follow later."""
    given = change.observations
    columns = [*layout.columns]
    if not rows.height:
        return pl.concat([rows.select(columns), given.select(name for name in columns if name in given.columns)], how="diagonal")
    renamed = given.select(
        *layout.identity, *(pl.col(name).alias(name + _NEW) for name in columns if name in given.columns and name not in layout.identity)
    ).with_columns(pl.lit(value=True).alias(_STATE))
    joined = rows.join(renamed, on=layout.identity, how="full", coalesce=True, nulls_equal=True)
    return joined.select(_value(name, joined, change.action, layout) for name in columns)


def _value(name: str, joined: pl.DataFrame, action: Action, layout: Layout) -> pl.Expr:
    """The value of a column after the join of what is stored with what is new."""
    old, new = pl.col(name), pl.col(name + _NEW)
    if name == AGREEMENT:  # what is written belongs to the agreement it is written under, or to none
        written = new if name + _NEW in joined.columns else pl.lit(None, dtype=pl.String)
        return pl.when(pl.col(_STATE).is_null()).then(old).otherwise(written).alias(name)
    own_value = name in layout.values and name not in layout.attached
    if action is Action.REPLACE and own_value:
        kept = pl.when(pl.col(_STATE).is_null()).then(old)
        return (kept.otherwise(new) if name + _NEW in joined.columns else kept).alias(name)
    if name + _NEW not in joined.columns:
        return old
    return pl.coalesce(new, old).alias(name)


def _known(
    rows: pl.DataFrame,
    change: RangeChange,
    on: tuple[str, ...],
    names: Sequence[str],
    layout: Layout,
    waiting: pl.DataFrame | None,
) -> pl.DataFrame | None:
    """Attribute values of the series that get new observations, as they are stored or wait."""
    if not change.observations.height:
        return None
    touched = change.observations.select(SERIES).unique()
    frames = [rows.join(touched, on=SERIES, how="semi").select(*on, *names)]
    if waiting is not None and waiting.height:
        keys = change.observations.select(on).unique() if on else None
        frames.append(waiting.join(keys, on=list(on), how="semi") if keys is not None else waiting)
    return first_values(pl.concat(frames, how="diagonal"), on, names)


def first_values(rows: pl.DataFrame, on: tuple[str, ...], names: Sequence[str]) -> pl.DataFrame:
    """The first value of each attribute per combination of dimensions, in the order of the rows."""
    values = [pl.col(name).drop_nulls().first() for name in names if name in rows.columns]
    return rows.group_by(on, maintain_order=True).agg(values) if on else rows.select(values)


def _with_attributes(
    rows: pl.DataFrame, assigned: pl.DataFrame | None, known: pl.DataFrame | None, on: tuple[str, ...], names: Sequence[str]
) -> pl.DataFrame:
    """Rows with the attribute values assigned to their dimensions, else the value they have, else the one known for their dimensions."""
    for values, wins in ((known, False), (assigned, True)):
        if values is None or not values.height:
            continue
        given = [name for name in names if name in values.columns]
        renamed = values.select(*on, *(pl.col(name).alias(name + _NEW) for name in given))
        rows = rows.join(renamed, on=list(on), how="left") if on else rows.join(renamed, how="cross")
        rows = rows.with_columns(
            (pl.coalesce(pl.col(name + _NEW), name) if wins else pl.coalesce(name, pl.col(name + _NEW))).alias(name) for name in given
        ).drop(name + _NEW for name in given)
    return rows


def without(rows: pl.LazyFrame, deletion: Deletion, layout: Layout) -> pl.LazyFrame:
    """Rows without the observations, or the values, that a deletion names."""
    given = list(deletion.given)
    if not deletion.values:
        return rows.join(deletion.keys.lazy(), on=given, how="anti") if given else rows.clear()
    hit = rows.join(deletion.keys.lazy().with_columns(pl.lit(value=True).alias(_STATE)), on=given, how="left") if given else None
    if hit is None:
        return rows.with_columns(pl.lit(None, dtype=layout.components[name]).alias(name) for name in deletion.values)
    return hit.with_columns(pl.when(pl.col(_STATE).is_null()).then(pl.col(name)).alias(name) for name in deletion.values).drop(_STATE)


def values_without(values: pl.DataFrame, deletion: Deletion, on: tuple[str, ...], layout: Layout) -> pl.DataFrame:
    """Attribute values per combination of dimensions without those that a deletion names, or whose observations it deletes altogether."""
    names = tuple(name for name in deletion.values if name in values.columns)
    is_about = bool(names) if deletion.values else set(deletion.given) <= set(on)
    return without(values.lazy(), replace(deletion, values=names), layout).collect() if is_about else values


def outcome(
    before: pl.DataFrame, after: pl.DataFrame, given: pl.DataFrame, layout: Layout, *, submission: str, moment: datetime
) -> RangeOutcome:
    """Compare the rows of a range before and after: what stays, what is closed, what is new.

    ``given`` are the keys that the submission brought; those of them that stay as they were count as unchanged.
    """
    stamp = [
        pl.lit(moment).cast(layout.columns[VALID_FROM]).alias(VALID_FROM),
        pl.lit(None, dtype=layout.columns[VALID_TO]).alias(VALID_TO),
        pl.lit(submission).alias(SUBMISSION),
    ]
    if not before.height:
        return RangeOutcome(sorted_rows(after, layout).with_columns(stamp), before, after.height, 0, 0, 0)
    compared = [name for name in layout.components if name not in layout.keys]
    took_over = pl.col(AGREEMENT).is_not_null() & pl.col(AGREEMENT).ne_missing(pl.col(AGREEMENT + _NEW))
    old_values = (pl.col(name).alias(name + _NEW) for name in (*compared, AGREEMENT))
    old = before.select(*layout.identity, *old_values, pl.lit(value=True).alias(_STATE))
    joined = after.join(old, on=layout.identity, how="left", nulls_equal=True)
    differs = pl.any_horizontal(took_over, *(pl.col(name).ne_missing(pl.col(name + _NEW)) for name in compared))
    known = pl.col(_STATE).is_not_null()
    names = list(layout.columns)
    inserted, updated = joined.filter(~known).select(names), joined.filter(known & differs).select(names)
    same = joined.filter(known & ~differs).select(names)
    kept = before.join(same.select(layout.identity), on=layout.identity, how="semi", nulls_equal=True)
    ended = before.join(same.select(layout.identity), on=layout.identity, how="anti", nulls_equal=True)
    current = pl.concat([kept.select(names), inserted.with_columns(stamp), updated.with_columns(stamp)]).sort(layout.order)
    closed = ended.select(names).with_columns(pl.lit(moment).cast(layout.columns[VALID_TO]).alias(VALID_TO))
    unchanged = kept.join(given, on=layout.identity, how="semi", nulls_equal=True).height
    return RangeOutcome(current, closed, inserted.height, updated.height, unchanged, ended.height - updated.height)
