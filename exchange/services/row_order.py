"""In which order observations leave: as the client asks, with the rows of a series together where series are written."""

from __future__ import annotations

from dataclasses import replace

from exchange.query.values.data_query import ALL_DIMENSIONS, ObservationSelection
from registry.data_schema import DataSchema, Level, Role

#: ``sort=*`` and ``sort=series_key`` (SDMX-REST 2.2.2, data queries).
_ALL, _SERIES_KEY = "*", "series_key"


def in_series(selection: ObservationSelection, schema: DataSchema, at_observation: str) -> ObservationSelection:
    """The selection in an order that keeps each series together: what orders series first, then what orders their observations.

    A series is what has the same values of all dimensions but ``at_observation``. Flat data have no series: their order is as asked.
    """
    asked = ordered_components(selection, schema, at_observation)
    if at_observation == ALL_DIMENSIONS:
        return replace(selection, sort=asked)
    key = [dimension.id for dimension in schema.all_dimensions if dimension.id != at_observation]
    of_series = [(name, down) for name, down in asked if name in key or _holds_for_series(schema, name, at_observation)]
    named = {name for name, _ in asked}
    completed = [*of_series, *((name, False) for name in key if name not in named)]
    inside = [part for part in asked if part not in of_series]
    return replace(selection, sort=(*completed, *inside, *([] if at_observation in named else [(at_observation, False)])))


def ordered_components(selection: ObservationSelection, schema: DataSchema, at_observation: str) -> tuple[tuple[str, bool], ...]:
    """``sort`` with its abbreviations written out; where a component stands twice, the first counts."""
    dimensions = tuple(dimension.id for dimension in schema.all_dimensions)
    abbreviated = {_ALL: dimensions, _SERIES_KEY: tuple(name for name in dimensions if name != at_observation)}
    order: dict[str, bool] = {}
    for component, descending in selection.sort:
        for name in abbreviated.get(component, (component,)):
            order.setdefault(name, descending)
    return tuple(order.items())


def _holds_for_series(schema: DataSchema, name: str, at_observation: str) -> bool:
    component = schema[name]
    if component.role is not Role.ATTRIBUTE or component.level is Level.OBSERVATION:
        return False
    return at_observation not in component.attached_to
