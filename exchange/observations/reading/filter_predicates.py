"""Component filters as expressions (SDMX-REST 2.2.2, ``c[...]``; truth table in the standard's data queries)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import isnan
from operator import and_, ge, gt, le, lt, or_

import polars as pl

from exchange.observations.table.layout import END, INSTANT, START
from exchange.observations.table.time_columns import nominal_spans
from exchange.query.values.filters import ComponentFilter, Operator, Term
from mappings.checks.values import binary, kept, order_key
from registry.errors import InvalidTimePeriod
from registry.model.data_types import DATA_TYPES, MISSING, DataType, ValueSpace
from registry.model.time_periods import CALENDAR_YEAR_START, TimePeriod

#: What numbers that are kept digit by digit are compared with.
_ANY_NUMBER = DATA_TYPES["Decimal"]
_REPORTING = r"^[0-9]{4}-[ASTQMWD]"
_NOTHING, _EVERYTHING = pl.lit(value=False), pl.lit(value=True)
_NEGATIVE = {Operator.NOT_EQUALS: Operator.EQUALS, Operator.NOT_CONTAINS: Operator.CONTAINS}
_COMPARISONS: Mapping[Operator, Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
    Operator.LESS: lt,
    Operator.LESS_OR_EQUAL: le,
    Operator.GREATER: gt,
    Operator.GREATER_OR_EQUAL: ge,
}
_TEXT_ONLY = {Operator.CONTAINS, Operator.NOT_CONTAINS, Operator.STARTS_WITH, Operator.ENDS_WITH}


def filter_expression(component: str, kind: pl.DataType, values: DataType, wanted: ComponentFilter) -> pl.Expr:
    """True where a component meets a filter. A value that cannot occur matches nothing; what is absent differs from every value.

    Numbers compare as numbers, whatever their digits look like; a value that is missing on purpose equals ``NaN`` and ``#N/A``.
    """
    return _any_alternative(wanted, _comparison(component, kind, values))


def time_filter_expression(component: str, wanted: ComponentFilter, *, start_day: str, own_start_days: bool) -> pl.Expr:
    """True where a period meets a filter; periods compare as ranges (Technical Notes, time in query messages).

    With ``own_start_days`` observations say themselves when their reporting year starts; a reporting period of the query then means
    the reporting period of that name, whenever it starts.
    """

    def compare(term: Term) -> pl.Expr:
        return _compare_period(component, term, start_day, by_name=own_start_days and start_day == CALENDAR_YEAR_START)

    return _any_alternative(wanted, compare)


def _any_alternative(wanted: ComponentFilter, compare: Callable[[Term], pl.Expr]) -> pl.Expr:
    return _joined(or_, [_alternative(terms, compare) for terms in dict.fromkeys(wanted.alternatives)]) if wanted.alternatives else _NOTHING


def _alternative(terms: tuple[Term, ...], compare: Callable[[Term], pl.Expr]) -> pl.Expr:
    return _joined(and_, [_null_safe(term, compare) for term in dict.fromkeys(terms)]) if terms else _EVERYTHING


def _joined(operator: Callable[[pl.Expr, pl.Expr], pl.Expr], expressions: list[pl.Expr]) -> pl.Expr:
    """Some expressions as one, joined in pairs: an expression as deep as a long list of values takes seconds to plan."""
    while len(expressions) > 1:
        pairs = zip(expressions[::2], expressions[1::2], strict=False)
        expressions = [*(operator(*pair) for pair in pairs), *expressions[len(expressions) // 2 * 2 :]]
    return expressions[0]


def _null_safe(term: Term, compare: Callable[[Term], pl.Expr]) -> pl.Expr:
    positive = _NEGATIVE.get(term.operator)
    if positive is not None:
        return ~compare(Term(positive, term.value)).fill_null(value=False)
    return compare(term).fill_null(value=False)


def _comparison(component: str, kind: pl.DataType, values: DataType) -> Callable[[Term], pl.Expr]:
    column = pl.col(component)
    compare = _element_comparison(values, kind)
    if not isinstance(kind, pl.List):
        return lambda term: compare(column, term)
    if isinstance(kind.inner, pl.List):
        return lambda term: column.list.eval(pl.element().list.explode()).list.eval(compare(_text(pl.element()), term)).list.any()
    if isinstance(kind.inner, pl.Struct):
        return lambda term: column.list.eval(compare(_text(pl.element()), term)).list.any()
    return lambda term: column.list.eval(compare(pl.element(), term)).list.any()


def _text(localised: pl.Expr) -> pl.Expr:
    return localised.struct.field("value")


def _element_comparison(values: DataType, kind: pl.DataType) -> Callable[[pl.Expr, Term], pl.Expr]:
    """How one value of a type compares."""
    if values.space is ValueSpace.TRUTH:
        return lambda column, term: _compare_text(column, Term(term.operator, _BOOLEANS.get(term.value, term.value)))
    if not values.is_number:
        return _compare_text
    if values.is_exact:
        return _compare_exact
    return _compare_binary if kind.is_float() else lambda column, term: _compare_binary(column.cast(pl.Float64, strict=False), term)


_BOOLEANS: Mapping[str, str] = {"1": "true", "0": "false"}


def _compare_text(column: pl.Expr, term: Term) -> pl.Expr:
    value = pl.lit(term.value)
    match term.operator:
        case Operator.CONTAINS:
            return column.str.contains(value, literal=True)
        case Operator.STARTS_WITH:
            return column.str.starts_with(value)
        case Operator.ENDS_WITH:
            return column.str.ends_with(value)
    return _compare(column, term.operator, value)


def _compare_binary(column: pl.Expr, term: Term) -> pl.Expr:
    if term.operator in _TEXT_ONLY:
        return _compare_text(column.cast(pl.String), term)
    number = binary(pl.Series([term.value], dtype=pl.String))[0]
    if number is None:
        return _NOTHING
    if isnan(number):
        return column.is_nan() if term.operator is Operator.EQUALS else _NOTHING
    return _compare(column, term.operator, pl.lit(number)) & column.is_not_nan()


def _compare_exact(column: pl.Expr, term: Term) -> pl.Expr:
    """Numbers kept as text. 64-bit numbers tell most of them apart; only where these are equal are the digits compared."""
    if term.operator in _TEXT_ONLY:
        return _compare_text(column, term)
    asked = kept(pl.Series([term.value], dtype=pl.String), _ANY_NUMBER)
    if asked[0] is None:
        return _NOTHING
    if asked[0] == MISSING:
        return column == MISSING if term.operator is Operator.EQUALS else _NOTHING
    near = float(asked[0])

    def compare(values: pl.Series) -> pl.Series:
        frame = values.alias("text").to_frame().with_columns(pl.col("text").cast(pl.Float64, strict=False).alias("number"))
        found = frame.select(_compare(pl.col("number"), term.operator, pl.lit(near))).to_series()
        tie = frame["number"] == near
        if not tie.any():
            return found
        exact = frame.select(_compare(order_key(pl.col("text")), term.operator, order_key(pl.lit(asked[0])))).to_series()
        return exact.zip_with(tie.fill_null(value=False), found)

    return column.map_batches(compare, return_dtype=pl.Boolean, is_elementwise=True)


def _compare(column: pl.Expr, operator: Operator, value: pl.Expr) -> pl.Expr:
    compare = _COMPARISONS.get(operator)
    return column == value if compare is None else compare(column, value)


def _compare_period(component: str, term: Term, start_day: str, *, by_name: bool) -> pl.Expr:
    if term.operator in _TEXT_ONLY:
        return _compare_text(pl.col(component), term)
    try:
        period = TimePeriod.parse(term.value)
        first, last = period.interval(start_day)
    except InvalidTimePeriod:
        return _NOTHING
    start, end = _span(component, by_name=by_name and period.is_reporting)
    begins, ends = pl.lit(first, dtype=INSTANT), pl.lit(last, dtype=INSTANT)
    comparisons = {
        Operator.GREATER: start > ends,
        Operator.LESS: end < begins,
        Operator.GREATER_OR_EQUAL: start >= begins,
        Operator.LESS_OR_EQUAL: end <= ends,
    }
    return comparisons.get(term.operator, (start >= begins) & (end <= ends))


def _span(component: str, *, by_name: bool) -> tuple[pl.Expr, pl.Expr]:
    """Start and end of the period of a row."""
    if not by_name:
        return pl.col(START), pl.col(END)
    kind = pl.Struct({START: INSTANT, END: INSTANT})
    nominal = pl.col(component).map_batches(nominal_spans, return_dtype=kind, is_elementwise=True)
    is_reporting = pl.col(component).str.contains(_REPORTING)
    start, end = (pl.when(is_reporting).then(nominal.struct.field(name)).otherwise(pl.col(name)) for name in (START, END))
    return start, end
