"""What tests with foreign clients share."""

import os
import shutil
from pathlib import Path

import polars as pl
import pytest

from exchange.app import open_services
from exchange.query.values.data_query import ObservationSelection
from exchange.settings import Settings
from tests.demo_server import AGENCY, FLOW, VERSION


@pytest.fixture(scope="session")
def stored(demo_home: Path) -> pl.DataFrame:
    """What the store holds: the truth that every client must get."""
    services = open_services(Settings(home=demo_home))
    schema = services.schemas.for_dataflow(AGENCY, FLOW, VERSION)
    columns = [component.id for component in schema.components]
    batches = list(services.observations.scan(schema, ObservationSelection(), columns).batches)
    services.close()
    return pl.concat(batches)


def tool(name: str) -> str:
    """A program that the test needs; its absence fails in CI and skips elsewhere."""
    found = shutil.which(name)
    if found is None:
        if os.environ.get("CI"):
            pytest.fail(f"{name} is missing; .ci/run installs it")
        pytest.skip(f"{name} is not installed")
    return found
