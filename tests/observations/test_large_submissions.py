"""Submissions that wait in runs on disk do the same as those held in memory; large answers begin with a small batch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from deltalake import DeltaTable

from exchange.errors import InvalidObservations
from exchange.observations.delta_store import DeltaObservationStore
from exchange.observations.ports import Action, Change
from exchange.observations.reading import scans
from exchange.observations.table import lake_files
from exchange.observations.writing import rewrite, runs
from exchange.query.values.data_query import ObservationSelection
from exchange.query.values.filters import ComponentFilter
from tests.observations.small_schema import change, keys, read, rows, small_schema

SCHEMA = small_schema()
AREAS, YEARS = 30, 4
RECORDS: list[dict[str, Any]] = [
    {"key": f"A{area:02} F {2000 + year}", "VALUE": float(area * 10 + year), "UNIT": f"U{area}", "REGION": f"R{area}", "TITLE": "Water"}
    for area in range(AREAS)
    for year in range(YEARS)
]


@pytest.fixture
def small_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs of sixteen rows, files of ten, batches of three, nine and then all."""
    for module, name, value in (
        (runs, "RUN_ROWS", 16),
        (runs, "_SAMPLED", 2),
        (runs, "TARGET_ROWS", 10),
        (lake_files, "TARGET_ROWS", 10),
        (rewrite, "TARGET_ROWS", 10),
        (scans, "_FIRST_ROWS", 3),
        (scans, "_GROWTH", 3),
    ):
        monkeypatch.setattr(module, name, value)


def _batches(records: list[dict[str, Any]]) -> list[pl.DataFrame]:
    """Batches in disorder, some larger than a run."""
    mixed = sorted(records, key=lambda record: str(record["key"])[::-1])
    return [rows(mixed[:40]), rows(mixed[40:43]), rows(mixed[43:])]


@pytest.mark.usefixtures("small_runs")
def test_runs_on_disk_merge_into_the_same_table(tmp_path: Path) -> None:
    store = DeltaObservationStore(str(tmp_path))
    preview = store.preview(SCHEMA, [Change(Action.MERGE, _batches(RECORDS))])
    receipt = store.submit(SCHEMA, [Change(Action.MERGE, _batches(RECORDS))], submission="first")
    assert (preview.inserted, receipt.inserted) == (len(RECORDS), len(RECORDS))
    assert read(store, SCHEMA) == [(record["key"], record["VALUE"]) for record in RECORDS]
    assert read(store, SCHEMA, "UNIT", "REGION")[5] == ("U1", "R1")
    assert not list(tmp_path.glob(".staging/submission-*")), "the runs are gone"
    changed = [record | {"VALUE": record["VALUE"] + 0.5} for record in RECORDS]
    again = store.submit(SCHEMA, [Change(Action.REPLACE, _batches([*changed[:60], *RECORDS[60:]]))], submission="second")
    assert (again.inserted, again.updated, again.unchanged) == (0, 60, 60)
    assert len(read(store, SCHEMA, include_history=True)) == len(RECORDS) + 60
    assert len(store.dataflows()) == 1


@pytest.mark.usefixtures("small_runs")
@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({"VALUE": -1.0}, "AREA=A00, SEX=F, TIME_PERIOD=2000 stands there more than once"),
        ({"TIME_PERIOD": "2100", "UNIT": "other"}, "UNIT must have one value for AREA=A00, SEX=F"),
        ({"TIME_PERIOD": "2100", "SEX": "M", "REGION": "other"}, "REGION must have one value for AREA=A00"),
        ({"TIME_PERIOD": "2100", "SEX": "M", "TITLE": "other"}, "TITLE must have one value for the dataset"),
    ],
)
def test_contradictions_between_runs_are_found_and_leave_nothing(tmp_path: Path, record: dict[str, object], message: str) -> None:
    store = DeltaObservationStore(str(tmp_path))
    wrong = rows(RECORDS[:1]).with_columns(pl.lit(value).alias(name) for name, value in record.items())
    for act in (store.preview, lambda schema, changes: store.submit(schema, changes, submission="first")):
        with pytest.raises(InvalidObservations, match=message):
            act(SCHEMA, [Change(Action.MERGE, [*_batches(RECORDS), wrong])])
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["writers"], "only the lock of the writers is left"


