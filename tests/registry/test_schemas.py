"""Schemas built from the registry: resolution of components, attachment, constraints, errors, caching."""

from __future__ import annotations

import time

import msgspec
import pytest

from registry.data_schema import Level, Role
from registry.errors import InvalidArtefact, UnknownArtefact, UnresolvedReference
from registry.model.codelists import CodelistExtension, ValueItem, ValueList
from registry.model.identity import Urn
from registry.model.structures import Dataflow, Group
from registry.services.schemas import SchemaReader
from registry.store.ports import ChangeSet
from tests.builders import (
    a_codelist,
    a_concept,
    a_concept_scheme,
    a_constraint,
    a_data_structure,
    a_dataflow,
    a_provider_scheme,
    a_provision_agreement,
    a_selection,
    an_attribute,
    enumerated,
    urn,
)
from tests.narrowing import as_a
from tests.registry.conftest import Fill

AREAS = a_codelist("CL_AREA", ["KG", "MW", "RW"])
FREQ = a_codelist("CL_FREQ", ["A", "M"])
STATUS = a_codelist("CL_OBS_STATUS", ["A", "U"])
CONCEPTS = a_concept_scheme(concepts=["FREQ", a_concept("AREA", AREAS), "TIME_PERIOD", "OBS_VALUE", "OBS_STATUS", "TITLE", "UNIT", "NOTE"])
DSD = a_data_structure(
    CONCEPTS,
    {"FREQ": enumerated(FREQ), "AREA": None},
    attributes=[
        an_attribute("OBS_STATUS", CONCEPTS, representation=enumerated(STATUS)),
        an_attribute("TITLE", CONCEPTS, group="Sibling"),
        an_attribute("UNIT", CONCEPTS, dimensions=["FREQ", "AREA"]),
        an_attribute("NOTE", CONCEPTS, dataset=True),
    ],
    groups=[Group(id="Sibling", group_dimensions=("AREA",))],
)
FLOW = a_dataflow(DSD)
STRUCTURE = Urn("DataStructure", "CDE", "DSD_WATER", "~")
EVERYTHING = (AREAS, FREQ, STATUS, CONCEPTS, DSD, FLOW)


def test_components_come_in_key_order_then_measures_then_attributes(filled: Fill) -> None:
    schema = SchemaReader(filled(*EVERYTHING)).for_dataflow("CDE", "DF_WATER")
    assert [c.id for c in schema.components] == ["FREQ", "AREA", "TIME_PERIOD", "OBS_VALUE", "OBS_STATUS", "TITLE", "UNIT", "NOTE"]
    assert [c.position for c in schema.all_dimensions] == [1, 2, 3]
    assert schema.dataflow == FLOW
    assert schema["OBS_VALUE"].role is Role.MEASURE
    assert schema["OBS_VALUE"].is_numeric


def test_core_representation_of_the_concept_stands_in_for_a_local_one(filled: Fill) -> None:
    schema = SchemaReader(filled(*EVERYTHING)).of(STRUCTURE)
    assert schema["AREA"].codelist == AREAS
    assert schema["FREQ"].codelist == FREQ
    assert schema["AREA"].concept is not None
    assert schema["TIME_PERIOD"].data_type == "ObservationalTimePeriod"


@pytest.mark.parametrize(
    ("attribute", "level", "attached_to"),
    [
        ("OBS_STATUS", Level.OBSERVATION, ("FREQ", "AREA", "TIME_PERIOD")),
        ("TITLE", Level.GROUP, ("AREA",)),
        ("UNIT", Level.SERIES, ("FREQ", "AREA")),
        ("NOTE", Level.DATASET, ()),
    ],
)
def test_attribute_relationship_decides_level_and_dimensions(
    filled: Fill, attribute: str, level: Level, attached_to: tuple[str, ...]
) -> None:
    component = SchemaReader(filled(*EVERYTHING)).for_dataflow("CDE", "DF_WATER")[attribute]
    assert (component.level, component.attached_to) == (level, attached_to)


def test_attribute_that_depends_on_time_is_one_of_the_observation(filled: Fill) -> None:
    structure = a_data_structure(CONCEPTS, {"AREA": None}, attributes=[an_attribute("NOTE", CONCEPTS, dimensions=["TIME_PERIOD", "AREA"])])
    component = SchemaReader(filled(AREAS, CONCEPTS, structure)).of(STRUCTURE)["NOTE"]
    assert (component.level, component.attached_to) == (Level.OBSERVATION, ("AREA", "TIME_PERIOD"))


