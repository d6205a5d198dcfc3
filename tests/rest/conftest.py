"""A small registry with data behind the real application, called in process."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from exchange.app import create_app, open_services
from exchange.observations.ports import Action, Change
from exchange.services.container import Services
from exchange.settings import Settings
from registry.model.structures import Group
from registry.store.ports import ChangeSet
from tests.builders import (
    a_category_scheme,
    a_codelist,
    a_concept_scheme,
    a_data_structure,
    a_dataflow,
    a_provider_scheme,
    a_provision_agreement,
    an_agency_scheme,
    an_attribute,
    enumerated,
)
from tests.narrowing import as_a

FIRST, SECOND = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)


def services_of(client: TestClient) -> Services:
    """What the application behind a client has open."""
    return as_a(Services, as_a(FastAPI, client.app).state.services)


def observations(rows: list[tuple[str, str, str, float | None, str | None]]) -> pl.DataFrame:
    schema = {"FREQ": pl.String, "AREA": pl.String, "TIME_PERIOD": pl.String, "OBS_VALUE": pl.Float64, "OBS_STATUS": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(TITLE=pl.concat_str(pl.lit("Water in "), "AREA"))


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rest") / "home"
    services = open_services(Settings(home=folder))
    freq, area = a_codelist("CL_FREQ", ("A", "M")), a_codelist("CL_AREA", {"AFR": None, "MW": "AFR", "RW": "AFR", "KG": None})
    status = a_codelist("CL_OBS_STATUS", ("A", "Q", "U"))
    concepts = a_concept_scheme()
    structure = a_data_structure(
        concepts,
        {"FREQ": enumerated(freq), "AREA": enumerated(area)},
        attributes=(
            an_attribute("OBS_STATUS", concepts, representation=enumerated(status)),
            an_attribute("TITLE", concepts, dimensions=("FREQ", "AREA")),
        ),
        groups=(Group(id="Sibling", group_dimensions=("AREA",)),),
    )
    flow, empty = a_dataflow(structure), a_dataflow(structure, "DF_EMPTY")
    providers = a_provider_scheme()
    older = a_codelist("CL_AREA", ("MW",), version="0.9.0")
    put = (freq, area, older, status, concepts, structure, flow, empty, providers, a_provision_agreement(flow, providers))
    services.artefacts.commit(ChangeSet(put=(*put, an_agency_scheme("CDE"), a_category_scheme("WATER"))), recorded_at=FIRST)
    schema = services.schemas.for_dataflow("CDE", "DF_WATER")
    first = observations(
        [
            ("A", "KG", "2020", 1.5, "A"),
            ("A", "MW", "2020", 10.0, "A"),
            ("A", "MW", "2021", 11.0, "U"),
            ("A", "RW", "2021", None, "Q"),
            ("M", "MW", "2021-03", 3.25, "A"),
        ]
    )
    services.observations.submit(schema, [Change(Action.MERGE, [first])], submission="S1", recorded_at=FIRST)
    second = observations([("A", "MW", "2021", 12.0, "A"), ("A", "MW", "2022", 13.0, "A")])
    gone = pl.DataFrame({"FREQ": ["A"], "AREA": ["KG"], "TIME_PERIOD": ["2020"]})
    changes = [Change(Action.MERGE, [second]), Change(Action.DELETE, [gone])]
    services.observations.submit(schema, changes, submission="S2", recorded_at=SECOND)
    services.close()
    return folder


@pytest.fixture(scope="session")
def client(home: Path) -> Iterator[TestClient]:
    settings = Settings(home=home, mounts={"/rest": "v1", "/FMR/sdmx/v2": "v2"}, public_url="https://data.example.org")
    with TestClient(create_app(settings)) as made:
        yield made
