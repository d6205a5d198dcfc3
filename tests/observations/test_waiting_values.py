"""Attribute values that come before the observations they describe: kept at their own level until these come (ADR 0020)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from exchange.errors import InvalidObservations, WouldEmptyDataflow
from exchange.observations.delta_store import DeltaObservationStore
from exchange.observations.ports import Change, ObservationStore
from exchange.query.values.data_query import ObservationSelection
from registry.data_schema import Level, Role, SchemaComponent
from registry.model.representations import Representation
from registry.model.structures import Attribute
from tests.observations.small_schema import change, keys, read, rows, small_schema

#: Attached to the area and the period, so with the level of the observation (SDMX 3.1 Section 2, attribute relationship).
WEATHER = SchemaComponent(
    "WEATHER", Role.ATTRIBUTE, Attribute(id="WEATHER"), None, Representation(), "String", level=Level.OBSERVATION,
    attached_to=("AREA", "TIME_PERIOD"),
)  # fmt: skip
SCHEMA = small_schema(WEATHER)
ATTRIBUTES = ("TITLE", "REGION", "UNIT")
EARLY = (
    {"key": "* * *", "TITLE": "Water"},
    {"key": "KG * *", "REGION": "Asia"},
    {"key": "KG F *", "UNIT": "PT"},
)


@pytest.fixture
def disk(tmp_path: Path) -> ObservationStore:
    return DeltaObservationStore(str(tmp_path / "lake"))


def submit(store: ObservationStore, *changes: Change, **options: Any) -> tuple[int, ...]:
    """Submit changes; inserted, updated, deleted, waiting."""
    receipt = store.submit(SCHEMA, changes, submission=f"s{len(_submitted)}", **options)
    _submitted.append(receipt.submission)
    return receipt.inserted, receipt.updated, receipt.deleted, receipt.waiting


_submitted: list[str] = []


def attributes(store: ObservationStore, **selection: Any) -> list[tuple[Any, ...]]:
    return read(store, SCHEMA, *ATTRIBUTES, **selection)


def test_values_wait_for_the_first_observation_of_their_key(store: ObservationStore) -> None:
    receipt = store.submit(SCHEMA, [change("M", *EARLY)], submission="early")
    assert (receipt.inserted, receipt.updated, receipt.waiting) == (0, 0, 3)
    assert store.submit(SCHEMA, [change("M", *EARLY)], submission="early") == receipt
    assert keys(store, SCHEMA) == []
    assert store.last_updated(store.dataflows()[0]) is None
    assert store.availability(SCHEMA, ObservationSelection()).obs_count == 0
    store.submit(SCHEMA, [change("M", {"key": "MW F 2020", "VALUE": 1.0})], submission="elsewhere")
    assert read(store, SCHEMA, *ATTRIBUTES) == [("Water", None, None)]
    store.submit(SCHEMA, [change("M", {"key": "KG F 2020", "VALUE": 1.0}, {"key": "KG M 2020", "VALUE": 2.0})], submission="there")
    assert read(store, SCHEMA, *ATTRIBUTES) == [("Water", "Asia", "PT"), ("Water", "Asia", None), ("Water", None, None)]


@pytest.mark.parametrize("action", ["M", "A", "R"])
def test_every_action_that_brings_observations_takes_what_waits(disk: ObservationStore, action: str) -> None:
    submit(disk, change(action, *EARLY))
    submit(disk, change(action, {"key": "KG F 2020", "VALUE": 1.0}))
    assert attributes(disk) == [("Water", "Asia", "PT")]


def test_what_an_observation_brings_itself_stands_and_nothing_waits_afterwards(disk: ObservationStore) -> None:
    submit(disk, change("M", *EARLY))
    submit(disk, change("M", {"key": "KG F 2020", "VALUE": 1.0, "UNIT": "N", "REGION": "Steppe", "TITLE": "Wells"}))
    assert attributes(disk) == [("Wells", "Steppe", "N")]
    submit(disk, change("D", {"key": "* * *"}))
    submit(disk, change("M", {"key": "KG F 2020", "VALUE": 1.0}))
    assert attributes(disk) == [(None, None, None)]


def test_a_later_value_takes_the_place_of_one_that_waits(disk: ObservationStore) -> None:
    submit(disk, change("M", *EARLY))
    assert submit(disk, change("R", {"key": "KG * *", "REGION": "Steppe"})) == (0, 0, 0, 1)
    submit(disk, change("M", {"key": "KG F 2020", "VALUE": 1.0}))
    assert attributes(disk) == [("Water", "Steppe", "PT")]


@pytest.mark.parametrize(
    ("deleted", "left"),
    [
        ({"key": "* * *"}, (None, None, None)),
        ({"key": "KG * *"}, ("Water", None, None)),
        ({"key": "KG F *"}, ("Water", "Asia", None)),
        ({"key": "KG F 2020"}, ("Water", "Asia", "PT")),
        ({"key": "MW * *"}, ("Water", "Asia", "PT")),
        ({"key": "* * 2020"}, ("Water", "Asia", "PT")),
        ({"key": "* * *", "REGION": "-"}, ("Water", None, "PT")),
        ({"key": "KG * *", "UNIT": "-"}, ("Water", "Asia", None)),
        ({"key": "MW * *", "REGION": "-"}, ("Water", "Asia", "PT")),
        ({"key": "KG F *", "TITLE": "-"}, (None, "Asia", "PT")),
        ({"key": "KG F *", "VALUE": 0.0}, ("Water", "Asia", "PT")),
    ],
)
@pytest.mark.parametrize("together", [True, False])
def test_deletions_reach_what_waits_for_all_of_their_key(
    disk: ObservationStore, deleted: dict[str, Any], left: tuple[Any, ...], together: bool
) -> None:
    steps = [change("M", *EARLY), change("D", deleted), change("M", {"key": "KG F 2020", "VALUE": 1.0})]
    for changes in [steps] if together else [[step] for step in steps]:
        submit(disk, *changes)
    assert attributes(disk) == [left]


def test_attributes_and_observations_of_one_submission_find_each_other_whatever_their_order(disk: ObservationStore) -> None:
    observation = change("R", {"key": "KG F 2020", "VALUE": 1.0})
    for changes in ([change("M", *EARLY), observation], [observation, change("M", *EARLY)]):
        submit(disk, change("D", {"key": "* * *"}), *changes)
        assert attributes(disk) == [("Water", "Asia", "PT")]
    assert submit(disk, change("D", {"key": "* * *"}), change("M", *EARLY), observation)[3] == 0


def test_values_for_keys_that_have_observations_change_these_and_do_not_wait(disk: ObservationStore) -> None:
    submit(disk, change("M", {"key": "KG F 2020", "VALUE": 1.0}, {"key": "MW F 2020", "VALUE": 1.0}))
    assert submit(disk, change("M", *EARLY, {"key": "AO * *", "REGION": "Africa"})) == (0, 2, 0, 1)
    assert submit(disk, change("M", *EARLY)) == (0, 0, 0, 0)
    submit(disk, change("D", {"key": "* * *"}), may_empty=True)
    submit(disk, change("M", {"key": "KG F 2020", "VALUE": 1.0}))
    assert attributes(disk) == [(None, None, None)]


def test_states_and_history_know_what_was_there_and_not_what_waited(disk: ObservationStore) -> None:
    early = disk.submit(SCHEMA, [change("M", *EARLY)], submission="early").recorded_at
    there = disk.submit(SCHEMA, [change("M", {"key": "KG F 2020", "VALUE": 1.0})], submission="there").recorded_at
    disk.submit(SCHEMA, [change("M", {"key": "KG * *", "REGION": "Steppe"})], submission="later")
    assert attributes(disk, as_of=early) == []
    assert attributes(disk, as_of=there) == [("Water", "Asia", "PT")]
    history = read(disk, SCHEMA, "REGION", "_submission", include_history=True)
    assert [row[:2] for row in history] == [("Asia", "there"), ("Steppe", "later")]


def test_a_preview_counts_what_would_wait_and_keeps_nothing(disk: ObservationStore) -> None:
    assert disk.preview(SCHEMA, [change("M", *EARLY)]).waiting == 3
    submit(disk, change("M", {"key": "KG F 2020", "VALUE": 1.0}))
    assert attributes(disk) == [(None, None, None)]


def test_what_waits_survives_other_submissions_and_a_new_process(disk: ObservationStore, tmp_path: Path) -> None:
    submit(disk, change("M", *EARLY))
    for number in range(3):
        submit(disk, change("M", {"key": f"MW F {2000 + number}", "VALUE": 1.0}), change("M", {"key": f"A{number} * *", "REGION": "r"}))
    other = DeltaObservationStore(str(tmp_path / "lake"))
    submit(other, change("M", {"key": "KG F 2020", "VALUE": 1.0}, {"key": "A1 F 2020", "VALUE": 1.0}))
    assert read(other, SCHEMA, "AREA", *ATTRIBUTES)[:2] == [("A1", "Water", "r", None), ("KG", "Water", "Asia", "PT")]


def test_lists_and_languages_wait_too(tmp_path: Path) -> None:
    representation = Representation(max_occurs="unbounded")
    topics = SchemaComponent(
        "FLAGS2", Role.ATTRIBUTE, Attribute(id="FLAGS2"), None, representation, "String", level=Level.GROUP, attached_to=("SEX",)
    )
    schema, store = small_schema(topics), DeltaObservationStore(str(tmp_path / "lake"))
    batch = rows([{"key": "* F *"}]).with_columns(pl.Series("FLAGS2", [["a", "b"]]))
    assert store.submit(schema, [Change(change("M").action, [batch])], submission="a").waiting == 1
    store.submit(schema, [change("M", {"key": "KG F 2020", "VALUE": 1.0})], submission="b")
    assert read(store, schema, "FLAGS2") == [(["a", "b"],)]


@pytest.mark.parametrize("first", ["attributes", "observations", "together"])
def test_an_attribute_of_an_area_and_a_period_holds_for_all_observations_of_these(disk: ObservationStore, first: str) -> None:
    observations = change("M", *({"key": f"{key} {year}", "VALUE": 1.0} for key in ("KG F", "KG M", "MW F") for year in (2020, 2021)))
    weather = _weather("KG", "2020", "drought")
    if first == "together":
        submit(disk, weather, observations)
    else:
        for step in (weather, observations) if first == "attributes" else (observations, weather):
            submit(disk, step)
    assert read(disk, SCHEMA, "AREA", "TIME_PERIOD", "WEATHER") == [
        ("KG", "2020", "drought"), ("KG", "2021", None), ("KG", "2020", "drought"), ("KG", "2021", None), ("MW", "2020", None),
        ("MW", "2021", None),
    ]  # fmt: skip
    submit(disk, change("M", {"key": "KG X 2020", "VALUE": 1.0}))
    assert read(disk, SCHEMA, "WEATHER")[4] == ("drought",)


def test_an_attribute_of_an_area_and_a_period_has_one_value_for_these(disk: ObservationStore) -> None:
    batch = rows([{"key": "KG F 2020", "VALUE": 1.0}, {"key": "KG M 2020", "VALUE": 1.0}]).with_columns(
        pl.Series("WEATHER", ["wet", "dry"])
    )
    with pytest.raises(InvalidObservations, match="WEATHER must have one value for AREA=KG, TIME_PERIOD=2020"):
        submit(disk, Change(change("M").action, [batch]))


def _weather(area: str, year: str, value: str) -> Change:
    return Change(change("M").action, [rows([{"key": f"{area} * {year}"}]).with_columns(pl.lit(value).alias("WEATHER"))])


@pytest.mark.parametrize(
    "emptying",
    [
        [change("D", {"key": "* * *"})],
        [change("D", {"key": "KG * *"}, {"key": "MW * *"})],
        [change("D", {"key": "KG F 2020"}, {"key": "MW F 2020"})],
        [change("D", {"key": "* * *", "VALUE": 0.0})],
        [change("R", {"key": "KG F 2020", "STATUS": "M"}, {"key": "MW F 2020", "STATUS": "M"})],
        [change("M", {"key": "AO F 2020", "VALUE": 1.0}), change("D", {"key": "* * *"})],
        [change("D", {"key": "* * *"}), change("M", *EARLY)],
    ],
    ids=["all", "areas", "each", "values", "replaced", "what came with it too", "attributes are no observations"],
)
def test_what_leaves_nothing_needs_permission(disk: ObservationStore, emptying: list[Change]) -> None:
    submit(disk, change("M", {"key": "KG F 2020", "VALUE": 1.0}, {"key": "MW F 2020", "VALUE": 2.0}))
    for attempt in (disk.preview, lambda *args, **options: disk.submit(*args, submission="emptying", **options)):
        with pytest.raises(WouldEmptyDataflow, match=r"TEST:FLOW\(1.0.0\) and leaves none"):
            attempt(SCHEMA, emptying, may_empty=False)
    assert read(disk, SCHEMA, "VALUE") == [(1.0,), (2.0,)]
    submit(disk, *emptying, may_empty=True)
    assert all(row == (None,) for row in read(disk, SCHEMA, "VALUE"))


@pytest.mark.parametrize(
    "harmless",
    [
        [change("D", {"key": "KG * *"})],
        [change("D", {"key": "* * *"}), change("M", {"key": "KG F 2020", "VALUE": 1.0})],
        [change("D", {"key": "* * *", "VALUE": 0.0}), change("R", {"key": "KG F 2020", "VALUE": 1.0})],
        [change("D", {"key": "* * *", "STATUS": "-"})],
        [change("D", {"key": "AO * *"})],
        [change("D")],
    ],
)
def test_what_leaves_something_needs_none(disk: ObservationStore, harmless: list[Change]) -> None:
    submit(disk, change("D", {"key": "* * *"}), may_empty=False)
    submit(disk, change("M", {"key": "KG F 2020", "VALUE": 1.0}, {"key": "MW F 2020", "VALUE": 2.0}), may_empty=False)
    submit(disk, *harmless, may_empty=False)
    assert any(row != (None,) for row in read(disk, SCHEMA, "VALUE"))
