"""Statistics over groups of rows, written into each row: sums per survey, differences of cumulative figures."""

from __future__ import annotations

from collections.abc import Mapping

import narwhals.stable.v2 as nw

from mappings.expressions.compiling import columns_of, compile_expression
from mappings.expressions.kinds import Kind
from mappings.expressions.parsing import parse
from mappings.ports import Rows
from mappings.readers.ports import ROW
from mappings.recipe.model import Derived

_ARGUMENT = "~argument"


def over_rows(rows: Rows, rule: Derived, kinds: Mapping[str, Kind]) -> tuple[Rows, list[str]]:
    """Add the column of a rule that has a ``statistic``; also the columns that went in.

    Absent values are left out of sums and means; a difference to or from an absent value is absent.
    """
    expression = parse(rule.of) if rule.of else None
    argument = compile_expression(expression, kinds)[0] if expression else nw.lit(1.0)
    # Of a text or a condition only the rows are counted in which it is there.
    counted = nw.when(~argument.is_null()).then(nw.lit(1.0)).otherwise(None)
    argument = counted if rule.statistic == "count" else argument.cast(nw.Float64)
    used = columns_of(expression, kinds) if expression else []
    rows = rows.with_columns(argument.alias(_ARGUMENT))
    value = nw.col(_ARGUMENT)
    order = [*rule.order_by, ROW]
    match rule.statistic:
        case "difference":
            before = _over(value.shift(1), rule, order)
            step = value - before
            if rule.first == "itself":
                first = _over(nw.col(ROW).cum_count(), rule, order) == 1
                step = nw.when(first).then(value).otherwise(step)
            made = step
        case "running":
            made = _over(value.cum_sum(), rule, order)
        case "count":
            made = _over(value.count(), rule, None)
        case statistic:
            made = _over(getattr(value, str(statistic))(), rule, None)
    rows = rows.with_columns(made.cast(nw.Float64).alias(rule.column)).drop(_ARGUMENT)
    return rows, sorted({*used, *rule.within, *rule.order_by})


def _over(value: nw.Expr, rule: Derived, order: list[str] | None) -> nw.Expr:
    if rule.within and order:
        return value.over(*rule.within, order_by=order)
    if rule.within:
        return value.over(*rule.within)
    return value.over(order_by=order) if order else value