@pytest.mark.usefixtures("small_runs")
def test_repeated_rows_of_several_runs_count_once(tmp_path: Path) -> None:
    store = DeltaObservationStore(str(tmp_path))
    receipt = store.submit(SCHEMA, [Change(Action.MERGE, [*_batches(RECORDS), rows(RECORDS)])], submission="first")
    assert (receipt.inserted, receipt.unchanged) == (len(RECORDS), 0)


@pytest.mark.usefixtures("small_runs")
def test_a_large_answer_begins_small_and_misses_nothing(tmp_path: Path) -> None:
    store = DeltaObservationStore(str(tmp_path), batch_rows=50)
    store.submit(SCHEMA, [Change(Action.MERGE, _batches(RECORDS))], submission="first")
    heights = [batch.height for batch in store.scan(SCHEMA, ObservationSelection(), ("VALUE",)).batches]
    assert (heights[0], sum(heights)) == (3, len(RECORDS))
    expected = [str(record["key"]) for record in RECORDS]
    for limit in (1, 3, 4, 12, 13, 100, 1_000):
        assert keys(store, SCHEMA, limit=limit) == expected[:limit]
        assert keys(store, SCHEMA, limit=limit, offset=5) == expected[5 : 5 + limit]
    odd = [key for key in expected if key.endswith("3")]
    assert keys(store, SCHEMA, filters={"TIME_PERIOD": ComponentFilter.any_of("2003")}) == odd
    assert keys(store, SCHEMA, filters={"TIME_PERIOD": ComponentFilter.any_of("2003")}, limit=2) == odd[:2]


@pytest.mark.usefixtures("small_runs")
def test_other_readers_travel_in_time_to_the_same_rows(tmp_path: Path) -> None:
    store = DeltaObservationStore(str(tmp_path))
    steps = [
        change("M", *RECORDS[:50]),
        change("M", *(record | {"VALUE": 0.5} for record in RECORDS[10:20]), *RECORDS[50:60]),
        change("D", {"key": "A03 * *"}),
    ]
    receipts = [store.submit(SCHEMA, [step], submission=str(number)) for number, step in enumerate(steps)]
    table = str(tmp_path / "TEST" / "FLOW" / "1.0.0")
    columns = ["AREA", "SEX", "TIME_PERIOD", "VALUE"]
    for version, receipt in enumerate(receipts):
        ours = read(store, SCHEMA, *columns, as_of=receipt.recorded_at)
        theirs = pl.scan_delta(table, version=version).filter(pl.col("_current")).select(columns).sort(columns).collect()
        assert theirs.rows() == ours
        arrow = DeltaTable(table, version=version).to_pyarrow_table(columns=columns, filters=[("_current", "=", True)])
        assert pl.DataFrame(arrow).sort(columns).rows() == ours
    assert read(store, SCHEMA, *columns) == ours


def test_a_preview_checks_what_a_submission_checks(tmp_path: Path) -> None:
    store = DeltaObservationStore(str(tmp_path))
    store.submit(SCHEMA, [change("M", RECORDS[0])], submission="first")
    components = tuple(part for part in SCHEMA.components if part.id != "SEX")
    other = type(SCHEMA)(structure=SCHEMA.structure, dataflow=SCHEMA.dataflow, components=components)
    batch = pl.DataFrame({"AREA": ["KG"], "TIME_PERIOD": ["2020"], "VALUE": [1.0]})
    for act in (store.preview, lambda schema, changes: store.submit(schema, changes, submission="second")):
        with pytest.raises(InvalidObservations, match="new version of the dataflow"):
            act(other, [Change(Action.MERGE, [batch])])


def test_the_largest_values_come_first_whatever_the_files(tmp_path: Path) -> None:
    store = DeltaObservationStore(str(tmp_path))
    store.submit(SCHEMA, [Change(Action.MERGE, _batches(RECORDS))], submission="first")
    largest = sorted(RECORDS, key=lambda record: -float(str(record["VALUE"])))
    assert keys(store, SCHEMA, sort=(("VALUE", True),), limit=5, offset=2) == [record["key"] for record in largest[2:7]]
