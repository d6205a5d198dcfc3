"""Provenance: recorded with the run, kept whole or not at all, told as PROV-JSON."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from mappings.errors import UnknownKey
from mappings.ports import Effect
from mappings.provenance.ledger import FileLedger
from mappings.provenance.prov import prov_json

SOURCE = "region,kind,amount\nnorth,a,1\nnorth,b,2\nsouth,a,4\nsouth,,8\n"
RELATIONS = {
    "used": ("prov:activity", "prov:entity"),
    "wasGeneratedBy": ("prov:entity", "prov:activity"),
    "wasDerivedFrom": ("prov:generatedEntity", "prov:usedEntity"),
    "wasAssociatedWith": ("prov:activity", "prov:agent"),
    "wasAttributedTo": ("prov:entity", "prov:agent"),
    "wasInformedBy": ("prov:informed", "prov:informant"),
    "specializationOf": ("prov:specificEntity", "prov:generalEntity"),
}


class Sink:
    def preview(self, *_: Any) -> Effect:
        return Effect()

    def publish(self, schema: Any, batch: pl.DataFrame, publication: Any, *, submission: str) -> Effect:
        return Effect(inserted=batch.height)


@pytest.fixture
def ledger(tmp_path: Path) -> FileLedger:
    return FileLedger(tmp_path / "ledger")


def published(small: Any, ledger: FileLedger) -> str:
    submission: str = small.run(SOURCE, sink=Sink(), ledger=ledger, publish=True).submission
    return submission


def check_structure(document: dict[str, Any]) -> None:
    """PROV-JSON: known sections, declared prefixes, relations between things that exist."""
    json.dumps(document)
    known = {"prefix", "entity", "activity", "agent", *RELATIONS}
    assert set(document) <= known
    things = {name for section in ("entity", "activity", "agent") for name in document[section]}
    prefixes = set(document["prefix"])
    names = [*things, *(key for section in ("entity", "activity", "agent") for thing in document[section].values() for key in thing)]
    assert all(name.split(":")[0] in prefixes for name in names)
    for relation, ends in RELATIONS.items():
        for identifier, content in document.get(relation, {}).items():
            assert identifier.startswith("_:")
            assert all(content[end] in things for end in ends), (relation, content)
    for activity in document["activity"].values():
        if "prov:startTime" in activity:
            assert activity["prov:startTime"] <= activity["prov:endTime"]


def test_an_observation_knows_file_rows_recipe_software_agents_and_steps(small: Any, ledger: FileLedger) -> None:
    submission = published(small, ledger)
    record = ledger.read(submission)
    assert record is not None
    document = prov_json(record, "N._T.2023", ledger.contributions(submission))
    check_structure(document)
    digest = hashlib.sha256(SOURCE.encode()).hexdigest()
    assert document["entity"]["cde:source"]["cde:sha256"] == digest
    assert document["entity"]["cde:source-rows"]["cde:row"] == [2, 3]
    assert document["entity"]["cde:recipe"]["prov:label"] == "LOCAL:SMALL(1.0.0)"
    assert document["entity"]["cde:observation/N._T.2023"]["cde:REGION"] == "N"
    assert re.match(r"citizen-data-exchange ", document["agent"]["cde:software"]["prov:label"])
    assert document["agent"]["cde:organisation/CSO"]["cde:role"] == "collector"
    labels = [step["prov:label"] for name, step in document["activity"].items() if name.startswith("cde:step/")]
    assert labels == ["read", "profile", "type", "map", "aggregate", "protect", "check"]
    assert document["activity"]["cde:step/1"]["cde:rows_out"] == 4


def test_a_series_rests_on_the_rows_of_all_its_observations(small: Any, ledger: FileLedger) -> None:
    submission = published(small, ledger)
    record = ledger.read(submission)
    assert record is not None
    document = prov_json(record, "_T._T", ledger.contributions(submission))
    check_structure(document)
    assert document["entity"]["cde:source-rows"]["cde:row"] == [2, 3, 4, 5]
    assert document["entity"]["cde:observation/_T._T"]["prov:type"]["$"] == "cde:Series"


def test_rows_are_withheld_under_a_disclosure_policy(small: Any, ledger: FileLedger) -> None:
    submission = published(small.add("disclosure: {min_units: 2}\n"), ledger)
    record = ledger.read(submission)
    assert record is not None
    assert ledger.contributions(submission) is None
    document = prov_json(record, "N._T.2023", None)
    check_structure(document)
    rows = document["entity"]["cde:source-rows"]
    assert (rows["cde:firstRow"], rows["cde:lastRow"]) == (2, 5)
    assert not {"cde:row", "cde:count"} & rows.keys()
    assert document["entity"]["cde:observation/N._T.2023"]["cde:sourceRows"] == "withheld"


@pytest.mark.parametrize("key", ["N", "N._T.2023.X", "N..2023", "N._T.1999", ""])
def test_keys_that_do_not_fit_or_do_not_exist_are_refused(small: Any, ledger: FileLedger, key: str) -> None:
    submission = published(small, ledger)
    record = ledger.read(submission)
    assert record is not None
    with pytest.raises(UnknownKey):
        prov_json(record, key, ledger.contributions(submission))


def test_every_observation_has_its_rows(small: Any, ledger: FileLedger) -> None:
    run = small.run(SOURCE, sink=Sink(), ledger=ledger, publish=True)
    contributions = ledger.contributions(run.submission)
    assert contributions is not None
    keys = ["REGION", "KIND", "TIME_PERIOD"]
    assert contributions.select(keys).sort(keys).equals(run.observations.select(keys).sort(keys))


def test_the_ledger_lists_submissions_and_forgets_discarded_ones(small: Any, ledger: FileLedger) -> None:
    first, second = published(small, ledger), published(small, ledger)
    assert ledger.submissions("LOCAL:DF(1.0.0)") == [first, second]
    assert ledger.submissions("LOCAL:OTHER(1.0.0)") == []
    ledger.discard(first)
    assert ledger.submissions("LOCAL:DF(1.0.0)") == [second]
    assert ledger.read(first) is None


def test_a_submission_is_recorded_once(small: Any, ledger: FileLedger) -> None:
    record = ledger.read(published(small, ledger))
    assert record is not None
    with pytest.raises(FileExistsError):
        ledger.write(record, None)
    with pytest.raises(ValueError, match="submission id"):
        ledger.read("../../etc")
