"""SDMX-REST 2.x (standard 2.2.2): structure, schema, data, availability; what is specified but not served answers 501."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from exchange.errors import NotServed
from exchange.query.grammar import v2
from exchange.rest.call import Api, read_call
from exchange.rest.data_answers import availability_response, data_response
from exchange.rest.errors import SdmxRouteV2, UnknownResource
from exchange.rest.structure_answers import structure_response

_METHODS = ["GET", "HEAD"]
_NOT_SERVED = ("metadata", "registration")
#: What a schema is made of (SDMX-REST 2.2.2, schema queries): the structure formats hold just these.
_SCHEMA_PARTS = frozenset({"datastructure", "codelist", "valuelist", "conceptscheme", "agencyscheme"})


def structure(request: Request) -> Response:
    """Codelists, concept schemes, data structures and every other artefact of the registry."""
    call = read_call(request, Api.V2, resource="structure")
    return structure_response(call, v2.parse_structure, request.app.state.structure_answers)


def schema(request: Request) -> Response:
    """The data structure of a dataflow, with the concepts and codes in use, as a structure message."""
    call = read_call(request, Api.V2, resource="schema")
    return structure_response(call, v2.parse_schema, request.app.state.structure_answers, parts=_SCHEMA_PARTS)


def data(request: Request) -> Response:
    """Observations of dataflows, data structures or provision agreements."""
    call = read_call(request, Api.V2, resource="data")
    return data_response(call, v2.parse_data(call.segments, call.parameters))


def availability(request: Request) -> Response:
    """Which values exist for a query, how many series and observations, and the structures they refer to."""
    call = read_call(request, Api.V2, resource="availability")
    return availability_response(call, v2.parse_availability(call.segments, call.parameters))


def not_served(request: Request) -> Response:
    """Resources that SDMX-REST specifies and this service does not offer.

    Raises:
        NotServed: Always; "all SDMX web services should implement all the standard interfaces, even if their only function is to
            return this error message".
    """
    raise NotServed(f"{request.url.path}: SDMX-REST 2.2.2 specifies this resource, but this service does not offer it yet.")


def unknown(request: Request) -> Response:
    """Anything else below the root of the API.

    Raises:
        UnknownResource: Always; names what there is.
    """
    raise UnknownResource(f"{request.url.path} is not a resource of SDMX-REST 2.x; there are structure, schema, data and availability.")


router = APIRouter(route_class=SdmxRouteV2)
for name, endpoint in (("structure", structure), ("schema", schema), ("data", data), ("availability", availability)):
    router.add_api_route(f"/{name}", endpoint, methods=_METHODS, include_in_schema=False)
    router.add_api_route(f"/{name}/{{path:path}}", endpoint, methods=_METHODS, include_in_schema=False)
for name in _NOT_SERVED:
    router.add_api_route(f"/{name}", not_served, methods=_METHODS, include_in_schema=False)
    router.add_api_route(f"/{name}/{{path:path}}", not_served, methods=_METHODS, include_in_schema=False)
router.add_api_route("/{path:path}", unknown, methods=_METHODS, include_in_schema=False)
