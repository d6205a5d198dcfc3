"""Liveness and readiness, for process supervisors and load balancers."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field
from starlette.requests import Request

from exchange import __version__
from exchange.errors import ExchangeError
from exchange.services.container import Services
from registry.errors import RegistryError


class Live(BaseModel):
    """The process answers."""

    status: Literal["live"] = "live"
    version: str = Field(default=__version__, description="Version of the software.")


class Ready(BaseModel):
    """Whether the service can answer queries, and which part cannot."""

    status: Literal["ready", "unavailable"]
    registry: bool = Field(description="The structure registry answers.")
    observations: bool = Field(description="The observation store answers.")


router = APIRouter(prefix="/health", tags=["health"])


@router.get("/live", summary="Is the process alive?")
def live() -> Live:
    """Answers as long as the process runs."""
    return Live()


@router.get("/ready", summary="Can it answer queries?", responses={503: {"model": Ready, "description": "A part is unavailable."}})
def ready(request: Request, response: Response) -> Ready:
    """Asks the registry and the observation store; 503 when one of them does not answer."""
    services: Services = request.app.state.services
    registry, observations = _registry_answers(services), _observations_answer(services)
    if not (registry and observations):
        response.status_code = 503
        return Ready(status="unavailable", registry=registry, observations=observations)
    return Ready(status="ready", registry=True, observations=True)


def _registry_answers(services: Services) -> bool:
    try:
        services.artefacts.revision()
    except RegistryError:
        return False
    return True


def _observations_answer(services: Services) -> bool:
    try:
        services.observations.dataflows()
    except (OSError, ExchangeError):
        return False
    return True
