"""What every answer owes to HTTP: types, caching, compression, CORS, methods (the fifteen rules that follow from the clients)."""

import gzip

import pytest
from fastapi.testclient import TestClient
from lxml import etree

from tests.rest.conftest import services_of

DATA = "/sdmx/v2/data/dataflow/CDE/DF_WATER/1.0.0"
LIST = "/sdmx/v2/structure/codelist/CDE/CL_AREA/~"


@pytest.mark.parametrize(
    ("target", "accept", "expected"),
    [
        (DATA, "*/*", "application/vnd.sdmx.data+json;version=2.1.0"),
        (DATA, "application/vnd.sdmx.data+json;version=2.0.0", "application/vnd.sdmx.data+json;version=2.0.0"),
        (DATA, "application/vnd.sdmx.data+csv;version=1.0.0", "application/vnd.sdmx.data+csv;version=1.0.0"),
        (DATA, "application/vnd.sdmx.data+csv; version=2.0.0; labels=both", "application/vnd.sdmx.data+csv;version=2.0.0;labels=both"),
        (DATA, "application/vnd.sdmx.structurespecificdata+xml;version=2.1", "application/vnd.sdmx.structurespecificdata+xml;version=2.1"),
        (DATA, "application/vnd.sdmx.genericdata+xml;version=2.1", "application/vnd.sdmx.genericdata+xml;version=2.1"),
        (DATA, "application/vnd.sdmx.data+xml;version=3.0.0", "application/vnd.sdmx.data+xml;version=3.0.0"),
        (DATA, "application/vnd.apache.parquet", "application/vnd.apache.parquet"),
        (DATA, "application/vnd.apache.arrow.stream", "application/vnd.apache.arrow.stream"),
        ("/sdmx/v1/data/DF_WATER", "*/*", "application/vnd.sdmx.genericdata+xml;version=2.1"),
        ("/sdmx/v1/data/DF_WATER", "application/xml", "application/vnd.sdmx.genericdata+xml;version=2.1"),
        (
            "/sdmx/v1/data/DF_WATER",
            "application/vnd.sdmx.data+csv;file=true;labels=both",
            "application/vnd.sdmx.data+csv;version=1.0.0;labels=both",
        ),
        (LIST, "*/*", "application/vnd.sdmx.structure+json;version=2.1.0"),
        (LIST, "application/vnd.sdmx.structure+json;version=2.0.0", "application/vnd.sdmx.structure+json;version=2.0.0"),
        (LIST, "application/vnd.sdmx.structure+xml;version=3.1.0", "application/vnd.sdmx.structure+xml;version=3.1.0"),
        (LIST, "application/vnd.sdmx.structure+xml;version=2.1", "application/vnd.sdmx.structure+xml;version=2.1"),
        ("/sdmx/v1/codelist/CDE/CL_AREA", "application/xml", "application/vnd.sdmx.structure+xml;version=2.1"),
        ("/sdmx/v1/availableconstraint/DF_WATER", "*/*", "application/vnd.sdmx.structure+xml;version=2.1"),
    ],
)
def test_the_content_type_is_exact(client: TestClient, target: str, accept: str, expected: str) -> None:
    answer = client.get(target, headers={"Accept": accept})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == expected


@pytest.mark.parametrize("target", [DATA, LIST])
def test_what_is_not_offered_is_406_with_what_is(client: TestClient, target: str) -> None:
    answer = client.get(target, headers={"Accept": "image/png"})
    assert answer.status_code == 406
    assert "application/vnd.sdmx" in answer.text


@pytest.mark.parametrize("target", [DATA, LIST, "/sdmx/v1/data/DF_WATER/A.", "/sdmx/v2/availability/dataflow/CDE/DF_WATER"])
def test_a_current_copy_is_not_sent_again(client: TestClient, target: str) -> None:
    first = client.get(target, headers={"Accept-Encoding": "identity"})
    assert first.headers["etag"].startswith('"')
    again = client.get(target, headers={"If-None-Match": first.headers["etag"], "Accept-Encoding": "identity"})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    dated = client.get(target, headers={"If-Modified-Since": first.headers["last-modified"]})
    assert dated.status_code == 304
    older = client.get(target, headers={"If-Modified-Since": "Thu, 01 Jan 2015 00:00:00 GMT"})
    assert older.status_code == 200


@pytest.mark.parametrize("target", [f"{DATA}?format=sdmx-ml-3.0", f"{DATA}?format=sdmx-json-2.1", LIST])
def test_equal_etags_mean_equal_bytes(client: TestClient, target: str) -> None:
    first, second = client.get(target), client.get(target)
    assert first.headers["etag"] == second.headers["etag"]
    assert first.content == second.content


