"""Where each component of a dataset stands in a message: in the dataset, a group, the series or the observation."""

from __future__ import annotations

from dataclasses import dataclass

from exchange.codecs.ports import DataSet
from exchange.query.values.data_query import ALL_DIMENSIONS
from registry.data_schema import DataSchema, Level, Role, SchemaComponent
from registry.model.structures import Attribute, Group


@dataclass(frozen=True, slots=True)
class Placement:
    """Component ids by where they are written; only components that the dataset carries.

    Attributes:
        series: Dimensions of the series key; empty when the dataset is flat.
        observation: Dimensions at the level of the observation; all of them when the dataset is flat.
        flat: True when observations stand in the dataset without series.
    """

    flat: bool
    series: tuple[str, ...]
    observation: tuple[str, ...]
    measures: tuple[str, ...]
    dataset_attributes: tuple[str, ...]
    groups: tuple[tuple[Group, tuple[str, ...]], ...]
    series_attributes: tuple[str, ...]
    observation_attributes: tuple[str, ...]

    @property
    def dimensions(self) -> tuple[str, ...]:
        """All dimensions, those of the series first."""
        return self.series + self.observation

    @property
    def has_observations(self) -> bool:
        """False when only series (or their keys) are written."""
        return self.flat or bool(self.observation)


def placement(dataset: DataSet, *, has_free_groups: bool = False) -> Placement:
    """Place the columns of a dataset.

    An attribute of a series is written with the observation when there are no series, or when it depends on the dimension at the
    observation; an attribute of a group whose dimensions the dataset does not carry is written with the series. In a format that
    ``has_free_groups`` every attribute of a part of the key stands with just that part, whether or not the structure names it a group.
    """
    schema, columns = dataset.schema, dataset.columns
    flat = dataset.dimension_at_observation == ALL_DIMENSIONS
    dimensions = tuple(d.id for d in schema.all_dimensions if d.id in columns)
    observation = dimensions if flat else tuple(d for d in dimensions if d == dataset.dimension_at_observation)
    places: dict[Level, list[str]] = {level: [] for level in Level}
    groups: dict[str, tuple[Group, list[str]]] = {}
    series = () if flat else tuple(d for d in dimensions if d not in observation)
    for component in (schema[name] for name in columns if schema[name].role is Role.ATTRIBUTE):
        group = _free_group(component, series, schema) if has_free_groups else _group(schema, component)
        level = component.level or Level.OBSERVATION
        if group is not None and set(group.group_dimensions) <= set(dimensions):
            groups.setdefault(group.id, (group, []))[1].append(component.id)
        elif level in {Level.GROUP, Level.SERIES}:
            within = not flat and dataset.dimension_at_observation not in component.attached_to
            places[Level.SERIES if within else Level.OBSERVATION].append(component.id)
        else:
            places[level].append(component.id)
    return Placement(
        flat=flat,
        series=series,
        observation=observation,
        measures=tuple(name for name in columns if schema[name].role is Role.MEASURE),
        dataset_attributes=tuple(places[Level.DATASET]),
        groups=tuple((group, tuple(names)) for group, names in groups.values()),
        series_attributes=tuple(places[Level.SERIES]),
        observation_attributes=tuple(places[Level.OBSERVATION]),
    )


def _free_group(component: SchemaComponent, series: tuple[str, ...], schema: DataSchema) -> Group | None:
    """The part of the key that an attribute depends on; None for the dataset, the series as they are written, and the whole key."""
    part = component.attached_to
    if not part or set(part) == set(series) or len(part) == len(schema.all_dimensions):
        return None
    return Group(id=".".join(part), group_dimensions=part)


def _group(schema: DataSchema, component: SchemaComponent) -> Group | None:
    if component.level is not Level.GROUP or not isinstance(component.definition, Attribute):
        return None
    relationship = component.definition.attribute_relationship
    named = relationship.group if relationship else None
    return next((g for g in schema.groups if g.id == named or (named is None and g.group_dimensions == component.attached_to)), None)
