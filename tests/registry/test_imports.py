"""Imports: what is added, replaced, left alone or refused, with place and remedy."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from msgspec.structs import replace

from registry.errors import ConflictingWrite
from registry.imports.apply import import_structures
from registry.imports.plan import plan_import
from registry.imports.report import ImportReport, Outcome
from registry.model.base import Annotation, Maintainable
from registry.model.categories import Category
from registry.model.codelists import Code, CodelistExtension, ValueItem, ValueList
from registry.model.constraints import ConstraintAttachment, DataConstraint
from registry.model.identity import Urn
from registry.model.maps import FixedValueMap, MappedList, MappedValue, RepresentationMap, StructureMap, ValueMapping
from registry.model.organisations import AgencyScheme
from registry.model.representations import Representation, TextFormat
from registry.model.structures import Attribute, AttributeRelationship, DataStructure, DataStructureComponents, DimensionList, Empty, Group
from registry.store.ports import ArtefactStore, ChangeSet
from tests.builders import (
    AGENCY,
    a_category_scheme,
    a_codelist,
    a_concept_scheme,
    a_data_structure,
    a_dataflow,
    a_provider_scheme,
    a_provision_agreement,
    an_agency_scheme,
    an_attribute,
    enumerated,
    urn,
)
from tests.narrowing import as_a
from tests.registry.conftest import Fill
from tests.registry.specimens import SPECIMENS

AREAS = a_codelist()
CONCEPTS = a_concept_scheme()
DSD = a_data_structure(CONCEPTS, {"FREQ": None, "AREA": enumerated(AREAS)}, attributes=[an_attribute("OBS_STATUS", CONCEPTS)])
FLOW = a_dataflow(DSD)
COMPLETE = (FLOW, DSD, CONCEPTS, AREAS)


@pytest.fixture
def store(filled: Fill) -> ArtefactStore:
    return filled()


def outcomes(report: ImportReport) -> list[str]:
    return [line.outcome.value for line in report.lines]


def reason(report: ImportReport) -> str:
    """The one reason for which the one artefact was refused."""
    [line] = report.lines
    assert line.outcome is Outcome.REFUSED
    [only] = line.reasons
    return str(only)


def held(store: ArtefactStore) -> list[Maintainable]:
    return store.load(store.records())


def test_a_complete_submission_is_added_in_any_order_without_a_word(store: ArtefactStore) -> None:
    report = import_structures(store, COMPLETE)
    assert outcomes(report) == ["added"] * 4
    assert [line.urn for line in report.lines] == [str(Urn.of(artefact)) for artefact in COMPLETE]
    assert all(line.warnings == () for line in report.lines)
    assert not report.refused
    assert report.counts() == {Outcome.ADDED: 4, Outcome.REPLACED: 0, Outcome.UNCHANGED: 0, Outcome.REFUSED: 0}
    assert len(held(store)) == 4


def test_the_same_again_is_unchanged_and_makes_no_revision(store: ArtefactStore) -> None:
    import_structures(store, COMPLETE)
    before = store.revision()
    assert outcomes(import_structures(store, COMPLETE)) == ["unchanged"] * 4
    assert store.revision() == before


def test_a_dry_run_says_the_same_and_stores_nothing(store: ArtefactStore) -> None:
    report = import_structures(store, [*COMPLETE, a_codelist("no id")], dry_run=True)
    assert report.dry_run
    assert outcomes(report) == ["added"] * 4 + ["refused"]
    assert held(store) == []


def test_what_is_refused_does_not_keep_the_rest_out(store: ArtefactStore) -> None:
    report = import_structures(store, [AREAS, a_codelist("CL_BAD", codes=["A B"])])
    assert outcomes(report) == ["added", "refused"]
    assert report.refused
    assert held(store) == [AREAS]


def test_all_families_can_be_imported(store: ArtefactStore) -> None:
    report = import_structures(store, SPECIMENS)
    assert [line for line in report.lines if line.reasons] == []


@pytest.mark.parametrize("version", ["1.0", "2", "1.0.0-draft", "0.1.0"])
def test_versions_that_may_change_are_replaced(store: ArtefactStore, version: str) -> None:
    import_structures(store, [a_codelist(version=version)])
    changed = a_codelist(version=version, codes=["NEW"])
    assert outcomes(import_structures(store, [changed])) == ["replaced"]
    assert held(store) == [changed]


@pytest.mark.parametrize(
    "change",
    [
        {"names": {"en": "Other"}},
        {"annotations": (Annotation(id="A"),)},
        {"codes": ()},
        {"valid_to": "2030-01-01T00:00:00"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_stable_version_never_changes(store: ArtefactStore, change: dict[str, Any]) -> None:
    import_structures(store, [AREAS])
    refused = reason(import_structures(store, [replace(AREAS, **change)]))
    assert "1.0.0 is stable" in refused
    assert "1.0.1" in refused
    assert "1.1.0" in refused
    assert held(store) == [AREAS]


def test_replacing_a_legacy_artefact_marked_final_is_told(store: ArtefactStore) -> None:
    import_structures(store, [a_codelist(version="1.0", is_final=True)])
    [line] = import_structures(store, [a_codelist(version="1.0", is_final=True, codes=["A"])]).lines
    assert line.outcome is Outcome.REPLACED
    assert "final" in str(line.warnings[0])


@pytest.mark.parametrize(
    ("artefact", "told"),
    [
        (a_codelist("CL AREA"), r"id: 'CL AREA' is not an id"),
        (a_codelist("1CL"), r"id: '1CL' is not an id for this kind of artefact; it must begin with a letter"),
        (a_codelist(agency_id="1A"), r"agencyID: '1A' is not an agency id"),
        (a_codelist(agency_id="A..B"), r"agencyID"),
        (a_codelist(version="1.0.0+build"), r"version: '1.0.0\+build' is not a version"),
        (a_codelist(version="latest"), r"version: 'latest' is not a version"),
        (a_codelist(codes=["A B"]), r"code A B: 'A B' is not a valid id"),
        (a_concept_scheme(concepts=["1ST"]), r"concept 1ST: '1ST' is not a valid id; it must begin with a letter"),
        (a_category_scheme(Category(id="A", categories=(Category(id="B.C"),))), r"category A.B.C: 'B.C' is not a valid id"),
        (a_data_structure(CONCEPTS, {"1DIM": None}), r"dimension 1DIM: '1DIM' is not a component id"),
    ],
)
def test_ids_and_versions_follow_their_types(store: ArtefactStore, artefact: Maintainable, told: str) -> None:
    assert re.search(told, reason(import_structures(store, [artefact])))


def test_the_same_artefact_twice_in_a_submission_is_one(store: ArtefactStore) -> None:
    assert outcomes(import_structures(store, [AREAS, a_codelist()])) == ["added"]


def test_two_contents_under_one_urn_are_both_refused(store: ArtefactStore) -> None:
    report = import_structures(store, [AREAS, a_codelist(codes=["X"]), a_codelist("CL_B")])
    assert outcomes(report) == ["refused", "refused", "added"]
    assert "2 times with different content" in str(report.lines[0].reasons[0])


def test_items_stand_once(store: ArtefactStore) -> None:
    twice = replace(AREAS, codes=(Code(id="A"), Code(id="B"), Code(id="A")))
    assert reason(import_structures(store, [twice])) == "code A: the id stands more than once; keep one of them"


def test_nested_items_are_unique_below_their_parent_only(store: ArtefactStore) -> None:
    fine = a_category_scheme(Category(id="A", categories=(Category(id="X"),)), Category(id="B", categories=(Category(id="X"),)))
    assert outcomes(import_structures(store, [fine])) == ["added"]


def test_values_of_value_lists_may_hold_any_characters_but_stand_once(store: ArtefactStore) -> None:
    values = ValueList(
        id="VL", agency_id="CDE", version="1.0.0", names={"en": "V"}, value_items=(ValueItem(id="< 5 %"), ValueItem(id="é.è"))
    )
    assert outcomes(import_structures(store, [values])) == ["added"]
    assert "value < 5 %" in reason(import_structures(store, [replace(values, id="VL2", value_items=values.value_items[:1] * 2)]))


def test_a_parent_that_is_missing_is_a_warning(store: ArtefactStore) -> None:
    [line] = import_structures(store, [a_codelist(codes={"A": None, "B": "Z"})]).lines
    assert line.outcome is Outcome.ADDED
    assert tuple(map(str, line.warnings)) == ("code B: its parent 'Z' is not in the scheme",)


@pytest.mark.parametrize("codes", [{"A": "A"}, {"R": None, "A": "C", "B": "A", "C": "B", "D": "C"}])
def test_an_item_that_is_its_own_ancestor_is_refused_once(store: ArtefactStore, codes: dict[str, str | None]) -> None:
    assert "is its own ancestor (A → " in reason(import_structures(store, [a_codelist(codes=codes)]))


def test_hierarchies_deeper_than_the_stack_are_checked(store: ArtefactStore) -> None:
    chain = {f"C{index}": f"C{index - 1}" if index else None for index in range(20_000)}
    plan_import(store, [a_codelist(codes=chain), a_codelist("CL_B", codes=dict(reversed(chain.items())))])


def with_attribute(**fields: Any) -> Maintainable:
    attribute = Attribute(**{"id": "NOTE", "concept_identity": urn(CONCEPTS, "TITLE"), **fields})
    return a_data_structure(CONCEPTS, {"FREQ": None}, attributes=[attribute])


@pytest.mark.parametrize(
    ("structure", "told"),
    [
        (
            with_attribute(attribute_relationship=AttributeRelationship(dimensions=("AREA",))),
            "attribute NOTE: it names the dimension 'AREA'",
        ),
        (with_attribute(attribute_relationship=AttributeRelationship(group="G")), "attribute NOTE: it names the group 'G'"),
        (
            with_attribute(attribute_relationship=AttributeRelationship(observation=Empty()), measure_relationship=("M",)),
            "attribute NOTE: it names the measure 'M'",
        ),
        (with_attribute(), "attribute NOTE: it does not say what it describes"),
        (with_attribute(attribute_relationship=AttributeRelationship()), "attribute NOTE: its attributeRelationship is empty"),
        (
            with_attribute(attribute_relationship=AttributeRelationship(observation=Empty()), concept_identity=None),
            "attribute NOTE: it names no concept",
        ),
        (
            with_attribute(attribute_relationship=AttributeRelationship(observation=Empty()), id="FREQ"),
            "component FREQ: 2 components have this id",
        ),
        (
            a_data_structure(CONCEPTS, {"FREQ": None}, groups=[Group(id="G", group_dimensions=("AREA",))]),
            "group G: it names the dimension 'AREA'",
        ),
        (a_data_structure(CONCEPTS, {"FREQ": None}, groups=[Group(id="G")]), "group G: it names no dimensions"),
        (a_data_structure(CONCEPTS, {}), "dimensionList: a data structure has at least one dimension"),
        (a_data_structure(CONCEPTS, {"TIME_PERIOD": None}, time=False), "dimension TIME_PERIOD: the time dimension, and no other"),
    ],
)
def test_data_structures_that_contradict_themselves_are_refused_with_the_place(
    store: ArtefactStore, structure: DataStructure, told: str
) -> None:
    assert reason(import_structures(store, [structure])).startswith(told)


def test_maps_that_do_not_fit_their_columns_are_refused(store: ArtefactStore) -> None:
    rows = (ValueMapping(source_values=(MappedValue(value="A"),), target_values=("B", "C")),)
    table = RepresentationMap(
        id="RM",
        agency_id="CDE",
        version="1.0.0",
        names={"en": "M"},
        source=(MappedList(data_type="String"),) * 2,
        representation_mappings=rows,
    )
    [line] = import_structures(store, [table]).lines
    assert [str(told).partition(":")[0] for told in line.reasons] == ["representationMappings[0]"] * 2
    structure_map = StructureMap(
        id="SM", agency_id="CDE", version="1.0.0", source=urn(FLOW), target=urn(FLOW), fixed_value_maps=(FixedValueMap(values=("X",)),)
    )
    assert reason(import_structures(store, [structure_map])).startswith("fixedValueMaps[0]")


@pytest.mark.parametrize(
    ("artefact", "told"),
    [
        (a_dataflow("CDE:DSD(1.0.0)"), "structure: 'CDE:DSD(1.0.0)' is not an SDMX URN"),
        (a_dataflow(urn(AREAS)), r"structure: CDE:CL_AREA(1.0.0) is a Codelist; expected a DataStructure"),
        (
            a_data_structure(CONCEPTS, {"AREA": enumerated(urn(CONCEPTS))}),
            None,
        ),
        (
            a_data_structure(CONCEPTS, {"AREA": enumerated(urn(FLOW))}),
            "dataStructureComponents.dimensionList.dimensions[AREA].localRepresentation.enumeration: CDE:DF_WATER(1.0.0) is a Dataflow",
        ),
    ],
)
def test_references_are_urns_of_a_fitting_class(store: ArtefactStore, artefact: Maintainable, told: str | None) -> None:
    report = import_structures(store, [artefact])
    if told is None:
        assert not report.refused
    else:
        assert reason(report).startswith(told)


def test_references_that_lead_nowhere_are_listed_and_do_not_refuse(store: ArtefactStore) -> None:
    [line] = import_structures(store, [FLOW]).lines
    assert line.outcome is Outcome.ADDED
    assert tuple(map(str, line.warnings)) == ("structure: DataStructure CDE:DSD_WATER(1.0.0) is neither stored nor submitted",)
    [line] = import_structures(store, [DSD, AREAS, a_concept_scheme(concepts=["FREQ", "AREA", "TIME_PERIOD", "OBS_VALUE"])]).lines[:1]
    assert tuple(map(str, line.warnings)) == (
        "dataStructureComponents.attributeList.attributes[OBS_STATUS].conceptIdentity: CDE:CS_WATER(1.0.0) has no Concept 'OBS_STATUS'",
    )


def test_an_artefact_that_is_refused_is_not_there_for_the_others(store: ArtefactStore) -> None:
    report = import_structures(store, [FLOW, a_data_structure(CONCEPTS, {})])
    assert outcomes(report) == ["added", "refused"]
    assert "neither stored nor submitted" in str(report.lines[0].warnings[0])


def test_wildcard_references_find_what_they_admit(store: ArtefactStore) -> None:
    flow = a_dataflow(urn(DSD).replace("(1.0.0)", "(1.0+.0)"))
    report = import_structures(store, [flow, DSD, AREAS, CONCEPTS])
    assert report.lines[0].warnings == ()
    later = a_dataflow(urn(DSD).replace("(1.0.0)", "(2.0+.0)"), id="DF_LATER")
    assert len(import_structures(store, [later]).lines[0].warnings) == 1


def test_many_references_that_lead_nowhere_are_told_shortly(store: ArtefactStore) -> None:
    structure = a_data_structure(CONCEPTS, {f"D{index}": None for index in range(60)})
    [line] = import_structures(store, [structure]).lines
    assert len(line.warnings) == 21
    assert str(line.warnings[-1]).startswith("references: 42 more")


def test_a_semantic_version_that_leans_on_a_legacy_one_is_told_but_providers_are_fixed(store: ArtefactStore) -> None:
    legacy = a_concept_scheme(version="1.0")
    report = import_structures(store, [a_data_structure(legacy, {"FREQ": None}), legacy])
    assert "legacy version" in str(report.lines[0].warnings[0])
    providers = a_provider_scheme("P1")
    agreement = a_provision_agreement(FLOW, providers, "P1")
    assert import_structures(store, [agreement, providers, *COMPLETE]).lines[0].warnings == ()


def test_codelists_that_inherit_from_each_other_are_refused(store: ArtefactStore) -> None:
    def extending(own: str, *others: str) -> Maintainable:
        return a_codelist(own, codelist_extensions=tuple(CodelistExtension(codelist=urn(a_codelist(other))) for other in others))

    report = import_structures(
        store, [extending("CL_A", "CL_B"), extending("CL_B", "CL_C"), extending("CL_C", "CL_A"), extending("CL_D", "CL_A")]
    )
    assert outcomes(report) == ["refused", "refused", "refused", "added"]
    assert "CDE:CL_A(1.0.0) → CDE:CL_B(1.0.0) → CDE:CL_C(1.0.0) → CDE:CL_A(1.0.0)" in str(report.lines[0].reasons[0])
    assert "inherits from itself" in reason(import_structures(store, [extending("CL_SELF", "CL_SELF")]))


def test_a_cycle_closed_through_the_store_is_refused(store: ArtefactStore) -> None:
    def extending(own: str, other: str) -> Maintainable:
        base = a_codelist(other, version="1.0")
        return a_codelist(own, version="1.0", codelist_extensions=(CodelistExtension(codelist=urn(base)),))

    import_structures(store, [extending("CL_A", "CL_B"), a_codelist("CL_B", version="1.0")])
    assert "inherits from itself" in reason(import_structures(store, [extending("CL_B", "CL_A")]))


def test_a_partial_scheme_does_not_replace_the_complete_one(store: ArtefactStore) -> None:
    complete = a_codelist(version="1.0")
    import_structures(store, [complete])
    assert "submit the complete scheme" in reason(import_structures(store, [a_codelist(version="1.0", codes=["KZ"], is_partial=True)]))
    assert held(store) == [complete]


def test_a_part_of_what_is_stored_changes_nothing(store: ArtefactStore) -> None:
    import_structures(store, [AREAS])
    [line] = import_structures(store, [replace(AREAS, codes=AREAS.codes[1:], is_partial=True)]).lines
    assert line.outcome is Outcome.UNCHANGED
    assert "isPartial" in str(line.warnings[0])


@pytest.mark.parametrize("partial", [True, False])
def test_an_agency_scheme_of_elsewhere_adds_and_updates_and_removes_nothing(store: ArtefactStore, partial: bool) -> None:
    import_structures(store, [an_agency_scheme("CDE", "IMF")])
    updated = replace(an_agency_scheme("IMF", "BIS", is_partial=partial), names={"en": "Theirs"})
    updated = replace(updated, agencies=(replace(updated.agencies[0], names={"en": "Fund"}), *updated.agencies[1:]))
    assert outcomes(import_structures(store, [updated])) == ["replaced"]
    [found] = held(store)
    scheme = as_a(AgencyScheme, found)
    assert {agency.id: agency.names["en"] for agency in scheme.agencies} == {"CDE": "Cde", "IMF": "Fund", "BIS": "Bis"}
    assert not scheme.is_partial
    assert (scheme.names == updated.names) is not partial
    assert outcomes(import_structures(store, [updated])) == ["unchanged"]


def test_a_complete_scheme_takes_the_place_of_its_part_even_when_stable(store: ArtefactStore) -> None:
    import_structures(store, [a_codelist(codes=["KG"], is_partial=True)])
    assert outcomes(import_structures(store, [AREAS])) == ["replaced"]
    assert held(store) == [AREAS]


def test_a_complete_scheme_that_says_something_else_does_not(store: ArtefactStore) -> None:
    import_structures(store, [a_codelist(codes=["KZ"], is_partial=True)])
    assert "stable" in reason(import_structures(store, [AREAS]))


@pytest.mark.parametrize(
    ("full", "stub"),
    [
        (AREAS, replace(AREAS, codes=(), is_external_reference=True, structure_url="https://example.org")),
        (DSD, replace(DSD, data_structure_components=None)),
        (FLOW, replace(FLOW, structure=None)),
    ],
    ids=["external reference", "structure without components", "flow without structure"],
)
def test_a_stub_gives_way_to_the_full_artefact_and_never_takes_its_place(
    store: ArtefactStore, full: Maintainable, stub: Maintainable
) -> None:
    assert outcomes(import_structures(store, [stub])) == ["added"]
    assert outcomes(import_structures(store, [full])) == ["replaced"]
    [line] = import_structures(store, [stub]).lines
    assert line.outcome is Outcome.UNCHANGED
    assert "stub" in str(line.warnings[0])
    assert held(store) == [full]


def test_an_artefact_without_a_name_and_an_odd_agency_scheme_are_told(store: ArtefactStore) -> None:
    [line] = import_structures(store, [a_codelist(names={})]).lines
    assert tuple(map(str, line.warnings)) == ("names: the artefact has no name in any language; its id is shown instead",)
    [line] = import_structures(store, [a_provider_scheme("P1", version="2.0")]).lines
    assert "DATA_PROVIDERS and 1.0" in str(line.warnings[0])


class _Hasty:
    """A store where another writer slips in between plan and commit, a number of times."""

    def __init__(self, store: ArtefactStore, times: int) -> None:
        self._store = store
        self._times = times

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def commit(self, changes: ChangeSet, *, recorded_at: datetime | None = None) -> None:
        if self._times:
            self._times -= 1
            other = a_codelist(version="1.0", codes=[f"OTHER{self._times}"])
            self._store.commit(ChangeSet(put=(other,)))
        self._store.commit(changes, recorded_at=recorded_at)


def test_an_import_that_was_overtaken_is_planned_anew(store: ArtefactStore) -> None:
    report = import_structures(_Hasty(store, 2), [a_codelist(version="1.0")])
    assert outcomes(report) == ["replaced"]
    assert held(store) == [a_codelist(version="1.0")]


def test_an_import_that_is_overtaken_again_and_again_gives_up_clearly(store: ArtefactStore) -> None:
    with pytest.raises(ConflictingWrite, match="retry"):
        import_structures(_Hasty(store, 99), [a_codelist(version="1.0")])


def test_what_goes_without_saying_makes_no_other_content(store: ArtefactStore) -> None:
    import_structures(store, COMPLETE)
    structure = DSD.data_structure_components
    assert structure is not None
    assert structure.dimension_list.time_dimension is not None
    spelled = replace(
        structure.dimension_list,
        time_dimension=replace(
            structure.dimension_list.time_dimension,
            local_representation=Representation(format=TextFormat(data_type="ObservationalTimePeriod")),
        ),
    )
    other = replace(DSD, is_final=True, data_structure_components=replace(structure, dimension_list=spelled))
    assert outcomes(import_structures(store, [other, replace(AREAS, is_final=True)])) == ["unchanged", "unchanged"]


def test_a_narrower_time_representation_is_other_content(store: ArtefactStore) -> None:
    import_structures(store, COMPLETE)
    structure = DSD.data_structure_components
    assert structure is not None
    assert structure.dimension_list.time_dimension is not None
    narrower = replace(
        structure.dimension_list,
        time_dimension=replace(
            structure.dimension_list.time_dimension, local_representation=Representation(format=TextFormat(data_type="GregorianYear"))
        ),
    )
    other = replace(DSD, data_structure_components=replace(structure, dimension_list=narrower))
    assert "stable" in reason(import_structures(store, [other]))


def test_what_2_1_did_not_call_final_can_be_replaced_until_it_is(store: ArtefactStore) -> None:
    drafted, changed = a_codelist(codes=("KG",), is_final=False), a_codelist(codes=("KG", "MW"), is_final=False)
    final = replace(changed, is_final=True)
    assert outcomes(import_structures(store, [drafted])) == ["added"]
    assert outcomes(import_structures(store, [changed])) == ["replaced"]
    assert outcomes(import_structures(store, [final])) == ["replaced"]
    assert outcomes(import_structures(store, [changed])) == ["unchanged"]
    assert outcomes(import_structures(store, [replace(final, codes=drafted.codes)])) == ["refused"]


def test_an_instant_without_a_zone_is_the_one_in_utc(store: ArtefactStore) -> None:
    import_structures(store, [a_codelist(valid_from="2020-01-01T00:00:00")])
    assert outcomes(import_structures(store, [a_codelist(valid_from="2020-01-01T00:00:00Z")])) == ["unchanged"]
    assert outcomes(import_structures(store, [a_codelist(valid_from="2020-01-02T00:00:00Z")])) == ["refused"]


def test_a_stub_with_empty_lists_is_no_broken_data_structure(store: ArtefactStore) -> None:
    empty = DataStructureComponents(dimension_list=DimensionList())
    stub = DataStructure(
        id="DSD", agency_id=AGENCY, version="1.0", names={"en": "x"}, is_external_reference=True, data_structure_components=empty
    )
    assert outcomes(import_structures(store, [stub])) == ["added"]


@pytest.mark.parametrize(
    "constraint_of",
    [
        lambda structure: ConstraintAttachment(dataflows=(urn(structure),)),
        lambda structure: ConstraintAttachment(data_structures=(urn(a_dataflow(structure)),)),
    ],
)
def test_a_constraint_attached_to_another_kind_than_it_says_is_refused(store: ArtefactStore, constraint_of: Callable[..., Any]) -> None:
    structure = a_data_structure(a_concept_scheme(), {"AREA": None})
    constraint = DataConstraint(id="C", agency_id=AGENCY, version="1.0", constraint_attachment=constraint_of(structure))
    (line,) = import_structures(store, [constraint]).lines
    assert [finding.code for finding in line.reasons] == ["wrong-class"]
