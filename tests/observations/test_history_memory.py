"""Telling a history takes little more memory than a plain query: it is read in ranges, whatever the number of revisions."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import polars as pl

from exchange.observations.delta_store import DeltaObservationStore
from exchange.observations.ports import Action, Change
from tests.observations.small_schema import small_schema

#: Of so many observations each is changed twice, so that there are three times as many revisions.
ROWS = 100_000

#: ``ROOT plain|history``: reads everything, prints how many rows there were and how many bytes that took at most, beyond what the
#: program takes by itself.
_READ = """
import resource, sys
from exchange.observations.delta_store import DeltaObservationStore
from exchange.query.values.data_query import ObservationSelection
from tests.observations.small_schema import small_schema

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

store = DeltaObservationStore(sys.argv[1], batch_rows=16_384)
columns = ("AREA", "SEX", "TIME_PERIOD", "VALUE", "STATUS")
sum(batch.height for batch in store.scan(small_schema(), ObservationSelection(limit=1), columns).batches)
before = peak()
scan = store.scan(small_schema(), ObservationSelection(include_history=sys.argv[2] == "history"), columns)
parts = [scan.batches] if scan.transactions is None else (at.written for at in scan.transactions if at.written)
print(sum(batch.height for part in parts for batch in part), peak() - before)
"""


def _read(root: Path, how: str) -> tuple[int, int]:
    done = subprocess.run([sys.executable, "-c", _READ, str(root), how], capture_output=True, text=True, check=True)
    rows, taken = done.stdout.split()
    return int(rows), int(taken)


def _batch(number: int) -> pl.DataFrame:
    """Every observation, with a text that is long enough for whoever holds all of them to be noticed."""
    place = pl.int_range(ROWS, eager=True)
    keys = pl.DataFrame({"AREA": "A" + (place // 10).cast(pl.String).str.zfill(6), "TIME_PERIOD": (2000 + place % 10).cast(pl.String)})
    text = pl.concat_str(pl.lit(f"{number} "), "AREA", "TIME_PERIOD", pl.lit("x" * 300))
    return keys.with_columns(SEX=pl.lit("F"), VALUE=pl.lit(float(number)), STATUS=text)


def test_a_history_takes_memory_for_a_range_and_not_for_all_revisions(tmp_path: Path) -> None:
    store = DeltaObservationStore(str(tmp_path))
    for number in range(3):
        store.submit(small_schema(), [Change(Action.MERGE, [_batch(number)])], submission=str(number))
    plain_rows, plain = _read(tmp_path, "plain")
    rows, told = _read(tmp_path, "history")
    assert (plain_rows, rows) == (ROWS, 3 * ROWS)
    # Whoever held all revisions would take 200 MB more.
    assert told < plain + 100_000_000
