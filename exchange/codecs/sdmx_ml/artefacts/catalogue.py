"""Which element is which family, where it stands in each version, and how it is read and written: one row per family."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from exchange.codecs.families import Containers, LossTable, check_families
from exchange.codecs.sdmx_ml.artefacts.categories import (
    read_categorisation,
    read_category_scheme,
    write_categorisation,
    write_category_scheme,
)
from exchange.codecs.sdmx_ml.artefacts.codelists import (
    read_codelist,
    read_geo_grid_codelist,
    read_geographic_codelist,
    read_value_list,
    write_codelist,
    write_geo_grid_codelist,
    write_geographic_codelist,
    write_value_list,
)
from exchange.codecs.sdmx_ml.artefacts.concepts import read_concept_scheme, write_concept_scheme
from exchange.codecs.sdmx_ml.artefacts.constraints import read_data_constraint, write_data_constraint
from exchange.codecs.sdmx_ml.artefacts.dataflows import read_dataflow, write_dataflow
from exchange.codecs.sdmx_ml.artefacts.maps import (
    read_representation_map,
    read_structure_map,
    write_representation_map,
    write_structure_map,
)
from exchange.codecs.sdmx_ml.artefacts.metadata_flows import read_metadataflow, write_metadataflow
from exchange.codecs.sdmx_ml.artefacts.metadata_structures import read_metadata_structure, write_metadata_structure
from exchange.codecs.sdmx_ml.artefacts.organisations import (
    read_agency_scheme,
    read_data_consumer_scheme,
    read_data_provider_scheme,
    read_metadata_provider_scheme,
    read_organisation_unit_scheme,
    write_agency_scheme,
    write_data_consumer_scheme,
    write_data_provider_scheme,
    write_metadata_provider_scheme,
    write_organisation_unit_scheme,
)
from exchange.codecs.sdmx_ml.artefacts.provision import read_provision_agreement, write_provision_agreement
from exchange.codecs.sdmx_ml.artefacts.structures import read_data_structure, write_data_structure
from exchange.codecs.sdmx_ml.dialect import DIALECTS, SDMX_ML_2_1, SDMX_ML_3_0, SDMX_ML_3_1
from exchange.codecs.sdmx_ml.parsing import Node
from exchange.codecs.sdmx_ml.writing import Writing
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


@dataclass(frozen=True, slots=True)
class Artefact:
    """How one family is read and written: its row.

    Attributes:
        struct: The model class.
        read: From an element of any version.
        write: To an element of the dialect; takes artefacts of the family only.
        containers: Element of ``Structures`` that holds it, by version; see ``NOT_WRITTEN`` for versions that have none.
        versionless: Versions in which it carries no version, because that is always ``1.0``.
    """

    struct: type[Maintainable]
    read: Callable[[Node], Maintainable]
    write: Callable[[Writing, Any], str]
    containers: Containers
    versionless: frozenset[str] = frozenset()

    @property
    def kind(self) -> str:
        """Name of the model class, which is also the element name of SDMX 3.1."""
        return self.struct.__name__


def _in(container: str, before_3: str | None = None) -> Containers:
    """The containers of a family whose container has one name since SDMX 3.0, and perhaps one in SDMX 2.1."""
    since_3 = {SDMX_ML_3_0.version: container, SDMX_ML_3_1.version: container}
    return MappingProxyType(since_3 if before_3 is None else {SDMX_ML_2_1.version: before_3, **since_3})


_SINCE_3_0: Final = frozenset({SDMX_ML_3_0.version, SDMX_ML_3_1.version})
_SINCE_3_1: Final = frozenset({SDMX_ML_3_1.version})

#: One row per family, in the order in which elements of one container stand.
ARTEFACTS: Final[tuple[Artefact, ...]] = (
    Artefact(AgencyScheme, read_agency_scheme, write_agency_scheme, _in("AgencySchemes", "OrganisationSchemes"), _SINCE_3_0),
    Artefact(Categorisation, read_categorisation, write_categorisation, _in("Categorisations", "Categorisations"), _SINCE_3_1),
    Artefact(CategoryScheme, read_category_scheme, write_category_scheme, _in("CategorySchemes", "CategorySchemes")),
    Artefact(Codelist, read_codelist, write_codelist, _in("Codelists", "Codelists")),
    Artefact(ConceptScheme, read_concept_scheme, write_concept_scheme, _in("ConceptSchemes", "Concepts")),
    Artefact(DataConstraint, read_data_constraint, write_data_constraint, _in("DataConstraints", "Constraints")),
    Artefact(
        DataConsumerScheme,
        read_data_consumer_scheme,
        write_data_consumer_scheme,
        _in("DataConsumerSchemes", "OrganisationSchemes"),
        _SINCE_3_0,
    ),
    Artefact(Dataflow, read_dataflow, write_dataflow, _in("Dataflows", "Dataflows")),
    Artefact(
        DataProviderScheme,
        read_data_provider_scheme,
        write_data_provider_scheme,
        _in("DataProviderSchemes", "OrganisationSchemes"),
        _SINCE_3_0,
    ),
    Artefact(DataStructure, read_data_structure, write_data_structure, _in("DataStructures", "DataStructures")),
    Artefact(GeographicCodelist, read_geographic_codelist, write_geographic_codelist, _in("GeographicCodelists")),
    Artefact(GeoGridCodelist, read_geo_grid_codelist, write_geo_grid_codelist, _in("GeoGridCodelists")),
    Artefact(Metadataflow, read_metadataflow, write_metadataflow, _in("Metadataflows", "Metadataflows")),
    Artefact(
        MetadataProviderScheme, read_metadata_provider_scheme, write_metadata_provider_scheme, _in("MetadataProviderSchemes"), _SINCE_3_0
    ),
    Artefact(MetadataStructure, read_metadata_structure, write_metadata_structure, _in("MetadataStructures", "MetadataStructures")),
    Artefact(
        OrganisationUnitScheme,
        read_organisation_unit_scheme,
        write_organisation_unit_scheme,
        _in("OrganisationUnitSchemes", "OrganisationSchemes"),
        _SINCE_3_0,
    ),
    Artefact(ProvisionAgreement, read_provision_agreement, write_provision_agreement, _in("ProvisionAgreements", "ProvisionAgreements")),
    Artefact(RepresentationMap, read_representation_map, write_representation_map, _in("RepresentationMaps")),
    Artefact(StructureMap, read_structure_map, write_structure_map, _in("StructureMaps")),
    Artefact(ValueList, read_value_list, write_value_list, _in("ValueLists")),
)

#: What becomes of the families that a version has no container for (``exchange.codecs.sdmx_ml.legacy`` has the rest of the losses).
NOT_WRITTEN: Final[LossTable] = MappingProxyType(
    {
        (SDMX_ML_2_1.version, "GeographicCodelist"): "it is written as a codelist, without geography",
        (SDMX_ML_2_1.version, "GeoGridCodelist"): "it is written as a codelist, without grid",
        (SDMX_ML_2_1.version, "MetadataProviderScheme"): "SDMX-ML 2.1 knows no metadata providers; it was left out",
        (SDMX_ML_2_1.version, "RepresentationMap"): "SDMX-ML 2.1 knows no representation maps; it was left out",
        (SDMX_ML_2_1.version, "StructureMap"): "SDMX-ML 2.1 knows no structure maps of this kind; it was left out",
        (SDMX_ML_2_1.version, "ValueList"): "SDMX-ML 2.1 knows no value lists; it was left out",
    }
)

check_families("SDMX-ML", [dialect.version for dialect in DIALECTS], {row.struct: row.containers for row in ARTEFACTS}, NOT_WRITTEN)

_BY_STRUCT: Final = {row.struct: row for row in ARTEFACTS}
_BY_ELEMENT: Final = {element: row for row in ARTEFACTS for element in (row.kind, *(dialect.name(row.kind) for dialect in DIALECTS))}


def artefact_of(struct: type[Maintainable]) -> Artefact:
    """The row of a family."""
    return _BY_STRUCT[struct]


def artefact_called(element: str) -> Artefact | None:
    """The row of the family that an element of any version stands for; None when there is none."""
    return _BY_ELEMENT.get(element)
