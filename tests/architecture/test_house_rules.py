"""Rules of the house that no linter knows."""

import ast
import inspect
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Protocol

import pytest

import exchange
import mappings
import registry
from exchange.errors import ExchangeError, NothingFound
from exchange.rest.errors import OUTCOMES, outcome_of
from mappings.errors import InvalidExpression, InvalidRecipe, MappingError
from registry.errors import InvalidUrn, RegistryError

ROOT = Path(__file__).parents[2]
MODULES = [
    info.name
    for package in (exchange, mappings, registry)
    for info in walk_packages(package.__path__, f"{package.__name__}.")
    if ".migrations" not in info.name
]


def subclasses(cls: type[Exception]) -> list[type[Exception]]:
    return [cls, *(found for sub in cls.__subclasses__() for found in subclasses(sub))]


OURS = {"exchange", "mappings", "registry"}
BASES = (ExchangeError, MappingError, RegistryError)


def our_errors() -> list[type[Exception]]:
    for name in MODULES:
        import_module(name)
    return [found for base in BASES for found in subclasses(base) if found.__module__.split(".")[0] in OURS]


def unmapped(errors: list[type[Exception]]) -> list[type[Exception]]:
    """The errors that only the entry of a base error answers: 500 for whatever nobody thought of."""
    answered_by = {error: next((cls for cls in error.__mro__ if cls in OUTCOMES), None) for error in errors}
    return [error for error, entry in answered_by.items() if error not in BASES and entry in {None, *BASES}]


def test_every_error_has_a_status_and_a_stable_code() -> None:
    assert unmapped(our_errors()) == []
    for error in our_errors():
        assert re.fullmatch(r"[a-z][a-z0-9-]+", getattr(error, "code", "")), error


@pytest.mark.parametrize("base", BASES)
def test_an_error_that_nobody_mapped_would_be_noticed(base: type[Exception]) -> None:
    new = type("New", (base,), {"code": "new", "__module__": "tests"})
    assert unmapped([*our_errors(), new]) == [new]


@pytest.mark.parametrize(
    "error", [InvalidExpression("a +", "lacks an operand"), InvalidRecipe(["line 1"]), NothingFound("x"), InvalidUrn("x")]
)
def test_an_error_is_answered_as_the_table_says(error: Exception) -> None:
    assert outcome_of(error) == OUTCOMES[type(error)]


def test_error_codes_are_not_shared() -> None:
    codes = [(vars(error)["code"], error) for error in our_errors() if "code" in vars(error)]
    assert len({code for code, _ in codes}) == len(codes), sorted(code for code, _ in codes)


@pytest.mark.parametrize("name", MODULES)
def test_modules_are_short_enough_to_hold_one_idea(name: str) -> None:
    source = inspect.getsource(import_module(name))
    assert source.count("\n") <= 600


def test_no_two_public_classes_have_one_name() -> None:
    places: dict[str, list[str]] = {}
    for name in MODULES:
        for found, value in vars(import_module(name)).items():
            if inspect.isclass(value) and value.__module__ == name and not found.startswith("_"):
                places.setdefault(found, []).append(name)
    assert {name: modules for name, modules in places.items() if len(modules) > 1} == {}


def uses(tree: ast.AST) -> Counter[str]:
    """How often names are used in code; definitions, imports and texts are no use."""
    loaded = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)]
    reached = [node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    given = [node.arg for node in ast.walk(tree) if isinstance(node, ast.keyword) and node.arg]
    return Counter([*loaded, *reached, *given])


def defined(tree: ast.Module) -> Iterator[tuple[str, ast.AST, str | None]]:
    """Functions, classes, methods and constants: name, where, and the class that a method belongs to."""
    for statement in tree.body:
        match statement:
            case ast.FunctionDef() if not registered(statement):
                yield statement.name, statement, None
            case ast.ClassDef():
                yield statement.name, statement, None
                yield from (
                    (member.name, member, statement.name)
                    for member in statement.body
                    if isinstance(member, ast.FunctionDef) and not registered(member)
                )
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                yield name, statement, None


def registered(function: ast.FunctionDef) -> bool:
    """True of what a framework is told of: ``@router.get(...)``, ``@commands.command(...)``."""
    return any(isinstance(mark, ast.Call) and isinstance(mark.func, ast.Attribute) for mark in function.decorator_list)


def is_hook(module: str, cls: str, method: str) -> bool:
    """True of a method that a class of somebody else's calls."""
    foreign = (base for base in getattr(import_module(module), cls).__mro__ if base.__module__.split(".")[0] not in OURS)
    return any(method in vars(base) for base in foreign)


def unused(modules: dict[str, ast.Module]) -> set[str]:
    used = sum((uses(tree) for tree in modules.values()), Counter[str]())
    return {
        f"{module}.{name}"
        for module, tree in modules.items()
        for name, node, cls in defined(tree)
        if not name.startswith("__")
        and used[name] == uses(node)[name] * (not isinstance(node, ast.Assign | ast.AnnAssign))
        and not (cls and is_hook(module, cls, name))
    }


#: What is reached by a name in a text, with who names it.
REACHED_BY_NAME = {
    "exchange.app.create_app": "uvicorn's factory, in exchange/cli/server.py and in the Makefile",
}


def test_no_code_is_there_only_for_tests() -> None:
    trees = {name: ast.parse(inspect.getsource(import_module(name))) for name in MODULES}
    assert unused(trees) == set(REACHED_BY_NAME)


def test_code_that_nothing_but_itself_uses_would_be_noticed() -> None:
    source = "A = 1\nB = A\ndef once(): return once()\ndef told(): return B\n@commands.command('told')\ndef command(): told()\n"
    assert unused({"tests": ast.parse(source)}) == {"tests.once"}
    assert unused({"tests": ast.parse(source.replace("return B", "pass"))}) == {"tests.once", "tests.B"}


def test_no_file_names_a_place_on_somebodys_machine() -> None:
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split("\0")
    pattern = re.compile(r"(?<![\w.])/(?:home|Users|work|root)/\w")
    texts = [path for path in tracked if path.endswith((".py", ".md", ".toml", ".yaml", ".json", ".lock", "Makefile", "run"))]
    found = [path for path in texts if (ROOT / path).is_file() and pattern.search((ROOT / path).read_text(encoding="utf-8"))]
    assert not [path for path in found if path != "tests/architecture/test_house_rules.py"]


def test_every_port_is_shown_with_the_adapters_that_fulfil_it() -> None:
    modules = [import_module(module) for module in MODULES]
    classes = {found for module in modules for found in vars(module).values() if inspect.isclass(found)}
    ports = {found.__name__ for found in classes if Protocol in found.__bases__ and found.__module__ in MODULES}
    assert len(ports) > 8
    typed = ast.parse((ROOT / "tests" / "typing" / "ports.py").read_text(encoding="utf-8"))
    answers = [node.returns for node in ast.walk(typed) if isinstance(node, ast.FunctionDef) and node.returns]
    assert ports <= {name.id for returned in answers for name in ast.walk(returned) if isinstance(name, ast.Name)}
