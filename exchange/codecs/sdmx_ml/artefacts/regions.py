"""Cube regions and key sets: which values of which components (SDMXStructureConstraint.xsd; SDMX 2.1: SDMXCommon.xsd).

The schema says less about a value in one place than in another, and SDMX 2.1 less than 3. What is written is what the place admits;
where two forms mean the same (a key with two values and two keys with one) the admitted one is written.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product
from typing import Final, Literal, TypeVar

import msgspec

from exchange.codecs.sdmx_ml.artefacts.codelists import read_cascade, write_cascade
from exchange.codecs.sdmx_ml.artefacts.shared import read_notes
from exchange.codecs.sdmx_ml.dialect import XmlDialect
from exchange.codecs.sdmx_ml.markup import element, escape, flag
from exchange.codecs.sdmx_ml.parsing import Node, Unreadable
from exchange.codecs.sdmx_ml.writing import Writing
from registry.model.base import SdmxStruct
from registry.model.constraints import ComponentSelection, CubeRegion, DataKey, DataKeySet, SelectedValue, TimePeriodBound, TimeRange

AnyPart = TypeVar("AnyPart", bound=SdmxStruct)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a selection stands, and what may be said there beside the values.

    Attributes:
        needs_values: No values cannot mean all values.
        has_ranges: Time ranges are allowed.
        has_validity: The selection may be limited in time.
        value_facts: What may be said about one value.
    """

    needs_values: bool = False
    has_ranges: bool = True
    has_validity: bool = False
    value_facts: frozenset[str] = frozenset()


_REGION_KEY: Final = _Place(needs_values=True, has_validity=True, value_facts=frozenset({"cascade_values", "valid_from", "valid_to"}))
_REGION_COMPONENT: Final = _Place(value_facts=frozenset({"cascade_values", "lang", "valid_from", "valid_to"}))
_SET_KEY: Final = _Place(needs_values=True, has_ranges=False)
_SET_COMPONENT: Final = _Place(value_facts=frozenset({"cascade_values", "lang"}))


def _settled(node: Node, value: AnyPart) -> AnyPart:
    """What was read from an element, all of whose attributes are known."""
    node.settled()
    return value


def read_cube_region(node: Node) -> CubeRegion:
    """A ``CubeRegion``."""
    region = CubeRegion(
        **read_notes(node),
        include=node.truth("include") is not False,
        key_values=_read_selections(node.all("KeyValue")),
        components=_read_selections([*node.all("Component"), *node.all("Attribute")]),
    )
    return _settled(node, region)


def read_key_set(node: Node) -> DataKeySet:
    """A ``DataKeySet``."""
    keys = tuple([_read_key(key) for key in node.all("Key")])
    return _settled(node, DataKeySet(is_included=node.truth("isIncluded") is not False, keys=keys))


def _read_key(node: Node) -> DataKey:
    if node.truth("include") is False:
        raise Unreadable("a 'Key' cannot be excluded alone; put it into a 'DataKeySet' with isIncluded=\"false\"", node.line)
    key = DataKey(
        **read_notes(node),
        key_values=_read_selections(node.all("KeyValue")),
        components=_read_selections([*node.all("Component"), *node.all("Attribute")]),
        valid_from=node.get("validFrom"),
        valid_to=node.get("validTo"),
    )
    return _settled(node, key)


def _read_selections(nodes: Iterable[Node]) -> tuple[ComponentSelection, ...]:
    return tuple([_read_selection(node) for node in nodes])


def _read_selection(node: Node) -> ComponentSelection:
    time_range = node.one("TimeRange")
    selection = ComponentSelection(
        id=node.require("id"),
        include=node.truth("include"),
        remove_prefix=node.truth("removePrefix"),
        valid_from=node.get("validFrom"),
        valid_to=node.get("validTo"),
        values=tuple([_read_value(child) for child in node.all("Value")]),
        time_range=None if time_range is None else _read_range(time_range),
    )
    return _settled(node, selection)


