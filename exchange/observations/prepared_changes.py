"""A change, checked and taken apart: whole observations, attribute values above the observation, and deletions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from exchange.errors import InvalidObservations
from exchange.observations.layout import KEY_SEPARATOR, SERIES, Layout, conform
from exchange.observations.ports import SOURCE_ROW, Action, Change
from exchange.observations.time_columns import with_time_columns

#: How a dimension is written that a row is not about (SDMX 3.x).
SWITCHED_OFF = "~"
_EXAMPLES = 5


@dataclass(frozen=True)
class Deletion:
    """What the rows of one shape delete.

    Attributes:
        given: The dimensions that are given; the others stand for any value.
        values: The measures and attributes to delete; empty means the observations themselves.
        keys: Distinct values of the given dimensions.
    """

    given: tuple[str, ...]
    values: tuple[str, ...]
    keys: pl.DataFrame


@dataclass(frozen=True)
class PreparedChange:
    """A change as the store applies it.

    Attributes:
        observations: Rows with a whole key, sorted, one per observation, with all columns of the table that have values.
        assigned: Dimensions to the attribute values that hold for each combination of them.
        deletions: In no particular order; empty unless the action is delete.
    """

    action: Action
    observations: pl.DataFrame
    assigned: dict[tuple[str, ...], pl.DataFrame] = field(default_factory=dict)
    deletions: tuple[Deletion, ...] = ()


def prepare(change: Change, layout: Layout) -> PreparedChange:
    """Check a change and take it apart.

    Raises:
        InvalidObservations: When columns, types, periods or keys are not right, when a key stands there twice with different
            content, or when an attribute has several values where it may have one.
    """
    rows = conform(list(change.batches), layout)
    if change.action is Action.DELETE:
        return PreparedChange(change.action, _no_observations(layout), deletions=_deletions(rows, layout))
    rows = _without_switched_off(rows, layout)
    whole = pl.all_horizontal(pl.col(name).is_not_null() for name in layout.keys)
    observations, partial = rows.filter(whole), rows.filter(~whole)
    _check_partial(partial, layout)
    _check_keys(observations, layout)
    observations = with_time_columns(observations, layout.time).with_columns(layout.series_expression())
    observations = _distinct(observations, layout).sort(layout.order)
    assigned = {on: _assignments(observations, partial, on, names) for on, names in layout.attachments().items()}
    if layout.dimensions in assigned and assigned[layout.dimensions].height:
        assigned[layout.dimensions] = assigned[layout.dimensions].with_columns(layout.series_expression()).sort(SERIES)
    return PreparedChange(change.action, observations, {on: frame for on, frame in assigned.items() if frame.height})


def _no_observations(layout: Layout) -> pl.DataFrame:
    return pl.DataFrame(schema={name: layout.columns[name] for name in [*layout.order, *layout.dimensions]})


def _without_switched_off(rows: pl.DataFrame, layout: Layout) -> pl.DataFrame:
    """Rows that only carry attributes may write ``~`` for the dimensions they are not about; that is a partial key."""
    measures = [name for name in layout.measures if name in rows.columns]
    only_attributes = pl.all_horizontal(pl.lit(value=True), *(pl.col(name).is_null() for name in measures))
    return rows.with_columns(
        pl.when(only_attributes & (pl.col(name) == SWITCHED_OFF)).then(None).otherwise(pl.col(name)).alias(name) for name in layout.keys
    )


def _check_partial(partial: pl.DataFrame, layout: Layout) -> None:
    """Rows with a partial key may carry nothing but attributes of the dimensions they give."""
    if not partial.height:
        return
    for name in layout.values:
        if name not in partial.columns:
            continue
        needed = layout.attached.get(name, layout.keys)
        wrong = partial.filter(pl.col(name).is_not_null() & pl.any_horizontal(pl.lit(value=False), *(pl.col(d).is_null() for d in needed)))
        if wrong.height:
            lacking = [d for d in needed if wrong[d][0] is None]
            raise InvalidObservations(
                f"{name} needs a value of {', '.join(lacking)}{_place(wrong)}; give the dimension, or delete with action D to mean any value."
            )


def _check_keys(rows: pl.DataFrame, layout: Layout) -> None:
    broken = rows.filter(pl.any_horizontal([pl.col(name).str.contains(KEY_SEPARATOR, literal=True) for name in layout.dimensions]))
    if broken.height:
        raise InvalidObservations(f"A dimension value contains the control character U+001F{_place(broken)}; remove it.")


def _place(rows: pl.DataFrame) -> str:
    if SOURCE_ROW not in rows.columns:
        return ""
    numbers = rows[SOURCE_ROW].drop_nulls().head(_EXAMPLES).to_list()
    return f" (row {', '.join(map(str, numbers))})" if numbers else ""


def _distinct(rows: pl.DataFrame, layout: Layout) -> pl.DataFrame:
    """One row per observation.

    Raises:
        InvalidObservations: When a key stands there twice with different content.
    """
    if not rows.select(pl.struct(layout.identity).is_duplicated().any()).item():
        return rows
    content = [name for name in rows.columns if name in layout.components]
    unique = rows.unique(subset=content, maintain_order=True)
    twice = unique.filter(pl.struct(layout.identity).is_duplicated()).sort(layout.order)
    if twice.height:
        first = twice.filter(pl.struct(layout.identity) == twice.select(pl.struct(layout.identity).first()).to_series())
        key = ", ".join(f"{name}={first[name][0]}" for name in layout.keys)
        more = twice.select(pl.struct(layout.identity).n_unique()).item() - 1
        also = f" {more} more keys are repeated." if more else ""
        raise InvalidObservations(f"The observation {key} stands there more than once with different content{_place(first)}.{also}")
    return unique


def _assignments(observations: pl.DataFrame, partial: pl.DataFrame, on: tuple[str, ...], names: Sequence[str]) -> pl.DataFrame:
    """The value of each attribute per combination of the dimensions it depends on.

    Raises:
        InvalidObservations: When there are several.
    """
    present = [name for name in names if name in observations.columns]
    frames = [rows.select(*on, *present) for rows in (observations, partial) if present and rows.height]
    if not frames:
        return pl.DataFrame()
    rows = pl.concat(frames, how="diagonal_relaxed").filter(pl.any_horizontal(pl.col(name).is_not_null() for name in present))
    rows = rows.drop_nulls(list(on)) if on else rows
    values = [pl.col(name).drop_nulls().first() for name in present]
    counts = [pl.col(name).drop_nulls().n_unique().alias(f"count {name}") for name in present]
    groups = rows.group_by(on).agg(*values, *counts) if on else rows.select(*values, *counts)
    for name in present:
        several = groups.filter(pl.col(f"count {name}") > 1)
        if several.height:
            where = ", ".join(f"{dimension}={several[dimension][0]}" for dimension in on) or "the dataset"
            found = (
                rows.filter(pl.all_horizontal(pl.lit(value=True), *(pl.col(d) == several[d][0] for d in on)))[name].drop_nulls().unique()
            )
            raise InvalidObservations(
                f"{name} must have one value for {where}, but has for instance {', '.join(map(repr, found.head(3).to_list()))} "
                f"({several.height} such cases). It is attached to {', '.join(on) or 'the dataset'}."
            )
    return groups.select(*on, *present)


def _deletions(rows: pl.DataFrame, layout: Layout) -> tuple[Deletion, ...]:
    """Rows by shape: which dimensions are given and which values are named."""
    present = [name for name in layout.values if name in rows.columns]
    rows = rows.with_columns(pl.col(name).replace(SWITCHED_OFF, None) for name in layout.keys)
    shape = [pl.col(name).is_not_null().alias(f"has {name}") for name in (*layout.keys, *present)]
    deletions: list[Deletion] = []
    for flags, group in rows.with_columns(shape).group_by([f"has {name}" for name in (*layout.keys, *present)], maintain_order=True):
        has = dict(zip((*layout.keys, *present), flags, strict=True))
        given = tuple(name for name in layout.keys if has[name])
        values = tuple(name for name in present if has[name])
        deletions.append(Deletion(given, values, group.select(given).unique()))
    return tuple(deletions)
