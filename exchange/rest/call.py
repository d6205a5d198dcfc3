"""One request to SDMX-REST as values: the path as it was sent, parameters, and the headers that matter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from starlette.requests import Request

from exchange.codecs.negotiation.languages import requested_languages
from exchange.query.grammar.urls import Parameters, path_segments
from exchange.services.container import Services
from registry.model.messages import Header, MessageParty


class Api(StrEnum):
    """The two major versions of SDMX-REST that are served."""

    V1 = "v1"
    V2 = "v2"


#: Who asks, as far as it decides what the answer may hold. Everything is public, so all who ask are one audience.
EVERYBODY: Final = "everybody"


@dataclass(frozen=True)
class Call:
    """A request.

    Attributes:
        segments: Decoded path segments after the name of the resource (``/sdmx/v2/data/`` and the like).
        target: Path and query as sent: with ``api`` it identifies what was asked for.
        root: URL of the API's root as the client sees it, without a trailing slash.
        audience: Who asks: a part of the key of every answer that is kept, so that none reaches somebody it was not made for.
    """

    api: Api
    services: Services
    segments: list[str]
    parameters: Parameters
    target: str
    root: str
    method: str
    headers: dict[str, str]
    audience: str = EVERYBODY

    def header(self, name: str) -> str | None:
        """A request header by its lower-case name."""
        return self.headers.get(name)

    @property
    def structures_root(self) -> str:
        """What stands before ``/{resource}/{agency}/{id}/{version}`` in the URL of an artefact."""
        return self.root if self.api is Api.V1 else f"{self.root}/structure"

    def languages(self) -> tuple[str, ...]:
        """Language ranges in order of preference; empty means no preference."""
        named = {name: self.parameters.any_case(name) or "" for name in ("lang", "locale")}
        return requested_languages(self.header("accept-language"), named)

    def message_header(self, etag: str, modified: datetime | None) -> Header:
        """Header of a message, made of what identifies its content: the same question gets the same bytes."""
        return Header(
            id=f"IREF{etag[1:13].upper()}", prepared=modified or datetime.now(UTC), sender=MessageParty(self.services.settings.sender)
        )


def read_call(request: Request, api: Api, *, resource: str | None) -> Call:
    """Read a request whose route ends in ``{path:path}``.

    ``resource`` is the segment in front of that part, which belongs to the route; None when the first segment is part of the query
    (SDMX-REST 1.x structures).
    """
    raw_path, raw_query = _target(request)
    path = request.scope["path"]
    depth = len(path_segments(path)) - len(path_segments(request.path_params.get("path", "")))
    segments = path_segments("/".join(raw_path.strip("/").split("/")[depth:]))
    settings = request.app.state.services.settings
    origin = (settings.public_url or f"{request.url.scheme}://{request.url.netloc}").rstrip("/")
    prefix = "/".join(raw_path.strip("/").split("/")[: depth - (1 if resource else 0)])
    return Call(
        api=api,
        services=request.app.state.services,
        segments=segments,
        parameters=Parameters(raw_query),
        target=f"{raw_path.rstrip('/')}?{raw_query}",
        root=f"{origin}/{prefix}" if prefix else origin,
        method=request.method,
        headers={name.lower(): value for name, value in request.headers.items()},
    )


def _target(request: Request) -> tuple[str, str]:
    """Path and query as sent. Some clients append parameters with ``&`` though there is no ``?`` yet; that is understood."""
    raw_path = request.scope.get("raw_path", b"").decode("ascii", errors="replace").partition("?")[0]
    raw_query = request.scope["query_string"].decode("ascii", errors="replace")
    path, _, appended = (raw_path or request.url.path).partition("&")
    return path, "&".join(part for part in (appended, raw_query) if part)
