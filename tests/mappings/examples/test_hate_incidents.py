"""A citizen figure beside an official figure: two series, never one."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from mappings.recipe.loading import load_recipe
from mappings.run.pipeline import run_recipe
from mappings.run.report import RecipeRun
from registry.services.schemas import SchemaReader

FOLDER = Path(__file__).parents[3] / "mappings" / "examples" / "hate_incidents_us"


@pytest.fixture
def run(example_schemas: Callable[[str], SchemaReader]) -> RecipeRun:
    return run_recipe(load_recipe(FOLDER / "recipe.yaml"), FOLDER / "hate_crimes.csv", schemas=example_schemas("hate_incidents_us"))


def test_every_state_has_both_figures_as_they_stand_in_the_source(run: RecipeRun) -> None:
    found = {(r["_row"], r["SOURCE"]): r["OBS_VALUE"] for r in run.observations.iter_rows(named=True)}
    with (FOLDER / "hate_crimes.csv").open(encoding="utf-8", newline="") as lines:
        for number, row in enumerate(csv.DictReader(lines), start=2):
            for source, column in (("SPLC", "hate_crimes_per_100k_splc"), ("FBI", "avg_hatecrimes_per_100k_fbi")):
                assert found.pop((number, source)) == (float(row[column]) if row[column] else None)
    assert not found
    assert run.publishable


def test_missing_figures_are_observations_that_say_so(run: RecipeRun) -> None:
    missing = run.observations.filter(run.observations["OBS_VALUE"].is_null())
    assert missing["SOURCE"].value_counts().sort("SOURCE").rows() == [("FBI", 1), ("SPLC", 4)]
    assert set(missing["OBS_STATUS"]) == {"O"}
    assert set(run.observations.filter(run.observations["OBS_VALUE"].is_not_null())["OBS_STATUS"]) == {"A"}


def test_the_two_reference_periods_are_never_in_one_series(run: RecipeRun) -> None:
    periods = run.observations.select("SOURCE", "TIME_PERIOD", "UNIT_MEASURE").unique().sort("SOURCE")
    assert periods.rows() == [
        ("FBI", "2010-01-01/P6Y", "PER_100000_POP_YEAR"),
        ("SPLC", "2016-11-09/P10D", "PER_100000_POP"),
    ]
    assert all("ot comparable" in text for text in run.observations["COMPARABILITY"])
