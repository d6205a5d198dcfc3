"""Checks a recipe against the data structure of its dataflow: components, codes, keys."""

from __future__ import annotations

from collections.abc import Iterator

from mappings.cells import COMMENT_OBS, OBS_STATUS
from mappings.linting.problems import Problem, near
from mappings.recipe.documents import Place
from mappings.recipe.model import ComponentSource, MultiSelect, Recipe
from registry.data_schema import DataSchema, Role


def check_against(recipe: Recipe, schema: DataSchema) -> Iterator[Problem]:
    """Problems of a recipe with a data structure."""
    yield from _components(recipe, schema)
    yield from _flagged_dimensions(recipe, schema)
    yield from _codes(recipe, schema)
    yield from _duplicating(recipe, schema)


def _components(recipe: Recipe, schema: DataSchema) -> Iterator[Problem]:
    filled = _filled(recipe)
    known = [component.id for component in schema.components]
    for name, place in filled.items():
        if name not in schema:
            yield place, f"the data structure has no component {name}{near(name, known)}; components are {', '.join(known)}"
    for component in schema.components:
        needed = component.role in {Role.DIMENSION, Role.TIME_DIMENSION} or component.mandatory
        if needed and component.id not in filled:
            yield ("components",), f"{component.id} is {'mandatory' if component.role is Role.ATTRIBUTE else 'a dimension'}; map it"
    for name, indicator in recipe.indicators.items():
        if indicator.measure in schema and schema[indicator.measure].role is not Role.MEASURE:
            yield ("indicators", name, "measure"), f"{indicator.measure} is not a measure of the data structure"


def _flagged_dimensions(recipe: Recipe, schema: DataSchema) -> Iterator[Problem]:
    """Flags and classes describe observations; they cannot say which observation it is."""
    dimensions = {component.id for component in schema.all_dimensions}
    for index, flag in enumerate(recipe.flags):
        for name in dimensions & set(flag.set):
            yield ("flags", index, "set", name), f"{name} is a dimension; flags set attributes"
    for name, source in recipe.components.items():
        if source.total is not None and name in schema and name not in dimensions:
            yield ("components", name, "total"), f"{name} is no dimension; only dimensions have totals"
    for name in dimensions & set(recipe.classes):
        yield ("classes", name), f"{name} is a dimension; a class of a count is an attribute"
    for name in dimensions & set(recipe.disclosure.hide if recipe.disclosure else ()):
        yield ("disclosure", "hide"), f"{name} is a dimension, which cannot be emptied; leave it out here"


def _filled(recipe: Recipe) -> dict[str, Place]:
    """Components that the recipe fills, and where it does so first."""
    filled: dict[str, Place] = {name: ("components", name) for name in recipe.components}
    for name, indicator in recipe.indicators.items():
        filled |= {component: ("indicators", name, "components", component) for component in indicator.components}
        filled[indicator.measure] = ("indicators", name)
    for index, flag in enumerate(recipe.flags):
        filled |= {component: ("flags", index, "set", component) for component in flag.set if component not in filled}
    if recipe.disclosure and recipe.disclosure.comment is not None:
        filled.setdefault(COMMENT_OBS, ("disclosure", "comment"))
    if recipe.status_hierarchy:
        filled.setdefault(COMMENT_OBS, ("status_hierarchy",))
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
                f"{code} is not a code of {codelist.id if codelist else component}{near(code, names)}; add it there or map to another",
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
    for column, code in rule.columns.items():
        yield ("multi_select", source.multi_select or "", "columns", column), name, code
    for key in ("missing", "unmatched", "none"):
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
