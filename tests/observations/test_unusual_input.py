"""Input that is empty, bare or enormous."""

from __future__ import annotations

import polars as pl
import pytest

from exchange.errors import InvalidObservations
from exchange.observations.ports import Action, Change, ObservationStore
from exchange.query.values.data_query import ObservationSelection
from exchange.query.values.filters import SeriesKey
from registry.model.structures import Dataflow
from tests.observations.small_schema import KEYS, change, keys, read, rows, small_schema

SCHEMA = small_schema()
KEY = rows([{"key": "KG F 2020"}])


@pytest.mark.parametrize(
    "batches",
    [[], [pl.DataFrame()], [KEY.clear()], [rows([{"key": "KG F *", "UNIT": "PT"}, {"key": "* * *", "TITLE": "Water"}])]],
    ids=["no batches", "no columns", "no rows", "only attributes of what is not there"],
)
@pytest.mark.parametrize("action", [*Action])
def test_what_holds_no_observation_changes_nothing(store: ObservationStore, action: Action, batches: list[pl.DataFrame]) -> None:
    assert store.preview(SCHEMA, [Change(action, batches)]).inserted == 0
    receipt = store.submit(SCHEMA, [Change(action, batches)], submission="first")
    assert (receipt.inserted, receipt.updated, receipt.deleted) == (0, 0, 0)
    assert keys(store, SCHEMA) == []


@pytest.mark.parametrize("batch", [KEY, KEY.with_columns(VALUE=pl.lit(None)), KEY.with_columns(pl.all().cast(pl.Categorical))])
def test_an_observation_may_be_a_key_alone(store: ObservationStore, batch: pl.DataFrame) -> None:
    store.submit(SCHEMA, [Change(Action.MERGE, [batch])], submission="first")
    assert read(store, SCHEMA) == [("KG F 2020", None)]


def test_keys_may_be_longer_than_statistics(store: ObservationStore) -> None:
    areas = ["K" * 100_000, "K" * 100_000 + "L", "MW"]
    store.submit(SCHEMA, [change("M", *({"key": f"{area} F 2020", "VALUE": 1.0} for area in areas))], submission="first")
    store.submit(SCHEMA, [change("M", {"key": f"{areas[1]} F 2020", "VALUE": 2.0})], submission="second")
    wanted = ObservationSelection(keys=(SeriesKey((frozenset({areas[1]}), frozenset({"F"}))),))
    found = pl.concat(list(store.scan(SCHEMA, wanted, [*KEYS, "VALUE"]).batches))
    assert found["VALUE"].to_list() == [2.0]
    assert len(keys(store, SCHEMA)) == 3


@pytest.mark.parametrize("name", ["a b", "..", "a/b", "é"])
def test_a_dataflow_is_never_taken_for_a_path(store: ObservationStore, name: str) -> None:
    flow = Dataflow(id=name, agency_id="TEST", version="1.0.0")
    schema = type(SCHEMA)(structure=SCHEMA.structure, dataflow=flow, components=SCHEMA.components)
    with pytest.raises(InvalidObservations, match="must name one dataflow"):
        store.submit(schema, [Change(Action.MERGE, [KEY])], submission="first")
