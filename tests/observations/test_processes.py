"""Several processes and threads at one table; processes killed while they write."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from deltalake import DeltaTable

from exchange.errors import ConflictingSubmission
from exchange.observations.delta_store import DeltaObservationStore
from exchange.observations.ports import Receipt
from exchange.observations.table.lake_table import CommitConflict, LakeTable
from exchange.observations.table.layout import Layout
from exchange.query.values.data_query import ObservationSelection
from tests.observations.small_schema import change, keys, read, small_schema

SCHEMA = small_schema()
ROOT = Path(__file__).resolve().parents[2]


def _writer(lake: Path, name: str, count: int, rows: int, kind: str) -> subprocess.Popen[str]:
    arguments = [sys.executable, "-m", "tests.observations.writer_process", str(lake), name, str(count), str(rows), kind]
    return subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def _finish(*writers: subprocess.Popen[str]) -> None:
    for writer in writers:
        writer.communicate(timeout=60)
        assert writer.returncode == 0


def test_processes_writing_different_series_lose_nothing(tmp_path: Path) -> None:
    _finish(_writer(tmp_path, "one", 5, 3, "own"), _writer(tmp_path, "two", 5, 3, "own"))
    store = DeltaObservationStore(str(tmp_path))
    assert read(store, SCHEMA, "AREA", "VALUE") == [("one", 4.0)] * 3 + [("two", 4.0)] * 3
    assert len(read(store, SCHEMA, "AREA", include_history=True)) == 2 * 5 * 3


def test_processes_writing_the_same_observations_follow_each_other(tmp_path: Path) -> None:
    _finish(_writer(tmp_path, "one", 5, 3, "shared"), _writer(tmp_path, "two", 5, 3, "shared"))
    store = DeltaObservationStore(str(tmp_path))
    history = pl.DataFrame(
        read(store, SCHEMA, "SEX", "_submission", "_valid_from", "_valid_to", include_history=True),
        schema=["SEX", "submission", "from", "to"],
        orient="row",
    )
    assert history["submission"].n_unique() == 10
    for _, revisions in history.sort("from").group_by("SEX"):
        assert revisions["to"].to_list() == [*revisions["from"][1:], None]


def test_a_killed_writer_leaves_whole_submissions_only(tmp_path: Path) -> None:
    store = DeltaObservationStore(str(tmp_path))
    for attempt, pause in enumerate((0.0, 0.02, 0.05)):
        writer = _writer(tmp_path, f"w{attempt}", 1_000, 10_000, "shared")
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(pause)
        writer.send_signal(signal.SIGKILL)
        writer.communicate()
        states = read(store, SCHEMA, "VALUE", "STATUS", "_submission")
        assert len(states) == 10_000
        assert len(set(states)) == 1
    store.submit(SCHEMA, [change("M", {"key": "A F 2020", "VALUE": 1.0})], submission="after")
    table = tmp_path / "TEST" / "FLOW" / "1.0.0"
    (table / "_current=true" / "left-behind.parquet").write_bytes(b"half")
    assert len(store.clean()) >= 1
    assert store.clean() == []
    assert not (table / "_current=true" / "left-behind.parquet").exists()
    assert len(keys(store, SCHEMA)) == 10_001


def test_a_reader_keeps_the_version_it_opened(tmp_path: Path) -> None:
    store = DeltaObservationStore(str(tmp_path), batch_rows=1)
    store.submit(SCHEMA, [change("M", {"key": "A F 2019", "VALUE": 1.0}, {"key": "A F 2020", "VALUE": 1.0})], submission="first")
    scan = store.scan(SCHEMA, ObservationSelection(), ("VALUE",))
    store.submit(SCHEMA, [change("M", {"key": "A F 2019", "VALUE": 2.0}, {"key": "A F 2020", "VALUE": 2.0})], submission="second")
    assert pl.concat(list(scan.batches))["VALUE"].to_list() == [1.0, 1.0]


def test_threads_share_a_store(tmp_path: Path) -> None:
    store = DeltaObservationStore(str(tmp_path))

    def write(number: int) -> None:
        store.submit(SCHEMA, [change("M", {"key": f"A{number} F 2020", "VALUE": 1.0})], submission=str(number))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(8)))
    assert len(keys(store, SCHEMA)) == 8


def test_a_submission_that_never_gets_through_is_reported_and_leaves_no_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def always_late(*_: object) -> None:
        raise CommitConflict

    monkeypatch.setattr(LakeTable, "commit", always_late)
    monkeypatch.setattr("exchange.observations.delta_store._LONGEST_PAUSE", 0)
    store = DeltaObservationStore(str(tmp_path))
    with pytest.raises(ConflictingSubmission, match="Submit it again"):
        store.submit(SCHEMA, [change("M", {"key": "A F 2020", "VALUE": 1.0})], submission="first")
    assert not list(tmp_path.rglob("*.parquet"))


def test_other_readers_of_delta_lake_see_the_current_rows(tmp_path: Path) -> None:
    store = DeltaObservationStore(str(tmp_path))
    for number in range(12):
        store.submit(
            SCHEMA, [change("M", {"key": "A F 2020", "VALUE": float(number)}, {"key": f"B{number} F 2020"})], submission=str(number)
        )
    store.submit(SCHEMA, [change("D", {"key": "B0 * *"})], submission="deletion")
    table = str(tmp_path / "TEST" / "FLOW" / "1.0.0")
    assert pl.scan_delta(table).filter(pl.col("_current")).select(pl.len()).collect().item() == 12
    everything = DeltaTable(table).to_pyarrow_table()
    assert everything.num_rows == 12 + 12
    assert len(DeltaTable(table).file_uris()) < 12


@pytest.mark.parametrize("stale", ["no table yet", "one version behind"])
def test_an_object_store_refuses_what_comes_second(object_store: tuple[str, dict[str, str]], stale: str) -> None:
    url, options = object_store
    root = f"{url}/{uuid.uuid4()}"
    table = LakeTable(f"{root}/TEST/FLOW/1.0.0", options)
    store = DeltaObservationStore(root, options)
    store.submit(SCHEMA, [change("M", {"key": "A F 2019"})], submission="first")
    seen = table.state() if stale == "one version behind" else None
    store.submit(SCHEMA, [change("M", {"key": "A F 2020"})], submission="second")
    layout = Layout.of(SCHEMA)
    with pytest.raises(CommitConflict):
        table.commit(seen, layout.columns, "Key", [], [], Receipt("third", datetime.now(UTC)))
    assert keys(store, SCHEMA) == ["A F 2019", "A F 2020"]
