"""Which array of a structure message holds which family: one row per family, with its array in each version."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from exchange.codecs.families import Containers, LossTable, check_families
from exchange.codecs.sdmx_json.dialect import JSON_2_0, JSON_2_1
from registry.model.base import Maintainable
from registry.model.categories import Categorisation, CategoryScheme
from registry.model.codelists import Codelist, GeographicCodelist, GeoGridCodelist, ValueList
from registry.model.concepts import ConceptScheme
from registry.model.constraints import DataConstraint
from registry.model.maps import RepresentationMap, StructureMap
from registry.model.metadata_flows import Metadataflow
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


def _in(collection: str) -> Containers:
    """An array that has the same name in every version."""
    return MappingProxyType({JSON_2_0.version: collection, JSON_2_1.version: collection})


#: By model class, in the order in which messages are written.
COLLECTIONS: Final[Mapping[type[Maintainable], Containers]] = MappingProxyType(
    {
        AgencyScheme: _in("agencySchemes"),
        DataProviderScheme: _in("dataProviderSchemes"),
        DataConsumerScheme: _in("dataConsumerSchemes"),
        MetadataProviderScheme: _in("metadataProviderSchemes"),
        OrganisationUnitScheme: _in("organisationUnitSchemes"),
        Codelist: _in("codelists"),
        GeographicCodelist: _in("geographicCodelists"),
        GeoGridCodelist: _in("geoGridCodelists"),
        ValueList: _in("valueLists"),
        ConceptScheme: _in("conceptSchemes"),
        CategoryScheme: _in("categorySchemes"),
        Categorisation: _in("categorisations"),
        DataStructure: _in("dataStructures"),
        MetadataStructure: _in("metadataStructures"),
        Metadataflow: _in("metadataflows"),
        Dataflow: _in("dataflows"),
        ProvisionAgreement: _in("provisionAgreements"),
        DataConstraint: _in("dataConstraints"),
        StructureMap: _in("structureMaps"),
        RepresentationMap: _in("representationMaps"),
    }
)

#: What becomes of the families that a version has no array for: there are none.
NOT_WRITTEN: Final[LossTable] = MappingProxyType({})

check_families("SDMX-JSON", (JSON_2_0.version, JSON_2_1.version), COLLECTIONS, NOT_WRITTEN)

#: Arrays of SDMX-JSON 1.0 with another name, read under any label.
FORMER_COLLECTIONS: Final[Mapping[str, type[Maintainable]]] = MappingProxyType({"contentConstraints": DataConstraint})

_STRUCTS: Final = {name.casefold(): struct for struct, collections in COLLECTIONS.items() for name in collections.values()} | {
    name.casefold(): struct for name, struct in FORMER_COLLECTIONS.items()
}


def struct_in(collection: str) -> type[Maintainable] | None:
    """The model class of what an array holds, however its name is capitalised; None when it is not known."""
    return _STRUCTS.get(collection.casefold())
