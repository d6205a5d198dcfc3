"""A command loads what it needs and nothing else: help and version only what they show. Counted in modules, never in seconds."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import typer.main
from typer.core import TyperGroup

from exchange.cli import application
from mappings.examples import WATER_POINTS
from tests.builders import a_codelist, a_concept_scheme, a_data_structure, a_dataflow, enumerated
from tests.cli.conftest import written

#: What takes long to load, by what it is for.
DATA = {"polars", "pyarrow", "deltalake", "pandas", "numpy", "narwhals", "duckdb"}
HTTP = {"fastapi", "starlette", "uvicorn", "requests", "sdmx"}
MESSAGES = {"lxml", "fastexcel"}
REGISTRY = {"sqlalchemy", "alembic", "psycopg"}
RECIPES = {"sqlglot", "yaml"}


def loaded(*arguments: str, home: Path, status: int = 0) -> set[str]:
    """The modules that a process of its own holds after a command."""
    program = (
        "import sys\nfrom exchange.cli import application\n"
        "try:\n    application(sys.argv[1:])\nfinally:\n    print(*sys.modules, sep='\\n', file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "EXCHANGE_HOME": str(home)},
    )
    assert done.returncode == status, done.stderr
    return set(done.stderr.splitlines())


def words_of_every_command(group: TyperGroup, *before: str) -> Iterator[list[str]]:
    yield [*before]
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from words_of_every_command(command, *before, name)
        else:
            yield [*before, name]


def test_the_version_loads_nothing_of_what_commands_work_with(tmp_path: Path) -> None:
    assert not loaded("--version", home=tmp_path) & (DATA | HTTP | MESSAGES | REGISTRY | RECIPES | {"pydantic", "msgspec", "rich.console"})


def test_the_help_of_every_command_loads_nothing_of_what_it_works_with() -> None:
    root = typer.main.get_command(application)
    assert isinstance(root, TyperGroup)
    commands = list(words_of_every_command(root))
    assert ["recipe", "check"] in commands
    program = (
        "import sys, typer.testing\nfrom exchange.cli import application\n"
        "for line in sys.stdin.read().splitlines():\n"
        "    done = typer.testing.CliRunner().invoke(application, [*line.split(), '--help'])\n"
        "    assert done.exit_code == 0, (line, done.output)\n"
        "    print(line, *sys.modules)\n"
    )
    asked = "\n".join(" ".join(command) for command in commands)
    done = subprocess.run([sys.executable, "-c", program], input=asked, capture_output=True, text=True, check=True)
    told = done.stdout.splitlines()
    assert len(told) == len(commands)
    for command, line in zip(commands, told, strict=True):
        # Typer itself takes Pydantic where an argument is a path.
        assert not set(line.split()[len(command) :]) & (DATA | HTTP | MESSAGES | REGISTRY | RECIPES | {"msgspec"}), command


def test_checking_a_recipe_loads_neither_http_nor_messages_nor_observations(tmp_path: Path) -> None:
    modules = loaded("recipe", "check", str(WATER_POINTS.recipe), home=tmp_path, status=1)  # an empty registry: the dataflow is not there
    assert {"sqlglot", "sqlalchemy", "mappings.recipe.loading"} <= modules
    assert not modules & (HTTP | MESSAGES | {"pandas", "pyarrow", "deltalake", "numpy", "psycopg"})
    again = loaded("recipe", "check", str(WATER_POINTS.recipe), home=tmp_path, status=1)
    assert "alembic" in modules, "the first command on a new registry makes its tables"
    assert "alembic" not in again, "a registry that is up to date is seen to be so without the tool for migrations"


def test_settings_are_shown_without_opening_anything(tmp_path: Path) -> None:
    assert not loaded("settings", home=tmp_path) & (DATA | HTTP | MESSAGES | REGISTRY | RECIPES)


def test_importing_structures_loads_no_client_of_foreign_services(tmp_path: Path) -> None:
    area, concepts = a_codelist(codes=["A"]), a_concept_scheme()
    structure = a_data_structure(concepts, {"AREA": enumerated(area)})
    message = written(tmp_path / "structures.xml", area, concepts, structure, a_dataflow(structure))
    assert not loaded("structures", "import", str(message), home=tmp_path / "home") & {"pandas", "sdmx", "uvicorn"}
