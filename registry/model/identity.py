"""Identification: the SDMX URN and the reference to a maintainable artefact (Registry Specification, URN syntax)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from registry.errors import InvalidUrn
from registry.model.base import Maintainable
from registry.model.families import FAMILIES
from registry.model.ids import ID, NCNAME

#: Classes of the standard that no family of this registry has: their package, and the class of the artefact they stand in.
_OTHER_CLASSES: Final[dict[str, tuple[str, str | None]]] = {
    "Any": ("base", None),
    **dict.fromkeys(("MeasureDimension", "PrimaryMeasure"), ("datastructure", "DataStructure")),
    "MetadataSet": ("metadatastructure", None),
    **dict.fromkeys(("MetadataTarget", "ReportStructure"), ("metadatastructure", "MetadataStructure")),
    "Process": ("process", None),
    **dict.fromkeys(("ProcessStep", "Transition"), ("process", "Process")),
    **dict.fromkeys(
        (
            "AttachmentConstraint",
            "AvailabilityConstraint",
            "ContentConstraint",
            "MetadataConstraint",
            "MetadataProvisionAgreement",
            "Subscription",
        ),
        ("registry", None),
    ),
    **dict.fromkeys(
        ("CategorySchemeMap", "ConceptSchemeMap", "OrganisationSchemeMap", "ReportingTaxonomyMap"),
        ("structuremapping", None),
    ),
    "ComponentMap": ("structuremapping", "StructureMap"),
    "StructureSet": ("mapping", None),
    **dict.fromkeys(("Hierarchy", "HierarchicalCodelist", "HierarchyAssociation"), ("codelist", None)),
    **dict.fromkeys(("HierarchicalCode", "Level"), ("codelist", "Hierarchy")),
    "ReportingTaxonomy": ("categoryscheme", None),
    "ReportingCategory": ("categoryscheme", "ReportingTaxonomy"),
    **dict.fromkeys(
        (
            "CustomTypeScheme",
            "NamePersonalisationScheme",
            "RulesetScheme",
            "TransformationScheme",
            "UserDefinedOperatorScheme",
            "VtlMappingScheme",
        ),
        ("transformation", None),
    ),
    **{
        item: ("transformation", f"{item}Scheme")
        for item in ("CustomType", "NamePersonalisation", "Ruleset", "Transformation", "UserDefinedOperator")
    },
    **dict.fromkeys(("VtlCodelistMapping", "VtlConceptMapping", "VtlDataflowMapping"), ("transformation", "VtlMappingScheme")),
}

#: SDMX package of each class that can stand in a URN: those of the families, and the others of the standard.
PACKAGE_OF_CLASS: Final[Mapping[str, str]] = MappingProxyType(
    {cls: package for cls, (package, _) in _OTHER_CLASSES.items()}
    | {cls: family.package for family in FAMILIES for cls in (family.urn_class, *family.part_classes)}
)

#: Class of the artefact that holds the items or components of a class; maintainable classes are not listed.
ARTEFACT_OF_CLASS: Final[Mapping[str, str]] = MappingProxyType(
    {cls: artefact for cls, (_, artefact) in _OTHER_CLASSES.items() if artefact is not None}
    | {cls: family.urn_class for family in FAMILIES for cls in family.part_classes}
)

_NUMBER = r"[0-9]+"
_EXTENSION = r"[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)*"
_VERSION = (
    rf"\*|{_NUMBER}(?:\.{_NUMBER})*|{_NUMBER}\.{_NUMBER}\.{_NUMBER}-{_EXTENSION}"
    rf"|{_NUMBER}\+\.{_NUMBER}\.{_NUMBER}|{_NUMBER}\.{_NUMBER}\+\.{_NUMBER}|{_NUMBER}\.{_NUMBER}\.{_NUMBER}\+"
)
_URN = re.compile(
    r"urn:sdmx:org\.sdmx\.infomodel\.(?P<package>[a-z]+)\.(?P<cls>[A-Za-z]+)="
    rf"(?P<agency>{NCNAME}(?:\.{NCNAME})*|\*):(?P<id>{ID}|\*)\((?P<version>{_VERSION})\)"
    rf"(?:\.(?P<item>{ID}(?:\.{ID})*|\*(?:\.\*)*))?"
)


@dataclass(frozen=True, slots=True, order=True)
class Urn:
    """An SDMX URN in parts; ``str()`` gives it back.

    >>> str(Urn.parse("urn:sdmx:org.sdmx.infomodel.codelist.Code=SDMX:CL_FREQ(2.1).A"))
    'urn:sdmx:org.sdmx.infomodel.codelist.Code=SDMX:CL_FREQ(2.1).A'

    Attributes:
        cls: Class name as it stands in the URN, e.g. ``Codelist`` or ``Code``.
        agency: Dotted agency id (``*`` in wildcard references).
        id: Id of the maintainable artefact (``*`` in wildcard references).
        version: Version, or a version reference such as ``2.3+.1`` or ``*``.
        item: Dotted path of the item or component inside the artefact, or None (``*`` in wildcard references).
    """

    cls: str
    agency: str
    id: str
    version: str
    item: str | None = None

    @staticmethod
    def parse(text: str) -> Urn:
        """Read a URN.

        Raises:
            InvalidUrn: When the text does not follow the grammar, or class and package do not belong together.
        """
        return _parse(text)

    @staticmethod
    def of(artefact: Maintainable) -> Urn:
        """The URN of an artefact."""
        return Urn(artefact.urn_class, artefact.agency_id, artefact.id, artefact.version)

    @property
    def package(self) -> str:
        """The SDMX package of the class, e.g. ``codelist``."""
        return PACKAGE_OF_CLASS[self.cls]

    def maintainable(self, cls: str) -> Urn:
        """The URN of the artefact that holds this item, whose class is ``cls``."""
        return Urn(cls, self.agency, self.id, self.version)

    @property
    def artefact(self) -> Urn:
        """The URN of the maintainable artefact this URN points at or into."""
        cls = ARTEFACT_OF_CLASS.get(self.cls, self.cls)
        return self if self.item is None and cls == self.cls else Urn(cls, self.agency, self.id, self.version)

    @property
    def is_wildcard(self) -> bool:
        """True when more than one artefact can answer to this URN: a version reference or a ``*`` in any part."""
        return "+" in self.version or "*" in (self.version, self.id, self.agency)

    def item_urn(self, cls: str, item: str) -> Urn:
        """The URN of an item of class ``cls`` with the (dotted) id ``item`` inside this artefact."""
        return Urn(cls, self.agency, self.id, self.version, item)

    @property
    def short(self) -> str:
        """``AGENCY:ID(VERSION)`` with the item path if any: the form people read."""
        return f"{self.agency}:{self.id}({self.version})" + (f".{self.item}" if self.item else "")

    def __str__(self) -> str:
        return f"urn:sdmx:org.sdmx.infomodel.{self.package}.{self.cls}={self.short}"


@lru_cache(maxsize=65_536)
def _parse(text: str) -> Urn:
    match = _URN.fullmatch(text)
    if match is None:
        raise InvalidUrn(f"{text!r} is not an SDMX URN; expected urn:sdmx:org.sdmx.infomodel.PACKAGE.CLASS=AGENCY:ID(VERSION)[.ITEM]")
    cls, package = match["cls"], match["package"]
    if PACKAGE_OF_CLASS.get(cls) is None:
        raise InvalidUrn(f"{text!r}: {cls!r} is not a class of the SDMX information model")
    if PACKAGE_OF_CLASS[cls] != package and not (package == "mapping" and PACKAGE_OF_CLASS[cls] == "structuremapping"):
        raise InvalidUrn(f"{text!r}: class {cls} belongs to package {PACKAGE_OF_CLASS[cls]!r}, not {package!r}")
    return Urn(cls, match["agency"], match["id"], match["version"], match["item"])
