"""How messages are written: escaped, in the languages that are wanted, and in the style that every reader accepts."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from exchange.codecs.ports import StructureOptions
from exchange.codecs.sdmx_ml.dialect import DIALECTS, SDMX_ML_2_1, SDMX_ML_3_0, SDMX_ML_3_1, XmlDialect
from exchange.codecs.sdmx_ml.markup import element, escape, text_element
from exchange.codecs.sdmx_ml.structure_message import SdmxMlStructureCodec
from registry.model.codelists import Code, Codelist
from registry.model.maps import DatePatternMap, MappedComponents, StructureMap
from registry.model.messages import StructureMessage
from tests import builders

AGES = Codelist(
    id="CL_AGE",
    agency_id="CDE",
    version="1.0",
    names={"en": "Ages", "fr": "Âges", "ky": "Жаш"},
    codes=(Code(id="Y0", names={"en": "Infants", "fr": "Nourrissons"}), Code(id="Y1", names={"ky": "Жаш"}, parent="Y0")),
)


@given(st.text())
def test_any_text_survives_but_for_what_xml_cannot_hold(text: str) -> None:
    held = re.sub("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", text)
    parsed = etree.fromstring(element("e", {"a": text}, escape(text)).encode())
    assert (parsed.text or "") == held
    assert parsed.get("a") == held


def test_nothing_is_written_for_attributes_without_value() -> None:
    assert element("e", {"a": None, "b": "1"}) == '<e b="1"/>'
    assert text_element("e", "") == "<e/>"


def names_in(languages: tuple[str, ...]) -> tuple[dict[str, str], list[dict[str, str]], bool]:
    codec = SdmxMlStructureCodec(SDMX_ML_3_1)
    (read,) = codec.decode(codec.write(StructureMessage((AGES,)), StructureOptions(languages)).content).message.artefacts
    assert isinstance(read, Codelist)
    return read.names, [code.names for code in read.codes], read.is_partial_language


@pytest.mark.parametrize(
    ("languages", "names", "codes", "is_partial"),
    [
        ((), AGES.names, [code.names for code in AGES.codes], False),
        (("*",), AGES.names, [code.names for code in AGES.codes], False),
        (("fr",), {"fr": "Âges"}, [{"fr": "Nourrissons"}, {"ky": "Жаш"}], True),
        (("fr-CA", "en"), {"en": "Ages"}, [{"en": "Infants"}, {"ky": "Жаш"}], True),
        (("de",), {"en": "Ages"}, [{"en": "Infants"}, {"ky": "Жаш"}], True),
    ],
)
def test_texts_are_written_in_the_languages_that_are_wanted(
    languages: tuple[str, ...], names: dict[str, str], codes: list[dict[str, str]], is_partial: bool
) -> None:
    assert names_in(languages) == (names, codes, is_partial)


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.version)
def test_every_namespace_is_declared_on_the_root(dialect: XmlDialect) -> None:
    content = SdmxMlStructureCodec(dialect).write(StructureMessage((AGES,)), StructureOptions()).content
    assert content.startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n<mes:Structure xmlns:mes=')
    assert content.count(b"xmlns") == content[:1000].count(b"xmlns") == 3


def test_references_of_2_1_are_spelled_out() -> None:
    structure = builders.a_data_structure(builders.a_concept_scheme(), {"FREQ": None, "AREA": builders.enumerated(AGES)})
    content = SdmxMlStructureCodec(SDMX_ML_2_1).write(StructureMessage((structure,)), StructureOptions()).content
    root = etree.fromstring(content)
    references = root.findall(".//Ref")
    assert references
    assert all(reference.get("class") for reference in references)
    assert all(reference.get("package") for reference in references if reference.get("agencyID"))
    lists = {etree.QName(found).localname: found.get("id") for found in root.iter() if str(found.tag).endswith("List")}
    assert lists.items() >= {("DimensionList", "DimensionDescriptor"), ("MeasureList", "MeasureDescriptor")}
    dimensions = [found for found in root.iter() if etree.QName(found).localname in {"Dimension", "TimeDimension"} and found.get("urn")]
    assert [found.get("position") for found in dimensions] == [str(position) for position in range(1, len(dimensions) + 1)]


@pytest.mark.parametrize("dialect", [SDMX_ML_3_0, SDMX_ML_3_1], ids=lambda dialect: dialect.version)
def test_a_date_map_without_a_frequency_can_be_read_again(dialect: XmlDialect) -> None:
    pattern = DatePatternMap(source_pattern="dd.MM.yyyy", locale="ky", mapped_components=(MappedComponents(source="T", target="U"),))
    structure_map = StructureMap(id="SM", agency_id="CDE", version="1.0", names={"en": "x"}, date_pattern_maps=(pattern,))
    codec = SdmxMlStructureCodec(dialect)
    assert codec.decode(codec.write(StructureMessage((structure_map,)), StructureOptions()).content).message.artefacts == (structure_map,)
