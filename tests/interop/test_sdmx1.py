"""The sdmx1 client (khaeru/sdmx) against a running server."""

import math

import polars as pl
import pytest
import sdmx

from tests.demo_server import AGENCY, FLOW, VERSION

pytestmark = [pytest.mark.interop, pytest.mark.filterwarnings("ignore")]


@pytest.fixture(scope="module")
def client(server: str) -> sdmx.Client:
    sdmx.add_source(
        {
            "id": AGENCY,
            "name": "Citizen Data Exchange",
            "url": f"{server}/sdmx/v1",
            "supports": {"availableconstraint": True, "preview": True},
        },
        override=True,
    )
    return sdmx.Client(AGENCY)


def test_it_lists_the_dataflow(client: sdmx.Client) -> None:
    assert FLOW in client.dataflow().dataflow


def test_it_reads_the_structure_with_its_codelists(client: sdmx.Client) -> None:
    message = client.dataflow(FLOW)
    (structure,) = message.structure.values()
    assert structure.dimensions.components[-1].id == "TIME_PERIOD"
    for dimension in structure.dimensions.components[:-1]:
        enumerated = dimension.local_representation.enumerated
        assert len(enumerated.items) > 0, dimension.id


def test_it_reads_the_numbers_that_are_stored(client: sdmx.Client, stored: pl.DataFrame) -> None:
    series = sdmx.to_pandas(client.data(f"{AGENCY},{FLOW},{VERSION}").data[0])
    names = list(series.index.names)
    read = dict(series.items())
    truth = {tuple(row[name] for name in names): row["OBS_VALUE"] for row in stored.iter_rows(named=True)}
    assert len(read) == stored.height
    for key, value in truth.items():
        assert (value is None and math.isnan(read[key])) or read[key] == pytest.approx(value)


def test_a_key_given_as_a_dictionary_selects(client: sdmx.Client, stored: pl.DataFrame) -> None:
    area = stored["REF_AREA"][0]
    series = sdmx.to_pandas(client.data(FLOW, key={"REF_AREA": area}).data[0])
    assert len(series) == stored.filter(pl.col("REF_AREA") == area).height


def test_availability_names_the_values_in_use(client: sdmx.Client, stored: pl.DataFrame) -> None:
    message = client.availableconstraint(FLOW)
    (constraint,) = message.constraint.values()
    region = constraint.data_content_region[0]
    found = {
        member.values_for.id: {value.value for value in member.values}
        for member in region.member.values()
        if member.values_for.id != "TIME_PERIOD"
    }
    assert found["REF_AREA"] == set(stored["REF_AREA"].unique())
