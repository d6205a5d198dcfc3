"""Every code of a finding is stable because it is documented, and what is documented exists."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "findings.md").read_text(encoding="utf-8")
DOCUMENTED = set(re.findall(r"`([a-z0-9]+(?:-[a-z0-9]+)+-?)`", PAGE))
KEBAB = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+-?")
#: How a finding is made, everywhere in the two packages.
MAKERS = {"Finding", "refuse", "warn", "note", "lose", "_error", "_warning"}


def codes() -> set[str]:
    """Constants in the first argument of whatever makes a finding; of a code made of parts, the constant beginning."""
    found = set()
    for path in [path for package in ("registry", "exchange") for path in (ROOT / package).rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and _name(node.func) in MAKERS:
                found |= set(_first_words(node.args[0]))
    return {code for code in found if KEBAB.fullmatch(code)}


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _first_words(argument: ast.expr) -> list[str]:
    if isinstance(argument, ast.IfExp):
        return _first_words(argument.body) + _first_words(argument.orelse)
    if isinstance(argument, ast.JoinedStr):
        return _first_words(argument.values[0])
    return [argument.value] if isinstance(argument, ast.Constant) and isinstance(argument.value, str) else []


def test_every_code_of_a_finding_is_documented() -> None:
    assert sorted(codes() - DOCUMENTED) == []


def test_every_documented_code_exists() -> None:
    of_datasets = {"unknown-code", "wrong-type", "facet-violation", "constraint-violation", "no-place-links"}
    assert sorted(DOCUMENTED - codes() - of_datasets) == []
