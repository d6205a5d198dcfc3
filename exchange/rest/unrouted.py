"""Answers to what no route takes: unknown paths and methods that a resource does not have."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from exchange.rest.call import Api
from exchange.rest.errors import error_response
from exchange.rest.problems import problem_response


def unrouted(mounts: Mapping[str, str]) -> Callable[[Request, Exception], Awaitable[Response]]:
    """A handler of HTTP exceptions: SDMX error messages below the prefixes of SDMX-REST, problem documents elsewhere.

    Args:
        mounts: Path prefix to version of SDMX-REST (``v1``, ``v2``).
    """

    async def handler(request: Request, error: Exception) -> Response:
        api = next((Api(version) for prefix, version in mounts.items() if f"{request.url.path}/".startswith(f"{prefix}/")), None)
        response = problem_response(error) if api is None else error_response(error, request, api)
        if isinstance(error, HTTPException) and error.headers:
            response.headers.update(error.headers)
        return response

    return handler
