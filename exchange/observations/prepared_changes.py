"""A change, checked and taken apart: whole observations, attribute values above the observation, and deletions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import polars as pl

from exchange.errors import InvalidObservations
from exchange.observations.layout import KEY_SEPARATOR, SERIES, Layout, conform, place, plain, sorted_rows
from exchange.observations.ports import Action, Change
from exchange.observations.time_columns import with_time_columns

#: How a dimension is written that a row is not about (SDMX 3.x).
SWITCHED_OFF = "~"


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
    rows = conform(change.batches, layout)
    if change.action is Action.DELETE:
        return PreparedChange(change.action, _no_observations(layout), deletions=_deletions(plain(rows), layout))
    observations, partial = _by_key(rows, layout)
    _check_partial(partial, layout)
    observations = with_time_columns(observations, layout.time).with_columns(_series(observations, layout))
    observations = _distinct(sorted_rows(observations, layout), layout)
    assigned = {on: _assignments(observations, partial, on, names, layout) for on, names in layout.attachments().items()}
    return PreparedChange(change.action, observations, {on: frame for on, frame in assigned.items() if frame.height})


def _by_key(rows: pl.DataFrame, layout: Layout) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows with a whole key, and rows that carry attributes of a part of the key.

    The latter may write ``~`` for the dimensions they are not about.
    """
    if any((rows[name] == SWITCHED_OFF).any() for name in layout.keys):
        measures = [pl.col(name).is_null() for name in layout.measures if name in rows.columns]
        off = pl.all_horizontal(pl.lit(value=True), *measures)
        rows = rows.with_columns(pl.when(off & (pl.col(n) == SWITCHED_OFF)).then(None).otherwise(pl.col(n)).alias(n) for n in layout.keys)
    if not any(rows[name].null_count() for name in layout.keys):
        return rows, rows.clear()
    whole = pl.all_horizontal(pl.col(name).is_not_null() for name in layout.keys)
    return rows.filter(whole), plain(rows.filter(~whole))


def _no_observations(layout: Layout) -> pl.DataFrame:
    return pl.DataFrame(schema={name: layout.columns[name] for name in [*layout.order, *layout.dimensions]})


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
                f"{name} needs a value of {', '.join(lacking)}{place(wrong)}; "
                "give the dimension, or delete with action D to mean any value."
            )


def _series(rows: pl.DataFrame, layout: Layout) -> pl.Series:
    """The joined series key of each row."""
    for name in layout.dimensions:
        values = rows[name].unique().cast(pl.String)
        broken = values.filter(values.str.contains(KEY_SEPARATOR, literal=True))
        if broken.len():
            raise InvalidObservations(f"{name} has a value with the control character U+001F, {broken[0]!r}; remove it.")
    return rows.select(layout.series_expression()).to_series()


def _distinct(rows: pl.DataFrame, layout: Layout) -> pl.DataFrame:
    """One row per observation, of rows in order.

    Raises:
        InvalidObservations: When a key stands there twice with different content.
    """
    same = pl.all_horizontal(pl.col(name) == pl.col(name).shift(1) for name in layout.identity).fill_null(value=False)
    if not rows.select(same.any()).item():
        return rows
    content = [name for name in rows.columns if name in layout.components]
    unique = rows.unique(subset=content, maintain_order=True)
    repeated = unique.filter(same | same.shift(-1).fill_null(value=False))
    if repeated.height:
        first = repeated.filter(pl.all_horizontal(pl.col(name) == repeated[name][0] for name in layout.identity))
        key = ", ".join(f"{name}={first[name][0]}" for name in layout.keys)
        more = repeated.select(layout.identity).n_unique() - 1
        also = f" {more} more keys are repeated." if more else ""
        raise InvalidObservations(f"The observation {key} stands there more than once with different content{place(first)}.{also}")
    return unique


def _assignments(
    observations: pl.DataFrame, partial: pl.DataFrame, on: tuple[str, ...], names: Sequence[str], layout: Layout
) -> pl.DataFrame:
    """The value of each attribute per combination of the dimensions it depends on; per series also with the joined key, in its order.

    Raises:
        InvalidObservations: When there are several.
    """
    present = [name for name in names if name in observations.columns]
    if not present:
        return pl.DataFrame()
    frames = [_single(observations, (SERIES,) if on == layout.dimensions else on, on, present)]
    partial = partial.drop_nulls(list(on)) if on else partial
    if partial.height:
        keyed = partial.with_columns(layout.series_expression()) if on == layout.dimensions else partial
        both = pl.concat([frames[0], keyed.select(frames[0].columns)])
        frames = [_single(both, on, on, present)]
    found = frames[0].filter(pl.any_horizontal(pl.col(name).is_not_null() for name in present))
    return found.with_columns(layout.series_expression()).sort(SERIES) if on == layout.dimensions else found


def _single(rows: pl.DataFrame, group: tuple[str, ...], on: tuple[str, ...], names: Sequence[str]) -> pl.DataFrame:
    """The values of some attributes per group, with the dimensions of the group."""
    values = [pl.col(name).first() for name in on if name not in group]
    values += [pl.col(name).drop_nulls().first() for name in names]
    values += [_has_several(name, rows.schema[name]).alias(f"several {name}") for name in names]
    groups = rows.group_by(group).agg(values) if group else rows.select(values)
    for name in names:
        several = groups.filter(pl.col(f"several {name}"))
        if several.height:
            found = rows.filter(pl.all_horizontal(pl.lit(value=True), *(pl.col(g) == several[g][0] for g in group)))
            examples = ", ".join(repr(value) for value in found[name].drop_nulls().unique().head(3))
            raise InvalidObservations(
                f"{name} must have one value for {', '.join(f'{d}={several[d][0]}' for d in on) or 'the dataset'}, but has for instance "
                f"{examples}{place(found)}; there are {several.height} such cases. It is attached to {', '.join(on) or 'the dataset'}."
            )
    return plain(groups.select(*on, *names))


def _has_several(name: str, kind: pl.DataType) -> pl.Expr:
    if kind.is_nested():
        return pl.col(name).drop_nulls().n_unique() > 1
    column = pl.col(name).to_physical() if kind == pl.Categorical else pl.col(name)
    return (column.min() != column.max()).fill_null(value=False)


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
        deletions.extend(_of_shape(group, given, values, layout))
    return tuple(deletions)


def _of_shape(rows: pl.DataFrame, given: tuple[str, ...], values: tuple[str, ...], layout: Layout) -> Iterator[Deletion]:
    """An attribute above the observation goes for all observations its value holds for, or it would not be one value."""
    own = tuple(name for name in values if name not in layout.attached)
    if own or not values:
        yield Deletion(given, own, rows.select(given).unique())
    for name in values:
        if name in layout.attached:
            on = tuple(dimension for dimension in given if dimension in layout.attached[name])
            yield Deletion(on, (name,), rows.select(on).unique())
