"""How many answers are made at once: so many of each kind, and who comes beyond that is asked to come again."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from exchange.errors import ServiceBusy
from exchange.query.grammar.urls import path_segments
from exchange.rest.call import Api
from exchange.rest.errors import error_response
from exchange.rest.problems import problem_response

#: After so many seconds most answers that were being made are done.
_RETRY_SECONDS: Final = 5


class AnswerKind(StrEnum):
    """Answers that cost alike."""

    STRUCTURES = "structures"
    DATA = "data"
    AVAILABILITY = "availability"
    PROVENANCE = "provenance"


_RESOURCES: Final = {"data": AnswerKind.DATA, "availability": AnswerKind.AVAILABILITY, "availableconstraint": AnswerKind.AVAILABILITY}


class AnswerLimits:
    """ASGI middleware that counts answers from their first byte in to their last byte out; the rest gets 503 with ``Retry-After``.

    Args:
        mounts: Path prefix to version of SDMX-REST (``v1``, ``v2``).
        at_once: Per kind of answer, how many may be in the making in this process.
    """

    def __init__(self, app: ASGIApp, mounts: Mapping[str, str], at_once: Mapping[AnswerKind, int]) -> None:
        self._app = app
        self._mounts = {prefix: Api(version) for prefix, version in sorted(mounts.items(), key=lambda mount: -len(mount[0]))}
        self._at_once = at_once
        # One event loop per process counts: nothing else touches this.
        self._running = dict.fromkeys(AnswerKind, 0)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer that there are too many."""
        kind, api = self._kind(scope)
        if kind is None:
            await self._app(scope, receive, send)
        elif self._running[kind] >= self._at_once[kind]:
            await self._too_many(scope, kind, api)(scope, receive, send)
        else:
            self._running[kind] += 1
            try:
                await self._app(scope, receive, send)
            finally:
                self._running[kind] -= 1

    def _kind(self, scope: Scope) -> tuple[AnswerKind | None, Api | None]:
        if scope["type"] != "http" or scope["method"] == "OPTIONS":
            return None, None
        path = f"{scope['path']}/"
        if path.startswith("/api/"):
            return AnswerKind.PROVENANCE, None
        for prefix, api in self._mounts.items():
            if path.startswith(f"{prefix}/"):
                resource = next(iter(path_segments(path[len(prefix) :])), "")
                return _RESOURCES.get(resource, AnswerKind.STRUCTURES), api
        return None, None

    def _too_many(self, scope: Scope, kind: AnswerKind, api: Api | None) -> Response:
        error = ServiceBusy(
            f"The service is making {self._at_once[kind]} answers about {kind} already, and no more at once; "
            f"ask again in {_RETRY_SECONDS} seconds."
        )
        response = problem_response(error) if api is None else error_response(error, Request(scope), api)
        response.headers["Retry-After"] = str(_RETRY_SECONDS)
        return response
