"""Which components a data query wants, checked against the data structure it is asked of."""

from __future__ import annotations

from collections.abc import Iterable

from exchange.errors import DoesNotFit, InvalidQuery
from exchange.query.grammar.keys import check_keys
from exchange.query.grammar.nearest import nearest
from exchange.query.values.data_query import ALL_DIMENSIONS, DataQuery
from exchange.query.values.filters import Operator
from registry.data_schema import DataSchema, Level
from registry.model.time_periods import CALENDAR_YEAR_START, REPORTING_YEAR_START_DAY, TimePeriod

#: Words of ``attributes`` and the levels of attachment that they stand for.
ATTRIBUTE_LEVELS = {
    "dsd": frozenset(Level),
    "all": frozenset(Level),
    "dataset": frozenset({Level.DATASET}),
    "series": frozenset({Level.SERIES, Level.GROUP}),
    "obs": frozenset({Level.OBSERVATION}),
    # Reference metadata are not stored with the data, so these two select no component.
    "msd": frozenset(),
    "none": frozenset(),
}
#: Words of ``sort`` that are no component.
SORT_WORDS = frozenset({"*", "series_key"})
_TEXT_OPERATORS = frozenset({Operator.CONTAINS, Operator.NOT_CONTAINS, Operator.STARTS_WITH, Operator.ENDS_WITH})


def wanted_columns(query: DataQuery, schema: DataSchema) -> tuple[str, ...]:
    """Component ids to deliver, in schema order: dimensions, then the wanted measures, then the wanted attributes.

    When neither measures nor observation-level attributes are wanted, the dimension at the observation is left out (time, when data
    are flat): what remains are series.

    Raises:
        DoesNotFit: When ``attributes`` or ``measures`` name something the structure does not have.
    """
    attributes = _attributes(query, schema)
    measures = _measures(query, schema)
    series_only = not measures and all(schema[attribute].level is not Level.OBSERVATION for attribute in attributes)
    dimensions = tuple(component.id for component in schema.all_dimensions)
    if series_only and _asks_for_series(query):
        at_observation = dimension_at_observation(query, schema)
        left_out = schema.time_dimension.id if at_observation == ALL_DIMENSIONS and schema.time_dimension else at_observation
        dimensions = tuple(dimension for dimension in dimensions if dimension != left_out)
        attributes = tuple(attribute for attribute in attributes if left_out not in schema[attribute].attached_to)
    return dimensions + measures + attributes


def dimension_at_observation(query: DataQuery, schema: DataSchema) -> str:
    """The dimension at observation level: as asked, else time, else ``AllDimensions``.

    Raises:
        DoesNotFit: When the structure has no such dimension.
    """
    asked = query.dimension_at_observation
    if asked is None:
        return schema.time_dimension.id if schema.time_dimension else ALL_DIMENSIONS
    if asked.lower() == ALL_DIMENSIONS.lower():
        return ALL_DIMENSIONS
    if asked not in {dimension.id for dimension in schema.all_dimensions}:
        known = [ALL_DIMENSIONS, *(dimension.id for dimension in schema.all_dimensions)]
        raise misfit(f"dimensionAtObservation={asked} is not a dimension of {_name(schema)}", [asked], known)
    return asked


def check_selection(query: DataQuery, schema: DataSchema) -> None:
    """Refuse keys, filters and orders that do not fit the structure.

    Raises:
        DoesNotFit: Names what does not fit and what the structure has.
        InvalidQuery: When an order is asked for of what has none, or a component is written like a parameter.
        InvalidTimePeriod: When a filter on time compares with something that is not a period.
    """
    check_keys(query.selection.keys, tuple(dimension.id for dimension in schema.dimensions))
    check_parameters(query, schema)
    sorted_by = [component for component, _ in query.selection.sort if component not in SORT_WORDS]
    unknown = [component for component in (*query.selection.filters, *sorted_by) if component not in schema]
    if unknown:
        raise misfit(f"{_name(schema)} has no component {', '.join(unknown)}", unknown, [component.id for component in schema.components])
    several = [component for component in sorted_by if schema[component].is_multi_valued or schema[component].is_multilingual]
    if several:
        raise InvalidQuery(f"{', '.join(several)} has several values per observation, which have no order; sort by other components.")
    _check_periods(query, schema)


def check_parameters(query: DataQuery, schema: DataSchema) -> None:
    """Refuse parameters that are called like a component: a filter was meant, and everything would be answered.

    Raises:
        InvalidQuery: Says how to write a filter.
    """
    ids = {component.id.casefold(): component.id for component in schema.components}
    for name in sorted(query.strangers):
        if name.casefold() in ids:
            raise InvalidQuery(f"Parameter {name} is not known; write c[{ids[name.casefold()]}]=VALUE to filter (SDMX-REST 2.x).")


def misfit(text: str, unknown: Iterable[str], known: Iterable[str]) -> DoesNotFit:
    """The error about names that are not known: what is wrong, the nearest names there are, and then all."""
    ids = list(known)
    near = [found for found in (nearest(name, ids, shortest=3) for name in unknown) if found is not None]
    nearby = f"the nearest is {', '.join(near)}; " if near else ""
    return DoesNotFit(f"{text}; {nearby}there are {', '.join(ids)}.", slip=bool(near))


def _check_periods(query: DataQuery, schema: DataSchema) -> None:
    """Periods that are compared must be periods; what is searched as text may be anything."""
    time = schema.time_dimension
    wanted = query.selection.filters.get(time.id) if time else None
    start_day = query.selection.reporting_year_start_day
    # Where observations say themselves when their reporting year starts, the last weeks of a year may exist all the same.
    checks_existence = REPORTING_YEAR_START_DAY not in schema or start_day != CALENDAR_YEAR_START
    for term in (term for terms in wanted.alternatives for term in terms) if wanted else ():
        if term.operator not in _TEXT_OPERATORS:
            period = TimePeriod.parse(term.value)
            if checks_existence:
                period.check_exists(start_day)


def _asks_for_series(query: DataQuery) -> bool:
    return query.measures == ("none",) and query.attributes in {
        ("none",),
        ("series",),
        ("dataset",),
        ("dataset", "series"),
        ("series", "dataset"),
    }


def _attributes(query: DataQuery, schema: DataSchema) -> tuple[str, ...]:
    levels: set[Level] = set()
    named: set[str] = set()
    known = {attribute.id for attribute in schema.attributes}
    for value in query.attributes:
        if value in known:
            named.add(value)
        elif value.lower() in ATTRIBUTE_LEVELS:
            levels |= ATTRIBUTE_LEVELS[value.lower()]
        else:
            text = f"attributes={value} is neither an attribute of {_name(schema)} nor one of {', '.join(ATTRIBUTE_LEVELS)}"
            raise misfit(text, [value], [attribute.id for attribute in schema.attributes])
    return tuple(attribute.id for attribute in schema.attributes if attribute.id in named or attribute.level in levels)


def _measures(query: DataQuery, schema: DataSchema) -> tuple[str, ...]:
    known = tuple(measure.id for measure in schema.measures)
    if "all" in query.measures:
        return known
    named = [value for value in query.measures if value != "none"]
    unknown = [value for value in named if value not in known]
    if unknown:
        raise misfit(f"measures={','.join(unknown)}: {_name(schema)} has no such measure", unknown, ("all", "none", *known))
    return tuple(measure for measure in known if measure in named)


def _name(schema: DataSchema) -> str:
    artefact = schema.dataflow or schema.structure
    return f"{artefact.agency_id}:{artefact.id}({artefact.version})"
