"""Processes stopped while they store: whoever comes next finds observations with their provenance, or neither."""

from __future__ import annotations

import signal
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from exchange.app import create_app
from exchange.settings import Settings
from tests.builders import a_codelist, a_concept_scheme, a_data_structure, a_dataflow, enumerated
from tests.cli.conftest import Command, started, written
from tests.cli.test_processes import finished

FLOW = "CDE:DF_WATER(1.0.0)"
RECIPE = """\
recipe: 1
id: WATER
agency: CDE
version: 1.0.0
names: {en: Water}
dataflow: CDE:DF_WATER(1.0.0)
source:
  reader: {format: csv, encoding: utf-8, delimiter: ","}
  columns: {area: {}, amount: {type: number}}
components:
  AREA: {column: area}
  TIME_PERIOD: {value: 2020}
indicators:
  TOTAL: {statistic: sum, of: amount}
provenance:
  collector: {id: CSO, name: Collectors}
  publisher: {id: HUB, name: Hub}
  licence: CC-BY-4.0
  method: Survey
"""


@pytest.fixture
def loading(tmp_path: Path) -> list[str | Path]:
    file = tmp_path / "data.csv"
    rows = "".join(f"dataflow,{FLOW},R,A{area},2020,1\n" for area in range(400))
    file.write_text(f"STRUCTURE,STRUCTURE_ID,ACTION,AREA,TIME_PERIOD,OBS_VALUE\n{rows}", encoding="utf-8")
    return ["data", "load", file, "--dataflow", FLOW]


@pytest.fixture
def publishing(tmp_path: Path) -> list[str | Path]:
    recipe, source = tmp_path / "recipe.yaml", tmp_path / "source.csv"
    recipe.write_text(RECIPE, encoding="utf-8")
    source.write_text("area,amount\n" + "".join(f"A{area},1\n" for area in range(400)), encoding="utf-8")
    return ["recipe", "run", recipe, source, "--publish"]


@pytest.fixture(autouse=True)
def structures(exchange: Command, tmp_path: Path) -> None:
    area, concepts = a_codelist(codes=[f"A{number}" for number in range(400)]), a_concept_scheme()
    structure = a_data_structure(concepts, {"AREA": enumerated(area)})
    assert exchange("structures", "import", written(tmp_path / "s.xml", area, concepts, structure, a_dataflow(structure))).code == 0


def pending(home: Path) -> bool:
    """A submission of data is recorded and not committed yet: the moment of the commit."""
    with closing(sqlite3.connect(home / "registry.sqlite", timeout=10)) as database:
        return bool(database.execute("SELECT count(*) FROM submission WHERE status = 'pending'").fetchone()[0])


def in_the_lake(home: Path) -> bool:
    """The observations are committed; the record may still be pending."""
    return any((home / "lake").rglob("_delta_log/*.json"))


@pytest.mark.parametrize(
    ("command", "number", "moment"),
    [
        ("loading", signal.SIGINT, pending),
        ("loading", signal.SIGINT, in_the_lake),
        ("loading", signal.SIGTERM, in_the_lake),
        ("loading", signal.SIGKILL, pending),
        ("loading", signal.SIGKILL, in_the_lake),
        ("publishing", signal.SIGINT, pending),
        ("publishing", signal.SIGTERM, in_the_lake),
    ],
)
def test_a_process_that_is_stopped_at_the_commit_leaves_both_or_neither(
    exchange: Command, home: Path, request: pytest.FixtureRequest, command: str, number: signal.Signals, moment: Callable[[Path], bool]
) -> None:
    arguments = request.getfixturevalue(command)
    process = started(home, *arguments)
    while process.poll() is None and not moment(home):
        time.sleep(0.001)
    process.send_signal(number)
    [(_, _, err)] = finished(process)
    assert "Traceback" not in err
    with TestClient(create_app(Settings(home=home))) as client:
        stored = client.get("/sdmx/v2/data/dataflow/CDE/DF_WATER/1.0.0").status_code == 200
        explained = client.get("/api/v1/provenance/CDE/DF_WATER/1.0.0/A7.2020").status_code == 200
    assert stored == explained
    again = exchange(*arguments)
    assert again.code == 0, again.err


def test_a_termination_undoes_what_was_begun(exchange: Command, home: Path, loading: list[str | Path]) -> None:
    process = started(home, *loading)
    while process.poll() is None and not pending(home):
        time.sleep(0.001)
    process.send_signal(signal.SIGTERM)
    finished(process)
    assert not pending(home)
    assert process.returncode in {0, 143}
