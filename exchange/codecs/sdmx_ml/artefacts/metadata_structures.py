"""Metadata structure definitions (SDMXStructureMetadataStructure.xsd).

SDMX 2.1 says what reports are about (metadata targets) and puts the metadata attributes into report structures. In the model the top
attributes of all reports stand in one list, as in SDMX 3, and each report keeps the ids of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from exchange.codecs.sdmx_ml.artefacts.components import read_component, write_component
from exchange.codecs.sdmx_ml.artefacts.representations import (
    METADATA_ATTRIBUTE,
    TARGET_PLACES,
    read_occurrence,
    read_representation,
    write_representation,
)
from exchange.codecs.sdmx_ml.artefacts.shared import read_identification, read_maintenance, read_notes, urn_stem, write_artefact
from exchange.codecs.sdmx_ml.markup import element, flag
from exchange.codecs.sdmx_ml.parsing import Node
from exchange.codecs.sdmx_ml.references import read_locals, write_local
from exchange.codecs.sdmx_ml.writing import Carried, Writing, restored
from registry.model.metadata_structures import (
    MetadataAttribute,
    MetadataAttributeList,
    MetadataStructure,
    MetadataStructureComponents,
    MetadataTarget,
    ReportStructure,
    TargetObject,
)

_FIXED_TARGET_IDS: Final = {
    "KeyDescriptorValuesTarget": "DIMENSION_DESCRIPTOR_VALUES_TARGET",
    "DataSetTarget": "DATA_SET_TARGET",
    "ConstraintContentTarget": "CONSTRAINT_CONTENT_TARGET",
    "ReportPeriodTarget": "REPORT_PERIOD_TARGET",
}
_TARGETS: Final = frozenset({*_FIXED_TARGET_IDS, "IdentifiableObjectTarget"})


def read_metadata_structure(node: Node) -> MetadataStructure:
    """A ``MetadataStructure``."""
    components = node.one("MetadataStructureComponents")
    structure = restored(MetadataStructure(**read_maintenance(node)))
    if components is None:
        return structure
    return _with_components(structure, _read_components(components))


def _with_components(structure: MetadataStructure, read: MetadataStructureComponents) -> MetadataStructure:
    """What an annotation carried (targets, reports) stays beside what stands in the element."""
    carried = structure.metadata_structure_components
    if carried is not None:
        read = msgspec.structs.replace(read, metadata_targets=carried.metadata_targets, report_structures=carried.report_structures)
    return msgspec.structs.replace(structure, metadata_structure_components=read)


def _read_components(node: Node) -> MetadataStructureComponents:
    attributes = node.one("MetadataAttributeList")
    reports = [(report, _attributes_of(report)) for report in node.all("ReportStructure")]
    return MetadataStructureComponents(
        metadata_attribute_list=_merged(reports) if attributes is None else _read_attributes(attributes),
        metadata_targets=tuple([_read_target(target) for target in node.all("MetadataTarget")]),
        report_structures=tuple([_read_report(report, found) for report, found in reports]),
    )


def _attributes_of(node: Node) -> tuple[MetadataAttribute, ...]:
    return tuple([_read_attribute(child) for child in node.all("MetadataAttribute")])


def _read_attributes(node: Node) -> MetadataAttributeList:
    node.all("Link")
    return MetadataAttributeList(**read_notes(node), metadata_attributes=_attributes_of(node))


def _merged(reports: Sequence[tuple[Node, tuple[MetadataAttribute, ...]]]) -> MetadataAttributeList | None:
    """The attributes of all reports in one list; one that stands in several reports is kept once."""
    attributes: dict[str, MetadataAttribute] = {}
    for report, found in reports:
        for attribute in found:
            if attributes.setdefault(attribute.id, attribute) != attribute:
                message = f"metadata attribute {attribute.id!r} differs between reports; the first was kept"
                report.document.note("differing-metadata-attribute", message, report.line)
    return MetadataAttributeList(metadata_attributes=tuple(attributes.values())) if attributes else None


def _read_attribute(node: Node) -> MetadataAttribute:
    attribute = MetadataAttribute(
        **read_component(node),
        is_presentational=node.truth("isPresentational"),
        min_occurs=node.integer("minOccurs"),
        max_occurs=read_occurrence(node),
        metadata_attributes=_attributes_of(node),
    )
    return restored(attribute)


def _read_target(node: Node) -> MetadataTarget:
    objects = tuple([_read_target_object(child) for child in node.children() if child.name in _TARGETS])
    return restored(MetadataTarget(**read_identification(node), target_objects=objects))


def _read_target_object(node: Node) -> TargetObject:
    target = TargetObject(
        **read_identification(node, _FIXED_TARGET_IDS.get(node.name)),
        kind=node.name,
        object_type=node.get("objectType"),
        local_representation=read_representation(node.one("LocalRepresentation")),
    )
    return restored(target)


def _read_report(node: Node, attributes: tuple[MetadataAttribute, ...]) -> ReportStructure:
    return ReportStructure(
        **read_identification(node),
        metadata_targets=read_locals(node.all("MetadataTarget")),
        metadata_attributes=tuple([attribute.id for attribute in attributes]),
    )


def write_metadata_structure(writing: Writing, structure: MetadataStructure) -> str:
    """A ``MetadataStructure``."""
    carried: Carried = {}
    components = structure.metadata_structure_components
    written = ""
    if components is not None:
        writer = _ComponentWriter(writing, structure)
        written = writer.reports(components) if writing.dialect.has_reports else writer.attribute_list(components.metadata_attribute_list)
        if not writing.dialect.has_reports and (not written or components.metadata_targets or components.report_structures):
            carried["metadata_structure_components"] = components
    return write_artefact(writing, "str:MetadataStructure", structure, {}, carried, written)


class _ComponentWriter:
    """Writes the components of one metadata structure."""

    def __init__(self, writing: Writing, structure: MetadataStructure) -> None:
        self._writing = writing
        self._structure = structure

    def attribute_list(self, attributes: MetadataAttributeList | None) -> str:
        """SDMX 3: the list of attributes."""
        if attributes is None or not attributes.metadata_attributes:
            return ""
        stem = urn_stem(self._structure, self._writing, "MetadataAttribute") + "."
        notes = self._writing.annotations(attributes.annotations)
        written = [self._attribute(attribute, stem) for attribute in attributes.metadata_attributes]
        holder = element("str:MetadataAttributeList", {"id": "MetadataAttributeDescriptor"}, notes, *written)
        return element("str:MetadataStructureComponents", None, holder)

    def _attribute(self, attribute: MetadataAttribute, stem: str) -> str:
        children = [self._attribute(child, f"{stem}{attribute.id}.") for child in attribute.metadata_attributes]
        return write_component(
            self._writing,
            "MetadataAttribute",
            attribute,
            stem,
            METADATA_ATTRIBUTE,
            *children,
            minOccurs=None if attribute.min_occurs is None else str(attribute.min_occurs),
            maxOccurs=None if attribute.max_occurs is None else str(attribute.max_occurs),
            isPresentational=flag(attribute.is_presentational),
        )

    def reports(self, components: MetadataStructureComponents) -> str:
        """SDMX 2.1: targets, and reports that hold the attributes."""
        attributes = () if components.metadata_attribute_list is None else components.metadata_attribute_list.metadata_attributes
        targets = tuple(
            [target for target in components.metadata_targets if all(item.kind in TARGET_PLACES for item in target.target_objects)]
        )
        targets = tuple([target for target in targets if target.target_objects])
        by_id = {attribute.id: attribute for attribute in attributes}
        reports = tuple([report for report in components.report_structures if by_id.keys() >= {*report.metadata_attributes}])
        reports = tuple([report for report in reports if report.metadata_attributes and report.metadata_targets])
        if len(targets) < len(components.metadata_targets) or len(reports) < len(components.report_structures):
            self._writing.lose("incomplete-report", "metadata targets without objects, or reports without attributes, were left out")
        if attributes and not (targets and reports):
            reports = (ReportStructure(id="REPORT", metadata_targets=("TARGET",), metadata_attributes=tuple([a.id for a in attributes])),)
            targets = (_ANY_TARGET,)
            self._writing.lose("invented-report", "SDMX 2.1 reports need a target; one for any object was written")
        if not (targets and reports):
            return ""
        written = [*[self._target(target) for target in targets], *[self._report(report, by_id) for report in reports]]
        return element("str:MetadataStructureComponents", None, *written)

    def _target(self, target: MetadataTarget) -> str:
        carried: Carried = {}
        stem = urn_stem(self._structure, self._writing, "MetadataTarget") + "."
        objects = [self._target_object(item) for item in target.target_objects]
        head = self._writing.identifiable(target, carried)
        return element("str:MetadataTarget", self._writing.identity(target, stem + target.id), head, *objects)

    def _target_object(self, target: TargetObject) -> str:
        carried: Carried = {}
        representation = write_representation(
            self._writing,
            "str:LocalRepresentation",
            target.local_representation,
            TARGET_PLACES[target.kind],
            carried,
            "local_representation",
        )
        head = self._writing.identifiable(target, carried)
        return element(f"str:{target.kind}", {"id": target.id, "uri": target.uri, "objectType": target.object_type}, head, representation)

    def _report(self, report: ReportStructure, attributes: dict[str, MetadataAttribute]) -> str:
        carried: Carried = {}
        stem = urn_stem(self._structure, self._writing, "ReportStructure") + "."
        inner = urn_stem(self._structure, self._writing, "MetadataAttribute") + f".{report.id}."
        written = [self._attribute(attributes[name], inner) for name in report.metadata_attributes if name in attributes]
        targets = [write_local("str:MetadataTarget", name, self._writing.dialect, "MetadataTarget") for name in report.metadata_targets]
        head = self._writing.identifiable(report, carried)
        return element("str:ReportStructure", self._writing.identity(report, stem + report.id), head, *written, *targets)


_ANY_TARGET: Final = MetadataTarget(
    id="TARGET", target_objects=(TargetObject(id="OBJECT", kind="IdentifiableObjectTarget", object_type="Any"),)
)
