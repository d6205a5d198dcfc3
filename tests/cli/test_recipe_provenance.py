"""What a number was computed with can be read from its provenance, over HTTP, up to the recipe itself."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from exchange.app import create_app
from exchange.settings import Settings
from tests.cli.conftest import Command
from tests.mappings.conftest import EXAMPLES, RECIPE, STRUCTURES

AREAS = "name,area\nnorth,up\nsouth,down\n"
KINDS = "Text,Value\na,A\n"
SOURCE = "region,kind,amount\nnorth,a,4\nsouth,a,2\nsouth,a,100\n"


@pytest.fixture
def recipe(tmp_path: Path, exchange: Command) -> Path:
    text = RECIPE.replace("codes: {a: A, b: B}", "codes_file: {file: kinds.csv, text: Text, code: Value}")
    text = text.replace("  columns:\n", "  lookups: [{file: areas.csv, on: {region: name}, take: {area: area}}]\n  columns:\n")
    text = text.replace("{statistic: sum, of: amount}", "{statistic: mean, of: amount, weight: amount * 2, decimals: 1}")
    path = tmp_path / "recipe.yaml"
    path.write_text(f"{text}filters: [{{keep: amount < 50, reason: Too large to be true.}}]\n", encoding="utf-8")
    for name, content in {"structures.yaml": STRUCTURES, "areas.csv": AREAS, "kinds.csv": KINDS, "source.csv": SOURCE}.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    assert exchange("structures", "import", EXAMPLES / "shared" / "sdmx_cross_domain.xml").code == 0
    assert exchange("structures", "build", tmp_path / "structures.yaml", "-o", tmp_path / "structures.json").code == 0
    assert exchange("structures", "import", tmp_path / "structures.json").code == 0
    published = exchange("recipe", "run", path, tmp_path / "source.csv", "--publish")
    assert published.code == 0, published.err
    return path


@pytest.fixture
def client(recipe: Path, home: Path) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(home=home))) as client:
        yield client


def entities(client: TestClient) -> dict[str, Any]:
    document = client.get("/api/v1/provenance/LOCAL/DF/1.0.0/S.A.2023").json()
    used = {relation["prov:entity"] for relation in document["used"].values()}
    return {name: entity for name, entity in document["entity"].items() if name in used}


def test_formula_weight_filters_lookups_and_code_files_are_entities_that_the_run_used(client: TestClient) -> None:
    found = entities(client)
    indicator = found["cde:indicator/TOTAL"]
    told = {name: indicator[f"cde:{name}"] for name in ("statistic", "of", "weight", "decimals", "rounding", "measure")}
    assert told == {
        "statistic": "mean",
        "of": "amount",
        "weight": "amount * 2",
        "decimals": 1,
        "rounding": "half_to_even",
        "measure": "OBS_VALUE",
    }
    assert (found["cde:filter/1"]["cde:keep"], found["cde:filter/1"]["prov:label"]) == ("amount < 50", "Too large to be true.")
    files = {
        entity["prov:label"]: (entity["cde:use"], entity["cde:sha256"]) for name, entity in found.items() if name.startswith("cde:file/")
    }
    assert files == {
        "kinds.csv": ("codes of KIND", hashlib.sha256(KINDS.encode()).hexdigest()),
        "areas.csv": ("lookup", hashlib.sha256(AREAS.encode()).hexdigest()),
    }


def test_the_recipe_is_answered_byte_for_byte_where_provenance_says(client: TestClient, recipe: Path) -> None:
    plan = entities(client)["cde:recipe"]
    answer = client.get(plan["prov:location"])
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/yaml")
    assert answer.content == recipe.read_bytes()
    assert plan["prov:location"].endswith(plan["cde:sha256"])


@pytest.mark.parametrize("digest", ["0" * 64, "x", "%00"])
def test_what_is_no_digest_of_a_recipe_is_not_found(client: TestClient, digest: str) -> None:
    answer = client.get(f"/api/v1/recipes/{digest}")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


def test_a_recipe_goes_with_the_last_submission_that_was_made_with_it(
    client: TestClient, recipe: Path, exchange: Command, tmp_path: Path
) -> None:
    plan = entities(client)["cde:recipe"]
    first = exchange("store", "check")
    assert first.code == 0, first.out
    (tmp_path / "source.csv").write_text(SOURCE.replace("2", "3"), encoding="utf-8")
    assert exchange("recipe", "run", recipe, tmp_path / "source.csv", "--publish").code == 0
    log = client.app.state.services.ledger._log  # type: ignore[attr-defined]
    newer, older = (submission.id for submission in log.newest(dataflow="LOCAL:DF(1.0.0)"))
    log.erase(older, dataflow="LOCAL:DF(1.0.0)", actor="test", reason="test")
    assert client.get(plan["prov:location"]).status_code == 200
    log.erase(newer, dataflow="LOCAL:DF(1.0.0)", actor="test", reason="test")
    assert client.get(plan["prov:location"]).status_code == 404
