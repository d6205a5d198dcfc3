"""SDMX error messages: what a service says instead of a result (SDMX-ML ``Error``, SDMX-JSON 2.1 ``errors``).

SDMX-REST 2 specifies no body for errors and no media type for one; these are the messages the formats offer, sent as plain
``application/xml`` and ``application/json``, which every client takes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

import msgspec
from lxml import etree

from exchange.codecs.negotiation.defaults import FORMAT_NAMES
from exchange.codecs.negotiation.languages import lookup
from exchange.codecs.negotiation.media_types import FORMATS, Syntax
from exchange.codecs.negotiation.weighted_lists import WeightedValue, parse_weighted_list
from exchange.codecs.sdmx_json.headers import write_meta
from registry.model.messages import Header

_SCHEMAS: Final = "http://www.sdmx.org/resources/sdmxml/schemas"
_LANGUAGE: Final = "{http://www.w3.org/XML/1998/namespace}lang"
_CONTROLS: Final = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF, *range(0xD800, 0xE000)])


@dataclass(frozen=True, slots=True)
class SdmxError:
    """An SDMX error code: the HTTP status it stands for and its title."""

    code: int
    status: int
    title: str


#: The codes of the standard (SDMX-REST 1.5, section 2.4); 1000 and above are a service's own and stand for 500.
SDMX_ERRORS: Final[dict[int, SdmxError]] = {
    error.code: error
    for error in (
        SdmxError(100, 404, "No results found"),
        SdmxError(110, 401, "Unauthorized"),
        SdmxError(130, 413, "Response too large due to client request"),
        SdmxError(140, 400, "Syntax error"),
        SdmxError(150, 403, "Semantic error"),
        SdmxError(500, 500, "Internal server error"),
        SdmxError(501, 501, "Not implemented"),
        SdmxError(503, 503, "Service unavailable"),
        SdmxError(510, 413, "Response size exceeds service limit"),
    )
}
_CUSTOM: Final = 1000


def sdmx_error(code: int) -> SdmxError:
    """What an SDMX error code says; unknown codes are errors of the server."""
    return SDMX_ERRORS.get(code) or SdmxError(code, 500, "Custom error" if code >= _CUSTOM else "Error")


class ErrorFamily(Enum):
    """The messages an error can be told in. The value is the name of the schema set of SDMX-ML, or ``json``."""

    JSON_21 = "json"
    ML_21 = "v2_1"
    ML_30 = "v3_0"
    ML_31 = "v3_1"

    @property
    def media_type(self) -> str:
        """What the message is sent as."""
        return "application/json" if self is ErrorFamily.JSON_21 else "application/xml"


def encode_error(family: ErrorFamily, *, sdmx_code: int, status: int, texts: Mapping[str, str]) -> bytes:
    """An error message that is valid against the official schema.

    Args:
        family: Syntax and version.
        sdmx_code: Code of the standard (``SDMX_ERRORS``).
        status: HTTP status, which is the code of SDMX-JSON.
        texts: What happened and what to do about it, by language; at least one.
    """
    return _encode_json(sdmx_code, status, texts) if family is ErrorFamily.JSON_21 else _encode_xml(family.value, sdmx_code, texts)


def preferred_family(accept: str | None, requested_format: str | None, default: ErrorFamily) -> ErrorFamily:
    """The family nearest to what the client wanted: XML or JSON if it said so, else ``default``.

    ``format=`` wins over ``Accept``; of ``Accept`` the heaviest range that speaks of XML or JSON counts, unless ``*/*`` or a format
    without error messages (CSV, Parquet) weighs more.
    """
    wanted = _wanted_by_name(requested_format)
    if wanted is None:
        ranges = sorted(parse_weighted_list(accept or ""), key=lambda element: -element.weight)
        wanted = next((element for element in ranges if element.weight > 0), None)
    if wanted is None:
        return default
    if wanted.value.endswith(("/xml", "+xml")):
        return _xml_family(wanted.parameters.get("version", ""), default)
    return ErrorFamily.JSON_21 if wanted.value.endswith(("/json", "+json")) else default


def _wanted_by_name(name: str | None) -> WeightedValue | None:
    """What ``format=`` names, as if it had been accepted."""
    if not name:
        return None
    if "/" in name:
        return next(iter(parse_weighted_list(name.replace(" ", "+"))), None)
    named = FORMAT_NAMES.get(name.strip().casefold())
    formats = [known for known in FORMATS if named and any(known in tier for tier in named.tiers)]
    if not formats or formats[0].syntax not in {Syntax.XML, Syntax.JSON}:
        return None
    versions = {known.version for known in formats}
    return WeightedValue(formats[0].base, 1.0, {"version": formats[0].version or ""} if len(versions) == 1 else {})


def _xml_family(version: str, default: ErrorFamily) -> ErrorFamily:
    for family, prefix in ((ErrorFamily.ML_21, "2.1"), (ErrorFamily.ML_30, "3.0"), (ErrorFamily.ML_31, "3")):
        if version.startswith(prefix):
            return family
    return ErrorFamily.ML_31 if default is ErrorFamily.JSON_21 else default


def _encode_json(sdmx_code: int, status: int, texts: Mapping[str, str]) -> bytes:
    title = sdmx_error(sdmx_code).title
    detail = texts[lookup(texts, ()) or next(iter(texts))]
    error = {"code": status, "title": title, "titles": {"en": title}, "detail": detail, "details": dict(texts), "x-sdmxCode": sdmx_code}
    return msgspec.json.encode({"meta": write_meta(Header(), sorted(texts)), "errors": [error]})


def _encode_xml(schemas: str, sdmx_code: int, texts: Mapping[str, str]) -> bytes:
    message, common = f"{_SCHEMAS}/{schemas}/message", f"{_SCHEMAS}/{schemas}/common"
    root = etree.Element(f"{{{message}}}Error", nsmap={"mes": message, "com": common})
    entry = etree.SubElement(root, f"{{{message}}}ErrorMessage", code=str(sdmx_code))
    for language, text in texts.items():
        element = etree.SubElement(entry, f"{{{common}}}Text", {_LANGUAGE: language})
        # Requests are quoted in messages and may hold characters that XML cannot.
        element.text = text.translate(_CONTROLS)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)
