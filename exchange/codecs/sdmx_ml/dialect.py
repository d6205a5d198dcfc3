"""What differs between SDMX-ML 2.1, 3.0 and 3.1, as values: namespaces, element names, reference style, and which features exist.

Readers and writers ask a dialect for a fact; they never ask which version it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import Final

XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
XML: Final = "http://www.w3.org/XML/1998/namespace"

_ROOT: Final = "http://www.sdmx.org/resources/sdmxml/schemas"


class ReferenceStyle(Enum):
    """How a message points at an artefact."""

    FIELDS = "fields"  # <Ref agencyID= id= version= class= package=/>
    URN = "urn"


@dataclass(frozen=True, slots=True)
class XmlDialect:
    """One version of SDMX-ML.

    Attributes:
        version: Version of the standard, as in media types.
        schemas: Name of the schema set in namespaces, e.g. ``v3_0``.
        references: How references are written; both styles are always read.
        containers: Elements that ``Structures`` may hold, in the order of the schema; which holds what is said in the catalogue of
            artefacts, one row per family.
        names: Element names that this version has replaced, from the name in SDMX 3.1; see :meth:`name`.
        urn_classes: URN classes that this version calls differently, from the class in SDMX 3.1.
        has_links: ``Link`` elements, ``AnnotationValue`` and more than one annotation URL.
        has_final_flag: ``isFinal`` instead of final semantic versions.
        has_legacy_versions_only: No semantic versions with an extension, and no wildcards in references.
        has_partial_languages: ``isPartialLanguage``.
        has_primary_measure: One ``PrimaryMeasure`` instead of measures.
        has_multiple_values: ``minOccurs`` and ``maxOccurs`` of representations, sentinel values.
        has_constraint_roles: ``role`` and release calendars of constraints; availability is a constraint with role Actual.
        has_reference_periods: ``ReferencePeriod`` of constraints.
        has_value_validity: Validity periods, wildcards and prefixes in constraints.
        has_several_key_values: A component of a key may have several values.
        has_dimension_constraints: ``DimensionConstraint`` of dataflows and ``evolvingStructure``.
        has_reports: Metadata targets and report structures of metadata structures.
        has_metadata_targets: Targets of metadataflows, of which the schema demands one.
        has_numeric_parents: Parent codes may be any id; otherwise they must begin with a letter.
    """

    version: str
    schemas: str
    references: ReferenceStyle
    containers: tuple[str, ...]
    names: Mapping[str, str] = field(default_factory=dict)
    urn_classes: Mapping[str, str] = field(default_factory=dict)
    has_links: bool = True
    has_final_flag: bool = False
    has_legacy_versions_only: bool = False
    has_partial_languages: bool = False
    has_primary_measure: bool = False
    has_multiple_values: bool = True
    has_constraint_roles: bool = False
    has_reference_periods: bool = False
    has_value_validity: bool = True
    has_several_key_values: bool = False
    has_dimension_constraints: bool = False
    has_reports: bool = False
    has_metadata_targets: bool = True
    has_numeric_parents: bool = True

    @property
    def message(self) -> str:
        """Namespace of the message envelope and header."""
        return f"{_ROOT}/{self.schemas}/message"

    @property
    def footer(self) -> str:
        """Namespace of the message footer."""
        return f"{self.message}/footer"

    @property
    def common(self) -> str:
        """Namespace of names, annotations and references."""
        return f"{_ROOT}/{self.schemas}/common"

    @property
    def structure(self) -> str:
        """Namespace of structural metadata."""
        return f"{_ROOT}/{self.schemas}/structure"

    @property
    def registry(self) -> str:
        """Namespace of registry interface messages."""
        return f"{_ROOT}/{self.schemas}/registry"

    @property
    def structure_specific_data(self) -> str:
        """Namespace of the attributes of structure-specific datasets."""
        return f"{_ROOT}/{self.schemas}/data/structurespecific"

    @property
    def generic_data(self) -> str:
        """Namespace of generic datasets (SDMX 2.1 only)."""
        return f"{_ROOT}/{self.schemas}/data/generic"

    def name(self, element: str) -> str:
        """The name that this version gives to an element of SDMX 3.1."""
        return self.names.get(element, element)


# fmt: off
_CONTAINERS_2_1: Final = (
    "OrganisationSchemes", "Dataflows", "Metadataflows", "CategorySchemes", "Categorisations", "Codelists", "HierarchicalCodelists",
    "Concepts", "MetadataStructures", "DataStructures", "StructureSets", "ReportingTaxonomies", "Processes", "Constraints",
    "ProvisionAgreements", "CustomTypes", "VtlMappings", "NamePersonalisations", "Rulesets", "Transformations", "UserDefinedOperators",
)
_CONTAINERS_3_0: Final = (
    "AgencySchemes", "Categorisations", "CategorySchemeMaps", "CategorySchemes", "Codelists", "ConceptSchemeMaps", "ConceptSchemes",
    "CustomTypeSchemes", "DataConstraints", "DataConsumerSchemes", "Dataflows", "DataProviderSchemes", "DataStructures",
    "GeographicCodelists", "GeoGridCodelists", "Hierarchies", "HierarchyAssociations", "MetadataConstraints", "Metadataflows",
    "MetadataProviderSchemes", "MetadataProvisionAgreements", "MetadataStructures", "NamePersonalisationSchemes",
    "OrganisationSchemeMaps", "OrganisationUnitSchemes", "Processes", "ProvisionAgreements", "ReportingTaxonomies",
    "ReportingTaxonomyMaps", "RepresentationMaps", "RulesetSchemes", "StructureMaps", "TransformationSchemes",
    "UserDefinedOperatorSchemes", "ValueLists", "VtlMappingSchemes",
)
# fmt: on
AVAILABILITY_CONSTRAINTS: Final = "AvailabilityConstraints"

SDMX_ML_2_1: Final = XmlDialect(
    version="2.1",
    schemas="v2_1",
    references=ReferenceStyle.FIELDS,
    containers=_CONTAINERS_2_1,
    names=MappingProxyType({"DataConstraint": "ContentConstraint", "Component": "Attribute"}),
    urn_classes=MappingProxyType({"DataConstraint": "ContentConstraint"}),
    has_links=False,
    has_final_flag=True,
    has_legacy_versions_only=True,
    has_primary_measure=True,
    has_multiple_values=False,
    has_constraint_roles=True,
    has_reference_periods=True,
    has_value_validity=False,
    has_reports=True,
    has_metadata_targets=False,
)

SDMX_ML_3_0: Final = XmlDialect(
    version="3.0",
    schemas="v3_0",
    references=ReferenceStyle.URN,
    containers=_CONTAINERS_3_0,
    has_constraint_roles=True,
    has_numeric_parents=False,
)

SDMX_ML_3_1: Final = XmlDialect(
    version="3.1",
    schemas="v3_1",
    references=ReferenceStyle.URN,
    containers=(_CONTAINERS_3_0[0], AVAILABILITY_CONSTRAINTS, *_CONTAINERS_3_0[1:]),
    has_partial_languages=True,
    has_several_key_values=True,
    has_dimension_constraints=True,
)

DIALECTS: Final = (SDMX_ML_2_1, SDMX_ML_3_0, SDMX_ML_3_1)
