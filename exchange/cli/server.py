"""The HTTP service as a process, or as several: Uvicorn, told when to say that it is ready."""

from __future__ import annotations

import socket
from collections.abc import Callable
from functools import partial
from typing import Any, cast

import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from exchange.cli.errors import ServiceFailed
from exchange.rest.connections import GuardedConnection, Patience
from exchange.settings import Settings

#: How long a worker may be silent before it is taken for hung and replaced. Uvicorn's five seconds kill, on a slow machine, workers
#: that are still loading the program, again and again.
_SILENT_SECONDS = 120


def serve_here(settings: Settings, listener: socket.socket, ready: Callable[[], None]) -> None:
    """Serve in this process until interrupted; ``ready`` is called when requests are answered."""
    _Server(_configuration(settings, 1), ready).run(sockets=[listener])


def serve_with_workers(settings: Settings, listener: socket.socket, workers: int, ready: Callable[[], None]) -> None:
    """Serve in several processes until interrupted; ``ready`` is called when all of them answer requests.

    Raises:
        ServiceFailed: When a worker cannot start: so could no other.
    """
    supervisor = _Supervisor(_configuration(settings, workers), listener, ready)
    supervisor.run()
    if any(process.exitcode == STARTUP_FAILURE for process in supervisor.processes):
        raise ServiceFailed("A worker could not start; what it said stands above.")


def _configuration(settings: Settings, workers: int) -> uvicorn.Config:
    patience = Patience(request_seconds=settings.request_seconds, stalled_seconds=settings.stalled_seconds)
    # No access log: addresses of clients are personal data, and queries can be.
    return uvicorn.Config(
        "exchange.app:create_app",
        factory=True,
        http=cast("type[Any]", partial(GuardedConnection, patience=patience)),  # Uvicorn only ever calls it
        workers=workers,
        log_level="warning",
        access_log=False,
        timeout_worker_healthcheck=_SILENT_SECONDS,
    )


class _Server(uvicorn.Server):
    """A server that says when it is ready."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()


class _Supervisor(Multiprocess):
    """Workers, of which it is said once when all are ready."""

    def __init__(self, config: uvicorn.Config, listener: socket.socket, ready: Callable[[], None]) -> None:
        super().__init__(config, sockets=[listener])
        self._ready: Callable[[], None] | None = ready

    def keep_subprocess_alive(self) -> None:
        super().keep_subprocess_alive()
        if self._ready is not None and not self.should_exit.is_set() and all(process.is_ready(timeout=1) for process in self.processes):
            self._ready()
            self._ready = None
