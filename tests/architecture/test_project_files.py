"""Files that no test runs otherwise: the Containerfile, the hooks, the targets that contributors are told of."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import typer.main
import yaml
from fastapi.testclient import TestClient
from typer.core import TyperGroup

from exchange import __version__
from exchange.app import create_app
from exchange.cli import application
from exchange.settings import Settings

ROOT = Path(__file__).parents[2]


def instructions() -> list[tuple[str, str]]:
    """The instructions of the Containerfile with their arguments; lines that continue are one."""
    text = re.sub(r"^#.*\n", "", ROOT.joinpath("Containerfile").read_text(encoding="utf-8"), flags=re.MULTILINE).replace("\\\n", " ")
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in text.splitlines() if line.strip())]


def arguments(word: str) -> list[str]:
    return [rest for name, rest in instructions() if name == word]


def test_what_the_container_copies_is_there_and_sent_to_the_builder() -> None:
    sent = {line[1:] for line in ROOT.joinpath(".containerignore").read_text(encoding="utf-8").splitlines() if line.startswith("!")}
    copied = {source for rest in arguments("COPY") if "--from" not in rest for source in rest.split()[:-1]}
    assert copied == sent
    for source in copied:
        assert ROOT.joinpath(source).exists(), source


def test_the_container_runs_a_command_that_exists_with_options_that_exist() -> None:
    (entry,), (words,) = arguments("ENTRYPOINT"), arguments("CMD")
    assert yaml.safe_load(entry) == ["exchange"]
    name, *options = yaml.safe_load(words)
    root = typer.main.get_command(application)
    assert isinstance(root, TyperGroup)
    known = {option for parameter in root.commands[name].params for option in parameter.opts}
    assert {option for option in options if option.startswith("--")} <= known


def test_the_container_is_built_in_stages_and_runs_without_privileges() -> None:
    names = [word for word, _ in instructions()]
    assert names.count("FROM") == 2
    final = instructions()[len(names) - names[::-1].index("FROM") - 1 :]
    user = next(rest for word, rest in final if word == "USER")
    assert user.isdecimal()
    assert int(user) > 0
    assert not any("uv " in rest for word, rest in final if word == "RUN"), "tools stay in the first stage"
    assert any("--require-hashes" in rest for rest in arguments("RUN"))
    assert any(".whl" in rest for rest in arguments("RUN"))


def test_the_settings_of_the_container_are_settings(tmp_path: Path) -> None:
    set_ = [part.partition("=")[0] for rest in arguments("ENV") for part in shlex.split(rest)]
    ours = {name for name in set_ if name.startswith("EXCHANGE_")}
    assert ours
    assert ours <= {f"EXCHANGE_{name.upper()}" for name in Settings.model_fields}
    with TestClient(create_app(Settings(home=tmp_path))) as client:
        (check,) = arguments("HEALTHCHECK")
        path = re.search(r"8000(/[a-z/]+)'", check)
        assert path is not None
        assert client.get(path[1]).status_code == 200


def test_hooks_run_tools_of_the_environment_and_download_nothing() -> None:
    config = yaml.safe_load(ROOT.joinpath(".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert [repository["repo"] for repository in config["repos"]] == ["local"]
    for hook in config["repos"][0]["hooks"]:
        assert hook["language"] == "system"
        tool = hook["entry"].split()[0]
        assert tool.startswith(".venv/bin/")
        assert Path(sys.executable).with_name(Path(tool).name).exists(), tool


@pytest.mark.parametrize("document", ["CONTRIBUTING.md", "README.md"])
def test_documents_name_targets_that_exist(document: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", ROOT.joinpath("Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    named = set(re.findall(r"(?:`|^)make ([a-z-]+)", ROOT.joinpath(document).read_text(encoding="utf-8"), flags=re.MULTILINE))
    assert named <= targets, named - targets


def test_the_version_has_release_notes() -> None:
    headings = re.findall(r"^## \[(.+?)\](?: - (.+))?$", ROOT.joinpath("CHANGELOG.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert headings[0] == ("Unreleased", "")
    assert headings[1][0] == __version__
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", date) for _, date in headings[1:])


def test_make_explains_its_targets() -> None:
    shown = subprocess.run(["make", "--no-print-directory", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for target in ("setup", "fast", "test", "test-pythons", "check", "mutants"):
        assert re.search(rf"^{target}\s+\S", shown, flags=re.MULTILINE), target
