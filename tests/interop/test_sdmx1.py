"""The sdmx1 client (khaeru/sdmx) against a running server."""

import contextlib
import io
import math

import polars as pl
import pytest
import sdmx
import sdmx.reader.xml.v30  # sdmx1 reads SDMX-ML 3.0 only when this is imported before the first message

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


@pytest.mark.parametrize("resource", ["datastructure", "codelist", "conceptscheme", "structure"])
def test_it_lists_what_the_agency_maintains(client: sdmx.Client, resource: str) -> None:
    assert len(client.get(resource).structure) or len(client.get(resource).codelist) or len(client.get(resource).concept_scheme)


def test_it_reads_a_codelist_with_its_names(client: sdmx.Client) -> None:
    codelist = client.codelist("CL_WP_INDICATOR").codelist["CL_WP_INDICATOR"]
    assert str(codelist["WP_FUNCTIONAL"].name) == "Share of water points functional"


@pytest.mark.parametrize(
    "parameters",
    [
        {"lastNObservations": 1},
        {"firstNObservations": 1, "startPeriod": "2020", "endPeriod": "2023"},
        {"includeHistory": True},
        {"dimensionAtObservation": "AllDimensions"},
        {"dimensionAtObservation": "REF_AREA"},
        {"detail": "dataonly"},
        {"updatedAfter": "2020-01-01T00:00:00"},
    ],
    ids=str,
)
def test_parameters_do_not_lose_observations(client: sdmx.Client, stored: pl.DataFrame, parameters: dict[str, object]) -> None:
    assert len(sdmx.to_pandas(client.data(FLOW, params=parameters).data[0])) == stored.height


def test_it_reads_structure_specific_data(client: sdmx.Client, stored: pl.DataFrame) -> None:
    structure = client.dataflow(FLOW).structure["DSD_WATER_POINTS"]
    message = client.data(FLOW, dsd=structure)
    assert message.response.headers["content-type"] == "application/vnd.sdmx.structurespecificdata+xml;version=2.1"
    assert len(sdmx.to_pandas(message.data[0])) == stored.height


def test_it_previews_series(client: sdmx.Client, stored: pl.DataFrame) -> None:
    country = stored.filter(pl.col("REF_AREA") == "MW").height
    assert len(client.preview_data(FLOW)) == stored.height
    assert len(client.preview_data(FLOW, key={"REF_AREA": "MW"})) == country
    assert len(client.series_keys(FLOW)) == stored.height


def test_availability_takes_mode_and_references(client: sdmx.Client) -> None:
    message = client.availableconstraint(FLOW, key="A.MW...", params={"mode": "available", "references": "all"})
    (constraint,) = message.constraint.values()
    areas = next(m for m in constraint.data_content_region[0].member.values() if m.values_for.id == "REF_AREA")
    assert len(areas.values) > 1
    assert {"CL_WP_AREA", "CL_FREQ"} <= {codelist.id for codelist in message.codelist.values()}


@pytest.fixture(scope="module")
def client_of_v2(server: str) -> sdmx.Client:
    accept = {"Accept": "application/vnd.sdmx.structure+xml;version=3.0.0"}
    headers = dict.fromkeys(("codelist", "conceptscheme", "dataflow", "datastructure"), accept)
    source = {"id": "CDE_V2", "name": "SDMX-REST 2", "url": f"{server}/sdmx/v2", "versions": ["3.0.0"], "headers": headers}
    sdmx.add_source(source, override=True)
    return sdmx.Client("CDE_V2")


def test_it_reads_structures_of_version_3(client_of_v2: sdmx.Client) -> None:
    assert len(client_of_v2.codelist("CL_WP_INDICATOR", agency_id=AGENCY).codelist["CL_WP_INDICATOR"]) == 4
    assert len(client_of_v2.conceptscheme("CS_WATER_POINTS", agency_id=AGENCY).concept_scheme["CS_WATER_POINTS"]) > 5
    assert client_of_v2.dataflow(FLOW, agency_id=AGENCY).dataflow[FLOW].structure.id == "DSD_WATER_POINTS"


@pytest.mark.xfail(
    strict=True,
    raises=sdmx.exceptions.XMLParseError,
    reason="sdmx1 does not know Atts, the one place for dataset attributes (SDMXDataStructureSpecific.xsd 3.0, DataSetType)",
)
def test_it_reads_data_of_version_3(client: sdmx.Client, client_of_v2: sdmx.Client) -> None:
    structure = client.dataflow(FLOW).structure["DSD_WATER_POINTS"]
    accept = {"Accept": "application/vnd.sdmx.data+xml;version=3.0.0"}
    with contextlib.redirect_stdout(io.StringIO()):
        client_of_v2.data(FLOW, agency_id=AGENCY, dsd=structure, headers=accept)


@pytest.mark.xfail(
    strict=True,
    raises=sdmx.exceptions.XMLParseError,
    reason="sdmx1 takes the empty Dataflow of AttributeRelationship (SDMXStructureDataStructure.xsd 3.0) for an artefact without agency",
)
def test_it_reads_a_data_structure_of_version_3_alone(client_of_v2: sdmx.Client) -> None:
    with contextlib.redirect_stdout(io.StringIO()):
        client_of_v2.datastructure("DSD_WATER_POINTS", agency_id=AGENCY, params={"references": "none"})
