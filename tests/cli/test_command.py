"""The command as a whole: exit statuses, settings, help; no traceback for anything a person may type."""

from pathlib import Path

import pytest

from exchange import __version__
from exchange.settings import Settings
from tests.cli.conftest import Command

RECIPES = Path(__file__).parent.parent.parent / "mappings" / "examples"


def test_the_version_is_printed(exchange: Command) -> None:
    done = exchange("--version")
    assert (done.code, done.out.strip()) == (0, __version__)


@pytest.mark.parametrize(
    "words",
    [
        "serve",
        "demo",
        "settings",
        "structures",
        "structures import",
        "structures export",
        "structures build",
        "data load",
        "data export",
        "recipe check",
        "recipe run",
        "recipe schema",
        "recipe structures",
    ],
)
def test_every_command_explains_itself(exchange: Command, words: str) -> None:
    assert exchange(*words.split(), "--help").code == 0


@pytest.mark.parametrize(
    "words",
    [
        "nonsense",
        "structures import",
        "structures build",
        "data load",
        "data load x",
        "serve --port high",
        "serve --port 70000",
        "serve --workers 0",
        "recipe run only-one",
        "structures export codelist/*",
        "demo --unknown",
    ],
)
def test_a_wrong_use_has_exit_status_2(exchange: Command, words: str) -> None:
    done = exchange(*words.split())
    assert (done.code, done.out) == (2, "")


def test_settings_are_shown_and_secrets_masked(exchange: Command) -> None:
    secrets = {"EXCHANGE_DATABASE_URL": "postgresql://u:geheim@h/d", "EXCHANGE_STORE_OPTIONS": '{"AWS_SECRET_ACCESS_KEY": "geheim"}'}
    done = exchange("settings", **secrets)
    assert done.code == 0
    assert "geheim" not in done.out
    for name in Settings.model_fields:
        assert f"EXCHANGE_{name.upper()}=" in done.out


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("EXCHANGE_BATCH_ROWS", "many"),
        ("EXCHANGE_BATCH_ROWS", "1"),
        ("EXCHANGE_EMPTY_RESULT", "500"),
        ("EXCHANGE_MOUNTS", "/rest"),
        ("EXCHANGE_MOUNTS", '{"rest": "v1"}'),
        ("EXCHANGE_MOUNTS", '{"/rest": "v7"}'),
        ("EXCHANGE_STORE_OPTIONS", "secret=geheim"),
        ("EXCHANGE_SENDER", "a b"),
    ],
)
@pytest.mark.parametrize("command", ["settings", "demo", "serve"])
def test_a_setting_that_is_none_is_named(exchange: Command, variable: str, value: str, command: str) -> None:
    done = exchange(command, *(["--port", "0"] if command != "settings" else []), **{variable: value})
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(f"error: {variable}")
    assert done.err.rstrip().endswith("[invalid-setting]")
    assert done.err.count("\n") == 1
    assert "geheim" not in done.err


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"EXCHANGE_DATABASE_URL": "postgresql://u:geheim@127.0.0.1:1/d"}, "store-unavailable"),
        ({"EXCHANGE_DATABASE_URL": "mysql://u:geheim@h/d"}, "store-unavailable"),
        ({"EXCHANGE_DATABASE_URL": "nonsense"}, "store-unavailable"),
        ({"EXCHANGE_HOME": __file__}, "unusable-home"),
        ({"EXCHANGE_HOME": f"{__file__}/home"}, "unusable-home"),
    ],
)
def test_stores_that_cannot_be_used_are_one_line(exchange: Command, settings: dict[str, str], code: str) -> None:
    done = exchange("structures", "export", "codelist/*", "--format", "sdmx-ml-3.0", **settings)
    assert (done.code, done.out) == (1, "")
    assert done.err.count("\n") == 1
    assert done.err.rstrip().endswith(f"[{code}]")
    assert "geheim" not in done.err


def test_a_database_that_is_none_is_said(exchange: Command, home: Path) -> None:
    home.mkdir()
    (home / "registry.sqlite").write_bytes(b"this is no database at all, but it is long enough to look like one" * 20)
    done = exchange("structures", "export", "codelist/*", "--format", "sdmx-ml-3.0")
    assert (done.code, done.err.rstrip()[-len("[store-unavailable]") :]) == (1, "[store-unavailable]")


@pytest.mark.parametrize(
    ("recipe", "source"),
    [
        ("none.yaml", "a.csv"),
        (".", "a.csv"),
        ("broken.yaml", "a.csv"),
        ("recipe.yaml", "none.csv"),
        ("recipe.yaml", "."),
        ("recipe.yaml", "a.csv"),
    ],
)
def test_a_recipe_that_cannot_run_says_why(exchange: Command, tmp_path: Path, recipe: str, source: str) -> None:
    (tmp_path / "broken.yaml").write_text("id: [", encoding="utf-8")
    (tmp_path / "a.csv").write_text("x,y\n1,2\n", encoding="utf-8")
    original = RECIPES / "water_points_mw" / "recipe.yaml"
    (tmp_path / "recipe.yaml").write_bytes(original.read_bytes())
    done = exchange("recipe", "run", tmp_path / recipe, tmp_path / source, "--publish", "--report", tmp_path / "report.json")
    assert (done.code, done.out) == (1, "")
    errors = [line for line in done.err.splitlines() if line.startswith("error:")]
    assert errors
    assert all(line.endswith("]") for line in errors)
    assert not (tmp_path / "report.json").exists()


def test_the_json_schema_of_recipes_is_written_as_it_is_checked_in(exchange: Command) -> None:
    done = exchange("recipe", "schema")
    assert (done.code, done.out) == (0, (RECIPES.parent / "recipe" / "recipe.schema.json").read_text(encoding="utf-8"))


def test_a_recipe_runs_from_structures_to_publication(exchange: Command, tmp_path: Path) -> None:
    folder = RECIPES / "hate_incidents_us"
    recipe, source, report = folder / "recipe.yaml", folder / "hate_crimes.csv", tmp_path / "report.json"
    structures = tmp_path / "structures.json"
    steps = [
        exchange("structures", "import", RECIPES / "shared" / "sdmx_cross_domain.xml"),
        exchange("recipe", "structures", recipe, "-o", structures),
        exchange("structures", "import", structures),
        exchange("recipe", "check", recipe),
        exchange("recipe", "run", recipe, source, "--dry-run"),
        exchange("recipe", "run", recipe, source, "--publish", "--report", report),
    ]
    assert [step.code for step in steps] == [0] * 6, [step.err for step in steps]
    assert "not stored; publishing would mean" in steps[4].lines[-1]
    assert "published as submission" in steps[5].lines[-1]
    assert report.stat().st_size > 1000


def test_a_report_that_cannot_be_written_is_said_before_anything_is_published(exchange: Command, tmp_path: Path) -> None:
    folder = RECIPES / "hate_incidents_us"
    done = exchange(
        "recipe", "run", folder / "recipe.yaml", folder / "hate_crimes.csv", "--publish", "--report", tmp_path / "none" / "r.json"
    )
    assert (done.code, done.out) == (1, "")
    assert "the folder of this file does not exist" in done.err
