"""Observations and the provision agreements they were reported under: each rule together with each of the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from deltalake import DeltaTable, write_deltalake

from exchange.errors import InvalidObservations
from exchange.observations.delta_store import DeltaObservationStore
from exchange.observations.ports import AGREEMENT, Change, Mandate, ObservationStore, Receipt
from exchange.query.values.data_query import ObservationSelection
from tests.observations.small_schema import change, keys, read, small_schema

SCHEMA = small_schema()
ONE, TWO = "CDE:PA1(1.0.0)", "CDE:PA2(1.0.0)"
START = datetime(2026, 1, 1, tzinfo=UTC)
UNDER = {"one": frozenset({ONE}), "two": frozenset({TWO}), "none": frozenset({None})}


def under(agreement: str, made: Change, *also: str | None) -> Change:
    return replace(made, mandate=Mandate(agreement, frozenset({agreement, *also})))


def submit(store: ObservationStore, name: str, *changes: Change, day: int = 0) -> Receipt:
    return store.submit(SCHEMA, changes, submission=name, recorded_at=START + timedelta(days=day))


def counts(receipt: Receipt) -> tuple[int, int, int, int]:
    return receipt.inserted, receipt.updated, receipt.unchanged, receipt.deleted


def owners(store: ObservationStore) -> dict[str, str | None]:
    return {f"{area} {sex} {time}": owner for area, sex, time, owner in read(store, SCHEMA, "AREA", "SEX", "TIME_PERIOD", AGREEMENT)}


@pytest.fixture
def shared(store: ObservationStore) -> ObservationStore:
    """Two observations under each of two agreements, in series they share, and one under none."""
    first: list[Mapping[str, Any]] = [{"key": "KG F 2019", "VALUE": 1.0}, {"key": "MW F 2019", "VALUE": 2.0}]
    second: list[Mapping[str, Any]] = [{"key": "KG F 2020", "VALUE": 3.0}, {"key": "MW M 2020", "VALUE": 4.0}]
    submit(store, "1", under(ONE, change("R", *first)))
    submit(store, "2", under(TWO, change("R", *second)), day=1)
    submit(store, "0", change("R", {"key": "RW F 2020", "VALUE": 5.0}), day=2)
    return store


def test_each_observation_is_found_under_the_agreement_it_was_reported_under(shared: ObservationStore) -> None:
    found = {name: keys(shared, SCHEMA, agreements=agreements) for name, agreements in UNDER.items()}
    assert found == {"one": ["KG F 2019", "MW F 2019"], "two": ["KG F 2020", "MW M 2020"], "none": ["RW F 2020"]}
    assert len(keys(shared, SCHEMA)) == 5
    assert len(keys(shared, SCHEMA, agreements=frozenset({ONE, None}))) == 3


def test_a_deletion_of_everything_reaches_only_what_its_agreement_reported(shared: ObservationStore) -> None:
    assert counts(submit(shared, "3", under(ONE, change("D", {"key": "* * *"})), day=3)) == (0, 0, 0, 2)
    assert keys(shared, SCHEMA) == ["KG F 2020", "MW M 2020", "RW F 2020"]


def test_a_deletion_of_what_another_agreement_reported_deletes_nothing(shared: ObservationStore) -> None:
    assert counts(submit(shared, "3", under(ONE, change("D", {"key": "KG F 2020"})), day=3)) == (0, 0, 0, 0)
    assert len(keys(shared, SCHEMA)) == 5


def test_a_deletion_without_an_agreement_reaches_everything(shared: ObservationStore) -> None:
    assert counts(submit(shared, "3", change("D", {"key": "KG * *"}), day=3)) == (0, 0, 0, 2)


def test_replacing_everything_of_one_agreement_leaves_the_other_one(shared: ObservationStore) -> None:
    changes = [under(ONE, change("D", {"key": "* * *"})), under(ONE, change("R", {"key": "KG F 2019", "VALUE": 9.0}))]
    assert counts(submit(shared, "3", *changes, day=3)) == (0, 1, 0, 1)
    assert keys(shared, SCHEMA, agreements=UNDER["one"]) == ["KG F 2019"]
    assert keys(shared, SCHEMA, agreements=UNDER["two"]) == ["KG F 2020", "MW M 2020"]


@pytest.mark.parametrize("action", ["M", "A", "R"])
def test_what_another_agreement_reported_is_not_written_and_nothing_is_stored(shared: ObservationStore, action: str) -> None:
    records = [{"key": "AO F 2020", "VALUE": 1.0}, {"key": "KG F 2020", "VALUE": 7.0, "_row": 3}]
    with pytest.raises(InvalidObservations, match=r"AREA=KG, SEX=F, TIME_PERIOD=2020 was reported under CDE:PA2\(1.0.0\).*\(row 3\)"):
        submit(shared, "3", under(ONE, change(action, *records)), day=3)
    assert len(keys(shared, SCHEMA)) == 5


def test_what_was_reported_under_none_belongs_to_the_agreement_that_reports_it(shared: ObservationStore) -> None:
    assert counts(submit(shared, "3", under(ONE, change("M", {"key": "RW F 2020", "VALUE": 5.0})), day=3)) == (0, 1, 0, 0)
    assert owners(shared)["RW F 2020"] == ONE
    assert counts(submit(shared, "4", under(ONE, change("M", {"key": "RW F 2020", "VALUE": 5.0})), day=4)) == (0, 0, 1, 0)


def test_what_is_written_without_an_agreement_belongs_to_none_and_what_is_the_same_stays(shared: ObservationStore) -> None:
    records = [{"key": "KG F 2019", "VALUE": 8.0}, {"key": "MW F 2019", "VALUE": 2.0}]
    assert counts(submit(shared, "3", change("R", *records), day=3)) == (0, 1, 1, 0)
    assert (owners(shared)["KG F 2019"], owners(shared)["MW F 2019"]) == (None, ONE)


def test_another_version_of_an_agreement_may_write_what_the_first_one_reported(shared: ObservationStore) -> None:
    newer = "CDE:PA1(1.1.0)"
    submit(shared, "3", under(newer, change("R", {"key": "KG F 2019", "VALUE": 1.0}), ONE), day=3)
    assert owners(shared)["KG F 2019"] == newer


def test_the_history_of_an_agreement_is_that_of_its_observations(shared: ObservationStore) -> None:
    submit(shared, "3", under(ONE, change("D", {"key": "KG F 2019"})), day=3)
    submit(shared, "4", under(TWO, change("R", {"key": "KG F 2019", "VALUE": 6.0})), day=4)
    wanted = ["AREA", "SEX", "TIME_PERIOD", "VALUE"]
    for agreements, values, gone in ((UNDER["one"], {1.0}, {"KG F 2019"}), (UNDER["two"], {6.0}, set())):
        scan = shared.scan(SCHEMA, ObservationSelection(agreements=agreements, include_history=True), wanted)
        written, deleted = set(), set()
        for transaction in scan.transactions or ():
            deleted |= {" ".join(row[:3]) for batch in transaction.deleted or () for row in batch.rows()}
            written |= {row[:4] for batch in transaction.written or () for row in batch.rows()}
        assert {row[3] for row in written if row[:3] == ("KG", "F", "2019")} == values
        assert deleted == gone


def test_an_observation_that_went_to_another_agreement_is_deleted_for_the_first_one(shared: ObservationStore) -> None:
    submit(shared, "3", change("R", {"key": "KG F 2019", "VALUE": 8.0}), day=3)
    after = START + timedelta(days=2, hours=12)
    gone = {}
    for name, agreements in UNDER.items():
        scan = shared.scan(SCHEMA, ObservationSelection(agreements=agreements, updated_after=after), ["AREA", "SEX", "TIME_PERIOD"])
        gone[name] = (
            [row for batch in scan.batches for row in batch.rows()],
            [row[:3] for batch in scan.deleted or () for row in batch.rows()],
        )
    key = ("KG", "F", "2019")
    assert gone == {"one": ([], [key]), "two": ([], []), "none": ([key], [])}


def test_the_past_of_an_agreement_is_that_of_its_observations(shared: ObservationStore) -> None:
    submit(shared, "3", change("R", {"key": "KG F 2019", "VALUE": 8.0}), day=3)
    then = START + timedelta(hours=1)
    assert keys(shared, SCHEMA, agreements=UNDER["one"], as_of=then) == ["KG F 2019", "MW F 2019"]
    assert keys(shared, SCHEMA, agreements=UNDER["two"], as_of=then) == []


@pytest.mark.parametrize(("selection", "found"), [({"last_n": 1}, ["KG F 2019", "MW F 2019"]), ({"offset": 1, "limit": 1}, ["MW F 2019"])])
def test_windows_count_only_the_observations_of_the_agreement(
    shared: ObservationStore, selection: dict[str, int], found: list[str]
) -> None:
    assert keys(shared, SCHEMA, agreements=UNDER["one"], **selection) == found


def test_availability_tells_only_what_the_agreement_reported(shared: ObservationStore) -> None:
    found = shared.availability(SCHEMA, ObservationSelection(agreements=UNDER["two"]))
    assert (found.obs_count, found.series_count, found.values["SEX"], found.start) == (2, 2, ("F", "M"), "2020-01-01T00:00:00Z")
    assert shared.availability(SCHEMA, ObservationSelection()).obs_count == 5


def test_attributes_above_the_observation_have_one_value_whoever_reports(shared: ObservationStore) -> None:
    submit(shared, "3", under(ONE, change("M", {"key": "KG F 2018", "VALUE": 1.0, "UNIT": "PT", "TITLE": "Water"})), day=3)
    submit(shared, "4", under(TWO, change("M", {"key": "AO F 2020", "VALUE": 1.0, "TITLE": "Water"})), day=4)
    for name, value in {"TITLE": "Wine", "UNIT": "N"}.items():
        with pytest.raises(InvalidObservations, match=f"{name} has one value for"):
            submit(shared, f"5 {name}", under(TWO, change("M", {"key": "KG F 2021", "VALUE": 1.0, name: value})), day=5)
    submit(shared, "6", change("M", {"key": "* * *", "TITLE": "Wine"}), day=6)
    assert set(read(shared, SCHEMA, "TITLE")) == {("Wine",)}
    assert owners(shared)["KG F 2019"] == ONE


def test_values_that_wait_for_observations_belong_to_the_agreement_too(store: ObservationStore) -> None:
    submit(store, "1", under(ONE, change("M", {"key": "KG F *", "UNIT": "PT"}, {"key": "* * *", "TITLE": "Water"})))
    submit(store, "2", under(TWO, change("D", {"key": "* * *"})), day=1)
    with pytest.raises(InvalidObservations, match="UNIT waits for observations with the value 'PT'"):
        submit(store, "3", under(TWO, change("M", {"key": "KG F *", "UNIT": "N"})), day=2)
    submit(store, "4", under(TWO, change("M", {"key": "KG F *", "UNIT": "PT"})), day=3)
    submit(store, "5", under(ONE, change("M", {"key": "KG F 2019", "VALUE": 1.0})), day=4)
    assert read(store, SCHEMA, "UNIT", "TITLE", AGREEMENT) == [("PT", "Water", ONE)]


def test_values_that_wait_are_deleted_under_their_own_agreement(store: ObservationStore) -> None:
    submit(store, "1", under(ONE, change("M", {"key": "KG F *", "UNIT": "PT"})))
    submit(store, "2", under(ONE, change("D", {"key": "KG F *", "UNIT": "PT"})), day=1)
    submit(store, "3", change("M", {"key": "KG F 2019", "VALUE": 1.0}), day=2)
    assert read(store, SCHEMA, "UNIT", AGREEMENT) == [(None, None)]


def test_a_table_that_was_written_without_agreements_is_read_and_written(tmp_path: Path) -> None:
    submit(DeltaObservationStore(str(tmp_path / "new")), "old", change("R", {"key": "KG F 2019", "VALUE": 1.0}))
    [table] = [folder.parent for folder in (tmp_path / "new").rglob("_delta_log")]
    former = DeltaTable(table)
    rows = former.to_pyarrow_table().drop_columns([AGREEMENT])
    place = tmp_path / "old" / table.relative_to(tmp_path / "new")
    write_deltalake(place, rows, partition_by=["_current"], description=former.metadata().description)
    store = DeltaObservationStore(str(tmp_path / "old"))
    assert keys(store, SCHEMA) == keys(store, SCHEMA, agreements=UNDER["none"]) == ["KG F 2019"]
    assert keys(store, SCHEMA, agreements=UNDER["one"]) == []
    assert counts(submit(store, "1", under(ONE, change("R", {"key": "MW F 2019", "VALUE": 2.0})), day=1)) == (1, 0, 0, 0)
    assert owners(store) == {"KG F 2019": None, "MW F 2019": ONE}
