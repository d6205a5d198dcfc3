"""What the API's description promises, tried against the live server by schemathesis with all its checks.

The description says how names are formed, the registry which names there are: the names of components and the combinations that no
OpenAPI document can rule out are those of the demo here. Everything else is taken from the description as it is.
"""

from __future__ import annotations

import json
import subprocess
import sys
from copy import deepcopy
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from exchange.query.grammar import vocabulary
from exchange.query.grammar.vocabulary import REPRESENTATION
from exchange.rest.documentation import OPERATIONS
from tests.conformance.answers import fetch
from tests.demo_server import AGENCY, FLOW, VERSION

#: So many examples per operation and phase; more find more, and take longer than a minute.
EXAMPLES = 3
#: A key of at most as many positions as the demo has dimensions.
_KEY = r"[^.,/]*(\.[^.,/]*){0,4}"
#: Schemas of parameters whose values are names that only the registry knows.
NAMES: dict[str, dict[str, Any]] = {
    "dimensionAtObservation": {"type": "string", "enum": ["AllDimensions", "TIME_PERIOD", "REF_AREA"]},
    "attributes": {"type": "string", "enum": ["dsd", "all", "none", "series", "obs", "OBS_STATUS", "OBS_STATUS,UNIT_MEASURE"]},
    "measures": {"type": "string", "enum": ["all", "none", "OBS_VALUE"]},
    "sort": {"type": "string", "enum": ["*", "series_key", "REF_AREA:desc", "REF_AREA+TIME_PERIOD:desc"]},
    "componentID": {"type": "string", "enum": ["*", "REF_AREA"]},
    "key": {"type": "string", "pattern": f"^{_KEY}(,{_KEY})*$", "minLength": 1},
    "c": {
        "type": "object",
        "properties": {name: {"type": "string", "pattern": "^[A-Z]{1,3}$"} for name in ("REF_AREA", "INDICATOR", "OBS_STATUS")},
        "additionalProperties": False,
    },
}
#: The same for SDMX-REST 1.x, which has other words for everything.
OLD_NAMES: dict[str, dict[str, Any]] = {
    "componentID": {"type": "string", "enum": ["all", "REF_AREA"]},
    "key": {"type": "string", "pattern": r"^[^./]*(\.[^./]*){0,4}$", "minLength": 1},
}
#: Left out: each is right by itself, but some pairs contradict each other, which other tests show.
PAIRS = {"formatVersion", "asOf", "X-Range"}


def of_this_registry(document: dict[str, Any]) -> dict[str, Any]:
    """The description with the names of the demo, and without parameters that contradict others by their values."""
    made = deepcopy(document)
    for path, item in made["paths"].items():
        names = {**NAMES, **OLD_NAMES} if path.startswith("/sdmx/v1") else NAMES
        operation = item["get"]
        if "parameters" not in operation or not path.startswith("/sdmx"):
            continue
        operation["parameters"] = [parameter for parameter in operation["parameters"] if parameter["name"] not in PAIRS]
        for parameter in operation["parameters"]:
            if parameter["name"] in names:
                parameter["schema"] = names[parameter["name"]]
                parameter.pop("example", None)
    return made


@pytest.fixture(scope="module")
def document(server: str) -> dict[str, Any]:
    with urlopen(f"{server}/openapi.json") as answer:
        return dict(json.load(answer))


def test_schemathesis_finds_nothing_with_all_its_checks(server: str, document: dict[str, Any], tmp_path: Path) -> None:
    described = tmp_path / "openapi.json"
    described.write_text(json.dumps(of_this_registry(document)), encoding="utf-8")
    command = [Path(sys.executable).with_name("schemathesis"), "run", described, "--url", server, "--checks", "all", "--seed", "1"]
    options = ["--max-examples", str(EXAMPLES), "--phases", "examples,coverage,fuzzing", "--no-color", "--warnings", "off"]
    done = subprocess.run([*map(str, command), *options], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-6000:]


@pytest.mark.parametrize(("version", "path"), [(version, operation.path) for version in OPERATIONS for operation in OPERATIONS[version]])
def test_the_description_lists_the_parameters_that_are_taken_and_no_others(document: dict[str, Any], version: str, path: str) -> None:
    operation = next(operation for operation in OPERATIONS[version] if operation.path == path)
    described = {entry["name"] for entry in document["paths"][f"/sdmx/{version}{path}"]["get"]["parameters"] if entry["in"] == "query"}
    assert described == {*operation.resource.own, *REPRESENTATION}
    assert vocabulary.FILTER not in described or version == "v2"


@pytest.mark.parametrize("target", [f"/sdmx/v2/data/dataflow/{AGENCY}/{FLOW}/{VERSION}", f"/sdmx/v2/structure/dataflow/{AGENCY}/{FLOW}"])
def test_every_format_and_version_that_is_described_is_answered_or_not_acceptable_together(
    server: str, document: dict[str, Any], target: str
) -> None:
    path = next(path for path in document["paths"] if path.startswith("/".join(target.split("/")[:4])))
    values = {entry["name"]: entry["schema"].get("enum", []) for entry in document["paths"][path]["get"]["parameters"]}
    for name in values["format"]:
        assert fetch(server, f"{target}?format={name}", method="HEAD").status == 200, name
        paired = [f"{target}?format={name}&formatVersion={number}" for number in values["formatVersion"]]
        found = {fetch(server, pair, method="HEAD").status for pair in paired}
        assert found <= {200, 406}


def test_statuses_bodies_and_headers_of_errors_are_described(document: dict[str, Any]) -> None:
    for path, item in document["paths"].items():
        if path.startswith("/sdmx"):
            responses = item["get"]["responses"]
            assert {"200", "304", "400", "404", "405", "406", "422", "500", "501", "503"} <= responses.keys()
            for status in ("400", "404", "406", "500"):
                assert responses[status]["content"].keys() == {"application/json", "application/xml"}
            assert responses["200"]["headers"].keys() >= {"ETag", "Last-Modified", "Vary", "Content-Language", "Content-Encoding"}
