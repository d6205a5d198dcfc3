"""Checks what a recipe says, without any data: expressions, columns, components, codes, and traps."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches

from mappings.checks.traps import check_mappings
from mappings.errors import InvalidExpression
from mappings.expressions.compiling import compile_condition, compile_expression
from mappings.expressions.kinds import Kind
from mappings.expressions.parsing import parse
from mappings.recipe.documents import Document, Place
from mappings.recipe.loading import LoadedRecipe
from mappings.recipe.model import ComponentSource, Indicator, MultiSelect, Recipe
from mappings.steps.aggregate import DENOMINATOR, INDICATOR, NUMERATOR, UNITS, VALUE
from mappings.steps.describe import OBS_STATUS, flag_kinds
from mappings.structures import STANDARD_AGENCIES
from registry.data_schema import DataSchema, Role

#: A problem: where in the recipe, and what.
Problem = tuple[Place, str]
_CELL_WORDS = frozenset({UNITS, VALUE, NUMERATOR, DENOMINATOR, INDICATOR})
_WEIGHTED = frozenset({"count", "sum", "mean", "proportion", "ratio"})


def lint(loaded: LoadedRecipe, schema: DataSchema | None = None) -> list[str]:
    """All problems of a recipe, each with file, line and remedy; empty when it can run.

    Args:
        loaded: The recipe.
        schema: The data structure of its dataflow; without it only the recipe itself is checked.
    """
    document, recipe = loaded.document, loaded.recipe
    problems = [*_names(recipe), *_references(recipe), *_Expressions(recipe).problems(), *_statistics(recipe), *_disclosure(recipe)]
    problems += [(place, f"{code}: {message}") for place, code, message in check_mappings(recipe)]
    if schema is not None:
        problems += _components(recipe, schema)
        problems += _codes(recipe, schema)
        problems += _duplicating(recipe, schema)
    return sorted({document.problem(place, message) for place, message in problems}, key=lambda text: _line_of(text, document))


def _line_of(text: str, document: Document) -> tuple[int, str]:
    line = text.removeprefix(document.path.name + ":").split(":", 1)[0]
    return (int(line) if line.isdigit() else 0, text)


def _names(recipe: Recipe) -> Iterator[Problem]:
    if recipe.agency in STANDARD_AGENCIES:
        yield ("agency",), f"{recipe.agency} maintains its own artefacts; use an agency of your own"
    if recipe.dataflow.split(":")[0] in STANDARD_AGENCIES:
        yield ("dataflow",), "citizen data are published under a dataflow of an agency of your own, never under a standard agency"


def _references(recipe: Recipe) -> Iterator[Problem]:
    derived = {column.column for column in recipe.derive}
    known = set(recipe.source.columns) | derived
    open_ended = bool(recipe.source.patterns) or not recipe.source.columns
    for place, column in _named_columns(recipe):
        if column not in known and not open_ended:
            yield place, f"there is no column {column!r}{_near(column, known)}; declare it under source.columns or derive it"
    for name, source in recipe.components.items():
        given = [key for key in ("value", "column", "multi_select") if getattr(source, key) is not None]
        if len(given) != 1:
            yield ("components", name), "give exactly one of value, column or multi_select"
        if source.multi_select is not None and source.multi_select not in recipe.multi_select:
            yield ("components", name, "multi_select"), f"there is no {source.multi_select!r} under multi_select; add it"
        if name in _CELL_WORDS:
            yield ("components", name), f"{name} is a word of flag conditions; give the component another id in the data structure"
        if source.value is not None and (source.codes or source.total or source.missing or source.default or source.time):
            yield ("components", name), "a fixed value takes no codes, default, missing, total or time"


def _named_columns(recipe: Recipe) -> Iterator[tuple[Place, str]]:
    for name, source in recipe.components.items():
        if source.column is not None:
            yield ("components", name, "column"), source.column
    for name, rule in recipe.multi_select.items():
        yield ("multi_select", name, "column"), rule.column
    for index, duplicate in enumerate(recipe.deduplicate):
        for column in (*duplicate.key, *duplicate.order_by):
            yield ("deduplicate", index), column


class _Expressions:
    """Parses and types every expression of a recipe in the order in which the steps meet them."""

    def __init__(self, recipe: Recipe) -> None:
        self._recipe = recipe
        self._kinds = {n: Kind.NUMBER if c.type == "number" else Kind.TEXT for n, c in recipe.source.columns.items()}
        # Columns declared by pattern or not at all are known only with the data.
        self._open_ended = bool(recipe.source.patterns) or not recipe.source.columns

    def problems(self) -> Iterator[Problem]:
        recipe = self._recipe
        for index, derived in enumerate(recipe.derive):
            yield from self._derive(("derive", index, "value"), derived.column, derived.value)
        for index, check in enumerate(recipe.checks):
            yield from self._condition(("checks", index, "expect"), check.expect, self._kinds)
        for index, rule in enumerate(recipe.filters):
            yield from self._condition(("filters", index, "keep"), rule.keep, self._kinds)
        for name, indicator in recipe.indicators.items():
            yield from self._indicator(("indicators", name), indicator)
        components = [*recipe.components, *{n for i in recipe.indicators.values() for n in i.components}, *recipe.classes]
        for index, flag in enumerate(recipe.flags):
            yield from self._condition(("flags", index, "when"), flag.when, flag_kinds([*components, *flag.set]), closed=True)

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
            else:
                yield from self._typed((*place, key), text, self._number)

    def _condition(self, place: Place, text: str, kinds: Mapping[str, Kind], *, closed: bool = False) -> Iterator[Problem]:
        yield from self._typed(place, text, lambda expression: _is_condition(expression, kinds), closed=closed)

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


def _statistics(recipe: Recipe) -> Iterator[Problem]:
    plain = {name for name, indicator in recipe.indicators.items() if indicator.statistic == "value"}
    if plain and len(plain) != len(recipe.indicators):
        yield ("indicators", min(plain)), "statistic: value takes rows as they stand and does not go together with aggregated indicators"
    if plain and (recipe.totals or any(source.multi_select for source in recipe.components.values())):
        yield ("indicators", min(plain)), "rows taken as they stand have no totals and no multi-select breakdown; aggregate them"
    for name, indicator in recipe.indicators.items():
        place = ("indicators", name)
        if indicator.statistic != "count" and indicator.of is None:
            yield place, f"{indicator.statistic} needs 'of': the expression it is computed from"
        if (indicator.to is not None) != (indicator.statistic == "ratio"):
            yield place, "'to' is the denominator of a ratio: give it there and only there"
        if indicator.weight is not None and indicator.statistic not in _WEIGHTED:
            yield (*place, "weight"), f"a {indicator.statistic} takes no weight; weights go with {', '.join(sorted(_WEIGHTED))}"
    for name, classes in recipe.classes.items():
        if len(classes.breaks) != len(classes.codes) or list(classes.breaks) != sorted(set(classes.breaks)):
            yield ("classes", name), "give one code per break, and the breaks in rising order"


def _disclosure(recipe: Recipe) -> Iterator[Problem]:
    policy = recipe.disclosure
    if policy is None:
        return
    for name, classes in recipe.classes.items():
        if 0 < min(classes.breaks) < policy.min_units:
            yield ("classes", name, "breaks"), f"a class below {policy.min_units} units would tell how small a suppressed cell is"
    if not recipe.is_aggregated:
        yield ("disclosure",), "thresholds protect aggregates; rows taken as they stand rest on one unit each: aggregate them"
    if policy.source_rows == "exact":
        yield (
            ("disclosure", "source_rows"),
            "a list of rows is an exact count, and those of a total minus the other cells are the suppressed ones; use withheld",
        )
    if OBS_STATUS not in recipe.components:
        yield ("components",), "a disclosure policy needs OBS_STATUS, with its value for normal observations"


def _components(recipe: Recipe, schema: DataSchema) -> Iterator[Problem]:
    filled = _filled(recipe)
    known = [component.id for component in schema.components]
    for name, place in filled.items():
        if name not in schema:
            yield place, f"the data structure has no component {name}{_near(name, known)}; components are {', '.join(known)}"
    for component in schema.components:
        needed = component.role in {Role.DIMENSION, Role.TIME_DIMENSION} or component.mandatory
        if needed and component.id not in filled:
            yield ("components",), f"{component.id} is {'mandatory' if component.role is Role.ATTRIBUTE else 'a dimension'}; map it"
    for name, indicator in recipe.indicators.items():
        if indicator.measure in schema and schema[indicator.measure].role is not Role.MEASURE:
            yield ("indicators", name, "measure"), f"{indicator.measure} is not a measure of the data structure"


def _filled(recipe: Recipe) -> dict[str, Place]:
    """Components that the recipe fills, and where it does so first."""
    filled: dict[str, Place] = {name: ("components", name) for name in recipe.components}
    for name, indicator in recipe.indicators.items():
        filled |= {component: ("indicators", name, "components", component) for component in indicator.components}
        filled[indicator.measure] = ("indicators", name)
    for index, flag in enumerate(recipe.flags):
        filled |= {component: ("flags", index, "set", component) for component in flag.set if component not in filled}
    hidden = recipe.disclosure.hide if recipe.disclosure else ()
    filled |= {name: ("disclosure", "hide") for name in hidden if name not in filled}
    return filled | {name: ("classes", name) for name in recipe.classes}


def _codes(recipe: Recipe, schema: DataSchema) -> Iterator[Problem]:
    for place, component, code in _used_codes(recipe):
        if component not in schema or schema[component].codelist is None:
            continue
        names = schema[component].code_names
        if code not in names:
            codelist = schema[component].codelist
            yield (
                place,
                f"{code} is not a code of {codelist.id if codelist else component}{_near(code, names)}; add it there or map to another",
            )


def _used_codes(recipe: Recipe) -> Iterator[tuple[Place, str, str]]:
    """Every code that the recipe writes: where, into which component, which code."""
    for name, source in recipe.components.items():
        yield from _component_codes(name, source, recipe.multi_select.get(source.multi_select or ""))
    for name, indicator in recipe.indicators.items():
        for component, value in indicator.components.items():
            yield ("indicators", name, "components", component), component, value
    for index, flag in enumerate(recipe.flags):
        for component, value in flag.set.items():
            yield ("flags", index, "set", component), component, value
    for name, classes in recipe.classes.items():
        for code in classes.codes:
            yield ("classes", name, "codes"), name, code
    if recipe.disclosure:
        yield ("disclosure", "status"), OBS_STATUS, recipe.disclosure.status


def _component_codes(name: str, source: ComponentSource, rule: MultiSelect | None) -> Iterator[tuple[Place, str, str]]:
    for label, code in (source.codes or {}).items():
        yield ("components", name, "codes", label), name, code
    for key in ("value", "default", "missing", "total"):
        if getattr(source, key) is not None:
            yield ("components", name, key), name, getattr(source, key)
    if rule is None:
        return
    for label, code in rule.options.items():
        yield ("multi_select", source.multi_select or "", "options", label), name, code
    for key in ("missing", "unmatched"):
        if getattr(rule, key) is not None:
            yield ("multi_select", source.multi_select or "", key), name, getattr(rule, key)


def _duplicating(recipe: Recipe, schema: DataSchema) -> Iterator[Problem]:
    """Indicators that cannot be told apart, and attributes that have no single value in a cell."""
    keys = [d.id for d in schema.all_dimensions]
    seen: dict[tuple[str, ...], str] = {}
    for name, indicator in recipe.indicators.items():
        identity = (indicator.measure, *(indicator.components.get(key, "") for key in keys))
        if identity in seen:
            yield ("indicators", name), f"nothing tells it from {seen[identity]}; give it another INDICATOR code or another measure"
        seen.setdefault(identity, name)
    if len({indicator.measure for indicator in recipe.indicators.values()}) > 1 and recipe.disclosure:
        yield ("indicators",), "with a disclosure policy all indicators fill one measure, so that OBS_STATUS speaks of one value"
    if not recipe.is_aggregated:
        return
    for name, source in recipe.components.items():
        if source.column and name in schema and schema[name].role in {Role.ATTRIBUTE, Role.MEASURE}:
            yield (
                ("components", name),
                "an aggregate has no single value of a column; set it by indicator, flag or class, or as an indicator",
            )
    for grouping_index, grouping in enumerate(recipe.totals.groupings if recipe.totals and recipe.totals.groupings != "all" else ()):
        for name in grouping:
            if name not in recipe.components or recipe.components[name].total is None:
                yield ("totals", "groupings", grouping_index), f"{name} has no total; give components.{name}.total or leave it out here"


def _near(name: str, known: object) -> str:
    near = get_close_matches(name, list(known), n=1)  # type: ignore[call-overload]
    return f"; did you mean {near[0]!r}?" if near else ""
