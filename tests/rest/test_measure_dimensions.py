"""A dimension that says which indicator is measured, enumerated by concepts as in SDMX 2.1: written and read back in every format."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import msgspec
import polars as pl
import pytest
from fastapi.testclient import TestClient

from exchange.app import create_app
from exchange.codecs.catalogue import default_catalogue
from exchange.codecs.negotiation.media_types import STRUCTURE_ML_2_1
from exchange.codecs.ports import StructureOptions
from exchange.observations.ports import Action, Change
from exchange.query.values.data_query import ALL_DIMENSIONS
from exchange.settings import Settings
from registry.model.messages import StructureMessage
from registry.model.structures import DataStructure, Dimension
from registry.store.ports import ChangeSet
from tests.builders import a_codelist, a_concept_scheme, a_data_structure, a_dataflow, enumerated, urn
from tests.narrowing import as_a
from tests.rest.conftest import services_of

ROLE = "urn:sdmx:org.sdmx.infomodel.conceptscheme.Concept=SDMX:SDMX_CONCEPT_ROLES(1.0).MEASURE"
DATA, STRUCTURE = "/sdmx/v2/data/dataflow/CDE/DF_WATER/1.0.0", "/sdmx/v2/structure/datastructure/CDE/DSD_WATER/1.0.0"
CATALOGUE = default_catalogue()
DATA_FORMATS = {known.alias: known for known in CATALOGUE.data_formats}
STRUCTURE_FORMATS = {known.alias: known for known in CATALOGUE.structure_formats}
JSON_FORMATS = [name for name in DATA_FORMATS if name.startswith("sdmx-json")]
INDICATORS = a_concept_scheme("CS_INDICATORS", ("POINTS", "PEOPLE"))
ROWS = [
    {"AREA": area, "WHAT": what, "TIME_PERIOD": year, "OBS_VALUE": float(number)}
    for number, (area, what, year) in enumerate(product(("KG", "MW"), ("PEOPLE", "POINTS"), ("2020", "2021")))
]


def with_measure_dimension() -> DataStructure:
    concepts = a_concept_scheme(concepts=("AREA", "WHAT", "TIME_PERIOD", "OBS_VALUE"))
    structure = a_data_structure(concepts, {"AREA": enumerated(a_codelist(codes=("KG", "MW"))), "WHAT": enumerated(urn(INDICATORS))})
    components = structure.data_structure_components
    assert components
    area, what = components.dimension_list.dimensions
    dimensions = (area, msgspec.structs.replace(what, concept_roles=(ROLE,)))
    listed = msgspec.structs.replace(components.dimension_list, dimensions=dimensions)
    return msgspec.structs.replace(structure, data_structure_components=msgspec.structs.replace(components, dimension_list=listed))


def dimension_of(structure: DataStructure) -> Dimension:
    assert structure.data_structure_components
    return structure.data_structure_components.dimension_list.dimensions[1]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(home=tmp_path_factory.mktemp("measures") / "home"))) as client:
        services, structure = services_of(client), with_measure_dimension()
        concepts = a_concept_scheme(concepts=("AREA", "WHAT", "TIME_PERIOD", "OBS_VALUE"))
        put = (a_codelist(codes=("KG", "MW")), concepts, INDICATORS, structure, a_dataflow(structure))
        services.artefacts.commit(ChangeSet(put=put))
        schema = services.schemas.for_dataflow("CDE", "DF_WATER")
        services.observations.submit(schema, [Change(Action.MERGE, [pl.DataFrame(ROWS)])], submission="first")
        yield client


@pytest.mark.parametrize("name", STRUCTURE_FORMATS)
def test_the_structure_comes_back_with_role_and_concepts(world: TestClient, name: str) -> None:
    answer = world.get(f"{STRUCTURE}?format={name}&references=none")
    assert answer.status_code == 200, answer.text
    (found,) = CATALOGUE.structure(STRUCTURE_FORMATS[name]).decode(answer.content).message.artefacts
    written, stored = dimension_of(as_a(DataStructure, found)), dimension_of(with_measure_dimension())
    assert (written.id, written.concept_roles) == (stored.id, stored.concept_roles)
    assert written.local_representation
    assert written.local_representation.enumeration == urn(INDICATORS)
    again = CATALOGUE.structure(STRUCTURE_ML_2_1).write(StructureMessage((found,)), StructureOptions())
    assert b'MeasureDimension id="WHAT"' in again.content


@pytest.mark.parametrize("at", ["WHAT", "TIME_PERIOD", "AREA", ALL_DIMENSIONS])
@pytest.mark.parametrize("name", DATA_FORMATS)
def test_the_observations_come_back(world: TestClient, name: str, at: str, tmp_path: Path) -> None:
    answer = world.get(f"{DATA}?format={name}&dimensionAtObservation={at}")
    assert answer.status_code == 200, answer.text
    (tmp_path / "message").write_bytes(answer.content)
    schema = services_of(world).schemas.for_dataflow("CDE", "DF_WATER")
    datasets = CATALOGUE.decoder(DATA_FORMATS[name]).decode(tmp_path / "message", schema)
    frame = pl.concat([batch for dataset in datasets for batch in dataset.batches], how="diagonal_relaxed").select(*ROWS[0])
    assert frame.sort("OBS_VALUE").to_dicts() == ROWS


@pytest.mark.parametrize("at", ["WHAT", "TIME_PERIOD", ALL_DIMENSIONS])
@pytest.mark.parametrize("name", JSON_FORMATS)
def test_json_names_the_indicators_as_their_concepts_do(world: TestClient, name: str, at: str) -> None:
    answer = world.get(f"{DATA}?format={name}&dimensionAtObservation={at}&c[WHAT]=PEOPLE").json()
    levels = answer["data"]["structures"][0]["dimensions"].values()
    (what,) = [dimension for level in levels for dimension in level if dimension["id"] == "WHAT"]
    assert [value["id"] for value in what["values"]] == ["PEOPLE"]
    assert [value["name"] for value in what["values"]] == [INDICATORS.concepts[1].names["en"]]
    assert what["roles"] == ["MEASURE"]
