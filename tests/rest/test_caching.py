"""Conditional requests: a copy is called current only when no change can hide behind the dates and tags it came with."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count

import polars as pl
import pytest
from fastapi.testclient import TestClient

from exchange.app import create_app
from exchange.observations.ports import Action, Change
from exchange.rest.caching import http_date, is_unchanged, last_modified
from exchange.services.container import Services
from exchange.settings import Settings
from registry.store.ports import ChangeSet
from tests.builders import a_codelist, a_concept_scheme, a_data_structure, a_dataflow, enumerated
from tests.rest.conftest import services_of

SECOND = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
DATA = "/sdmx/v2/data/dataflow/CDE/DF_WATER?format=sdmx-csv-2.1"
AVAILABILITY = "/sdmx/v2/availability/dataflow/CDE/DF_WATER?format=sdmx-json-2.1"
LIST = "/sdmx/v2/structure/codelist/CDE/CL_AREA"


def at(milliseconds: int) -> datetime:
    return SECOND + timedelta(milliseconds=milliseconds)


@pytest.mark.parametrize("first", [0, 1, 300, 999])
@pytest.mark.parametrize("answered", [0, 1, 400, 999, 1000, 1001, 5000])
@pytest.mark.parametrize("later", [1, 301, 500, 999, 1000, 1500, 9000])
def test_no_change_hides_behind_a_date_of_whole_seconds(first: int, answered: int, later: int) -> None:
    if not first <= answered < later:
        return
    for date in (last_modified(at(first), at(answered)), http_date(at(answered))):  # what was said, and what a client may note itself
        assert not is_unchanged(if_none_match=None, if_modified_since=date, etag='"x"', modified=at(later)), (first, answered, later)


def test_once_its_second_is_over_a_copy_is_current_by_its_date() -> None:
    date = last_modified(at(300), at(1000))
    assert is_unchanged(if_none_match=None, if_modified_since=date, etag='"x"', modified=at(300))
    assert last_modified(at(300), at(400)) == http_date(at(0)), "no date lies in the future"


@pytest.fixture
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[TestClient, Services]]:
    with TestClient(create_app(Settings(home=tmp_path_factory.mktemp("caching")))) as client:
        services: Services = services_of(client)
        area, concepts = a_codelist(codes=("A", "B")), a_concept_scheme()
        structure = a_data_structure(concepts, {"AREA": enumerated(area)})
        services.artefacts.commit(ChangeSet(put=(area, concepts, structure, a_dataflow(structure))))
        submit(services, 0)
        yield client, services


def submit(services: Services, number: int) -> None:
    rows = pl.DataFrame({"AREA": ["A"], "TIME_PERIOD": [f"{2000 + number}"], "OBS_VALUE": [float(number)]})
    schema = services.schemas.for_dataflow("CDE", "DF_WATER")
    services.observations.submit(schema, [Change(Action.MERGE, [rows])], submission=f"S{number}")


@pytest.mark.parametrize("target", [DATA, AVAILABILITY])
def test_two_changes_in_one_second_are_two_answers(fresh: tuple[TestClient, Services], target: str) -> None:
    client, services = fresh
    for number in range(1, 6):
        before = client.get(target)
        submit(services, number)
        headers = {"If-Modified-Since": before.headers["last-modified"]}
        after = client.get(target, headers=headers)
        assert after.status_code == 200
        assert after.content != before.content


@pytest.mark.parametrize(("target", "part", "method"), [(DATA, "data", "answer"), (AVAILABILITY, "availability", "answer")])
def test_an_etag_never_names_the_state_before_a_commit_that_the_bytes_hold(
    fresh: tuple[TestClient, Services], monkeypatch: pytest.MonkeyPatch, target: str, part: str, method: str
) -> None:
    client, services = fresh
    use_case = getattr(services, part)
    answer, numbers = getattr(use_case, method), count(1)

    def answer_after_a_commit(*arguments: object, **options: object) -> object:
        number = next(numbers)
        if number == 1:  # another process stores something between the question for the state and the reading
            submit(services, number)
        return answer(*arguments, **options)

    monkeypatch.setattr(type(use_case), method, lambda _self, *arguments, **options: answer_after_a_commit(*arguments, **options))
    raced = client.get(target)
    settled = client.get(target)
    assert raced.status_code == settled.status_code == 200
    assert (raced.headers["etag"] == settled.headers["etag"]) == (raced.content == settled.content)
    assert raced.content == settled.content, "the answer is that of the state it names"


@pytest.mark.parametrize("target", [DATA, AVAILABILITY, LIST])
def test_encodings_of_one_answer_have_tags_of_their_own(fresh: tuple[TestClient, Services], target: str) -> None:
    client, _ = fresh
    plain, packed = (client.get(target, headers={"Accept-Encoding": encoding}) for encoding in ("identity", "gzip"))
    assert plain.content == packed.content, "the client unpacks"
    assert plain.headers["etag"] != packed.headers["etag"]
    assert "Accept-Encoding" in packed.headers["vary"]
    crossed = client.get(target, headers={"Accept-Encoding": "identity", "If-None-Match": packed.headers["etag"]})
    assert crossed.status_code == 200
    same = client.get(target, headers={"Accept-Encoding": "gzip", "If-None-Match": packed.headers["etag"]})
    assert (same.status_code, same.headers["etag"]) == (304, packed.headers["etag"])
