"""The catalogue of artefact families: adding one is its module plus one line here."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from registry.model.base import Maintainable
from registry.model.categories import Categorisation, CategoryScheme
from registry.model.codelists import Codelist, GeographicCodelist, GeoGridCodelist, ValueList
from registry.model.concepts import ConceptScheme
from registry.model.constraints import DataConstraint
from registry.model.maps import RepresentationMap, StructureMap
from registry.model.metadata_structures import MetadataStructure
from registry.model.organisations import (
    AgencyScheme,
    DataConsumerScheme,
    DataProviderScheme,
    MetadataProviderScheme,
    OrganisationUnitScheme,
)
from registry.model.provision import ProvisionAgreement
from registry.model.structures import Dataflow, DataStructure


@dataclass(frozen=True, slots=True)
class Family:
    """One kind of maintainable artefact.

    Attributes:
        struct: The model class; its name is the ``kind`` under which the store keeps it.
        collection: Plural name, which is the key of SDMX-JSON structure messages.
        resource: Singular name used by SDMX-REST paths and ``references=``; GeographicCodelist shares ``codelist``.
        items: Field that holds the items of an item scheme, or None.
        item_class: URN class of those items, or None.
        nested: Field of an item that holds its child items, or None for flat schemes.
    """

    struct: type[Maintainable]
    collection: str
    resource: str
    items: str | None = None
    item_class: str | None = None
    nested: str | None = None

    @property
    def kind(self) -> str:
        """Name of the model class."""
        return self.struct.__name__

    @property
    def urn_class(self) -> str:
        """Class name in URNs."""
        return self.struct.urn_class


FAMILIES: tuple[Family, ...] = (
    Family(AgencyScheme, "agencySchemes", "agencyscheme", "agencies", "Agency"),
    Family(DataProviderScheme, "dataProviderSchemes", "dataproviderscheme", "data_providers", "DataProvider"),
    Family(DataConsumerScheme, "dataConsumerSchemes", "dataconsumerscheme", "data_consumers", "DataConsumer"),
    Family(MetadataProviderScheme, "metadataProviderSchemes", "metadataproviderscheme", "metadata_providers", "MetadataProvider"),
    Family(OrganisationUnitScheme, "organisationUnitSchemes", "organisationunitscheme", "organisation_units", "OrganisationUnit"),
    Family(Codelist, "codelists", "codelist", "codes", "Code"),
    Family(GeographicCodelist, "geographicCodelists", "codelist", "codes", "Code"),
    Family(GeoGridCodelist, "geoGridCodelists", "codelist", "codes", "Code"),
    Family(ValueList, "valueLists", "valuelist", "value_items", None),
    Family(ConceptScheme, "conceptSchemes", "conceptscheme", "concepts", "Concept"),
    Family(CategoryScheme, "categorySchemes", "categoryscheme", "categories", "Category", "categories"),
    Family(Categorisation, "categorisations", "categorisation"),
    Family(DataStructure, "dataStructures", "datastructure"),
    Family(MetadataStructure, "metadataStructures", "metadatastructure"),
    Family(Dataflow, "dataflows", "dataflow"),
    Family(ProvisionAgreement, "provisionAgreements", "provisionagreement"),
    Family(DataConstraint, "dataConstraints", "dataconstraint"),
    Family(StructureMap, "structureMaps", "structuremap"),
    Family(RepresentationMap, "representationMaps", "representationmap"),
)


@cache
def family_of(struct: type[Maintainable]) -> Family:
    """The family of a model class.

    Raises:
        KeyError: When the class is not in the catalogue.
    """
    return {family.struct: family for family in FAMILIES}[struct]


@cache
def families_by_kind() -> dict[str, Family]:
    """Families by the name of their model class."""
    return {family.kind: family for family in FAMILIES}


@cache
def families_by_resource(resource: str) -> tuple[Family, ...]:
    """Families that a REST resource name stands for; empty when the name is not known."""
    return tuple(family for family in FAMILIES if family.resource == resource)
