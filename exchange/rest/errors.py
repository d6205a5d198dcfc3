"""From error class to HTTP status and SDMX error code: the one table, and the error body in the family the client prefers."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from exchange.codecs.error_messages import ErrorFamily, encode_error, preferred_family
from exchange.errors import (
    ConflictingSubmission,
    ExchangeError,
    InvalidObservations,
    InvalidQuery,
    MalformedMessage,
    NotAcceptable,
    NothingFound,
    NotServed,
    ServiceBusy,
    StorageUnavailable,
    UnknownFormat,
    UnreachableSource,
    WouldEmptyDataflow,
)
from exchange.rest.call import Api
from exchange.rest.responses import VARY
from mappings.errors import InvalidExpression, InvalidRecipe, MappingError, MappingFailed, UnknownKey, UnreadableSource
from registry.errors import (
    ConflictingWrite,
    InvalidArtefact,
    InvalidTimePeriod,
    InvalidUrn,
    InvalidVersion,
    RegistryError,
    StoreUnavailable,
    UnknownArtefact,
    UnresolvedReference,
)

_log = logging.getLogger(__name__)

_ERROR_HEADERS = {"Vary": VARY, "Cache-Control": "no-store"}


class UnknownResource(ExchangeError):
    """A path that names nothing in this version of SDMX-REST."""

    code = "unknown-resource"


@dataclass(frozen=True, slots=True)
class ErrorStatus:
    """How an error is answered: HTTP status and SDMX error code (SDMX-REST 1.5, section 2.4)."""

    status: int
    sdmx_code: int


#: The most specific class wins. The three base errors stand for what nobody thought of, so every other class has an entry of its own or
#: inherits one from a class that is not a base (tested).
OUTCOMES: dict[type[Exception], ErrorStatus] = {
    InvalidQuery: ErrorStatus(400, 140),
    InvalidUrn: ErrorStatus(400, 140),
    InvalidVersion: ErrorStatus(400, 140),
    InvalidTimePeriod: ErrorStatus(400, 140),
    MalformedMessage: ErrorStatus(400, 140),
    UnknownFormat: ErrorStatus(400, 140),
    NothingFound: ErrorStatus(404, 100),
    UnknownResource: ErrorStatus(404, 140),
    UnknownArtefact: ErrorStatus(404, 100),
    NotAcceptable: ErrorStatus(406, 140),
    ConflictingSubmission: ErrorStatus(409, 1000),
    ConflictingWrite: ErrorStatus(409, 1000),
    InvalidArtefact: ErrorStatus(422, 150),
    InvalidObservations: ErrorStatus(422, 150),
    InvalidExpression: ErrorStatus(422, 150),
    InvalidRecipe: ErrorStatus(422, 150),
    MappingFailed: ErrorStatus(422, 150),
    UnknownKey: ErrorStatus(422, 150),
    UnreadableSource: ErrorStatus(422, 150),
    WouldEmptyDataflow: ErrorStatus(422, 150),
    UnresolvedReference: ErrorStatus(500, 500),
    NotServed: ErrorStatus(501, 501),
    UnreachableSource: ErrorStatus(502, 1000),
    StoreUnavailable: ErrorStatus(503, 503),
    ServiceBusy: ErrorStatus(503, 503),
    StorageUnavailable: ErrorStatus(503, 503),  # and what is damaged
    MappingError: ErrorStatus(500, 500),
    RegistryError: ErrorStatus(500, 500),
    ExchangeError: ErrorStatus(500, 500),
}


def outcome_of(error: Exception) -> ErrorStatus | None:
    """How an error is answered, None when it is neither one of ours nor one that HTTP knows (a wrong method, a malformed form)."""
    if isinstance(error, HTTPException):
        return ErrorStatus(error.status_code, 140)
    if isinstance(error, RequestValidationError):
        return ErrorStatus(400, 140)
    return next((OUTCOMES[cls] for cls in type(error).__mro__ if cls in OUTCOMES), None)


def told(error: Exception) -> str:
    """What an error that is expected says."""
    if isinstance(error, RequestValidationError):
        return "; ".join(f"{part['loc'][-1]}: {part['msg']}" for part in error.errors())
    return str(error.detail) if isinstance(error, HTTPException) else str(error)


def error_response(error: Exception, request: Request, api: Api) -> Response:
    """The answer to an error, in the family that the request prefers.

    What is not one of ours says nothing of its inside: a correlation id leads to the log.
    """
    outcome = outcome_of(error)
    if outcome is None:
        correlation = uuid4().hex[:12]
        _log.error("request failed, correlation id %s", correlation, exc_info=error)
        outcome, text = ErrorStatus(500, 500), f"The service failed on this request; tell its operator the correlation id {correlation}."
    else:
        text = told(error)
    accept, asked = request.headers.get("accept"), request.query_params.get("format")
    family = preferred_family(accept, asked, default=ErrorFamily.ML_21 if api is Api.V1 else ErrorFamily.JSON_21)
    content = encode_error(family, sdmx_code=outcome.sdmx_code, status=outcome.status, texts={"en": text})
    return Response(content, status_code=outcome.status, media_type=family.media_type, headers=_ERROR_HEADERS)


class SdmxRoute(APIRoute):
    """A route under ``/sdmx`` whose errors, expected or not, are SDMX error messages."""

    api: Api

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, guarded."""
        handler = super().get_route_handler()
        api = self.api

        async def guarded(request: Request) -> Response:
            try:
                return await handler(request)
            except Exception as error:  # noqa: BLE001  # every failure must leave as an SDMX error message
                if isinstance(error, NothingFound) and api is Api.V2 and request.app.state.services.settings.empty_result == 204:
                    return Response(status_code=204, headers=_ERROR_HEADERS)
                return error_response(error, request, api)

        return guarded


class SdmxRouteV1(SdmxRoute):
    """SDMX-REST 1.x."""

    api = Api.V1


class SdmxRouteV2(SdmxRoute):
    """SDMX-REST 2.x."""

    api = Api.V2
