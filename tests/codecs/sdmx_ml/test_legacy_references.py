"""A message in SDMX-ML 2.1 is complete for a client of 2.1: what it refers to, it holds, under the version that it names."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
import sdmx

from exchange.codecs.ports import StructureOptions
from exchange.codecs.sdmx_ml.dialect import SDMX_ML_2_1
from exchange.codecs.sdmx_ml.structure_message import SdmxMlStructureCodec
from registry.model.base import Maintainable
from registry.model.codelists import Codelist, CodelistExtension
from registry.model.identity import Urn
from registry.model.messages import StructureMessage
from registry.model.references import references_of, with_references
from registry.model.structures import Dataflow
from registry.references.resolve import ReferenceIndex
from registry.services.structure_query import Relation, StructureQuery
from registry.services.structures import answer
from registry.store.ports import ChangeSet
from registry.store.sql import open_store
from tests.builders import a_codelist, a_concept_scheme, a_data_structure, a_dataflow, enumerated, urn

CODEC = SdmxMlStructureCodec(SDMX_ML_2_1)


def late(reference: str, version: str = "1.0+.0") -> str:
    return reference.replace("(1.0.0)", f"({version})")


AREA, CONCEPTS = a_codelist(version="1.2.0"), a_concept_scheme(version="1.1.0")


def a_world() -> list[Maintainable]:
    """A dataflow, its structure, concepts and codes, each of a later version than the reference to it names."""
    drafted = a_data_structure(a_concept_scheme(), {"AREA": enumerated(a_codelist())})
    structure = with_references(drafted, late)
    return [AREA, CONCEPTS, structure, a_dataflow(late(urn(structure)))]


def read(*artefacts: Maintainable, index: ReferenceIndex | None = None) -> tuple[tuple[Maintainable, ...], list[str]]:
    content, losses = CODEC.write(StructureMessage(artefacts), StructureOptions(index=index))
    return CODEC.decode(content).message.artefacts, [loss.code for loss in losses]


def test_references_by_version_range_name_what_the_message_holds() -> None:
    artefacts, losses = read(*a_world())
    held = {Urn.of(artefact) for artefact in artefacts}
    assert {reference.artefact for artefact in artefacts for reference in references_of(artefact)} <= held
    assert "reference-version-changed" in losses


def test_sdmx1_resolves_everything_in_such_a_message() -> None:
    content = CODEC.write(StructureMessage(tuple(a_world())), StructureOptions()).content
    message = sdmx.read_sdmx(BytesIO(content))
    (flow,) = message.dataflow.values()
    area = flow.structure.dimensions.get("AREA")
    assert set(area.local_representation.enumerated.items) == {code.id for code in AREA.codes}
    assert area.concept_identity.name["en"]


def test_what_the_message_does_not_hold_is_named_as_the_registry_has_it() -> None:
    *_, structure, flow = a_world()
    newer = type(structure)(id=structure.id, agency_id=structure.agency_id, version="1.7.0")
    index = ReferenceIndex.over(map(Urn.of, (structure, newer, flow)))
    (found,), _ = read(flow, index=index)
    assert isinstance(found, Dataflow)
    assert Urn.parse(found.structure or "").version == "1.7.0"


@pytest.mark.parametrize("order", [1, -1])
def test_a_draft_never_stands_beside_the_stable_version_of_its_number(order: int) -> None:
    draft, stable = a_codelist(codes=("KG",), version="1.0.0-draft"), a_codelist(codes=("MW",), version="1.0.0")
    (found,), losses = read(*(draft, stable)[::order])
    assert isinstance(found, Codelist)
    assert [code.id for code in found.codes] == ["MW"]
    assert losses == ["no-place-artefact"]


def test_of_two_drafts_of_one_number_the_later_one_stands_there() -> None:
    (found,), losses = read(a_codelist(codes=("KG",), version="1.0.0-alpha"), a_codelist(codes=("MW",), version="1.0.0-beta"))
    assert isinstance(found, Codelist)
    assert [code.id for code in found.codes] == ["MW"]
    assert losses == ["no-place-artefact", "no-place-version"]


def test_codes_inherited_by_version_range_are_found_in_the_message() -> None:
    base = a_codelist("CL_BASE", ("KG",), version="1.4.0")
    heir = a_codelist("CL_HEIR", (), codelist_extensions=(CodelistExtension(codelist=late(urn(base).replace("1.4.0", "1.0.0"))),))
    artefacts, _ = read(base, heir)
    assert [[code.id for code in found.codes] for found in artefacts if isinstance(found, Codelist)] == [["KG"], ["KG"]]


def test_an_answer_by_version_range_is_another_one_when_the_range_means_another_version(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'registry.db'}")
    *base, structure, flow = a_world()
    query = StructureQuery(resources=frozenset({"dataflow"}), relations=frozenset({Relation.NONE}))
    store.commit(ChangeSet(put=(*base, structure, flow)))
    before = answer(store, query)
    newer = type(structure)(id=structure.id, agency_id=structure.agency_id, version="1.7.0", names={"en": "x"})
    store.commit(ChangeSet(put=(newer,)))
    after = answer(store, query)
    assert before.content_key != after.content_key
    assert before.last_modified is not None
    assert after.last_modified is not None
    assert before.last_modified < after.last_modified
    store.close()
