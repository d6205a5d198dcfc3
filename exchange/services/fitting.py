"""What a query that is about several datasets means for each of them.

Filters and keys say which datasets are meant: one that lacks a filtered component holds nothing that matches and is passed over. What
says how much of each observation is wanted, and how it is arranged, counts as far as a dataset has it. What no dataset has is a slip when
datasets are named or a near name exists; else nothing matches.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from exchange.errors import DoesNotFit, NothingFound
from exchange.query.values.data_query import ALL_DIMENSIONS, DataQuery
from exchange.services.selection import ATTRIBUTE_LEVELS, SORT_WORDS, check_parameters, check_selection, misfit
from exchange.services.targets import Target
from registry.data_schema import DataSchema


def fitting(query: DataQuery, targets: Sequence[Target]) -> list[tuple[Target, DataQuery]]:
    """The datasets that a query fits, each with the query as far as it is about that dataset.

    Raises:
        DoesNotFit: When the one dataset, or each of several, lacks a component that is named, or has fewer dimensions than the key.
        NothingFound: When every component that is named is one of some dataset, but no dataset has all of them.
        InvalidQuery: As :func:`~exchange.services.selection.check_selection` says.
    """
    if len(targets) == 1:
        check_selection(query, targets[0].schema)
        return [(targets[0], query)]
    _check_known(query, [target.schema for target in targets])
    found: list[tuple[Target, DataQuery]] = []
    misfits: list[DoesNotFit] = []
    for target in targets:
        try:
            found.append((target, _narrowed(query, target.schema)))
        except DoesNotFit as error:
            misfits.append(error)
    if not found and len(query.selection.filters) > 1:
        raise NothingFound("No dataset has all the components of this query.") from misfits[0]
    if not found:
        raise misfits[0]
    return found


@contextmanager
def whatever_fits(query: DataQuery) -> Iterator[None]:
    """Within this block, a query that names no dataset and fits none finds nothing, unless its names look like a slip.

    Who asks all datasets for those with a component cannot know beforehand whether there is one.

    Raises:
        NothingFound: Says the same as the error about a dataset that is named.
    """
    try:
        yield
    except DoesNotFit as error:
        if query.ids is not None or error.slip:
            raise
        raise NothingFound(str(error)) from error


def _check_known(query: DataQuery, schemas: Sequence[DataSchema]) -> None:
    """Refuse what none of the datasets has: it cannot have been meant."""
    known = dict.fromkeys(component.id for schema in schemas for component in schema.components)
    named = {
        "c": list(query.selection.filters),
        "sort": [component for component, _ in query.selection.sort if component not in SORT_WORDS],
        "attributes": [value for value in query.attributes if value.lower() not in ATTRIBUTE_LEVELS],
        "measures": [value for value in query.measures if value not in {"all", "none"}],
        "dimensionAtObservation": [] if _is_flat(query) else [query.dimension_at_observation or ""],
    }
    for parameter, components in named.items():
        unknown = [component for component in components if component not in known]
        if unknown:
            raise misfit(f"{parameter}: none of the {len(schemas)} datasets has {', '.join(unknown)}", unknown, known)
    for schema in schemas:
        check_parameters(query, schema)


def _narrowed(query: DataQuery, schema: DataSchema) -> DataQuery:
    attributes = tuple(value for value in query.attributes if value.lower() in ATTRIBUTE_LEVELS or value in schema)
    measures = tuple(value for value in query.measures if value in {"all", "none"} or value in schema)
    if not measures or (not attributes and measures == ("none",)):
        raise DoesNotFit(f"{schema.structure.id} has nothing of what is asked for")
    at_observation = query.dimension_at_observation
    has_dimension = _is_flat(query) or any(dimension.id == at_observation for dimension in schema.all_dimensions)
    sort = tuple(
        (component, descending) for component, descending in query.selection.sort if component in SORT_WORDS or component in schema
    )
    narrowed = replace(
        query,
        selection=replace(query.selection, sort=sort),
        attributes=attributes or ("none",),
        measures=measures,
        dimension_at_observation=at_observation if has_dimension else None,
    )
    check_selection(narrowed, schema)
    return narrowed


def _is_flat(query: DataQuery) -> bool:
    return query.dimension_at_observation is None or query.dimension_at_observation.lower() == ALL_DIMENSIONS.lower()
