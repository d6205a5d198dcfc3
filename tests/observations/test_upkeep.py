"""Checking, cleaning and erasing: what was altered is found, what is in use stays, what is erased is gone for good."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from random import Random

import polars as pl
import pytest
from pyarrow.fs import FileSelector, FileType

from exchange.errors import ConflictingSubmission, NothingFound
from exchange.observations import delta_store
from exchange.observations.delta_store import DeltaObservationStore
from exchange.observations.ports import Change
from exchange.observations.table.lake_files import write_object
from exchange.observations.table.lake_table import TableState
from exchange.observations.table.writers_lock import as_writer
from registry.model.identity import Urn
from tests.narrowing import as_a
from tests.observations.conftest import MakeStore
from tests.observations.small_schema import KEYS, change, keys, read, rows, small_schema

SCHEMA = small_schema()
FLOW = Urn("Dataflow", "TEST", "FLOW", "1.0.0")
COLUMNS = (*KEYS, "VALUE", "STATUS", "UNIT")


def _table(root: Path) -> Path:
    return root / "TEST" / "FLOW" / "1.0.0"


@pytest.fixture
def store(tmp_path: Path) -> DeltaObservationStore:
    return _filled(DeltaObservationStore(str(tmp_path)))


def _filled(made: DeltaObservationStore) -> DeltaObservationStore:
    made.submit(SCHEMA, [change("M", *({"key": f"A{n} F 2020", "VALUE": float(n), "STATUS": "A"} for n in range(50)))], submission="first")
    made.submit(SCHEMA, [change("M", *({"key": f"A{n} F 2020", "VALUE": float(-n)} for n in range(20)))], submission="second")
    return made


def test_nothing_is_wrong_with_what_was_just_written(store: DeltaObservationStore) -> None:
    assert list(store.damage(FLOW)) == []
    assert [receipt.submission for receipt in store.receipts(FLOW)] == ["first", "second"]


def test_every_flipped_bit_is_found(store: DeltaObservationStore, tmp_path: Path) -> None:
    chance = random.Random(1)  # noqa: S311 - reproducible, not secret
    files = [tmp_path / "TEST/FLOW/1.0.0" / file.path for file in as_a(TableState, store._table(FLOW).state()).files]
    for _ in range(60):
        file = chance.choice(files)
        whole = file.read_bytes()
        place = chance.randrange(len(whole))
        file.write_bytes(whole[:place] + bytes([whole[place] ^ (1 << chance.randrange(8))]) + whole[place + 1 :])
        assert len(list(store.damage(FLOW))) == 1
        file.write_bytes(whole)
    assert list(store.damage(FLOW)) == []


def test_missing_and_cut_files_and_log_entries_are_named(store: DeltaObservationStore, tmp_path: Path) -> None:
    digest = as_a(TableState, store._table(FLOW).state()).files[0].digest
    file = next((_table(tmp_path) / "_current=true").glob(f"*{digest}*"))
    whole = file.read_bytes()
    file.write_bytes(whole[:-1])
    assert "bytes instead of" in next(store.damage(FLOW))
    file.unlink()
    assert next(store.damage(FLOW)).endswith("is gone")
    file.write_bytes(whole)
    entry = _table(tmp_path) / "_delta_log" / f"{0:020}.json"
    entry.write_bytes(entry.read_bytes()[:100])
    assert "Entry 0" in next(DeltaObservationStore(str(tmp_path)).damage(FLOW))


def test_what_killed_writers_left_goes_and_the_rest_stays(store: DeltaObservationStore, tmp_path: Path) -> None:
    table, staging = _table(tmp_path), tmp_path / ".staging"
    before = {path for path in tmp_path.rglob("*") if path.is_file()}
    (table / "_current=true" / "sorted-left.zst.parquet").write_bytes(b"half")
    (table / "_delta_log" / "_commit_left.json.tmp").write_bytes(b"half")
    (staging / "submission-left").mkdir()
    (tmp_path / "TEST" / "OTHER" / "1.0.0" / "_current=true").mkdir(parents=True)
    (tmp_path / "TEST" / "OTHER" / "1.0.0" / "_current=true" / "left.parquet").write_bytes(b"half")
    left = {path for path in tmp_path.rglob("*") if path.is_file()} - before
    gone = store.clean()
    assert {path for path in tmp_path.rglob("*") if path.is_file()} == before
    assert len(gone) >= len(left)
    assert store.clean() == []
    assert len(keys(store, SCHEMA)) == 50


def test_nothing_is_cleaned_below_a_writer(store: DeltaObservationStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delta_store, "_PATIENCE", 0.0)
    other = DeltaObservationStore(str(tmp_path))

    def while_writing() -> Iterator[pl.DataFrame]:
        with pytest.raises(ConflictingSubmission, match="storing observations"):
            other.clean()
        yield rows([{"key": "NEW F 2020", "VALUE": 1.0}])

    store.submit(SCHEMA, [Change(change("M").action, while_writing())], submission="third")
    assert other.clean() == []
    with as_writer(tmp_path / ".staging"), pytest.raises(ConflictingSubmission):
        other.clean()


@pytest.fixture
def anywhere(make_store: MakeStore) -> DeltaObservationStore:
    """A store of each kind, filled as ``store`` is."""
    made = make_store()
    assert isinstance(made, DeltaObservationStore)
    return _filled(made)


def _again(store: DeltaObservationStore) -> DeltaObservationStore:
    """The same lake, opened by somebody else."""
    return DeltaObservationStore(store._root, store._options)


def _contents(store: DeltaObservationStore) -> list[bytes]:
    """All that lies in the table."""
    files = store._table(FLOW).files()
    return [
        files.open_input_stream(info.path).read()
        for info in files.get_file_info(FileSelector("", recursive=True))
        if info.type is FileType.File
    ]


def test_a_flipped_bit_is_found_wherever_it_lies(anywhere: DeltaObservationStore) -> None:
    table = anywhere._table(FLOW)
    state = table.state()
    assert state is not None
    path = state.files[0].path
    content = bytearray(table.files().open_input_stream(path).read())
    content[len(content) // 2] ^= 1
    write_object(table.files(), path, bytes(content))
    assert list(anywhere.damage(FLOW)) == [f"{path} does not hold what was written"]


def test_an_erased_submission_is_gone_from_state_history_and_storage(anywhere: DeltaObservationStore) -> None:
    secret = {"key": "A1 F 2020", "STATUS": "Jane Doe lives here"}
    other = _again(anywhere)
    assert anywhere.submit(SCHEMA, [change("M", secret, secret | {"key": "ZZ F 2020"})], submission="never").inserted == 1
    anywhere.submit(SCHEMA, [change("M", {"key": "A40 F 2020", "VALUE": 7.0})], submission="after")
    assert "ZZ F 2020" in keys(other, SCHEMA)
    assert anywhere.erase(SCHEMA, "never") == 0
    assert not any(b"Jane" in content for content in _contents(anywhere))
    for store in (anywhere, other, _again(anywhere)):
        assert ("A1 F 2020", -1.0) in read(store, SCHEMA)
        assert ("A40 F 2020", 7.0) in read(store, SCHEMA)
        assert "ZZ F 2020" not in keys(store, SCHEMA)
        assert ("never",) not in read(store, SCHEMA, "_submission", include_history=True)
        assert list(store.damage(FLOW)) == []
        assert store.receipt(FLOW, "never") is None
    with pytest.raises(NothingFound):
        other.erase(SCHEMA, "never")
    assert other.submit(SCHEMA, [change("M", {"key": "ZZ F 2020", "VALUE": 1.0})], submission="never").inserted == 1


def test_an_erasure_is_a_change_for_whoever_asks_when_something_changed(anywhere: DeltaObservationStore) -> None:
    anywhere.submit(SCHEMA, [change("M", {"key": "ZZ F 2020", "VALUE": 1.0})], submission="never")
    before = anywhere.last_updated(FLOW)
    assert before is not None
    anywhere.erase(SCHEMA, "never")
    after = anywhere.last_updated(FLOW)
    assert after is not None
    assert after > before
    assert _again(anywhere).last_updated(FLOW) == after
    assert anywhere.submit(SCHEMA, [change("M", {"key": "ZZ F 2020", "VALUE": 1.0})], submission="later").recorded_at > after


def test_values_that_wait_are_erased_and_never_given(anywhere: DeltaObservationStore) -> None:
    anywhere.submit(SCHEMA, [change("M", {"key": "NEW F *", "UNIT": "Jane Doe"})], submission="never")
    anywhere.submit(SCHEMA, [change("M", {"key": "NEXT F *", "UNIT": "kg"})], submission="waits")
    assert anywhere.erase(SCHEMA, "never") == 0
    assert not any(b"Jane" in content for content in _contents(anywhere))
    anywhere.submit(SCHEMA, [change("M", *({"key": f"{area} F 2020", "VALUE": 1.0} for area in ("NEW", "NEXT")))], submission="first ones")
    found = {row[0]: row[1] for row in read(anywhere, SCHEMA, "AREA", "UNIT")}
    assert (found["NEW"], found["NEXT"]) == (None, "kg")


def test_what_others_took_over_from_an_erased_submission_is_counted(store: DeltaObservationStore) -> None:
    store.submit(SCHEMA, [change("M", {"key": "A1 F *", "UNIT": "Jane Doe"}, {"key": "NEW F *", "UNIT": "Jane"})], submission="never")
    others = [{"key": key, "VALUE": 1.0} for key in ("A1 F 2021", "A1 F 2022", "NEW F 2020", "A30 F 2021")]
    store.submit(SCHEMA, [change("M", *others)], submission="later")
    assert store.erase(SCHEMA, "never") == 3


def _random_submission(chance: Random, number: int, *, deletes: bool) -> list[Change]:
    keys = chance.sample([f"{area} {sex} {year}" for area in "AB" for sex in "FM" for year in (2019, 2020)], 3)
    if deletes:
        return [change("D", *({"key": key} for key in keys))]
    return [change("R", *({"key": key, "VALUE": float(number), "STATUS": f"s{number}"} for key in keys))]


@pytest.mark.parametrize("seed", range(12))
def test_without_an_erased_submission_all_is_as_if_it_had_never_been(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - reproducible, not secret
    # Only one deletes: that something was deleted twice leaves no trace.
    erased, deletion = chance.randrange(6), chance.randrange(1, 6)
    submitted = [_random_submission(chance, number, deletes=number == deletion) for number in range(6)]
    whole, without = DeltaObservationStore(str(tmp_path / "whole")), DeltaObservationStore(str(tmp_path / "without"))
    for number, changes in enumerate(submitted):
        receipt = whole.submit(SCHEMA, changes, submission=str(number))
        if number != erased:
            without.submit(SCHEMA, changes, submission=str(number), recorded_at=receipt.recorded_at)
    whole.erase(SCHEMA, str(erased))
    assert read(whole, SCHEMA, *COLUMNS) == read(without, SCHEMA, *COLUMNS)
    assert (str(erased),) not in read(whole, SCHEMA, "_submission", include_history=True)
    assert list(whole.damage(FLOW)) == []
    for store in (whole, without):
        store.submit(SCHEMA, [change("R", {"key": "B M 2020", "VALUE": 99.0})], submission="later")
    assert read(whole, SCHEMA, *COLUMNS) == read(without, SCHEMA, *COLUMNS)
