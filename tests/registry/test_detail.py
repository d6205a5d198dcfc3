"""Stubs and schemes with some of their items."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.model.base import Annotation, Maintainable
from registry.model.categories import Category
from registry.model.codelists import Codelist, GeographicCodelist, ValueItem, ValueList
from registry.references.detail import complete_stub, stub
from registry.references.partial import item_ids, with_items, with_used_items
from tests.builders import (
    a_categorisation,
    a_category_scheme,
    a_codelist,
    a_concept_scheme,
    a_constraint,
    a_data_structure,
    a_dataflow,
    a_provider_scheme,
    a_provision_agreement,
    a_selection,
    an_agency_scheme,
)
from tests.narrowing import as_a

AREAS = a_codelist("CL_AREA", {"AFR": None, "MW": "AFR", "MW_N": "MW", "KG": None})
CONCEPTS = a_concept_scheme()
DSD = a_data_structure(CONCEPTS, {"FREQ": None, "AREA": None})
FLOW = a_dataflow(DSD)
TOPICS = a_category_scheme(
    Category(id="ENV", categories=(Category(id="WATER", categories=(Category(id="WELLS"),)), Category(id="AIR"))), "AIR"
)
ARTEFACTS = [
    AREAS,
    CONCEPTS,
    DSD,
    FLOW,
    TOPICS,
    a_categorisation(FLOW, TOPICS),
    a_constraint(FLOW, a_selection("AREA", "MW")),
    a_provider_scheme(),
    a_provision_agreement(FLOW, a_provider_scheme()),
    an_agency_scheme(),
    GeographicCodelist(id="CL_GEO", agency_id="CDE", version="1.0.0"),
]


@pytest.mark.parametrize("artefact", ARTEFACTS, ids=lambda artefact: type(artefact).__name__)
@pytest.mark.parametrize("reduce", [stub, complete_stub])
def test_stub_of_a_stub_is_the_same_stub(artefact: Maintainable, reduce: Callable[[Maintainable], Maintainable]) -> None:
    described = msgspec.structs.replace(artefact, descriptions={"en": "d"}, annotations=(Annotation(id="a"),), is_final=True)
    reduced = reduce(described)
    assert type(reduced) is type(artefact)
    assert reduced.is_external_reference
    assert (reduced.id, reduced.agency_id, reduced.version, reduced.names) == (
        artefact.id,
        artefact.agency_id,
        artefact.version,
        artefact.names,
    )
    assert reduced.is_final
    assert reduce(reduced) == reduced
    assert stub(complete_stub(described)) == stub(described)
    assert bool(reduced.descriptions) is bool(reduced.annotations) is (reduce is complete_stub)
    assert item_ids(reduced) == {}


def test_stub_of_a_stub_keeps_where_the_content_lives() -> None:
    elsewhere = a_codelist(structure_url="https://example.org/codelist", is_external_reference=True)
    assert stub(elsewhere).structure_url == "https://example.org/codelist"


def test_ids_of_nested_items_are_paths() -> None:
    assert item_ids(TOPICS) == {"ENV": None, "ENV.WATER": "ENV", "ENV.WATER.WELLS": "ENV.WATER", "ENV.AIR": "ENV", "AIR": None}


def test_used_codes_keep_the_codes_above_them() -> None:
    reduced = with_used_items(AREAS, {"MW_N"})
    assert [code.id for code in reduced.codes] == ["AFR", "MW", "MW_N"]
    assert reduced.is_partial


def test_scheme_whose_items_are_all_used_is_not_partial() -> None:
    assert with_used_items(AREAS, {"AFR", "MW", "MW_N", "KG", "ELSEWHERE"}) is AREAS


def test_used_categories_keep_their_path_and_nothing_else() -> None:
    assert item_ids(with_used_items(TOPICS, {"ENV.WATER"})) == {"ENV": None, "ENV.WATER": "ENV"}


def test_items_asked_for_come_alone() -> None:
    assert [code.id for code in as_a(Codelist, with_items(AREAS, {"MW"})).codes] == ["MW"]
    assert with_items(AREAS, {"NOWHERE"}) is None
    assert with_items(FLOW, {"MW"}) is None


def test_value_lists_have_items_but_no_mark_for_partial() -> None:
    values = ValueList(id="VL", agency_id="CDE", version="1.0.0", value_items=(ValueItem(id="< 5"), ValueItem(id=">= 5")))
    assert as_a(ValueList, with_items(values, {"< 5"})).value_items == (ValueItem(id="< 5"),)


@given(st.sets(st.sampled_from([*item_ids(AREAS), "ELSEWHERE"])))
def test_partial_is_a_whole_tree_within_the_full_list(used: set[str]) -> None:
    reduced = with_used_items(AREAS, used)
    parents = item_ids(reduced)
    assert parents.items() <= item_ids(AREAS).items()
    assert used & item_ids(AREAS).keys() <= parents.keys()
    assert all(parent is None or parent in parents for parent in parents.values())
    assert with_used_items(reduced, used) == reduced
