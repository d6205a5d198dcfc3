"""SDMX-REST 2.x: path segments and parameters in, query values out (standard 2.2.2, sections data, structure, availability)."""

from __future__ import annotations

from collections.abc import Sequence

from exchange.errors import InvalidQuery, NotServed
from exchange.query.grammar.components import parse_filter
from exchange.query.grammar.identifiers import parse_agencies, parse_ids, parse_items, split_list
from exchange.query.grammar.instants import parse_instant
from exchange.query.grammar.keys import parse_keys_v2
from exchange.query.grammar.nearest import nearest
from exchange.query.grammar.options import parse_availability_references, parse_detail, parse_mode, parse_references, parse_versions
from exchange.query.grammar.resources import ARTEFACT_TYPES
from exchange.query.grammar.urls import Parameters, padded
from exchange.query.grammar.vocabulary import AVAILABILITY_2, DATA_2, SCHEMA_2, STRUCTURE_2, check_names
from exchange.query.values.availability_query import AvailabilityQuery
from exchange.query.values.data_query import Context, DataQuery, ObservationSelection
from registry.model.families import families_by_resource
from registry.services.structure_query import Detail, Relation, StructureQuery

_ANY = frozenset({"*", "all", ""})


def parse_structure(segments: Sequence[str], parameters: Parameters) -> StructureQuery:
    """Read ``/structure/{artefactType}/{agencyID}/{resourceID}/{version}/{itemID}``; every trailing part may be left out.

    Raises:
        InvalidQuery: Names the part that does not follow the grammar.
        NotServed: For artefact types that the standard lists but this service does not hold.
    """
    check_names(parameters, STRUCTURE_2)
    resource, agency, artefact, version, item = padded(segments, 5, "/structure/{artefactType}/{agencyID}/{resourceID}/{version}/{itemID}")
    items = parse_items(item)
    resources = None if resource.lower() in _ANY else frozenset({_artefact_type(resource)})
    if items and not (resources and all(map(_has_items, resources))):
        raise InvalidQuery(f"Items can be asked for in item schemes only; {resource or '*'} has none. Leave out /{item}.")
    relations, related = parse_references(parameters.one("references"))
    return StructureQuery(
        resources=resources,
        agencies=parse_agencies(agency),
        ids=parse_ids(artefact),
        versions=parse_versions(version, default="~"),
        items=items,
        detail=parse_detail(parameters.one("detail")),
        relations=relations,
        related_resources=related,
        as_of=parse_instant("asOf", parameters.one("asOf")),
    )


def parse_data(segments: Sequence[str], parameters: Parameters) -> DataQuery:
    """Read ``/data/{context}/{agencyID}/{resourceID}/{version}/{key}``; every trailing part may be left out.

    Raises:
        InvalidQuery: Names the part or parameter that does not follow the grammar.
    """
    strangers = check_names(parameters, DATA_2)
    context, agency, artefact, version, key = padded(segments, 5, "/data/{context}/{agencyID}/{resourceID}/{version}/{key}")
    return DataQuery(
        context=_context(context or "*"),
        agencies=parse_agencies(agency),
        ids=parse_ids(artefact),
        versions=parse_versions(version, default="*"),
        selection=_selection(key, parameters),
        attributes=split_list(parameters.one("attributes")) or ("dsd",),
        measures=split_list(parameters.one("measures")) or ("all",),
        dimension_at_observation=parameters.one("dimensionAtObservation"),
        strangers=strangers,
    )


def parse_schema(segments: Sequence[str], parameters: Parameters) -> StructureQuery:
    """Read ``/schema/{context}/{agencyID}/{resourceID}/{version}`` as the structures that a schema is made of, reduced to what is in use.

    Raises:
        InvalidQuery: Names the part that does not follow the grammar.
        NotServed: For reference metadata.
    """
    check_names(parameters, SCHEMA_2)
    parameters.boolean("deletion")
    context, agency, artefact, version = padded(segments, 4, "/schema/{context}/{agencyID}/{resourceID}/{version}")
    if context.startswith("metadata"):
        raise NotServed(f"This service does not make schemas of {context} yet.")
    agencies, ids = parse_agencies(agency), parse_ids(artefact)
    if context in _ANY or agencies is None or ids is None or len(agencies) != 1 or len(ids) != 1:
        raise InvalidQuery(
            "A schema query names one artefact; write /schema/dataflow/AGENCY/ID/VERSION (or datastructure, provisionagreement)."
        )
    return StructureQuery(
        resources=frozenset({_context(context).value}),
        agencies=agencies,
        ids=ids,
        versions=parse_versions(version, default="~"),
        detail=Detail.REFERENCE_PARTIAL,
        relations=frozenset({Relation.DESCENDANTS}),
        as_of=parse_instant("asOf", parameters.one("asOf")),
    )


