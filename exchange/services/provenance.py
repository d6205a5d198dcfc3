"""Where an observation or a series comes from: from the key to its submissions, from there to their records."""

from __future__ import annotations

from typing import Any

import polars as pl

from exchange.errors import InvalidQuery, NothingFound
from exchange.observations.ports import SUBMISSION
from exchange.query.data_query import ObservationSelection
from exchange.query.filters import Filter, SeriesKey
from exchange.services.container import Services
from exchange.services.data import dataflow_urn
from mappings.provenance.prov import prov_json
from registry.data_schema import DataSchema


def provenance_of(services: Services, agency: str, dataflow: str, version: str, key: str) -> dict[str, Any]:
    """W3C PROV-JSON of one observation or series; one bundle per submission when a series was written by several.

    Raises:
        UnknownArtefact: When there is no such dataflow.
        InvalidQuery: When the key does not have a value for every dimension.
        NothingFound: When no such observation is stored, or it was loaded without a provenance record.
    """
    schema = services.schemas.for_dataflow(agency, dataflow, version)
    submissions = _submissions(services, schema, key)
    if not submissions:
        raise NothingFound(f"{dataflow_urn(schema).short} holds no observation with the key {key}.")
    documents = {}
    for submission in submissions:
        record = services.ledger.read(submission)
        if record is not None:
            documents[submission] = prov_json(record, key, services.ledger.contributions(submission))
    if not documents:
        raise NothingFound(f"The observations of {key} were stored without a provenance record (submission {', '.join(submissions)}).")
    if len(documents) == 1:
        return next(iter(documents.values()))
    prefixes = next(iter(documents.values()))["prefix"]
    return {"prefix": prefixes, "bundle": {f"cde:submission/{submission}": document for submission, document in documents.items()}}


def _submissions(services: Services, schema: DataSchema, key: str) -> list[str]:
    values = key.split(".")
    series = [dimension.id for dimension in schema.dimensions]
    time = schema.time_dimension
    if len(values) not in {len(series), len(series) + (1 if time else 0)} or not all(values):
        wanted = ".".join(series) + (f"[.{time.id}]" if time else "")
        raise InvalidQuery(f"The key {key} must have a value for every dimension: {wanted}.")
    period = values[len(series)] if len(values) > len(series) else None
    selection = ObservationSelection(
        keys=(SeriesKey(tuple(frozenset({value}) for value in values[: len(series)])),),
        filters={time.id: Filter.any_of(period)} if time and period else {},
    )
    columns = [*(dimension.id for dimension in schema.all_dimensions), SUBMISSION]
    batches = [
        batch.select(SUBMISSION, *([time.id] if time else [])) for batch in services.observations.scan(schema, selection, columns).batches
    ]
    if not batches:
        return []
    found = pl.concat(batches)
    if time and period:
        # The filter takes in sub-periods; provenance is asked for one observation.
        found = found.filter(pl.col(time.id).cast(pl.String) == period)
    return found[SUBMISSION].cast(pl.String).unique(maintain_order=True).to_list()
