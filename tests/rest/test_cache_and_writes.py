"""Answers that are kept and the writes that make them old: a warm service answers like one that has just started."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import polars as pl
import pytest
from fastapi.testclient import TestClient

from exchange.app import create_app, open_services
from exchange.observations.ports import Action, Change
from exchange.settings import Settings
from registry.model.base import Maintainable
from registry.store.ports import ChangeSet
from tests.builders import a_codelist, a_concept_scheme, a_data_structure, a_dataflow, enumerated
from tests.rest.conftest import services_of

DETAILS = ["full", "allstubs", "referencestubs", "allcompletestubs", "referencecompletestubs", "referencepartial", "raw"]
REFERENCES = ["none", "parents", "parentsandsiblings", "ancestors", "children", "descendants", "all", "codelist"]
V1, V2, ONE, OTHER = "/sdmx/v1", "/sdmx/v2/structure", "a.example.org", "b.example.org"
#: Format, language and who asks: another API or another host gets other links, so other bytes.
VARIANTS = [
    ("sdmx-json-2.1", "en", V2, ONE),
    ("sdmx-json-2.1", "fr", V2, ONE),
    ("sdmx-json-2.1", "en", V2, OTHER),
    ("sdmx-ml-2.1", "en", V2, ONE),
    ("sdmx-ml-2.1", "en", V1, ONE),
]

DATA = "/sdmx/v2/data/dataflow/CDE/DF_WATER?format=sdmx-csv-2.1&labels=both"
AVAILABILITY = "/sdmx/v2/availability/dataflow/CDE/DF_WATER?references=all&format=sdmx-json-2.1"


def artefacts(name: str, areas: tuple[str, ...]) -> list[Maintainable]:
    """A small registry of legacy versions, which may be replaced; everything has ``name`` in two languages."""
    names = {"en": name, "fr": f"{name} en français"}
    area, concepts = a_codelist("CL_AREA", areas, version="1.0", names=names), a_concept_scheme(version="1.0", names=names)
    structure = a_data_structure(concepts, {"AREA": enumerated(area)}, version="1.0", names=names)
    return [area, concepts, structure, a_dataflow(structure, version="1.0", names=names)]


def fetch(client: TestClient, target: str, language: str, host: str) -> bytes:
    answer = client.get(target, headers={"Accept-Language": language, "Host": host, "Accept-Encoding": "identity"})
    assert answer.status_code == 200, answer.text
    return answer.content


@dataclass
class Warm:
    """A service that has answered everything before a write, those answers, and one that starts after the write."""

    client: TestClient
    cold: TestClient
    before: dict[tuple[str, str, str], bytes]


def requests() -> Iterator[tuple[str, str, str]]:
    for detail, references, (data_format, language, root, host) in product(DETAILS, REFERENCES, VARIANTS):
        yield f"{root}/datastructure/CDE/DSD_WATER?detail={detail}&references={references}&format={data_format}", language, host


@pytest.fixture(scope="module")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warm]:
    settings = Settings(home=tmp_path_factory.mktemp("cache") / "home")
    services = open_services(settings)
    services.artefacts.commit(ChangeSet(put=tuple(artefacts("Old", ("MW",)))))
    row = pl.DataFrame({"AREA": ["MW"], "TIME_PERIOD": ["2020"], "OBS_VALUE": [1.0]})
    services.observations.submit(services.schemas.for_dataflow("CDE", "DF_WATER"), [Change(Action.MERGE, [row])], submission="S1")
    services.close()
    with TestClient(create_app(settings)) as client:
        before = {(target, language, host): fetch(client, target, language, host) for target, language, host in requests()}
        for target in (DATA, AVAILABILITY):
            before[target, "en", ONE] = fetch(client, target, "en", ONE)
        new = artefacts("New", ("MW", "RW"))
        flow = a_dataflow("urn:sdmx:org.sdmx.infomodel.datastructure.DataStructure=CDE:DSD_WATER(1.0)", "DF_NEW", version="1.0")
        services_of(client).artefacts.commit(ChangeSet(put=(*new, flow)))
        with TestClient(create_app(settings)) as cold:
            yield Warm(client, cold, before)


@pytest.mark.parametrize("references", REFERENCES)
@pytest.mark.parametrize("detail", DETAILS)
def test_after_a_write_every_kind_of_structure_answer_is_new(warm: Warm, detail: str, references: str) -> None:
    for target, language, host in requests():
        if f"?detail={detail}&references={references}&" not in target:
            continue
        after = fetch(warm.client, target, language, host)
        assert after == fetch(warm.cold, target, language, host)
        assert after != warm.before[target, language, host]
        assert b"New" in after
        assert (OTHER if host == ONE else ONE).encode() not in after
        if "json" in target:
            assert f'"name":"{"New en français" if language == "fr" else "New"}"'.encode() in after
        if references in {"parents", "parentsandsiblings", "ancestors", "all"}:
            assert b"DF_NEW" in after
        # Kept by now: the second time it is the answer of this request and no other.
        assert fetch(warm.client, target, language, host) == after


@pytest.mark.parametrize("target", [DATA, AVAILABILITY])
def test_after_a_write_to_the_registry_data_and_availability_are_new_too(warm: Warm, target: str) -> None:
    after = fetch(warm.client, target, "en", ONE)
    assert after == fetch(warm.cold, target, "en", ONE)
    assert after != warm.before[target, "en", ONE]


@pytest.mark.parametrize("target", [DATA, AVAILABILITY])
def test_a_copy_from_before_a_write_is_not_current(warm: Warm, target: str) -> None:
    answer = warm.client.get(target)
    again = warm.client.get(target, headers={"If-None-Match": answer.headers["etag"]})
    assert (answer.status_code, again.status_code) == (200, 304)
    services = services_of(warm.client)
    row = pl.DataFrame({"AREA": ["MW"], "TIME_PERIOD": ["2021" if target == DATA else "2022"], "OBS_VALUE": [2.0]})
    services.observations.submit(services.schemas.for_dataflow("CDE", "DF_WATER"), [Change(Action.MERGE, [row])], submission=target)
    after = warm.client.get(target, headers={"If-None-Match": answer.headers["etag"]})
    assert after.status_code == 200
    assert after.content == warm.cold.get(target).content != answer.content
