"""What HTTP promises, at a running server: negotiation, caching, compression, cross-origin access, ranges, refusals (SDMX-REST 2.2.2)."""

from __future__ import annotations

import gzip
from concurrent.futures import ThreadPoolExecutor
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.conformance.answers import Answer, error_text, fetch, observations
from tests.conformance.client_requests import ALL, COUNTRY, CSV_10, CSV_21, GENERIC, JSON_20, JSON_21, ML_21, ML_31, SPECIFIC
from tests.demo_server import AGENCY as A
from tests.demo_server import FLOW as F
from tests.demo_server import VERSION as V
from tests.demo_server import running

pytestmark = pytest.mark.interop

CODELIST, DATA, DATA_1 = "/sdmx/v2/structure/codelist/SDMX/CL_FREQ/2.1", f"/sdmx/v2/data/dataflow/{A}/{F}/{V}", f"/rest/data/{A},{F},{V}"
AVAILABILITY = f"/sdmx/v2/availability/dataflow/{A}/{F}/{V}"
MISSING = f"/sdmx/v2/structure/codelist/{A}/CL_NOWHERE"
RESOURCES = [CODELIST, DATA, DATA_1, AVAILABILITY, "/rest/codelist/SDMX/CL_FREQ"]


@pytest.mark.parametrize("target", RESOURCES)
def test_an_unchanged_representation_is_not_sent_again(server: str, target: str) -> None:
    first = fetch(server, target)
    assert first.headers["etag"].startswith('"')
    for condition in (first.headers["etag"], f'"other", {first.headers["etag"]}', "*", f"W/{first.headers['etag']}"):
        again = fetch(server, target, {"If-None-Match": condition})
        assert (again.status, again.body) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
        assert again.headers["vary"] == first.headers["vary"]
    assert fetch(server, target, {"If-None-Match": '"other"'}).status == 200


@pytest.mark.parametrize("target", RESOURCES)
def test_the_time_of_the_last_change_is_told_and_taken(server: str, target: str) -> None:
    modified = fetch(server, target).headers["last-modified"]
    assert parsedate_to_datetime(modified).tzinfo is not None
    assert fetch(server, target, {"If-Modified-Since": modified}).status == 304
    assert fetch(server, target, {"If-Modified-Since": "Thu, 01 Jan 2015 00:00:00 GMT"}).status == 200
    assert fetch(server, target, {"If-Modified-Since": "yesterday"}).status == 200
    assert fetch(server, target, {"If-Modified-Since": modified, "If-None-Match": '"other"'}).status == 200


