"""What a power cut or a failing disk leaves is noticed, and never taken for an older state."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from exchange.errors import DamagedStore
from exchange.observations.delta_store import DeltaObservationStore
from tests.observations.small_schema import change, keys, small_schema

SCHEMA = small_schema()
TABLE = Path("TEST/FLOW/1.0.0")


def _entries(root: Path) -> list[Path]:
    return sorted((root / TABLE / "_delta_log").glob("*.json"))


def _filled(root: Path, submissions: int = 2) -> DeltaObservationStore:
    store = DeltaObservationStore(str(root))
    for number in range(submissions):
        rows = [{"key": f"KG F {2000 + number}", "VALUE": 1.0}, {"key": f"MW F {2000 + number}", "VALUE": 2.0}]
        store.submit(SCHEMA, [change("M", *rows)], submission=str(number))
    return store


def _places(content: bytes) -> list[int]:
    """Where to cut: at the beginning, inside and at the end of each line."""
    ends = [at for at, byte in enumerate(content) if byte == ord("\n")]
    return sorted({0, 1, 10, len(content) // 2, len(content) - 2, *ends, *(end + 1 for end in ends)} - {len(content), len(content) - 1})


@pytest.mark.parametrize("submissions", [1, 2, 3])
def test_a_cut_newest_log_entry_is_an_error_and_not_an_older_state(tmp_path: Path, submissions: int) -> None:
    _filled(tmp_path, submissions)
    entry = _entries(tmp_path)[-1]
    whole = entry.read_bytes()
    for place in _places(whole):
        entry.write_bytes(whole[:place])
        with pytest.raises(DamagedStore):
            keys(DeltaObservationStore(str(tmp_path)), SCHEMA)
    entry.write_bytes(whole)
    assert len(keys(DeltaObservationStore(str(tmp_path)), SCHEMA)) == 2 * submissions


def test_a_store_that_was_open_notices_a_cut_entry_that_comes_later(tmp_path: Path) -> None:
    reader = _filled(tmp_path)
    assert len(keys(reader, SCHEMA)) == 4
    DeltaObservationStore(str(tmp_path)).submit(SCHEMA, [change("M", {"key": "RW F 2000", "VALUE": 1.0})], submission="later")
    entry = _entries(tmp_path)[-1]
    entry.write_bytes(b"")
    with pytest.raises(DamagedStore):
        keys(reader, SCHEMA)
    with pytest.raises(DamagedStore):
        reader.submit(SCHEMA, [change("M", {"key": "RW F 2001", "VALUE": 1.0})], submission="much later")


def test_the_disk_has_everything_before_the_receipt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: set[Path] = set()
    fsync = os.fsync

    def watched(descriptor: int) -> None:
        synced.add(Path(f"/proc/self/fd/{descriptor}").readlink())
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", watched)
    _filled(tmp_path, 1)
    table = tmp_path / TABLE
    files = {path for path in table.rglob("*") if path.is_file()}
    assert files <= synced
    assert {table, table / "_delta_log", table / "_current=true", *table.parents[:3]} <= synced
