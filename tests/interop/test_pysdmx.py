"""The pysdmx client (BIS) against a running server."""

from urllib.request import Request, urlopen

import polars as pl
import pytest
from pysdmx.api.fmr import RegistryClient
from pysdmx.io import get_datasets

from tests.demo_server import AGENCY, FLOW, VERSION

pytestmark = [pytest.mark.interop, pytest.mark.filterwarnings("ignore")]


@pytest.fixture(scope="module", params=["/sdmx/v2", "/FMR/sdmx/v2"])
def client(server: str, request: pytest.FixtureRequest) -> RegistryClient:
    return RegistryClient(server + request.param)


def test_it_reads_the_dataflow_with_its_structure(client: RegistryClient, stored: pl.DataFrame) -> None:
    details = client.get_dataflow_details(AGENCY, FLOW, VERSION)
    assert details.id == FLOW


def test_it_reads_a_codelist(client: RegistryClient) -> None:
    codes = client.get_codes("SDMX", "CL_FREQ", "~")
    assert any(code.id == "A" for code in codes)


def test_it_lists_the_dataflows_of_the_agency(client: RegistryClient) -> None:
    assert FLOW in {flow.id for flow in client.get_dataflows(AGENCY)}


@pytest.mark.parametrize(
    "data_format",
    ["structurespecificdata", "genericdata", "sdmx-ml-3.0", "sdmx-csv-1.0", "sdmx-csv-2.0", "sdmx-csv-2.1"],
)
def test_it_reads_the_numbers_that_are_stored(server: str, stored: pl.DataFrame, data_format: str) -> None:
    data = f"{server}/sdmx/v2/data/dataflow/{AGENCY}/{FLOW}/{VERSION}?format={data_format}"
    structure = f"{server}/sdmx/v2/structure/dataflow/{AGENCY}/{FLOW}/{VERSION}?references=descendants&format=sdmx-ml-3.0"
    (dataset,) = get_datasets(_fetched(data), _fetched(structure))
    frame = dataset.data
    assert len(frame) == stored.height
    read = {tuple(row[name] for name in ("REF_AREA", "INDICATOR")): None for row in frame.to_dict("records")}
    assert set(read) == set(stored.select("REF_AREA", "INDICATOR").iter_rows())
    values = [float(value) for value in frame["OBS_VALUE"] if value not in {None, ""} and value == value]  # noqa: PLR0124  # NaN
    assert sum(values) == pytest.approx(stored["OBS_VALUE"].drop_nulls().drop_nans().sum())


def _fetched(url: str) -> str:
    with urlopen(Request(url)) as answer:
        return str(answer.read().decode())