@pytest.mark.parametrize("target", [DATA, LIST])
def test_gzip_is_sent_when_asked_for_and_is_another_representation(client: TestClient, target: str) -> None:
    plain = client.get(target, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    with client.stream("GET", target, headers={"Accept-Encoding": "gzip"}) as packed:
        raw = b"".join(packed.iter_raw())
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(raw) == plain.content
    assert packed.headers["etag"] != plain.headers["etag"]


@pytest.mark.parametrize("target", [DATA, LIST, "/sdmx/v2/nonsense", f"{DATA}?c[NONE]=1", f"{DATA}/A.XX"])
def test_vary_and_cors_stand_on_every_answer(client: TestClient, target: str) -> None:
    answer = client.get(target, headers={"Origin": "https://example.org"})
    assert {"Accept", "Accept-Encoding", "Accept-Language"} <= {part.strip() for part in answer.headers["vary"].split(",")}
    assert answer.headers["access-control-allow-origin"] == "*"
    exposed = answer.headers["access-control-expose-headers"]
    assert "Content-Range" in exposed
    assert "ETag" in exposed


def test_a_browser_may_ask_first(client: TestClient) -> None:
    headers = {
        "Origin": "https://example.org",
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "x-range,authorization",
    }
    answer = client.options(DATA, headers=headers)
    assert answer.status_code == 200
    assert "x-range" in answer.headers["access-control-allow-headers"].lower()


@pytest.mark.parametrize("target", [DATA, LIST, "/sdmx/v1/dataflow/CDE"])
def test_head_has_the_headers_of_get_and_no_body(client: TestClient, target: str) -> None:
    got, headed = client.get(target), client.head(target)
    assert headed.status_code == 200
    assert headed.content == b""
    assert headed.headers["etag"] == got.headers["etag"]
    assert headed.headers["content-type"] == got.headers["content-type"]


@pytest.mark.parametrize("target", [DATA, LIST, "/sdmx/v1/data/DF_WATER", f"{DATA}?format=parquet"])
@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_the_length_that_head_tells_is_that_of_get_or_none(client: TestClient, target: str, coding: str) -> None:
    with client.stream("GET", target, headers={"Accept-Encoding": coding}) as got:
        length = str(len(b"".join(got.iter_raw())))
    assert client.head(target, headers={"Accept-Encoding": coding}).headers["content-length"] == length


def test_head_of_a_long_answer_tells_no_length(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("exchange.rest.responses._WHOLE", 10)
    headed = client.head(DATA)
    assert headed.status_code == 200
    assert "content-length" not in headed.headers


@pytest.mark.parametrize(
    ("since", "status"),
    [
        ("2015-01-01", 200),
        ("2015-01-01T00:00:00Z", 200),
        ("2099-01-01", 304),
        ("2099-01-01T00:00:00+02:00", 304),
        ("2099-01-01T00:00:00", 304),
        ("Thu, 01 Jan 2099 00:00:00 GMT", 304),
        ("yesterday", 200),
        ("", 200),
    ],
)
@pytest.mark.parametrize("target", [DATA, LIST])
def test_iso_dates_in_if_modified_since_are_understood(client: TestClient, target: str, since: str, status: int) -> None:
    assert client.get(target, headers={"If-Modified-Since": since}).status_code == status


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "POST"])
@pytest.mark.parametrize("target", [DATA, LIST])
def test_nothing_can_be_written(client: TestClient, method: str, target: str) -> None:
    assert client.request(method, target).status_code == 405


@pytest.mark.parametrize(
    "target", ["/sdmx/v1/dataflow/CDE/DF_WATER/latest", "/sdmx/v1/data/DF_WATER", "/sdmx/v2/structure/dataflow/CDE/DF_WATER/~"]
)
def test_a_trailing_slash_is_the_same_resource(client: TestClient, target: str) -> None:
    plain, slashed = client.get(target, follow_redirects=False), client.get(f"{target}/", follow_redirects=False)
    assert (plain.status_code, slashed.status_code) == (200, 200)
    assert len(plain.content) == len(slashed.content)


def test_names_come_in_the_language_asked_for_and_say_so(client: TestClient) -> None:
    answer = client.get(LIST, headers={"Accept-Language": "en"})
    assert "en" in answer.headers["content-language"]


@pytest.mark.parametrize("accept", ["application/xml", "application/vnd.sdmx.data+xml;version=3.0.0"])
def test_errors_are_xml_for_those_who_read_xml(client: TestClient, accept: str) -> None:
    answer = client.get(f"{DATA}?limit=x", headers={"Accept": accept})
    assert answer.status_code == 400
    assert etree.QName(etree.fromstring(answer.content)).localname == "Error"


def test_errors_are_json_for_those_who_read_json(client: TestClient) -> None:
    answer = client.get(f"{DATA}?limit=x", headers={"Accept": "application/vnd.sdmx.data+json;version=2.0.0"})
    assert answer.json()["errors"][0]["code"] == 400
    assert "limit=x" in answer.text


def test_the_service_says_that_it_lives_and_is_ready(client: TestClient) -> None:
    assert client.get("/health/live").json()["status"] == "live"
    assert client.get("/health/ready").json() == {"status": "ready", "registry": True, "observations": True}


def test_failures_keep_their_cause_to_themselves(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secret of the inside")

    monkeypatch.setattr(type(services_of(client).artefacts), "revision", broken)
    answer = client.get(LIST)
    assert answer.status_code == 500
    assert "correlation id" in answer.text
    assert "secret" not in answer.text
