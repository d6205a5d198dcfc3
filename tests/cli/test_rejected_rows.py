"""``recipe run --rejected``: rows that were kept out, for the person who corrects them."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.mappings.conftest import EXAMPLES, RECIPE, STRUCTURES


@pytest.fixture
def recipe(tmp_path: Path, exchange: Command) -> Path:
    (tmp_path / "structures.yaml").write_text(STRUCTURES, encoding="utf-8")
    path = tmp_path / "recipe.yaml"
    path.write_text(RECIPE, encoding="utf-8")
    assert exchange("structures", "import", EXAMPLES / "shared" / "sdmx_cross_domain.xml").code == 0
    assert exchange("recipe", "structures", path, "-o", tmp_path / "structures.json").code == 0
    assert exchange("structures", "import", tmp_path / "structures.json").code == 0
    return path


def test_whole_rows_go_into_a_file_of_their_own_and_can_be_run_again(tmp_path: Path, recipe: Path, exchange: Command) -> None:
    source, rejected = tmp_path / "source.csv", tmp_path / "rejected.csv"
    source.write_text('region,kind,amount\nnorth,"a\nb",1\nwest,a,2\nnorth,a,4\n', encoding="utf-8")
    run = exchange("recipe", "run", recipe, source, "--rejected", rejected)
    assert run.code == 0, run.err
    assert "record 3 (line 4 of the file), column region, component REGION, value 'west'" in run.out
    assert "row 2, column kind" in run.out
    with rejected.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [(r["row"], r["line"], r["value"], r["region"], r["amount"]) for r in rows] == [
        ("2", "", "a\nb", "north", "1"),
        ("3", "4", "west", "west", "2"),
    ]
    assert rejected.stat().st_mode & 0o777 == 0o600
    assert exchange("recipe", "run", recipe, rejected).out.count("unmapped-value") == 2


def test_without_rejected_rows_there_is_a_file_with_a_header(tmp_path: Path, recipe: Path, exchange: Command) -> None:
    source, rejected = tmp_path / "source.csv", tmp_path / "rejected.csv"
    source.write_text("region,kind,amount\nnorth,a,4\n", encoding="utf-8")
    assert exchange("recipe", "run", recipe, source, "--rejected", rejected).code == 0
    assert rejected.read_text() == "row,line,code,message,column,value,region,kind,amount\n"
