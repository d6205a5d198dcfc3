"""What is handed in is recorded with who it was, for every node of a service."""

from __future__ import annotations

import getpass
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from exchange.app import create_app
from exchange.settings import Settings
from registry.store.sql import open_store
from tests.builders import a_codelist, a_concept_scheme, a_data_structure, a_dataflow, enumerated
from tests.cli.conftest import Command, written

FLOW = "CDE:DF_WATER(1.0.0)"
PROVENANCE = "/api/v1/provenance/CDE/DF_WATER/1.0.0/A1.2020"


@pytest.fixture
def handed_in(exchange: Command, tmp_path: Path) -> dict[str, str]:
    """A home whose registry and lake are elsewhere, with structures and data; the settings that lead there."""
    settings = {"EXCHANGE_DATABASE_URL": f"sqlite:///{tmp_path / 'shared.sqlite'}", "EXCHANGE_STORE_URL": str(tmp_path / "shared lake")}
    area, concepts = a_codelist(codes=["A1"]), a_concept_scheme()
    structure = a_data_structure(concepts, {"AREA": enumerated(area)})
    assert (
        exchange("structures", "import", written(tmp_path / "s.xml", area, concepts, structure, a_dataflow(structure)), **settings).code
        == 0
    )
    data = tmp_path / "data.csv"
    data.write_text(f"STRUCTURE,STRUCTURE_ID,ACTION,AREA,TIME_PERIOD,OBS_VALUE\ndataflow,{FLOW},R,A1,2020,1\n", encoding="utf-8")
    assert exchange("data", "load", data, "--dataflow", FLOW, **settings).code == 0
    return settings


@pytest.fixture
def second_node(handed_in: dict[str, str], tmp_path: Path) -> Iterator[TestClient]:
    database, lake = handed_in.values()
    with TestClient(create_app(Settings(home=tmp_path / "second", database_url=SecretStr(database), store_url=lake))) as client:
        yield client


def test_a_second_node_explains_what_the_first_one_took_in(second_node: TestClient) -> None:
    answer = second_node.get(PROVENANCE)
    assert answer.status_code == 200
    assert answer.json()["entity"]["cde:source"]["prov:label"] == "data.csv"


def test_submissions_are_listed_newest_first_with_actor_parts_and_outcome(exchange: Command, handed_in: dict[str, str]) -> None:
    user, instant, name = re.escape(getpass.getuser()), r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", r"[0-9a-f\-]{36}"
    data, structures = exchange("submissions", **handed_in).lines
    assert re.fullmatch(rf"{instant} {name} {user} committed data data.csv for {re.escape(FLOW)}: 1 inserted", data), data
    assert re.fullmatch(rf"{instant} {name} {user} committed structures s.xml: 4 added", structures), structures
    assert exchange("submissions", "--limit", "1", **handed_in).lines == [data]
    assert exchange("submissions", "--dataflow", FLOW, **handed_in).lines == [data]
    assert exchange("submissions", "--dataflow", "CDE:NONE(1.0)", **handed_in).lines == []


def test_the_audit_names_the_actor_whatever_the_environment_says(
    exchange: Command, handed_in: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LOGNAME", "somebody else")
    assert exchange("structures", "import", written(tmp_path / "more.xml", a_codelist("CL_MORE")), **handed_in).code == 0
    assert "somebody else" not in exchange("submissions", **handed_in).out


def test_a_dry_run_and_what_is_refused_leave_no_submission(exchange: Command, handed_in: dict[str, str], tmp_path: Path) -> None:
    before = exchange("submissions", **handed_in).lines
    data = tmp_path / "data.csv"
    assert exchange("data", "load", data, "--dataflow", FLOW, "--dry-run", **handed_in).code == 0
    data.write_text(data.read_text(encoding="utf-8").replace("A1", "A9"), encoding="utf-8")
    assert exchange("data", "load", data, "--dataflow", FLOW, **handed_in).code == 1
    assert exchange("submissions", **handed_in).lines == before


def test_a_home_of_version_0_1_explains_its_observations(handed_in: dict[str, str], exchange: Command, tmp_path: Path) -> None:
    database, lake = handed_in.values()
    store = open_store(database)
    [submission] = store.submissions.newest(dataflow=FLOW)
    kept = store.submissions.origin(submission.id)
    store.close()
    assert kept is not None
    # The former layout: a folder per submission in the home, and nothing about it in the database.
    home = tmp_path / "former"
    (home / "provenance" / submission.id).mkdir(parents=True)
    (home / "provenance" / submission.id / "record.json").write_bytes(msgspec.json.format(kept.record))
    fresh = f"sqlite:///{tmp_path / 'fresh.sqlite'}"
    again = {"EXCHANGE_DATABASE_URL": fresh, "EXCHANGE_STORE_URL": lake}
    assert exchange("structures", "import", tmp_path / "s.xml", **again).code == 0
    with TestClient(create_app(Settings(home=home, database_url=SecretStr(fresh), store_url=lake))) as client:
        assert client.get(PROVENANCE).status_code == 200
    assert f"{submission.id} unknown committed data data.csv" in exchange("submissions", **again).out
