"""Random submissions against a dictionary that is changed by hand: states, history, and what harvesters are told."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.observations.delta_store import DeltaObservationStore
from exchange.query.values.data_query import ObservationSelection
from tests.observations.small_schema import KEYS, change, read, small_schema

SCHEMA = small_schema()
AREAS, SEXES, TIMES = ("KG", "MW"), ("F", "M"), ("2019", "2020-Q1")
ATTACHED = {"UNIT": ("AREA", "SEX"), "REGION": ("AREA",), "TITLE": ()}
OWN = ("VALUE", "STATUS")
NOTHING: dict[str, Any] = dict.fromkeys(OWN)
START = datetime(2026, 1, 1, tzinfo=UTC)

Key = tuple[str, ...]
State = dict[Key, dict[str, Any]]

values = st.sampled_from([None, 1.0, 2.0])
texts = st.sampled_from([None, "a", "b"])
whole_keys = st.tuples(st.sampled_from(AREAS), st.sampled_from(SEXES), st.sampled_from(TIMES))
partial_keys = st.tuples(st.sampled_from(["*", *AREAS]), st.sampled_from(["*", *SEXES]), st.sampled_from(["*", *TIMES]))


@st.composite
def writes(draw: st.DrawFn) -> tuple[str, list[dict[str, Any]]]:
    """Merge or replace; attributes above the observation depend only on their dimensions."""
    found: dict[str, dict[tuple[str, ...], Any]] = {
        name: draw(st.dictionaries(st.tuples(*(st.sampled_from(AREAS + SEXES) for _ in on)), texts, max_size=3))
        for name, on in ATTACHED.items()
    }
    records: list[dict[str, Any]] = []
    for key in draw(st.lists(whole_keys, unique=True, max_size=5)):
        at = dict(zip(KEYS, key, strict=True))
        attached: dict[str, Any] = {name: found[name].get(tuple(at[d] for d in on)) for name, on in ATTACHED.items()}
        records.append({"key": " ".join(key), "VALUE": draw(values), "STATUS": draw(texts)} | attached)
    return draw(st.sampled_from(["M", "A", "R"])), records


@st.composite
def deletions(draw: st.DrawFn) -> tuple[str, list[dict[str, Any]]]:
    names = draw(st.sets(st.sampled_from([*OWN, *ATTACHED]), max_size=2))
    named: dict[str, Any] = {name: 0.0 if name == "VALUE" else "-" for name in names}
    return "D", [{"key": " ".join(key)} | named for key in draw(st.lists(partial_keys, max_size=3))]


submissions = st.lists(st.one_of(st.tuples(writes()), st.tuples(deletions()), st.tuples(deletions(), writes())), max_size=6)


def _write(state: State, action: str, records: list[dict[str, Any]]) -> None:
    keys = [tuple(record["key"].split()) for record in records]
    known = {name: {_at(key, on): row[name] for key, row in state.items()} for name, on in ATTACHED.items()}
    for key, record in zip(keys, records, strict=True):
        old = state.get(key) or NOTHING
        own = {name: record[name] if record[name] is not None or action == "R" else old[name] for name in OWN}
        attached = {name: old[name] if key in state else known[name].get(_at(key, on)) for name, on in ATTACHED.items()}
        state[key] = own | attached
    for name, on in ATTACHED.items():
        assigned = {_at(key, on): record[name] for key, record in zip(keys, records, strict=True) if record[name] is not None}
        for key, row in state.items():
            row[name] = assigned.get(_at(key, on), row[name])


def _at(key: tuple[str, ...], on: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(part for part, name in zip(key, KEYS, strict=True) if name in on)


def _matches(key: Key, pattern: Mapping[str, str], dimensions: tuple[str, ...]) -> bool:
    return all(pattern[d] in {"*", part} for part, d in zip(key, KEYS, strict=True) if d in dimensions)


def _delete(state: State, records: list[dict[str, Any]]) -> None:
    for record in records:
        pattern = dict(zip(KEYS, record["key"].split(), strict=True))
        named = [name for name in record if name != "key"]
        for key in list(state):
            if not named and _matches(key, pattern, KEYS):
                del state[key]
            for name in named:
                if _matches(key, pattern, ATTACHED.get(name, KEYS)):
                    state[key][name] = None


def _copy(state: State) -> State:
    return {key: dict(row) for key, row in state.items()}


def _stored(store: DeltaObservationStore, **selection: Any) -> State:
    names = (*OWN, *ATTACHED)
    found = read(store, SCHEMA, *KEYS, *names, **selection)
    state = {row[:3]: dict(zip(names, row[3:], strict=True)) for row in found}
    assert len(state) == len(found)
    return state


@given(submissions)
@settings(max_examples=40, deadline=None)
def test_every_state_can_be_read_again(history: list[tuple[tuple[str, list[dict[str, Any]]], ...]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = DeltaObservationStore(folder)
        state: State = {}
        since: dict[Key, datetime] = {}
        snapshots: list[tuple[datetime, State]] = []
        for number, changes in enumerate(history):
            before = _copy(state)
            for action, records in changes:
                _delete(state, records) if action == "D" else _write(state, action, records)
            moment = START + timedelta(days=number)
            receipt = store.submit(
                SCHEMA, [change(action, *records) for action, records in changes], submission=str(number), recorded_at=moment
            )
            changed = {key for key, row in state.items() if before.get(key) != row}
            since = {key: moment if key in changed else since[key] for key in state}
            assert (receipt.inserted, receipt.deleted) == (len(state.keys() - before.keys()), len(before.keys() - state.keys()))
            assert receipt.updated == len(changed & before.keys())
            snapshots.append((moment, _copy(state)))
        assert _stored(store) == state
        for moment, snapshot in snapshots:
            assert _stored(store, as_of=moment) == snapshot
            newer = {key: row for key, row in state.items() if since[key] > moment}
            assert _stored(store, updated_after=moment) == newer
            gone = store.scan(SCHEMA, ObservationSelection(updated_after=moment), KEYS).deleted
            assert sorted(pl.concat(list(gone or []) or [pl.DataFrame()]).rows()) == sorted(snapshot.keys() - state.keys())
