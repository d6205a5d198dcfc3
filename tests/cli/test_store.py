"""``exchange store``: what is wrong is said line by line, what is left over goes, what is erased is recorded with its reason."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from exchange.app import create_app
from exchange.settings import Settings
from tests.builders import a_codelist, a_concept_scheme, a_data_structure, a_dataflow, enumerated
from tests.cli.conftest import Command, written
from tests.demo_server import running

FLOW = "CDE:DF_WATER(1.0.0)"


@pytest.fixture
def loaded(exchange: Command, tmp_path: Path) -> Command:
    areas, concepts = a_codelist("CL_AREA", ("MW", "RW")), a_concept_scheme()
    structure = a_data_structure(concepts, {"AREA": enumerated(areas)})
    assert (
        exchange("structures", "import", written(tmp_path / "structures.xml", areas, concepts, structure, a_dataflow(structure))).code == 0
    )
    for number in range(2):
        data = tmp_path / f"data{number}.csv"
        data.write_text(f"STRUCTURE,STRUCTURE_ID,ACTION,AREA,TIME_PERIOD,OBS_VALUE\ndataflow,{FLOW},M,MW,202{number},{number + 1}\n")
        assert exchange("data", "load", data, "--dataflow", FLOW).code == 0
    return exchange


def _submissions(exchange: Command) -> list[str]:
    return [line.split()[1] for line in exchange("submissions", "--dataflow", FLOW).lines]


def test_all_is_well_after_loading(loaded: Command) -> None:
    outcome = loaded("store", "check")
    assert (outcome.code, outcome.out) == (0, "audit log, observations and provenance are as they were recorded\n")
    assert loaded("store", "clean").out == ""


def test_altered_files_altered_audit_and_lost_provenance_are_named(loaded: Command, home: Path) -> None:
    file = next(home.glob("lake/CDE/DF_WATER/1.0.0/_current=true/*.parquet"))
    for file in home.glob("lake/CDE/DF_WATER/1.0.0/_current=true/*.parquet"):
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 1
        file.write_bytes(content)
    outcome = loaded("store", "check")
    assert outcome.code == 1
    assert len(outcome.lines) == 1
    assert outcome.out.startswith(f"{FLOW}: _current=true/")
    assert "does not hold what was written" in outcome.out
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def test_lost_records_are_named(loaded: Command, home: Path) -> None:
    first = _submissions(loaded)[-1]
    with sqlite3.connect(home / "registry.sqlite") as database:
        database.execute("DELETE FROM origin WHERE submission = ?", (first,))
    database.close()
    outcome = loaded("store", "check")
    assert (outcome.code, outcome.lines) == (1, [f"{FLOW}: submission {first} has no provenance record"])


@pytest.mark.parametrize(
    ("change", "stored", "said", "cleaned"),
    [
        ("UPDATE submission SET status = 'pending'", True, "is stored and still marked as pending", True),
        ("UPDATE submission SET status = 'pending'", False, "was begun and never stored", True),
        ("UPDATE submission SET actor = actor", False, "is recorded, but its observations are not there", False),
        ("DELETE FROM submission", True, "is stored, but it is not recorded who handed it in", False),
    ],
)
def test_commits_and_records_that_disagree_are_named(
    loaded: Command, home: Path, change: str, stored: bool, said: str, cleaned: bool
) -> None:
    database = sqlite3.connect(home / "registry.sqlite")
    database.execute(change)
    database.commit()
    database.close()
    if not stored:
        shutil.rmtree(home / "lake" / "CDE")
    checked = loaded("store", "check")
    assert (checked.code, [said in line for line in checked.lines]) == (1, [True, True]), checked.out
    assert len(loaded("store", "clean").lines) == 2 * cleaned
    assert loaded("store", "check").code == (0 if cleaned else 1)


def test_a_cut_log_is_one_line(loaded: Command, home: Path, tmp_path: Path) -> None:
    entry = max(home.glob("lake/CDE/DF_WATER/1.0.0/_delta_log/*.json"))
    entry.write_bytes(entry.read_bytes()[:50])
    for command in (("store", "check"), ("data", "export", "--dataflow", FLOW, "--format", "sdmx-csv-2.1", "-o", str(tmp_path / "x.csv"))):
        outcome = loaded(*command)
        assert outcome.code == 1
        text = (outcome.out + outcome.err).strip().splitlines()
        assert "Entry 1 of the log of observations is damaged" in text[0]


@pytest.mark.parametrize("damage", ["cut", "emptied", "gone", "overwritten", "tail"])
def test_damaged_files_are_one_line_and_503(loaded: Command, home: Path, tmp_path: Path, damage: str) -> None:
    for file in home.glob("lake/CDE/DF_WATER/1.0.0/_current=true/*.parquet"):
        content = file.read_bytes()
        changed = {
            "cut": content[: len(content) // 2],
            "emptied": b"",
            "gone": b"",
            "overwritten": bytes(len(content)),
            "tail": content[:-300] + bytes(range(150)) * 2,
        }
        file.write_bytes(changed[damage])
        if damage == "gone":
            file.unlink()
    outcome = loaded("data", "export", "--dataflow", FLOW, "--format", "sdmx-csv-2.1", "-o", tmp_path / "x.csv")
    assert outcome.code == 1
    assert "exchange store check names it" in outcome.err
    assert "Traceback" not in outcome.err
    assert not (tmp_path / "x.csv").exists()
    with TestClient(create_app(Settings(home=home))) as client:
        answer = client.get("/sdmx/v2/data/dataflow/CDE/DF_WATER")
        assert answer.status_code == 503
        assert answer.json()["errors"][0]["code"] == 503
    assert loaded("store", "check").code == 1


def test_readiness_says_which_part_is_not_there(loaded: Command, home: Path) -> None:
    entry = max(home.glob("lake/CDE/DF_WATER/1.0.0/_delta_log/*.json"))
    entry.write_bytes(b"")
    with TestClient(create_app(Settings(home=home))) as client:
        answer = client.get("/health/ready")
        assert (answer.status_code, answer.json()) == (503, {"status": "unavailable", "registry": True, "observations": False})


def test_readiness_survives_an_object_store_that_is_down(home: Path) -> None:
    options = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_ALLOW_HTTP": "true", "AWS_REGION": "x"}
    options |= {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}
    secrets = {name: SecretStr(value) for name, value in options.items()}
    settings = Settings(home=home, store_url="s3://lake", store_options=secrets)
    with TestClient(create_app(settings)) as client:
        answer = client.get("/health/ready")
        assert (answer.status_code, answer.json()["observations"]) == (503, False)


#: The right to write whatever the modes of files say, which root has.
_DROP_OVERRIDE = "import ctypes, os, sys; ctypes.CDLL(None).prctl(24, 1, 0, 0, 0); os.execv(sys.argv[1], sys.argv[1:])"


_EXCHANGE = str(Path(sys.executable).with_name("exchange"))


@contextmanager
def _only_readable(home: Path) -> Iterator[None]:
    paths = [home, *home.rglob("*")]
    for path in paths:
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        yield
    finally:
        for path in paths:
            path.chmod(0o755 if path.is_dir() else 0o644)


def test_a_home_that_cannot_be_written_is_exported(loaded: Command, home: Path, tmp_path: Path) -> None:
    assert loaded("store", "check").code == 0

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        environment = os.environ | {"EXCHANGE_HOME": str(home)}
        line = [sys.executable, "-c", _DROP_OVERRIDE, _EXCHANGE, *arguments]
        return subprocess.run(line, env=environment, capture_output=True, text=True, check=False)

    with _only_readable(home):
        exported = run("data", "export", "--dataflow", FLOW, "--format", "sdmx-csv-2.1", "-o", str(tmp_path / "x.csv"))
        refused = run("store", "clean")
        listed = run("submissions")
    assert (exported.returncode, (tmp_path / "x.csv").read_text().count("\ndataflow")) == (0, 2), exported.stderr
    assert (refused.returncode, len(refused.stderr.splitlines())) == (1, 1)
    assert len(listed.stdout.splitlines()) == 3


def test_a_home_that_cannot_be_written_is_served(loaded: Command, home: Path) -> None:
    assert loaded("store", "check").code == 0
    answers: dict[str, str] = {}
    with _only_readable(home), running(home, command=[sys.executable, "-c", _DROP_OVERRIDE, _EXCHANGE]) as root:
        for path in (
            "sdmx/v2/structure/datastructure/CDE/*/*?references=all",
            "sdmx/v2/data/dataflow/CDE/DF_WATER?includeHistory=true",
            "sdmx/v2/data/dataflow/CDE/DF_WATER/1.0.0/MW?sort=TIME_PERIOD",
            "sdmx/v1/data/CDE,DF_WATER",
            "sdmx/v2/availability/dataflow/CDE/DF_WATER?references=all",
            "api/v1/provenance/CDE/DF_WATER/1.0.0/MW.2020",
            "health/live",
            "health/ready",
        ):
            with urlopen(f"{root}/{path}") as answer:
                answers[path] = answer.read().decode()
    assert all("WATER" in text for path, text in answers.items() if not path.startswith("health"))


def test_a_running_server_keeps_nothing_of_what_another_process_erases(loaded: Command, home: Path) -> None:
    _, first = _submissions(loaded)
    paths = {
        "/sdmx/v2/data/dataflow/CDE/DF_WATER": "2020",
        "/sdmx/v2/data/dataflow/CDE/DF_WATER?includeHistory=true": "2020",
        "/sdmx/v2/data/dataflow/CDE/DF_WATER?format=csv": "2020",
        "/sdmx/v2/availability/dataflow/CDE/DF_WATER": "2020",
        "/api/v1/provenance/CDE/DF_WATER/1.0.0/MW.2021": first,
    }
    with TestClient(create_app(Settings(home=home))) as client:
        before = {path: client.get(path) for path in paths}
        assert [answer.status_code for answer in before.values()] == [200] * len(paths)
        assert client.get("/api/v1/provenance/CDE/DF_WATER/1.0.0/MW.2020").status_code == 200
        command = [_EXCHANGE, "store", "erase", first, "--reason", "names"]
        erased = subprocess.run(command, env=os.environ | {"EXCHANGE_HOME": str(home)}, capture_output=True, text=True, check=False)
        assert erased.returncode == 0, erased.stderr
        for path, gone in paths.items():
            known = {"If-None-Match": before[path].headers.get("ETag", '"none"')}
            since = {"If-Modified-Since": before[path].headers.get("Last-Modified", "2000-01-01")}
            for answer in (client.get(path), client.get(path, headers=known), client.get(path, headers=since)):
                assert (answer.status_code, gone in answer.text) == (200, False), path
        assert client.get("/api/v1/provenance/CDE/DF_WATER/1.0.0/MW.2020").status_code == 404


def test_what_somebody_begins_while_others_clean_is_let_alone(loaded: Command, home: Path) -> None:
    with sqlite3.connect(home / "registry.sqlite") as database:
        database.execute("UPDATE submission SET status = 'pending'")
        later = "UPDATE submission SET received = '2999-01-01 00:00:00.000000' WHERE id = ?"
        database.execute(later, (_submissions(loaded)[0],))
    database.close()
    assert [line.split()[2] for line in loaded("store", "clean").lines] == [f"{_submissions(loaded)[1]},"]


def test_unpacked_files_of_killed_processes_go_and_those_in_use_stay(
    loaded: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as dead:
        dead.wait()
    left, used = tmp_path / f"exchange-unpacked-{dead.pid}-x.csv", tmp_path / f"exchange-unpacked-{os.getpid()}-x.csv"
    for file in (left, used):
        file.write_text("x")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert left.name in loaded("store", "clean").out
    assert (left.exists(), used.exists()) == (False, True)


def test_erasing_needs_a_reason_and_records_it(loaded: Command, home: Path) -> None:
    second, first = _submissions(loaded)
    assert loaded("store", "erase", second).code == 2
    assert loaded("store", "erase", second, "--reason", " ").code == 1
    assert loaded("store", "erase", "nobody", "--reason", "x").code == 1
    outcome = loaded("store", "erase", second, "--reason", "names of patients")
    assert (outcome.code, second in outcome.out) == (0, True)
    assert _submissions(loaded) == [first]
    assert loaded("store", "check").code == 0
    with sqlite3.connect(home / "registry.sqlite") as database:
        (entry,) = database.execute("SELECT entry FROM audit ORDER BY sequence DESC LIMIT 1").fetchone()
    database.close()
    assert "names of patients" in entry
    assert second in entry
