"""The contract of the frame engines: one suite over all of them, and one answer whatever computes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw
import openpyxl
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from mappings.engines.catalogue import engine_called
from mappings.engines.names import EngineName
from mappings.engines.polars_engine import PolarsEngine
from mappings.examples import FOLDER, WATER_POINTS, Example
from mappings.journal import Journal
from mappings.ports import FrameEngine
from mappings.readers.catalogue import read_source
from mappings.recipe.loading import load_recipe
from mappings.run.pipeline import run_recipe
from mappings.run.recording import source_rows
from mappings.run.rows import map_rows
from registry.services.schemas import SchemaReader

TABLE = pl.DataFrame({"text": ["a", None, 'ä\n"b"', ""], "number": [1.5, -0.0, None, 1e300], "_row": [2, 3, 4, 5]})


@pytest.fixture(params=list(EngineName))
def engine(request: pytest.FixtureRequest) -> FrameEngine:
    return engine_called(request.param)


def test_a_table_comes_back_as_it_went_in(engine: FrameEngine) -> None:
    assert_frame_equal(engine.to_polars(engine.read(TABLE)).sort("_row"), TABLE)


def test_an_empty_table_keeps_its_columns(engine: FrameEngine) -> None:
    assert engine.to_polars(engine.checkpoint(engine.read(TABLE.clear()))).schema == TABLE.schema


def test_a_checkpoint_holds_what_was_computed_and_leaves_the_rows_before_it_usable(engine: FrameEngine) -> None:
    rows = engine.read(TABLE)
    doubled = engine.checkpoint(rows.with_columns((nw.col("number") * 2).alias("twice")))
    again = engine.checkpoint(doubled.filter(nw.col("twice") > 0))
    assert engine.to_polars(again.select("twice")).get_column("twice").sort().to_list() == [3.0, 2e300]
    assert engine.to_polars(doubled).height == engine.to_polars(rows).height == 4


def test_two_tables_of_one_engine_do_not_mix(engine: FrameEngine) -> None:
    first, second = engine.read(TABLE), engine.read(TABLE.head(1))
    assert (engine.to_polars(first).height, engine.to_polars(second).height) == (4, 1)


@pytest.fixture
def beaches(tmp_path: Path) -> Path:
    """A small survey in the layout of the beach recipe, whose data are not bundled."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    head = ["Year", "BeachID", "Beach Country", "Date of Survey", "Time Survey Starts", "Length Surveyed (metres)"]
    sheet.append([*head, "Plastic/Polystyrene: Bags", "Rubber: Balloons", "Plastic/Polystyrene: Nurdles"])
    for number in range(40):
        country = ("England", "Scotland ", "Northern Ireland")[number % 3]
        length = 100 if number % 7 else 50
        sheet.append(["2022", str(number // 2), country, f"2022-09-{number % 28 + 1:02d}", "10:00", length, number, number % 5 or None, 99])
    book.save(tmp_path / "beaches.xlsx")
    return tmp_path / "beaches.xlsx"


HATE_INCIDENTS = Example("hate_incidents_us", FOLDER / "hate_incidents_us" / "hate_crimes.csv")
BEACH_LITTER = Example("beach_litter_uk", None)


@pytest.mark.parametrize("example", [WATER_POINTS, HATE_INCIDENTS, BEACH_LITTER], ids=lambda example: str(example.name))
def test_every_bundled_recipe_gives_the_same_observations_on_every_engine(
    example: Example, beaches: Path, example_schemas: Callable[[str], SchemaReader]
) -> None:
    loaded, schemas = load_recipe(example.recipe), example_schemas(example.name)
    runs = [run_recipe(loaded, example.source or beaches, schemas=schemas, engine=engine_called(name)) for name in EngineName]
    assert runs[0].observations.height >= 8
    for other in runs[1:]:
        assert_frame_equal(other.observations, runs[0].observations, check_exact=True)
        assert_frame_equal(other.rejected, runs[0].rejected)
        assert other.findings == runs[0].findings
        assert [(step.name, step.counts, step.details) for step in other.steps] == [(s.name, s.counts, s.details) for s in runs[0].steps]


def test_every_step_gives_the_same_on_every_engine(small: Any, engine: FrameEngine) -> None:
    """What the bundled recipes do not use: statistics over rows, several units, weights, dates, answers in columns, rows as they stand."""
    small.change("kind: {}", "kind: {}\n    day: {type: date, format: '%d/%m/%Y'}\n    who: {}\n    weight: {type: number}")
    small.change("{value: 2023}", "{column: day, time: {to: Q}}")
    small.add("derive: [{column: so_far, statistic: running, of: amount, within: [region], order_by: [day]}]\nunit: who\n")
    small.add("deduplicate: [{key: [who, day], keep: last, reason: Corrections follow.}]\n")
    small.change("of: amount}", "of: amount * 2, weight: weight, among: 'so_far > 1 or kind is null'}")
    lines = [
        f"{('north', 'south')[n % 2]},{('a', 'b', '')[n % 3]},{n % 28 + 1:02d}/0{n % 5 + 1}/2023,p{n % 11},{n % 3 + 1},{n}"
        for n in range(60)
    ]
    source = "region,kind,day,who,weight,amount\n" + "\n".join([*lines, "east,a,01/01/2023,p1,1,x", "north,a,31/02/2023,p1,1,2"]) + "\n"
    run, expected = small.run(source, engine=engine), small.run(source)
    assert expected.observations.height > 10
    assert_frame_equal(run.observations, expected.observations, check_exact=True)
    assert_frame_equal(run.rejected, expected.rejected)
    assert run.findings == expected.findings


def test_source_rows_are_the_same_on_every_engine(small: Any, engine: FrameEngine) -> None:
    run = small.run("region,kind,amount\nnorth,a,1\nnorth,b,2\nsouth,,3\n")
    loaded, table = small.load(), read_source(small.folder / "source.csv")
    found, expected = (source_rows(run, loaded, map_rows(table, loaded.recipe, run.schema, Journal(e))) for e in (engine, PolarsEngine()))
    assert expected.height == run.observations.height
    assert_frame_equal(found, expected)