def parse_availability(segments: Sequence[str], parameters: Parameters) -> AvailabilityQuery:
    """Read ``/availability/{context}/{agencyID}/{resourceID}/{version}/{key}/{componentId}``.

    Raises:
        InvalidQuery: Names the part or parameter that does not follow the grammar.
    """
    strangers = check_names(parameters, AVAILABILITY_2)
    template = "/availability/{context}/{agencyID}/{resourceID}/{version}/{key}/{componentId}"
    context, agency, artefact, version, key, component = padded(segments, 6, template)
    if context in _ANY:
        raise InvalidQuery(f"An availability query needs a context: datastructure, dataflow or provisionagreement. Write {template}.")
    data = DataQuery(
        context=_context(context),
        agencies=parse_agencies(agency),
        ids=parse_ids(artefact),
        versions=parse_versions(version, default="*"),
        selection=_selection(key, parameters),
        strangers=strangers,
    )
    components = () if component.lower() in _ANY else split_list(component)
    return AvailabilityQuery(
        data=data,
        components=components,
        available=parse_mode(parameters.one("mode")),
        references=parse_availability_references(parameters.one("references")),
    )


def _artefact_type(text: str) -> str:
    resource = text.lower()
    if resource not in ARTEFACT_TYPES:
        near = nearest(resource, ARTEFACT_TYPES)
        raise InvalidQuery(
            f"{text} is not an artefact type; {f'the nearest is {near}; ' if near else ''}"
            f"write one of {', '.join(sorted(ARTEFACT_TYPES))} or *."
        )
    if not families_by_resource(resource):
        raise NotServed(f"This service does not hold artefacts of type {resource} yet.")
    return resource


def _has_items(resource: str) -> bool:
    return any(family.items for family in families_by_resource(resource))


def _context(text: str) -> Context:
    try:
        return Context(text.lower() if text.lower() != "all" else "*")
    except ValueError as error:
        raise InvalidQuery(f"{text} is not a context; write datastructure, dataflow, provisionagreement or *.") from error


def _selection(key: str, parameters: Parameters) -> ObservationSelection:
    updated_after, as_of = (parse_instant(name, parameters.one(name)) for name in ("updatedAfter", "asOf"))
    if updated_after and as_of and updated_after > as_of:
        raise InvalidQuery("updatedAfter is later than asOf, so nothing could ever match; swap or drop one of them.")
    return ObservationSelection(
        keys=parse_keys_v2(key),
        filters={component: parse_filter(component, text) for component, text in parameters.components().items()},
        updated_after=updated_after,
        as_of=as_of,
        include_history=parameters.boolean("includeHistory"),
        first_n=parameters.integer("firstNObservations", minimum=1),
        last_n=parameters.integer("lastNObservations", minimum=1),
        offset=parameters.integer("offset", minimum=0) or 0,
        limit=parameters.integer("limit", minimum=1),
        sort=parse_sort(parameters.one("sort")),
        reporting_year_start_day=parse_start_day(parameters.one("reportingYearStartDay")),
    )


def parse_sort(text: str | None) -> tuple[tuple[str, bool], ...]:
    """Read ``sort``: component ids joined by ``+``, each with ``:asc`` or ``:desc``; ``*`` and ``series_key`` stay as they are.

    Raises:
        InvalidQuery: When a direction is not known or a component is missing.
    """
    order: list[tuple[str, bool]] = []
    for part in (text or "").split("+"):
        component, _, direction = part.partition(":")
        if text is not None and (not component or direction not in {"", "asc", "desc"}):
            raise InvalidQuery(f"sort={text} is malformed; write for instance sort=REF_AREA+TIME_PERIOD:desc.")
        if component:
            order.append((component, direction == "desc"))
    return tuple(order)


def parse_start_day(text: str | None) -> str:
    """Read ``reportingYearStartDay``, ``--MM-DD``.

    Raises:
        InvalidQuery: When it is not a day of the year.
    """
    if text is None:
        return "--01-01"
    month, _, day = text.removeprefix("--").partition("-")
    lengths = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    valid = len(text) == 7 and text.startswith("--") and month.isdigit() and day.isdigit()
    if not valid or not 1 <= int(month) <= 12 or not 1 <= int(day) <= lengths[int(month) - 1]:
        raise InvalidQuery(f"reportingYearStartDay={text} is not a day of the year; write --MM-DD, for instance --07-01.")
    return text
