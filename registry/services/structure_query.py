"""A structure query, whatever version of SDMX-REST it was written in, as a value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Detail(StrEnum):
    """How much of each artefact is wanted (SDMX-REST ``detail``)."""

    FULL = "full"
    ALL_STUBS = "allstubs"
    REFERENCE_STUBS = "referencestubs"
    ALL_COMPLETE_STUBS = "allcompletestubs"
    REFERENCE_COMPLETE_STUBS = "referencecompletestubs"
    REFERENCE_PARTIAL = "referencepartial"
    RAW = "raw"


class Relation(StrEnum):
    """Which related artefacts are wanted with the matches (SDMX-REST ``references``)."""

    NONE = "none"
    PARENTS = "parents"
    PARENTS_AND_SIBLINGS = "parentsandsiblings"
    ANCESTORS = "ancestors"
    CHILDREN = "children"
    DESCENDANTS = "descendants"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class StructureQuery:
    """Which artefacts, how much of them, and with which related ones.

    Attributes:
        resources: REST resource names (``codelist``, ``dataflow`` ...); None means every family.
        agencies, ids: Admitted values; None means any.
        versions: Version query as written (``~``, ``+``, ``1.0``, ``1.2+.0`` ... comma separated); see ``registry.versions``.
        items: Ids (dotted for nested schemes) of the items wanted; None means all.
        relations: ORed; ``Relation.NONE`` alone means just the matches.
        related_resources: Resource names given in ``references``: related artefacts of these kinds.
        as_of: The state at this instant instead of now.
        in_production: As SDMX-REST 1.5 means it: drafts only on request, and never beside another version of the same number.
    """

    resources: frozenset[str] | None = None
    agencies: frozenset[str] | None = None
    ids: frozenset[str] | None = None
    versions: str = "~"
    items: frozenset[str] | None = None
    detail: Detail = Detail.FULL
    relations: frozenset[Relation] = frozenset({Relation.NONE})
    related_resources: frozenset[str] = frozenset()
    as_of: datetime | None = None
    in_production: bool = False
