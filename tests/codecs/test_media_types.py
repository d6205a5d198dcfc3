from __future__ import annotations

import re

import pytest

from exchange.codecs.negotiation import media_types as m
from exchange.codecs.negotiation.media_types import FORMATS, Format, format_by_alias
from exchange.codecs.negotiation.weighted_lists import WeightedValue, parse_weighted_list
from exchange.codecs.ports import MessageKind

#: Exact spelling of the standard (SDMX-REST 2.2.2 and 1.5.0, media types).
SPELLING = {
    m.STRUCTURE_ML_2_1: "application/vnd.sdmx.structure+xml;version=2.1",
    m.STRUCTURE_ML_3_0: "application/vnd.sdmx.structure+xml;version=3.0.0",
    m.STRUCTURE_JSON_2_0: "application/vnd.sdmx.structure+json;version=2.0.0",
    m.DATA_ML_2_1: "application/vnd.sdmx.structurespecificdata+xml;version=2.1",
    m.DATA_ML_2_1_GENERIC: "application/vnd.sdmx.genericdata+xml;version=2.1",
    m.DATA_ML_3_1: "application/vnd.sdmx.data+xml;version=3.1.0",
    m.DATA_JSON_1_0: "application/vnd.sdmx.data+json;version=1.0.0",
    m.DATA_CSV_2_1: "application/vnd.sdmx.data+csv;version=2.1.0",
    m.PARQUET: "application/vnd.apache.parquet",
    m.ARROW: "application/vnd.apache.arrow.stream",
}


@pytest.mark.parametrize(("known", "spelling"), SPELLING.items(), ids=str)
def test_media_type_is_spelled_as_in_the_standard(known: Format, spelling: str) -> None:
    assert known.media_type == spelling


def test_no_media_type_has_a_charset_or_blanks() -> None:
    assert all(re.fullmatch(r"application/[a-z.+]+(;version=\d\.\d(\.\d)?)?", known.media_type) for known in FORMATS)


def test_aliases_and_media_types_are_unique_within_a_kind() -> None:
    assert len({(known.kind, known.alias) for known in FORMATS}) == len(FORMATS)
    assert len({known.media_type for known in FORMATS}) == len(FORMATS)


@pytest.mark.parametrize("known", FORMATS, ids=str)
def test_alias_finds_its_format_in_any_case(known: Format) -> None:
    assert format_by_alias(known.alias.upper(), known.kind) is known


def test_unknown_alias_finds_nothing() -> None:
    assert format_by_alias("sdmx-csv-1.0", MessageKind.STRUCTURE) is None
    assert format_by_alias("edi", MessageKind.DATA) is None


def test_weighted_list_reads_quotes_weights_and_parameters() -> None:
    assert parse_weighted_list('a/b;x="1,2;\\"3";q=0.25 , ,C/D ; Y=z;broken, e;q=1.5') == (
        WeightedValue("a/b", 0.25, {"x": '1,2;"3'}),
        WeightedValue("c/d", 1.0, {"y": "z"}),
        WeightedValue("e", 1.0),
    )
