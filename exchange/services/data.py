"""Answering data queries: which datasets, which columns, which rows (SDMX-REST data queries, all versions)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

import polars as pl

from exchange.codecs.ports import DataSet
from exchange.errors import NothingFound
from exchange.observations.ports import VALID_FROM, VALID_TO, Action, ObservationStore, Scan
from exchange.query.values.data_query import ALL_DIMENSIONS, Context, DataQuery
from exchange.services.batches import distinct_series, peeked, window
from exchange.services.row_order import in_series
from exchange.services.selection import check_selection, dimension_at_observation, wanted_columns
from registry.caching import Cache
from registry.data_schema import DataSchema
from registry.errors import UnknownArtefact
from registry.model.identity import Urn
from registry.model.provision import ProvisionAgreement
from registry.services.schemas import SchemaReader
from registry.services.snapshots import last_recorded
from registry.store.ports import ArtefactRecord, ArtefactStore
from registry.versions import Version, VersionQuery, version_text

_KIND = {Context.DATAFLOW: "Dataflow", Context.ANY: "Dataflow", Context.DATASTRUCTURE: "DataStructure"}


@dataclass(frozen=True)
class Target:
    """One dataset that a query is about: the schema to read it with and the context to present it in."""

    context: Context
    schema: DataSchema


@dataclass(frozen=True)
class DataAnswer:
    """The datasets of an answer, none of them empty, and when the newest of what they come from was recorded."""

    datasets: tuple[DataSet, ...]
    last_updated: datetime | None


class DataQueries:
    """Answers data queries from the registry and the observation store."""

    def __init__(self, artefacts: ArtefactStore, schemas: SchemaReader, observations: ObservationStore) -> None:
        self._artefacts = artefacts
        self._schemas = schemas
        self._observations = observations
        self._targets = Cache[tuple[object, ...], tuple[Target, ...]](most=1_000)

    def targets(self, query: DataQuery) -> tuple[Target, ...]:
        """The datasets a query is about, whether or not they hold data.

        Raises:
            UnknownArtefact: When the artefact that is named does not exist.
            NothingFound: When none is named and there is none.
        """
        key = (query.context, query.agencies, query.ids, query.versions, query.providers, query.in_production)
        return self._targets.find(key, lambda: self._look_up(query), self._artefacts.revision())

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
        """
        datasets: list[DataSet] = []
        instants: list[datetime] = []
        for target in self.targets(query):
            check_selection(query, target.schema)
            scan = self._scan(query, target, flat=flat)
            datasets.extend(_datasets(query, target, scan))
            if scan.last_updated:
                instants.append(scan.last_updated)
        return DataAnswer(tuple(datasets), max(instants, default=None))

    def count(self, query: DataQuery) -> int:
        """How many observations match a query, over all its datasets.

        Raises:
            InvalidQuery: When key or filters do not fit the structure.
        """
        total = 0
        for target in self.targets(query):
            check_selection(query, target.schema)
            total += self._observations.availability(target.schema, query.selection).obs_count
        return total

    def _scan(self, query: DataQuery, target: Target, *, flat: bool) -> Scan:
        schema, columns = target.schema, wanted_columns(query, target.schema)
        left_out = next((dimension.id for dimension in schema.all_dimensions if dimension.id not in columns), None)
        if left_out is None:
            at_observation = ALL_DIMENSIONS if flat else dimension_at_observation(query, schema)
            scan = self._observations.scan(schema, in_series(query.selection, schema, at_observation), columns)
            return replace(scan, deleted=_in_series(scan.deleted, schema, at_observation))
        # Without the dimension at the observation it is series that are counted and skipped, once each stands there once.
        selection = in_series(query.selection, schema, left_out)
        scan = self._observations.scan(schema, replace(selection, offset=0, limit=None), columns)
        rows = distinct_series(batch.select(columns) for batch in scan.batches)
        return replace(scan, columns=columns, batches=window(rows, selection.offset, selection.limit))

    def _look_up(self, query: DataQuery) -> tuple[Target, ...]:
        by_agreement = query.context is Context.PROVISION_AGREEMENT or query.providers is not None
        targets = self._by_agreement(query) if by_agreement else self._by_structure(query)
        if not targets:
            raise _unknown(query)
        return targets

    def _by_structure(self, query: DataQuery) -> tuple[Target, ...]:
        context = Context.DATAFLOW if query.context is Context.ANY else query.context
        records = self._matching(query, _KIND[context])
        if context is Context.DATAFLOW:
            return tuple(Target(context, self._schemas.of(record.urn)) for record in records)
        flows = self._artefacts.referrers([record.urn for record in records])
        return tuple(Target(context, self._schemas.of(record.urn)) for record in flows if record.kind == "Dataflow")

    def _by_agreement(self, query: DataQuery) -> tuple[Target, ...]:
        if query.context is Context.PROVISION_AGREEMENT:
            records = self._matching(query, "ProvisionAgreement")
        else:
            flows = [record.urn for record in self._matching(query, "Dataflow")]
            records = [record for record in self._artefacts.referrers(flows) if record.kind == "ProvisionAgreement"]
        agreements = [a for a in self._artefacts.load(records) if isinstance(a, ProvisionAgreement) and _provided_by(a, query.providers)]
        context = query.context if query.context is Context.PROVISION_AGREEMENT else Context.DATAFLOW
        schemas = [self._schemas.of(Urn.of(agreement)) for agreement in agreements]
        if context is Context.DATAFLOW:
            schemas = list({dataflow_urn(schema): schema for schema in schemas}.values())
        return tuple(Target(context, schema) for schema in schemas)

    def _matching(self, query: DataQuery, kind: str) -> list[ArtefactRecord]:
        records = self._artefacts.records(kinds={kind}, agencies=query.agencies, ids=query.ids)
        versions = VersionQuery.parse(query.versions)
        groups: dict[tuple[str, str], list[ArtefactRecord]] = {}
        for record in records:
            groups.setdefault((record.urn.agency, record.urn.id), []).append(record)
        return [record for group in groups.values() for record in _selected(versions, group, in_production=query.in_production)]


