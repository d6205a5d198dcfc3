"""Which element is which family, and how it is read and written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

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
from exchange.codecs.sdmx_ml.parsing import Node
from exchange.codecs.sdmx_ml.writing import Writing
from registry.model.base import Maintainable


@dataclass(frozen=True, slots=True)
class Artefact:
    """How one family is read and written. The writer takes artefacts of the family only."""

    read: Callable[[Node], Maintainable]
    write: Callable[[Writing, Any], str]


#: By the name of the model class, which is also the element name of SDMX 3.1.
ARTEFACTS: Final[Mapping[str, Artefact]] = MappingProxyType(
    {
        "AgencyScheme": Artefact(read_agency_scheme, write_agency_scheme),
        "Categorisation": Artefact(read_categorisation, write_categorisation),
        "CategoryScheme": Artefact(read_category_scheme, write_category_scheme),
        "Codelist": Artefact(read_codelist, write_codelist),
        "ConceptScheme": Artefact(read_concept_scheme, write_concept_scheme),
        "DataConstraint": Artefact(read_data_constraint, write_data_constraint),
        "DataConsumerScheme": Artefact(read_data_consumer_scheme, write_data_consumer_scheme),
        "Dataflow": Artefact(read_dataflow, write_dataflow),
        "DataProviderScheme": Artefact(read_data_provider_scheme, write_data_provider_scheme),
        "DataStructure": Artefact(read_data_structure, write_data_structure),
        "GeographicCodelist": Artefact(read_geographic_codelist, write_geographic_codelist),
        "GeoGridCodelist": Artefact(read_geo_grid_codelist, write_geo_grid_codelist),
        "MetadataProviderScheme": Artefact(read_metadata_provider_scheme, write_metadata_provider_scheme),
        "MetadataStructure": Artefact(read_metadata_structure, write_metadata_structure),
        "OrganisationUnitScheme": Artefact(read_organisation_unit_scheme, write_organisation_unit_scheme),
        "ProvisionAgreement": Artefact(read_provision_agreement, write_provision_agreement),
        "RepresentationMap": Artefact(read_representation_map, write_representation_map),
        "StructureMap": Artefact(read_structure_map, write_structure_map),
        "ValueList": Artefact(read_value_list, write_value_list),
    }
)
