"""Metadata structure definitions. SDMX 2.1 report structures and targets ride along as extension properties."""

from __future__ import annotations

from typing import Annotated, ClassVar

import msgspec

from registry.model.base import Annotable, Identifiable, Maintainable, Reference, SdmxStruct, To
from registry.model.representations import Occurrence, Representation


class MetadataAttribute(Identifiable, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A metadata attribute; children are nested, so its URN holds the path of ids."""

    urn_class: ClassVar[str] = "MetadataAttribute"

    concept_identity: Annotated[Reference, To("Concept")] | None = None
    local_representation: Representation | None = None
    is_presentational: bool | None = None
    min_occurs: int | None = None
    max_occurs: Occurrence | None = None
    metadata_attributes: tuple[MetadataAttribute, ...] = ()


class MetadataAttributeList(Annotable, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """The top-level metadata attributes."""

    urn_class: ClassVar[str] = "MetadataAttributeDescriptor"

    metadata_attributes: tuple[MetadataAttribute, ...] = ()


class TargetObject(Identifiable, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """SDMX 2.1: one part of a metadata target. ``kind`` is the XML element name, e.g. ``KeyDescriptorValuesTarget``."""

    kind: str
    object_type: str | None = None
    local_representation: Annotated[Representation, To()] | None = None


class MetadataTarget(Identifiable, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """SDMX 2.1: what a report can be about."""

    target_objects: tuple[TargetObject, ...] = ()


class ReportStructure(Identifiable, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """SDMX 2.1: one report, the targets it may describe, and the ids of its top-level metadata attributes."""

    metadata_targets: tuple[str, ...] = ()
    metadata_attributes: tuple[str, ...] = ()


class MetadataStructureComponents(SdmxStruct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """The attribute list, and for SDMX 2.1 the targets and reports."""

    metadata_attribute_list: MetadataAttributeList | None = None
    metadata_targets: tuple[MetadataTarget, ...] = msgspec.field(default=(), name="x-metadataTargets")
    report_structures: tuple[ReportStructure, ...] = msgspec.field(default=(), name="x-reportStructures")


class MetadataStructure(Maintainable, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A metadata structure definition (MSD)."""

    urn_class: ClassVar[str] = "MetadataStructure"

    metadata_structure_components: MetadataStructureComponents | None = None
