"""The answers of SDMX-REST as the API's description shows them: statuses, media types, headers, error bodies."""

from __future__ import annotations

from typing import Any, Final

from exchange.codecs.negotiation.media_types import Format, Syntax

#: Schema components that the answers refer to.
COMPONENTS: Final[dict[str, Any]] = {
    "SdmxMessage": {
        "type": "object",
        "description": "An SDMX-JSON message; its own schema says the rest.",
        "properties": {"meta": {"type": "object"}, "data": {"type": "object"}},
        "required": ["meta", "data"],
    },
    "SdmxError": {
        "type": "object",
        "description": "An SDMX-JSON error message.",
        "properties": {
            "meta": {"type": "object"},
            "errors": {
                "type": "array",
                "minItems": 1,
                "items": {
                    "type": "object",
                    "properties": {
                        "code": {"type": "integer", "description": "The HTTP status."},
                        "title": {"type": "string"},
                        "detail": {"type": "string", "description": "What is wrong, where, and what to do about it."},
                        "x-sdmxCode": {"type": "integer", "description": "The SDMX error code (SDMX-REST 1.5, section 2.4)."},
                    },
                    "required": ["code", "title", "detail"],
                },
            },
        },
        "required": ["errors"],
    },
}

_ERRORS: Final = {
    "400": "The request does not follow SDMX-REST, or names what the data structure does not have; the message names the remedy.",
    "404": "A named artefact does not exist, or nothing matches.",
    "405": "The method is none that this resource has; Allow names those.",
    "406": "No acceptable representation is offered; the message lists what is.",
    "422": "The artefact that is named holds no data: it is a stub here.",
    "500": "The service failed; the message holds a correlation id.",
    "501": "Specified by SDMX-REST but not offered.",
    "503": "The service, or the store below it, cannot answer now.",
}


def _text(description: str, *, required: bool = False) -> dict[str, Any]:
    return {"description": description, "required": required, "schema": {"type": "string"}}


_VARY: Final = {"Vary": _text("Request headers that decide what is sent.", required=True)}
_COPY: Final = {
    "ETag": _text("Identifies the bytes of the answer.", required=True),
    "Last-Modified": _text("When the newest thing in the answer was recorded."),
    "Cache-Control": _text("no-cache: copies are to be checked before use.", required=True),
    **_VARY,
}
_CONTENT: Final = {
    **_COPY,
    "Content-Language": _text("Languages of names and texts in the answer."),
    "Content-Encoding": _text("gzip where the client takes it."),
}
_DATA_CONTENT: Final = {**_CONTENT, "Content-Disposition": _text("A file name, where a file was asked for (format=csvfile).")}
_RANGE: Final = {
    "Content-Range": _text("Which rows of how many: values FIRST-LAST/TOTAL."),
    "X-Not-Carried": _text("Components of which a format with one text per cell may carry only a part, and why; see docs/findings.md."),
}


def answers(formats: tuple[Format, ...], *, ranges: bool) -> dict[str, Any]:
    """The responses of a resource that answers in some formats; ``ranges`` says whether parts can be asked for by ``X-Range``."""
    content = {known.media_type: {"schema": _schema(known)} for known in formats}
    headers = {**_DATA_CONTENT, **_RANGE} if ranges else _CONTENT
    responses: dict[str, Any] = {"200": {"description": "The message.", "headers": headers, "content": content}}
    if ranges:
        responses["206"] = {"description": "The rows of the message that X-Range asks for.", "headers": headers, "content": content}
    responses["204"] = {"description": "Nothing matches (SDMX-REST 2.x, where EXCHANGE_EMPTY_RESULT=204).", "headers": _VARY}
    responses["304"] = {"description": "The client's copy is current.", "headers": _COPY}
    return responses | {status: _error(status, text) for status, text in _ERRORS.items()}


def _schema(known: Format) -> dict[str, Any]:
    if known.syntax is Syntax.JSON:
        return {"$ref": "#/components/schemas/SdmxMessage"}
    return {"type": "string", "format": "binary"} if known.syntax is Syntax.COLUMNAR else {"type": "string"}


def _error(status: str, text: str) -> dict[str, Any]:
    headers = dict(_VARY)
    if status == "405":
        headers["Allow"] = _text("The methods there are.", required=True)
    if status == "503":
        headers["Retry-After"] = _text("Seconds to wait, where that helps.")
    content = {
        "application/json": {"schema": {"$ref": "#/components/schemas/SdmxError"}},
        "application/xml": {"schema": {"type": "string", "description": "An SDMX-ML Error message."}},
    }
    return {"description": text, "headers": headers, "content": content}
