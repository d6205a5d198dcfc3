"""What SDMX-ML 2.1 and 3.0 cannot say: exactly this is lost, and the writer says so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from exchange.codecs.ports import StructureOptions
from exchange.codecs.sdmx_ml.dialect import SDMX_ML_2_1, SDMX_ML_3_0, XmlDialect
from exchange.codecs.sdmx_ml.structure_message import SdmxMlStructureCodec
from registry.model.base import Annotation, Link, Maintainable
from registry.model.codelists import Code, Codelist, CodelistExtension, GeoFeatureSetCode, GeographicCodelist, ValueItem, ValueList
from registry.model.constraints import (
    AvailabilityAttachment,
    AvailabilityConstraint,
    ComponentSelection,
    ConstraintAttachment,
    CubeRegion,
    DataConstraint,
    DataKey,
    DataKeySet,
    SelectedValue,
)
from registry.model.maps import RepresentationMap, StructureMap
from registry.model.messages import StructureMessage
from registry.model.organisations import MetadataProviderScheme
from registry.model.representations import Representation, TextFormat
from registry.model.structures import (
    Attribute,
    AttributeList,
    AttributeRelationship,
    Dataflow,
    DataStructure,
    DataStructureComponents,
    Dimension,
    DimensionList,
    Empty,
    Measure,
    MeasureList,
    MetadataAttributeUsage,
)

CONCEPT = "urn:sdmx:org.sdmx.infomodel.conceptscheme.Concept=CDE:CONCEPTS(1.0)."
BASE: dict[str, Any] = {"agency_id": "CDE", "version": "1.0", "names": {"en": "Name"}}
FLOW = "urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=CDE:DF(1.0)"
AGES = Codelist(**BASE, id="CL_AGE", codes=(Code(id="Y0", names={"en": "Infants"}),))
AGES_URN = "urn:sdmx:org.sdmx.infomodel.codelist.Codelist=CDE:CL_AGE(1.0)"

CheckValid = Callable[[bytes, XmlDialect], None]


def structure(*measures: Measure, attributes: tuple[Attribute, ...] = (), **more: Any) -> DataStructure:
    components = DataStructureComponents(
        dimension_list=DimensionList(dimensions=(Dimension(id="AREA", concept_identity=CONCEPT + "AREA", position=1),)),
        attribute_list=AttributeList(attributes=attributes, **more) if attributes or more else None,
        measure_list=MeasureList(measures=measures) if measures else None,
    )
    return DataStructure(**BASE, id="DSD", data_structure_components=components)


def measure(name: str, **more: Any) -> Measure:
    return Measure(id=name, concept_identity=CONCEPT + name, **more)


def attribute(**more: Any) -> Attribute:
    about = AttributeRelationship(observation=Empty())
    return Attribute(id="NOTE", concept_identity=CONCEPT + "NOTE", usage="optional", attribute_relationship=about, **more)


def through(dialect: XmlDialect, *artefacts: Maintainable) -> tuple[tuple[Maintainable, ...], list[str], bytes]:
    codec = SdmxMlStructureCodec(dialect)
    content, losses = codec.write(StructureMessage(artefacts), StructureOptions())
    return codec.decode(content).message.artefacts, [loss.code for loss in losses], content


OBS_VALUE = measure("OBS_VALUE")
PLAIN = structure(OBS_VALUE)
FLOWS = Dataflow(**BASE, id="DF", structure="urn:sdmx:org.sdmx.infomodel.datastructure.DataStructure=CDE:DSD(1.0)")
CONSTRAINT = DataConstraint(
    **BASE,
    id="CR",
    role="Allowed",
    constraint_attachment=ConstraintAttachment(dataflows=(FLOW,)),
    cube_regions=(CubeRegion(key_values=(ComponentSelection(id="AREA", values=(SelectedValue(value="KG"),)),)),),
)


def region(**more: Any) -> DataConstraint:
    return replace(
        CONSTRAINT, cube_regions=(CubeRegion(key_values=(ComponentSelection(id="AREA", values=(SelectedValue(value="KG", **more),)),)),)
    )


LOST_IN_2_1: dict[str, tuple[Maintainable, Maintainable, list[str]]] = {
    "links": (replace(AGES, links=(Link(rel="help", href="https://example.org"),)), AGES, ["no-place-links"]),
    "partial language": (replace(AGES, is_partial_language=True), AGES, ["no-place-is-partial-language"]),
    "annotation value": (
        replace(AGES, annotations=(Annotation(type="T", value="7"),)),
        replace(AGES, annotations=(Annotation(type="T", title="7"),)),
        ["no-place-annotation-value"],
    ),
    "draft version": (replace(AGES, version="1.2.0-draft"), replace(AGES, version="1.2.0"), ["no-place-version"]),
    "missing name": (replace(AGES, names={}), replace(AGES, names={"en": "CL_AGE"}), ["no-place-names"]),
    "geography": (
        GeographicCodelist(**BASE, id="CL_AGE", codes=(GeoFeatureSetCode(id="Y0", names={"en": "Infants"}, value="POINT(1 2)"),)),
        AGES,
        ["geography-lost"],
    ),
    "one measure of another name": (
        structure(measure("PRICE")),
        structure(replace(OBS_VALUE, concept_identity=CONCEPT + "PRICE")),
        ["measure-renamed"],
    ),
    "second measure": (
        structure(measure("PRICE"), OBS_VALUE),
        structure(OBS_VALUE, attributes=(replace(attribute(), id="PRICE", concept_identity=CONCEPT + "PRICE"),)),
        ["measure-became-attribute"],
    ),
    "no measure": (
        structure(),
        structure(
            Measure(
                id="OBS_VALUE",
                concept_identity="urn:sdmx:org.sdmx.infomodel.conceptscheme.Concept=SDMX:CROSS_DOMAIN_CONCEPTS(2.0).OBS_VALUE",
            )
        ),
        ["measure-invented"],
    ),
    "usage of a measure": (structure(replace(OBS_VALUE, usage="mandatory")), PLAIN, ["measure-facts-lost"]),
    "measures of an attribute": (
        structure(OBS_VALUE, attributes=(attribute(measure_relationship=("OBS_VALUE",)),)),
        structure(OBS_VALUE, attributes=(attribute(),)),
        ["measure-relationship-lost"],
    ),
    "several values of an attribute": (
        structure(
            OBS_VALUE, attributes=(attribute(local_representation=Representation(format=TextFormat(data_type="String"), max_occurs=3)),)
        ),
        structure(OBS_VALUE, attributes=(attribute(local_representation=Representation(format=TextFormat(data_type="String"))),)),
        ["no-place-local-representation"],
    ),
    "metadata attributes with data": (
        structure(OBS_VALUE, metadata_attribute_usages=(MetadataAttributeUsage(metadata_attribute_reference="M"),)),
        PLAIN,
        ["metadata-usage-lost"],
    ),
    "evolving structure": (replace(PLAIN, evolving_structure=True), PLAIN, ["no-place-evolving-structure"]),
    "dimensions of a dataflow": (replace(FLOWS, dimension_constraint=("AREA",)), FLOWS, ["no-place-dimension-constraint"]),
    "version range in a reference": (
        replace(FLOWS, structure="urn:sdmx:org.sdmx.infomodel.datastructure.DataStructure=CDE:DSD(1.0+.0)"),
        replace(FLOWS, structure="urn:sdmx:org.sdmx.infomodel.datastructure.DataStructure=CDE:DSD(1.0.0)"),
        ["reference-version-changed"],
    ),
    "validity of a value": (region(valid_from="2020"), CONSTRAINT, ["no-place-cube-regions"]),
    "cascade without the root": (region(cascade_values="excluderoot"), CONSTRAINT, ["no-place-cube-regions"]),
}


@pytest.mark.parametrize("case", LOST_IN_2_1)
def test_this_is_lost_in_2_1(case: str, assert_valid: CheckValid) -> None:
    written, expected, codes = LOST_IN_2_1[case]
    read, losses, content = through(SDMX_ML_2_1, written)
    assert_valid(content, SDMX_ML_2_1)
    assert losses == codes
    (artefact,) = read
    # isFinal is how SDMX 2.1 says what a semantic version says, and constraints always say their role.
    assert replace(artefact, is_final=None) == expected


@pytest.mark.parametrize(
    "artefact",
    [
        ValueList(**BASE, id="VL", value_items=(ValueItem(id="m²"),)),
        StructureMap(**BASE, id="SM"),
        RepresentationMap(**BASE, id="RM"),
        MetadataProviderScheme(**BASE, id="METADATA_PROVIDERS"),
    ],
    ids=lambda artefact: type(artefact).__name__,
)
def test_2_1_has_no_such_artefacts(artefact: Maintainable) -> None:
    read, losses, _ = through(SDMX_ML_2_1, artefact, AGES)
    assert read == (AGES,)
    assert losses == ["no-place-artefact"]


def test_inherited_codes_become_own_codes_in_2_1() -> None:
    extended = Codelist(**BASE, id="CL_MORE", codelist_extensions=(CodelistExtension(codelist=AGES_URN, prefix="P_"),))
    (read, _), losses, _ = through(SDMX_ML_2_1, extended, AGES)
    assert isinstance(read, Codelist)
    assert [code.id for code in read.codes] == ["P_Y0"]
    assert losses == ["extension-materialised"]


def test_a_stable_semantic_version_is_final_in_2_1() -> None:
    (read,), losses, _ = through(SDMX_ML_2_1, replace(AGES, version="1.2.0"))
    assert read.is_final
    assert not losses


def test_a_key_with_several_values_becomes_several_keys_in_2_1() -> None:
    def keys(*values: tuple[str, ...]) -> DataConstraint:
        found = [
            DataKey(key_values=(ComponentSelection(id="AREA", values=tuple([SelectedValue(value=v) for v in group])),)) for group in values
        ]
        return replace(CONSTRAINT, cube_regions=(), data_key_sets=(DataKeySet(is_included=True, keys=tuple(found)),))

    (read,), _, _ = through(SDMX_ML_2_1, keys(("KG", "RW")))
    assert read == keys(("KG",), ("RW",))


LOST_IN_3_0: dict[str, tuple[Maintainable, Maintainable]] = {
    "implied role": (replace(CONSTRAINT, role=None), CONSTRAINT),
}
KEPT_IN_3_0 = {name: case[0] for name, case in LOST_IN_2_1.items() if name != "version range in a reference"}


@pytest.mark.parametrize("case", LOST_IN_3_0)
def test_this_changes_in_3_0(case: str) -> None:
    written, expected = LOST_IN_3_0[case]
    assert through(SDMX_ML_3_0, written)[0] == (expected,)


@pytest.mark.parametrize("case", KEPT_IN_3_0)
def test_3_0_keeps_what_2_1_loses(case: str, assert_valid: CheckValid) -> None:
    read, losses, content = through(SDMX_ML_3_0, KEPT_IN_3_0[case])
    if case != "metadata attributes with data":
        assert_valid(content, SDMX_ML_3_0)
    assert read == (KEPT_IN_3_0[case],)
    assert not losses


def test_a_numeric_parent_survives_3_0_whose_schema_refuses_it(assert_valid: CheckValid) -> None:
    ages = replace(AGES, codes=(Code(id="0", names={"en": "All"}), Code(id="_T", names={"en": "Total"}, parent="0")))
    read, _, content = through(SDMX_ML_3_0, ages)
    assert_valid(content, SDMX_ML_3_0)
    assert read == (ages,)


@pytest.mark.parametrize("dialect", [SDMX_ML_2_1, SDMX_ML_3_0], ids=lambda dialect: dialect.version)
def test_availability_is_a_constraint_with_role_actual_before_3_1(dialect: XmlDialect, assert_valid: CheckValid) -> None:
    answer = AvailabilityConstraint(
        constraint_attachment=AvailabilityAttachment(dataflow=FLOW), cube_region=CONSTRAINT.cube_regions[0], series_count=3, obs_count=14
    )
    codec = SdmxMlStructureCodec(dialect)
    content = codec.write(StructureMessage(availability=(answer,)), StructureOptions()).content
    assert_valid(content, dialect)
    (read,) = codec.decode(content).message.artefacts
    assert isinstance(read, DataConstraint)
    assert read.role == "Actual"
    assert read.cube_regions == CONSTRAINT.cube_regions
    assert {note.id: (note.type, note.title) for note in read.annotations} == {
        "series_count": ("sdmx_metrics", "3"),
        "obs_count": ("sdmx_metrics", "14"),
    }
