"""What the API's description promises, tried against the live server by schemathesis with all its checks, as it is served."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from exchange.query.grammar import vocabulary
from exchange.query.grammar.vocabulary import REPRESENTATION
from exchange.rest.documentation import OPERATIONS
from tests.conformance.answers import fetch, observations
from tests.demo_server import AGENCY, FLOW, VERSION

#: So many examples per operation and phase; more find more, and take longer than a minute.
EXAMPLES = 3
#: What schemathesis cannot know from the description.
CONFIGURATION = Path(__file__).parents[2] / "schemathesis.toml"


@pytest.fixture(scope="module")
def document(server: str) -> dict[str, Any]:
    with urlopen(f"{server}/openapi.json") as answer:
        return dict(json.load(answer))


def test_schemathesis_finds_nothing_with_all_its_checks(server: str, tmp_path: Path) -> None:
    command = [Path(sys.executable).with_name("schemathesis"), "--config-file", CONFIGURATION, "run", f"{server}/openapi.json"]
    options = ["--checks", "all", "--seed", "1", "--max-examples", str(EXAMPLES), "--phases", "examples,coverage,fuzzing"]
    quiet = ["--no-color", "--warnings", "off"]
    done = subprocess.run([*map(str, command), *options, *quiet], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-6000:]


@pytest.mark.parametrize(("version", "path"), [(version, operation.path) for version in OPERATIONS for operation in OPERATIONS[version]])
def test_the_description_lists_the_parameters_that_are_taken_and_no_others(document: dict[str, Any], version: str, path: str) -> None:
    operation = next(operation for operation in OPERATIONS[version] if operation.path == path)
    described = {entry["name"] for entry in document["paths"][f"/sdmx/{version}{path}"]["get"]["parameters"] if entry["in"] == "query"}
    assert described == {*operation.resource.own, *REPRESENTATION}
    assert vocabulary.FILTER not in described or version == "v2"


@pytest.mark.parametrize("target", [f"/sdmx/v2/data/dataflow/{AGENCY}/{FLOW}/{VERSION}", f"/sdmx/v2/structure/dataflow/{AGENCY}/{FLOW}"])
def test_every_format_is_answered_in_some_version_and_every_version_in_some_format(
    server: str, document: dict[str, Any], target: str
) -> None:
    path = next(path for path in document["paths"] if path.startswith("/".join(target.split("/")[:4])))
    values = {entry["name"]: entry["schema"].get("enum", []) for entry in document["paths"][path]["get"]["parameters"]}
    answered: dict[str, set[str]] = {number: set() for number in values["formatVersion"]}
    for name in values["format"]:
        assert fetch(server, f"{target}?format={name}", method="HEAD").status == 200, name
        for number, names in answered.items():
            status = fetch(server, f"{target}?format={name}&formatVersion={number}", method="HEAD").status
            assert status in {200, 406}
            names.update([name] if status == 200 else [])
    assert all(answered.values())
    assert set(values["format"]) - set().union(*answered.values()) <= {"arrow", "parquet"}, "these have no versions"
    for number in answered:
        assert fetch(server, f"{target}?formatVersion={number}", method="HEAD").status == 200


def test_a_long_key_is_described_as_a_form(server: str, document: dict[str, Any]) -> None:
    operation = document["paths"]["/sdmx/v1/data/{flowRef}/body"]["post"]
    [media_type] = operation["requestBody"]["content"]
    target = f"/sdmx/v1/data/{AGENCY},{FLOW},{VERSION}/body"
    answer = fetch(server, target, {"Content-Type": media_type}, method="POST", body=b"key=A.MW...")
    assert answer.status == 200
    in_the_path = fetch(server, f"/sdmx/v1/data/{AGENCY},{FLOW},{VERSION}/A.MW...")
    assert observations(answer) == observations(in_the_path) > 0


def test_statuses_bodies_and_headers_of_errors_are_described(document: dict[str, Any]) -> None:
    for path, item in document["paths"].items():
        if path.startswith("/sdmx"):
            [operation] = item.values()
            responses = operation["responses"]
            assert ("304" in responses) == ("get" in item)
            assert {"200", "400", "404", "405", "406", "422", "500", "501", "503"} <= responses.keys()
            for status in ("400", "404", "406", "500"):
                assert responses[status]["content"].keys() == {"application/json", "application/xml"}
            assert responses["200"]["headers"].keys() >= {"ETag", "Last-Modified", "Vary", "Content-Language", "Content-Encoding"}
