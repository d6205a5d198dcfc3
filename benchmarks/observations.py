"""The observation store by itself: loading, a series query, a full scan, the largest values, what exists, and a small revision."""

from __future__ import annotations

import resource
import statistics
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl

from benchmarks.generator import DIMENSIONS, sdg_observations, sdg_schema
from benchmarks.results import Result, paired, seconds
from exchange.observations.delta_store import DeltaObservationStore
from exchange.observations.ports import Action, Change
from exchange.query.values.data_query import ObservationSelection
from exchange.query.values.filters import SeriesKey

OBSERVATIONS = 3_000_000
REPETITIONS = 21
_SERIES_OBSERVATIONS = 20


def run() -> Iterator[Result]:
    """Measure the store on local disk."""
    with tempfile.TemporaryDirectory() as folder:
        schema, store = sdg_schema(), DeltaObservationStore(folder)
        columns = [component.id for component in schema.components]
        before = _peak()
        load = [Change(Action.MERGE, sdg_observations(OBSERVATIONS))]
        loading = seconds(lambda: store.submit(schema, load, submission="load"))
        yield Result("Store: making and loading observations", 100_000, OBSERVATIONS / loading, "observations/s")
        yield Result("Store: more memory while loading, however many", 1_500, _peak() - before, "MB", at_least=False)

        def read(selection: ObservationSelection) -> int:
            return sum(batch.height for batch in store.scan(schema, selection, columns).batches)

        series = iter(_keys())
        yield Result("Store: a series of 20 observations", 10, _milliseconds(lambda: _checked(read(next(series)))), "ms", at_least=False)
        everything = ObservationSelection()
        yield Result(
            "Store: first batch of everything",
            20,
            _milliseconds(lambda: next(store.scan(schema, everything, columns).batches)),
            "ms",
            False,
        )
        largest = ObservationSelection(sort=(("OBS_VALUE", True),), limit=100)
        yield Result("Store: the 100 largest values", 2, seconds(lambda: read(largest)), "s", at_least=False)
        plain = pl.scan_parquet(list(Path(folder).rglob("_current=true/*.parquet")), hive_partitioning=False).select(columns)
        ratio = paired(lambda: read(everything), lambda: sum(batch.height for batch in plain.collect_batches()), 3)
        yield Result("Store: full scan in order, speed against plain Parquet files", 0.5, ratio, "x")
        availability = seconds(lambda: store.availability(schema, everything))
        yield Result("Store: availability of everything, first time", 3, availability, "s", at_least=False)
        again = _milliseconds(lambda: store.availability(schema, everything))
        yield Result("Store: availability of everything, again", 1, again, "ms", at_least=False)
        revision = next(iter(sdg_observations(_SERIES_OBSERVATIONS))).with_columns(pl.col("OBS_VALUE") + 1)
        updating = seconds(lambda: store.submit(schema, [Change(Action.MERGE, [revision])], submission="revision"))
        yield Result("Store: revising one series of a large table", 3, updating, "s", at_least=False)


def _keys() -> Iterator[ObservationSelection]:
    """Series from all over the table."""
    indicators = OBSERVATIONS // _SERIES_OBSERVATIONS // 1_500
    fixed = {name: codes[-1] for name, codes in DIMENSIONS.items()}
    for number in range(REPETITIONS):
        area = DIMENSIONS["REF_AREA"][number * 11 % 250]
        key = fixed | {"SERIES": DIMENSIONS["SERIES"][number * 7 % indicators], "REF_AREA": area}
        yield ObservationSelection(keys=(SeriesKey(tuple(frozenset({code}) for code in key.values())),))


def _peak() -> float:
    """The most memory this process has had so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_000


def _checked(found: int) -> None:
    if found != _SERIES_OBSERVATIONS:
        raise AssertionError(f"a series of {_SERIES_OBSERVATIONS} observations gave {found}")


def _milliseconds(action: Callable[[], object]) -> float:
    return statistics.median(seconds(action) for _ in range(REPETITIONS)) * 1000
