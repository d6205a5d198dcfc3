"""Checks of data structures: component ids, and what attributes, groups and measures say about each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from registry.imports.findings import Findings
from registry.model.ids import IdGrammar
from registry.model.structures import (
    TIME_PERIOD,
    Attribute,
    AttributeRelationship,
    Component,
    DataStructure,
    DataStructureComponents,
)


@dataclass(frozen=True, slots=True)
class _Known:
    """Ids of a data structure that other parts may name."""

    dimensions: frozenset[str]
    measures: frozenset[str]
    groups: frozenset[str]


def check_data_structure(structure: DataStructure, findings: Findings) -> None:
    """The components of a data structure; a stub has none."""
    components = structure.data_structure_components
    if components is None:
        return
    known = _known(components)
    if not components.dimension_list.dimensions:
        findings.refuse("no-dimensions", "dimensionList", "a data structure has at least one dimension besides time")
    _check_components(components, findings)
    _check_groups(components, known, findings)
    for attribute in _attributes(components):
        _check_attribute(attribute, known, findings)
    for usage in components.attribute_list.metadata_attribute_usages if components.attribute_list else ():
        _check_relationship(usage.attribute_relationship, f"metadata attribute {usage.metadata_attribute_reference}", known, findings)


def _known(components: DataStructureComponents) -> _Known:
    time = components.dimension_list.time_dimension
    return _Known(
        dimensions=frozenset(dimension.id for dimension in components.dimension_list.dimensions) | ({time.id} if time else set()),
        measures=frozenset(measure.id for measure in (components.measure_list.measures if components.measure_list else ())),
        groups=frozenset(group.id for group in components.groups),
    )


def _attributes(components: DataStructureComponents) -> tuple[Attribute, ...]:
    return components.attribute_list.attributes if components.attribute_list else ()


def _all_components(components: DataStructureComponents) -> list[tuple[str, Component]]:
    time = components.dimension_list.time_dimension
    return [
        *(("dimension", dimension) for dimension in components.dimension_list.dimensions),
        *([("time dimension", time)] if time else ()),
        *(("measure", measure) for measure in (components.measure_list.measures if components.measure_list else ())),
        *(("attribute", attribute) for attribute in _attributes(components)),
    ]


def _check_components(components: DataStructureComponents, findings: Findings) -> None:
    listed = _all_components(components)
    for component_id, count in Counter(component.id for _, component in listed).items():
        if count > 1:
            findings.refuse(
                "duplicate-component", f"component {component_id}", f"{count} components have this id; ids are unique in a data structure"
            )
    for role, component in listed:
        place = f"{role} {component.id}"
        if not IdGrammar.NCNAME.admits(component.id):
            findings.refuse("invalid-component-id", place, f"{component.id!r} is not a component id; it {IdGrammar.NCNAME.value}")
        if component.concept_identity is None:
            findings.refuse("no-concept", place, "it names no concept; give its conceptIdentity")
        if (component.id == TIME_PERIOD) != (role == "time dimension") and role in {"dimension", "time dimension"}:
            findings.refuse("misnamed-time-dimension", place, f"the time dimension, and no other, has the id {TIME_PERIOD}")


def _check_groups(components: DataStructureComponents, known: _Known, findings: Findings) -> None:
    for group_id, count in Counter(group.id for group in components.groups).items():
        if count > 1:
            findings.refuse("duplicate-group", f"group {group_id}", f"{count} groups have this id")
    for group in components.groups:
        if not group.group_dimensions:
            findings.refuse("empty-group", f"group {group.id}", "it names no dimensions")
        _check_named(group.group_dimensions, known.dimensions, "dimension", f"group {group.id}", findings)


def _check_attribute(attribute: Attribute, known: _Known, findings: Findings) -> None:
    place = f"attribute {attribute.id}"
    if attribute.attribute_relationship is None:
        findings.refuse(
            "no-relationship",
            place,
            "it does not say what it describes; give its attributeRelationship (dataflow, dimensions, group or observation)",
        )
    _check_relationship(attribute.attribute_relationship, place, known, findings)
    _check_named(attribute.measure_relationship, known.measures, "measure", place, findings)


def _check_relationship(relationship: AttributeRelationship | None, place: str, known: _Known, findings: Findings) -> None:
    if relationship is None:
        return
    _check_named(relationship.dimensions, known.dimensions, "dimension", place, findings)
    _check_named([relationship.group] if relationship.group else (), known.groups, "group", place, findings)
    if not (relationship.dataflow or relationship.dimensions or relationship.group or relationship.observation):
        findings.refuse(
            "empty-relationship", place, "its attributeRelationship is empty; name the dataflow, dimensions, a group or the observation"
        )


def _check_named(named: Iterable[str], known: Collection[str], word: str, place: str, findings: Findings) -> None:
    for name in named:
        if name not in known:
            findings.refuse("unknown-component", place, f"it names the {word} {name!r}, which the data structure does not have")
