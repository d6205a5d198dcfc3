"""Which rows a selection wants, as expressions, and which files can hold them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from itertools import product
from math import prod
from operator import or_

import polars as pl

from exchange.observations.ports import VALID_FROM, VALID_TO
from exchange.observations.reading.filter_predicates import filter_expression, time_filter_expression
from exchange.observations.table.lake_files import DataFile
from exchange.observations.table.layout import KEY_SEPARATOR, SERIES, Layout
from exchange.query.values.data_query import ObservationSelection
from exchange.query.values.filters import Operator, SeriesKey
from registry.model.data_types import ValueSpace
from registry.model.time_periods import REPORTING_YEAR_START_DAY

#: More keys than this are looked up in a set instead of being compared one after the other.
_FEW_KEYS, _MOST_COMBINATIONS = 16, 100_000


@dataclass(frozen=True)
class Predicate:
    """Rows wanted.

    Attributes:
        expressions: All must hold; empty means every row.
        values: Column to the only values it may have, as far as known: rules out files.
    """

    expressions: tuple[pl.Expr, ...] = ()
    values: Mapping[str, frozenset[str]] | None = None

    def may_hold(self, file: DataFile) -> bool:
        """False when the statistics of a file rule it out."""
        values = self.values or {}
        if SERIES in values and len(values[SERIES]) <= _FEW_KEYS:
            return _may_hold(file, SERIES, values[SERIES])
        return all(_may_hold(file, name, admitted) for name, admitted in values.items())


def _may_hold(file: DataFile, name: str, values: frozenset[str]) -> bool:
    if name == SERIES:
        return any(file.first <= value and (file.last is None or value <= file.last) for value in values)
    smallest, greatest = file.minima.get(name), file.maxima.get(name)
    if not isinstance(smallest, str) or not isinstance(greatest, str):
        return True
    return any(smallest <= value <= greatest for value in values)


def predicate(selection: ObservationSelection, layout: Layout, *, without: str | None = None) -> Predicate:
    """Keys and filters of a selection. ``without`` names a dimension whose own restrictions are left out."""
    keys = _without(selection.keys, layout, without)
    expressions: list[pl.Expr] = []
    values: dict[str, frozenset[str]] = {}
    if keys:
        expressions.extend(_keys(keys, layout, values))
    for component, wanted in selection.filters.items():
        if component == without:
            continue
        kind = layout.components.get(component)
        if kind is None:
            expressions.append(pl.lit(value=False))
            continue
        if component == layout.time:
            expressions.append(
                time_filter_expression(
                    component,
                    wanted,
                    start_day=selection.reporting_year_start_day,
                    own_start_days=REPORTING_YEAR_START_DAY in layout.components,
                )
            )
            continue
        expressions.append(filter_expression(component, kind, layout.types[component], wanted))
        terms = [term for alternative in wanted.alternatives for term in alternative[:1]]
        if (
            component in layout.dimensions
            and layout.types[component].space is ValueSpace.TEXT
            and all(term.operator is Operator.EQUALS for term in terms)
        ):
            values[component] = frozenset(term.value for term in terms) & values.get(component, frozenset(term.value for term in terms))
    return Predicate(tuple(expressions), values)


def _without(keys: Sequence[SeriesKey], layout: Layout, dimension: str | None) -> tuple[SeriesKey, ...]:
    if dimension is None or dimension not in layout.dimensions:
        return tuple(keys)
    at = layout.dimensions.index(dimension)
    return tuple(SeriesKey(tuple(None if i == at else values for i, values in enumerate(key.positions))) for key in keys)


def _keys(keys: Sequence[SeriesKey], layout: Layout, values: dict[str, frozenset[str]]) -> list[pl.Expr]:
    """Expressions for ORed keys; fills in the values that dimensions may have."""
    positions = [_padded(key, layout) for key in dict.fromkeys(keys)]
    if all(_is_whole(position) for position in positions) and _combinations(positions) <= _MOST_COMBINATIONS:
        series = frozenset(_joined(combination) for position in positions for combination in product(*(p or () for p in position)))
        values[SERIES] = series
        return [pl.col(SERIES).is_in(sorted(series))]
    for at, dimension in enumerate(layout.dimensions):
        sets = [position[at] for position in positions]
        if all(admitted is not None for admitted in sets):
            values[dimension] = frozenset(value for admitted in sets for value in admitted or ())
    expressions = [pl.col(name).is_in(sorted(admitted)) for name, admitted in values.items()]
    if len(positions) == 1 and not _is_whole(positions[0]):
        return expressions
    return [*expressions, reduce(or_, _partial_keys(positions, layout))]


def _padded(key: SeriesKey, layout: Layout) -> tuple[frozenset[str] | None, ...]:
    positions = key.positions[: len(layout.dimensions)]
    return positions + (None,) * (len(layout.dimensions) - len(positions))


def _is_whole(position: Sequence[frozenset[str] | None]) -> bool:
    return all(admitted is not None for admitted in position)


def _combinations(positions: Iterable[Sequence[frozenset[str] | None]]) -> int:
    return sum(prod(len(admitted) for admitted in position if admitted is not None) for position in positions)


def _joined(values: Iterable[str]) -> str:
    return KEY_SEPARATOR.join(values)


def _partial_keys(positions: Sequence[tuple[frozenset[str] | None, ...]], layout: Layout) -> list[pl.Expr]:
    """Keys grouped by the dimensions they give: a few are compared, many are looked up as joined values."""
    shapes: dict[tuple[int, ...], list[tuple[frozenset[str] | None, ...]]] = {}
    for position in positions:
        shapes.setdefault(tuple(at for at, admitted in enumerate(position) if admitted is not None), []).append(position)
    expressions: list[pl.Expr] = []
    for shape, members in shapes.items():
        if not shape:
            return [pl.lit(value=True)]
        columns = [pl.col(layout.dimensions[at]) for at in shape]
        if len(members) <= _FEW_KEYS or _combinations(members) > _MOST_COMBINATIONS:
            expressions.extend(
                pl.all_horizontal(column.is_in(sorted(member[at] or ())) for column, at in zip(columns, shape, strict=True))
                for member in members
            )
        else:
            wanted = {_joined(combination) for member in members for combination in product(*(member[at] or () for at in shape))}
            expressions.append(pl.concat_str(columns, separator=KEY_SEPARATOR).is_in(sorted(wanted)))
    return expressions


def valid_at(instant: datetime) -> pl.Expr:
    """Revisions that were valid at an instant."""
    return (pl.col(VALID_FROM) <= instant) & (pl.col(VALID_TO).is_null() | (pl.col(VALID_TO) > instant))
