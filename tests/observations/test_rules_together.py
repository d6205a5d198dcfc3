"""Two rules at a time: history and ranges, agreements and shared attributes, deletions and what waits, previews and submissions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from exchange.errors import InvalidObservations, NothingFound
from exchange.observations.delta_store import DeltaObservationStore
from exchange.observations.ports import Action, Change, Mandate
from exchange.observations.reading import held_rows, history, scans
from exchange.observations.reading.held_rows import slices
from exchange.observations.table import lake_files
from exchange.observations.writing import rewrite
from exchange.query.values.data_query import ObservationSelection
from exchange.query.values.filters import ComponentFilter, SeriesKey
from tests.observations.small_schema import KEYS, change, keys, read, small_schema

SCHEMA = small_schema()
DAYS = [datetime(2026, 1, day, tzinfo=UTC) for day in range(1, 9)]
A, B = (Mandate(f"TEST:{name}(1.0.0)", frozenset({f"TEST:{name}(1.0.0)"})) for name in "AB")


@pytest.fixture
def store(tmp_path: Path) -> DeltaObservationStore:
    return DeltaObservationStore(str(tmp_path / "lake"), batch_rows=2)


def revised(store: DeltaObservationStore) -> None:
    """Five areas of two years; then every other one changes, one goes, one comes back, one is new."""
    first = [{"key": f"A{area} F {year}", "VALUE": float(area), "UNIT": "PT"} for area in range(5) for year in (2020, 2021)]
    steps = [
        [change("M", *first)],
        [change("M", *(record | {"VALUE": 9.0} for record in first[::2]))],
        [change("D", {"key": "A1 * *"}), change("D", {"key": "A3 F 2021"})],
        [change("M", {"key": "A3 F 2021", "VALUE": 3.5}, {"key": "A5 M 2020", "VALUE": 5.0})],
        [change("M", {"key": "A2 F 2020", "UNIT": "IX"})],
    ]
    for day, changes in zip(DAYS, steps, strict=False):
        store.submit(SCHEMA, changes, submission=str(day), recorded_at=day)


def events(store: DeltaObservationStore, **selection: Any) -> list[tuple[Any, ...]]:
    scan = store.scan(SCHEMA, ObservationSelection(include_history=True, **selection), (*KEYS, "VALUE", "UNIT"))
    assert scan.transactions is not None
    found: list[tuple[Any, ...]] = []
    for at in scan.transactions:
        for kind, frames in (("-", at.deleted), ("+", at.written)):
            found += [(at.instant, kind, *row) for frame in frames or () for row in frame.iter_rows()]
    return found


QUESTIONS: list[dict[str, Any]] = [
    {},
    {"limit": 3},
    {"offset": 2, "limit": 3},
    {"offset": 4},
    {"first_n": 1},
    {"last_n": 1, "limit": 2},
    {"updated_after": DAYS[1]},
    {"updated_after": DAYS[1], "offset": 1, "limit": 1},
    {"as_of": DAYS[2]},
    {"as_of": DAYS[2], "updated_after": DAYS[0], "limit": 2},
    {"sort": (("VALUE", True),), "limit": 4},
    {"sort": (("VALUE", True),), "offset": 1, "first_n": 1},
    {"filters": {"UNIT": ComponentFilter.any_of("PT")}},
    {"filters": {"UNIT": ComponentFilter.any_of("PT")}, "limit": 2, "updated_after": DAYS[0]},
    {"keys": (SeriesKey((frozenset({"A1", "A3"}),)),)},
    {"keys": (SeriesKey((frozenset({"A0", "A5"}),)),), "sort": (("TIME_PERIOD", True),)},
]


@pytest.mark.parametrize("asked", QUESTIONS, ids=str)
def test_a_history_is_the_same_in_whatever_ranges_and_files_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: dict[str, Any]
) -> None:
    whole = DeltaObservationStore(str(tmp_path / "whole"))
    revised(whole)
    expected, state = events(whole, **asked), read(whole, SCHEMA, *KEYS, "VALUE", "UNIT", **asked)
    for module in (lake_files, rewrite):
        monkeypatch.setattr(module, "TARGET_ROWS", 2)
    for name, value in (("_RANGE_ROWS", 3), ("_SAMPLED", 1), ("_IN_MEMORY", 10)):
        monkeypatch.setattr(history, name, value)
    monkeypatch.setattr(held_rows, "_IN_MEMORY_ROWS", 1)
    monkeypatch.setattr(scans, "_FIRST_ROWS", 1)
    cut = DeltaObservationStore(str(tmp_path / "cut"), batch_rows=2)
    revised(cut)
    assert events(cut, **asked) == expected
    assert read(cut, SCHEMA, *KEYS, "VALUE", "UNIT", **asked) == state
    monkeypatch.setattr(scans, "_AT_ONCE_ROWS", 0)
    assert read(cut, SCHEMA, *KEYS, "VALUE", "UNIT", **asked) == state


@pytest.mark.parametrize("height", [0, 1, 4, 5, 9])
def test_rows_laid_aside_come_back_in_frames_of_the_size_asked_for(monkeypatch: pytest.MonkeyPatch, height: int) -> None:
    monkeypatch.setattr(held_rows, "_IN_MEMORY_ROWS", 4)
    rows = pl.DataFrame({"n": list(range(height))}, schema={"n": pl.Int64})
    frames = list(slices(rows, 2))
    assert [frame.height for frame in frames] == [2] * (height // 2) + [1] * (height % 2)
    assert [number for frame in frames for number in frame["n"]] == list(range(height))


@pytest.mark.parametrize("action", ["M", "R"])
def test_values_that_wait_under_one_agreement_are_replaced_only_under_it(store: DeltaObservationStore, action: str) -> None:
    def submit(mandate: Mandate | None, *changes: Change) -> tuple[int, int, int, int]:
        within = [Change(step.action, step.batches, mandate) for step in changes]
        receipt = store.submit(SCHEMA, within, submission=str(len(store.receipts(store.stored()[0])) if store.stored() else 0))
        return receipt.inserted, receipt.updated, receipt.deleted, receipt.waiting

    assert submit(A, change("M", {"key": "KG F *", "UNIT": "PT"}, {"key": "* * *", "TITLE": "Water"})) == (0, 0, 0, 2)
    with pytest.raises(InvalidObservations, match=r"UNIT waits .* 'PT', which was not reported under TEST:B\(1.0.0\)"):
        submit(B, change(action, {"key": "KG F *", "UNIT": "IX"}))
    assert submit(B, change(action, {"key": "KG F *", "UNIT": "PT"}, {"key": "MW F *", "UNIT": "N"})) == (0, 0, 0, 1)
    assert submit(B, change("D", {"key": "KG F *"})) == (0, 0, 0, 0)
    assert submit(A, change(action, {"key": "KG F *", "UNIT": "IX"})) == (0, 0, 0, 1)
    assert submit(None, change(action, {"key": "KG F 2020", "VALUE": 1.0}, {"key": "MW F 2020", "VALUE": 2.0})) == (2, 0, 0, 0)
    assert read(store, SCHEMA, "AREA", "UNIT", "TITLE") == [("KG", "IX", "Water"), ("MW", "N", "Water")]


@pytest.mark.parametrize(
    ("record", "about"),
    [
        ({"key": "KG F 2030", "VALUE": 1.0, "UNIT": "IX"}, "UNIT has one value for AREA=KG, SEX=F, and .* have 'PT', not 'IX'"),
        ({"key": "KG M 2030", "VALUE": 1.0, "REGION": "Steppe"}, "REGION has one value for AREA=KG, and .* have 'Asia', not 'Steppe'"),
        ({"key": "MW F 2030", "VALUE": 1.0, "TITLE": "Wells"}, "TITLE has one value for the dataset, and .* have 'Water', not 'Wells'"),
    ],
)
@pytest.mark.parametrize("action", ["M", "R"])
@pytest.mark.parametrize(("owner", "under"), [(A, r"under TEST:A\(1.0.0\)"), (None, "under no agreement")])
def test_an_attribute_that_others_reported_is_not_changed_by_an_observation_of_ones_own(
    store: DeltaObservationStore, record: dict[str, Any], about: str, action: str, owner: Mandate | None, under: str
) -> None:
    there = {"key": "KG F 2020", "VALUE": 1.0, "UNIT": "PT", "REGION": "Asia", "TITLE": "Water"}
    first = change("M", there)
    store.submit(SCHEMA, [Change(first.action, first.batches, owner)], submission="1")
    wrong = change(action, record)
    for act in (store.preview, lambda schema, changes: store.submit(schema, changes, submission="2")):
        with pytest.raises(InvalidObservations, match=about) as refused:
            act(SCHEMA, [Change(wrong.action, wrong.batches, B)])
        assert refused.match(under)
        assert refused.match(r"as under TEST:B\(1.0.0\)")
    assert keys(store, SCHEMA) == ["KG F 2020"]


def test_refusals_name_the_first_case_and_the_number_of_others(store: DeltaObservationStore) -> None:
    def refused(*records: dict[str, Any], mandate: Mandate | None = None) -> str:
        with pytest.raises(InvalidObservations) as error:
            store.submit(SCHEMA, [Change(Action.MERGE, change("M", *records).batches, mandate)], submission="x")
        return str(error.value)

    twice = [("A F 2001", 1.0), ("A F 2001", 2.0), ("B F 2001", 1.0), ("B F 2001", 2.0)]
    records = [{"key": key, "VALUE": value, "_row": row} for row, (key, value) in enumerate(twice, 2)]
    message = refused(*records)
    assert (
        "AREA=A, SEX=F, TIME_PERIOD=2001 stands there more than once with different content (row 2, 3). 1 more keys are repeated."
        in message
    )
    assert "more keys" not in refused(*records[:2])
    several = [{"key": f"{area} F {year}", "UNIT": unit, "_row": row} for row, (area, year, unit) in enumerate(
        [("A", 2001, "x"), ("B", 2001, "p"), ("A", 2002, "y"), ("B", 2002, "q")], 2)]  # fmt: skip
    message = refused(*several)
    group = "A" if "AREA=A" in message else "B"
    values, places = ("'x', 'y'", "(row 2, 4)") if group == "A" else ("'p', 'q'", "(row 3, 5)")
    assert sorted(message.split("for instance ")[1].split(" (")[0].split(", ")) == sorted(values.split(", "))
    assert places in message
    assert "there are 2 such cases" in message
    store.submit(
        SCHEMA,
        [Change(Action.MERGE, change("M", {"key": "A F 2001"}, {"key": "A F 2002"}, {"key": "B F 2001"}).batches, A)],
        submission="1",
    )
    message = refused({"key": "A F 2001", "VALUE": 1.0}, {"key": "B F 2001", "VALUE": 1.0}, {"key": "C F 2001", "VALUE": 1.0}, mandate=B)
    assert "There are 1 more such observations." in message
    assert "more such" not in refused({"key": "B F 2001", "VALUE": 1.0}, mandate=B)
    batch = pl.DataFrame({"AREA": ["A", "A"], "SEX": "F", "TIME_PERIOD": ["2001", "2002"], "VALUE": ["1.5", "much"]})
    with pytest.raises(InvalidObservations, match=r"VALUE must hold Double, but holds for instance 'much' \(row 2 of the batch\)"):
        store.submit(SCHEMA, [Change(Action.MERGE, [batch])], submission="x")


def test_an_erased_deletion_gives_back_what_it_took_and_its_history(store: DeltaObservationStore) -> None:
    revised(store)
    before = events(store, as_of=DAYS[1])
    assert store.erase(SCHEMA, str(DAYS[2])) == 0
    assert [event for event in events(store) if event[0] <= DAYS[2]] == before
    assert "A1 F 2020" in keys(store, SCHEMA)
    assert "A1 F 2020" in keys(store, SCHEMA, as_of=DAYS[3])
    assert ("A3 F 2021", 3.5) in read(store, SCHEMA)
    assert str(DAYS[2]) not in [receipt.submission for receipt in store.receipts(store.stored()[0])]
    with pytest.raises(NothingFound):
        store.erase(SCHEMA, str(DAYS[2]))
    assert not list(store.damage(store.stored()[0]))


@pytest.mark.parametrize("number", range(5))
def test_a_preview_counts_what_a_submission_does(store: DeltaObservationStore, number: int) -> None:
    revised(store)
    all_changes: list[Callable[[], list[Change]]] = [
        lambda: [change("M", {"key": "A0 F 2020", "VALUE": 9.0}, {"key": "A9 F 2020", "VALUE": 1.0})],
        lambda: [change("D", {"key": "* F 2020"}), change("M", {"key": "A0 F 2020", "VALUE": 9.0})],
        lambda: [change("R", {"key": "A0 F 2020", "STATUS": "A"}), change("M", {"key": "A8 * *", "REGION": "x"})],
        lambda: [change("D", {"key": "A0 F *", "UNIT": "-"})],
        lambda: [change("M", {"key": "A0 F 2020"}), change("D")],
    ]
    changes = all_changes[number]
    told, done = store.preview(SCHEMA, changes()), store.submit(SCHEMA, changes(), submission="next")
    for name in ("inserted", "updated", "unchanged", "deleted", "waiting"):
        assert getattr(told, name) == getattr(done, name), name
    assert [done.inserted, done.updated, done.unchanged, done.deleted, done.waiting] == [
        [1, 0, 1, 0, 0], [0, 0, 1, 3, 0], [0, 1, 0, 0, 1], [0, 2, 0, 0, 0], [0, 0, 1, 0, 0],
    ][number]  # fmt: skip


def test_times_are_moved_behind_the_newest_change_by_the_least_there_is(store: DeltaObservationStore) -> None:
    first = store.submit(SCHEMA, [change("M", {"key": "A F 2020", "VALUE": 1.0})], submission="1", recorded_at=DAYS[3]).recorded_at
    early = store.submit(SCHEMA, [change("M", {"key": "A F 2020", "VALUE": 2.0})], submission="2", recorded_at=DAYS[0]).recorded_at
    same = store.submit(SCHEMA, [change("M", {"key": "A F 2020", "VALUE": 3.0})], submission="3", recorded_at=early).recorded_at
    later = store.submit(SCHEMA, [change("M", {"key": "A F 2020", "VALUE": 4.0})], submission="4", recorded_at=DAYS[4]).recorded_at
    least = timedelta(microseconds=1)
    assert (first, early, same, later) == (DAYS[3], DAYS[3] + least, DAYS[3] + 2 * least, DAYS[4])
    assert [row[0] for row in read(store, SCHEMA, "VALUE", include_history=True)] == [1.0, 2.0, 3.0, 4.0]
