"""Order × layout × level: however an answer is sorted and laid out, every attribute keeps its value at its level, in every format."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from fastapi.testclient import TestClient

from exchange.app import create_app
from exchange.codecs.catalogue import default_catalogue
from exchange.observations.ports import Action, Change
from exchange.query.values.data_query import ALL_DIMENSIONS
from exchange.settings import Settings
from registry.data_schema import DataSchema
from registry.model.structures import Group
from registry.store.ports import ChangeSet
from tests.builders import a_codelist, a_concept_scheme, a_data_structure, a_dataflow, an_attribute, enumerated
from tests.rest.conftest import services_of

DATA = "/sdmx/v2/data/dataflow/CDE/DF_WATER/1.0.0"
CATALOGUE = default_catalogue()
FORMATS = {known.alias: known for known in CATALOGUE.data_formats}
#: Tables have no series: ``dimensionAtObservation`` changes nothing in them.
TABLES = {"sdmx-csv-1.0", "sdmx-csv-2.0", "sdmx-csv-2.1", "parquet", "arrow"}
KEY = ("FREQ", "AREA", "TIME_PERIOD")
#: Attributes by what they are attached to.
LEVELS: dict[str, tuple[str, ...]] = {
    "OF_ALL": (),
    "OF_GROUP": ("AREA",),
    "OF_PART": ("FREQ",),
    "OF_TIME": ("AREA", "TIME_PERIOD"),
    "OF_SERIES": ("FREQ", "AREA"),
    "OF_OBSERVATION": KEY,
}
#: In an order that no sort below asks for.
KEYS = [("M", "MW", "2021"), ("A", "KG", "2020"), ("A", "RW", "2021"), ("M", "KG", "2020"), ("A", "MW", "2021"), ("A", "KG", "2021")]
SORTS: list[list[tuple[str, bool]]] = [
    [],
    [("TIME_PERIOD", True)],
    [("AREA", True), ("TIME_PERIOD", True), ("FREQ", False)],
    [("OF_SERIES", True)],
    [("OF_OBSERVATION", False), ("AREA", True)],
    [("OBS_VALUE", True)],
]


def value_of(name: str, key: tuple[str, str, str]) -> str:
    """What an attribute says of the part of the key it is attached to; not in the order of the keys."""
    return "".join([name[3:6].lower(), *(part[::-1] for part, dimension in zip(key, KEY, strict=True) if dimension in LEVELS[name])])


ROWS: list[dict[str, Any]] = [
    {**dict(zip(KEY, key, strict=True)), "OBS_VALUE": float(number * 7 % 5), **{name: value_of(name, key) for name in LEVELS}}
    for number, key in enumerate(KEYS)
]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(home=tmp_path_factory.mktemp("order") / "home"))) as client:
        services = services_of(client)
        freq, area = a_codelist("CL_FREQ", ("A", "M")), a_codelist("CL_AREA", ("KG", "MW", "RW"))
        concepts = a_concept_scheme(concepts=(*KEY, "OBS_VALUE", *LEVELS))
        attributes = [
            an_attribute("OF_ALL", concepts, dataset=True),
            an_attribute("OF_GROUP", concepts, group="Sibling"),
            *(an_attribute(name, concepts, dimensions=LEVELS[name]) for name in ("OF_PART", "OF_TIME", "OF_SERIES")),
            an_attribute("OF_OBSERVATION", concepts),
        ]
        structure = a_data_structure(
            concepts,
            {"FREQ": enumerated(freq), "AREA": enumerated(area)},
            attributes=attributes,
            groups=(Group(id="Sibling", group_dimensions=("AREA",)),),
        )
        services.artefacts.commit(ChangeSet(put=(freq, area, concepts, structure, a_dataflow(structure))))
        services.observations.submit(schema_of(client), [Change(Action.MERGE, [pl.DataFrame(ROWS)])], submission="first")
        yield client


def schema_of(client: TestClient) -> DataSchema:
    return services_of(client).schemas.for_dataflow("CDE", "DF_WATER")


def answered(client: TestClient, name: str, at: str, sort: list[tuple[str, bool]], folder: Path) -> list[dict[str, Any]]:
    """The observations of an answer in the order in which they stand in the message."""
    asked = "+".join(f"{component}:desc" if down else component for component, down in sort)
    answer = client.get(f"{DATA}?format={name}&dimensionAtObservation={at}" + (f"&sort={asked}" if asked else ""))
    assert answer.status_code == 200, answer.text
    path = folder / "message"
    path.write_bytes(answer.content)
    datasets = CATALOGUE.decoder(FORMATS[name]).decode(path, schema_of(client))
    frame = pl.concat([batch for dataset in datasets for batch in dataset.batches], how="diagonal_relaxed")
    return frame.select(*ROWS[0]).to_dicts()


def expected(sort: list[tuple[str, bool]], at: str) -> list[dict[str, Any]]:
    """Series by what is asked for of them, then by key; inside a series by the rest of what is asked for, then by its dimension."""
    series = [dimension for dimension in KEY if dimension != at]
    levels = {**LEVELS, **{dimension: (dimension,) for dimension in KEY}, "OBS_VALUE": KEY}
    of_series = [(name, down) for name, down in sort if at not in levels[name]]
    named = {name for name, _ in sort}
    inside = [part for part in sort if part not in of_series]
    order = [*of_series, *((name, False) for name in series if name not in named), *inside, (at, False)]
    found = list(ROWS)
    for name, down in reversed([part for part in order if part[0] in ROWS[0]]):
        found.sort(key=lambda row: row[name], reverse=down)  # used at once
    return found


@pytest.mark.parametrize("sort", SORTS, ids=str)
@pytest.mark.parametrize("at", [*KEY, ALL_DIMENSIONS])
@pytest.mark.parametrize("name", FORMATS)
def test_every_attribute_keeps_its_value_in_every_order(
    world: TestClient, name: str, at: str, sort: list[tuple[str, bool]], tmp_path: Path
) -> None:
    found = answered(world, name, at, sort, tmp_path)
    assert sorted(found, key=str) == sorted(ROWS, key=str)
    assert found == expected(sort, ALL_DIMENSIONS if name in TABLES else at)
