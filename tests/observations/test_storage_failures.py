"""Storage that refuses: a clear error, nothing half-written; an answer lost on its way is no failure."""

from __future__ import annotations

import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from deltalake.exceptions import CommitFailedError, DeltaError

from exchange.errors import StorageUnavailable
from exchange.observations.delta_store import DeltaObservationStore
from exchange.observations.ports import Action, Change
from exchange.observations.table.lake_table import LakeTable
from exchange.observations.writing import runs
from exchange.query.values.data_query import ObservationSelection
from tests.observations.small_schema import change, keys, read, small_schema

SCHEMA = small_schema()
ROW = {"key": "KG F 2020", "VALUE": 1.0}
MANY = pl.DataFrame({"AREA": [f"A{i:04}" for i in range(5_000)], "SEX": "F", "TIME_PERIOD": "2020", "VALUE": [i / 7 for i in range(5_000)]})


@contextmanager
def _no_file_longer_than(size: int) -> Iterator[None]:
    """What a full disk is like: writing fails in the middle of a file."""
    limits, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)


def _files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("held", [1_000, 1_000_000], ids=["while staging", "while writing"])
def test_a_full_disk_leaves_the_table_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, held: int) -> None:
    monkeypatch.setattr(runs, "RUN_ROWS", held)
    store = DeltaObservationStore(str(tmp_path))
    store.submit(SCHEMA, [change("M", ROW)], submission="first")
    before = _files(tmp_path)
    with _no_file_longer_than(8_000), pytest.raises(StorageUnavailable, match="nothing of the submission is stored"):
        store.submit(SCHEMA, [Change(Action.MERGE, [MANY])], submission="second")
    assert _files(tmp_path) == before
    assert keys(store, SCHEMA) == ["KG F 2020"]
    assert store.submit(SCHEMA, [Change(Action.MERGE, [MANY])], submission="second").inserted == 5_000


def test_a_folder_that_cannot_be_made_is_reported_without_its_path(tmp_path: Path) -> None:
    (tmp_path / "lake").write_text("in the way", encoding="ascii")
    with pytest.raises(StorageUnavailable, match="Not a directory") as raised:
        DeltaObservationStore(str(tmp_path / "lake")).submit(SCHEMA, [change("M", ROW)], submission="first")
    assert str(tmp_path) not in str(raised.value)


def test_lost_files_are_reported_by_whoever_reads_them(tmp_path: Path) -> None:
    store = DeltaObservationStore(str(tmp_path))
    store.submit(SCHEMA, [change("M", ROW)], submission="first")
    for file in tmp_path.rglob("*.parquet"):
        file.unlink()
    with pytest.raises(StorageUnavailable, match="cannot be read"):
        keys(store, SCHEMA)
    with pytest.raises(StorageUnavailable, match="cannot be read"):
        store.availability(SCHEMA, ObservationSelection())


def test_an_object_store_out_of_reach_is_reported() -> None:
    options = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_ALLOW_HTTP": "true", "AWS_REGION": "us-east-1", "max_retries": "0"}
    store = DeltaObservationStore("s3://lake/x", options | {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"})
    with pytest.raises(StorageUnavailable, match="connection of the storage"):
        keys(store, SCHEMA)


def test_a_commit_whose_answer_was_lost_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit = LakeTable.commit

    def lossy(*arguments: Any) -> None:
        commit(*arguments)
        raise DeltaError("connection reset")

    monkeypatch.setattr(LakeTable, "commit", lossy)
    store = DeltaObservationStore(str(tmp_path))
    assert store.submit(SCHEMA, [change("M", ROW)], submission="first").inserted == 1
    assert read(store, SCHEMA) == [("KG F 2020", 1.0)]


def test_a_refused_commit_is_not_taken_for_a_conflict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = DeltaObservationStore(str(tmp_path))
    store.submit(SCHEMA, [change("M", ROW)], submission="first")

    def refuse(*_: object, **__: object) -> None:
        raise CommitFailedError("permission denied")

    monkeypatch.setattr("exchange.observations.table.lake_table.DeltaTable.create_write_transaction", refuse)
    with pytest.raises(StorageUnavailable, match="cannot be written"):
        store.submit(SCHEMA, [change("M", {"key": "MW F 2020"})], submission="second")
    assert len(list(tmp_path.rglob("*.parquet"))) == 1
