"""SDMX-REST 1.x: path segments and parameters in, the same query values out (standard 1.5.0; translation table 1.5 to 2.x)."""

from __future__ import annotations

from collections.abc import Sequence

from exchange.errors import InvalidQuery, NotServed
from exchange.query.grammar.identifiers import parse_agencies, parse_ids, parse_items, split_list
from exchange.query.grammar.instants import parse_instant
from exchange.query.grammar.keys import parse_keys_v1
from exchange.query.grammar.nearest import nearest
from exchange.query.grammar.options import parse_availability_references, parse_detail, parse_mode, parse_references, parse_versions
from exchange.query.grammar.resources import V1_RESOURCES
from exchange.query.grammar.urls import Parameters, padded
from exchange.query.grammar.vocabulary import AVAILABILITY_1, DATA_1, STRUCTURE_1, check_names
from exchange.query.values.availability_query import AvailabilityQuery
from exchange.query.values.data_query import Context, DataQuery, ObservationSelection
from exchange.query.values.filters import ComponentFilter, Operator, Term
from registry.model.families import families_by_resource
from registry.model.structures import TIME_PERIOD
from registry.services.structure_query import StructureQuery

#: ``detail`` of data queries as ``(attributes, measures)``.
_DATA_DETAIL = {
    "full": (("dsd",), ("all",)),
    "dataonly": (("none",), ("all",)),
    "serieskeysonly": (("none",), ("none",)),
    "nodata": (("dataset", "series"), ("none",)),
}


def parse_structure(segments: Sequence[str], parameters: Parameters) -> StructureQuery:
    """Read ``/{resource}/{agencyID}/{resourceID}/{version}/{itemID}``; every trailing part may be left out.

    Raises:
        InvalidQuery: Names the part that does not follow the grammar.
        NotServed: For resources that the standard lists but this service does not hold.
    """
    check_names(parameters, STRUCTURE_1)
    resource, agency, artefact, version, item = padded(segments, 5, "/{resource}/{agencyID}/{resourceID}/{version}/{itemID}")
    if artefact.lower() == "latest" and not version:
        # pandaSDMX leaves out "all" in front of the version.
        artefact, version = "all", artefact
    relations, related = parse_references(parameters.one("references"), V1_RESOURCES)
    return StructureQuery(
        resources=_resources(resource),
        agencies=parse_agencies(agency, "+"),
        ids=parse_ids(artefact, "+"),
        versions=_versions(version),
        items=parse_items(item, "+"),
        detail=parse_detail(parameters.one("detail")),
        relations=relations,
        related_resources=related,
        in_production=True,
    )


def parse_data(segments: Sequence[str], parameters: Parameters) -> DataQuery:
    """Read ``/data/{flowRef}/{key}/{providerRef}``.

    Raises:
        InvalidQuery: Names the part or parameter that does not follow the grammar.
    """
    strangers = check_names(parameters, DATA_1)
    flow, key, provider = padded(segments, 3, "/data/{flowRef}/{key}/{providerRef}")
    detail = (parameters.one("detail") or "full").lower()
    if detail not in _DATA_DETAIL:
        raise InvalidQuery(f"detail={detail} is not known; write {', '.join(_DATA_DETAIL)}.")
    attributes, measures = _DATA_DETAIL[detail]
    agencies, ids, versions = _flow(flow)
    return DataQuery(
        context=Context.DATAFLOW,
        agencies=agencies,
        ids=ids,
        versions=versions,
        selection=_selection(key, parameters),
        attributes=attributes,
        measures=measures,
        dimension_at_observation=parameters.one("dimensionAtObservation"),
        providers=_providers(provider),
        strangers=strangers,
        in_production=True,
    )


def parse_availability(segments: Sequence[str], parameters: Parameters) -> AvailabilityQuery:
    """Read ``/availableconstraint/{flowRef}/{key}/{providerRef}/{componentId}``.

    Raises:
        InvalidQuery: Names the part or parameter that does not follow the grammar.
    """
    strangers = check_names(parameters, AVAILABILITY_1)
    flow, key, provider, component = padded(segments, 4, "/availableconstraint/{flowRef}/{key}/{providerRef}/{componentId}")
    agencies, ids, versions = _flow(flow)
    return AvailabilityQuery(
        data=DataQuery(
            context=Context.DATAFLOW,
            agencies=agencies,
            ids=ids,
            versions=versions,
            selection=_selection(key, parameters),
            providers=_providers(provider),
            strangers=strangers,
            in_production=True,
        ),
        components=() if component.lower() in {"", "all", "*"} else split_list(component, "+"),
        available=parse_mode(parameters.one("mode")),
        references=parse_availability_references(parameters.one("references")),
    )


def _resources(text: str) -> frozenset[str] | None:
    resource = text.lower()
    if resource not in V1_RESOURCES:
        near = nearest(resource, V1_RESOURCES)
        raise InvalidQuery(
            f"{text} is not a resource of SDMX-REST 1.5; {f'the nearest is {near}; ' if near else ''}"
            f"there are {', '.join(sorted(V1_RESOURCES))}."
        )
    names = V1_RESOURCES[resource]
    if names is not None and not any(families_by_resource(name) for name in names):
        raise NotServed(f"This service does not hold artefacts of type {resource} yet.")
    return names


def _versions(text: str) -> str:
    lowered = text.lower()
    if lowered in {"", "latest", "~"}:
        return "~"
    if lowered in {"all", "*"}:
        return "*"
    if text == "+":
        return "+"
    return parse_versions(",".join(version if version.lower() != "latest" else "~" for version in split_list(text, "+")), default="~")


def _flow(text: str) -> tuple[frozenset[str] | None, frozenset[str] | None, str]:
    parts = text.split(",")
    if len(parts) > 3 or not text:
        raise InvalidQuery(f"{text!r} is not a dataflow reference; write AGENCY,ID,VERSION or AGENCY,ID or ID.")
    if len(parts) == 1:
        return None, parse_ids(parts[0]), "~"
    return parse_agencies(parts[0]), parse_ids(parts[1]), _versions(parts[2] if len(parts) == 3 else "")


def _providers(text: str) -> frozenset[tuple[str | None, str]] | None:
    if text.lower() in {"", "all", "*"}:
        return None
    references = (reference.rpartition(",") for reference in split_list(text, "+"))
    return frozenset((agency or None, provider) for agency, _, provider in references)


def _selection(key: str, parameters: Parameters) -> ObservationSelection:
    return ObservationSelection(
        keys=parse_keys_v1(key),
        filters=_period_filter(parameters),
        updated_after=parse_instant("updatedAfter", parameters.one("updatedAfter")),
        include_history=parameters.boolean("includeHistory"),
        first_n=parameters.integer("firstNObservations", minimum=1),
        last_n=parameters.integer("lastNObservations", minimum=1),
    )


def _period_filter(parameters: Parameters) -> dict[str, ComponentFilter]:
    bounds = ((Operator.GREATER_OR_EQUAL, parameters.one("startPeriod")), (Operator.LESS_OR_EQUAL, parameters.one("endPeriod")))
    terms = tuple(Term(operator, period) for operator, period in bounds if period is not None)
    return {TIME_PERIOD: ComponentFilter((terms,))} if terms else {}
