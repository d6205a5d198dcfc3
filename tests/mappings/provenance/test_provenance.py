"""Provenance: recorded with the run, handed over with the observations, told as PROV-JSON."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

import pytest

from mappings.errors import UnknownKey
from mappings.provenance.prov import prov_json
from tests.mappings.sinks import MemorySink

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


def published(small: Any) -> MemorySink:
    sink = MemorySink()
    assert small.run(SOURCE, sink=sink, publish=True).published
    return sink


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


def test_an_observation_knows_file_rows_recipe_software_agents_and_steps(small: Any) -> None:
    sink = published(small)
    document = prov_json(sink.record, "N._T.2023", sink.contributions)
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


def test_a_series_rests_on_the_rows_of_all_its_observations(small: Any) -> None:
    sink = published(small)
    document = prov_json(sink.record, "_T._T", sink.contributions)
    check_structure(document)
    assert document["entity"]["cde:source-rows"]["cde:row"] == [2, 3, 4, 5]
    assert document["entity"]["cde:observation/_T._T"]["prov:type"]["$"] == "cde:Series"


def test_rows_are_withheld_under_a_disclosure_policy(small: Any) -> None:
    sink = published(small.add("disclosure: {min_units: 2}\n"))
    assert sink.contributions is None
    document = prov_json(sink.record, "N._T.2023", None)
    check_structure(document)
    rows = document["entity"]["cde:source-rows"]
    assert (rows["cde:firstRow"], rows["cde:lastRow"]) == (2, 5)
    assert not {"cde:row", "cde:count"} & rows.keys()
    assert document["entity"]["cde:observation/N._T.2023"]["cde:sourceRows"] == "withheld"


@pytest.mark.parametrize("key", ["N", "N._T.2023.X", "N..2023", "N._T.1999", ""])
def test_keys_that_do_not_fit_or_do_not_exist_are_refused(small: Any, key: str) -> None:
    sink = published(small)
    with pytest.raises(UnknownKey):
        prov_json(sink.record, key, sink.contributions)


def test_every_observation_has_its_rows(small: Any) -> None:
    sink = MemorySink()
    run = small.run(SOURCE, sink=sink, publish=True)
    contributions = sink.contributions
    assert contributions is not None
    keys = ["REGION", "KIND", "TIME_PERIOD"]
    assert contributions.select(keys).sort(keys).equals(run.observations.select(keys).sort(keys))
