"""Where an observation or a series comes from: from the key to its submissions, from there to their records."""

from __future__ import annotations

from typing import Any

import polars as pl

from exchange.errors import InvalidQuery, NothingFound
from exchange.observations.ports import SOURCE_ROW, SUBMISSION, ObservationStore
from exchange.query.values.data_query import ObservationSelection
from exchange.query.values.filters import ComponentFilter, SeriesKey
from exchange.services.ledger import Ledger
from exchange.services.targets import dataflow_urn
from mappings.provenance.prov import prov_json
from registry.data_schema import DataSchema
from registry.services.schemas import SchemaReader


def provenance_of(
    agency: str, dataflow: str, version: str, key: str, *, schemas: SchemaReader, observations: ObservationStore, ledger: Ledger
) -> dict[str, Any]:
    """W3C PROV-JSON of one observation or series; one bundle per submission when a series was written by several.

    Raises:
        UnknownArtefact: When there is no such dataflow.
        InvalidQuery: When the key does not have a value for every dimension.
        NothingFound: When no such observation is stored, or it was loaded without a provenance record.
    """
    schema = schemas.for_dataflow(agency, dataflow, version)
    found = _observations(observations, schema, key)
    if found.is_empty():
        raise NothingFound(f"{dataflow_urn(schema).short} holds no observation with the key {key}.")
    documents = {}
    submissions = found[SUBMISSION].unique(maintain_order=True).to_list()
    for submission in submissions:
        provenance = ledger.read(submission)
        if provenance is not None:
            rows = provenance.contributions if provenance.record.recipe else _loaded_rows(found, submission)
            documents[submission] = prov_json(provenance.record, key, rows)
    if not documents:
        raise NothingFound(f"The observations of {key} were stored without a provenance record (submission {', '.join(submissions)}).")
    if len(documents) == 1:
        return next(iter(documents.values()))
    prefixes = next(iter(documents.values()))["prefix"]
    return {"prefix": prefixes, "bundle": {f"cde:submission/{submission}": document for submission, document in documents.items()}}


def _observations(store: ObservationStore, schema: DataSchema, key: str) -> pl.DataFrame:
    """Key, submission and source row of the observations that a key names."""
    values = key.split(".")
    series = [dimension.id for dimension in schema.dimensions]
    time = schema.time_dimension
    if len(values) not in {len(series), len(series) + (1 if time else 0)} or not all(values):
        wanted = ".".join(series) + (f"[.{time.id}]" if time else "")
        raise InvalidQuery(f"The key {key} must have a value for every dimension: {wanted}.")
    period = values[len(series)] if len(values) > len(series) else None
    selection = ObservationSelection(
        keys=(SeriesKey(tuple(frozenset({value}) for value in values[: len(series)])),),
        filters={time.id: ComponentFilter.any_of(period)} if time and period else {},
    )
    dimensions = [dimension.id for dimension in schema.all_dimensions]
    columns = [*dimensions, SUBMISSION, SOURCE_ROW]
    nothing = pl.DataFrame(schema={name: pl.Int64 if name == SOURCE_ROW else pl.String for name in columns})
    found = pl.concat([nothing, *store.scan(schema, selection, columns).batches], how="vertical_relaxed")
    # The filter takes in sub-periods; provenance is asked for one observation.
    return found.filter(pl.col(time.id) == period) if time and period else found


def _loaded_rows(found: pl.DataFrame, submission: str) -> pl.DataFrame:
    """What is loaded as it is rests on the one row it stood in, which the observation store knows."""
    rows = found.filter(pl.col(SUBMISSION) == submission, pl.col(SOURCE_ROW).is_not_null())
    return rows.select(pl.exclude(SUBMISSION, SOURCE_ROW), pl.concat_list(SOURCE_ROW).alias("rows"))
