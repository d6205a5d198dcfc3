"""Links in structure answers lead to the artefact they stand for, on the API that was asked."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from exchange.app import create_app
from exchange.settings import Settings
from registry.store.ports import ChangeSet
from tests.builders import a_codelist
from tests.registry.specimens import SPECIMENS
from tests.rest.conftest import services_of


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(home=tmp_path_factory.mktemp("links")))) as made:
        draft = a_codelist("CL_DRAFT", version="1.1.0-draft")
        services_of(made).artefacts.commit(ChangeSet(put=(*SPECIMENS, draft)))
        yield made


XML = {
    "2.1": "application/vnd.sdmx.structure+xml;version=2.1",
    "3.0": "application/vnd.sdmx.structure+xml;version=3.0.0",
    "3.1": "application/vnd.sdmx.structure+xml;version=3.1.0",
}
JSON = {
    "2.0": "application/vnd.sdmx.structure+json;version=2.0.0",
    "2.1": "application/vnd.sdmx.structure+json;version=2.1.0",
}
EVERYTHING = {"v1": "/sdmx/v1/structure/all/all/all", "v2": "/sdmx/v2/structure/*/*/*/*"}


@pytest.mark.parametrize("api", EVERYTHING)
@pytest.mark.parametrize("version", XML)
def test_the_address_in_a_stub_leads_to_the_whole_artefact(client: TestClient, api: str, version: str) -> None:
    answer = client.get(EVERYTHING[api], params={"detail": "allstubs"}, headers={"Accept": XML[version]})
    assert answer.status_code == 200
    stubs = re.findall(r'<str:(\w+) id="([^"]+)"[^>]*isExternalReference="true"[^>]*structureURL="([^"]+)"', answer.text)
    assert len(stubs) > 12
    for element, identifier, address in stubs:
        assert f"/sdmx/{api}/" in address
        whole = client.get(address, headers={"Accept": XML[version]})
        assert whole.status_code == 200, address
        assert f'<str:{element} id="{identifier}"' in whole.text, address
        assert "isExternalReference" not in whole.text


@pytest.mark.parametrize("api", EVERYTHING)
@pytest.mark.parametrize("version", JSON)
def test_the_self_link_of_every_artefact_leads_to_it(client: TestClient, api: str, version: str) -> None:
    headers = {"Accept": JSON[version]}
    for collection, artefacts in client.get(EVERYTHING[api], headers=headers).json()["data"].items():
        for artefact in artefacts:
            address = next(link["href"] for link in artefact["links"] if link["rel"] == "self")
            assert f"/sdmx/{api}/" in address
            found = client.get(address, headers=headers)
            assert found.status_code == 200, address
            assert [whole["id"] for whole in found.json()["data"][collection]] == [artefact["id"]]


def test_an_answer_in_2_1_names_what_it_leaves_out_and_one_of_nothing_else_is_refused(client: TestClient) -> None:
    whole = client.get("/sdmx/v1/structure/all/all/all", headers={"Accept": XML["2.1"]})
    footer = whole.text.split(":Footer")[1]
    assert {"ValueList CDE:VL(1.0.0)", "StructureMap CDE:SM(1.0.0)"} <= set(re.findall(r"\w+ CDE:\w+\(1\.0\.0\)", footer))
    alone = client.get("/sdmx/v2/structure/valuelist/CDE/VL/1.0.0", headers={"Accept": XML["2.1"]})
    assert alone.status_code == 406
    assert "value lists" in alone.text