def test_extended_codelist_is_resolved(filled: Fill) -> None:
    world = a_codelist("CL_WORLD", ["_T"], codelist_extensions=(CodelistExtension(codelist=urn(AREAS)),))
    structure = a_data_structure(CONCEPTS, {"AREA": enumerated(world)})
    schema = SchemaReader(filled(AREAS, world, CONCEPTS, structure)).of(STRUCTURE)
    assert set(schema["AREA"].code_names) == {"KG", "MW", "RW", "_T"}


def test_value_lists_and_concept_schemes_enumerate_too(filled: Fill) -> None:
    values = ValueList(id="VL", agency_id="CDE", version="1.0.0", names={"en": "v"}, value_items=(ValueItem(id="< 5 km"),))
    indicators = a_concept_scheme("CS_INDICATOR", ["POP", "GDP"])
    structure = a_data_structure(CONCEPTS, {"AREA": enumerated(urn(values)), "FREQ": enumerated(urn(indicators))})
    schema = SchemaReader(filled(AREAS, values, indicators, CONCEPTS, structure)).of(STRUCTURE)
    assert set(schema["AREA"].code_names) == {"< 5 km"}
    assert set(schema["FREQ"].code_names) == {"POP", "GDP"}


def test_constraints_cascade_from_structure_to_provider(filled: Fill) -> None:
    providers = a_provider_scheme("CSO", "NSO")
    agreement = a_provision_agreement(FLOW, providers)
    provider = str(Urn.of(providers).item_urn("DataProvider", "CSO"))
    other = str(Urn.of(providers).item_urn("DataProvider", "NSO"))
    store = filled(
        *EVERYTHING,
        providers,
        agreement,
        a_constraint(DSD, a_selection("AREA", "KG", "MW", "RW"), id="C1"),
        a_constraint(FLOW, a_selection("AREA", "KG", "MW"), a_selection("FREQ", "A"), id="C2"),
        a_constraint(agreement, a_selection("AREA", "MW", "KG"), id="C3"),
        a_constraint(provider, a_selection("AREA", "MW"), id="C4"),
        a_constraint(other, a_selection("AREA", "KG"), id="C5"),
    )
    reader = SchemaReader(store)
    assert reader.of(STRUCTURE)["FREQ"].allowed is None
    assert reader.for_dataflow("CDE", "DF_WATER")["AREA"].allowed == frozenset({"KG", "MW"})
    assert reader.for_dataflow("CDE", "DF_WATER")["FREQ"].allowed == frozenset({"A"})
    assert reader.of(Urn("ProvisionAgreement", "CDE", "PA_WATER", "~"))["AREA"].allowed == frozenset({"MW"})


def test_only_the_latest_constraint_that_is_no_draft_counts(filled: Fill) -> None:
    store = filled(
        *EVERYTHING,
        a_constraint(FLOW, a_selection("AREA", "KG"), version="1.9.0"),
        a_constraint(FLOW, a_selection("AREA", "MW"), version="1.10.0"),
        a_constraint(FLOW, a_selection("AREA", "RW"), version="2.0.0-draft"),
    )
    assert SchemaReader(store).for_dataflow("CDE", "DF_WATER")["AREA"].allowed == frozenset({"MW"})


def test_actual_content_of_2_1_never_restricts(filled: Fill) -> None:
    store = filled(*EVERYTHING, a_constraint(FLOW, a_selection("AREA", "KG"), role="Actual"))
    assert SchemaReader(store).for_dataflow("CDE", "DF_WATER")["AREA"].allowed is None


def test_a_later_version_that_says_what_there_is_leaves_the_restriction_in_force(filled: Fill) -> None:
    store = filled(
        *EVERYTHING,
        a_constraint(FLOW, a_selection("AREA", "KG"), version="1.0"),
        a_constraint(FLOW, a_selection("AREA", "MW"), version="2.0", role="Actual"),
    )
    assert SchemaReader(store).for_dataflow("CDE", "DF_WATER")["AREA"].allowed == frozenset({"KG"})


def test_codes_lose_the_prefix_of_their_extension_where_a_constraint_says_so(filled: Fill) -> None:
    union = a_codelist(
        "CL_UNION",
        [],
        codelist_extensions=(
            CodelistExtension(codelist=urn(AREAS), prefix="ISO_"),
            CodelistExtension(codelist=urn(FREQ), prefix="FQ_"),
        ),
    )
    structure = a_data_structure(CONCEPTS, {"AREA": enumerated(union)})
    flow = a_dataflow(structure)
    store = filled(AREAS, FREQ, union, CONCEPTS, structure, flow, a_constraint(flow, a_selection("AREA", "ISO_%", remove_prefix=True)))
    area = SchemaReader(store).for_dataflow("CDE", "DF_WATER")["AREA"]
    assert area.allowed == frozenset({"KG", "MW", "RW"})
    assert set(area.code_names) == {"KG", "MW", "RW"}