def _unknown(query: DataQuery) -> Exception:
    what = "dataflow" if query.context is Context.ANY else query.context.value
    if query.ids is None:
        return NothingFound(f"There is no {what} that answers to this query.")
    agencies = ",".join(sorted(query.agencies)) if query.agencies else "*"
    versions = version_text(query.versions, in_production=query.in_production)
    return UnknownArtefact(f"There is no {what} {agencies}:{','.join(sorted(query.ids))}{versions} with data in this registry.")


def _selected(versions: VersionQuery, group: list[ArtefactRecord], *, in_production: bool) -> list[ArtefactRecord]:
    by_version = {Version.parse(record.urn.version): record for record in group}
    return [by_version[version] for version in versions.select(by_version, in_production=in_production)]


def _provided_by(agreement: ProvisionAgreement, providers: frozenset[tuple[str | None, str]] | None) -> bool:
    if providers is None or agreement.data_provider is None:
        return providers is None
    urn = Urn.parse(agreement.data_provider)
    return any(urn.item == provider and agency in {None, urn.agency} for agency, provider in providers)


def dataflow_urn(schema: DataSchema) -> Urn:
    """The URN of the dataflow through which a schema is seen; data are kept per dataflow.

    Raises:
        ValueError: When the schema is that of a bare data structure.
    """
    if schema.dataflow is None:
        raise ValueError(f"{schema.structure.id} is seen without a dataflow")
    return Urn.of(schema.dataflow)


def _datasets(query: DataQuery, target: Target, scan: Scan) -> Iterator[DataSet]:
    """The datasets of one target (standard 1.13): changes since an instant come with what was deleted, history in time slices."""
    partial = query.attributes not in {("dsd",), ("all",)} or query.measures != ("all",)
    base = DataSet(
        schema=target.schema,
        batches=iter(()),
        columns=tuple(column for column in scan.columns if column in target.schema),
        dimension_at_observation=dimension_at_observation(query, target.schema),
        action=Action.MERGE if partial else Action.REPLACE,
        context=target.context,
        valid_from=query.selection.as_of,
        valid_to=query.selection.as_of,
    )
    if VALID_FROM in scan.columns:
        yield from _history(base, scan)
        return
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


def _history(base: DataSet, scan: Scan) -> Iterator[DataSet]:
    """Per transaction, in order: what it deleted without writing it anew (valid until then) and what it wrote (valid from then)."""
    frames = [batch for batch in scan.batches if batch.height]
    if not frames:
        return
    rows = pl.concat(frames)
    keys = [dimension.id for dimension in base.schema.all_dimensions]
    written = {_instant(key): group for key, group in rows.group_by([VALID_FROM], maintain_order=True)}
    successors = rows.select(*keys, pl.col(VALID_FROM).alias(VALID_TO))
    ended = rows.filter(pl.col(VALID_TO).is_not_null()).join(successors, on=[*keys, VALID_TO], how="anti", maintain_order="left")
    deleted = {_instant(key): group for key, group in ended.group_by([VALID_TO], maintain_order=True)}
    for instant in sorted(written.keys() | deleted.keys()):
        if instant in deleted:
            yield replace(base, batches=iter((deleted[instant].select(keys),)), columns=tuple(keys), action=Action.DELETE, valid_to=instant)
        if instant in written:
            yield replace(base, batches=iter((written[instant].drop(VALID_FROM, VALID_TO),)), valid_from=instant)


def _instant(key: tuple[object, ...]) -> datetime:
    instant = key[0]
    if not isinstance(instant, datetime):
        raise TypeError(f"a transaction time must be a datetime, not {instant!r}")
    return instant
