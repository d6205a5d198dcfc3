"""Personal columns and what is made of them: followed from the source to the outputs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from mappings.expressions.flow import passed_on
from mappings.expressions.parsing import parse
from mappings.recipe.documents import Place
from mappings.recipe.model import Derived, Recipe
from mappings.steps.columns import expected_columns

#: Statistics that show the value of one row.
_ONE_ROW: Final = frozenset({"value", "min", "max"})


@dataclass(frozen=True, slots=True)
class Output:
    """A place of a recipe that publishes values of columns of the source.

    Attributes:
        place: Where it stands in the recipe.
        name: The component or indicator.
        columns: The columns of the source.
        reason: Why they may be published although they are personal; None when the recipe does not say.
        enumerated: True when only codes that are listed somewhere can come out.
    """

    place: Place
    name: str
    columns: frozenset[str]
    reason: str | None
    enumerated: bool = False


def declared_personal(recipe: Recipe, present: Collection[str] = ()) -> frozenset[str]:
    """Columns that the recipe declares personal, by name or by pattern.

    Args:
        recipe: The recipe.
        present: Columns of the source, where they are known.
    """
    names = {*recipe.source.columns, *_named(recipe), *present}
    return frozenset(name for name, column in expected_columns(recipe.source, list(names)).items() if column.personal)


def passing_columns(recipe: Recipe, present: Collection[str] = ()) -> dict[str, frozenset[str]]:
    """Every column of the table that a run works on, with the columns of the source whose values it passes on."""
    passing = {name: frozenset({name}) for name in (*recipe.source.columns, *_named(recipe), *present)}
    unpivot = recipe.source.unpivot
    if unpivot:
        passing[unpivot.value] = frozenset({unpivot.value, *unpivot.columns})
    for derived in recipe.derive:
        passing[derived.column] = frozenset(source for name in _inputs(derived, passing) for source in passing.get(name, {name}))
    return passing


def personal_columns(recipe: Recipe, present: Collection[str]) -> frozenset[str]:
    """Columns whose values must not be shown: those that are declared personal, and what passes their values on."""
    declared = declared_personal(recipe, present)
    return frozenset(name for name, sources in passing_columns(recipe, present).items() if sources & declared)


def outputs(recipe: Recipe, passing: Mapping[str, frozenset[str]]) -> Iterator[Output]:
    """Everything of a recipe that publishes values of columns, or codes for them. Sums, means and shares do not tell a single value."""
    for name, source in recipe.components.items():
        rule = recipe.multi_select.get(source.multi_select or "")
        read = [source.column] if source.column else [rule.column] if rule and rule.column else list(rule.columns) if rule else []
        columns = frozenset(c for column in read if column for c in passing.get(column, {column}))
        listed = bool(source.codes) or source.codes_file is not None or rule is not None or source.time is not None
        if columns:
            yield Output(("components", name), name, columns, source.publish_personal, enumerated=listed)
    for name, indicator in recipe.indicators.items():
        if indicator.statistic not in _ONE_ROW or indicator.of is None:
            continue
        passed = passed_on(parse(indicator.of), passing)
        columns = frozenset(c for column in passed for c in passing.get(column, {column}))
        if columns:
            yield Output(("indicators", name), name, columns, indicator.publish_personal)


def _inputs(derived: Derived, columns: Collection[str]) -> frozenset[str]:
    if derived.statistic == "count":
        return frozenset()
    text = derived.value if derived.value is not None else derived.of
    return passed_on(parse(text), columns) if text else frozenset()


def _named(recipe: Recipe) -> Iterator[str]:
    """Columns that a recipe without declarations speaks of."""
    yield from (source.column for source in recipe.components.values() if source.column)
    for rule in recipe.multi_select.values():
        yield from ((rule.column,) if rule.column else rule.columns)
    texts = [derived.value or derived.of for derived in recipe.derive]
    texts += [indicator.of for indicator in recipe.indicators.values()]
    for text in texts:
        yield from parse(text).columns if text else ()
