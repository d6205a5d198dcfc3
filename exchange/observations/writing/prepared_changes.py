"""A change, checked and taken apart: whole observations, attribute values above the observation, and deletions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import polars as pl

from exchange.errors import InvalidObservations
from exchange.observations.ports import AGREEMENT, SOURCE_ROW, Action, Change, Mandate
from exchange.observations.table.layout import KEY_SEPARATOR, SERIES, Layout, conform, place, sorted_rows
from exchange.observations.table.time_columns import with_time_columns
from exchange.observations.writing.runs import Runs, Staging, chunks
from registry.model.data_types import SWITCHED_OFF


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
    """A change as the store holds it until it is applied.

    Attributes:
        rows: The observations, as runs in default order.
        of_series: Rows with whole series keys that carry attributes of series and no observation.
        assigned: Dimensions to the attribute values that hold for each combination of them; groups and dataset only.
        announced: The same of rows that carry attributes and no observation, of series too, with the first of their rows.
        deletions: In no particular order; empty unless the action is delete.
    """

    action: Action
    rows: Runs = field(default_factory=Runs)
    of_series: pl.DataFrame = field(default_factory=pl.DataFrame)
    assigned: dict[tuple[str, ...], pl.DataFrame] = field(default_factory=dict)
    announced: dict[tuple[str, ...], pl.DataFrame] = field(default_factory=dict)
    deletions: tuple[Deletion, ...] = ()
    mandate: Mandate | None = None

    def between(self, lower: str | None, upper: str | None, layout: Layout) -> RangeChange:
        """What it means for the series from ``lower`` (inside) to ``upper`` (outside).

        Raises:
            InvalidObservations: When a key stands there twice with different content, or an attribute of a series has several values.
        """
        found = self.rows.between(lower, upper)
        observations = _no_observations(layout) if found is None else _distinct(sorted_rows(found, layout), layout)
        partial = _inside(self.of_series, lower, upper)
        of_series = {on: _assignments(observations, partial, on, names, layout) for on, names in _of_series(layout)}
        assigned = self.assigned | of_series
        given = {on: frame for on, frame in assigned.items() if frame.height}
        return RangeChange(self.action, observations, given, self.deletions, self.mandate)


@dataclass(frozen=True)
class RangeChange:
    """A change as far as it concerns a range of series.

    Attributes:
        observations: Rows with a whole key, sorted, one per observation, with all columns of the table that have values.
        assigned: Dimensions to the attribute values that hold for each combination of them.
    """

    action: Action
    observations: pl.DataFrame
    assigned: dict[tuple[str, ...], pl.DataFrame]
    deletions: tuple[Deletion, ...] = ()
    mandate: Mandate | None = None


def prepare(change: Change, layout: Layout, staging: Staging) -> PreparedChange:
    """Check a change and take it apart; what is many waits in the staging area.

    Raises:
        InvalidObservations: When columns, types, periods or keys are not right, or when an attribute above the series has several
            values where it may have one.
    """
    batches = (conform(batch, layout) for batch in change.batches)
    if change.action is Action.DELETE:
        frames = list(batches)
        deletions = _deletions(pl.concat(frames, how="diagonal"), layout) if frames else ()
        return PreparedChange(change.action, deletions=deletions, mandate=change.mandate)
    runs, partials, values = [], [], _AttributeValues(layout)
    for rows in chunks(batches):
        observations, partial = _by_key(rows, layout)
        _check_partial(partial, layout)
        values.gather(observations)
        partials.append(partial)
        if observations.height:
            observations = with_time_columns(observations, layout.time).with_columns(_series(observations, layout), *_owner(change))
            runs.append(staging.keep(sorted_rows(observations, layout)))
    partial = pl.concat(partials, how="diagonal") if partials else _no_observations(layout)
    whole = partial.drop_nulls(list(layout.dimensions)) if layout.dimensions else partial
    of_series = whole.with_columns(layout.series_expression()).sort(SERIES)
    return PreparedChange(
        change.action, Runs(tuple(runs)), of_series, values.assigned(partial), _announced(partial, layout), mandate=change.mandate
    )


def _announced(partial: pl.DataFrame, layout: Layout) -> dict[tuple[str, ...], pl.DataFrame]:
    """The attribute values of rows without observations, per combination of the dimensions they depend on."""
    announced = {}
    for on, names in layout.attachments().items():
        rows = partial.drop_nulls(list(on)) if on and partial.height else partial
        given = [name for name in names if name in rows.columns]
        rows = rows.filter(pl.any_horizontal(pl.lit(value=False), *(pl.col(name).is_not_null() for name in given)))
        if rows.height:
            first = pl.col(SOURCE_ROW).min() if SOURCE_ROW in rows.columns else pl.lit(None, pl.Int64).alias(SOURCE_ROW)
            values = [*(pl.col(name).drop_nulls().first() for name in given), first]
            announced[on] = rows.group_by(on, maintain_order=True).agg(values) if on else rows.select(values)
    return announced


def _owner(change: Change) -> list[pl.Expr]:
    """The column that says under which agreement rows are reported; none where they are reported under none."""
    return [pl.lit(change.mandate.agreement).alias(AGREEMENT)] if change.mandate else []


class _AttributeValues:
    """The values of the attributes of groups and dataset, gathered from one part of the rows after the other."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._groups = {on: names for on, names in layout.attachments().items() if on != layout.dimensions}
        self._found: dict[tuple[str, ...], list[pl.DataFrame]] = {on: [] for on in self._groups}

    def gather(self, rows: pl.DataFrame) -> None:
        """Remember the values of some rows."""
        for on, names in self._groups.items():
            distinct = [*on, *(name for name in names if name in rows.columns)]
            place_known = [name for name in (SOURCE_ROW,) if name in rows.columns]
            if len(distinct) > len(on):
                self._found[on].append(rows.select(*distinct, *place_known).unique(distinct, keep="first", maintain_order=True))

    def assigned(self, partial: pl.DataFrame) -> dict[tuple[str, ...], pl.DataFrame]:
        """The value of each attribute per combination of the dimensions it depends on; rows with a partial key count as well.

        Raises:
            InvalidObservations: When there are several.
        """
        assigned = {}
        for on, names in self._groups.items():
            rows = pl.concat(self._found[on], how="diagonal") if self._found[on] else partial.select(on).clear()
            assigned[on] = _assignments(rows, partial, on, names, self._layout)
        return {on: frame for on, frame in assigned.items() if frame.height}


