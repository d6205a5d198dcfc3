"""Which datasets a data or availability query is about: from context, identification and providers to dataflows and agreements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from exchange.errors import NothingFound
from exchange.query.values.data_query import Context, DataQuery
from exchange.services.agreements import Agreements
from registry.caching import Cache
from registry.data_schema import DataSchema
from registry.errors import InvalidArtefact, UnknownArtefact, UnresolvedReference
from registry.model.identity import Urn
from registry.model.provision import ProvisionAgreement
from registry.services.schemas import SchemaReader
from registry.store.ports import ArtefactRecord, ArtefactStore
from registry.versions import Version, VersionQuery, version_text


@dataclass(frozen=True)
class Target:
    """One dataset that a query is about: the schema to read it with and the context to present it in.

    Attributes:
        agreements: Under which provision agreements its observations were reported, as
            :attr:`~exchange.query.values.data_query.ObservationSelection.agreements` says it; None means under any or none.
    """

    context: Context
    schema: DataSchema
    agreements: frozenset[str | None] | None = None

    def select(self, query: DataQuery) -> DataQuery:
        """The query, for the observations of this dataset."""
        return query if self.agreements is None else replace(query, selection=replace(query.selection, agreements=self.agreements))


class TargetFinder:
    """Finds the datasets of queries in the registry, and remembers them while it stays as it is."""

    def __init__(self, artefacts: ArtefactStore, schemas: SchemaReader) -> None:
        self._artefacts = artefacts
        self._schemas = schemas
        self._agreements = Agreements(artefacts, schemas)
        self._found = Cache[tuple[object, ...], tuple[Target, ...]](most=1_000)

    def find(self, query: DataQuery) -> tuple[Target, ...]:
        """The datasets a query is about, whether or not they hold data; each dataflow once, or each agreement.

        Where several artefacts answer, those that no data can belong to are passed over: stubs, and what refers to something that is
        not stored.

        Raises:
            UnknownArtefact: When the artefact that is named does not exist.
            NothingFound: When none is named and there is none.
            InvalidArtefact, UnresolvedReference: When nothing but such an artefact answers.
        """
        key = (query.context, query.agencies, query.ids, query.versions, query.providers, query.in_production)
        return self._found.find(key, lambda: self._look_up(query), self._artefacts.revision())

    def _look_up(self, query: DataQuery) -> tuple[Target, ...]:
        if query.providers is not None:
            found = self._of_providers(query)
        elif query.context is Context.ANY:
            found = self._of_anything(query)
        else:
            found = self._in_context(query, query.context)
        if not found:
            raise _unknown(query)
        return tuple(found)

    def _in_context(self, query: DataQuery, context: Context) -> list[Target]:
        match context:
            case Context.DATASTRUCTURE:
                return self._of_structures(query)
            case Context.PROVISION_AGREEMENT:
                return self._of_agreements(query)
            case _:
                return [Target(Context.DATAFLOW, schema) for schema in self._readable(self._matching(query, "Dataflow"))]

    def _of_anything(self, query: DataQuery) -> list[Target]:
        """What the context ``*`` finds. A dataflow that is found in several ways is one dataset, and the whole of it."""
        found: list[Target] = []
        unreadable: list[InvalidArtefact | UnresolvedReference] = []
        for context in (Context.DATAFLOW, Context.DATASTRUCTURE, Context.PROVISION_AGREEMENT):
            known = {dataflow_urn(target.schema) for target in found}
            try:
                found += [target for target in self._in_context(query, context) if dataflow_urn(target.schema) not in known]
            except (InvalidArtefact, UnresolvedReference) as error:
                unreadable.append(error)
        if unreadable and not found:
            raise unreadable[0]
        return found

    def _of_structures(self, query: DataQuery) -> list[Target]:
        structures = {record.urn for record in self._matching(query, "DataStructure")}
        flows = [record for record in self._artefacts.referrers(structures) if record.kind == "Dataflow"]
        schemas = self._readable(flows)
        return [Target(Context.DATASTRUCTURE, schema) for schema in schemas if Urn.of(schema.structure) in structures]

    def _of_agreements(self, query: DataQuery) -> list[Target]:
        found = self._readable(self._matching(query, "ProvisionAgreement"))
        return [Target(Context.PROVISION_AGREEMENT, schema, self._reported_under([schema])) for schema in found]

    def _reported_under(self, seen: Sequence[DataSchema]) -> frozenset[str | None]:
        """Whose observations answer for the agreements that some schemas of one dataflow are seen through."""
        agreements = [schema.provision_agreement for schema in seen if schema.provision_agreement is not None]
        return self._agreements.reported_under(agreements, dataflow_urn(seen[0]))

    def _of_providers(self, query: DataQuery) -> list[Target]:
        """SDMX-REST 1.x: dataflows for which providers report, and of them what these reported."""
        flows = {record.urn for record in self._matching(query, "Dataflow")}
        records = [record for record in self._artefacts.referrers(flows) if record.kind == "ProvisionAgreement"]
        provided = [
            record
            for record, agreement in zip(records, self._artefacts.load(records), strict=True)
            if isinstance(agreement, ProvisionAgreement) and _provided_by(agreement, query.providers)
        ]
        by_flow: dict[Urn, list[DataSchema]] = {}
        for schema in self._readable(provided):
            by_flow.setdefault(dataflow_urn(schema), []).append(schema)
        return [
            Target(Context.DATAFLOW, seen[0] if len(seen) == 1 else self._schemas.of(urn), self._reported_under(seen))
            for urn, seen in by_flow.items()
            if urn in flows
        ]

    def _matching(self, query: DataQuery, kind: str) -> list[ArtefactRecord]:
        records = self._artefacts.records(kinds={kind}, agencies=query.agencies, ids=query.ids)
        versions = VersionQuery.parse(query.versions)
        groups: dict[tuple[str, str], list[ArtefactRecord]] = {}
        for record in records:
            groups.setdefault((record.urn.agency, record.urn.id), []).append(record)
        return [record for group in groups.values() for record in _selected(versions, group, in_production=query.in_production)]

    def _readable(self, records: Iterable[ArtefactRecord]) -> list[DataSchema]:
        """The schemas of artefacts, without those that cannot be read; when none can, the reason is raised."""
        found: list[DataSchema] = []
        unreadable: list[InvalidArtefact | UnresolvedReference] = []
        for record in records:
            try:
                found.append(self._schemas.of(record.urn))
            except (InvalidArtefact, UnresolvedReference) as error:
                unreadable.append(error)
        if unreadable and not found:
            raise unreadable[0]
        return found


def dataflow_urn(schema: DataSchema) -> Urn:
    """The URN of the dataflow through which a schema is seen; data are kept per dataflow.

    Raises:
        ValueError: When the schema is that of a bare data structure.
    """
    if schema.dataflow is None:
        raise ValueError(f"{schema.structure.id} is seen without a dataflow")
    return Urn.of(schema.dataflow)


def _unknown(query: DataQuery) -> Exception:
    if query.providers is not None:
        names = ", ".join(sorted(f"{agency}:{provider}" if agency else provider for agency, provider in query.providers))
        return NothingFound(f"No provision agreement says that {names} reports what is asked for; leave out the provider, or write all.")
    what = "dataflow, data structure or provision agreement" if query.context is Context.ANY else query.context.value
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
