from __future__ import annotations

import contextlib
import gzip
import io
import zipfile
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.codecs.negotiation import media_types as m
from exchange.codecs.negotiation.media_types import Format
from exchange.codecs.sniffing import sniff, unpacked
from exchange.errors import MalformedMessage, UnknownFormat

NS = "http://www.sdmx.org/resources/sdmxml/schemas/"
MESSAGES: list[tuple[str, bytes, Format]] = [
    ("prefixed", f'<mes:Structure xmlns:mes="{NS}v2_1/message">'.encode(), m.STRUCTURE_ML_2_1),
    ("declared late", f'<mes:Structure xmlns:com="{NS}v3_0/common" xmlns:mes="{NS}v3_1/message">'.encode(), m.STRUCTURE_ML_3_1),
    ("default namespace", f"<?xml version='1.0'?>\n<Structure a='b' xmlns='{NS}v3_0/message'>".encode(), m.STRUCTURE_ML_3_0),
    ("byte order mark", b"\xef\xbb\xbf" + f'<?xml version="1.0"?><m:Structure xmlns:m="{NS}v2_1/message"/>'.encode(), m.STRUCTURE_ML_2_1),
    ("utf-16", f'<?xml version="1.0" encoding="utf-16"?><Structure xmlns="{NS}v3_0/message"/>'.encode("utf-16"), m.STRUCTURE_ML_3_0),
    ("utf-16 without mark", f'<Structure xmlns="{NS}v3_0/message"/>'.encode("utf-16-be"), m.STRUCTURE_ML_3_0),
    ("comments", f"<!-- <Error/> -->\n<?x y?>\n<!-- 2 --><s:Structure xmlns:s='{NS}v3_1/message'/>".encode(), m.STRUCTURE_ML_3_1),
    ("no namespace", b"<Structure><Header/></Structure>", m.STRUCTURE_ML_2_1),
    ("specific 2.1", f'<m:StructureSpecificData xmlns:m="{NS}v2_1/message">'.encode(), m.DATA_ML_2_1),
    ("specific 3.0", f'<m:StructureSpecificData xmlns:m="{NS}v3_0/message">'.encode(), m.DATA_ML_3_0),
    ("specific 3.1", f'<m:StructureSpecificData xmlns:m="{NS}v3_1/message">'.encode(), m.DATA_ML_3_1),
    ("time series", f'<m:StructureSpecificTimeSeriesData xmlns:m="{NS}v2_1/message">'.encode(), m.DATA_ML_2_1_TIME_SERIES),
    ("generic", f'<m:GenericData xmlns:m="{NS}v2_1/message">'.encode(), m.DATA_ML_2_1_GENERIC),
    ("generic time series", f'<m:GenericTimeSeriesData xmlns:m="{NS}v2_1/message">'.encode(), m.DATA_ML_2_1_GENERIC_TIME_SERIES),
    (
        "json 2.1 by $schema",
        b'{ "$schema" : "https://json.sdmx.org/2.1/sdmx-json-structure-schema.json", "meta": {}}',
        m.STRUCTURE_JSON_2_1,
    ),
    ("json 2.0 by meta", b'{"meta": {"schema": "https://x/schemas/2.0.0/sdmx-json-structure-schema.json"}}', m.STRUCTURE_JSON_2_0),
    ("json 1.0 by meta", b'{"meta": {"schema": "https://x/sdmx-json/schemas/1.0/sdmx-json-structure-schema.json"}}', m.STRUCTURE_JSON_1_0),
    ("json data 2.1", b'{"$schema": "https://json.sdmx.org/2.1/sdmx-json-data-schema.json"}', m.DATA_JSON_2_1),
    ("json data 2.0 by shape", b'{"meta": {}, "data": {"structures": [], "dataSets": []}}', m.DATA_JSON_2_0),
    ("json data 1.0 by shape", b'{"data": {"structure": {"dimensions": {}}, "dataSets": []}}', m.DATA_JSON_1_0),
    ("json structures by shape", b'\n{"meta": {}, "data": {"codelists": [{}]}}', m.STRUCTURE_JSON_2_0),
    ("json availability by shape", b'{"data": {"availabilityConstraints": [{}]}}', m.STRUCTURE_JSON_2_1),
    ("json without artefacts", b'{"meta": {}, "data": {}}', m.STRUCTURE_JSON_2_0),
    ("csv 1.0", b"DATAFLOW,FREQ,OBS_VALUE\nA:F(1.0),A,1\n", m.DATA_CSV_1_0),
    ("csv 1.0 labels", b'\xef\xbb\xbf"DATAFLOW";"FREQ: Frequency";OBS_VALUE\r\n', m.DATA_CSV_1_0),
    ("csv 2.0", b"STRUCTURE;STRUCTURE_ID;ACTION;FREQ\ndataflow;A:F(1.0);A;A\n", m.DATA_CSV_2_0),
    ("csv 2.0 tabs", b"STRUCTURE\tSTRUCTURE_ID\tFREQ\n", m.DATA_CSV_2_0),
    ("csv 2.0 lists", b"STRUCTURE[;],STRUCTURE_ID,STRUCTURE_NAME,FREQ\n", m.DATA_CSV_2_0),
    ("csv 2.1", b'STRUCTURE,STRUCTURE_ID,"ACTION",FREQ\ndataflow,"A:F(1.0)",R,A\ndataflow,A:F(1.0),M,A\n', m.DATA_CSV_2_1),
    ("parquet", b"PAR1\x15\x04", m.PARQUET),
    ("arrow file", b"ARROW1\x00\x00", m.ARROW),
    ("arrow stream", b"\xff\xff\xff\xff\x10\x00", m.ARROW),
]


