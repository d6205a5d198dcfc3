"""The Malawi water points: every published figure is computed again here, row by row in plain Python, and compared."""

from __future__ import annotations

import csv
import math
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from statistics import median

import polars as pl
import pytest

from mappings.recipe.loading import load_recipe
from mappings.run.pipeline import run_recipe
from mappings.run.report import RecipeRun
from registry.services.schemas import SchemaReader

FOLDER = Path(__file__).parents[3] / "mappings" / "examples" / "water_points_mw"
PROVIDERS = {
    "Water Point Committee": "WPC", "Area or Water Mechanic": "MECHANIC", "Community members": "COMMUNITY",
    "Owner / Private household": "OWNER", "Institution": "INSTITUTION", "Water User Association (WUA)": "WUA",
    "Private contractor or operator": "CONTRACTOR", "NGO": "NGO", "Local Government": "LOCAL_GOV", "Don't know": "DK",
}  # fmt: skip
GROUPINGS = [set(), {"REF_AREA"}, {"PROVIDER"}, {"TARIFF"}, {"REF_AREA", "PROVIDER"}, {"REF_AREA", "TARIFF"}]
Key = tuple[str, str, str, str]


@pytest.fixture
def run(example_schemas: Callable[[str], SchemaReader]) -> RecipeRun:
    return run_recipe(load_recipe(FOLDER / "recipe.yaml"), FOLDER / "water_points.csv", schemas=example_schemas("water_points_mw"))


def survey() -> list[dict[str, str | None]]:
    with (FOLDER / "water_points.csv").open(encoding="utf-8-sig", newline="") as lines:
        return [{k: None if v.strip() in {"", "NA"} else v.strip() for k, v in row.items()} for row in csv.DictReader(lines)]


def number(text: str | None) -> float | None:
    return None if text is None else float(text)


def cell_of(row: dict[str, str | None]) -> str:
    south = math.floor(float(row["latitude"] or 0) / 0.25) * 250
    west = math.floor(float(row["longitude"] or 0) / 0.25) * 250
    return f"MW_S{-south:05d}_E{west:06d}"


def places(row: dict[str, str | None]) -> set[tuple[str, str, str]]:
    """Every cell of the cube in which a row counts."""
    answer = row["provider_type"]
    providers = {PROVIDERS[part] for part in answer.split(", ")} if answer else {"_U"}
    tariff = {"Yes": "Y", "No": "N", None: "_U"}[row["has_tariff"]]
    found = set()
    for grouping in GROUPINGS:
        area = cell_of(row) if "REF_AREA" in grouping else "MW"
        for provider in providers if "PROVIDER" in grouping else {"_T"}:
            found.add((area, provider, tariff if "TARIFF" in grouping else "_T"))
    return found


def expected() -> dict[Key, tuple[int, float]]:
    """Units and value of every cell that rests on any row."""
    gathered: dict[Key, list[tuple[float, float]]] = defaultdict(list)
    for row in survey():
        women, members = number(row["committee_women_count"]), number(row["committee_member_count"])
        contributions: dict[str, tuple[float, float] | None] = {
            "WP_FUNCTIONAL": (float(row["functional_status"] == "Functional"), 1) if row["functional_status"] else None,
            "WP_WATER_TODAY": (float(row["water_available_today"] == "Yes"), 1) if row["water_available_today"] else None,
            "WP_WOMEN_SEATS": (women, members) if women is not None and members is not None and women <= members else None,
            "WP_USERS_MEDIAN": (users, 1) if (users := number(row["user_population"])) is not None else None,
        }
        for indicator, pair in contributions.items():
            for area, provider, tariff in places(row) if pair else ():
                gathered[indicator, area, provider, tariff].append(pair or (0, 0))
    return {key: (len(pairs), value_of(key[0], pairs)) for key, pairs in gathered.items()}


def value_of(indicator: str, pairs: list[tuple[float, float]]) -> float:
    if indicator == "WP_USERS_MEDIAN":
        return median(first for first, _ in pairs)
    below = sum(second for _, second in pairs)
    return 100 * sum(first for first, _ in pairs) / below if below else math.nan


def published(run: RecipeRun) -> dict[Key, dict[str, object]]:
    return {(r["INDICATOR"], r["REF_AREA"], r["PROVIDER_TYPE"], r["TARIFF"]): r for r in run.observations.iter_rows(named=True)}


def test_every_figure_is_what_the_survey_says(run: RecipeRun) -> None:
    wanted, found = expected(), published(run)
    assert found.keys() == wanted.keys()
    assert len(found) > 300
    for key, (units, value) in wanted.items():
        observation = found[key]
        if units < 5:
            assert observation["OBS_VALUE"] is None, key
        else:
            assert observation["OBS_VALUE"] == pytest.approx(value, abs=0.0501), key


def test_statuses_and_classes_follow_the_number_of_points(run: RecipeRun) -> None:
    found = published(run)
    for key, (units, _) in expected().items():
        observation = found[key]
        status = "Q" if units < 5 else "U" if units < 30 else "A"
        size = next((code for low, code in ((500, "N_GE500"), (100, "N100T499"), (30, "N30T99"), (5, "N5T29")) if units >= low), None)
        assert (observation["OBS_STATUS"], observation["SAMPLE_SIZE"]) == (status, size), key


def test_a_point_with_two_providers_counts_in_each_and_once_in_the_total(run: RecipeRun) -> None:
    wanted = expected()
    by_provider = sum(
        units
        for (indicator, area, p, t), (units, _) in wanted.items()
        if (indicator, area, t) == ("WP_FUNCTIONAL", "MW", "_T") and p != "_T"
    )
    total = wanted["WP_FUNCTIONAL", "MW", "_T", "_T"][0]
    assert total == 1412
    assert by_provider > total
    assert published(run)["WP_FUNCTIONAL", "MW", "_T", "_T"]["OBS_VALUE"] == 57.2


def test_the_run_is_publishable_and_accounts_for_every_row(run: RecipeRun) -> None:
    assert run.publishable
    assert run.rejected.is_empty()
    assert run.suppressed == sum(units < 5 for units, _ in expected().values())
    steps = {step.name: step.counts for step in run.steps}
    assert steps["read"]["rows_out"] == 1425
    assert steps["map"] == {"rows_in": 1425, "rows_out": 1425}
    codes = {finding.code: finding.count for finding in run.findings if finding.code == "duplicate-in-source"}
    assert codes == {"duplicate-in-source": 53}


def test_no_exact_position_leaves_the_process(run: RecipeRun) -> None:
    told = str(run.to_document()) + run.observations.write_csv()
    assert not any(row["latitude"] in told or row["longitude"] in told for row in survey()[:200] if row["latitude"] and row["longitude"])


def test_observations_have_the_components_of_the_data_structure(run: RecipeRun) -> None:
    assert run.observations.columns == [c.id for c in run.schema.components if c.id in run.observations.columns]
    assert run.observations.schema["OBS_VALUE"] == pl.Float64
    assert set(run.observations["TIME_PERIOD"]) == {"2023"}


def test_counts_and_details_of_a_step_have_different_names(run: RecipeRun) -> None:
    assert all(not set(step.counts) & set(step.details) for step in run.steps)
