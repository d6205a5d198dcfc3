"""Documents are part of the product: what exists is documented, what is documented exists."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer.main
from typer.core import TyperGroup

from exchange import __version__
from exchange.app import create_app
from exchange.cli import application
from exchange.codecs.catalogue import default_catalogue
from exchange.settings import Settings
from tests.narrowing import as_a

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_openapi_document_that_is_checked_in_is_the_one_the_code_makes(tmp_path: Path) -> None:
    made = create_app(Settings(home=tmp_path)).openapi()
    stored = json.loads((ROOT / "openapi" / "openapi.json").read_text(encoding="utf-8"))
    assert stored == json.loads(json.dumps(made)), "run make openapi"


def test_the_openapi_document_is_3_1() -> None:
    assert json.loads((ROOT / "openapi" / "openapi.json").read_text(encoding="utf-8"))["openapi"].startswith("3.1")


@pytest.mark.parametrize("name", list(Settings.model_fields))
def test_every_setting_is_in_the_readme(name: str) -> None:
    assert f"EXCHANGE_{name.upper()}" in README


def test_every_setting_in_the_readme_exists() -> None:
    written = set(re.findall(r"EXCHANGE_([A-Z_]+)", README)) - {"EXTRA_DATA"}
    assert written <= {name.upper() for name in Settings.model_fields}


def commands() -> list[str]:
    root = as_a(TyperGroup, typer.main.get_command(application))
    found = []
    for name, command in root.commands.items():
        found += [f"exchange {name} {sub}" for sub in command.commands] if isinstance(command, TyperGroup) else [f"exchange {name}"]
    return found


@pytest.mark.parametrize("command", commands())
def test_every_command_is_in_the_readme(command: str) -> None:
    assert command in README


@pytest.mark.parametrize("alias", sorted({f.alias for f in (*default_catalogue().structure_formats, *default_catalogue().data_formats)}))
def test_every_format_is_in_the_readme(alias: str) -> None:
    assert f"`{alias}`" in README


def test_the_changelog_opens_with_what_is_not_released_or_with_this_version() -> None:
    first = re.search(r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert first is not None
    assert first[1] in {"Unreleased", __version__}


@pytest.mark.parametrize("page", sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").rglob("*.md")))
def test_files_that_the_documentation_names_exist(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    named = re.findall(r"`((?:exchange|registry|mappings|tests|benchmarks|openapi|docs)/[\w./-]+?\.(?:py|md|json|yaml|toml))`", text)
    missing = [path for path in named if not (ROOT / path).exists()]
    assert not missing


def test_importing_the_information_model_loads_nothing_heavy() -> None:
    code = "import sys, registry.model.families; print(sorted(set(sys.modules) & {'polars', 'lxml', 'sqlalchemy', 'fastapi', 'deltalake'}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
