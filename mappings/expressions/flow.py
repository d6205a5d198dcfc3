"""Which columns an expression passes on: whose values can be read from its result."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from sqlglot import exp

from mappings.expressions.compiling import matches
from mappings.expressions.parsing import Expression

#: What answers yes or no about a size or an absence, and the cell of a grid, do not give the value away.
_COARSE: Final = (exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Between, exp.Is)


def passed_on(expression: Expression, columns: Iterable[str]) -> frozenset[str]:
    """Columns whose values the result holds, in part or renamed.

    A comparison with equal, ``IN`` or ``LIKE`` counts: a ``CASE`` over names is a code map of persons. Limits (``age >= 18``) and
    ``grid_cell`` make values coarse and do not count.

    Args:
        expression: The expression.
        columns: The columns there are, for ``sum_columns``.
    """
    return frozenset(_passed_on(expression.tree, list(columns)))


def _passed_on(node: exp.Expr, columns: list[str]) -> set[str]:
    if isinstance(node, _COARSE):
        return set()
    if isinstance(node, exp.Column):
        return {node.name}
    if isinstance(node, exp.Anonymous):
        return set() if node.name.lower() == "grid_cell" else _summed(node, columns)
    return {name for child in node.iter_expressions() for name in _passed_on(child, columns)}


def _summed(node: exp.Anonymous, columns: list[str]) -> set[str]:
    options = {item.this.name: str(item.expression.this) for item in node.expressions if isinstance(item, exp.Kwarg)}
    matching, excluding = options.get("matching", "*"), options.get("excluding", "")
    return {name for name in columns if matches(name, matching) and not matches(name, excluding)}