def test_dimension_constraint_leaves_out_later_dimensions_of_an_evolving_structure(filled: Fill) -> None:
    structure = msgspec.structs.replace(DSD, evolving_structure=True)
    flow = a_dataflow(structure, dimension_constraint=("AREA", "TIME_PERIOD"))
    schema = SchemaReader(filled(AREAS, FREQ, STATUS, CONCEPTS, structure, flow)).for_dataflow("CDE", "DF_WATER")
    assert [c.id for c in schema.all_dimensions] == ["AREA", "TIME_PERIOD"]
    assert schema["UNIT"].attached_to == ("AREA",)


def test_late_bound_structure_resolves_to_the_latest_stable_version(filled: Fill) -> None:
    newer = msgspec.structs.replace(DSD, version="1.2.0")
    draft = msgspec.structs.replace(DSD, version="1.3.0-draft")
    flow = a_dataflow(urn(DSD).replace("(1.0.0)", "(1.0+.0)"))
    reader = SchemaReader(filled(AREAS, FREQ, STATUS, CONCEPTS, DSD, newer, draft, flow))
    assert reader.for_dataflow("CDE", "DF_WATER").structure.version == "1.2.0"


def test_missing_codelists_are_all_named(filled: Fill) -> None:
    reader = SchemaReader(filled(CONCEPTS, DSD, FLOW))
    with pytest.raises(UnresolvedReference, match=r"FREQ .*CL_FREQ\(1.0.0\).*AREA .*CL_AREA.*OBS_STATUS .*CL_OBS_STATUS"):
        reader.for_dataflow("CDE", "DF_WATER")


def test_missing_structure_is_named(filled: Fill) -> None:
    with pytest.raises(UnresolvedReference, match=r"Dataflow CDE:DF_WATER\(1.0.0\) uses DataStructure CDE:DSD_WATER\(1.0.0\)"):
        SchemaReader(filled(FLOW)).for_dataflow("CDE", "DF_WATER")


def test_unknown_version_names_those_there_are(filled: Fill) -> None:
    with pytest.raises(UnknownArtefact, match=r"versions 1\.0\.0"):
        SchemaReader(filled(*EVERYTHING)).for_dataflow("CDE", "DF_WATER", "2.0.0")


def test_attribute_of_a_group_that_is_not_there_is_refused(filled: Fill) -> None:
    structure = a_data_structure(CONCEPTS, {"AREA": None}, attributes=[an_attribute("TITLE", CONCEPTS, group="Sibling")])
    with pytest.raises(InvalidArtefact, match="TITLE is attached to group Sibling"):
        SchemaReader(filled(AREAS, CONCEPTS, structure)).of(STRUCTURE)


def test_schema_is_kept_until_the_store_changes(filled: Fill) -> None:
    store = filled(*EVERYTHING)
    reader = SchemaReader(store)
    first = reader.for_dataflow("CDE", "DF_WATER")
    assert reader.for_dataflow("CDE", "DF_WATER", "1.0.0") is first
    filled(msgspec.structs.replace(FLOW, names={"en": "Other"}))
    assert as_a(Dataflow, reader.for_dataflow("CDE", "DF_WATER").dataflow).names == {"en": "Other"}


def test_schema_as_of_an_earlier_moment(filled: Fill) -> None:
    store = filled(*EVERYTHING)
    before = store.records()[-1].recorded_from
    time.sleep(0.01)
    filled(a_constraint(FLOW, a_selection("AREA", "KG")))
    reader = SchemaReader(store)
    assert reader.for_dataflow("CDE", "DF_WATER")["AREA"].allowed == frozenset({"KG"})
    assert reader.for_dataflow("CDE", "DF_WATER", as_of=before)["AREA"].allowed is None


def test_other_artefacts_have_no_schema(filled: Fill) -> None:
    with pytest.raises(InvalidArtefact, match="has no data"):
        SchemaReader(filled(AREAS)).of(Urn.of(AREAS))


def test_ended_artefacts_are_gone(filled: Fill) -> None:
    store = filled(*EVERYTHING)
    store.commit(ChangeSet(end=(Urn.of(FLOW),)))
    with pytest.raises(UnknownArtefact):
        SchemaReader(store).for_dataflow("CDE", "DF_WATER")
