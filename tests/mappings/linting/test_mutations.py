"""Slips of beginners: examples with one thing wrong; the problem told names the line where it is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from mappings.errors import InvalidRecipe
from mappings.linting.linter import lint
from mappings.recipe.loading import load_recipe, recipe_json_schema, schema_urn
from registry.data_schema import DataSchema
from registry.services.schemas import SchemaReader

EXAMPLES = Path(__file__).parents[3] / "mappings" / "examples"
NAMES = ["water_points_mw", "hate_incidents_us", "beach_litter_uk"]
KNOWN = set(re.findall(r'"([a-z_]+)": \{', recipe_json_schema()))
KEY = re.compile(r"^(\s*(?:- )?)([a-z_]+):(?= |$)")
PLACE = re.compile(r"^recipe\.yaml:(\d+):")


@cache
def lines_of(name: str) -> tuple[str, ...]:
    return tuple((EXAMPLES / name / "recipe.yaml").read_text(encoding="utf-8").splitlines())


def problems_of(folder: Path, lines: list[str], schema: DataSchema) -> list[str]:
    path = folder / "recipe.yaml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    try:
        return lint(load_recipe(path), schema)
    except InvalidRecipe as error:
        return list(error.problems)


def places(problems: list[str]) -> set[int]:
    return {int(match[1]) for problem in problems if (match := PLACE.match(problem))}


@pytest.fixture
def schema_of(example_schemas: Callable[[str], SchemaReader]) -> Callable[[str], DataSchema]:
    def schema(name: str) -> DataSchema:
        return example_schemas(name).constrained(schema_urn(load_recipe(EXAMPLES / name / "recipe.yaml"))).schema

    return schema


@pytest.mark.parametrize("name", NAMES)
def test_every_misspelled_key_is_told_where_it_stands(name: str, tmp_path: Path, schema_of: Callable[[str], DataSchema]) -> None:
    schema, lines = schema_of(name), lines_of(name)
    mutated = 0
    for number, line in enumerate(lines, start=1):
        match = KEY.match(line)
        if match is None or match[2] not in KNOWN or _is_a_name_of_its_own(lines, number, match):
            continue
        wrong = [*lines[: number - 1], KEY.sub(rf"\1{match[2]}zz:", line), *lines[number:]]
        problems = problems_of(tmp_path, wrong, schema)
        assert number in places(problems), (line, problems)
        mutated += 1
    assert mutated > 20


def _is_a_name_of_its_own(lines: tuple[str, ...], number: int, match: re.Match[str]) -> bool:
    """True below sections whose keys are names of columns and breakdowns, not keys of recipes."""
    depth = len(match[1])
    for line in reversed(lines[: number - 1]):
        above = KEY.match(line)
        if above and len(above[1]) < depth:
            return above[2] in {"columns", "multi_select", "options", "codes"}
    return False


SLIPS: list[tuple[str, str, str]] = [
    # what stands there, what a beginner writes, and what the problem says
    ("column: has_tariff,", "column: has_tarif,", "did you mean 'has_tariff'"),
    ("grid_cell('MW', latitude,", "grid_cell('MW', lattitude,", "did you mean 'latitude'"),
    ("type: number, min: -17.25", "typ: number, min: -17.25", "did you mean 'type'"),
    ("trim: true", "trim: maybe", "boolean"),
    ("recipe: 1", "recipe: 1\nrecipe: 1", "for the second time"),
    ("TARIFF: {column", "TARIF: {column", "did you mean 'TARIFF'"),
    ("OBS_STATUS: {value: A}", "OBS_STATUS: {value: Normal}", "not a code"),
    ("total: _T", "total: Total", "not a code"),
    ("min: -17.25", "min: south", "number"),
    ("statistic: proportion", "statistic: percentage", "'proportion'"),
    ("statistic: proportion", "statistic:", "statistic"),
    ("dataflow: CDE_DEMO:DF_WATER_POINTS(1.0.0)", "dataflow: DF_WATER_POINTS", "wrong form"),
    ("agency: CDE_DEMO", "agency: SDMX", "agency of your own"),
    ("version: 1.0.0", "version: 1", "wrong form"),
    ("recipe: 1", "recipe: 2", "1"),
    ("publication: replace", "publication: overwrite", "'merge' or 'replace'"),
    ("disclosure:", "disclosur:", "did you mean 'disclosure'"),
    ("min_units: 5", "min_units: five", "integer"),
    ("min_units: 5", "min_units: 1", "greater than or equal to 2"),
    ("id: WATER_POINTS_MW", "id: Water points", "wrong form"),
    ("names: {en:", "name: {en:", "did you mean 'names'"),
    ("other_columns: ignore", "other_columns: no", "'ignore' or 'report'"),
    ('delimiter: ",",', 'separator: ",",', "keys of a reader"),
    ("- [REF_AREA]", "- [REF_AREAS]", "REF_AREAS has no total"),
    ("collector: {id:", "collector: {", "is missing"),
    ("licence: CC-BY-4.0", "license: CC-BY-4.0", "did you mean 'licence'"),
    ("components:", "\tcomponents:", "is not YAML"),
    ("indicators:", " indicators:", "is not YAML"),
    ("components:", "components", "is not YAML"),
    ("recipe: 1", "recipe:1", "is not YAML"),
    ("source:", "source: |", "should have keys"),
]


@pytest.mark.parametrize(("right", "wrong", "said"), SLIPS)
def test_every_slip_is_told_with_its_line(
    right: str, wrong: str, said: str, tmp_path: Path, schema_of: Callable[[str], DataSchema]
) -> None:
    lines = list(lines_of("water_points_mw"))
    number = next(n for n, line in enumerate(lines, start=1) if right in line)
    lines[number - 1] = lines[number - 1].replace(right, wrong, 1)
    problems = problems_of(tmp_path, lines, schema_of("water_points_mw"))
    number += wrong.count("\n")
    told = [problem for problem in problems if said in problem]
    assert told, problems
    assert any(abs(place - number) <= ("YAML" in said) for place in places(told)), (number, told)
