"""Structure queries against a real store: matching, items, references, detail."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.errors import InvalidVersion
from registry.model.base import Annotation, Maintainable
from registry.model.categories import Category, CategoryScheme
from registry.model.codelists import Codelist, CodelistExtension, GeographicCodelist
from registry.model.concepts import ConceptScheme
from registry.model.constraints import DataConstraint
from registry.model.identity import Urn
from registry.model.maps import MappedList, RepresentationMap, StructureMap
from registry.references.partial import item_ids
from registry.services.snapshots import snapshot_of
from registry.services.structure_query import Detail, Relation, StructureQuery
from registry.services.structures import StructureAnswer, answer
from registry.store.ports import ArtefactStore, ChangeSet
from registry.store.sql import SqlArtefactStore, open_store
from tests.builders import (
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
    a_selection,
    an_agency_scheme,
    enumerated,
    urn,
)
from tests.narrowing import as_a
from tests.registry.conftest import Fill

ALL_VERSIONS = "*"

AGENCIES = an_agency_scheme("CDE", "OTHER")
AREAS = a_codelist("CL_AREA", {"AFR": None, "MW": "AFR", "RW": "AFR", "KG": None})
FREQ = a_codelist("CL_FREQ", ["A", "M"])
UNUSED = a_codelist("CL_UNUSED", ["X"])
CONCEPTS = a_concept_scheme(
    concepts=["FREQ", a_concept("AREA", AREAS), "TIME_PERIOD", "OBS_VALUE", a_concept("UNRELATED", UNUSED)],
    descriptions={"en": "Concepts of water"},
    annotations=(Annotation(id="note"),),
)
DSD = a_data_structure(CONCEPTS, {"FREQ": enumerated(FREQ), "AREA": None})
FLOW = a_dataflow(DSD)
OTHER_FLOW = a_dataflow(DSD, "DF_OTHER")
PROVIDERS = a_provider_scheme("CSO", "NSO")
AGREEMENT = a_provision_agreement(FLOW, PROVIDERS)
CONSTRAINT = a_constraint(FLOW, a_selection("AREA", "MW"))
TOPICS = a_category_scheme(
    Category(id="ENV", categories=(Category(id="WATER", categories=(Category(id="WELLS"),)), Category(id="AIR"))), "HEALTH"
)
CATEGORISATION = a_categorisation(FLOW, TOPICS, "ENV.WATER")
MAP = StructureMap(id="SM", agency_id="CDE", version="1.0.0", names={"en": "map"}, source=urn(FLOW), target=urn(OTHER_FLOW))
VALUE_MAP = RepresentationMap(
    id="RM",
    agency_id="CDE",
    version="1.0.0",
    names={"en": "map"},
    source=(MappedList(codelist=urn(FREQ)),),
    target=(MappedList(data_type="String"),),
)
WORLD = (
    AGENCIES, AREAS, FREQ, UNUSED, CONCEPTS, DSD, FLOW, OTHER_FLOW, PROVIDERS, AGREEMENT, CONSTRAINT, TOPICS, CATEGORISATION,
    MAP, VALUE_MAP,
)  # fmt: skip


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlArtefactStore]:
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('world') / 'registry.db'}")
    store.commit(ChangeSet(put=WORLD))
    yield store
    store.close()


def query(resource: str | None = None, name: str | None = None, relation: str = "none", **fields: Any) -> StructureQuery:
    relations = frozenset({Relation(relation)})
    return StructureQuery(
        **{
            "resources": frozenset({resource}) if resource else None,
            "ids": frozenset({name}) if name else None,
            "relations": relations,
            **fields,
        }
    )


def names(artefacts: Iterable[Maintainable]) -> set[str]:
    return {f"{artefact.urn_class}={artefact.id}" for artefact in artefacts}


def by_id(answered: StructureAnswer, name: str) -> Any:
    return next(artefact for artefact in answered.artefacts if artefact.id == name)


# --- which artefacts match


def test_nothing_matches_an_unknown_id(world: SqlArtefactStore) -> None:
    answered = answer(world, query("codelist", "CL_NOWHERE", "all"))
    assert answered.artefacts == ()
    assert answered.last_modified is None


def test_every_family_is_searched_when_none_is_named(world: SqlArtefactStore) -> None:
    assert len(answer(world, query()).matches) == len(WORLD)


def test_geographic_codelists_answer_to_codelist(filled: Fill) -> None:
    geo = GeographicCodelist(id="CL_GEO", agency_id="CDE", version="1.0.0", names={"en": "g"})
    assert answer(filled(geo), query("codelist")).matches == (geo,)


@pytest.mark.parametrize(
    ("versions", "expected"),
    [
        ("~", ["2.0.0-draft"]),
        ("+", ["1.10.0"]),
        ("*", ["1.9.0", "1.10.0", "2.0.0-draft"]),
        ("1.9.0", ["1.9.0"]),
        ("1.9.0,2~.0.0", ["1.9.0", "2.0.0-draft"]),
        ("3.0.0", []),
    ],
)
def test_versions_are_chosen_per_artefact(filled: Fill, versions: str, expected: list[str]) -> None:
    store = filled(*(a_codelist("CL_A", version=version) for version in ("1.9.0", "1.10.0", "2.0.0-draft")))
    assert [a.version for a in answer(store, query("codelist", versions=versions)).matches] == expected


def test_a_version_query_without_meaning_is_refused(world: SqlArtefactStore) -> None:
    with pytest.raises(InvalidVersion):
        answer(world, query("codelist", versions="1.+.3"))


def test_state_of_an_earlier_moment(filled: Fill) -> None:
    store = filled(a_codelist("CL_A", ["A"]))
    first = store.records()[0].recorded_from
    filled(a_codelist("CL_A", ["A", "B"]))
    assert len(as_a(Codelist, answer(store, query("codelist")).matches[0]).codes) == 2
    assert len(as_a(Codelist, answer(store, query("codelist", as_of=first)).matches[0]).codes) == 1


# --- items


def test_item_query_returns_only_that_item_and_marks_the_scheme_partial(world: SqlArtefactStore) -> None:
    scheme = as_a(Codelist, answer(world, query("codelist", "CL_AREA", items=frozenset({"MW"}))).matches[0])
    assert [code.id for code in scheme.codes] == ["MW"]
    assert scheme.is_partial


def test_nested_item_comes_with_its_ancestors_and_without_its_children(world: SqlArtefactStore) -> None:
    scheme = as_a(CategoryScheme, answer(world, query("categoryscheme", items=frozenset({"ENV.WATER"}))).matches[0])
    assert [category.id for category in scheme.categories] == ["ENV"]
    assert [category.id for category in scheme.categories[0].categories] == ["WATER"]
    assert scheme.categories[0].categories[0].categories == ()


def test_schemes_without_the_item_are_no_match(world: SqlArtefactStore) -> None:
    assert names(answer(world, query("codelist", items=frozenset({"MW"}))).matches) == {"Codelist=CL_AREA"}
    assert answer(world, query("codelist", items=frozenset({"NOWHERE"}))).artefacts == ()


def test_references_of_an_item_query_are_those_of_the_item(world: SqlArtefactStore) -> None:
    area = answer(world, query("conceptscheme", relation="children", items=frozenset({"AREA"})))
    assert names(area.related) == {"Codelist=CL_AREA", "AgencyScheme=AGENCIES"}
    assert names(answer(world, query("conceptscheme", relation="parents", items=frozenset({"AREA"}))).related) == {
        "DataStructure=DSD_WATER"
    }
    assert answer(world, query("conceptscheme", relation="parents", items=frozenset({"UNRELATED"}))).related == ()


# --- references: first level of references=all, per family (SDMX-REST, table of artefacts returned)

CHILDREN = {
    "Categorisation": {"CategoryScheme=CAT_TOPICS", "Dataflow=DF_WATER", "AgencyScheme=AGENCIES"},
    "CategoryScheme": {"AgencyScheme=AGENCIES"},
    "Codelist": {"AgencyScheme=AGENCIES"},
    "ConceptScheme": {"Codelist=CL_AREA", "Codelist=CL_UNUSED", "AgencyScheme=AGENCIES"},
    "DataConstraint": {"Dataflow=DF_WATER", "AgencyScheme=AGENCIES"},
    "Dataflow": {"DataStructure=DSD_WATER", "AgencyScheme=AGENCIES"},
    "DataProviderScheme": {"AgencyScheme=AGENCIES"},
    "DataStructure": {"Codelist=CL_FREQ", "ConceptScheme=CS_WATER", "AgencyScheme=AGENCIES"},
    "ProvisionAgreement": {"Dataflow=DF_WATER", "DataProviderScheme=DATA_PROVIDERS", "AgencyScheme=AGENCIES"},
    "StructureMap": {"Dataflow=DF_WATER", "Dataflow=DF_OTHER", "AgencyScheme=AGENCIES"},
    "RepresentationMap": {"Codelist=CL_FREQ", "AgencyScheme=AGENCIES"},
}
PARENTS = {
    "CategoryScheme": {"Categorisation=CAT_DF_WATER"},
    "Codelist": {"DataStructure=DSD_WATER", "RepresentationMap=RM"},
    "ConceptScheme": {"DataStructure=DSD_WATER"},
    "Dataflow": {"Categorisation=CAT_DF_WATER", "DataConstraint=CON_WATER", "ProvisionAgreement=PA_WATER", "StructureMap=SM"},
    "DataProviderScheme": {"ProvisionAgreement=PA_WATER"},
    "DataStructure": {"Dataflow=DF_WATER", "Dataflow=DF_OTHER"},
}
SUBJECTS = {
    "Categorisation": CATEGORISATION,
    "CategoryScheme": TOPICS,
    "Codelist": FREQ,
    "ConceptScheme": CONCEPTS,
    "DataConstraint": CONSTRAINT,
    "Dataflow": FLOW,
    "DataProviderScheme": PROVIDERS,
    "DataStructure": DSD,
    "ProvisionAgreement": AGREEMENT,
    "StructureMap": MAP,
    "RepresentationMap": VALUE_MAP,
}


def related(store: ArtefactStore, artefact: Maintainable, relation: str, detail: Detail = Detail.FULL) -> set[str]:
    return names(answer(store, query(artefact.urn_class.lower(), artefact.id, relation, detail=detail)).related)


@pytest.mark.parametrize("family", SUBJECTS)
def test_children_and_parents_of_each_family(world: SqlArtefactStore, family: str) -> None:
    assert related(world, SUBJECTS[family], "children") == CHILDREN[family]
    assert related(world, SUBJECTS[family], "parents") == PARENTS.get(family, set())
    assert CHILDREN[family] | PARENTS.get(family, set()) <= related(world, SUBJECTS[family], "all")


def test_provider_constraint_is_a_parent_of_the_provider_scheme(filled: Fill) -> None:
    constraint = a_constraint(str(Urn.of(PROVIDERS).item_urn("DataProvider", "CSO")), a_selection("AREA", "MW"))
    store = filled(PROVIDERS, constraint)
    assert related(store, PROVIDERS, "parents") == {"DataConstraint=CON_WATER"}
    assert related(store, constraint, "children") == {"DataProviderScheme=DATA_PROVIDERS"}


def test_agency_scheme_is_used_by_everything_its_agencies_maintain(world: SqlArtefactStore) -> None:
    everything = {name for name in names(WORLD) if name != "AgencyScheme=AGENCIES"}
    assert related(world, AGENCIES, "parents") == everything
    assert related(world, AGENCIES, "children") == set()


def test_agencies_that_no_scheme_holds_are_left_out(filled: Fill) -> None:
    assert related(filled(AREAS, an_agency_scheme("OTHER")), AREAS, "children") == set()


def test_sub_agency_is_found_in_the_scheme_of_its_parent(filled: Fill) -> None:
    sub = an_agency_scheme("WATER", owner="CDE")
    codelist = a_codelist("CL_SUB", agency_id="CDE.WATER")
    found = answer(filled(AGENCIES, sub, codelist), query("codelist", relation="descendants")).related
    assert [(scheme.agency_id, scheme.id) for scheme in found] == [("CDE", "AGENCIES"), ("SDMX", "AGENCIES")]


def test_parents_and_siblings_are_parents_and_what_they_reference(world: SqlArtefactStore) -> None:
    assert related(world, FREQ, "parentsandsiblings") == {
        "DataStructure=DSD_WATER", "RepresentationMap=RM", "ConceptScheme=CS_WATER", "AgencyScheme=AGENCIES",
    }  # fmt: skip


def test_ancestors_reach_every_level_above(world: SqlArtefactStore) -> None:
    assert related(world, FREQ, "ancestors") == {
        "DataStructure=DSD_WATER", "RepresentationMap=RM", "Dataflow=DF_WATER", "Dataflow=DF_OTHER", "StructureMap=SM",
        "ProvisionAgreement=PA_WATER", "DataConstraint=CON_WATER", "Categorisation=CAT_DF_WATER",
    }  # fmt: skip


def test_descendants_reach_every_level_below(world: SqlArtefactStore) -> None:
    assert related(world, AGREEMENT, "descendants") == {
        "Dataflow=DF_WATER", "DataProviderScheme=DATA_PROVIDERS", "DataStructure=DSD_WATER", "ConceptScheme=CS_WATER",
        "Codelist=CL_AREA", "Codelist=CL_FREQ", "Codelist=CL_UNUSED", "AgencyScheme=AGENCIES",
    }  # fmt: skip


def test_all_is_parents_and_siblings_and_descendants(world: SqlArtefactStore) -> None:
    found = related(world, FLOW, "all")
    assert found == related(world, FLOW, "parentsandsiblings") | related(world, FLOW, "descendants")
    assert {"DataConstraint=CON_WATER", "CategoryScheme=CAT_TOPICS", "Codelist=CL_AREA", "DataStructure=DSD_WATER"} <= found


def test_kinds_named_in_references_are_found_at_any_level(world: SqlArtefactStore) -> None:
    codelists = answer(world, query("dataflow", "DF_WATER", related_resources=frozenset({"codelist"})))
    assert names(codelists.related) == {"Codelist=CL_AREA", "Codelist=CL_FREQ", "Codelist=CL_UNUSED"}
    flows = answer(world, query("codelist", "CL_FREQ", related_resources=frozenset({"dataflow", "provisionagreement"})))
    assert names(flows.related) == {"Dataflow=DF_WATER", "Dataflow=DF_OTHER", "ProvisionAgreement=PA_WATER"}


def test_several_values_of_references_add_up(world: SqlArtefactStore) -> None:
    both = answer(world, query("datastructure", relations=frozenset({Relation.PARENTS, Relation.CHILDREN})))
    assert names(both.related) == CHILDREN["DataStructure"] | PARENTS["DataStructure"]


def test_matches_are_never_repeated_among_the_related(world: SqlArtefactStore) -> None:
    answered = answer(world, query(None, None, "all"))
    assert answered.related == ()
    assert len({urn(a) for a in answered.artefacts}) == len(answered.artefacts)


def test_reference_to_an_absent_artefact_is_left_out(filled: Fill) -> None:
    assert related(filled(FLOW), FLOW, "descendants") == set()


# --- versions of references


def test_wildcard_reference_means_the_latest_version_only(filled: Fill) -> None:
    older, newer = DSD, msgspec.structs.replace(DSD, version="1.4.0")
    flow = a_dataflow(urn(DSD).replace("(1.0.0)", "(1.0+.0)"))
    store = filled(older, newer, msgspec.structs.replace(DSD, version="1.5.0-draft"), flow)
    found = answer(store, query("dataflow", relation="children")).related
    assert [structure.version for structure in found] == ["1.4.0"]
    assert answer(store, query("datastructure", versions="1.0.0", relation="parents")).related == ()
    assert answer(store, query("datastructure", versions="1.4.0", relation="parents")).related == (flow,)


def test_draft_referrer_sees_drafts(filled: Fill) -> None:
    flow = a_dataflow(urn(DSD).replace("(1.0.0)", "(1.0+.0)"), version="1.0.0-draft")
    store = filled(DSD, msgspec.structs.replace(DSD, version="1.5.0-draft"), flow)
    assert [a.version for a in answer(store, query("dataflow", relation="children")).related] == ["1.5.0-draft"]


def test_legacy_versions_are_matched_as_written(filled: Fill) -> None:
    structure = msgspec.structs.replace(DSD, version="1.0")
    store = filled(structure, DSD, a_dataflow(structure, version="1.0"))
    assert [a.version for a in answer(store, query("dataflow", relation="children")).related] == ["1.0"]


# --- detail


@pytest.mark.parametrize(
    ("detail", "match_is_stub", "related_is_stub"),
    [("allstubs", True, True), ("referencestubs", False, True), ("allcompletestubs", True, True), ("referencecompletestubs", False, True),
     ("full", False, False), ("raw", False, False), ("referencepartial", False, False)],
)  # fmt: skip
def test_detail_says_what_becomes_a_stub(world: SqlArtefactStore, detail: str, match_is_stub: bool, related_is_stub: bool) -> None:
    answered = answer(world, query("datastructure", relation="children", detail=Detail(detail)))
    assert {a.is_external_reference for a in answered.matches} == {match_is_stub}
    assert {a.is_external_reference for a in answered.related} == {related_is_stub}


def test_complete_stubs_keep_description_and_annotations(world: SqlArtefactStore) -> None:
    plain, complete = (
        as_a(ConceptScheme, answer(world, query("conceptscheme", detail=detail)).matches[0])
        for detail in (Detail.ALL_STUBS, Detail.ALL_COMPLETE_STUBS)
    )
    assert (plain.names, plain.descriptions, plain.annotations, plain.concepts) == (CONCEPTS.names, {}, (), ())
    assert (complete.descriptions, complete.annotations, complete.concepts) == (CONCEPTS.descriptions, CONCEPTS.annotations, ())


def test_full_resolves_extensions_and_does_not_repeat_the_inherited_lists(filled: Fill) -> None:
    extended = a_codelist("CL_EXT", ["_T"], codelist_extensions=(CodelistExtension(codelist=urn(AREAS), prefix="X_"),))
    store = filled(AREAS, extended)
    full = answer(store, query("codelist", "CL_EXT", "descendants"))
    codelist = as_a(Codelist, full.matches[0])
    assert {code.id for code in codelist.codes} == {"X_AFR", "X_MW", "X_RW", "X_KG", "_T"}
    assert codelist.codelist_extensions == ()
    assert full.related == ()


def test_raw_keeps_extensions_and_returns_the_inherited_lists(filled: Fill) -> None:
    extended = a_codelist("CL_EXT", ["_T"], codelist_extensions=(CodelistExtension(codelist=urn(AREAS)),))
    store = filled(AREAS, extended)
    raw = answer(store, query("codelist", "CL_EXT", "descendants", detail=Detail.RAW))
    assert raw.matches == (extended,)
    assert raw.related == (AREAS,)
    assert related(store, AREAS, "parents") == {"Codelist=CL_EXT"}


def test_items_inherited_by_extension_can_be_asked_for(filled: Fill) -> None:
    extended = a_codelist("CL_EXT", ["_T"], codelist_extensions=(CodelistExtension(codelist=urn(AREAS)),))
    answered = answer(filled(AREAS, extended), query("codelist", "CL_EXT", items=frozenset({"KG"})))
    assert [code.id for code in as_a(Codelist, answered.matches[0]).codes] == ["KG"]


# --- referencepartial


def partial(store: ArtefactStore, resource: str, name: str, relation: str = "descendants") -> StructureAnswer:
    return answer(store, query(resource, name, relation, detail=Detail.REFERENCE_PARTIAL))


def test_partial_codelists_hold_what_constraints_leave_and_the_codes_above(world: SqlArtefactStore) -> None:
    areas = by_id(partial(world, "dataflow", "DF_WATER"), "CL_AREA")
    assert [code.id for code in areas.codes] == ["AFR", "MW"]
    assert areas.is_partial


def test_partial_concept_scheme_holds_the_concepts_of_the_structure_and_brings_no_other_lists(world: SqlArtefactStore) -> None:
    answered = partial(world, "dataflow", "DF_WATER")
    concepts = by_id(answered, "CS_WATER")
    assert [concept.id for concept in concepts.concepts] == ["FREQ", "AREA", "TIME_PERIOD", "OBS_VALUE"]
    assert concepts.is_partial
    assert "Codelist=CL_UNUSED" not in names(answered.related)


def test_partial_leaves_unrestricted_lists_whole(world: SqlArtefactStore) -> None:
    freq = by_id(partial(world, "dataflow", "DF_WATER"), "CL_FREQ")
    assert freq == FREQ
    assert by_id(partial(world, "dataflow", "DF_OTHER"), "CL_AREA") == AREAS


def test_partial_agency_and_provider_schemes(world: SqlArtefactStore) -> None:
    answered = partial(world, "provisionagreement", "PA_WATER")
    assert [agency.id for agency in by_id(answered, "AGENCIES").agencies] == ["CDE"]
    assert [provider.id for provider in by_id(answered, "DATA_PROVIDERS").data_providers] == ["CSO"]


def test_partial_category_scheme_holds_the_path_to_the_category(world: SqlArtefactStore) -> None:
    scheme = by_id(partial(world, "categorisation", "CAT_DF_WATER"), "CAT_TOPICS")
    assert [category.id for category in scheme.categories] == ["ENV"]
    assert [category.id for category in scheme.categories[0].categories] == ["WATER"]
    assert scheme.categories[0].categories[0].categories == ()


def test_partial_never_reduces_what_was_asked_for(world: SqlArtefactStore) -> None:
    assert answer(world, query("conceptscheme", relation="all", detail=Detail.REFERENCE_PARTIAL)).matches == (CONCEPTS,)


def test_partial_for_the_structure_itself_does_not_apply_constraints_on_a_dataflow(world: SqlArtefactStore) -> None:
    assert by_id(partial(world, "datastructure", "DSD_WATER"), "CL_AREA") == AREAS


def test_partial_applies_a_constraint_on_the_agreement(filled: Fill) -> None:
    store = filled(*WORLD, a_constraint(AGREEMENT, a_selection("FREQ", "A"), id="CON_PA"))
    assert [code.id for code in by_id(partial(store, "provisionagreement", "PA_WATER"), "CL_FREQ").codes] == ["A"]
    assert len(by_id(partial(store, "dataflow", "DF_WATER"), "CL_FREQ").codes) == 2


# --- freshness


def test_answers_are_kept_until_the_store_changes(filled: Fill) -> None:
    store = filled(*WORLD)
    first = answer(store, query("dataflow", "DF_WATER", "all"))
    assert answer(store, query("dataflow", "DF_WATER", "all")) is first
    filled(msgspec.structs.replace(AREAS, names={"en": "Places"}))
    second = answer(store, query("dataflow", "DF_WATER", "all"))
    assert by_id(second, "CL_AREA").names == {"en": "Places"}
    assert second.content_key != first.content_key
    assert first.last_modified
    assert second.last_modified
    assert second.last_modified > first.last_modified


def test_content_key_ignores_unrelated_changes_but_sees_a_new_constraint(filled: Fill) -> None:
    store = filled(*WORLD)
    ask = query("dataflow", "DF_OTHER", "descendants", detail=Detail.REFERENCE_PARTIAL)
    first = answer(store, ask).content_key
    filled(a_codelist("CL_ELSEWHERE"))
    assert answer(store, ask).content_key == first
    filled(a_constraint(OTHER_FLOW, a_selection("AREA", "KG"), id="CON_OTHER"))
    assert answer(store, ask).content_key != first


# --- laws

_resources = st.sampled_from(sorted({artefact.urn_class.lower() for artefact in WORLD}))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
@given(resource=_resources, detail=st.sampled_from(Detail))
def test_children_are_descendants_and_parents_are_ancestors(world: SqlArtefactStore, resource: str, detail: Detail) -> None:
    found = {
        relation: names(answer(world, query(resource, relation=relation, detail=detail)).related)
        for relation in ("children", "descendants", "parents", "ancestors", "all")
    }
    assert found["children"] <= found["descendants"] <= found["all"]
    assert found["parents"] <= found["ancestors"]
    assert found["parents"] <= found["all"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
@given(artefact=st.sampled_from(WORLD))
def test_every_child_has_its_parent(world: SqlArtefactStore, artefact: Maintainable) -> None:
    for child in answer(world, query(artefact.urn_class.lower(), artefact.id, "children")).related:
        parents = answer(world, query(child.urn_class.lower(), child.id, "parents")).related
        assert artefact in parents


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20, deadline=None)
@given(resource=_resources, relation=st.sampled_from(["children", "descendants", "all"]))
def test_partial_schemes_hold_no_more_than_full_ones(world: SqlArtefactStore, resource: str, relation: str) -> None:
    full = {urn(a): a for a in answer(world, query(resource, relation=relation)).artefacts}
    for artefact in answer(world, query(resource, relation=relation, detail=Detail.REFERENCE_PARTIAL)).artefacts:
        whole = full[urn(artefact)]
        assert artefact == whole or getattr(artefact, "is_partial", False)
        assert item_ids(artefact).keys() <= item_ids(whole).keys()


def test_many_readers_share_one_snapshot_after_a_commit(filled: Fill) -> None:
    store = filled(*WORLD)
    with ThreadPoolExecutor(8) as readers:
        snapshots = set(readers.map(lambda _: snapshot_of(store), range(32)))
    assert len(snapshots) == 1


@pytest.mark.parametrize("detail", [Detail.FULL, Detail.REFERENCE_PARTIAL])
def test_the_number_of_queries_depends_on_depth_and_not_on_how_many_artefacts_there_are(filled: Fill, detail: Detail) -> None:
    flows = [a_dataflow(DSD, f"DF_{number}") for number in range(40)]
    counts = []
    for number in (1, 40):
        constraints = [a_constraint(flow, a_selection("AREA", "MW"), id=f"CON_{flow.id}") for flow in flows[:number]]
        store = Counting(filled(AREAS, FREQ, UNUSED, CONCEPTS, DSD, *flows[:number], *constraints))
        answer(store, query("dataflow", relation="all", detail=detail))
        counts.append(store.queries)
    assert counts[0] == counts[1]


class Counting:
    """A store that counts the queries that no cache can answer."""

    def __init__(self, store: ArtefactStore) -> None:
        self._store = store
        self.queries = 0

    def __getattr__(self, name: str) -> Any:
        self.queries += name in {"records", "referrers"}
        return getattr(self._store, name)


@pytest.mark.parametrize(
    ("resource", "expected"),
    [("dataconstraint", {"ACT", "CR"}), ("actualconstraint", {"ACT"}), ("allowedconstraint", {"CR"})],
)
def test_constraints_can_be_asked_for_by_role_directly_and_as_references(filled: Fill, resource: str, expected: set[str]) -> None:
    structure = a_data_structure(a_concept_scheme(), {"AREA": None})
    flow = a_dataflow(structure)
    actual, allowed = a_constraint(flow, id="ACT", role="Actual"), a_constraint(flow, id="CR")
    store = filled(structure, flow, actual, allowed)
    direct = answer(store, StructureQuery(resources=frozenset({resource})))
    related = answer(store, StructureQuery(resources=frozenset({"dataflow"}), related_resources=frozenset({resource})))
    assert {artefact.id for artefact in direct.matches} == {artefact.id for artefact in related.related} == expected


def test_a_stub_of_what_there_is_still_says_that_it_restricts_nothing(filled: Fill) -> None:
    structure = a_data_structure(a_concept_scheme(), {"AREA": None})
    store = filled(structure, a_constraint(structure, id="ACT", role="Actual"))
    (found,) = answer(store, StructureQuery(resources=frozenset({"dataconstraint"}), detail=Detail.ALL_STUBS)).matches
    constraint = as_a(DataConstraint, found)
    assert constraint.role == "Actual"
    assert constraint.constraint_attachment is None
