"""The composition root: the one place where adapters are chosen and put together."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from anyio import to_thread
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware

from exchange import __version__
from exchange.codecs.catalogue import default_catalogue
from exchange.observations.delta_store import DeltaObservationStore
from exchange.rest import docs, health, provenance, v1, v2
from exchange.rest.documentation import document
from exchange.rest.limits import AnswerKind, AnswerLimits
from exchange.rest.structure_answers import answer_cache
from exchange.rest.unrouted import unrouted
from exchange.services.agreements import Agreements
from exchange.services.availability import AvailabilityQueries
from exchange.services.container import Services
from exchange.services.data import DataQueries
from exchange.services.former_ledger import take_over
from exchange.services.intake import Intake
from exchange.services.ledger import Ledger
from exchange.settings import Settings
from registry.services.schemas import SchemaReader
from registry.store.sql import open_store

#: Where the two versions of SDMX-REST always are; settings add further prefixes.
MOUNTS = {"/sdmx/v2": "v2", "/sdmx/v1": "v1"}

#: So many steps of answers are made at once in a process. Many more would not be quicker, as each uses all processors, and each holds
#: the rows that it works on; a few wait for an object store while others compute.
_THREADS = max(16, 2 * (os.cpu_count() or 1))
_ROUTERS = {"v1": v1.router, "v2": v2.router}
_EXPOSED = ["Content-Range", "Location", "ETag", "Last-Modified", "Content-Language", "Content-Disposition", "Retry-After"]
_ALLOWED = ["Accept", "Accept-Language", "X-Range", "Range", "Authorization", "Content-Type", "If-None-Match", "If-Modified-Since"]


def open_services(settings: Settings, *, actor: str = "service") -> Services:
    """Open the stores that the settings name and build the use cases on them; the home folder is made when it is not there.

    ``actor`` is who hands in what is handed in.
    """
    settings.home.mkdir(parents=True, exist_ok=True)
    artefacts = open_store(settings.registry_url())
    take_over(settings.former_ledger(), artefacts.submissions)
    schemas = SchemaReader(artefacts)
    options = {name: secret.get_secret_value() for name, secret in settings.store_options.items()}
    observations = DeltaObservationStore(settings.lake_url(), options or None, batch_rows=settings.batch_rows)
    data = DataQueries(artefacts, schemas, observations)
    return Services(
        settings=settings,
        artefacts=artefacts,
        schemas=schemas,
        agreements=Agreements(artefacts, schemas),
        observations=observations,
        submissions=artefacts.submissions,
        ledger=Ledger(artefacts.submissions),
        intake=Intake(artefacts, artefacts.submissions, observations, actor=actor),
        data=data,
        availability=AvailabilityQueries(artefacts, schemas, data, observations),
        codecs=default_catalogue(),
    )


def create_app(settings: Settings | None = None) -> FastAPI:
    """The HTTP application; without settings they come from the environment."""
    settings = settings or Settings()
    app = FastAPI(
        title="Citizen Data Exchange",
        version=__version__,
        summary="Citizen data as SDMX: structures, data and provenance",
        lifespan=_lifespan,
        redirect_slashes=False,
        docs_url=None,
        redoc_url=None,
    )
    app.state.settings = settings
    app.state.structure_answers = answer_cache(settings.cache_megabytes * 1_000_000)
    app.include_router(docs.router)
    app.include_router(health.router)
    app.include_router(provenance.router)
    mounts = MOUNTS | settings.mounts
    for prefix, version in mounts.items():
        app.include_router(_ROUTERS[version], prefix=prefix)
    app.add_exception_handler(HTTPException, unrouted(mounts))
    app.add_middleware(AnswerLimits, mounts=mounts, at_once=_at_once(settings))
    app.add_middleware(CORSMiddleware, allow_origins=["*"], allow_methods=["*"], allow_headers=_ALLOWED, expose_headers=_EXPOSED)
    app.openapi = lambda: document(app, MOUNTS)  # type: ignore[method-assign]  # FastAPI's documented way to extend the document
    return app


def _at_once(settings: Settings) -> dict[AnswerKind, int]:
    return {
        AnswerKind.STRUCTURES: settings.concurrent_structures,
        AnswerKind.DATA: settings.concurrent_data,
        AnswerKind.AVAILABILITY: settings.concurrent_availability,
        AnswerKind.PROVENANCE: settings.concurrent_provenance,
    }


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    to_thread.current_default_thread_limiter().total_tokens = _THREADS
    app.state.services = open_services(app.state.settings)
    try:
        yield
    finally:
        app.state.services.close()
