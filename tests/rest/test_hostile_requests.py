"""Whatever is sent, the answer is a result or a message that says what is wrong; never a failure of ours."""

from urllib.parse import quote
from xml.etree import ElementTree as ET

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

DATA = "/sdmx/v2/data/dataflow/CDE/DF_WATER/1.0.0"


def one_of(text: str, *more: str) -> st.SearchStrategy[str]:
    return st.sampled_from([*text.split(), *more])


WILD = st.text(alphabet=st.characters(max_codepoint=0x2FF, exclude_categories=["Cs"]), max_size=12).map(
    lambda text: quote(text, safe="+,*~:.;")
)
BROKEN = one_of("% %zz %ff%fe %00 %0d%0aX:y %2F..%2F %c3%28 a&b=c ;x=1 %20 $ @ ' \" <x>")
NAMES = one_of(
    """structure data availability availableconstraint schema metadata registration codelist dataflow datastructure conceptscheme
    provisionagreement agencyscheme hierarchy CDE DF_WATER CL_AREA DSD_WATER PA_WATER CDE,DF_WATER,1.0.0 CDE,DF_WATER 1.0.0 1.0+.0
    latest all ALL * + ~ A.MW A.. *.MW,M.* AREA CDE.SUB body . .. MW 1.0.0+2.0.0 1.x A+B A,B *,* provenance A.MW.2020""",
    "",
)
SEGMENTS = st.lists(st.one_of(NAMES, NAMES, NAMES, WILD, BROKEN), max_size=8).map("/".join)
PARAMETERS = one_of(
    """references detail format formatVersion labels lang locale timeFormat keys mode asOf updatedAfter firstNObservations
    lastNObservations offset limit sort dimensionAtObservation attributes measures includeHistory startPeriod endPeriod
    reportingYearStartDay c[AREA] c[TIME_PERIOD] c[OBS_VALUE] c[TITLE] c[ c[]"""
)
VALUES = st.one_of(
    one_of(
        """all none children descendants full allstubs referencepartial raw csv sdmx-ml-2.1 sdmx-json-2.1 jsondata parquet arrow both
        name en * exact available 2020 2021-Q3 2021-W53 9999-12-31 0000 2026-01-15T00:00:00Z 2026-01-15T00:00:00%2B01:00
        0001-01-01T00:00:00%2B14:00 9999-12-31T23:59:59-14:00 -1 0 1 99999999999999999999 AREA TIME_PERIOD AllDimensions AREA:desc
        *:desc series_key dsd obs TITLE true --07-01 --02-29 ge:2020+le:2021 ne:A,B co: ge: : lt:1e999 nan ge:NaN inf co:%25 sw:( eq:A+
        2020/P1Y 9999-W53 ge:9999 lt:0001"""
    ),
    WILD,
    BROKEN,
)
QUERIES = st.lists(st.tuples(PARAMETERS, VALUES), max_size=4).map(lambda pairs: "&".join(f"{name}={value}" for name, value in pairs))
ROOTS = one_of(f"/sdmx/v2 /sdmx/v1 /rest /api/v1 /sdmx {DATA} {DATA} /sdmx/v1/data/DF_WATER /sdmx/v2/structure")
HEADERS = st.dictionaries(
    one_of("Accept Accept-Language Accept-Encoding If-None-Match If-Modified-Since X-Range Range Content-Type"),
    st.one_of(
        st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), max_size=40),
        one_of(
            """application/xml */*;q=x application/vnd.sdmx.data+csv;version=2+.0.0;labels=both ;;;,,,q= a/b;q=1.5 gzip;q= *;q=0.1 *
            values=5-1 values=0-0 values=1-99999999999999999999 application/vnd.sdmx.structure+xml;version=*""",
            "en;q=zz, *",
            '"a", W/"b"',
            "Thu, 99 Foo 2020",
            "Thu, 01 Jan 1970 00:00:00 -9999",
            "x" * 5000,
        ),
    ),
    max_size=3,
)


