"""The documentation of recipes: every finding code, every key and every example in it is real."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
import yaml

from mappings.errors import MappingError
from mappings.expressions.parsing import OWN_FUNCTIONS, parse
from mappings.linting.linter import lint
from mappings.recipe import model
from mappings.recipe.loading import load_recipe
from mappings.structures.building import build_structures
from registry.findings import Severity

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8")
CODE = re.compile(r"[a-z]+(-[a-z]+)+")


def codes_of_findings() -> set[str]:
    """First arguments of Finding(...), and the codes that readers and traps keep in tables."""
    kinds: list[type[MappingError]] = [MappingError, *MappingError.__subclasses__()]
    found = {kind.code for kind in kinds}
    for path in (ROOT / "mappings").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"Finding", "_error"} and node.args:
                first = node.args[0]
                found |= {first.value} if isinstance(first, ast.Constant) and isinstance(first.value, str) else set()
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and path.parent.name in {"readers", "checks", "linting"}:
                found |= {node.value} if CODE.fullmatch(node.value) and not node.value.endswith("total") else set()
    return found


def test_every_finding_code_is_documented() -> None:
    missing = sorted(code for code in codes_of_findings() if f"`{code}`" not in PAGE)
    assert not missing


@pytest.mark.parametrize(
    "section", [model.Recipe, model.Column, model.ComponentSource, model.Indicator, model.MultiSelect, model.Disclosure]
)
def test_every_key_is_documented(section: type[model.Section]) -> None:
    missing = [name for name in section.model_fields if f"`{name}`" not in PAGE and f"`{name}." not in PAGE]
    assert not missing


def test_own_functions_are_documented() -> None:
    assert all(f"`{name}(" in PAGE for name in OWN_FUNCTIONS)
    assert set(Severity) == {"error", "warning", "note"}


def test_the_first_recipe_of_the_page_works(tmp_path: Path) -> None:
    structures, recipe = re.findall(r"```yaml\n(?!# fragment)(.*?)```", PAGE, flags=re.DOTALL)
    (tmp_path / "structures.yaml").write_text(structures, encoding="utf-8")
    (tmp_path / "recipe.yaml").write_text(recipe, encoding="utf-8")
    assert build_structures(tmp_path / "structures.yaml")
    assert lint(load_recipe(tmp_path / "recipe.yaml")) == []


@pytest.mark.parametrize("fragment", re.findall(r"```yaml\n# fragment\n(.*?)```", PAGE, flags=re.DOTALL))
def test_the_fragments_of_the_page_follow_the_schema_and_the_language(fragment: str) -> None:
    document = yaml.load(fragment, Loader=yaml.BaseLoader)  # noqa: S506 - builds texts only
    for section, content in document.items():
        model.Recipe.__pydantic_validator__.validate_assignment(model.Recipe.model_construct(), section, content)
    for derived in document.get("derive", []):
        parse(derived.get("value") or derived["of"])
    assert document
