"""Every call in the tables gets the answer that the client needs."""

import pytest

from tests.conformance.answers import fetch
from tests.conformance.client_requests import DATA_V1, STRUCTURES_V1, Request
from tests.conformance.client_requests_v2 import REQUESTS_V2

pytestmark = pytest.mark.interop

REQUESTS = [*STRUCTURES_V1, *DATA_V1, *REQUESTS_V2]


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda r: f"{r.method} {r.target} {r.accept}")
def test_the_answer_is_what_the_client_needs(server: str, request_: Request) -> None:
    answer = fetch(server, request_.target, request_.sent(), request_.method, request_.body)
    assert answer.status == request_.status, answer.text[:500]
    if request_.type is not None:
        assert answer.type == request_.type
    for number, check in enumerate(request_.checks):
        assert check(answer), f"check {number} fails on {answer.content[:1500]!r}"
