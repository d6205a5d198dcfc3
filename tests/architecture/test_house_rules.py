"""Rules of the house that no linter knows."""

import inspect
import re
import subprocess
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import pytest

import exchange
import mappings
import registry
from exchange.errors import ExchangeError
from exchange.rest.errors import outcome_of
from mappings.errors import MappingError
from registry.errors import RegistryError

ROOT = Path(__file__).parents[2]
MODULES = [
    info.name
    for package in (exchange, mappings, registry)
    for info in walk_packages(package.__path__, f"{package.__name__}.")
    if ".migrations" not in info.name
]


def subclasses(cls: type[Exception]) -> list[type[Exception]]:
    return [cls, *(found for sub in cls.__subclasses__() for found in subclasses(sub))]


def our_errors() -> list[type[Exception]]:
    for name in MODULES:
        import_module(name)
    return [found for base in (ExchangeError, MappingError, RegistryError) for found in subclasses(base)]


def test_every_error_has_a_status_and_a_stable_code() -> None:
    for error in our_errors():
        assert outcome_of(error("x")) is not None if "__init__" not in vars(error) else True
        assert re.fullmatch(r"[a-z][a-z0-9-]+", getattr(error, "code", "")), error


def test_error_codes_are_not_shared() -> None:
    codes = [(error.code, error) for error in our_errors() if "code" in vars(error)]  # type: ignore[attr-defined]
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


def test_no_file_names_a_place_on_somebodys_machine() -> None:
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split("\0")
    pattern = re.compile(r"(?<![\w.])/(?:home|Users|work|root)/\w")
    texts = [path for path in tracked if path.endswith((".py", ".md", ".toml", ".yaml", ".json", ".lock", "Makefile", "run"))]
    found = [path for path in texts if (ROOT / path).is_file() and pattern.search((ROOT / path).read_text(encoding="utf-8"))]
    assert not [path for path in found if path != "tests/architecture/test_house_rules.py"]
