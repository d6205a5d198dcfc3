"""``exchange serve``: the HTTP service."""

from __future__ import annotations

from typing import Annotated

import typer
import uvicorn

from exchange.cli.output import say


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes any free one.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, help="Number of processes.")] = 1,
) -> None:
    """Serve SDMX-REST and the API until interrupted."""
    say(f"Serving on http://{host}:{port} (SDMX-REST 2.x at /sdmx/v2, 1.x at /sdmx/v1); stop with Ctrl-C")
    # No access log: addresses of clients are personal data, and queries can be.
    uvicorn.run("exchange.app:create_app", factory=True, host=host, port=port, workers=workers, log_level="warning", access_log=False)
