"""The sink of mapped data: the observation store, behind the port that ``mappings`` knows."""

from __future__ import annotations

import polars as pl

from exchange.observations.ports import Action, Change, ObservationStore, Receipt
from mappings.ports import Effect, Publication
from registry.data_schema import DataSchema


class StoreSink:
    """:class:`mappings.ports.ObservationSink` on an observation store."""

    def __init__(self, store: ObservationStore) -> None:
        self._store = store

    def preview(self, schema: DataSchema, batch: pl.DataFrame, publication: Publication) -> Effect:
        """What :meth:`publish` would do."""
        return _effect(self._store.preview(schema, _changes(batch, schema, publication)))

    def publish(self, schema: DataSchema, batch: pl.DataFrame, publication: Publication, *, submission: str) -> Effect:
        """Store the observations in one atomic commit."""
        return _effect(self._store.submit(schema, _changes(batch, schema, publication), submission=submission))


def _changes(batch: pl.DataFrame, schema: DataSchema, publication: Publication) -> list[Change]:
    written = Change(Action.REPLACE, [batch])
    if publication is Publication.MERGE:
        return [written]
    # A deletion whose dimensions are all open empties the dataflow first; what the run holds again unchanged stays as it is.
    everything = pl.DataFrame({dimension.id: pl.Series([None], dtype=pl.String) for dimension in schema.all_dimensions})
    return [Change(Action.DELETE, [everything]), written]


def _effect(receipt: Receipt) -> Effect:
    return Effect(inserted=receipt.inserted, updated=receipt.updated, deleted=receipt.deleted, unchanged=receipt.unchanged)
