"""Turns parsed expressions into Narwhals expressions, and knows the kind of every part.

Kinds are checked while compiling, so that ``recipe check`` finds a text compared with a number without having any data.
NULL behaves as in SQL; a division by zero gives NULL.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Any, Final

import narwhals.stable.v2 as nw
from sqlglot import exp

from mappings.errors import InvalidExpression
from mappings.expressions.grid import cell_expression
from mappings.expressions.kinds import Kind
from mappings.expressions.parsing import Expression, place_of
from mappings.expressions.rounding import Rounding, constant, rounded_quotient

#: An operand: the Narwhals expression and its kind.
Typed = tuple[nw.Expr, Kind]

_ARITHMETIC: Final[dict[type[exp.Expr], Callable[[Any, Any], Any]]] = {
    exp.Add: operator.add,
    exp.Sub: operator.sub,
    exp.Mul: operator.mul,
}
_COMPARISON: Final[dict[type[exp.Expr], Callable[[Any, Any], Any]]] = {
    exp.EQ: operator.eq,
    exp.NEQ: operator.ne,
    exp.LT: operator.lt,
    exp.LTE: operator.le,
    exp.GT: operator.gt,
    exp.GTE: operator.ge,
}
#: Parts that split_part() can be asked for.
_MAX_PARTS: Final = 100
_CASTS: Final = {"DOUBLE": Kind.NUMBER, "FLOAT": Kind.NUMBER, "INT": Kind.NUMBER, "BIGINT": Kind.NUMBER, "DECIMAL": Kind.NUMBER}
_CASTS_TO_TEXT: Final = {"TEXT", "VARCHAR"}
_REGEX_SPECIAL: Final = frozenset(r"\.+*?()|[]{}^$#&-~")


def compile_expression(expression: Expression, kinds: Mapping[str, Kind]) -> Typed:
    """The Narwhals expression and its kind, over a frame whose columns have these kinds.

    Raises:
        InvalidExpression: When a column does not exist or kinds do not fit; the message shows the place and the remedy.
    """
    return _Compiler(expression.text, kinds).compile(expression.tree)


def compile_condition(expression: Expression, kinds: Mapping[str, Kind]) -> nw.Expr:
    """Like :func:`compile_expression` for an expression that must be a condition; NULL counts as false.

    Raises:
        InvalidExpression: Also when the expression is not a condition.
    """
    compiled, kind = compile_expression(expression, kinds)
    if kind is not Kind.BOOLEAN:
        raise InvalidExpression(expression.text, f"is a {kind}, but a condition is needed; compare it with something")
    return nw.coalesce(compiled, nw.lit(False))


def columns_of(expression: Expression, kinds: Mapping[str, Kind]) -> list[str]:
    """Names of all columns an expression reads, those picked by ``sum_columns`` patterns included."""
    compiler = _Compiler(expression.text, kinds)
    compiler.compile(expression.tree)
    return sorted(compiler.used)


class _Compiler:
    """One pass over one tree; ``used`` collects the columns read."""

    def __init__(self, text: str, kinds: Mapping[str, Kind]) -> None:
        self._text, self._kinds, self.used = text, kinds, set[str]()
        self._by_type: dict[type[exp.Expr], Callable[[Any], Typed]] = {
            exp.Paren: lambda n: self.compile(n.this),
            exp.Column: self._column,
            exp.Literal: self._literal,
            exp.Boolean: lambda n: (nw.lit(bool(n.this)), Kind.BOOLEAN),
            exp.Null: lambda _: (nw.lit(None), Kind.NULL),
            **dict.fromkeys(_ARITHMETIC, self._arithmetic),
            exp.Div: self._division,
            exp.Mod: self._division,
            exp.Neg: lambda n: (-self._of(n.this, Kind.NUMBER), Kind.NUMBER),
            **dict.fromkeys(_COMPARISON, self._comparison),
            exp.Between: self._between,
            exp.In: self._in,
            exp.Is: self._is,
            exp.Like: self._like,
            exp.And: lambda n: (self._of(n.this, Kind.BOOLEAN) & self._of(n.expression, Kind.BOOLEAN), Kind.BOOLEAN),
            exp.Or: lambda n: (self._of(n.this, Kind.BOOLEAN) | self._of(n.expression, Kind.BOOLEAN), Kind.BOOLEAN),
            exp.Not: lambda n: (~self._of(n.this, Kind.BOOLEAN), Kind.BOOLEAN),
            exp.Case: self._case,
            exp.If: self._if,
            exp.Coalesce: self._coalesce,
            exp.Nullif: self._nullif,
            exp.Lower: lambda n: (self._of(n.this, Kind.TEXT).str.to_lowercase(), Kind.TEXT),
            exp.Upper: lambda n: (self._of(n.this, Kind.TEXT).str.to_uppercase(), Kind.TEXT),
            exp.Trim: self._trim,
            exp.Length: lambda n: (self._of(n.this, Kind.TEXT).str.len_chars(), Kind.NUMBER),
            exp.Substring: self._substring,
            exp.Replace: self._replace,
            exp.SplitPart: self._split_part,
            exp.Concat: lambda n: self._joined(n.expressions),
            exp.DPipe: lambda n: self._joined([n.this, n.expression]),
            exp.Abs: lambda n: (self._of(n.this, Kind.NUMBER).abs(), Kind.NUMBER),
            exp.Floor: lambda n: (self._plain(n, "this").floor(), Kind.NUMBER),
            exp.Ceil: lambda n: (self._plain(n, "this").ceil(), Kind.NUMBER),
            exp.Round: self._round,
            exp.Greatest: lambda n: self._horizontal(n, nw.max_horizontal),
            exp.Least: lambda n: self._horizontal(n, nw.min_horizontal),
            exp.Cast: self._cast,
            exp.Anonymous: self._own_function,
        }

    def compile(self, node: exp.Expr) -> Typed:
        handler = self._by_type.get(type(node))
        if handler is None:
            raise self._error(node, f"{node.sql()!r} cannot stand here")
        return handler(node)

    # -- operands

    def _column(self, node: exp.Column) -> Typed:
        name = node.name
        if name not in self._kinds:
            near = get_close_matches(name, self._kinds, n=1)
            remedy = f"; did you mean {near[0]!r}?" if near else f"; columns are {', '.join(sorted(self._kinds)[:40])}"
            raise self._error(node, f"there is no column {name!r}{remedy}")
        self.used.add(name)
        return nw.col(name), self._kinds[name]

    def _literal(self, node: exp.Literal) -> Typed:
        if node.is_string:
            return nw.lit(node.this), Kind.TEXT
        return nw.lit(_number(node.this)), Kind.NUMBER

    def _of(self, node: exp.Expr, kind: Kind) -> nw.Expr:
        compiled, found = self.compile(node)
        if found not in {kind, Kind.NULL}:
            remedy = "; give the column type: number in source.columns" if kind is Kind.NUMBER and found is Kind.TEXT else ""
            raise self._error(node, f"{node.sql(dialect='duckdb')!r} is a {found}, a {kind} is needed{remedy}")
        return compiled

    def _plain(self, node: exp.Expr, *known: str) -> nw.Expr:
        """The number argument of a function that takes no others."""
        extra = [key for key, value in node.args.items() if key not in known and value]
        if extra:
            raise self._error(node, f"{node.key}() takes one argument here")
        return self._of(node.this, Kind.NUMBER)

    def _text_of(self, node: exp.Expr, what: str) -> str:
        if not (isinstance(node, exp.Literal) and node.is_string):
            raise self._error(node, f"{what} must be a text in single quotes")
        return str(node.this)

    def _same_kind(self, nodes: list[exp.Expr]) -> tuple[list[nw.Expr], Kind]:
        typed = [self.compile(node) for node in nodes]
        kinds = {kind for _, kind in typed} - {Kind.NULL}
        if len(kinds) > 1:
            spoken = " and ".join(sorted(kinds))
            remedy = "; give the column type: number in source.columns" if kinds == {Kind.NUMBER, Kind.TEXT} else ""
            raise self._error(nodes[0], f"{spoken} do not go together{remedy}")
        return [compiled for compiled, _ in typed], kinds.pop() if kinds else Kind.NULL

    # -- operators

    def _arithmetic(self, node: exp.Binary) -> Typed:
        left, right = self._of(node.this, Kind.NUMBER), self._of(node.expression, Kind.NUMBER)
        return _ARITHMETIC[type(node)](left, right), Kind.NUMBER

    def _division(self, node: exp.Binary) -> Typed:
        left, right = self._of(node.this, Kind.NUMBER), self._of(node.expression, Kind.NUMBER)
        divided = left % right if isinstance(node, exp.Mod) else left / right
        return nw.when(right != 0).then(divided).otherwise(None), Kind.NUMBER

    def _comparison(self, node: exp.Binary) -> Typed:
        if exp.Null in {type(node.this), type(node.expression)}:
            raise self._error(node, "a comparison with NULL is never true; write IS NULL or IS NOT NULL")
        (left, right), _ = self._same_kind([node.this, node.expression])
        return _COMPARISON[type(node)](left, right), Kind.BOOLEAN

    def _between(self, node: exp.Between) -> Typed:
        (value, low, high), _ = self._same_kind([node.this, node.args["low"], node.args["high"]])
        return (value >= low) & (value <= high), Kind.BOOLEAN

    def _in(self, node: exp.In) -> Typed:
        options = node.expressions
        if not options or not all(isinstance(option, (exp.Literal, exp.Neg)) for option in options):
            raise self._error(node, "IN needs a list of texts or numbers")
        (value, *_), kind = self._same_kind([node.this, *options])
        listed = [_constant(option) for option in options]
        if kind is Kind.NUMBER:
            value, listed = value.cast(nw.Float64), [float(number) for number in listed]
        # is_in() answers false for NULL; SQL answers NULL, which makes NOT IN leave missing values out.
        return nw.when(~value.is_null()).then(value.is_in(listed)).otherwise(None), Kind.BOOLEAN

    def _is(self, node: exp.Is) -> Typed:
        value, kind = self.compile(node.this)
        if isinstance(node.expression, exp.Null):
            return value.is_null(), Kind.BOOLEAN
        if not isinstance(node.expression, exp.Boolean) or kind is not Kind.BOOLEAN:
            raise self._error(node, "IS takes NULL, or TRUE or FALSE after a condition")
        wanted = value if node.expression.this else ~value
        return nw.coalesce(wanted, nw.lit(False)), Kind.BOOLEAN

    def _like(self, node: exp.Like) -> Typed:
        pattern = self._text_of(node.expression, "the pattern of LIKE")
        regex = "".join(".*" if c == "%" else "." if c == "_" else "\\" + c if c in _REGEX_SPECIAL else c for c in pattern)
        return self._of(node.this, Kind.TEXT).str.contains(f"(?s)^{regex}$"), Kind.BOOLEAN

    # -- branches

    def _case(self, node: exp.Case) -> Typed:
        if node.this is not None:
            raise self._error(node, "write CASE WHEN condition THEN value … END")
        branches = [(self._of(branch.this, Kind.BOOLEAN), branch.args["true"]) for branch in node.args["ifs"]]
        return self._branches(branches, node.args.get("default"))

    def _if(self, node: exp.If) -> Typed:
        return self._branches([(self._of(node.this, Kind.BOOLEAN), node.args["true"])], node.args.get("false"))

    def _branches(self, branches: list[tuple[nw.Expr, exp.Expr]], default: exp.Expr | None) -> Typed:
        values, kind = self._same_kind([value for _, value in branches] + [default or exp.Null()])
        result = values[-1]
        for (condition, _), value in zip(reversed(branches), reversed(values[:-1]), strict=True):
            result = nw.when(condition).then(value).otherwise(result)
        return result, kind

    def _coalesce(self, node: exp.Coalesce) -> Typed:
        values, kind = self._same_kind([node.this, *node.expressions])
        return nw.coalesce(*values), kind

    def _nullif(self, node: exp.Nullif) -> Typed:
        (value, other), kind = self._same_kind([node.this, node.expression])
        return nw.when(nw.coalesce(value != other, nw.lit(True))).then(value).otherwise(None), kind

    # -- text

    def _trim(self, node: exp.Trim) -> Typed:
        if node.expression is not None or node.args.get("position"):
            raise self._error(node, "trim() takes one text and removes blanks at both ends")
        return self._of(node.this, Kind.TEXT).str.strip_chars(), Kind.TEXT

    def _substring(self, node: exp.Substring) -> Typed:
        start, length = (self._whole(node.args.get(key), "substring()") for key in ("start", "length"))
        if start is None or start < 1:
            raise self._error(node, "substring() counts characters from 1")
        return self._of(node.this, Kind.TEXT).str.slice(start - 1, length), Kind.TEXT

    def _whole(self, node: exp.Expr | None, what: str) -> int | None:
        if node is None:
            return None
        if not (isinstance(node, exp.Literal) and not node.is_string and node.this.isdigit()):
            raise self._error(node, f"{what} takes whole numbers here")
        return int(node.this)

    def _replace(self, node: exp.Replace) -> Typed:
        old = self._text_of(node.expression, "what replace() looks for")
        new = self._text_of(node.args.get("replacement") or exp.Literal.string(""), "what replace() puts in")
        return self._of(node.this, Kind.TEXT).str.replace_all(old, new, literal=True), Kind.TEXT

    def _split_part(self, node: exp.SplitPart) -> Typed:
        separator = node.args.get("delimiter")
        delimiter = self._text_of(separator, "the delimiter of split_part()") if separator else None
        number = self._whole(node.args.get("part_index"), "split_part()")
        if not delimiter or number is None or not 1 <= number <= _MAX_PARTS:
            raise self._error(node, f"write split_part(text, 'delimiter', 1); parts are counted from 1 to {_MAX_PARTS}")
        # Enough delimiters at the end, so that a part that is not there is empty instead of an error.
        padded = nw.concat_str([self._of(node.this, Kind.TEXT), nw.lit(delimiter * number)])
        part = padded.str.split(delimiter).list.get(number - 1)
        return nw.when(part != "").then(part).otherwise(None), Kind.TEXT

    def _joined(self, nodes: list[exp.Expr]) -> Typed:
        return nw.concat_str([self._of(node, Kind.TEXT) for node in nodes], ignore_nulls=False), Kind.TEXT

    # -- numbers

    def _round(self, node: exp.Round) -> Typed:
        unit = float(10 ** (self._whole(node.args.get("decimals"), "round()") or 0))
        value = self._plain(node, "this", "decimals").cast(nw.Float64)
        return rounded_quotient(value * unit, nw.lit(1.0), Rounding.HALF_TO_EVEN) / constant(unit, value), Kind.NUMBER

    def _horizontal(self, node: exp.Func, function: Callable[..., nw.Expr]) -> Typed:
        return function(*[self._of(item, Kind.NUMBER) for item in (node.this, *node.expressions)]), Kind.NUMBER

    def _cast(self, node: exp.Cast) -> Typed:
        wanted = str(node.to.this.value)
        compiled, found = self.compile(node.this)
        if wanted in _CASTS_TO_TEXT:
            return (compiled if found is Kind.TEXT else compiled.cast(nw.String)), Kind.TEXT
        if wanted not in _CASTS or found is Kind.TEXT:
            raise self._error(node, "a cast goes from number to text; text becomes a number by type: number in source.columns")
        whole = wanted in {"INT", "BIGINT"}
        return compiled.cast(nw.Int64 if whole else nw.Float64), Kind.NUMBER

    # -- functions of our own

    def _own_function(self, node: exp.Anonymous) -> Typed:
        if node.name.lower() == "grid_cell":
            return self._grid_cell(node)
        return self._sum_columns(node)

    def _grid_cell(self, node: exp.Anonymous) -> Typed:
        if len(node.expressions) != 4:
            raise self._error(node, "write grid_cell('PREFIX', latitude, longitude, size in degrees)")
        prefix, latitude, longitude, size = node.expressions
        if not isinstance(size, exp.Literal) or size.is_string:
            raise self._error(node, "the cell size must be a number of degrees such as 0.25")
        try:
            cell = cell_expression(
                self._text_of(prefix, "the prefix"), self._of(latitude, Kind.NUMBER), self._of(longitude, Kind.NUMBER), size.this
            )
        except ValueError as error:
            raise self._error(node, str(error)) from None
        return cell, Kind.TEXT

    def _sum_columns(self, node: exp.Anonymous) -> Typed:
        options: dict[str, str] = {}
        for item in node.expressions:
            if not isinstance(item, exp.Kwarg) or item.this.name not in {"matching", "excluding"}:
                raise self._error(node, "write sum_columns(matching => '*plastic*|*rubber*', excluding => '*pieces*')")
            options[item.this.name] = self._text_of(item.expression, f"{item.this.name} =>")
        chosen = self._matching(options.get("matching", "*"), options.get("excluding", ""))
        if not chosen:
            raise self._error(node, f"no column of type number matches {options.get('matching', '*')!r}")
        self.used.update(chosen)
        return nw.sum_horizontal(*[nw.col(name) for name in chosen]), Kind.NUMBER

    def _matching(self, matching: str, excluding: str) -> list[str]:
        numbers = [name for name, kind in self._kinds.items() if kind is Kind.NUMBER]
        return [name for name in numbers if matches(name, matching) and not matches(name, excluding)]

    def _error(self, node: exp.Expr, problem: str) -> InvalidExpression:
        return InvalidExpression(self._text, problem, place_of(node))


def matches(name: str, patterns: str) -> bool:
    """True when a column name matches one of some patterns, ``*`` standing for any characters, ``|`` between patterns, any case.

    >>> matches("Sanitary: Wet wipes", "*plastic*|sanitary*")
    True
    """
    wanted = (pattern.strip().lower().replace("[", "[[]") for pattern in patterns.split("|"))
    return any(pattern and fnmatchcase(name.lower(), pattern) for pattern in wanted)


def _number(text: str) -> int | float:
    return int(text) if text.isdigit() else float(text)


def _constant(node: exp.Expr) -> Any:
    if isinstance(node, exp.Neg):
        return -_number(node.this.this)
    return node.this if node.is_string else _number(node.this)
