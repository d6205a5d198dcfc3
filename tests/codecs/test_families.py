"""Families of artefacts × versions of the formats: written, or listed as a loss."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exchange.codecs import families
from exchange.codecs.families import IncompleteCodec, check_families
from exchange.codecs.ports import StructureOptions
from exchange.codecs.sdmx_json import catalogue as json_rows
from exchange.codecs.sdmx_json.dialect import JSON_2_0, JSON_2_1, JsonDialect
from exchange.codecs.sdmx_json.structure_message import SdmxJsonStructureCodec
from exchange.codecs.sdmx_ml.artefacts import catalogue as ml_rows
from exchange.codecs.sdmx_ml.dialect import DIALECTS, SDMX_ML_3_1, XmlDialect
from exchange.codecs.sdmx_ml.structure_message import SdmxMlStructureCodec
from registry.model.base import Maintainable
from registry.model.families import FAMILIES, Family
from registry.model.fields import fields_of, structs_below
from registry.model.identity import ARTEFACT_OF_CLASS, PACKAGE_OF_CLASS
from registry.model.messages import StructureMessage
from tests.registry.specimens import SPECIMENS

OPTIONS = StructureOptions()


def specimen_of(family: Family) -> Maintainable:
    return next(artefact for artefact in SPECIMENS if type(artefact) is family.struct)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.kind)
@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.version)
def test_sdmx_ml_writes_every_family_or_says_that_it_is_lost(family: Family, dialect: XmlDialect) -> None:
    codec = SdmxMlStructureCodec(dialect)
    content, losses = codec.write(StructureMessage((specimen_of(family),)), OPTIONS)
    read = codec.decode(content).message.artefacts
    if (dialect.version, family.kind) in ml_rows.NOT_WRITTEN:
        assert {loss.code for loss in losses} & {"no-place-artefact", "geography-lost"}
        assert all(type(artefact) is not family.struct for artefact in read)
    else:
        assert [type(artefact) for artefact in read] == [family.struct]


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.kind)
@pytest.mark.parametrize("dialect", [JSON_2_0, JSON_2_1], ids=lambda dialect: dialect.version)
def test_sdmx_json_writes_every_family(family: Family, dialect: JsonDialect) -> None:
    codec = SdmxJsonStructureCodec(dialect)
    content = codec.write(StructureMessage((specimen_of(family),)), OPTIONS).content
    assert [type(artefact) for artefact in codec.decode(content).message.artefacts] == [family.struct]


@pytest.mark.parametrize(("rows", "losses"), [({}, {}), ({"3.1": "Codelists"}, {("3.1", "Codelist"): "left out"})])
def test_a_codec_with_a_gap_or_a_contradiction_does_not_build(
    rows: dict[str, str], losses: dict[tuple[str, str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    codelist = next(family for family in FAMILIES if family.kind == "Codelist")
    monkeypatch.setattr(families, "FAMILIES", (codelist,))
    with pytest.raises(IncompleteCodec, match=r"Codelist in 3\.1"):
        check_families("SDMX-ML", ["3.1"], {codelist.struct: rows}, losses)


@pytest.mark.parametrize("rows", [ml_rows, json_rows], ids=["SDMX-ML", "SDMX-JSON"])
def test_a_new_family_without_a_row_stops_the_codec(rows: object, monkeypatch: pytest.MonkeyPatch) -> None:
    stranger = replace(FAMILIES[0], struct=type("Stranger", (Maintainable,), {"urn_class": "Process"}, frozen=True, kw_only=True))
    monkeypatch.setattr(families, "FAMILIES", (*FAMILIES, stranger))
    written = {row.struct: row.containers for row in ml_rows.ARTEFACTS} if rows is ml_rows else json_rows.COLLECTIONS
    with pytest.raises(IncompleteCodec, match="Stranger"):
        check_families("any", [SDMX_ML_3_1.version, JSON_2_1.version], written, {})


def test_the_containers_of_every_row_stand_in_the_schema_of_the_version() -> None:
    known = {dialect.version: dialect.containers for dialect in DIALECTS}
    assert all(container in known[version] for row in ml_rows.ARTEFACTS for version, container in row.containers.items())


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.kind)
def test_the_facts_of_a_family_name_fields_that_exist(family: Family) -> None:
    names = {field.name for field in fields_of(family.struct)}
    assert {*family.content, *([family.items] if family.items else [])} <= names
    assert PACKAGE_OF_CLASS[family.urn_class] == family.package


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.kind)
def test_references_name_classes_that_exist(family: Family) -> None:
    for struct in structs_below(family.struct):
        for field in fields_of(struct):
            if field.target is not None:
                assert {ARTEFACT_OF_CLASS.get(cls, cls) for cls in field.target.classes} <= {known.urn_class for known in FAMILIES}


def test_only_these_references_may_point_at_anything() -> None:
    structs = {struct for family in FAMILIES for struct in structs_below(family.struct)}
    anywhere = {
        f"{struct.__name__}.{field.name}"
        for struct in structs
        for field in fields_of(struct)
        if field.target is not None and not field.target.classes
    }
    assert anywhere == {"Categorisation.source", "Metadataflow.targets", "TargetObject.local_representation"}
