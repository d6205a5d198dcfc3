"""Concept schemes (SDMX 3.1 Section 2, concepts)."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from registry.model.base import Maintainable, Nameable, SdmxStruct
from registry.model.representations import Representation


class IsoConceptReference(SdmxStruct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A concept of an ISO 11179 registry."""

    concept_agency: str
    concept_scheme_id: str = msgspec.field(name="conceptSchemeID")
    concept_id: str = msgspec.field(name="conceptID")


class Concept(Nameable, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A unit of meaning; ``parent`` is the id of another concept of the same scheme."""

    urn_class: ClassVar[str] = "Concept"

    core_representation: Representation | None = None
    iso_concept_reference: IsoConceptReference | None = None
    parent: str | None = None


class ConceptScheme(Maintainable, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A list of concepts."""

    urn_class: ClassVar[str] = "ConceptScheme"

    is_partial: bool = False
    concepts: tuple[Concept, ...] = ()
