"""Beach litter microdata (not bundled): the recipe reproduces the medians, counts and flags of an independent calculation."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from mappings.recipe.loading import load_recipe
from mappings.run.pipeline import run_recipe
from registry.services.schemas import SchemaReader

RECIPE = Path(__file__).parents[3] / "mappings" / "examples" / "beach_litter_uk" / "recipe.yaml"
MICRODATA = Path(os.environ.get("EXCHANGE_EXTRA_DATA", "")) / "uk_mcs_beachwatch_ons" / "14-1-1b" / "gbbc_2022_raw_data_cleaned.xlsx"


@pytest.mark.skipif(not MICRODATA.is_file(), reason="extra data absent: set EXCHANGE_EXTRA_DATA to the folder of the data sets")
def test_beach_litter_medians_counts_and_flags_are_reproduced(example_schemas: Callable[[str], SchemaReader]) -> None:
    run = run_recipe(load_recipe(RECIPE), MICRODATA, schemas=example_schemas("beach_litter_uk"))
    assert run.publishable
    found = {(r["REF_AREA"], r["INDICATOR"]): (r["OBS_VALUE"], r["OBS_STATUS"]) for r in run.observations.iter_rows(named=True)}
    expected = {
        "GB-ENG": (175, 137, "A"),
        "GB-SCT": (104, 152, "A"),
        "GB-WLS": (34, 181.5, "U"),
        "GB-NIR": (5, 399, "U"),
        "GB": (318, 148.5, "A"),
    }
    assert found == {
        **{(area, "BEACHES"): (beaches, "A") for area, (beaches, _, _) in expected.items()},
        **{(area, "LITTER_MEDIAN"): (middle, status) for area, (_, middle, status) in expected.items()},
    }
    used = next(step for step in run.steps if step.name == "derive")
    assert used.counts["columns"] == len(used.details["columns_used"]) == 73
    assert "Plastic/Polystyrene: Nurdles" not in used.details["columns_used"]
