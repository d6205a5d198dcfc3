"""The page that describes the API needs nothing but the service itself."""

import re

import pytest
from fastapi.testclient import TestClient


def test_the_page_and_all_it_loads_come_from_the_service(client: TestClient) -> None:
    page = client.get("/docs")
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(loaded) == 5
    for address in loaded:
        assert "//" not in address
        answer = client.get(f"/{address}")
        assert answer.status_code == 200, address
        assert answer.content


def test_the_page_may_reach_nothing_else(client: TestClient) -> None:
    policy = client.get("/docs").headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "http" not in policy
    assert "script-src 'self';" in policy


def test_the_page_can_show_the_version_of_openapi_that_is_served(client: TestClient) -> None:
    assert client.get("/openapi.json").json()["openapi"].startswith("3.1")
    # Swagger UI knows OpenAPI 3.1 since its version 5.
    assert "oas31" in client.get("/docs/swagger-ui-bundle.js").text.lower()


@pytest.mark.parametrize("path", ["/docs/unknown.js", "/docs/%2e%2e%2fcore.py", "/redoc"])
def test_nothing_else_is_served_there(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404
