"""Checks the shape of a recipe: keys that exclude or need each other."""

from __future__ import annotations

from collections.abc import Iterator

from mappings.linting.problems import Problem
from mappings.recipe.model import Column, Derived, MultiSelect, Recipe


def check_shapes(recipe: Recipe) -> Iterator[Problem]:
    """Problems of single sections."""
    for index, derived in enumerate(recipe.derive):
        yield from ((("derive", index), message) for message in _derived(derived))
    for name, rule in recipe.multi_select.items():
        if not _is_one_layout(rule):
            yield ("multi_select", name), "give either column and options (answers in one cell) or columns (a column per answer)"
    if recipe.source.unpivot and not (recipe.source.unpivot.columns or recipe.source.unpivot.matching):
        yield ("source", "unpivot"), "name the columns under columns, or a pattern under matching"
    yield from _times(recipe)
    for name, column in recipe.source.columns.items():
        yield from _column(name, column)


def _derived(derived: Derived) -> Iterator[str]:
    if (derived.value is None) == (derived.statistic is None):
        yield "give either value (an expression) or statistic (over rows)"
    if derived.value is not None and (derived.of or derived.within or derived.order_by):
        yield "of, within and order_by belong to a statistic, not to an expression"
    if derived.statistic is not None and derived.of is None and derived.statistic != "count":
        yield f"{derived.statistic} needs 'of': the expression it is computed from"
    if derived.statistic in {"difference", "running"} and not derived.order_by:
        yield f"a {derived.statistic} needs order_by: the columns that say which row comes before which"


def _is_one_layout(rule: MultiSelect) -> bool:
    in_one_cell = rule.column is not None and bool(rule.options)
    return in_one_cell != bool(rule.columns) and not (rule.columns and (rule.column or rule.options))


def _times(recipe: Recipe) -> Iterator[Problem]:
    dates = {name for name, column in recipe.source.columns.items() if column.type == "date"}
    dates |= {derived.column for derived in recipe.derive if derived.type == "date"}
    declared = {*recipe.source.columns, *(derived.column for derived in recipe.derive)}
    for name, source in recipe.components.items():
        if source.time and source.column in declared - dates:
            yield ("components", name, "time"), f"reduces dates; give the column {source.column!r} type: date, and its format"


def _column(name: str, column: Column) -> Iterator[Problem]:
    place = ("source", "columns", name)
    if column.format and column.type != "date":
        yield (*place, "format"), "is for dates; add type: date"
    for key in ("decimal", "thousands", "strip", "min", "max"):
        if getattr(column, key) not in {None, ()} and column.type != "number":
            yield (*place, key), "is for numbers; add type: number"
    if column.thousands is not None and column.thousands == (column.decimal or "."):
        yield (*place, "thousands"), "is the decimal sign too; they must differ"
    if any("%" not in text for text in column.format):
        yield (*place, "format"), "is written with strftime letters, such as %d/%m/%Y"