@pytest.mark.parametrize("target", RESOURCES)
def test_compressed_and_plain_are_two_representations_of_one_thing(server: str, target: str) -> None:
    plain, packed = fetch(server, target), fetch(server, target, {"Accept-Encoding": "deflate, gzip"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert plain.headers["etag"] != packed.headers["etag"]
    assert packed.type == plain.type
    kept = fetch(server, target, {"Accept-Encoding": "gzip", "If-None-Match": packed.headers["etag"]})
    assert kept.status == 304
    for refusal in ("identity", "gzip;q=0", "br", ""):
        assert "content-encoding" not in fetch(server, target, {"Accept-Encoding": refusal}).headers


@pytest.mark.parametrize("target", [*RESOURCES, MISSING, f"{DATA}?limit=x", f"{DATA}/NOWHERE.*.*.*.*"])
def test_every_answer_varies_and_may_be_read_from_anywhere(server: str, target: str) -> None:
    answer = fetch(server, target, {"Origin": "https://elsewhere.example"})
    assert {"Accept", "Accept-Encoding", "Accept-Language"} <= {name.strip() for name in answer.headers["vary"].split(",")}
    assert answer.headers["access-control-allow-origin"] == "*"
    assert {"Content-Range", "Location", "ETag"} <= {name.strip() for name in answer.headers["access-control-expose-headers"].split(",")}


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_browsers_are_told_what_they_may_send(server: str, method: str) -> None:
    wanted = "accept,accept-language,x-range,range,authorization"
    asked = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": method, "Access-Control-Request-Headers": wanted}
    answer = fetch(server, DATA_1, asked, "OPTIONS")
    assert answer.status == 200
    assert set(wanted.split(",")) <= {name.strip().lower() for name in answer.headers["access-control-allow-headers"].split(",")}


@pytest.mark.parametrize("target", [*RESOURCES, MISSING, f"{DATA}/NOWHERE.*.*.*.*"])
def test_head_tells_the_same_without_the_body(server: str, target: str) -> None:
    whole, head = fetch(server, target), fetch(server, target, method="HEAD")
    assert (head.status, head.body) == (whole.status, b"")
    volatile = {"date", "content-length", "transfer-encoding"}
    assert {n: v for n, v in head.headers.items() if n not in volatile} == {n: v for n, v in whole.headers.items() if n not in volatile}


@pytest.mark.parametrize("target", [*RESOURCES, MISSING])
def test_a_trailing_slash_changes_nothing(server: str, target: str) -> None:
    plain, slashed = fetch(server, target), fetch(server, f"{target}/")
    assert (slashed.status, slashed.type, len(slashed.body)) == (plain.status, plain.type, len(plain.body))
    with_question_mark = fetch(server, f"{target}/?_=1")
    assert with_question_mark.status == plain.status


@pytest.mark.parametrize(
    ("target", "accept", "expected"),
    [
        (CODELIST, None, JSON_21),
        (CODELIST, "*/*", JSON_21),
        (CODELIST, "application/json", JSON_21),
        (CODELIST, "application/xml", ML_31),
        (CODELIST, f"{ML_21};q=0.5, {JSON_20};q=0.9", JSON_20),
        (CODELIST, f"{ML_21}, {JSON_20};q=0.9, */*;q=0.1", ML_21),
        (CODELIST, "image/png, application/vnd.sdmx.structure+xml", ML_31),
        (CODELIST, "application/vnd.sdmx.structure+json;version=2+.0.0", JSON_21),
        (CODELIST, "APPLICATION/VND.SDMX.STRUCTURE+XML; VERSION=2.1", ML_21),
        ("/rest/codelist/SDMX/CL_FREQ", "*/*", ML_21),
        ("/rest/codelist/SDMX/CL_FREQ", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", ML_21),
        (DATA_1, "application/xml", GENERIC),
        (DATA_1, f"{SPECIFIC};q=0.8, {GENERIC};q=0.7", SPECIFIC),
        (DATA_1, "text/csv", CSV_10),
        (DATA, "text/csv", CSV_21),
        (DATA, "application/vnd.sdmx.data+csv", CSV_10),
        (DATA, f"{CSV_21};labels=both;keys=series", f"{CSV_21};labels=both;keys=series"),
        (f"{DATA}?format=genericdata", CSV_21, GENERIC),
        (f"{DATA}?format=csvdata&formatVersion=2.1.0", "image/png", CSV_21),
        (DATA, "application/vnd.apache.parquet", "application/vnd.apache.parquet"),
        (DATA, "application/vnd.apache.arrow.stream", "application/vnd.apache.arrow.stream"),
    ],
)
def test_the_format_is_the_one_preferred(server: str, target: str, accept: str | None, expected: str) -> None:
    answer = fetch(server, target, {"Accept": accept} if accept else {})
    assert (answer.status, answer.type) == (200, expected)


@pytest.mark.parametrize(
    ("target", "accept", "family"),
    [
        (MISSING, "*/*", "application/json"),
        (MISSING, "application/xml", "application/xml"),
        (MISSING, f"{JSON_20};q=0.5, {ML_21}", "application/xml"),
        (f"{MISSING}?format=sdmx-ml-3.0", "*/*", "application/xml"),
        (f"{MISSING}?format=sdmx-json-2.0", "application/xml", "application/json"),
        ("/rest/data/DF_NOWHERE", "*/*", "application/xml"),
        ("/rest/data/DF_NOWHERE", "application/json", "application/json"),
        ("/rest/data/DF_NOWHERE", CSV_10, "application/xml"),
    ],
)
def test_errors_come_in_the_family_preferred(server: str, target: str, accept: str, family: str) -> None:
    answer = fetch(server, target, {"Accept": accept})
    assert (answer.status, answer.type) == (404, family)
    assert "NOWHERE" in error_text(answer)


@pytest.mark.parametrize(
    ("method", "target"), [("POST", CODELIST), ("DELETE", "/rest/codelist/SDMX/CL_FREQ"), ("PUT", DATA), ("PATCH", DATA)]
)
def test_nothing_can_be_written(server: str, method: str, target: str) -> None:
    answer = fetch(server, target, {"Content-Length": "0"}, method)
    assert answer.status == 405
    assert "GET" in answer.headers["allow"]
    assert error_text(answer)


@pytest.mark.parametrize("target", ["/nothing", "/api/v1/nothing", f"/api/v1/provenance/{A}/{F}/1.0.0/A.NOWHERE._T._T._T"])
def test_errors_elsewhere_are_problem_documents(server: str, target: str) -> None:
    answer = fetch(server, target)
    assert (answer.status, answer.type) == (404, "application/problem+json")
    assert {"type", "title", "status", "detail"} <= answer.json.keys()


def test_a_range_of_rows_is_cut_out_and_counted(server: str) -> None:
    target = f"{DATA_1}/all?dimensionAtObservation=AllDimensions&format=sdmx-json-2.0"
    answer = fetch(server, target, {"X-Range": "values=10-29"})
    assert (answer.status, observations(answer), answer.headers["content-range"]) == (206, 20, f"values 10-29/{ALL}")
    everything = fetch(server, target, {"X-Range": "values=0-2499"})
    assert (everything.status, observations(everything), everything.headers["content-range"]) == (200, ALL, f"values 0-{ALL - 1}/{ALL}")
    assert everything.headers["etag"] != answer.headers["etag"]
    assert "x-range" in answer.headers["vary"].lower()
    assert fetch(server, target, {"X-Range": "rows 1"}).status == 400
    assert fetch(server, target, {"X-Range": "values=5000-6000"}).status == 404


def test_a_key_of_eight_kilobytes_is_read(server: str) -> None:
    areas = "+".join(["MW", *(f"X{number:06d}" for number in range(1000))])
    answer = fetch(server, f"{DATA_1}/A.{areas}...?format=csv")
    assert (answer.status, observations(answer)) == (200, COUNTRY)
    keys = ",".join(["A.MW.*.*.*", *(f"A.X{number:06d}.*.*.*" for number in range(500))])
    assert observations(fetch(server, f"{DATA}/{keys}?format=csv")) == COUNTRY


@pytest.mark.parametrize(
    ("raw", "encoded"),
    [
        (f"{DATA}?c[REF_AREA]=MW&c[TIME_PERIOD]=ge:2020+le:2023", f"{DATA}?c%5BREF_AREA%5D=MW&c%5BTIME_PERIOD%5D=ge%3A2020%2Ble%3A2023"),
        (f"{DATA}/A.MW.*.*.*", f"{DATA}/A.MW.%2A.%2A.%2A"),
        (f"{DATA}/A.MW.*.*.*", quote(f"{DATA}/A.MW.*.*.*", safe="/")),
        (f"{DATA_1}/A.MW...", f"{DATA_1.replace(',', '%2C')}/A%2EMW%2E%2E%2E"),
        (f"{DATA}?sort=REF_AREA:desc+TARIFF", f"{DATA}?sort=REF_AREA%3Adesc%2BTARIFF"),
        ("/sdmx/v2/structure/dataflow/*/*/+", "/sdmx/v2/structure/dataflow/%2A/%2A/%2B"),
        ("/sdmx/v2/structure/dataflow/*/*/~", "/sdmx/v2/structure/dataflow/%2a/%2a/%7E"),
    ],
)
def test_percent_encoding_means_nothing(server: str, raw: str, encoded: str) -> None:
    one, other = (fetch(server, target, {"Accept": f"{CSV_21}, {JSON_21}"}) for target in (raw, encoded))
    assert (one.status, other.status) == (200, 200)
    assert one.body.replace(b"IREF", b"").partition(b'"test"')[2] == other.body.replace(b"IREF", b"").partition(b'"test"')[2]
    assert len(one.body) == len(other.body)


def test_parameters_that_are_foreign_to_sdmx_rest_are_ignored(server: str) -> None:
    assert observations(fetch(server, f"{DATA}?format=csv&saveAs=x.csv&_=123&apikey=abc")) == ALL


def test_names_come_in_the_language_preferred(server: str) -> None:
    answer = fetch(server, CODELIST, {"Accept-Language": "fr;q=0.3, en;q=0.9"})
    assert answer.headers["content-language"].split(",")[0].strip() == "en"


def test_many_at_once_get_the_same_bytes(server: str) -> None:
    targets = [f"{DATA}?format=csv", CODELIST, f"{DATA_1}?lastNObservations=1", AVAILABILITY, f"/rest/dataflow/{A}/{F}?references=children"]
    expected = {target: fetch(server, target).body for target in targets}
    with ThreadPoolExecutor(24) as pool:
        answers: list[tuple[str, Answer]] = list(pool.map(lambda target: (target, fetch(server, target)), targets * 50))
    assert all(answer.status == 200 and answer.body == expected[target] for target, answer in answers)


def test_the_operator_may_choose_204_for_nothing(demo_home: Path) -> None:
    with running(demo_home, EXCHANGE_EMPTY_RESULT="204", EXCHANGE_MOUNTS='{"/a/b/c": "v2", "/old/rest": "v1"}') as root:
        for prefix in ("/sdmx/v2", "/a/b/c"):
            answer = fetch(root, f"{prefix}/data/dataflow/{A}/{F}/{V}/A.NOWHERE.*.*.*")
            assert (answer.status, answer.body) == (204, b"")
        assert fetch(root, "/a/b/c/structure/codelist/SDMX/CL_FREQ/").status == 200
        assert observations(fetch(root, f"/old/rest/data/{F}?format=csv")) == ALL
        stubs = fetch(root, "/a/b/c/structure/codelist/SDMX/CL_FREQ?detail=allstubs&format=sdmx-ml-3.1").text
        assert f'structureURL="{root}/a/b/c/structure/codelist/SDMX/CL_FREQ/2.1"' in stubs
