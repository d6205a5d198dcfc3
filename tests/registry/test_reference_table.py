"""The first level of ``references=all``, family by family: the table of SDMX-REST 2.2, as far as the families exist.

The world below holds every relation the table knows. What the table leaves out although the information model has it, and this
registry therefore returns: structure maps use representation maps, and concepts may take their values from value lists.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from registry.model.base import Maintainable
from registry.model.codelists import CodelistExtension, ValueItem, ValueList
from registry.model.identity import Urn
from registry.model.maps import ComponentMap, MappedList, RepresentationMap, StructureMap
from registry.model.metadata_flows import Metadataflow
from registry.model.metadata_structures import MetadataAttribute, MetadataAttributeList, MetadataStructure, MetadataStructureComponents
from registry.model.organisations import DataConsumerScheme, MetadataProviderScheme, OrganisationUnitScheme
from registry.services.structure_query import Detail, Relation, StructureQuery
from registry.services.structures import answer
from registry.store.ports import ChangeSet
from registry.store.sql import SqlArtefactStore, open_store
from tests.builders import (
    AGENCY,
    a_categorisation,
    a_category_scheme,
    a_codelist,
    a_concept,
    a_concept_scheme,
    a_constraint,
    a_data_structure,
    a_dataflow,
    a_provider_scheme,
    a_provision_agreement,
    an_agency_scheme,
    enumerated,
    urn,
)

#: Family to what it references, and to what references it.
TABLE: dict[str, tuple[set[str], set[str]]] = {
    "AgencyScheme": (set(), {"*"}),
    "CategoryScheme": ({"AgencyScheme"}, {"Categorisation"}),
    "Codelist": (
        {"AgencyScheme", "Codelist"},
        {"Categorisation", "Codelist", "ConceptScheme", "DataStructure", "MetadataStructure", "RepresentationMap"},
    ),
    "ConceptScheme": ({"AgencyScheme", "Codelist", "ValueList"}, {"Categorisation", "DataStructure", "MetadataStructure"}),
    "DataConstraint": ({"AgencyScheme", "Dataflow", "DataProviderScheme", "DataStructure", "ProvisionAgreement"}, {"Categorisation"}),
    "DataConsumerScheme": ({"AgencyScheme"}, {"Categorisation"}),
    "Dataflow": (
        {"AgencyScheme", "DataStructure"},
        {"Categorisation", "DataConstraint", "Metadataflow", "ProvisionAgreement", "StructureMap"},
    ),
    "DataProviderScheme": ({"AgencyScheme"}, {"Categorisation", "DataConstraint", "ProvisionAgreement"}),
    "DataStructure": (
        {"AgencyScheme", "Codelist", "ConceptScheme", "MetadataStructure", "ValueList"},
        {"Categorisation", "DataConstraint", "Dataflow", "StructureMap"},
    ),
    "MetadataProviderScheme": ({"AgencyScheme"}, {"Categorisation"}),
    "MetadataStructure": ({"AgencyScheme", "Codelist", "ConceptScheme", "ValueList"}, {"Categorisation", "DataStructure", "Metadataflow"}),
    "Metadataflow": ({"AgencyScheme", "Dataflow", "MetadataStructure"}, {"Categorisation"}),
    "OrganisationUnitScheme": ({"AgencyScheme"}, {"Categorisation"}),
    "ProvisionAgreement": ({"AgencyScheme", "Dataflow", "DataProviderScheme"}, {"Categorisation", "DataConstraint"}),
    "RepresentationMap": ({"AgencyScheme", "Codelist", "ValueList"}, {"Categorisation", "StructureMap"}),
    "StructureMap": ({"AgencyScheme", "Dataflow", "DataStructure", "RepresentationMap"}, {"Categorisation"}),
    "ValueList": ({"AgencyScheme"}, {"Categorisation", "ConceptScheme", "DataStructure", "MetadataStructure", "RepresentationMap"}),
}


def a_world() -> list[Maintainable]:
    common: dict[str, Any] = {"agency_id": AGENCY, "names": {"en": "x"}}
    codes = a_codelist("CL_BASE", ["A"])
    extended = a_codelist("CL_EXTENDED", ["B"], codelist_extensions=(CodelistExtension(codelist=urn(codes)),))
    values = ValueList(id="VL", version="1.0.0", value_items=(ValueItem(id="< 5"),), **common)
    concepts = a_concept_scheme(
        concepts=["FREQ", a_concept("AREA", extended), a_concept("SIZE", urn(values)), "TIME_PERIOD", "OBS_VALUE", "NOTE", "SCOPE"]
    )
    metadata = MetadataStructure(
        id="MSD",
        version="1.0.0",
        metadata_structure_components=MetadataStructureComponents(
            metadata_attribute_list=MetadataAttributeList(
                metadata_attributes=(
                    MetadataAttribute(id="NOTE", concept_identity=urn(concepts, "NOTE"), local_representation=enumerated(extended)),
                    MetadataAttribute(id="SCOPE", concept_identity=urn(concepts, "SCOPE"), local_representation=enumerated(urn(values))),
                )
            )
        ),
        **common,
    )
    structure = a_data_structure(
        concepts, {"FREQ": enumerated(extended), "AREA": None, "SIZE": enumerated(urn(values))}, metadata=urn(metadata)
    )
    flow = a_dataflow(structure)
    providers = a_provider_scheme()
    agreement = a_provision_agreement(flow, providers)
    provider = str(Urn.of(providers).item_urn("DataProvider", "CSO"))
    map_of_values = RepresentationMap(
        id="RM", version="1.0.0", source=(MappedList(codelist=urn(extended)),), target=(MappedList(codelist=urn(values)),), **common
    )
    structure_map = StructureMap(
        id="SM",
        version="1.0.0",
        source=urn(flow),
        target=urn(structure),
        component_maps=(ComponentMap(source=("FREQ",), target=("FREQ",), representation_map=urn(map_of_values)),),
        **common,
    )
    topics = a_category_scheme()
    constrained: list[Maintainable | str] = [structure, flow, agreement, provider]
    artefacts: list[Maintainable] = [
        codes, extended, values, concepts, metadata, structure, flow, providers, agreement, map_of_values, structure_map, topics,
        Metadataflow(
            id="MDF", version="1.0.0", structure=urn(metadata),
            targets=(f"urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow={AGENCY}:*(*)",), **common,
        ),
        DataConsumerScheme(id="DATA_CONSUMERS", version="1.0", **common),
        MetadataProviderScheme(id="METADATA_PROVIDERS", version="1.0", **common),
        OrganisationUnitScheme(id="UNITS", version="1.0", **common),
        *(a_constraint(target, id=f"CON_{number}") for number, target in enumerate(constrained)),
    ]  # fmt: skip
    categorisations = [a_categorisation(artefact, topics, id=f"CAT_{artefact.id}") for artefact in artefacts]
    return [an_agency_scheme(AGENCY), *artefacts, *categorisations]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlArtefactStore]:
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('table') / 'registry.db'}")
    store.commit(ChangeSet(put=tuple(a_world())))
    yield store
    store.close()


def kinds(store: SqlArtefactStore, family: str, relation: Relation) -> set[str]:
    """Kinds of artefacts that some relation adds to any artefact of a family; raw, so that extensions are references."""
    found: set[str] = set()
    for name in {record.urn.id for record in store.records(kinds=[family])}:
        query = StructureQuery(
            resources=frozenset({family.lower()}), ids=frozenset({name}), relations=frozenset({relation}), detail=Detail.RAW
        )
        found |= {artefact.urn_class for artefact in answer(store, query).related}
    return found


@pytest.mark.parametrize("family", TABLE)
def test_children_are_those_of_the_table(world: SqlArtefactStore, family: str) -> None:
    assert kinds(world, family, Relation.CHILDREN) == TABLE[family][0]


@pytest.mark.parametrize("family", TABLE)
def test_parents_are_those_of_the_table(world: SqlArtefactStore, family: str) -> None:
    every = (TABLE.keys() | {"Categorisation"}) - {"AgencyScheme"}
    assert kinds(world, family, Relation.PARENTS) == (every if TABLE[family][1] == {"*"} else TABLE[family][1])


@pytest.mark.parametrize("family", TABLE)
def test_all_holds_the_row_of_the_table(world: SqlArtefactStore, family: str) -> None:
    children, parents = TABLE[family]
    assert children | (parents - {"*"}) <= kinds(world, family, Relation.ALL)


def test_categorisation_may_reference_everything(world: SqlArtefactStore) -> None:
    assert kinds(world, "Categorisation", Relation.CHILDREN) == TABLE.keys()
