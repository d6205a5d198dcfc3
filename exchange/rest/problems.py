"""Errors under ``/api``: RFC 9457 problem documents."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from typing import Any
from uuid import uuid4

from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from exchange.query.grammar.urls import Parameters
from exchange.query.grammar.vocabulary import Resource, check_names
from exchange.rest.errors import outcome_of, told

_log = logging.getLogger(__name__)


class Problem(BaseModel):
    """A problem document (RFC 9457). ``type`` ends with the stable code of the error."""

    type: str = Field(examples=["urn:cde:error:nothing-found"])
    title: str
    status: int
    detail: str


def problem_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """OpenAPI descriptions of error answers."""
    content = {"application/problem+json": {"schema": Problem.model_json_schema()}}
    return {status: {"description": "A problem document.", "content": content} for status in statuses}


class ProblemRoute(APIRoute):
    """A route whose errors, expected or not, are problem documents."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, guarded."""
        handler = super().get_route_handler()
        own = Resource(self.path, "", tuple(parameter.alias for parameter in self.dependant.query_params))

        async def guarded(request: Request) -> Response:
            try:
                check_names(Parameters(request.scope["query_string"].decode("ascii", errors="replace")), own)
                return await handler(request)
            except Exception as error:  # noqa: BLE001  # every failure must leave as a problem document
                return problem_response(error)

        return guarded


def problem_response(error: Exception) -> Response:
    """The problem document of an error. What is not one of ours says nothing of its inside: a correlation id leads to the log."""
    outcome = outcome_of(error)
    if isinstance(error, RequestValidationError):
        status, code, detail = 422, "invalid-request", "; ".join(str(part["msg"]) for part in error.errors())
    elif outcome is not None:
        status, code, detail = outcome.status, getattr(error, "code", "http"), told(error)
    else:
        correlation = uuid4().hex[:12]
        _log.error("request failed, correlation id %s", correlation, exc_info=error)
        status, code, detail = 500, "internal", f"The service failed on this request; tell its operator the correlation id {correlation}."
    problem = Problem(type=f"urn:cde:error:{code}", title=code.replace("-", " ").capitalize(), status=status, detail=detail)
    return JSONResponse(problem.model_dump(), status_code=status, media_type="application/problem+json")