def _read_value(node: Node) -> SelectedValue:
    value = SelectedValue(
        value=node.text,
        cascade_values=read_cascade(node),
        lang=node.get("lang"),
        valid_from=node.get("validFrom"),
        valid_to=node.get("validTo"),
    )
    return _settled(node, value)


def _read_range(node: Node) -> TimeRange:
    time_range = TimeRange(
        before_period=_read_bound(node.one("BeforePeriod")),
        after_period=_read_bound(node.one("AfterPeriod")),
        start_period=_read_bound(node.one("StartPeriod")),
        end_period=_read_bound(node.one("EndPeriod")),
        valid_from=node.get("validFrom"),
        valid_to=node.get("validTo"),
    )
    return _settled(node, time_range)


def _read_bound(node: Node | None) -> TimePeriodBound | None:
    if node is None:
        return None
    return _settled(node, TimePeriodBound(period=node.token, is_inclusive=node.truth("isInclusive") is not False))


def admitted_region(region: CubeRegion, dialect: XmlDialect) -> CubeRegion:
    """A region as the dialect can say it."""
    return msgspec.structs.replace(
        region,
        annotations=region.annotations if dialect.has_links else (),
        key_values=_admitted_selections(region.key_values, _REGION_KEY, dialect),
        components=_admitted_selections(region.components, _REGION_COMPONENT, dialect),
    )


def admitted_key_set(key_set: DataKeySet, dialect: XmlDialect) -> DataKeySet:
    """A key set as the dialect can say it; a key with several values becomes several keys where one value is the rule."""
    keys = [admitted for key in key_set.keys for admitted in _admitted_keys(key, dialect)]
    return DataKeySet(is_included=key_set.is_included, keys=tuple(keys))


def _admitted_keys(key: DataKey, dialect: XmlDialect) -> list[DataKey]:
    selections = _admitted_selections(key.key_values, _SET_KEY, dialect)
    key = msgspec.structs.replace(key, key_values=selections)
    if not dialect.has_value_validity:
        if not selections:
            return []
        key = DataKey(key_values=selections)
    elif key.components:
        key = msgspec.structs.replace(key, components=_admitted_selections(key.components, _SET_COMPONENT, dialect))
    if dialect.has_several_key_values or all(len(selection.values) == 1 for selection in selections):
        return [key]
    choices = product(*[[msgspec.structs.replace(selection, values=(value,)) for value in selection.values] for selection in selections])
    return [msgspec.structs.replace(key, key_values=tuple(choice)) for choice in choices]


def _admitted_selections(selections: tuple[ComponentSelection, ...], place: _Place, dialect: XmlDialect) -> tuple[ComponentSelection, ...]:
    admitted = [_admitted_selection(selection, place, dialect) for selection in selections]
    return tuple([selection for selection in admitted if not place.needs_values or selection.values or selection.time_range is not None])


def _admitted_selection(selection: ComponentSelection, place: _Place, dialect: XmlDialect) -> ComponentSelection:
    has_validity = place.has_validity and dialect.has_value_validity
    time_range = selection.time_range if place.has_ranges else None
    return ComponentSelection(
        id=selection.id,
        include=(selection.include or None) if place is _SET_KEY else selection.include,
        remove_prefix=selection.remove_prefix if dialect.has_value_validity else None,
        valid_from=selection.valid_from if has_validity else None,
        valid_to=selection.valid_to if has_validity else None,
        values=() if time_range is not None else tuple([_admitted_value(value, place, dialect) for value in selection.values]),
        time_range=None if time_range is None else _admitted_range(time_range, place, dialect),
    )


def _admitted_value(value: SelectedValue, place: _Place, dialect: XmlDialect) -> SelectedValue:
    facts = place.value_facts if dialect.has_value_validity else place.value_facts & {"cascade_values"}
    cascade = value.cascade_values
    if not dialect.has_value_validity and cascade == "excluderoot":
        cascade = None
    return SelectedValue(
        value=value.value,
        cascade_values=cascade if "cascade_values" in facts else None,
        lang=value.lang if "lang" in facts else None,
        valid_from=value.valid_from if "valid_from" in facts else None,
        valid_to=value.valid_to if "valid_to" in facts else None,
    )


