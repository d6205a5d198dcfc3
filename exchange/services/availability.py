"""Answering availability queries: what exists, as a constraint, with the structures it refers to (SDMX-REST availability)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from exchange.observations.ports import Availability, ObservationStore
from exchange.query.values.availability_query import AvailabilityQuery
from exchange.query.values.data_query import Context, DataQuery, ObservationSelection
from exchange.services.data import DataQueries
from exchange.services.fitting import whatever_fits
from exchange.services.selection import misfit
from exchange.services.targets import Target
from registry.data_schema import DataSchema
from registry.model.base import Maintainable
from registry.model.codelists import AnyCodelist
from registry.model.constraints import (
    AvailabilityAttachment,
    AvailabilityConstraint,
    ComponentSelection,
    CubeRegion,
    SelectedValue,
    TimePeriodBound,
    TimeRange,
)
from registry.model.families import family_of
from registry.model.identity import Urn
from registry.model.messages import StructureMessage
from registry.model.provision import ProvisionAgreement
from registry.references.partial import with_used_items
from registry.services.schemas import SchemaReader
from registry.services.snapshots import snapshot_of
from registry.services.structure_query import StructureQuery
from registry.services.structures import answer
from registry.store.ports import ArtefactStore


class AvailabilityQueries:
    """Answers availability queries from the observation store, with partial structures from the registry."""

    def __init__(self, artefacts: ArtefactStore, schemas: SchemaReader, data: DataQueries, observations: ObservationStore) -> None:
        self._artefacts = artefacts
        self._schemas = schemas
        self._data = data
        self._observations = observations

    def answer(self, query: AvailabilityQuery) -> StructureMessage:
        """One availability constraint per dataset in question, and the artefacts that ``references`` asks for.

        Raises:
            InvalidQuery: When key, filters or components do not fit the structure.
            NothingFound: When no artefact answers to the identification, or none is named and none fits.
        """
        with whatever_fits(query.data):
            return self._answer(query)

    def _answer(self, query: AvailabilityQuery) -> StructureMessage:
        constraints: list[AvailabilityConstraint] = []
        artefacts: dict[Urn, Maintainable] = {}
        for target, components, fitted in self._fitting(query):
            found = self._observations.availability(target.schema, fitted.selection, available=query.available)
            constraints.append(_constraint(target, components, found))
            for artefact in self._references(query, target.schema, components, found):
                artefacts.setdefault(Urn.of(artefact), artefact)
        return StructureMessage(artefacts=tuple(artefacts.values()), availability=tuple(constraints))

    def _fitting(self, query: AvailabilityQuery) -> list[tuple[Target, tuple[str, ...], DataQuery]]:
        """The datasets that a query fits, with the dimensions to report; one that has none of those asked for does not fit."""
        datasets = self._data.fitting(query.data)
        known = {dimension.id: None for target, _ in datasets for dimension in target.schema.all_dimensions}
        unknown = [component for component in query.components if component not in known]
        if unknown:
            names = ", ".join(target.schema.structure.id for target, _ in datasets)
            raise misfit(f"{', '.join(unknown)} is not a dimension of {names}", unknown, known)
        reported = [(target, _components(query, target.schema), fitted) for target, fitted in datasets]
        return [(target, components, fitted) for target, components, fitted in reported if components]

    def of_dataflows(self, dataflows: Iterable[Urn]) -> tuple[AvailabilityConstraint, ...]:
        """What dataflows hold, without the time span; those that hold nothing are left out.

        SDMX-REST 1.x clients look for such constraints among the references of a dataflow, and some of them stumble over a time range
        there (pandasdmx).
        """
        found = []
        for urn in dataflows:
            if self._observations.last_updated(urn) is not None:
                target = Target(Context.DATAFLOW, self._schemas.of(urn))
                availability = self._observations.availability(target.schema, ObservationSelection())
                found.append(_constraint(target, tuple(dimension.id for dimension in target.schema.dimensions), availability))
        return tuple(found)

    def _references(
        self, query: AvailabilityQuery, schema: DataSchema, components: Sequence[str], found: Availability
    ) -> Iterable[Maintainable]:
        wanted = query.references
        if "dataflow" in wanted and schema.dataflow is not None:
            yield schema.dataflow
        if "datastructure" in wanted:
            yield schema.structure
        yield from self._concept_schemes(schema) if "conceptscheme" in wanted else ()
        yield from self._providers(schema) if "dataproviderscheme" in wanted else ()
        for codelist, values in _values_by_codelist(schema, components, found):
            if family_of(type(codelist)).resource in wanted:
                yield with_used_items(codelist, values)

    def _concept_schemes(self, schema: DataSchema) -> Iterable[Maintainable]:
        used: dict[Urn, set[str]] = {}
        for component in schema.components:
            if component.definition.concept_identity:
                urn = Urn.parse(component.definition.concept_identity)
                used.setdefault(urn.maintainable("ConceptScheme"), set()).add(urn.item or "")
        for scheme in self._load(used):
            yield with_used_items(scheme, frozenset(used[Urn.of(scheme)]))

    def _providers(self, schema: DataSchema) -> Iterable[Maintainable]:
        """The schemes of the providers that report: those of the agreement in question, or of every agreement on the dataflow."""
        if schema.provision_agreement is not None:
            agreements = [schema.provision_agreement]
        else:
            flows = [Urn.of(schema.dataflow)] if schema.dataflow else []
            referrers = {urn for found in snapshot_of(self._artefacts).parents(flows).values() for urn in found}
            loaded = snapshot_of(self._artefacts).load(sorted(referrers)).values()
            agreements = [artefact for artefact in loaded if isinstance(artefact, ProvisionAgreement)]
        used: dict[Urn, set[str]] = {}
        for provider in (Urn.parse(agreement.data_provider) for agreement in agreements if agreement.data_provider):
            used.setdefault(provider.maintainable("DataProviderScheme"), set()).add(provider.item or "")
        for scheme in self._load(used):
            yield with_used_items(scheme, frozenset(used[Urn.of(scheme)]))

    def _load(self, urns: Iterable[Urn]) -> Iterable[Maintainable]:
        for urn in urns:
            query = StructureQuery(
                resources=frozenset({urn.cls.lower()}), agencies=frozenset({urn.agency}), ids=frozenset({urn.id}), versions=urn.version
            )
            yield from answer(self._artefacts, query).artefacts


def _components(query: AvailabilityQuery, schema: DataSchema) -> tuple[str, ...]:
    known = tuple(dimension.id for dimension in schema.all_dimensions)
    return tuple(component for component in query.components if component in known) if query.components else known


def _constraint(target: Target, components: Sequence[str], found: Availability) -> AvailabilityConstraint:
    selections = [
        ComponentSelection(id=component, values=tuple(SelectedValue(value=value) for value in found.values.get(component, ())))
        for component in components
        if found.values.get(component)
    ]
    time = target.schema.time_dimension
    if time is not None and time.id in components and found.start is not None and found.end is not None:
        span = TimeRange(start_period=TimePeriodBound(period=found.start), end_period=TimePeriodBound(period=found.end))
        selections.append(ComponentSelection(id=time.id, time_range=span))
    return AvailabilityConstraint(
        constraint_attachment=_attachment(target),
        cube_region=CubeRegion(include=True, key_values=tuple(selections)),
        series_count=found.series_count,
        obs_count=found.obs_count,
    )


def _attachment(target: Target) -> AvailabilityAttachment:
    schema = target.schema
    if target.context is Context.DATASTRUCTURE:
        return AvailabilityAttachment(data_structure=str(Urn.of(schema.structure)))
    if target.context is Context.PROVISION_AGREEMENT and schema.provision_agreement is not None:
        return AvailabilityAttachment(provision_agreement=str(Urn.of(schema.provision_agreement)))
    return AvailabilityAttachment(dataflow=str(Urn.of(schema.dataflow)) if schema.dataflow else None)


def _values_by_codelist(schema: DataSchema, components: Sequence[str], found: Availability) -> Iterable[tuple[AnyCodelist, frozenset[str]]]:
    """Codelists of the reported dimensions with the values in use; several dimensions may share a list."""
    used: dict[Urn, set[str]] = {}
    lists = {}
    for dimension in schema.dimensions:
        if dimension.id in components and dimension.codelist is not None:
            urn = Urn.of(dimension.codelist)
            lists[urn] = dimension.codelist
            used.setdefault(urn, set()).update(found.values.get(dimension.id, ()))
    return [(lists[urn], frozenset(values)) for urn, values in used.items()]
