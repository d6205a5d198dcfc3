"""Random submissions, then random questions: whoever replays the history has what the same question finds without it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product
from random import Random
from typing import Any

import pytest

from exchange.observations.delta_store import DeltaObservationStore
from exchange.observations.ports import Action, Change
from exchange.observations.reading import history
from exchange.observations.table import lake_files
from exchange.observations.writing import rewrite
from exchange.query.values.data_query import ObservationSelection
from exchange.query.values.filters import ComponentFilter
from tests.observations.small_schema import KEYS, change, small_schema
from tests.observations.test_history_model import ATTACHED, OWN, START

SCHEMA = small_schema()
COLUMNS = (*KEYS, *OWN, *ATTACHED)
Key = tuple[Any, ...]
State = dict[Key, tuple[Any, ...]]
#: A value above the observation, by the part of the key it is attached to.
Above = defaultdict[tuple[str, ...], str | None]
#: When, what happened, key, values.
Event = tuple[datetime, Action, Key, tuple[Any, ...]]

AREAS, SEXES, TIMES = ("KG", "MW", "RW"), ("F", "M"), ("2019", "2020-Q1", "2021")
QUESTIONS = 16


@pytest.fixture(autouse=True, scope="module")
def _small_pieces() -> Iterator[None]:
    """Many files, many ranges, and everything on the disk."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lake_files, "TARGET_ROWS", 1)
        patch.setattr(rewrite, "TARGET_ROWS", 1)
        patch.setattr(history, "_RANGE_ROWS", 2)
        patch.setattr(history, "_IN_MEMORY", 16)
        yield


def _events(store: DeltaObservationStore, selection: ObservationSelection) -> list[Event]:
    """What a history tells, in its order."""
    events: list[Event] = []
    transactions = store.scan(SCHEMA, replace(selection, include_history=True), COLUMNS).transactions
    for at in transactions or ():
        events += [(at.instant, Action.DELETE, row[:3], ()) for batch in at.deleted or () for row in batch.rows()]
        events += [(at.instant, Action.REPLACE, row[:3], row[3:]) for batch in at.written or () for row in batch.rows()]
    return events


def _replayed(events: list[Event], state: State) -> State:
    state = dict(state)
    for _, action, key, values in events:
        if action is Action.DELETE:
            state.pop(key, None)
        else:
            state[key] = values
    return state


def _found(store: DeltaObservationStore, selection: ObservationSelection) -> State:
    return {row[:3]: row[3:] for batch in store.scan(SCHEMA, selection, COLUMNS).batches for row in batch.rows()}


def _submission(chance: Random) -> list[Change]:
    """A deletion, or a merge or replacement, or one after the other."""
    parts = []
    if chance.random() < 0.6:
        patterns = [" ".join(chance.choice(["*", *values]) for values in (AREAS, SEXES, TIMES)) for _ in range(chance.randint(1, 3))]
        named: list[dict[str, Any]] = [{name: 0.0 if name == "VALUE" else "-"} for name in (*OWN, *ATTACHED)]
        parts.append(change("D", *({"key": pattern} | chance.choice([{}, {}, *named]) for pattern in patterns)))
    if not parts or chance.random() < 0.6:
        attached: dict[str, Above] = {name: defaultdict(lambda: chance.choice([None, "a", "b"])) for name in ATTACHED}
        records = []
        for key in chance.sample([*product(AREAS, SEXES, TIMES)], chance.randint(2, 8)):
            at = dict(zip(KEYS, key, strict=True))
            above = {name: attached[name][tuple(at[dimension] for dimension in on)] for name, on in ATTACHED.items()}
            own: dict[str, Any] = {"VALUE": chance.choice([None, 1.0, 2.0]), "STATUS": chance.choice([None, "a", "b"])}
            records.append({"key": " ".join(key)} | own | above)
        parts.append(change(chance.choice("MAR"), *records))
    return parts


@pytest.fixture(scope="module", params=range(8))
def filled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[DeltaObservationStore, Random]:
    """A store after some submissions, and chance to ask it."""
    chance = Random(request.param)  # noqa: S311 - reproducible, not secret
    store = DeltaObservationStore(str(tmp_path_factory.mktemp("lake")))
    for number in range(chance.randint(2, 7)):
        store.submit(SCHEMA, _submission(chance), submission=str(number), recorded_at=START + timedelta(days=number))
    return store, chance


def _question(chance: Random) -> ObservationSelection:
    instants = [START + timedelta(days=number, hours=chance.choice([0, 12])) for number in range(7)]
    as_of = chance.choice([None, *instants])
    after = chance.choice([None, *(instant for instant in instants if as_of is None or instant <= as_of)])
    names, values = ["AREA", "SEX", "TIME_PERIOD", "STATUS", "UNIT", "VALUE"], ["KG", "F", "2019", "2020-Q1", "a", "1.0"]
    asked = dict(chance.sample([*zip(names, values, strict=True)], chance.choice([0, 0, 1, 2])))
    sort = [(name, chance.random() < 0.5) for name in chance.sample(["VALUE", "SEX", "TIME_PERIOD", "*"], chance.choice([0, 0, 1, 2]))]
    filters = {name: ComponentFilter.any_of(value) for name, value in asked.items()}
    return ObservationSelection(filters=filters, as_of=as_of, updated_after=after, sort=tuple(sort))


def test_replaying_a_history_gives_what_the_query_finds(filled: tuple[DeltaObservationStore, Random]) -> None:
    store, chance = filled
    for _ in range(QUESTIONS):
        first, last, limit = (chance.choice([None, 1, 2, 3]) for _ in range(3))
        asked = replace(_question(chance), first_n=first, last_n=last, limit=limit, offset=chance.choice([0, 0, 1, 2]))
        events = _events(store, asked)
        assert _replayed(events, {}) == _found(store, asked), asked
        assert [instant for instant, *_ in events] == sorted(instant for instant, *_ in events)


def test_on_top_of_an_earlier_state_a_history_gives_every_later_one(filled: tuple[DeltaObservationStore, Random]) -> None:
    store, chance = filled
    for _ in range(QUESTIONS):
        asked = replace(_question(chance), sort=())
        events = _events(store, asked)
        state = {} if asked.updated_after is None else _found(store, replace(asked, as_of=asked.updated_after, updated_after=None))
        for instant in sorted({instant for instant, *_ in events}):
            told = [event for event in events if event[0] == instant]
            gone = {key for _, action, key, _ in told if action is Action.DELETE}
            assert gone <= state.keys(), asked
            state = _replayed(told, state)
            assert state == _found(store, replace(asked, as_of=instant, updated_after=None)), asked
        assert state == _found(store, replace(asked, updated_after=None)), asked


def test_the_pages_of_a_history_are_the_whole_history(filled: tuple[DeltaObservationStore, Random]) -> None:
    store, chance = filled
    for _ in range(QUESTIONS // 2):
        asked, size = replace(_question(chance), first_n=chance.choice([None, 1, 2])), chance.choice([1, 2, 3])
        observations = max(1, len(_found(store, asked)))
        pages = [_events(store, replace(asked, limit=size, offset=at)) for at in range(0, observations, size)]
        assert sorted(map(repr, (event for page in pages for event in page))) == sorted(map(repr, _events(store, asked))), asked
