"""The pysdmx client (BIS) against a running server."""

from urllib.request import Request, urlopen

import pandas as pd
import polars as pl
import pytest
from pysdmx.api.dc.pd import PandasConnector
from pysdmx.api.fmr import DataflowDetails, RegistryClient
from pysdmx.errors import NotFound
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
    ("data_format", "structure_format"),
    [
        *((name, "sdmx-ml-3.0") for name in ("structurespecificdata", "genericdata", "sdmx-csv-1.0", "sdmx-csv-2.0", "sdmx-csv-2.1")),
        *(("sdmx-ml-3.0", name) for name in ("sdmx-ml-2.1", "sdmx-ml-3.0", "sdmx-ml-3.1", "sdmx-json-2.0", "sdmx-json-2.1")),
        ("sdmx-ml-3.1", "sdmx-ml-3.1"),
    ],
)
def test_it_reads_the_numbers_that_are_stored(server: str, stored: pl.DataFrame, data_format: str, structure_format: str) -> None:
    data = f"{server}/sdmx/v2/data/dataflow/{AGENCY}/{FLOW}/{VERSION}?format={data_format}"
    structure = f"{server}/sdmx/v2/structure/dataflow/{AGENCY}/{FLOW}/{VERSION}?references=descendants&format={structure_format}"
    (dataset,) = get_datasets(_fetched(data), _fetched(structure))
    frame = dataset.data
    assert len(frame) == stored.height
    read = {tuple(row[name] for name in ("REF_AREA", "INDICATOR")): None for row in frame.to_dict("records")}
    assert set(read) == set(stored.select("REF_AREA", "INDICATOR").iter_rows())
    values = pd.to_numeric(frame["OBS_VALUE"].replace("", None))
    assert values.sum() == pytest.approx(stored["OBS_VALUE"].drop_nulls().drop_nans().sum())


def _fetched(url: str) -> str:
    with urlopen(Request(url)) as answer:
        return str(answer.read().decode())


def test_it_reads_concepts_with_their_codes(client: RegistryClient) -> None:
    concepts = {concept.id: concept for concept in client.get_concepts("SDMX", "CROSS_DOMAIN_CONCEPTS", "2.0")}
    assert any(code.id == "A" for code in concepts["FREQ"].codes)


@pytest.mark.parametrize("detail", list(DataflowDetails))
def test_it_reads_every_detail_of_the_dataflow(client: RegistryClient, detail: DataflowDetails) -> None:
    assert client.get_dataflow_details(AGENCY, FLOW, detail=detail).id == FLOW


@pytest.mark.parametrize(("context", "id_"), [("dataflow", FLOW), ("datastructure", "DSD_WATER_POINTS")])
def test_it_reads_the_schema(client: RegistryClient, stored: pl.DataFrame, context: str, id_: str) -> None:
    schema = client.get_schema(context, AGENCY, id_, VERSION)
    assert [dimension.id for dimension in schema.components.dimensions] == [
        *("FREQ", "REF_AREA", "INDICATOR", "PROVIDER_TYPE", "TARIFF", "TIME_PERIOD")
    ]
    codes = {code.id for code in schema.components["INDICATOR"].enumeration}
    assert set(stored["INDICATOR"]) <= codes


def test_it_reads_the_data_structure(client: RegistryClient) -> None:
    (structure,) = client.get_data_structures(AGENCY, "DSD_WATER_POINTS", VERSION)
    assert len(structure.components.attributes) == 10


def test_what_is_not_there_is_not_found(client: RegistryClient) -> None:
    with pytest.raises(NotFound):
        client.get_categories(AGENCY, "NOWHERE")


def test_its_connector_discovers_and_reads(server: str, stored: pl.DataFrame) -> None:
    connector = PandasConnector(f"{server}/sdmx/v2")
    (flow,) = connector.dataflows("water")
    details = connector.dataflow(flow)
    assert (details.series_count, details.obs_count) == (stored.height, stored.height)
    assert len(connector.data(flow)) == stored.height
    areas = ["MW", "MW_S15000_E034750"]
    part = connector.data(flow, f"REF_AREA IN ('{areas[0]}', '{areas[1]}') AND TIME_PERIOD >= '2020'", columns=["REF_AREA", "OBS_VALUE"])
    assert len(part) == stored.filter(pl.col("REF_AREA").is_in(areas)).height
