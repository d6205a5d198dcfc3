"""Answering data queries: which datasets, which columns, which rows (SDMX-REST data queries, all versions)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import polars as pl

from exchange.codecs.ports import DataSet
from exchange.observations.ports import Action, ObservationStore, Scan, Transaction
from exchange.query.values.data_query import ALL_DIMENSIONS, DataQuery
from exchange.services.batches import distinct_series, peeked, window
from exchange.services.fitting import fitting, whatever_fits
from exchange.services.row_order import in_series
from exchange.services.selection import dimension_at_observation, wanted_columns
from exchange.services.targets import Target, TargetFinder, dataflow_urn
from registry.data_schema import DataSchema
from registry.model.time_periods import REPORTING_YEAR_START_DAY
from registry.services.schemas import SchemaReader
from registry.services.snapshots import last_recorded
from registry.store.ports import ArtefactStore


@dataclass(frozen=True)
class DataAnswer:
    """The datasets of an answer, none of them empty, and when the newest of what they come from was recorded."""

    datasets: tuple[DataSet, ...]
    last_updated: datetime | None


class DataQueries:
    """Answers data queries from the registry and the observation store."""

    def __init__(self, artefacts: ArtefactStore, schemas: SchemaReader, observations: ObservationStore) -> None:
        self._artefacts = artefacts
        self._targets = TargetFinder(artefacts, schemas)
        self._observations = observations

    def targets(self, query: DataQuery) -> tuple[Target, ...]:
        """The datasets a query is about, whether or not they hold data; errors as for :meth:`TargetFinder.find`."""
        return self._targets.find(query)

    def fitting(self, query: DataQuery) -> list[tuple[Target, DataQuery]]:
        """The datasets that a query fits, each with the query as far as it is about that dataset.

        Raises:
            InvalidQuery, NothingFound: As :func:`~exchange.services.fitting.fitting` says.
        """
        return [(target, target.select(fitted)) for target, fitted in fitting(query, self.targets(query))]

    def last_updated(self, query: DataQuery) -> datetime | None:
        """When an answer to a query last changed: its data, or anything in the registry that they are read with."""
        instants = [self._observations.last_updated(dataflow_urn(target.schema)) for target in self.targets(query)]
        return max((instant for instant in (*instants, last_recorded(self._artefacts)) if instant), default=None)

    def answer(self, query: DataQuery, *, flat: bool = False) -> DataAnswer:
        """Open the data of a query. Nothing but the first batch of each dataset is read yet.

        Args:
            query: What is asked for.
            flat: The data will be written without series whatever the query says (SDMX-CSV, tables), so none are kept together.

        Raises:
            InvalidQuery: When key, filters or components do not fit the structure.
            UnknownArtefact: When the artefact that is named does not exist.
            NothingFound: When none is named and none fits.
        """
        with whatever_fits(query):
            return self._answer(query, flat=flat)

    def _answer(self, query: DataQuery, *, flat: bool) -> DataAnswer:
        datasets: list[DataSet] = []
        instants: list[datetime] = []
        for target, fitted in self._windowed(self.fitting(query)):
            scan = self._scan(fitted, target, flat=flat)
            datasets.extend(_datasets(fitted, target, scan))
            if scan.last_updated:
                instants.append(scan.last_updated)
        return DataAnswer(tuple(datasets), max(instants, default=None))

    def count(self, query: DataQuery) -> int:
        """How many observations match a query, over all its datasets.

        Raises:
            InvalidQuery, NothingFound: As for :meth:`answer`.
        """
        with whatever_fits(query):
            return self._count(query)

    def _count(self, query: DataQuery) -> int:
        total = 0
        for target, fitted in self.fitting(query):
            if fitted.selection.updated_after is None:
                total += self._observations.availability(target.schema, fitted.selection).obs_count
            else:  # what was deleted is available, but not counted
                total += self._size(fitted, target, None)
        return total

    def _windowed(self, fitted: Sequence[tuple[Target, DataQuery]]) -> Iterator[tuple[Target, DataQuery]]:
        """Queries whose offset and limit, which count over the whole answer, are those of each dataset; what lies outside is left out.

        What was deleted is not counted, so that a dataset is opened for its deletions even when the limit is reached before it.
        """
        skip, left = fitted[0][1].selection.offset, fitted[0][1].selection.limit
        for at, (target, query) in enumerate(fitted):
            yield target, replace(query, selection=replace(query.selection, offset=skip, limit=left))
            if at + 1 < len(fitted) and (skip or left is not None):
                size = self._size(query, target, None if left is None else skip + left)
                taken = max(0, size - skip)
                skip, left = max(0, skip - size), None if left is None else max(0, left - taken)

    def _size(self, query: DataQuery, target: Target, most: int | None) -> int:
        """How many observations, or series where these are counted, a query finds in a dataset without its window; at most ``most``."""
        if most == 0:
            return 0
        selection = replace(query.selection, offset=0, limit=most, sort=(), include_history=False)
        columns = wanted_columns(query, target.schema)
        if all(dimension.id in columns for dimension in target.schema.all_dimensions):
            scan = self._observations.scan(target.schema, selection, [target.schema.all_dimensions[0].id])
        else:
            scan = self._scan(replace(query, selection=selection), target, flat=True)
        return sum(batch.height for batch in scan.batches)

    def _scan(self, query: DataQuery, target: Target, *, flat: bool) -> Scan:
        schema, columns = target.schema, wanted_columns(query, target.schema)
        left_out = next((dimension.id for dimension in schema.all_dimensions if dimension.id not in columns), None)
        if left_out is None:
            at_observation = ALL_DIMENSIONS if flat else dimension_at_observation(query, schema)
            # What a reporting period spans depends on this attribute, whether or not it is asked for.
            start_day = [REPORTING_YEAR_START_DAY] if REPORTING_YEAR_START_DAY in schema and REPORTING_YEAR_START_DAY not in columns else []
            scan = self._observations.scan(schema, in_series(query.selection, schema, at_observation), (*columns, *start_day))
            return replace(scan, columns=columns, deleted=_in_series(scan.deleted, schema, at_observation))
        # Without the dimension at the observation it is series that are counted and skipped, once each stands there once.
        # Series have no revisions.
        selection = in_series(query.selection, schema, left_out)
        scan = self._observations.scan(schema, replace(selection, offset=0, limit=None, include_history=False), columns)
        rows = distinct_series(batch.select(columns) for batch in scan.batches)
        return replace(scan, columns=columns, batches=window(rows, selection.offset, selection.limit))


def _datasets(query: DataQuery, target: Target, scan: Scan) -> Iterator[DataSet]:
    """The datasets of one target (standard 1.13): changes since an instant come with what was deleted, history in time slices."""
    partial = query.attributes not in {("dsd",), ("all",)} or query.measures != ("all",)
    base = DataSet(
        schema=target.schema,
        batches=iter(()),
        columns=scan.columns,
        dimension_at_observation=dimension_at_observation(query, target.schema),
        action=Action.MERGE if partial else Action.REPLACE,
        context=target.context,
    )
    if scan.transactions is not None:
        yield from _history(base, scan.transactions)
        return
    base = replace(base, valid_from=query.selection.as_of, valid_to=query.selection.as_of)
    deleted = peeked(scan.deleted) if scan.deleted is not None else None
    if deleted is not None:
        keys = tuple(dimension.id for dimension in target.schema.all_dimensions)
        yield replace(base, batches=deleted, columns=keys, action=Action.DELETE)
    batches = peeked(scan.batches)
    if batches is not None:
        yield replace(base, batches=batches)


def _in_series(deleted: Iterator[pl.DataFrame] | None, schema: DataSchema, at_observation: str) -> Iterator[pl.DataFrame] | None:
    """Keys of deleted observations, which come in the order of the structure, in the order of series that are made otherwise."""
    time = schema.time_dimension.id if schema.time_dimension else ALL_DIMENSIONS
    if deleted is None or at_observation in {ALL_DIMENSIONS, time}:
        return deleted
    frames = list(deleted)
    key = [dimension.id for dimension in schema.all_dimensions if dimension.id != at_observation]
    return iter([pl.concat(frames).sort(*key, maintain_order=True)] if frames else [])


def _history(base: DataSet, transactions: Iterator[Transaction]) -> Iterator[DataSet]:
    """Per transaction, in order: what it deleted (valid until then) and what it wrote (valid from then)."""
    keys = tuple(dimension.id for dimension in base.schema.all_dimensions)
    for at in transactions:
        if at.deleted is not None:
            yield replace(base, batches=at.deleted, columns=keys, action=Action.DELETE, valid_to=at.instant)
        if at.written is not None:
            # A merge could not take away a value, so observations are replaced even when not all of their components are wanted.
            yield replace(base, batches=at.written, action=Action.REPLACE, valid_from=at.instant)
