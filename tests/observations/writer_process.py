"""A process that writes: ``ROOT NAME COUNT ROWS shared|own``. Submission i sets VALUE=i on all its ROWS keys. Prints each receipt's id."""

from __future__ import annotations

import sys

import polars as pl

from exchange.observations.delta_store import DeltaObservationStore
from exchange.observations.ports import Action, Change
from tests.observations.small_schema import small_schema


def main(root: str, name: str, count: int, rows: int, keys: str) -> None:
    area = "SHARED" if keys == "shared" else name
    store = DeltaObservationStore(root)
    for number in range(count):
        batch = pl.DataFrame({"AREA": [area] * rows, "SEX": [f"S{row:06}" for row in range(rows)]}).with_columns(
            TIME_PERIOD=pl.lit("2020"), VALUE=pl.lit(float(number)), STATUS=pl.lit(name)
        )
        print(store.submit(small_schema(), [Change(Action.MERGE, [batch])], submission=f"{name}-{number}").submission, flush=True)  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5])
