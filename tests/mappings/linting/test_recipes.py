"""Recipes: every problem names file, line and remedy; the JSON schema is that of the model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from mappings.errors import InvalidRecipe
from mappings.linting.linter import lint
from mappings.recipe.loading import load_recipe, recipe_json_schema, schema_urn

ROOT = Path(__file__).parents[3]
SCHEMA = ROOT / "mappings" / "recipe" / "recipe.schema.json"
EXAMPLES = ROOT / "mappings" / "examples"
NAMES = ["water_points_mw", "hate_incidents_us", "beach_litter_uk"]


def line_of(small: Any, text: str) -> int:
    return next(number for number, line in enumerate(small.recipe_text.splitlines(), start=1) if text in line)


def test_the_checked_in_json_schema_is_that_of_the_model() -> None:
    assert SCHEMA.read_text(encoding="utf-8") == recipe_json_schema()


@pytest.mark.parametrize("name", NAMES)
def test_the_examples_follow_schema_and_language(name: str, example_schemas: Any) -> None:
    path = EXAMPLES / name / "recipe.yaml"
    loaded = load_recipe(path)
    assert lint(loaded) == []
    document = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - builds texts only
    assert document["recipe"] == "1"
    jsonschema.Draft202012Validator.check_schema(json.loads(recipe_json_schema()))


def test_a_small_recipe_has_no_problems(small: Any) -> None:
    assert small.lint() == []


@pytest.mark.parametrize(
    ("old", "new", "at", "complaint"),
    [
        ("version: 1.0.0", "version: 1.0", "version: 1.0", "wrong form"),
        ("components:", "componentz:", "componentz", "did you mean 'components'"),
        ("id: SMALL", "id: not an id", "not an id", "wrong form"),
        ("dataflow: LOCAL:DF(1.0.0)", "dataflow: DF", "dataflow: DF", "wrong form"),
        ("type: number", "type: numeric", "amount", "'text', 'number' or 'date'"),
        ("format: csv,", "format: csv, delimeter: x,", "delimeter", "unknown field"),
        ("statistic: sum", "statistic: average", "statistic", "'median'"),
        ("  method: Survey\n", "", "provenance", "is missing"),
    ],
)
def test_a_wrong_form_is_told_with_file_line_and_remedy(small: Any, old: str, new: str, at: str, complaint: str) -> None:
    small.change(old, new)
    with pytest.raises(InvalidRecipe) as caught:
        small.load()
    told = [problem for problem in caught.value.problems if complaint in problem]
    assert told, caught.value.problems
    assert any(problem.startswith(f"recipe.yaml:{line_of(small, at)}:") for problem in told), told


@pytest.mark.parametrize(
    ("old", "new", "at", "complaint"),
    [
        ("of: amount", "of: amonut", "amonut", "did you mean 'amount'"),
        ("of: amount", "of: kind", "of: kind", "a number is needed"),
        ("of: amount", "of: foo(amount)", "foo(", "functions are"),
        ("column: region", "column: regoin", "regoin", "did you mean 'region'"),
        ("south: S", "south: X", "south: X", "not a code of CL_REGION"),
        ("missing: _U", "missing: U", "missing: U", "did you mean '_U'"),
        ("total: _T}\n  KIND", "total: T}\n  KIND", "total: T}", "not a code of CL_REGION"),
        ("  OBS_STATUS: {value: A}\n", "", "components:", "OBS_STATUS is mandatory"),
        ("  TIME_PERIOD: {value: 2023}\n", "", "components:", "TIME_PERIOD is a dimension"),
        ("OBS_STATUS: {value: A}", "OBS_STATUS: {value: A}\n  OBS_STATU: {value: A}", "OBS_STATU:", "no component OBS_STATU"),
        ("{value: 2023}", "{value: 2023, column: kind}", "2023, column", "exactly one of"),
        ("statistic: sum", "statistic: ratio", "ratio", "'to' is the denominator"),
        ("statistic: sum", "statistic: median, weight: amount", "median", "takes no weight"),
        ("agency: LOCAL", "agency: SDMX", "agency: SDMX", "agency of your own"),
        ("LOCAL:DF", "IAEG-SDGs:DF", "IAEG-SDGs", "never under a standard agency"),
        ("groupings: all", "groupings: [[REGION, TIME_PERIOD]]", "groupings", "TIME_PERIOD has no total"),
        ("{value: 2023}", "{column: kind, multi_select: nothing}", "nothing", "multi_select"),
    ],
)
def test_the_linter_names_file_line_and_remedy(small: Any, old: str, new: str, at: str, complaint: str) -> None:
    schema = small.schemas().constrained
    expected_schema = schema(schema_urn(small.load())).schema
    problems = lint(small.change(old, new).load(), expected_schema)
    told = [problem for problem in problems if complaint in problem]
    assert told, problems
    assert any(problem.startswith(f"recipe.yaml:{line_of(small, at)}:") for problem in told), told


@pytest.mark.parametrize(
    ("component", "code"),
    [
        ("DISABILITY_STATUS: {column: kind, codes: {PWD: PWD, other: PD}}", "pwd-mapped-to-itself"),
        ("REF_AREA: {column: kind, codes: {'1': '1', '2': '2'}}", "ref-area-looks-local"),
        ("REPORTING_TYPE: {value: G}", "reporting-type-global"),
    ],
)
def test_known_traps_are_refused_until_they_are_meant(small: Any, component: str, code: str) -> None:
    small.change("components:\n", f"components:\n  {component}\n")
    assert any(code in problem for problem in lint(small.load()))
    small.change(component, component[:-1] + ", mapped_on_purpose: it is right}")
    assert not any(code in problem for problem in lint(small.load()))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("a: [1", "is not YAML"),
        ("a: 1\na: 2", "recipe.yaml:2: 'a' stands here for the second time"),
        ("a: &x 1\nb: *x", "recipe.yaml:1: uses an alias"),
        ("? [1]\n: 2", "a key must be a text"),
        ("", "recipe.yaml:1"),
        ("just text", "recipe.yaml:1"),
        ("a: !!python/object/apply:os.system ['id']", "recipe.yaml"),
    ],
)
def test_documents_that_are_no_recipes(tmp_path: Path, text: str, complaint: str) -> None:
    (tmp_path / "recipe.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(InvalidRecipe) as caught:
        load_recipe(tmp_path / "recipe.yaml")
    assert any(complaint in problem for problem in caught.value.problems), caught.value.problems


def test_a_file_that_is_not_there_or_not_text(tmp_path: Path) -> None:
    with pytest.raises(InvalidRecipe, match="cannot be read"):
        load_recipe(tmp_path / "none.yaml")
    (tmp_path / "recipe.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InvalidRecipe, match="UTF-8"):
        load_recipe(tmp_path / "recipe.yaml")


def test_words_and_numbers_stay_as_written(small: Any) -> None:
    small.change("codes: {north: N, south: S}", "codes: {No: N, yes: S, 1.10: S, 012: N}")
    codes = small.load().recipe.components["REGION"].codes
    assert codes == {"No": "N", "yes": "S", "1.10": "S", "012": "N"}
