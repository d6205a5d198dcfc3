"""Which version is meant, over HTTP: a bare plus, the latest in production, drafts (ADR 0023)."""

import re
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from exchange.app import create_app, open_services
from exchange.observations.ports import Action, Change
from exchange.settings import Settings
from registry.model.codelists import ValueItem, ValueList
from registry.store.ports import ChangeSet
from tests.builders import a_codelist, a_concept_scheme, a_constraint, a_data_structure, a_dataflow, enumerated
from tests.narrowing import as_a

#: Dataflow to its versions; every one of them holds one observation, whose value is its place in the list.
FLOWS = {
    "DF_ALL": ("1.0", "1.1.0", "1.1.0-rc", "2.0.0-draft"),
    "DF_LEGACY": ("1.0", "1.9", "1.10"),
    "DF_BOTH": ("1.0", "3.0.0-draft"),
    "DF_DRAFT": ("0.1.0",),
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    settings = Settings(home=tmp_path_factory.mktemp("versions") / "home")
    services = open_services(settings)
    area, concepts = a_codelist("CL_AREA", ("MW",)), a_concept_scheme()
    structure = a_data_structure(concepts, {"AREA": enumerated(area)})
    values = ValueList(id="VL_ANSWERS", agency_id="CDE", version="1.0", names={"en": "Answers"}, value_items=(ValueItem(id="yes!"),))
    constraint = a_constraint(structure)
    flows = [a_dataflow(structure, flow, version=version) for flow, versions in FLOWS.items() for version in versions]
    services.artefacts.commit(
        ChangeSet(put=(area, a_codelist("CL_AREA", ("MW", "RW"), version="1.1.0-draft"), values, constraint, concepts, structure, *flows))
    )
    for flow, versions in FLOWS.items():
        for place, version in enumerate(versions):
            row = pl.DataFrame({"AREA": ["MW"], "TIME_PERIOD": ["2020"], "OBS_VALUE": [float(place)]})
            schema = services.schemas.for_dataflow("CDE", flow, version)
            services.observations.submit(schema, [Change(Action.MERGE, [row])], submission=f"{flow}{version}")
    services.close()
    with TestClient(create_app(settings)) as made:
        yield made


def flows(client: TestClient, target: str) -> list[str]:
    answer = client.get(target, headers={"Accept": "application/vnd.sdmx.structure+json;version=2.1.0"})
    found = answer.json()["data"].get("dataflows", []) if answer.status_code == 200 else []
    return [f"{flow['id']}({flow['version']})" for flow in found]


def data(client: TestClient, target: str) -> list[str]:
    answer = client.get(target, headers={"Accept": "application/vnd.sdmx.data+csv;version=1.0.0"})
    return [line.split(",")[0].removeprefix("CDE:") for line in answer.text.splitlines()[1:]] if answer.status_code == 200 else []


def available(client: TestClient, target: str) -> list[str]:
    answer = client.get(target, headers={"Accept": "application/vnd.sdmx.structure+json;version=2.1.0"})
    constraints = answer.json()["data"]["availabilityConstraints"] if answer.status_code == 200 else []
    return [constraint["constraintAttachment"]["dataflow"].rpartition(":")[2] for constraint in constraints]


#: Versions as written, and what each of the dataflows has for them.
PLUS = {"DF_ALL": ["1.1.0"], "DF_LEGACY": ["1.10"], "DF_BOTH": ["1.0"], "DF_DRAFT": []}
TILDE = {"DF_ALL": ["2.0.0-draft"], "DF_LEGACY": ["1.10"], "DF_BOTH": ["3.0.0-draft"], "DF_DRAFT": ["0.1.0"]}
LATEST = {"DF_ALL": ["1.1.0"], "DF_LEGACY": ["1.10"], "DF_BOTH": ["1.0"], "DF_DRAFT": []}
ALL = {
    "DF_ALL": ["1.0", "1.1.0", "2.0.0-draft"],
    "DF_LEGACY": ["1.0", "1.9", "1.10"],
    "DF_BOTH": ["1.0", "3.0.0-draft"],
    "DF_DRAFT": ["0.1.0"],
}


@pytest.mark.parametrize("flow", FLOWS)
@pytest.mark.parametrize(("version", "meant"), [("+", PLUS), ("%2B", PLUS), ("~", TILDE), ("*", {flow: [*FLOWS[flow]] for flow in FLOWS})])
def test_versions_of_sdmx_rest_2_mean_the_same_in_every_resource(
    client: TestClient, flow: str, version: str, meant: dict[str, list[str]]
) -> None:
    expected = sorted(f"{flow}({text})" for text in meant[flow])
    assert sorted(flows(client, f"/sdmx/v2/structure/dataflow/CDE/{flow}/{version}")) == expected
    assert sorted(data(client, f"/sdmx/v2/data/dataflow/CDE/{flow}/{version}")) == expected
    assert sorted(available(client, f"/sdmx/v2/availability/dataflow/CDE/{flow}/{version}")) == expected


@pytest.mark.parametrize("flow", FLOWS)
@pytest.mark.parametrize(("version", "meant"), [("latest", LATEST), ("all", ALL), ("+", PLUS)])
def test_versions_of_sdmx_rest_1_are_those_in_production(client: TestClient, flow: str, version: str, meant: dict[str, list[str]]) -> None:
    expected = sorted(f"{flow}({text})" for text in meant[flow])
    assert sorted(flows(client, f"/sdmx/v1/dataflow/CDE/{flow}/{version}")) == expected
    assert sorted(data(client, f"/sdmx/v1/data/CDE,{flow},{version}")) == expected
    assert sorted(available(client, f"/sdmx/v1/availableconstraint/CDE,{flow},{version}")) == expected


@pytest.mark.parametrize("flow", FLOWS)
def test_a_version_left_out_is_the_latest_in_production_on_version_1(client: TestClient, flow: str) -> None:
    expected = [f"{flow}({text})" for text in LATEST[flow]]
    assert flows(client, f"/sdmx/v1/dataflow/CDE/{flow}") == expected
    assert data(client, f"/sdmx/v1/data/{flow}") == expected
    assert available(client, f"/sdmx/v1/availableconstraint/CDE,{flow}") == expected


@pytest.mark.parametrize(
    ("flow", "version", "meant"),
    [("DF_ALL", "2.0.0", "2.0.0-draft"), ("DF_ALL", "2.0.0-draft", "2.0.0-draft"), ("DF_ALL", "1.1.0", "1.1.0")],
)
def test_a_draft_is_found_by_the_number_that_messages_of_version_1_write(client: TestClient, flow: str, version: str, meant: str) -> None:
    assert flows(client, f"/sdmx/v1/dataflow/CDE/{flow}/{version}") == [f"{flow}({meant})"]
    assert data(client, f"/sdmx/v1/data/CDE,{flow},{version}") == [f"{flow}({meant})"]


@pytest.mark.parametrize("references", ["parents", "parentsandsiblings", "all", "dataflow"])
def test_related_drafts_are_not_in_production_either(client: TestClient, references: str) -> None:
    found = flows(client, f"/sdmx/v1/datastructure/CDE/DSD_WATER?references={references}")
    assert [flow for flow in found if "draft" in flow or "rc" in flow or "(0." in flow] == []
    assert "DF_ALL(1.1.0)" in found
    assert "DF_ALL(2.0.0-draft)" in flows(client, f"/sdmx/v2/structure/datastructure/CDE/DSD_WATER?references={references}")


def test_a_draft_that_is_asked_for_comes_with_what_it_is_made_of(client: TestClient) -> None:
    answer = client.get("/sdmx/v1/dataflow/CDE/DF_ALL/2.0.0?references=children&format=sdmx-json-2.1")
    assert [structure["id"] for structure in answer.json()["data"]["dataStructures"]] == ["DSD_WATER"]


def test_who_finds_only_drafts_learns_how_to_ask_for_them(client: TestClient) -> None:
    for target in ("/sdmx/v1/dataflow/CDE/DF_DRAFT", "/sdmx/v1/data/DF_DRAFT"):
        answer = client.get(target)
        assert answer.status_code == 404
        assert "draft" in answer.text


@pytest.mark.parametrize("target", ["/sdmx/v2/structure/dataflow/CDE/DF_ALL/latest", "/sdmx/v2/data/dataflow/CDE/DF_ALL/latest"])
def test_latest_is_a_word_of_version_1(client: TestClient, target: str) -> None:
    answer = client.get(target)
    assert answer.status_code == 400
    assert "write ~" in answer.text


@pytest.mark.parametrize(("setting", "status"), [({}, 404), ({"empty_result": 204}, 204)])
@pytest.mark.parametrize(
    "target", ["/sdmx/v2/structure/structuremap", "/sdmx/v2/data/dataflow/CDE/DF_ALL?c[AREA]=XX", "/sdmx/v2/data/dataflow/NOBODY/*"]
)
def test_an_empty_result_is_404_with_the_message_unless_the_operator_wants_204(
    tmp_path: Path, client: TestClient, setting: dict[str, int], status: int, target: str
) -> None:
    settings = as_a(FastAPI, client.app).state.settings.model_copy(update=setting)
    with TestClient(create_app(settings)) as made:
        answer = made.get(target)
    assert answer.status_code == status
    assert bool(answer.content) == (status == 404)
    if status == 404:
        assert answer.json()["errors"][0]["x-sdmxCode"] == 100


@pytest.mark.parametrize("api", ["/sdmx/v1/structure/all/all/all", "/sdmx/v2/structure/*/*/*/*"])
@pytest.mark.parametrize("data_format", ["sdmx-json-2.1", "sdmx-ml-2.1", "sdmx-ml-3.1"])
def test_links_in_stubs_lead_to_the_artefact(client: TestClient, api: str, data_format: str) -> None:
    answer = client.get(f"{api}?detail=allstubs&format={data_format}")
    links = set(re.findall(r"http://testserver(/[^\"]+)", answer.text))
    assert {link for link in links if "DF_ALL" in link and link.endswith("/1.0")}
    assert {link for link in links if "VL_ANSWERS" in link} or data_format == "sdmx-ml-2.1"
    assert {link: status for link in links if (status := client.get(f"{link}?format={data_format}").status_code) != 200} == {}
