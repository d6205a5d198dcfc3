"""Parses recipe expressions and refuses everything that is not on the white list.

An expression is one SQL scalar expression. sqlglot turns the text into a tree; this module walks the tree once and lets only the
node types of :data:`NODES` pass. Nothing is ever evaluated as Python, and no function can be reached that is not written here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, TokenError

from mappings.errors import InvalidExpression

#: Longest text taken as an expression; deep nesting ends long before.
MAX_LENGTH: Final = 4_000
MAX_NODES: Final = 1_000

_OPERATORS: Final = (
    exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod, exp.Neg, exp.Paren,
    exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Between, exp.In, exp.Is, exp.Like,
    exp.And, exp.Or, exp.Not, exp.DPipe, exp.Case, exp.If,
)  # fmt: skip
_OPERANDS: Final = (exp.Column, exp.Identifier, exp.Literal, exp.Boolean, exp.Null, exp.DataType, exp.Kwarg, exp.Var)
_FUNCTIONS: Final = (
    exp.Coalesce, exp.Nullif, exp.Lower, exp.Upper, exp.Trim, exp.Length, exp.Substring, exp.Replace, exp.Concat, exp.SplitPart,
    exp.Abs, exp.Round, exp.Floor, exp.Ceil, exp.Greatest, exp.Least, exp.Cast,
)  # fmt: skip
#: Functions of our own: SQL has no word for them.
OWN_FUNCTIONS: Final = frozenset({"sum_columns", "grid_cell"})
#: The white list.
NODES: Final = frozenset({*_OPERATORS, *_OPERANDS, *_FUNCTIONS, exp.Anonymous})

_FUNCTION_NAMES: Final = (
    "coalesce, nullif, lower, upper, trim, length, substring, replace, concat, split_part, abs, round, floor, ceil, greatest, least, cast, "
    "sum_columns, grid_cell"
)
#: YAML ends a value without quotes at a blank before ``#``, and within braces at a comma.
_CUT: Final = "a quote is open: in YAML ' #' begins a comment, and a comma ends a value within {…}; put the expression in double quotes"


@dataclass(frozen=True)
class Expression:
    """A parsed expression that passed the white list.

    Attributes:
        text: As written in the recipe.
        tree: The sqlglot tree; every node is of a type in :data:`NODES`.
        columns: Names of the columns it reads by name.
        uses_patterns: True when ``sum_columns`` picks further columns by pattern.
    """

    text: str
    tree: exp.Expr
    columns: frozenset[str]
    uses_patterns: bool


def parse(text: str) -> Expression:
    """Read one expression.

    Raises:
        InvalidExpression: When the text is not one scalar expression of the language; the message shows the place.
    """
    if not text.strip():
        raise InvalidExpression(text, "is empty; write one SQL expression such as \"status = 'Functional'\"")
    if len(text) > MAX_LENGTH:
        raise InvalidExpression(text[:80] + "…", f"is longer than {MAX_LENGTH} characters; split it with derived columns")
    tree = _tree(text)
    _admit(text, tree)
    columns = frozenset(column.name for column in tree.find_all(exp.Column))
    uses_patterns = any(node.name.lower() == "sum_columns" for node in tree.find_all(exp.Anonymous))
    return Expression(text, tree, columns, uses_patterns)


def place_of(node: exp.Expr) -> int | None:
    """1-based character position where a node stands, as near as the parser knows it."""
    starts: list[int] = [n.meta["start"] for n in node.walk() if isinstance(n.meta.get("start"), int)]
    return min(starts) + 1 if starts else None


def _tree(text: str) -> exp.Expr:
    try:
        statements = sqlglot.parse(text, dialect="duckdb")
    except ParseError as error:
        detail = error.errors[0] if error.errors else {}
        raise InvalidExpression(
            text, f"is not a SQL expression ({str(detail.get('description') or 'unreadable').rstrip('.')})", detail.get("col")
        ) from None
    except (TokenError, RecursionError, ValueError):
        remedy = "check quotes and brackets" if text.count("'") % 2 == 0 else _CUT
        raise InvalidExpression(text, f"cannot be read as a SQL expression; {remedy}") from None
    if len(statements) != 1 or not isinstance(statements[0], exp.Expr):
        raise InvalidExpression(text, "must be exactly one expression")
    return statements[0]


def _admit(text: str, tree: exp.Expr) -> None:
    try:
        nodes = list(tree.walk())
    except RecursionError:
        raise InvalidExpression(text, "is nested too deeply") from None
    if len(nodes) > MAX_NODES:
        raise InvalidExpression(text, f"has more than {MAX_NODES} parts; split it with derived columns")
    for node in nodes:
        _admit_node(text, node)


def _admit_node(text: str, node: exp.Expr) -> None:
    if type(node) not in NODES:
        raise InvalidExpression(text, f"uses {_spoken(node)}, which recipes do not know; functions are {_FUNCTION_NAMES}", place_of(node))
    if node.error_messages():
        raise InvalidExpression(text, f"is incomplete: {_spoken(node)} lacks an operand", place_of(node))
    if isinstance(node, exp.Anonymous) and node.name.lower() not in OWN_FUNCTIONS:
        raise InvalidExpression(text, f"calls {node.name}(), which recipes do not know; functions are {_FUNCTION_NAMES}", place_of(node))
    if isinstance(node, exp.Column) and (node.args.get("table") is not None or not isinstance(node.this, exp.Identifier)):
        raise InvalidExpression(text, 'names a column with a dot or a star; write "column name" in double quotes', place_of(node))
    if isinstance(node, (exp.Kwarg, exp.Var)) and not node.find_ancestor(exp.Anonymous):
        raise InvalidExpression(text, f"uses {_spoken(node)} outside a function", place_of(node))


def _spoken(node: exp.Expr) -> str:
    kind = type(node).__name__
    shown = node.sql(dialect="duckdb") if kind not in {"Command", "Block"} else kind.lower()
    return f"{shown[:60]!r}" if len(shown) <= 60 else f"a {kind.lower()}"
