"""What clients ask for (``clients`` and ``standard`` spellings) and what they get: one row per request."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.codecs.negotiation import media_types as m
from exchange.codecs.negotiation.choice import Choice, FormatParameters, negotiate
from exchange.codecs.negotiation.defaults import FORMAT_NAMES, V1_DATA, V1_STRUCTURES, V2_DATA, V2_STRUCTURES, NegotiationDefaults
from exchange.codecs.negotiation.format_versions import version_matches
from exchange.codecs.negotiation.media_types import FORMATS, Format
from exchange.codecs.ports import DataOptions, MessageKind
from exchange.errors import InvalidQuery, NotAcceptable

STRUCTURES = (m.STRUCTURE_ML_2_1, m.STRUCTURE_ML_3_0, m.STRUCTURE_ML_3_1, m.STRUCTURE_JSON_2_0, m.STRUCTURE_JSON_2_1)
DATA = (
    m.DATA_ML_2_1,
    m.DATA_ML_2_1_GENERIC,
    m.DATA_ML_3_0,
    m.DATA_JSON_2_0,
    m.DATA_JSON_2_1,
    m.DATA_CSV_1_0,
    m.DATA_CSV_2_0,
    m.DATA_CSV_2_1,
    m.PARQUET,
    m.ARROW,
)
ENDPOINTS: dict[str, tuple[tuple[Format, ...], NegotiationDefaults]] = {
    "v1 structure": (STRUCTURES, V1_STRUCTURES),
    "v1 data": (DATA, V1_DATA),
    "v2 structure": (STRUCTURES, V2_STRUCTURES),
    "v2 data": (DATA, V2_DATA),
}
S = "application/vnd.sdmx.structure"
D = "application/vnd.sdmx.data"
REFUSED = "406"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
DOT_STAT_CSV = f"{D}+csv;urn=true;file=true;labels=both"
POWER_BI = f"{D}+csv;file=true;labels=both"

#: Accept, then the Content-Type at v1 structure, v1 data, v2 structure, v2 data.
ANSWERS: list[tuple[str | None, str, str, str, str]] = [
    (
        None,
        f"{S}+xml;version=2.1",
        "application/vnd.sdmx.genericdata+xml;version=2.1",
        f"{S}+json;version=2.1.0",
        f"{D}+json;version=2.1.0",
    ),
    ("", f"{S}+xml;version=2.1", "application/vnd.sdmx.genericdata+xml;version=2.1", f"{S}+json;version=2.1.0", f"{D}+json;version=2.1.0"),
    (
        "*/*",
        f"{S}+xml;version=2.1",
        "application/vnd.sdmx.genericdata+xml;version=2.1",
        f"{S}+json;version=2.1.0",
        f"{D}+json;version=2.1.0",
    ),
    ("*", f"{S}+xml;version=2.1", "application/vnd.sdmx.genericdata+xml;version=2.1", f"{S}+json;version=2.1.0", f"{D}+json;version=2.1.0"),
    (
        "application/*",
        f"{S}+xml;version=2.1",
        "application/vnd.sdmx.genericdata+xml;version=2.1",
        f"{S}+json;version=2.1.0",
        f"{D}+json;version=2.1.0",
    ),
    (
        "application/xml",
        f"{S}+xml;version=2.1",
        "application/vnd.sdmx.genericdata+xml;version=2.1",
        f"{S}+xml;version=3.1.0",
        f"{D}+xml;version=3.0.0",
    ),
    (
        "text/xml",
        f"{S}+xml;version=2.1",
        "application/vnd.sdmx.genericdata+xml;version=2.1",
        f"{S}+xml;version=3.1.0",
        f"{D}+xml;version=3.0.0",
    ),
    (
        "application/xml;charset=utf-8",
        f"{S}+xml;version=2.1",
        "application/vnd.sdmx.genericdata+xml;version=2.1",
        f"{S}+xml;version=3.1.0",
        f"{D}+xml;version=3.0.0",
    ),
    (
        BROWSER,
        f"{S}+xml;version=2.1",
        "application/vnd.sdmx.genericdata+xml;version=2.1",
        f"{S}+xml;version=3.1.0",
        f"{D}+xml;version=3.0.0",
    ),
    ("application/json", f"{S}+json;version=2.1.0", f"{D}+json;version=2.1.0", f"{S}+json;version=2.1.0", f"{D}+json;version=2.1.0"),
    (
        "application/json, */*;q=0.1",
        f"{S}+json;version=2.1.0",
        f"{D}+json;version=2.1.0",
        f"{S}+json;version=2.1.0",
        f"{D}+json;version=2.1.0",
    ),
    (
        "application/vnd.sdmx.*+json",
        f"{S}+json;version=2.1.0",
        f"{D}+json;version=2.1.0",
        f"{S}+json;version=2.1.0",
        f"{D}+json;version=2.1.0",
    ),
    ("text/csv", REFUSED, f"{D}+csv;version=1.0.0", REFUSED, f"{D}+csv;version=2.1.0"),
    ("text/csv; charset=utf-8", REFUSED, f"{D}+csv;version=1.0.0", REFUSED, f"{D}+csv;version=2.1.0"),
    ("text/*", f"{S}+xml;version=2.1", f"{D}+csv;version=1.0.0", f"{S}+xml;version=3.1.0", f"{D}+csv;version=2.1.0"),
    (f"{D}+csv", REFUSED, f"{D}+csv;version=1.0.0", REFUSED, f"{D}+csv;version=1.0.0"),
    (POWER_BI, REFUSED, f"{D}+csv;version=1.0.0;labels=both", REFUSED, f"{D}+csv;version=1.0.0;labels=both"),
    (f"{D}+csv;file=true;labels=id", REFUSED, f"{D}+csv;version=1.0.0;labels=id", REFUSED, f"{D}+csv;version=1.0.0;labels=id"),
    (DOT_STAT_CSV, REFUSED, f"{D}+csv;version=1.0.0;labels=both", REFUSED, f"{D}+csv;version=1.0.0;labels=both"),
    (f"{S}+json", f"{S}+json;version=2.1.0", REFUSED, f"{S}+json;version=2.1.0", REFUSED),
    (f"{S}+xml", f"{S}+xml;version=2.1", REFUSED, f"{S}+xml;version=3.1.0", REFUSED),
    (f"{D}+json", REFUSED, f"{D}+json;version=2.1.0", REFUSED, f"{D}+json;version=2.1.0"),
    (f"{D}+xml", REFUSED, f"{D}+xml;version=3.0.0", REFUSED, f"{D}+xml;version=3.0.0"),
    ("application/vnd.apache.parquet", REFUSED, "application/vnd.apache.parquet", REFUSED, "application/vnd.apache.parquet"),
    ("application/x-parquet", REFUSED, "application/vnd.apache.parquet", REFUSED, "application/vnd.apache.parquet"),
    ("application/vnd.apache.arrow.stream", REFUSED, "application/vnd.apache.arrow.stream", REFUSED, "application/vnd.apache.arrow.stream"),
    ("text/html", REFUSED, REFUSED, REFUSED, REFUSED),
    ("image/png, text/html", REFUSED, REFUSED, REFUSED, REFUSED),
    (";;,", REFUSED, REFUSED, REFUSED, REFUSED),
    ("*/*;q=0", REFUSED, REFUSED, REFUSED, REFUSED),
]

#: Types that mean the same at both versions of the API: endpoint kind, Accept, Content-Type.
VERSIONED: list[tuple[str, str, str]] = [
    ("structure", f"{S}+xml;version=2.1", f"{S}+xml;version=2.1"),
    ("structure", f"{S}+xml; version=2.1", f"{S}+xml;version=2.1"),
    ("structure", f"{S}+xml ; version = 2.1 ", f"{S}+xml;version=2.1"),
    ("structure", f'{S}+xml;version="2.1"', f"{S}+xml;version=2.1"),
    ("structure", f"{S.upper()}+XML;VERSION=2.1", f"{S}+xml;version=2.1"),
    ("structure", f"{S}+xml;version=2.1.0", f"{S}+xml;version=2.1"),
    ("structure", f"{S}+xml;version=3.0", f"{S}+xml;version=3.0.0"),
    ("structure", f"{S}+xml;version=3.0.0", f"{S}+xml;version=3.0.0"),
    ("structure", f"{S}+xml;version=3.1.0", f"{S}+xml;version=3.1.0"),
    ("structure", f"{S}+xml;version=3", f"{S}+xml;version=3.1.0"),
    ("structure", f"{S}+xml;version=3.0.0+", f"{S}+xml;version=3.0.0"),
    ("structure", f"{S}+xml;version=3.0+.0", f"{S}+xml;version=3.1.0"),
    ("structure", f"{S}+xml;version=2+.0.1", f"{S}+xml;version=3.1.0"),
    ("structure", f"{S}+xml;version=2.0+.1", f"{S}+xml;version=2.1"),
    ("structure", f"{S}+xml;version=2.3+.1", REFUSED),
    ("structure", f"{S}+xml;version=4.0.0", REFUSED),
    ("structure", f"{S}+xml;version=2+.0+.1", REFUSED),
    ("structure", f"{S}+xml;version=newest", REFUSED),
    ("structure", f"{S}+json;version=2.0", f"{S}+json;version=2.0.0"),
    ("structure", f"{S}+json;version=2.0.0", f"{S}+json;version=2.0.0"),
    ("structure", f"{S}+json;version=2.1", f"{S}+json;version=2.1.0"),
    ("structure", f"{S}+json;version=2+.0.0", f"{S}+json;version=2.1.0"),
    ("structure", f"{S}+json;version=1.0;urn=true", REFUSED),
    ("structure", f"{S}+json;version=1.0;urn=true, {S}+json;version=2.0.0;q=0.2", f"{S}+json;version=2.0.0"),
    ("structure", "application/xml;version=2.1", f"{S}+xml;version=2.1"),
    ("structure", "application/json;version=2.0.0", f"{S}+json;version=2.0.0"),
    ("structure", f"{S}+json;version=2.0.0, {S}+xml;version=3.0.0", f"{S}+json;version=2.0.0"),
    ("structure", f"{S}+xml;version=3.0.0, {S}+json;version=2.0.0", f"{S}+xml;version=3.0.0"),
    ("structure", f"{S}+xml;version=3.0.0;q=0.8, {S}+json;version=2.0.0;q=0.9", f"{S}+json;version=2.0.0"),
    ("structure", f"*/*, {S}+xml;version=3.0.0", f"{S}+xml;version=3.0.0"),
    ("structure", f"*/*;q=0.9, {S}+xml;version=3.0.0;q=0.5", f"{S}+json;version=2.1.0|{S}+xml;version=2.1"),
    ("structure", f"{S}+xml;version=2.1;q=0, application/xml", f"{S}+xml;version=3.1.0"),
    ("structure", f"{S}+json;version=2.1.0;q=0, {S}+json", f"{S}+json;version=2.0.0"),
    ("structure", f"{S}+xml;version=9.0, application/json;q=0.4", f"{S}+json;version=2.1.0"),
    ("structure", f"{S}+xml;version=2.1;q=high", f"{S}+xml;version=2.1"),
    ("structure", f"{D}+json;version=2.0.0, {S}+json;version=2.0.0;q=0.1", f"{S}+json;version=2.0.0"),
    ("data", "application/vnd.sdmx.genericdata+xml;version=2.1", "application/vnd.sdmx.genericdata+xml;version=2.1"),
    ("data", "application/vnd.sdmx.genericdata+xml", "application/vnd.sdmx.genericdata+xml;version=2.1"),
    ("data", "application/vnd.sdmx.structurespecificdata+xml;version=2.1", "application/vnd.sdmx.structurespecificdata+xml;version=2.1"),
    ("data", "application/vnd.sdmx.structurespecificdata+xml", "application/vnd.sdmx.structurespecificdata+xml;version=2.1"),
    ("data", "application/vnd.sdmx.generictimeseriesdata+xml;version=2.1", REFUSED),
    ("data", "application/vnd.sdmx.structurespecifictimeseriesdata+xml;version=2.1", REFUSED),
    (
        "data",
        "application/vnd.sdmx.genericdata+xml;version=2.1, application/vnd.sdmx.structurespecificdata+xml;version=2.1;q=0.9",
        "application/vnd.sdmx.genericdata+xml;version=2.1",
    ),
    ("data", f"{D}+xml;version=3.0.0", f"{D}+xml;version=3.0.0"),
    ("data", f"{D}+xml;version=3.1.0", REFUSED),
    ("data", f"{D}+xml;version=3.1.0, {D}+xml;version=3.0.0", f"{D}+xml;version=3.0.0"),
    ("data", f"{D}+xml;version=3.0.0+", f"{D}+xml;version=3.0.0"),
    ("data", f"{D}+json;version=2.0", f"{D}+json;version=2.0.0"),
    ("data", f"{D}+json;version=2.1.0", f"{D}+json;version=2.1.0"),
    ("data", f"{D}+json;version=1.0;urn=true", REFUSED),
    ("data", f"{D}+json;version=1.0.0-wd", REFUSED),
    ("data", f"{D}+csv;version=1.0.0", f"{D}+csv;version=1.0.0"),
    ("data", f"{D}+csv;version=1.0", f"{D}+csv;version=1.0.0"),
    ("data", f"{D}+csv;version=1.0.0-cts", f"{D}+csv;version=1.0.0"),
    ("data", f"{D}+csv;version=2.0.0", f"{D}+csv;version=2.0.0"),
    ("data", f"{D}+csv;version=2.1.0", f"{D}+csv;version=2.1.0"),
    ("data", f"{D}+csv;version=2+.0.0", f"{D}+csv;version=2.1.0"),
    ("data", f"{D}+csv;version=3.0.0", REFUSED),
    (
        "data",
        f"{D}+csv;version=1.0.0;labels=both;timeFormat=normalized",
        f"{D}+csv;version=1.0.0;labels=both;timeFormat=normalized",
    ),
    ("data", f"{D}+csv; version=2.0.0; labels=name; keys=obs", f"{D}+csv;version=2.0.0;labels=name;keys=obs"),
    ("data", f"{D}+csv;version=2.0.0;key=series", f"{D}+csv;version=2.0.0;keys=series"),
    ("data", f"{D}+csv;version=2.0.0;label=both", f"{D}+csv;version=2.0.0;labels=both"),
    ("data", f"{D}+csv;version=2.0.0;LABELS=Both;TimeFormat=Normalized", f"{D}+csv;version=2.0.0;labels=both;timeFormat=normalized"),
    ("data", f"{D}+csv;keys=both;labels=both;version=2.1.0", f"{D}+csv;version=2.1.0;labels=both;keys=both"),
    ("data", f"{D}+csv;version=2.0.0;labels=loud", f"{D}+csv;version=2.0.0"),
    ("data", f"{D}+csv;version=1.0.0;labels=name", f"{D}+csv;version=1.0.0;labels=both"),
    ("data", f"{D}+csv;version=1.0.0;keys=obs", f"{D}+csv;version=1.0.0"),
    ("data", f"{D}+csv;version=2.0.0;urn=true;file=true", f"{D}+csv;version=2.0.0"),
    ("data", "text/csv;version=2.0.0;labels=both", f"{D}+csv;version=2.0.0;labels=both"),
    ("data", f"{D}+csv;version=2.0.0;labels=both;q=0.5, {D}+csv;version=2.0.0;labels=id", f"{D}+csv;version=2.0.0;labels=id"),
    ("data", f"{D}+csv;version=2.0.0;labels=both;q=0.5, {D}+json;version=2.0.0;q=0.4", f"{D}+csv;version=2.0.0;labels=both"),
    ("data", "application/parquet;q=0.9, text/html", "application/vnd.apache.parquet"),
]

#: format= and companions: endpoint, query, Content-Type. Accept asks for something else throughout.
QUERIES: list[tuple[str, dict[str, str], str]] = [
    ("v1 structure", {"format": "sdmx-json"}, f"{S}+json;version=2.1.0"),
    ("v1 structure", {"format": "sdmx-2.1"}, f"{S}+xml;version=2.1"),
    ("v2 structure", {"format": "sdmx-2.1"}, f"{S}+xml;version=2.1"),
    ("v2 structure", {"format": "sdmx-3.0"}, f"{S}+xml;version=3.0.0"),
    ("v1 structure", {"format": "structure"}, f"{S}+xml;version=2.1"),
    ("v2 structure", {"format": "structure"}, f"{S}+xml;version=3.1.0"),
    ("v2 structure", {"format": "structure", "formatVersion": "2.1"}, f"{S}+xml;version=2.1"),
    ("v2 structure", {"format": "structure", "formatVersion": "3.0.0"}, f"{S}+xml;version=3.0.0"),
    ("v2 structure", {"format": "jsonstructure"}, f"{S}+json;version=2.1.0"),
    ("v2 structure", {"format": "jsonstructure", "formatVersion": "2.0"}, f"{S}+json;version=2.0.0"),
    ("v2 structure", {"format": "jsonstructure", "formatVersion": "7.0"}, REFUSED),
    ("v2 structure", {"format": "jsondata"}, REFUSED),
    ("v2 structure", {"format": "csv"}, REFUSED),
    ("v2 structure", {"format": "pigeon"}, REFUSED),
    ("v2 structure", {"format": "sdmx-ml-3.0"}, f"{S}+xml;version=3.0.0"),
    ("v2 structure", {"format": "SDMX-JSON-2.0"}, f"{S}+json;version=2.0.0"),
    ("v2 structure", {"format": "sdmx-json-1.0"}, REFUSED),
    ("v1 structure", {"format": "xml"}, f"{S}+xml;version=2.1"),
    ("v1 data", {"format": "csv"}, f"{D}+csv;version=1.0.0"),
    ("v2 data", {"format": "csv"}, f"{D}+csv;version=2.1.0"),
    ("v1 data", {"format": "csvdata"}, f"{D}+csv;version=1.0.0"),
    ("v2 data", {"format": "csvdata", "formatVersion": "2.0.0"}, f"{D}+csv;version=2.0.0"),
    ("v2 data", {"format": "csvdata", "formatVersion": "1.0"}, f"{D}+csv;version=1.0.0"),
    ("v1 data", {"format": "csvfile"}, f"{D}+csv;version=1.0.0"),
    ("v1 data", {"format": "csvfilewithlabels"}, f"{D}+csv;version=1.0.0;labels=both"),
    ("v1 data", {"format": "csvfilewithlabels", "labels": "id"}, f"{D}+csv;version=1.0.0;labels=id"),
    ("v1 data", {"format": "csv", "labels": "name"}, f"{D}+csv;version=1.0.0;labels=both"),
    ("v2 data", {"format": "csv", "labels": "name"}, f"{D}+csv;version=2.1.0;labels=name"),
    ("v2 data", {"format": "csv", "label": "Both", "keys": "OBS"}, f"{D}+csv;version=2.1.0;labels=both;keys=obs"),
    ("v2 data", {"FORMAT": "CSV", "timeformat": "normalized"}, f"{D}+csv;version=2.1.0;timeFormat=normalized"),
    ("v1 data", {"format": "jsondata"}, f"{D}+json;version=2.1.0"),
    ("v2 data", {"format": "jsondata", "formatVersion": "2.0.0"}, f"{D}+json;version=2.0.0"),
    ("v1 data", {"format": "genericdata"}, "application/vnd.sdmx.genericdata+xml;version=2.1"),
    ("v2 data", {"format": "genericdata"}, "application/vnd.sdmx.genericdata+xml;version=2.1"),
    ("v1 data", {"format": "structurespecificdata"}, "application/vnd.sdmx.structurespecificdata+xml;version=2.1"),
    ("v2 data", {"format": "structurespecificdata"}, f"{D}+xml;version=3.0.0"),
    (
        "v2 data",
        {"format": "structurespecificdata", "formatVersion": "2.1"},
        "application/vnd.sdmx.structurespecificdata+xml;version=2.1",
    ),
    ("v1 data", {"format": "generictimeseriesdata"}, "application/vnd.sdmx.genericdata+xml;version=2.1"),
    ("v1 data", {"format": "structurespecifictimeseriesdata"}, "application/vnd.sdmx.structurespecificdata+xml;version=2.1"),
    ("v1 data", {"format": "sdmx-2.1"}, "application/vnd.sdmx.genericdata+xml;version=2.1"),
    ("v2 data", {"format": "sdmx-3.0"}, f"{D}+xml;version=3.0.0"),
    ("v2 data", {"format": "sdmx-ml-2.1-generic"}, "application/vnd.sdmx.genericdata+xml;version=2.1"),
    ("v2 data", {"format": "sdmx-ml-2.1"}, "application/vnd.sdmx.structurespecificdata+xml;version=2.1"),
    ("v2 data", {"format": "parquet"}, "application/vnd.apache.parquet"),
    ("v2 data", {"format": "arrow"}, "application/vnd.apache.arrow.stream"),
    ("v2 data", {"format": "arrow", "formatVersion": "1.0"}, REFUSED),
    ("v2 data", {"format": "application/vnd.sdmx.data+csv;version=2.0.0"}, f"{D}+csv;version=2.0.0"),
    ("v2 data", {"format": "application/vnd.sdmx.data csv;version=2.0.0"}, f"{D}+csv;version=2.0.0"),
    ("v2 data", {"formatVersion": "2.0.0"}, REFUSED),
    ("v2 data", {"format": ""}, REFUSED),
]


def answer(endpoint: str, accept: str | None, query: dict[str, str] | None = None) -> str:
    offered, defaults = ENDPOINTS[endpoint]
    try:
        return negotiate(accept, FormatParameters.of(query or {}), offered, defaults).content_type
    except NotAcceptable:
        return REFUSED


@pytest.mark.parametrize(
    ("endpoint", "accept", "expected"),
    [(endpoint, accept, wanted) for accept, *answers in ANSWERS for endpoint, wanted in zip(ENDPOINTS, answers, strict=True)],
)
def test_general_and_unversioned_types_mean_what_the_api_says(endpoint: str, accept: str | None, expected: str) -> None:
    assert answer(endpoint, accept) == expected


@pytest.mark.parametrize("api", ["v1", "v2"])
@pytest.mark.parametrize(("kind", "accept", "expected"), VERSIONED)
def test_versioned_types_mean_the_same_everywhere(api: str, kind: str, accept: str, expected: str) -> None:
    assert answer(f"{api} {kind}", accept) in expected.split("|")


@pytest.mark.parametrize(("endpoint", "query", "expected"), QUERIES)
def test_format_parameter_wins_over_accept(endpoint: str, query: dict[str, str], expected: str) -> None:
    assert answer(endpoint, "text/html", query) == expected


def test_csv_parameters_of_the_query_win_over_those_of_the_media_type() -> None:
    assert answer("v2 data", f"{D}+csv;version=2.0.0;labels=both", {"labels": "name"}) == f"{D}+csv;version=2.0.0;labels=name"


def test_series_key_of_a_posted_query_is_no_csv_parameter() -> None:
    assert answer("v2 data", "text/csv", {"key": "A.KG"}) == f"{D}+csv;version=2.1.0"


def test_wrong_value_of_a_csv_parameter_is_named() -> None:
    with pytest.raises(InvalidQuery, match="labels=loud: expected one of id, name, both"):
        FormatParameters.of({"labels": "loud"})


def test_refusal_names_what_was_requested_and_what_is_offered() -> None:
    with pytest.raises(NotAcceptable) as caught:
        negotiate("text/html", FormatParameters(), STRUCTURES, V2_STRUCTURES)
    assert "text/html" in str(caught.value)
    assert all(f"{offer.media_type} (format={offer.alias})" in str(caught.value) for offer in STRUCTURES)


def test_choice_gives_the_encoder_its_options() -> None:
    choice = Choice(m.DATA_CSV_2_0, {"labels": "both", "timeFormat": "normalized", "keys": "series"})
    assert choice.data_options(("fr", "en")) == DataOptions("both", "normalized", "series", ("fr", "en"))
    assert Choice(m.DATA_CSV_2_0).data_options() == DataOptions()


@pytest.mark.parametrize("offer", FORMATS, ids=lambda offer: f"{offer.alias}-{offer.kind}")
def test_every_format_is_reached_by_its_media_type_and_by_its_alias(offer: Format) -> None:
    defaults = V2_DATA if offer.kind is MessageKind.DATA else V2_STRUCTURES
    everything = [known for known in FORMATS if known.kind is offer.kind]
    assert negotiate(offer.media_type, FormatParameters(), everything, defaults).format is offer
    assert negotiate(None, FormatParameters.of({"format": offer.alias}), everything, defaults).format is offer


@pytest.mark.parametrize("name", FORMAT_NAMES)
def test_every_format_name_is_written_in_lower_case(name: str) -> None:
    assert name == name.casefold()


@given(st.text(max_size=60), st.sampled_from(sorted(ENDPOINTS)))
def test_no_accept_header_breaks_the_negotiation(accept: str, endpoint: str) -> None:
    offered, _ = ENDPOINTS[endpoint]
    assert answer(endpoint, accept) in {REFUSED, *(offer.media_type for offer in offered)}


@given(st.tuples(*[st.integers(0, 9)] * 3), st.tuples(*[st.integers(0, 9)] * 3), st.integers(0, 2))
def test_version_range_is_a_lower_bound_below_a_fixed_prefix(
    wanted: tuple[int, int, int], offered: tuple[int, int, int], growing: int
) -> None:
    text = ".".join(f"{part}+" if position == growing else f"{part}" for position, part in enumerate(wanted))
    assert version_matches(text, offered) == (offered >= wanted and offered[:growing] == wanted[:growing])