def _of_series(layout: Layout) -> list[tuple[tuple[str, ...], list[str]]]:
    """The attributes that depend on all dimensions but time; none where these make the whole key."""
    return [(on, names) for on, names in layout.attachments().items() if on == layout.dimensions]


def _inside(rows: pl.DataFrame, lower: str | None, upper: str | None) -> pl.DataFrame:
    """The rows of a range; they are sorted, so two searches do."""
    if not rows.height or (lower is None and upper is None):
        return rows
    begin = 0 if lower is None else rows[SERIES].search_sorted(lower, side="left")
    end = rows.height if upper is None else rows[SERIES].search_sorted(upper, side="left")
    return rows.slice(begin, end - begin)


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
    return rows.filter(whole), rows.filter(~whole)


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
    given = [name for name in names if name in observations.columns]
    frames = [_single(observations, (SERIES,) if on == layout.dimensions else on, on, given)] if given else []
    partial = partial.drop_nulls(list(on)) if on and partial.height else partial
    also = [name for name in names if name in partial.columns]
    if partial.height and also:
        frames.append(partial.select(*on, *also))
        frames = [_single(pl.concat(frames, how="diagonal"), on, on, list(dict.fromkeys([*given, *also])))]
    if not frames:
        return pl.DataFrame()
    found = frames[0].filter(pl.any_horizontal(pl.col(name).is_not_null() for name in frames[0].columns if name not in on))
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
    return groups.select(*on, *names)


def _has_several(name: str, kind: pl.DataType) -> pl.Expr:
    if kind.is_nested():
        return pl.col(name).drop_nulls().n_unique() > 1
    return (pl.col(name).min() != pl.col(name).max()).fill_null(value=False)


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
