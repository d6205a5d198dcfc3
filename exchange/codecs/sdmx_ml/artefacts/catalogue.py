"""Which element is which family, and how it is read and written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

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
from exchange.codecs.sdmx_ml.artefacts.dataflows import read_dataflow, write_dataflow
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
        "Codelist": Artefact(read_codelist, write_codelist),
        "ConceptScheme": Artefact(read_concept_scheme, write_concept_scheme),
        "Dataflow": Artefact(read_dataflow, write_dataflow),
        "DataStructure": Artefact(read_data_structure, write_data_structure),
        "GeoGridCodelist": Artefact(read_geo_grid_codelist, write_geo_grid_codelist),
        "GeographicCodelist": Artefact(read_geographic_codelist, write_geographic_codelist),
        "ValueList": Artefact(read_value_list, write_value_list),
    }
)
