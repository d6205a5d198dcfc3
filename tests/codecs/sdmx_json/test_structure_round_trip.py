"""Whatever the model can say, SDMX-JSON 2.1 carries, and the official schema admits."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from exchange.codecs.ports import StructureOptions
from exchange.codecs.sdmx_json.dialect import JSON_2_0, JSON_2_1
from exchange.codecs.sdmx_json.structure_message import SdmxJsonStructureCodec
from registry.model.base import Maintainable
from registry.model.constraints import AvailabilityConstraint
from registry.model.families import FAMILIES
from registry.model.messages import StructureMessage
from tests.codecs.sdmx_json.schemas import problems
from tests.strategies_structures import FAMILIES_OF_ARTEFACTS, availability_constraints

NEW = SdmxJsonStructureCodec(JSON_2_1)
OLD = SdmxJsonStructureCodec(JSON_2_0)
generated = settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),
)


def test_every_family_has_a_strategy() -> None:
    assert set(FAMILIES_OF_ARTEFACTS) == {family.kind for family in FAMILIES}


@pytest.mark.parametrize("kind", FAMILIES_OF_ARTEFACTS)
def test_artefact_survives_sdmx_json_2_1(kind: str) -> None:
    @generated
    @given(FAMILIES_OF_ARTEFACTS[kind])
    def check(artefact: Maintainable) -> None:
        message = StructureMessage((artefact,))
        read = NEW.decode(NEW.write(message, StructureOptions()).content)
        assert read.findings == ()
        assert read.message == message

    check()


@pytest.mark.parametrize("codec", [NEW, OLD], ids=["2.1", "2.0"])
@pytest.mark.parametrize("kind", FAMILIES_OF_ARTEFACTS)
def test_what_is_written_is_valid(kind: str, codec: SdmxJsonStructureCodec) -> None:
    @generated
    @given(FAMILIES_OF_ARTEFACTS[kind])
    def check(artefact: Maintainable) -> None:
        content = codec.write(StructureMessage((artefact,)), StructureOptions()).content
        assert problems(content, codec.dialect.version) == []

    check()


@generated
@given(st.lists(availability_constraints, min_size=1, max_size=2))
def test_availability_survives_sdmx_json_2_1(answers: list[AvailabilityConstraint]) -> None:
    message = StructureMessage(availability=tuple(answers))
    content = NEW.write(message, StructureOptions()).content
    assert problems(content, "2.1.0") == []
    assert NEW.decode(content).message == message