def _admitted_range(time_range: TimeRange, place: _Place, dialect: XmlDialect) -> TimeRange:
    """A start without an end is the time after it, and an end without a start the time before."""
    start, end = time_range.start_period, time_range.end_period
    has_validity = dialect.has_value_validity and "valid_from" in place.value_facts
    valid_from, valid_to = (time_range.valid_from, time_range.valid_to) if has_validity else (None, None)
    if start is not None and end is not None:
        return TimeRange(start_period=start, end_period=end, valid_from=valid_from, valid_to=valid_to)
    after, before = time_range.after_period or start, time_range.before_period or end
    if after is not None:
        return TimeRange(after_period=after, valid_from=valid_from, valid_to=valid_to)
    return TimeRange(before_period=before, valid_from=valid_from, valid_to=valid_to)


class RegionWriter:
    """Writes regions and key sets; in SDMX 2.1 their content is in the common namespace and says Attribute for Component."""

    def __init__(self, writing: Writing) -> None:
        self._writing = writing
        self._prefix: Literal["com", "str"] = "str" if writing.dialect.has_value_validity else "com"
        self._component = writing.dialect.name("Component")

    def region(self, region: CubeRegion) -> str:
        """A ``CubeRegion``."""
        notes = self._writing.annotations(region.annotations)
        return element("str:CubeRegion", {"include": flag(region.include)}, notes, *self._selections(region.key_values, region.components))

    def key_set(self, key_set: DataKeySet) -> str:
        """A ``DataKeySet``; nothing when it has no keys left."""
        keys = [self._key(key) for key in key_set.keys]
        return element("str:DataKeySet", {"isIncluded": flag(key_set.is_included)}, *keys) if keys else ""

    def _key(self, key: DataKey) -> str:
        notes = self._writing.annotations(key.annotations)
        validity = {"validFrom": key.valid_from, "validTo": key.valid_to}
        return element("str:Key", validity, notes, *self._selections(key.key_values, key.components))

    def _selections(self, keys: tuple[ComponentSelection, ...], components: tuple[ComponentSelection, ...]) -> list[str]:
        return [
            *[self._selection("KeyValue", key) for key in keys],
            *[self._selection(self._component, component) for component in components],
        ]

    def _selection(self, name: str, selection: ComponentSelection) -> str:
        attributes = {
            "id": selection.id,
            "include": flag(selection.include),
            "removePrefix": flag(selection.remove_prefix),
            "validFrom": selection.valid_from,
            "validTo": selection.valid_to,
        }
        content = [self._value(value) for value in selection.values]
        if selection.time_range is not None:
            content.append(self._range(selection.time_range))
        return element(f"{self._prefix}:{name}", attributes, *content)

    def _value(self, value: SelectedValue) -> str:
        attributes = {
            "cascadeValues": write_cascade(value.cascade_values),
            "xml:lang": value.lang,
            "validFrom": value.valid_from,
            "validTo": value.valid_to,
        }
        return element(f"{self._prefix}:Value", attributes, escape(value.value))

    def _range(self, time_range: TimeRange) -> str:
        bounds = {
            "BeforePeriod": time_range.before_period,
            "AfterPeriod": time_range.after_period,
            "StartPeriod": time_range.start_period,
            "EndPeriod": time_range.end_period,
        }
        written = [
            element(f"{self._prefix}:{name}", {"isInclusive": flag(bound.is_inclusive)}, escape(bound.period))
            for name, bound in bounds.items()
            if bound is not None
        ]
        validity = {"validFrom": time_range.valid_from, "validTo": time_range.valid_to}
        return element(f"{self._prefix}:TimeRange", validity, *written)