@pytest.mark.parametrize(("content", "expected"), [row[1:] for row in MESSAGES], ids=[row[0] for row in MESSAGES])
def test_message_is_recognised(content: bytes, expected: Format) -> None:
    assert sniff(content) is expected
    assert sniff(gzip.compress(content)) is expected


def a_zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.xml", "<Structure/>")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "seen"),
    [
        (b"", "is empty"),
        (b" \n\t", "is empty"),
        (a_zip(), "ZIP archive or an office document; unpack it"),
        (b"\x28\xb5\x2f\xfd....", "Zstandard"),
        (b"%PDF-1.7", "PDF"),
        (b"\x1f\x8b\x07\x00broken....", "damaged"),
        (b"<!DOCTYPE html><html lang='en'>", "web page"),
        (f'<mes:Error xmlns:mes="{NS}v2_1/message">'.encode(), "error message"),
        (f'<Structure xmlns="{NS[:-8]}schemas/v2_0/message">'.encode(), "SDMX-ML 2.0 message"),
        (f'<GenericData xmlns="{NS}v3_0/message">'.encode(), "SDMX-ML 3.0 message (GenericData)"),
        (b"<rss/>", "root element rss"),
        (b"<!-- only -->", "no element"),
        (b'{"Codelist": []}', "Fusion JSON"),
        (b'{"meta": {}, "errors": []}', "error message"),
        (b'{"type": "FeatureCollection"}', "meta, data"),
        (b'{"$schema": "https://json.sdmx.org/2.1/sdmx-json-metadata-schema.json"}', "reference metadata"),
        (b"MDSTRUCTURE,MDSTRUCTURE_ID\n", "reference metadata"),
        (b"district,count\nNorth,3\n", "begins with 'district, count'"),
        (b"hello", "begins with 'hello'"),
    ],
)
def test_other_content_is_named_with_what_is_accepted(content: bytes, seen: str) -> None:
    with pytest.raises(UnknownFormat) as caught:
        sniff(content, "upload.bin")
    assert str(caught.value).startswith("upload.bin ")
    assert seen in str(caught.value)
    assert "Accepted are SDMX-ML 2.1" in str(caught.value)


@given(st.binary(max_size=200))
def test_any_bytes_are_recognised_or_refused(content: bytes) -> None:
    with contextlib.suppress(UnknownFormat):
        assert isinstance(sniff(content), Format)


@given(st.binary(max_size=200), st.binary(max_size=50))
def test_gzip_is_taken_off(first: bytes, second: bytes) -> None:
    packed = gzip.compress(first, mtime=0) + gzip.compress(second, mtime=0)
    assert unpacked(packed) == first + second


def test_content_without_gzip_stays_as_it_is() -> None:
    assert unpacked(b"<Structure/>") == b"<Structure/>"


@pytest.mark.parametrize("damage", [lambda packed: packed[:-9], lambda packed: packed[:12] + b"\xff" * 8 + packed[20:]])
def test_damaged_gzip_is_refused(damage: Callable[[bytes], bytes]) -> None:
    packed = gzip.compress(b"<Structure/>" * 99)
    with pytest.raises(MalformedMessage, match=r"a\.xml\.gz (is damaged|ends in the middle)"):
        unpacked(damage(packed), "a.xml.gz")


def test_gzip_bomb_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("exchange.codecs.sniffing.MAX_UNPACKED_BYTES", 1000)
    with pytest.raises(MalformedMessage, match="larger than 1000 bytes"):
        unpacked(gzip.compress(b"0" * 1001))
