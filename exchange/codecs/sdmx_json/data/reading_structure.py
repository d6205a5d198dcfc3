"""The structure object of an SDMX-JSON data message: which component is what, and how its values are written."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from exchange.codecs.data_reading.batches import structure_of_urn
from exchange.codecs.ports import StructureName
from exchange.errors import MalformedMessage
from exchange.query.values.data_query import Context

Json = Mapping[str, Any]

_HREF = re.compile(
    r"/(?P<kind>dataflow|datastructure|provisionagreement)/(?P<agency>[^/?#]+)/(?P<id>[^/?#]+)/(?P<version>[^/?#]+)", re.IGNORECASE
)
_SENTINEL = object()
_LEVELS = ("dataSet", "dimensionGroup", "series", "observation")


@dataclass(frozen=True, slots=True)
class JsonComponent:
    """A component as the message describes it.

    Attributes:
        values: Texts of its indexed values; empty when values are written as they are.
        default: What an omitted trailing attribute means; None when nothing.
    """

    id: str
    values: tuple[Any, ...] = ()
    default: Any = None
    key_position: int | None = None

    def value(self, written: Any) -> Any:
        """What is meant by a written value: an index, several indexes, or the value itself.

        Raises:
            MalformedMessage: When an index points at nothing.
        """
        if written is None or not self.values:
            return written
        if isinstance(written, list):
            return [self.value(index) for index in written]
        position = int(written) if isinstance(written, int) or (isinstance(written, str) and written.isdecimal()) else -1
        if not 0 <= position < len(self.values):
            raise MalformedMessage(
                f"{self.id}: {written!r} is no index into its {len(self.values)} values. Write a number from 0 to {len(self.values) - 1}."
            )
        return self.values[position]


@dataclass(frozen=True)
class JsonStructure:
    """The components of a structure object, by the place where their values stand.

    Attributes:
        has_annotations: Arrays of values may end in indexes of annotations.
    """

    name: StructureName | None
    dataset_dimensions: Sequence[JsonComponent]
    series_dimensions: Sequence[JsonComponent]
    observation_dimensions: Sequence[JsonComponent]
    measures: Sequence[JsonComponent]
    attributes: Mapping[str, Sequence[JsonComponent]] = field(default_factory=dict)
    has_annotations: bool = False

    @property
    def key(self) -> list[JsonComponent]:
        """All dimensions in the order of the data structure, for keys of dimension groups."""
        dimensions = [*self.dataset_dimensions, *self.series_dimensions, *self.observation_dimensions]
        if all(dimension.key_position is not None for dimension in dimensions):
            return sorted(dimensions, key=lambda dimension: dimension.key_position or 0)
        return dimensions


def read_structure(structure: Json) -> JsonStructure:
    """Read a structure object of version 1.0, 2.0 or 2.1."""
    dimensions, attributes = structure.get("dimensions") or {}, structure.get("attributes") or {}
    measures = structure.get("measures")
    # Without the object there is one measure (field guide, "measures").
    written = [{"id": "OBS_VALUE"}] if measures is None else measures.get("observation") or []
    found = JsonStructure(
        name=_name(structure),
        # The samples of version 1.0 write "dataset".
        dataset_dimensions=_components(dimensions.get("dataSet") or dimensions.get("dataset")),
        series_dimensions=_components(dimensions.get("series")),
        observation_dimensions=_components(dimensions.get("observation")),
        measures=_components(written),
        attributes={level: _components(attributes.get(level) or attributes.get(level.lower())) for level in _LEVELS},
        has_annotations=bool(structure.get("annotations")),
    )
    _check_once(found)
    return found


def _check_once(structure: JsonStructure) -> None:
    """A component that stands twice in one list would have two values for one observation."""
    dimensions = [*structure.dataset_dimensions, *structure.series_dimensions, *structure.observation_dimensions]
    lists = [[*dimensions, *structure.measures, *structure.attributes["observation"]], *structure.attributes.values()]
    for components in lists:
        names = [component.id for component in components]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise MalformedMessage(f"the structure describes {twice} twice. Describe each component once.")


def _components(written: Sequence[Json] | None) -> list[JsonComponent]:
    return [_component(component) for component in written or ()]


def _component(written: Json) -> JsonComponent:
    if "id" not in written:
        raise MalformedMessage(f"a component of the structure has no id: {str(written)[:80]}. Name it.")
    values = tuple(_text(value) for value in written.get("values") or ())
    position = written.get("keyPosition")
    return JsonComponent(str(written["id"]), values, written.get("default"), position if isinstance(position, int) else None)


def _text(value: Any) -> Any:
    """The text of a described value: its id, else the value itself."""
    if not isinstance(value, Mapping):
        return value
    found = next((value[name] for name in ("id", "value", "values") if value.get(name) is not None), _SENTINEL)
    return value.get("names") or value.get("name") if found is _SENTINEL else found


def _name(structure: Json) -> StructureName | None:
    """The structure that the first telling link names, by URN or, in older messages, by address."""
    links = [link for link in structure.get("links") or () if isinstance(link, Mapping)]
    for link in links:
        found = structure_of_urn(str(link.get("urn") or link.get("href") or ""))
        if found:
            return found
    for link in links:
        match = _HREF.search(str(link.get("href") or link.get("uri") or ""))
        if match:
            return Context(match["kind"].lower()), f"{match['agency']}:{match['id']}({match['version']})"
    return None
