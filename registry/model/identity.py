"""Identification: the SDMX URN and the reference to a maintainable artefact (Registry Specification, URN syntax)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from registry.errors import InvalidUrn
from registry.model.base import Maintainable

#: SDMX package of each class that can stand in a URN.
PACKAGE_OF_CLASS: dict[str, str] = {
    **dict.fromkeys(
        (
            "Any",
            "Agency",
            "AgencyScheme",
            "DataConsumer",
            "DataConsumerScheme",
            "DataProvider",
            "DataProviderScheme",
            "MetadataProvider",
            "MetadataProviderScheme",
            "OrganisationUnit",
            "OrganisationUnitScheme",
        ),
        "base",
    ),
    **dict.fromkeys(
        (
            "AttributeDescriptor",
            "DataAttribute",
            "Dataflow",
            "DataStructure",
            "Dimension",
            "DimensionDescriptor",
            "GroupDimensionDescriptor",
            "Measure",
            "MeasureDescriptor",
            "MeasureDimension",
            "PrimaryMeasure",
            "TimeDimension",
        ),
        "datastructure",
    ),
    **dict.fromkeys(
        (
            "MetadataAttribute",
            "MetadataAttributeDescriptor",
            "MetadataStructure",
            "Metadataflow",
            "MetadataSet",
            "MetadataTarget",
            "ReportStructure",
        ),
        "metadatastructure",
    ),
    **dict.fromkeys(("Process", "ProcessStep", "Transition"), "process"),
    **dict.fromkeys(
        (
            "AttachmentConstraint",
            "AvailabilityConstraint",
            "ContentConstraint",
            "DataConstraint",
            "MetadataConstraint",
            "MetadataProvisionAgreement",
            "ProvisionAgreement",
            "Subscription",
        ),
        "registry",
    ),
    **dict.fromkeys(
        (
            "CategorySchemeMap",
            "ComponentMap",
            "ConceptSchemeMap",
            "DatePatternMap",
            "EpochMap",
            "FrequencyFormatMapping",
            "OrganisationSchemeMap",
            "ReportingTaxonomyMap",
            "RepresentationMap",
            "StructureMap",
        ),
        "structuremapping",
    ),
    **dict.fromkeys(("StructureSet",), "mapping"),
    **dict.fromkeys(
        ("Code", "Codelist", "HierarchicalCode", "HierarchicalCodelist", "Hierarchy", "HierarchyAssociation", "Level", "ValueList"),
        "codelist",
    ),
    **dict.fromkeys(("Categorisation", "Category", "CategoryScheme", "ReportingCategory", "ReportingTaxonomy"), "categoryscheme"),
    **dict.fromkeys(("Concept", "ConceptScheme"), "conceptscheme"),
    **dict.fromkeys(
        (
            "CustomType",
            "CustomTypeScheme",
            "NamePersonalisation",
            "NamePersonalisationScheme",
            "Ruleset",
            "RulesetScheme",
            "Transformation",
            "TransformationScheme",
            "UserDefinedOperator",
            "UserDefinedOperatorScheme",
            "VtlCodelistMapping",
            "VtlConceptMapping",
            "VtlDataflowMapping",
            "VtlMappingScheme",
        ),
        "transformation",
    ),
}

#: Class of the artefact that holds the items or components of a class; maintainable classes are not listed.
ARTEFACT_OF_CLASS: dict[str, str] = {
    "Agency": "AgencyScheme",
    "DataConsumer": "DataConsumerScheme",
    "DataProvider": "DataProviderScheme",
    "MetadataProvider": "MetadataProviderScheme",
    "OrganisationUnit": "OrganisationUnitScheme",
    **dict.fromkeys(
        (
            "AttributeDescriptor",
            "DataAttribute",
            "Dimension",
            "DimensionDescriptor",
            "GroupDimensionDescriptor",
            "Measure",
            "MeasureDescriptor",
            "MeasureDimension",
            "PrimaryMeasure",
            "TimeDimension",
        ),
        "DataStructure",
    ),
    **dict.fromkeys(("MetadataAttribute", "MetadataAttributeDescriptor", "MetadataTarget", "ReportStructure"), "MetadataStructure"),
    **dict.fromkeys(("ProcessStep", "Transition"), "Process"),
    **dict.fromkeys(("ComponentMap", "DatePatternMap", "EpochMap", "FrequencyFormatMapping"), "StructureMap"),
    "Code": "Codelist",
    **dict.fromkeys(("HierarchicalCode", "Level"), "Hierarchy"),
    "Category": "CategoryScheme",
    "ReportingCategory": "ReportingTaxonomy",
    "Concept": "ConceptScheme",
    "CustomType": "CustomTypeScheme",
    "NamePersonalisation": "NamePersonalisationScheme",
    "Ruleset": "RulesetScheme",
    "Transformation": "TransformationScheme",
    "UserDefinedOperator": "UserDefinedOperatorScheme",
    **dict.fromkeys(("VtlCodelistMapping", "VtlConceptMapping", "VtlDataflowMapping"), "VtlMappingScheme"),
}

# The identifier types of the common XML schema; ``[0-9]`` and not ``\d``, which admits the digits of every script.
_NCNAME = r"[A-Za-z][A-Za-z0-9_\-]*"
_ID = r"[A-Za-z0-9_@$\-]+"
_NUMBER = r"[0-9]+"
_EXTENSION = r"[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)*"
_VERSION = (
    rf"\*|{_NUMBER}(?:\.{_NUMBER})*|{_NUMBER}\.{_NUMBER}\.{_NUMBER}-{_EXTENSION}"
    rf"|{_NUMBER}\+\.{_NUMBER}\.{_NUMBER}|{_NUMBER}\.{_NUMBER}\+\.{_NUMBER}|{_NUMBER}\.{_NUMBER}\.{_NUMBER}\+"
)
_URN = re.compile(
    r"urn:sdmx:org\.sdmx\.infomodel\.(?P<package>[a-z]+)\.(?P<cls>[A-Za-z]+)="
    rf"(?P<agency>{_NCNAME}(?:\.{_NCNAME})*|\*):(?P<id>{_ID}|\*)\((?P<version>{_VERSION})\)"
    rf"(?:\.(?P<item>{_ID}(?:\.{_ID})*|\*(?:\.\*)*))?"
)
_ID_TYPE = re.compile(_ID)
_NCNAME_TYPE = re.compile(_NCNAME)
_NESTED_NCNAME_TYPE = re.compile(rf"{_NCNAME}(?:\.{_NCNAME})*")


def is_id(text: str) -> bool:
    """Whether a text is an ``IDType``: the ids of most artefacts and items."""
    return _ID_TYPE.fullmatch(text) is not None


def is_ncname_id(text: str) -> bool:
    """Whether a text is an ``NCNameIDType``: ids that are also XML names (concepts, components, agencies)."""
    return _NCNAME_TYPE.fullmatch(text) is not None


def is_agency_id(text: str) -> bool:
    """Whether a text is a ``NestedNCNameIDType``: the dotted id of a maintenance agency."""
    return _NESTED_NCNAME_TYPE.fullmatch(text) is not None


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
