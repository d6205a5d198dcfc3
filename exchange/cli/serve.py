"""``exchange serve``: the HTTP service."""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import Annotated

import typer

from exchange.cli.errors import AddressNotFree
from exchange.cli.output import say
from exchange.cli.session import opened_services, read_settings


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes any free one.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, help="Number of processes.")] = 1,
) -> None:
    """Serve SDMX-REST and the API until interrupted."""
    with bound(host, port) as listener:
        # What is wrong with settings or database is said here, once and in one line, and not by every worker.
        with opened_services():
            pass
        run(listener, host, workers)


def bound(host: str, port: int) -> socket.socket:
    """A socket that holds an address before there is anything to serve.

    Raises:
        AddressNotFree: When somebody else has the port, or the machine does not have the address.
    """
    listener = None
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        if listener is not None:
            listener.close()
        raise AddressNotFree(
            f"Cannot listen on {host}, port {port}: {error.strerror}; stop what uses it, or choose another with --host and --port."
        ) from error
    listener.set_inheritable(True)
    return listener


def root_url(listener: socket.socket, host: str) -> str:
    """The URL of what is served there."""
    return f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"


def run(listener: socket.socket, host: str, workers: int = 1) -> None:
    """Serve until interrupted; says when it can be asked.

    Raises:
        ServiceFailed: When a worker cannot start.
    """
    from exchange.cli.server import serve_here, serve_with_workers

    say(f"Serving on {root_url(listener, host)} (SDMX-REST 2.x at /sdmx/v2, 1.x at /sdmx/v1); stop with Ctrl-C")
    with suppress(KeyboardInterrupt):
        if workers > 1:
            say(f"Starting {workers} workers …")
            serve_with_workers(read_settings(), listener, workers, ready=lambda: say(f"Ready: {workers} workers answer"))
        else:
            serve_here(read_settings(), listener, ready=lambda: say("Ready"))
