"""Which outputs of a recipe show values of which columns."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from mappings.recipe.model import Recipe
from mappings.steps.personal import declared_personal, outputs, passing_columns, personal_columns

BASE = """\
recipe: '1'
id: P
agency: PR
version: 1.0.0
names: {en: P}
dataflow: PR:DF(1.0.0)
source: {columns: {name: {personal: true}, area: {}, val: {type: number}}}
components: {AREA: {column: area}}
indicators: {V: {statistic: sum, of: val}}
provenance: {collector: {id: A, name: A}, publisher: {id: A, name: A}, licence: x, method: x}
"""


def recipe(**parts: Any) -> Recipe:
    return Recipe.model_validate({**yaml.safe_load(BASE), **parts})


DERIVED = [
    {"column": "initial", "value": "substring(name, 1, 1)"},
    {"column": "again", "value": "concat(initial, area)"},
    {"column": "adult", "value": "val >= 18"},
    {"column": "first", "statistic": "min", "of": "val", "within": ["name"]},
    {"column": "number", "statistic": "count", "of": "name"},
    {"column": "rows", "statistic": "count"},
]


def test_values_are_followed_through_derived_columns() -> None:
    """Derived × derived × statistic: counts and limits pass nothing on, groups are not shown."""
    found = passing_columns(recipe(derive=DERIVED), ["extra"])
    assert {name: set(columns) for name, columns in found.items()} == {
        "name": {"name"}, "area": {"area"}, "val": {"val"}, "extra": {"extra"}, "initial": {"name"}, "again": {"name", "area"},
        "adult": set(), "first": {"val"}, "number": set(), "rows": set(),
    }  # fmt: skip


def test_what_holds_values_of_a_personal_column_is_personal() -> None:
    assert personal_columns(recipe(derive=DERIVED), ["name", "area"]) == {"name", "initial", "again"}
    assert personal_columns(recipe(source={"columns": {"area": {}, "val": {}}}), ["area"]) == frozenset()


def test_columns_that_became_rows_pass_their_values_to_the_new_column() -> None:
    source = {"columns": {"name": {"personal": True}, "area": {}}, "unpivot": {"columns": ["name", "nick"], "name": "what", "value": "val"}}
    made = recipe(source=source)
    assert passing_columns(made)["val"] == {"val", "name", "nick"}
    assert personal_columns(made, ["area"]) == {"name", "val"}


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({}, {"name"}),
        ({"components": {"AREA": {"column": "p_place"}}}, {"name", "p_place"}),
        ({"multi_select": {"m": {"column": "p_needs", "options": {"a": "A"}}}}, {"name", "p_needs"}),
        ({"multi_select": {"m": {"columns": {"p_1": "A", "q_1": "B"}}}}, {"name", "p_1"}),
        ({"derive": [{"column": "d", "value": "p_x + val"}]}, {"name", "p_x"}),
        ({"derive": [{"column": "d", "statistic": "sum", "of": "p_y"}, {"column": "e", "statistic": "count"}]}, {"name", "p_y"}),
        ({"indicators": {"V": {"statistic": "sum", "of": "p_z"}, "N": {"statistic": "count"}}}, {"name", "p_z"}),
    ],
)
def test_columns_of_a_personal_pattern_are_found_wherever_the_recipe_names_them(parts: dict[str, Any], expected: set[str]) -> None:
    """Pattern × component, answers, derived column and indicator; and those of the source, once it is known."""
    source = {"columns": {"name": {"personal": True}}, "patterns": [{"matching": "p_*", "personal": True}]}
    made = recipe(source=source, **parts)
    assert declared_personal(made) == expected
    assert declared_personal(made, ["p_file", "other"]) == {*expected, "p_file"}


def shown(**parts: Any) -> list[tuple[Any, ...]]:
    made = recipe(derive=DERIVED, **parts)
    return [(o.place[0], o.name, set(o.columns), o.reason, o.enumerated) for o in outputs(made, passing_columns(made))]


@pytest.mark.parametrize(
    ("source", "columns", "reason", "enumerated"),
    [
        ({"column": "again"}, {"name", "area"}, None, False),
        ({"column": "unknown"}, {"unknown"}, None, False),
        ({"column": "initial", "publish_personal": "elected"}, {"name"}, "elected", False),
        ({"column": "area", "codes": {"a": "A"}}, {"area"}, None, True),
        ({"column": "area", "codes": {}}, {"area"}, None, False),
        ({"column": "area", "codes_file": {"file": "f.csv", "text": "t", "code": "c"}}, {"area"}, None, True),
        ({"column": "area", "time": {"to": "A"}}, {"area"}, None, True),
        ({"multi_select": "one"}, {"name"}, None, True),
        ({"multi_select": "many"}, {"area", "x"}, None, True),
    ],
)
def test_components_show_the_values_of_their_columns_or_codes_for_them(
    source: dict[str, Any], columns: set[str], reason: str | None, enumerated: bool
) -> None:
    selects = {"one": {"column": "initial", "options": {"a": "A"}}, "many": {"columns": {"area": "A", "x": "B"}}}
    parts = {"components": {"C": source, "FIXED": {"value": "A"}, "D": {"column": "adult"}}, "multi_select": selects}
    assert shown(**parts) == [("components", "C", columns, reason, enumerated)]


@pytest.mark.parametrize("statistic", ["value", "min", "max"])
def test_indicators_that_show_the_value_of_one_row_are_outputs_and_sums_and_shares_are_not(statistic: str) -> None:
    indicators = {
        "ONE": {"statistic": statistic, "of": "first + val", "publish_personal": "public"}, "SUM": {"statistic": "sum", "of": "val"},
        "N": {"statistic": "count"}, "BARE": {"statistic": statistic}, "LIMIT": {"statistic": statistic, "of": "adult"},
        "NEW": {"statistic": statistic, "of": "unknown"},
    }  # fmt: skip
    assert shown(components={"FIXED": {"value": "A"}}, indicators=indicators) == [
        ("indicators", "ONE", {"val"}, "public", False), ("indicators", "NEW", {"unknown"}, None, False),
    ]  # fmt: skip
