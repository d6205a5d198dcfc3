"""Constraints of role Actual say what data there are: in no version do they become restrictions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from exchange.codecs.catalogue import default_catalogue
from exchange.codecs.negotiation.media_types import (
    STRUCTURE_JSON_2_0,
    STRUCTURE_JSON_2_1,
    STRUCTURE_ML_2_1,
    STRUCTURE_ML_3_0,
    STRUCTURE_ML_3_1,
    Format,
)
from exchange.codecs.ports import StructureOptions, WrittenStructures
from exchange.errors import NotAcceptable
from registry.model.constraints import (
    AvailabilityAttachment,
    AvailabilityConstraint,
    CubeRegion,
    DataConstraint,
    DataKey,
    DataKeySet,
)
from registry.model.messages import StructureMessage
from registry.references.detail import stub
from tests.builders import a_codelist

CASE = (Path(__file__).parent.parent / "specimens" / "cases" / "actual-constraint.xml").read_bytes()
CODECS = default_catalogue()
WITH_ROLES = (STRUCTURE_ML_2_1, STRUCTURE_ML_3_0, STRUCTURE_JSON_2_0)
WITHOUT_ROLES = (STRUCTURE_ML_3_1, STRUCTURE_JSON_2_1)


def the_constraint() -> DataConstraint:
    (artefact,) = CODECS.structure(STRUCTURE_ML_2_1).decode(CASE).message.artefacts
    assert isinstance(artefact, DataConstraint)
    return artefact


def written(wanted: Format, *artefacts: DataConstraint) -> WrittenStructures:
    return CODECS.structure(wanted).write(StructureMessage((*artefacts, a_codelist())), StructureOptions())


@pytest.mark.parametrize("wanted", WITH_ROLES, ids=lambda wanted: wanted.alias)
@pytest.mark.parametrize("as_stub", [False, True])
def test_the_role_is_kept_where_there_are_roles(wanted: Format, as_stub: bool) -> None:
    constraint = stub(the_constraint()) if as_stub else the_constraint()
    content = written(wanted, constraint).content
    read = next(found for found in CODECS.structure(wanted).decode(content).message.artefacts if isinstance(found, DataConstraint))
    assert read.role == "Actual"


@pytest.mark.parametrize("wanted", WITHOUT_ROLES, ids=lambda wanted: wanted.alias)
def test_without_roles_it_is_availability_and_the_message_says_so(wanted: Format) -> None:
    content, losses = written(wanted, the_constraint())
    read = CODECS.structure(wanted).decode(content).message
    assert not [found for found in read.artefacts if isinstance(found, DataConstraint)]
    (answer,) = read.availability
    assert answer.constraint_attachment.dataflow == "urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=MD:DF(1.0)"
    assert answer.cube_region == the_constraint().cube_regions[0]
    assert [(loss.code, loss.artefact) for loss in losses] == [("actual-became-availability", "DataConstraint MD:ACT(1.0)")]
    assert "actual-became-availability" in content.decode()


@pytest.mark.parametrize("wanted", WITHOUT_ROLES, ids=lambda wanted: wanted.alias)
@pytest.mark.parametrize("kind", ["stub", "two regions", "exclusion", "key sets"])
def test_what_availability_cannot_say_is_left_out_and_named(wanted: Format, kind: str) -> None:
    constraint = {
        "stub": stub(the_constraint()),
        "two regions": replace(the_constraint(), cube_regions=the_constraint().cube_regions * 2),
        "exclusion": replace(the_constraint(), cube_regions=(CubeRegion(include=False),)),
        "key sets": replace(the_constraint(), data_key_sets=(DataKeySet(is_included=True, keys=(DataKey(),)),)),
    }[kind]
    content, losses = written(wanted, constraint)
    read = CODECS.structure(wanted).decode(content).message
    assert not read.availability
    assert not [found for found in read.artefacts if isinstance(found, DataConstraint)]
    assert [loss.code for loss in losses] == ["no-place-artefact"]
    assert "DataConstraint MD:ACT(1.0)" in content.decode()


def test_losses_are_errors_beside_the_data_in_sdmx_json() -> None:
    document = json.loads(written(STRUCTURE_JSON_2_1, the_constraint()).content)
    assert [(error["code"], error["x-code"]) for error in document["errors"]] == [(200, "actual-became-availability")]


def test_a_message_in_which_nothing_is_left_is_refused() -> None:
    message = StructureMessage((stub(the_constraint()),))
    with pytest.raises(NotAcceptable, match="MD:ACT"):
        CODECS.write_structures(STRUCTURE_ML_3_1, message, StructureOptions())


@pytest.mark.parametrize("wanted", WITH_ROLES, ids=lambda wanted: wanted.alias)
def test_answers_about_several_versions_of_a_dataflow_stand_side_by_side(wanted: Format) -> None:
    flows = [f"urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=MD:{flow}" for flow in ("DF(1.0)", "DF(1.1.0)", "DF2(1.0)")]
    answers = tuple(
        AvailabilityConstraint(constraint_attachment=AvailabilityAttachment(dataflow=flow), cube_region=CubeRegion()) for flow in flows
    )
    content, losses = CODECS.structure(wanted).write(StructureMessage(availability=answers), StructureOptions())
    read = CODECS.structure(wanted).decode(content).message.artefacts
    assert sorted(constraint.id for constraint in read) == ["DF2_AVAILABILITY", "DF_1_0_AVAILABILITY", "DF_1_1_0_AVAILABILITY"]
    assert not losses
