"""What is written is valid, and in SDMX-ML 3.1 what was written is what is read, for every artefact there can be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from exchange.codecs.ports import StructureOptions
from exchange.codecs.sdmx_ml.dialect import DIALECTS, SDMX_ML_3_1, XmlDialect
from exchange.codecs.sdmx_ml.structure_message import SdmxMlStructureCodec
from registry.model.base import Maintainable
from registry.model.categories import Categorisation
from registry.model.constraints import AvailabilityConstraint
from registry.model.maps import StructureMap
from registry.model.messages import StructureMessage
from registry.model.provision import ProvisionAgreement
from registry.model.structures import AttributeList, DataStructure, MeasureList
from tests.strategies_structures import FAMILIES_OF_ARTEFACTS, availability_constraints

PROFILE = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
OPTIONS = StructureOptions()


def is_complete(artefact: Maintainable) -> bool:
    """Whether an artefact has what the schemas of SDMX-ML demand (stubs of these families never have)."""
    match artefact:
        case StructureMap(source=source, target=target):
            return source is not None and target is not None
        case Categorisation(source=source, target=target):
            return (source is None) == (target is None)
        case ProvisionAgreement(dataflow=dataflow, data_provider=provider):
            return dataflow is not None and provider is not None
        case _:
            return True


def with_distinct_components(artefact: Maintainable) -> Maintainable:
    """The same data structure with component ids that are unique in it, as the schemas demand."""
    if not isinstance(artefact, DataStructure) or artefact.data_structure_components is None:
        return artefact
    components = artefact.data_structure_components
    changes: dict[str, Any] = {}
    if components.attribute_list is not None:
        attributes = [replace(attribute, id=f"A_{attribute.id}") for attribute in components.attribute_list.attributes]
        changes["attribute_list"] = replace(components.attribute_list, attributes=tuple(attributes))
    if components.measure_list is not None:
        measures = [replace(measure, id=f"M_{measure.id}") for measure in components.measure_list.measures]
        changes["measure_list"] = replace(components.measure_list, measures=tuple(measures))
    return replace(artefact, data_structure_components=replace(components, **changes))


def without_empty_lists(artefact: Maintainable) -> Maintainable:
    """The same data structure in which an empty list of attributes or measures is none, which means the same."""
    if not isinstance(artefact, DataStructure) or artefact.data_structure_components is None:
        return artefact
    components = artefact.data_structure_components
    attributes, measures = components.attribute_list, components.measure_list
    kept = replace(
        components,
        attribute_list=None if attributes == AttributeList() else attributes,
        measure_list=None if measures == MeasureList() else measures,
    )
    return replace(artefact, data_structure_components=kept)


@pytest.mark.parametrize("family", sorted(FAMILIES_OF_ARTEFACTS))
@PROFILE
@given(data=st.data())
def test_reading_3_1_gives_back_what_was_written(family: str, data: st.DataObject) -> None:
    artefact = without_empty_lists(data.draw(FAMILIES_OF_ARTEFACTS[family]))
    codec = SdmxMlStructureCodec(SDMX_ML_3_1)
    content, losses = codec.write(StructureMessage((artefact,)), OPTIONS)
    read = codec.decode(content)
    assert read.message.artefacts == (artefact,)
    assert not read.findings
    assert not losses


@pytest.mark.parametrize("family", sorted(FAMILIES_OF_ARTEFACTS))
@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.version)
@PROFILE
@given(data=st.data())
def test_what_is_written_is_valid(
    family: str, dialect: XmlDialect, data: st.DataObject, assert_valid: Callable[[bytes, XmlDialect], None]
) -> None:
    artefact = with_distinct_components(data.draw(FAMILIES_OF_ARTEFACTS[family]))
    assume(is_complete(artefact))
    assert_valid(SdmxMlStructureCodec(dialect).write(StructureMessage((artefact,)), OPTIONS).content, dialect)


@PROFILE
@given(answer=availability_constraints)
def test_availability_comes_back_in_3_1(answer: AvailabilityConstraint) -> None:
    codec = SdmxMlStructureCodec(SDMX_ML_3_1)
    assert codec.decode(codec.write(StructureMessage(availability=(answer,)), OPTIONS).content).message.availability == (answer,)
