"""``exchange store``: what is wrong is said line by line, what is left over goes, what is erased is recorded with its reason."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.builders import a_codelist, a_concept_scheme, a_data_structure, a_dataflow, enumerated
from tests.cli.conftest import Command, written

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


def test_a_cut_log_is_one_line(loaded: Command, home: Path, tmp_path: Path) -> None:
    entry = max(home.glob("lake/CDE/DF_WATER/1.0.0/_delta_log/*.json"))
    entry.write_bytes(entry.read_bytes()[:50])
    for command in (("store", "check"), ("data", "export", "--dataflow", FLOW, "--format", "sdmx-csv-2.1", "-o", str(tmp_path / "x.csv"))):
        outcome = loaded(*command)
        assert outcome.code == 1
        text = (outcome.out + outcome.err).strip().splitlines()
        assert "Entry 1 of the log of observations is damaged" in text[0]


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
