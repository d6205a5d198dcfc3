"""SDMX-REST 1.x (standard 1.5.0): structures, data, availableconstraint; what is specified but not served answers 501."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import Response

from exchange.errors import NotServed
from exchange.query.grammar import v1
from exchange.query.grammar.resources import V1_RESOURCES
from exchange.rest.call import Api, read_call
from exchange.rest.data_answers import availability_response, data_response
from exchange.rest.errors import SdmxRouteV1, UnknownResource
from exchange.rest.structure_answers import structure_response

_METHODS = ["GET", "HEAD"]
_NOT_SERVED = ("schema", "metadata")


def structure(request: Request) -> Response:
    """Codelists, concept schemes, data structures and every other artefact of the registry."""
    call = read_call(request, Api.V1, resource=None)
    if call.segments and call.segments[0].lower() not in V1_RESOURCES:
        known = ", ".join(("data", "availableconstraint", *sorted(V1_RESOURCES)))
        raise UnknownResource(f"{call.segments[0]} is not a resource of SDMX-REST 1.x; there are {known}.")
    return structure_response(call, v1.parse_structure, request.app.state.structure_answers)


def data(request: Request) -> Response:
    """Observations of a dataflow."""
    call = read_call(request, Api.V1, resource="data")
    return data_response(call, v1.parse_data(call.segments, call.parameters))


def data_by_form(request: Request, key: Annotated[str, Form()] = "all") -> Response:
    """Observations of a dataflow, with a key too long for a URL in the form field ``key`` (.Stat Suite)."""
    call = read_call(request, Api.V1, resource="data")
    call = replace(call, segments=[request.path_params["flow"], key], target=f"{call.target}#{key}")
    return data_response(call, v1.parse_data(call.segments, call.parameters))


def availability(request: Request) -> Response:
    """Which values exist for a query, how many series and observations, and the structures they refer to."""
    call = read_call(request, Api.V1, resource="availableconstraint")
    return availability_response(call, v1.parse_availability(call.segments, call.parameters))


def not_served(request: Request) -> Response:
    """Resources that SDMX-REST specifies and this service does not offer.

    Raises:
        NotServed: Always.
    """
    raise NotServed(f"{request.url.path}: SDMX-REST 1.5 specifies this resource, but this service does not offer it yet.")


router = APIRouter(route_class=SdmxRouteV1)
router.add_api_route("/data/{flow}/body", data_by_form, methods=["POST"], include_in_schema=False)
for name, endpoint in (("data", data), ("availableconstraint", availability)):
    router.add_api_route(f"/{name}", endpoint, methods=_METHODS, include_in_schema=False)
    router.add_api_route(f"/{name}/{{path:path}}", endpoint, methods=_METHODS, include_in_schema=False)
for name in _NOT_SERVED:
    router.add_api_route(f"/{name}", not_served, methods=_METHODS, include_in_schema=False)
    router.add_api_route(f"/{name}/{{path:path}}", not_served, methods=_METHODS, include_in_schema=False)
router.add_api_route("/{path:path}", structure, methods=_METHODS, include_in_schema=False)
