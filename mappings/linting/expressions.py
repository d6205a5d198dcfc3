"""Checks the expressions of a recipe: form, columns, kinds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from mappings.errors import InvalidExpression
from mappings.expressions.compiling import compile_condition, compile_expression
from mappings.expressions.kinds import Kind
from mappings.expressions.parsing import parse
from mappings.linting.problems import Problem
from mappings.recipe.documents import Place
from mappings.recipe.model import Derived, Indicator, Recipe
from mappings.steps.columns import known_columns
from mappings.steps.describe import flag_kinds


class Expressions:
    """Parses and types every expression of a recipe in the order in which the steps meet them."""

    def __init__(self, recipe: Recipe) -> None:
        self._recipe = recipe
        self._kinds = known_columns(recipe.source)
        # Columns declared by pattern or not at all are known only with the data.
        self._open_ended = bool(recipe.source.patterns) or not recipe.source.columns

    def problems(self) -> Iterator[Problem]:
        """Problems of all expressions, in the order of the steps."""
        recipe = self._recipe
        for index, derived in enumerate(recipe.derive):
            yield from self._derived(("derive", index), derived)
        for index, check in enumerate(recipe.checks):
            yield from self._condition(("checks", index, "expect"), check.expect, self._kinds)
        for index, rule in enumerate(recipe.filters):
            yield from self._condition(("filters", index, "keep"), rule.keep, self._kinds)
        for name, indicator in recipe.indicators.items():
            yield from self._indicator(("indicators", name), indicator)
        components = [*recipe.components, *{n for i in recipe.indicators.values() for n in i.components}, *recipe.classes]
        for index, flag in enumerate(recipe.flags):
            yield from self._condition(("flags", index, "when"), flag.when, flag_kinds([*components, *flag.set]), closed=True)

    def _derived(self, place: Place, derived: Derived) -> Iterator[Problem]:
        if derived.value is not None:
            yield from self._derive((*place, "value"), derived.column, derived.value)
        if derived.of is not None:
            yield from self._typed((*place, "of"), derived.of, self._counted if derived.statistic == "count" else self._number)
        if derived.statistic is not None or derived.type == "number":
            self._kinds[derived.column] = Kind.NUMBER

    def _derive(self, place: Place, name: str, text: str) -> Iterator[Problem]:
        try:
            expression = parse(text)
            self._kinds[name] = Kind.NUMBER if expression.uses_patterns and self._open_ended else Kind.TEXT
            if not (self._open_ended and (expression.uses_patterns or not expression.columns <= set(self._kinds))):
                self._kinds[name] = compile_expression(expression, self._kinds)[1]
        except InvalidExpression as error:
            yield place, str(error)

    def _indicator(self, place: Place, indicator: Indicator) -> Iterator[Problem]:
        if indicator.among is not None:
            yield from self._condition((*place, "among"), indicator.among, self._kinds)
        for key in ("of", "to", "weight"):
            text = getattr(indicator, key)
            if text is None:
                continue
            if key == "of" and indicator.statistic == "proportion":
                yield from self._condition((*place, key), text, self._kinds)
            elif key == "of" and indicator.statistic == "count":
                yield from self._typed((*place, key), text, self._counted)
            else:
                yield from self._typed((*place, key), text, self._number)

    def _condition(self, place: Place, text: str, kinds: Mapping[str, Kind], *, closed: bool = False) -> Iterator[Problem]:
        yield from self._typed(place, text, lambda expression: _is_condition(expression, kinds), closed=closed)

    def _counted(self, text: str) -> None:
        _, kind = compile_expression(parse(text), self._kinds)
        if kind is Kind.BOOLEAN:
            raise InvalidExpression(text, "is a condition, which is there whether it holds or not; restrict the rows instead (among)")

    def _number(self, text: str) -> None:
        _, kind = compile_expression(parse(text), self._kinds)
        if kind is not Kind.NUMBER:
            raise InvalidExpression(text, f"is a {kind}, a number is needed; give the column type: number in source.columns")

    def _typed(self, place: Place, text: str, test: Callable[[str], None], *, closed: bool = False) -> Iterator[Problem]:
        try:
            expression = parse(text)
            if self._open_ended and not closed and (expression.uses_patterns or not expression.columns <= set(self._kinds)):
                return
            test(text)
        except InvalidExpression as error:
            yield place, str(error)


def _is_condition(text: str, kinds: Mapping[str, Kind]) -> None:
    compile_condition(parse(text), kinds)