def check(
    client: TestClient, target: str, method: str = "GET", headers: dict[str, str] | None = None, content: bytes | None = None
) -> None:
    answer = client.request(method, target, headers=headers, content=content, follow_redirects=False)
    assert answer.status_code < 500 or answer.status_code == 501, (target, answer.text)
    if answer.status_code < 400:
        return
    if answer.headers["content-type"] == "application/problem+json":
        # The client resolves dots in the path before it asks, so what counts is where it asked.
        assert not answer.request.url.path.startswith(("/sdmx/v1/", "/sdmx/v2/", "/rest/"))
        assert answer.json()["status"] == answer.status_code
    elif answer.headers["content-type"] == "application/json":
        assert answer.json()["errors"][0]["code"] == answer.status_code
    else:
        assert answer.headers["content-type"] == "application/xml"
        assert ET.fromstring(answer.content).tag.endswith("}Error")  # noqa: S314  # our own answer


@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
@given(root=ROOTS, path=SEGMENTS, query=QUERIES, headers=HEADERS)
@example(root="/sdmx/v2", path="structure/%ff%fe", query="", headers={})
@example(root=DATA, path="", query="asOf=0001-01-01T00:00:00%2B14:00", headers={})
@example(root=DATA, path="", query="updatedAfter=9999-12-31T23:59:59-14:00", headers={})
@example(root=DATA, path="", query="c[TIME_PERIOD]=9999-12-31", headers={})
@example(root=DATA, path="", query="c[TIME_PERIOD]=ge:9999-W53", headers={})
@example(root=DATA, path="", query="c[OBS_VALUE]=co:(", headers={})
@example(root=DATA, path="", query="limit=99999999999999999999", headers={})
@example(root=DATA, path="", query="offset=99999999999999999999", headers={})
@example(root=DATA, path="", query="lastNObservations=99999999999999999999", headers={})
@example(root=DATA, path="", query="sort=TITLE&includeHistory=true&limit=2", headers={})
@example(root="/sdmx/v1/data/DF_WATER", path="", query="", headers={"If-Modified-Since": "Thu, 01 Jan 1970 00:00:00 -9999"})
@example(root="/sdmx/v1/data/DF_WATER", path="", query="", headers={"X-Range": "values=1-99999999999999999999"})
@example(root="/sdmx/v1/data/DF_WATER", path="", query="", headers={"X-Range": "values=99999999999999999999-99999999999999999999"})
def test_no_request_makes_the_service_fail(client: TestClient, root: str, path: str, query: str, headers: dict[str, str]) -> None:
    check(client, f"{root}/{path}" + (f"?{query}" if query else ""), headers=headers)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data", b"no boundary"),
        ("multipart/form-data; boundary=x", b"--x\r\nbroken"),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="key"; filename="a"\r\n\r\nA\r\n--x--\r\n'),
        ("application/x-www-form-urlencoded", b"key=%ff%fe"),
        ("application/x-www-form-urlencoded", b"\xff\xfe"),
        ("application/json", b"{"),
        ("text/plain", b""),
        ("application/x-www-form-urlencoded", b"key=A.MW.X.Y"),
    ],
)
def test_no_form_makes_the_service_fail(client: TestClient, content_type: str, body: bytes) -> None:
    check(client, "/sdmx/v1/data/CDE,DF_WATER/body", "POST", {"Content-Type": content_type}, body)


@pytest.mark.parametrize("length", [10_000, 60_000])
def test_very_long_requests_are_answered(client: TestClient, length: int) -> None:
    check(client, f"/sdmx/v2/structure/codelist/CDE/{'X' * length}")
    check(client, f"{DATA}?c[AREA]={','.join(f'X{number}' for number in range(length // 6))}")
    check(client, f"{DATA}?c[AREA]={'X+' * (length // 2)}X")
    check(client, f"{DATA}/{'A.MW,' * (length // 5)}A.MW")
    check(client, f"/sdmx/v1/data/DF_WATER/{'.' * length}")
