"""Aggregation: indicators over combinations of dimensions, with totals.

A row contributes to an indicator when ``among`` holds and its argument is not missing. The intermediate columns are plain sums,
counts and medians, which every frame engine knows; the statistics are made from them afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations, product
from typing import Final

import narwhals.stable.v2 as nw

from mappings.cells import (
    DENOMINATOR,
    INDICATOR,
    MET,
    NUMERATOR,
    OF_INDICATORS,
    UNITS,
    VALUE,
    IndicatorColumns,
    aggregate_column,
    columns_of_indicator,
    mapped,
)
from mappings.expressions.compiling import compile_condition, compile_expression
from mappings.expressions.kinds import Kind
from mappings.expressions.parsing import parse
from mappings.expressions.rounding import Rounding, constant
from mappings.ports import Rows
from mappings.readers.ports import ROW
from mappings.recipe.model import Indicator
from mappings.steps.decimals import Decimals, plain, scaled_value, with_whole_numbers
from mappings.steps.multi_select import Breakdown


@dataclass(frozen=True)
class Cube:
    """What the cells are broken down by.

    Attributes:
        dimensions: Components whose values come from rows, in the order of the data structure.
        totals: Code of the total per dimension that has one.
        breakdowns: Multi-select dimensions and their answers.
        by_unit: True when a column says which rows belong to one unit.
        groupings: Combinations of broken-down dimensions; the dimensions with a total that are left out show it.
    """

    dimensions: tuple[str, ...]
    totals: Mapping[str, str]
    breakdowns: Mapping[str, Breakdown]
    groupings: tuple[tuple[str, ...], ...]
    by_unit: bool = False


def all_groupings(dimensions: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """Every combination, from the grand total to the full breakdown."""
    listed = list(dimensions)
    return tuple(chain.from_iterable(combinations(listed, size) for size in range(len(listed) + 1)))


def prepare(rows: Rows, indicators: Mapping[str, Indicator], kinds: Mapping[str, Kind], unit: str | None = None) -> Rows:
    """Add the working columns of every indicator to the rows: whether a row contributes, its argument, denominator and weight.

    With a ``unit`` column also the unit that contributes, and the unit that meets the condition or is counted.
    """
    for index, indicator in enumerate(indicators.values()):
        among = compile_condition(parse(indicator.among), kinds) if indicator.among else nw.lit(True)
        argument = _argument(indicator, kinds)
        divisor = _number(indicator.to, kinds) if indicator.to else nw.lit(1.0)
        weight = _number(indicator.weight, kinds) if indicator.weight else nw.lit(1.0)
        known = ~argument.is_null() & ~divisor.is_null() & ~weight.is_null()
        contributes = among if indicator.statistic == "value" else among & known
        own = columns_of_indicator(index)
        rows = rows.with_columns(contributes.alias(own.contributes))
        rows = rows.with_columns(
            *[
                nw.when(nw.col(own.contributes)).then(part).otherwise(None).alias(name)
                for name, part in ((own.argument, argument), (own.weight, weight), (own.divisor, divisor))
            ]
        )
        rows = _with_units(rows, own, unit)
    return rows


def _argument(indicator: Indicator, kinds: Mapping[str, Kind]) -> nw.Expr:
    """What is summed; a count of a column counts the rows in which it is there, whatever it holds."""
    if indicator.of is None:
        return nw.lit(1.0)
    if indicator.statistic == "count":
        counted, _ = compile_expression(parse(indicator.of), kinds)
        return nw.when(~counted.is_null()).then(nw.lit(1.0)).otherwise(None)
    return _number(indicator.of, kinds)


def _with_units(rows: Rows, own: IndicatorColumns, unit: str | None) -> Rows:
    """Which unit stands behind a row. A row without an id of its unit is a unit of its own: two of them are never taken for one."""
    if unit is None:
        return rows
    named, row = nw.concat_str([nw.lit("="), nw.col(unit).cast(nw.String)]), nw.concat_str([nw.lit("~"), nw.col(ROW).cast(nw.String)])
    contributes, meets = nw.col(own.contributes), nw.coalesce(nw.col(own.argument) != 0, nw.lit(False))
    return rows.with_columns(
        nw.when(contributes).then(nw.coalesce(named, row)).otherwise(None).alias(own.unit),
        nw.when(contributes & meets).then(nw.coalesce(named, row)).otherwise(None).alias(own.meeting_unit),
    )


def aggregate(rows: Rows, indicators: Mapping[str, Indicator], cube: Cube, decimals: Sequence[Decimals], rounding: Rounding) -> Rows:
    """One row per cell and indicator: dimensions, ``indicator``, ``n``, ``value``, ``numerator``, ``denominator``."""
    rows = with_whole_numbers(rows, decimals)
    parts = [
        _indicator_cells(cells, index, name, indicator, cube, decimals[index], rounding)
        for grouping in cube.groupings
        for cells in [_cells(rows, len(indicators), cube, grouping)]
        for index, (name, indicator) in enumerate(indicators.items())
    ]
    return nw.concat(parts, how="vertical")


def contributions(rows: Rows, indicators: Mapping[str, Indicator], cube: Cube) -> Rows:
    """Which source rows went into which cell: dimensions, ``indicator`` and the row."""
    parts = []
    for grouping in cube.groupings:
        spread = nw.concat(list(_spread(rows, cube, grouping)), how="vertical")
        for index, name in enumerate(indicators):
            keys = [nw.col(mapped(d)) for d in cube.dimensions]
            own = columns_of_indicator(index)
            parts.append(spread.filter(nw.col(own.contributes)).select(*keys, nw.lit(name).alias(INDICATOR), nw.col(ROW)))
    return nw.concat(parts, how="vertical")


def as_they_stand(rows: Rows, indicators: Mapping[str, Indicator], cube: Cube, decimals: Sequence[Decimals], rounding: Rounding) -> Rows:
    """One observation per row and indicator, without aggregation; the row goes with it."""
    rows = with_whole_numbers(rows, decimals)
    parts = []
    for index, (name, indicator) in enumerate(indicators.items()):
        own = columns_of_indicator(index)
        places = decimals[index].argument
        value = scaled_value(nw.col(own.argument), constant(1.0, nw.col(own.argument)), places, indicator, rounding)
        parts.append(
            rows.filter(nw.col(own.contributes)).select(
                *[nw.col(mapped(d)) for d in cube.dimensions],
                nw.lit(name).alias(INDICATOR),
                (~nw.col(own.argument).is_null()).cast(nw.Int64).alias(UNITS),
                nw.lit(None).cast(nw.Int64).alias(MET),
                value.alias(VALUE),
                plain(nw.col(own.argument), places).alias(NUMERATOR),
                nw.lit(None).cast(nw.Float64).alias(DENOMINATOR),
                nw.col(ROW),
            )
        )
    return nw.concat(parts, how="vertical")


def _number(text: str, kinds: Mapping[str, Kind]) -> nw.Expr:
    compiled, _ = compile_expression(parse(text), kinds)
    return compiled.cast(nw.Float64)


def _spread(rows: Rows, cube: Cube, grouping: tuple[str, ...]) -> Iterator[Rows]:
    """The rows of a grouping, once per combination of multi-select answers, with totals in the dimensions left out."""
    fixed = [nw.lit(code).alias(mapped(d)) for d, code in cube.totals.items() if d not in grouping]
    rows = rows.with_columns(*fixed) if fixed else rows
    selected = [d for d in grouping if d in cube.breakdowns]
    wanted = [mapped(d) for d in cube.dimensions]
    for answers in product(*[cube.breakdowns[d].flags.items() for d in selected]):
        part = rows
        for dimension, (code, flag) in zip(selected, answers, strict=True):
            part = part.filter(nw.col(flag)).with_columns(nw.lit(code).alias(mapped(dimension)))
        yield part.select(nw.selectors.matches(OF_INDICATORS), *wanted, ROW)


def _cells(rows: Rows, indicators: int, cube: Cube, grouping: tuple[str, ...]) -> Rows:
    spread = nw.concat(list(_spread(rows, cube, grouping)), how="vertical")
    aggregates = []
    for index in range(indicators):
        own = columns_of_indicator(index)
        value = nw.col(own.argument)
        made = {
            **_counts(own, cube.by_unit),
            NUMERATOR: nw.col(own.weighted).sum(),
            DENOMINATOR: nw.col(own.weighted_divisor).sum(),
            "median": value.median(),
            "min": value.min(),
            "max": value.max(),
        }
        aggregates += [expression.alias(aggregate_column(name, index)) for name, expression in made.items()]
    keys = [mapped(d) for d in cube.dimensions]
    if keys:
        return spread.group_by(*keys).agg(*aggregates)
    return spread.select(*aggregates)


def _counts(own: IndicatorColumns, by_unit: bool) -> dict[str, nw.Expr]:
    """Number of units that contribute, and of those whose argument is not zero (they meet the condition of a proportion)."""
    if not by_unit:
        met = nw.col(own.contributes) & nw.coalesce(nw.col(own.argument) != 0, nw.lit(False))
        return {UNITS: nw.col(own.contributes).cast(nw.Int64).sum(), MET: met.cast(nw.Int64).sum()}
    return {UNITS: _distinct(own.unit), MET: _distinct(own.meeting_unit)}


def _distinct(column: str) -> nw.Expr:
    return nw.col(column).n_unique() - nw.col(column).is_null().any().cast(nw.Int64)


#: Statistics that are one aggregate of the argument.
_OF_ARGUMENT: Final = frozenset({"median", "min", "max"})


def _indicator_cells(cells: Rows, index: int, name: str, indicator: Indicator, cube: Cube, decimals: Decimals, rounding: Rounding) -> Rows:
    numerator, denominator = (nw.col(aggregate_column(part, index)) for part in (NUMERATOR, DENOMINATOR))
    if indicator.statistic in _OF_ARGUMENT:
        # A median may lie halfway between two whole numbers.
        above = nw.col(aggregate_column(indicator.statistic, index)) * 2
        below, places = constant(2.0, above), decimals.argument
    elif indicator.statistic in {"count", "sum"}:
        above, below, places = numerator, constant(1.0, numerator), decimals.above
    else:
        above, below, places = numerator, denominator, decimals.above - decimals.below
    return cells.select(
        *[nw.col(mapped(d)) for d in cube.dimensions],
        nw.lit(name).alias(INDICATOR),
        nw.col(aggregate_column(UNITS, index)).cast(nw.Int64).alias(UNITS),
        nw.col(aggregate_column(MET, index)).cast(nw.Int64).alias(MET),
        scaled_value(above, below, places, indicator, rounding).cast(nw.Float64).alias(VALUE),
        plain(numerator, decimals.above).alias(NUMERATOR),
        plain(denominator, decimals.below).alias(DENOMINATOR),
    )
