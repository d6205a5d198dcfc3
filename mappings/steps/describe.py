"""Cells become observations: fixed values, what an indicator says of itself, classed counts and flags by rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import narwhals.stable.v2 as nw

from mappings.cells import COMMENT_OBS, INDICATOR, NUMBERS, OBS_STATUS, UNITS, mapped, rule_column
from mappings.expressions.compiling import compile_condition
from mappings.expressions.kinds import Kind
from mappings.expressions.parsing import parse
from mappings.ports import Rows
from mappings.recipe.model import Classes, ComponentSource, FlagRule, Indicator


def fixed_values(cells: Rows, components: Mapping[str, ComponentSource], indicators: Mapping[str, Indicator]) -> Rows:
    """Add the components with one value for all, and those each indicator sets for itself."""
    constant = {name: source.value for name, source in components.items() if source.value is not None}
    by_indicator = sorted({name for indicator in indicators.values() for name in indicator.components})
    cells = cells.with_columns(*[nw.lit(value).alias(mapped(name)) for name, value in constant.items()]) if constant else cells
    for name in by_indicator:
        values = {key: indicator.components[name] for key, indicator in indicators.items() if name in indicator.components}
        own = nw.col(INDICATOR).replace_strict(list(values), list(values.values()), default=None, return_dtype=nw.String)
        present = mapped(name) in cells.collect_schema().names()
        cells = cells.with_columns((nw.coalesce(own, nw.col(mapped(name))) if present else own).alias(mapped(name)))
    return cells


def classed_counts(cells: Rows, classes: Mapping[str, Classes]) -> Rows:
    """Add counts as classes."""
    for name, rule in classes.items():
        value = nw.lit(None).cast(nw.String)
        for lower, code in zip(rule.breaks, rule.codes, strict=True):
            value = nw.when(nw.col(UNITS) >= lower).then(nw.lit(code)).otherwise(value)
        cells = cells.with_columns(value.alias(mapped(name)))
    return cells


def flag_kinds(components: Sequence[str]) -> dict[str, Kind]:
    """What a flag condition may read: the working columns of a cell and all components."""
    return {**dict.fromkeys(components, Kind.TEXT), **dict.fromkeys(NUMBERS, Kind.NUMBER), INDICATOR: Kind.TEXT}


def apply_flags(
    cells: Rows, rules: Sequence[FlagRule], components: Sequence[str], hierarchy: Sequence[str], status_names: Mapping[str, str]
) -> Rows:
    """Set components by rule; the first rule that applies wins for each component.

    With a hierarchy, OBS_STATUS takes the highest status of all rules that apply and COMMENT_OBS names the others.
    """
    if not rules:
        return cells
    named = cells.with_columns(*[nw.col(mapped(c)).alias(c) for c in components if mapped(c) in cells.collect_schema().names()])
    kinds = flag_kinds(components)
    conditions = [rule_column(index) for index in range(len(rules))]
    cells = named.with_columns(*[compile_condition(parse(r.when), kinds).alias(c) for r, c in zip(rules, conditions, strict=True)])
    targets = dict.fromkeys(name for rule in rules for name in rule.set)
    for name in targets:
        setting = [(c, rule.set[name]) for rule, c in zip(rules, conditions, strict=True) if name in rule.set]
        if name == OBS_STATUS and hierarchy:
            setting.sort(key=lambda pair: hierarchy.index(pair[1]) if pair[1] in hierarchy else len(hierarchy))
        cells = cells.with_columns(_first(cells, name, setting).alias(mapped(name)))
    if hierarchy:
        statuses = [(c, rule.set[OBS_STATUS]) for rule, c in zip(rules, conditions, strict=True) if OBS_STATUS in rule.set]
        cells = _comment_others(cells, statuses, status_names)
    return cells.drop(*conditions, *[c for c in components if c in cells.collect_schema().names()])


def _first(cells: Rows, name: str, setting: list[tuple[str, str]]) -> nw.Expr:
    present = mapped(name) in cells.collect_schema().names()
    value = nw.col(mapped(name)) if present else nw.lit(None).cast(nw.String)
    for condition, text in reversed(setting):
        value = nw.when(nw.col(condition)).then(nw.lit(text)).otherwise(value)
    return value


def _comment_others(cells: Rows, statuses: list[tuple[str, str]], names: Mapping[str, str]) -> Rows:
    others = []
    for code in dict.fromkeys(code for _, code in statuses):
        applies = nw.any_horizontal(*[nw.col(c) for c, own in statuses if own == code], ignore_nulls=True)
        text = f"Also {code} ({names[code]})" if code in names else f"Also {code}"
        others.append(nw.when(applies & (nw.col(mapped(OBS_STATUS)) != code)).then(nw.lit(text)).otherwise(None))
    present = [nw.col(mapped(COMMENT_OBS))] if mapped(COMMENT_OBS) in cells.collect_schema().names() else []
    joined = nw.concat_str([*present, *others], separator="; ", ignore_nulls=True)
    return cells.with_columns(nw.when(joined != "").then(joined).otherwise(None).alias(mapped(COMMENT_OBS)))
