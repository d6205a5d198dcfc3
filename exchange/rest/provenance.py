"""``/api/v1/provenance``: where one observation or series comes from, as W3C PROV-JSON; ``/api/v1/recipes``: what was done to it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import JSONResponse
from starlette.requests import Request
from starlette.responses import Response

from exchange.rest.described_parameters import VERSION_PATTERN
from exchange.rest.problems import ProblemRoute, problem_responses
from exchange.services.container import Services
from exchange.services.provenance import provenance_of

router = APIRouter(prefix="/api/v1", tags=["provenance"], route_class=ProblemRoute)


@router.get(
    "/provenance/{agency}/{dataflow}/{version}/{key:path}",
    summary="Where an observation or a series comes from",
    response_model=None,
    responses={
        200: {"content": {"application/json": {}}, "description": "A W3C PROV-JSON document."},
        **problem_responses(400, 404, 405, 500, 503),
    },
)
def provenance(
    request: Request,
    agency: Annotated[str, Path(description="Maintenance agency of the dataflow.")],
    dataflow: Annotated[str, Path(description="Id of the dataflow.")],
    version: Annotated[
        str, Path(description="Version of the dataflow, or ~ for the latest.", json_schema_extra={"pattern": f"^{VERSION_PATTERN}$"})
    ],
    key: Annotated[str, Path(description="Series key (dimension values joined by dots), or that and the time period for one observation.")],
) -> JSONResponse:
    """Source file digest and rows, recipe with formulas, filters and files, software version, agents, and the steps with their counts."""
    services: Services = request.app.state.services
    record: dict[str, Any] = provenance_of(
        agency, dataflow, version, key, schemas=services.schemas, observations=services.observations, ledger=services.ledger
    )
    return JSONResponse(record, headers={"Cache-Control": "no-cache"})


@router.get(
    "/recipes/{digest}",
    summary="The recipe that observations were made with",
    response_class=Response,
    responses={
        200: {"content": {"application/yaml": {"schema": {"type": "string"}}}, "description": "The recipe, byte for byte."},
        **problem_responses(400, 404, 405, 500, 503),
    },
)
def recipe(
    request: Request,
    digest: Annotated[
        str,
        Path(
            description="Digest of the recipe as provenance names it: SHA-256 in hexadecimal.",
            json_schema_extra={"pattern": "^[0-9a-f]{64}$"},
        ),
    ],
) -> Response:
    """A recipe never changes under its digest, which is that of the file, or of it and the digests of its code files."""
    services: Services = request.app.state.services
    return Response(services.ledger.recipe(digest), media_type="application/yaml", headers={"Cache-Control": "no-cache"})
