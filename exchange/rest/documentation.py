"""The OpenAPI 3.1 document: what FastAPI generates, plus SDMX-REST, whose paths have optional ends that templates cannot express.

``make openapi`` writes it to ``openapi/openapi.json``; a test fails when that file differs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from exchange.codecs.catalogue import default_catalogue
from exchange.codecs.negotiation.media_types import Format
from exchange.query.grammar import vocabulary
from exchange.query.grammar.vocabulary import Resource
from exchange.rest import described_parameters as described
from exchange.rest.described_answers import COMPONENTS, answers
from exchange.rest.described_parameters import HEADERS, QUERY, RANGE, Parameter


@dataclass(frozen=True, slots=True)
class Operation:
    """One resource of SDMX-REST.

    Attributes:
        path: Template below the root of its API.
        resource: Which query parameters it knows.
        parts: The parts of the path.
        special: Query parameters that mean here what they mean nowhere else.
        kind: ``structure`` or ``data``: which formats answer.
    """

    path: str
    summary: str
    description: str
    resource: Resource
    parts: tuple[Parameter, ...]
    special: tuple[Parameter, ...] = ()
    kind: str = "structure"

    def parameters(self, formats: tuple[Format, ...]) -> list[Parameter]:
        """Every parameter that the resource takes, when it answers in some formats."""
        known = QUERY | {parameter.name: parameter for parameter in self.special}
        own = [known[name] for name in self.resource.own]
        return [*self.parts, *own, *described.representation(formats), *HEADERS, *([RANGE] if self.kind == "data" else [])]


#: Headers of conditional requests, which forms that are posted know nothing of.
_CONDITIONS = frozenset({"If-None-Match", "If-Modified-Since"})
_STRUCTURES = "Artefacts of the registry: codelists, concepts, data structures, dataflows and so on."
_AVAILABLE = "Which values exist, and how many series and observations; an empty region of the cube is an answer, not an error."
_SCHEMA = "The data structure of a dataflow, structure or agreement with the concepts and codes in use, as a structure message."

OPERATIONS: Final[dict[str, tuple[Operation, ...]]] = {
    "v2": (
        Operation(
            "/structure/{artefactType}/{agencyID}/{resourceID}/{version}",
            "Structures",
            _STRUCTURES,
            vocabulary.STRUCTURE_2,
            (described.ARTEFACT_TYPE, described.AGENCY, described.RESOURCE, described.VERSION),
            (described.REFERENCES_2, described.STRUCTURE_DETAIL),
        ),
        Operation(
            "/structure/{itemSchemeType}/{agencyID}/{resourceID}/{version}/{itemID}",
            "Items",
            "Item schemes reduced to some of their items.",
            vocabulary.STRUCTURE_2,
            (described.ITEM_SCHEME, described.AGENCY, described.RESOURCE, described.VERSION, described.ITEM),
            (described.REFERENCES_2, described.STRUCTURE_DETAIL),
        ),
        Operation(
            "/schema/{context}/{agencyID}/{resourceID}/{version}",
            "Schema",
            _SCHEMA,
            vocabulary.SCHEMA_2,
            (described.ONE_CONTEXT, described.ONE_AGENCY, described.ONE_RESOURCE, described.VERSION),
        ),
        Operation(
            "/data/{context}/{agencyID}/{resourceID}/{version}/{key}",
            "Data",
            "Observations.",
            vocabulary.DATA_2,
            (described.CONTEXT, described.AGENCY, described.RESOURCE, described.VERSION, described.KEY_2),
            kind="data",
        ),
        Operation(
            "/availability/{context}/{agencyID}/{resourceID}/{version}/{key}/{componentID}",
            "Availability",
            _AVAILABLE,
            vocabulary.AVAILABILITY_2,
            (described.ONE_CONTEXT, described.AGENCY, described.RESOURCE, described.VERSION, described.KEY_2, described.COMPONENT),
            (described.AVAILABLE_REFERENCES,),
        ),
    ),
    "v1": (
        Operation(
            "/{resource}/{agencyID}/{resourceID}/{version}/{itemID}",
            "Structures",
            _STRUCTURES,
            vocabulary.STRUCTURE_1,
            (described.RESOURCE_1, described.AGENCY_1, described.ID_1, described.VERSION_1, described.ITEM_1),
            (described.REFERENCES_1, described.STRUCTURE_DETAIL),
        ),
        Operation(
            "/data/{flowRef}/{key}/{providerRef}",
            "Data",
            "Observations.",
            vocabulary.DATA_1,
            (described.FLOW, described.KEY_1, described.PROVIDER),
            (described.DATA_DETAIL,),
            kind="data",
        ),
        Operation(
            "/availableconstraint/{flowRef}/{key}/{providerRef}/{componentID}",
            "Availability",
            _AVAILABLE,
            vocabulary.AVAILABILITY_1,
            (described.FLOW, described.KEY_1, described.PROVIDER, described.COMPONENT_1),
            (described.AVAILABLE_REFERENCES,),
        ),
    ),
}


def document(app: FastAPI, mounts: dict[str, str]) -> dict[str, Any]:
    """The OpenAPI document of the application.

    Args:
        app: The application; what FastAPI knows of it is taken over.
        mounts: URL prefix to ``v1`` or ``v2``.
    """
    catalogue = default_catalogue()
    formats = {"structure": catalogue.structure_formats, "data": catalogue.data_formats}
    generated = get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
    generated.setdefault("components", {}).setdefault("schemas", {}).update(COMPONENTS)
    for prefix, version in mounts.items():
        for operation in OPERATIONS[version]:
            generated["paths"][prefix + operation.path] = {"get": _described(operation, prefix, formats[operation.kind])}
        if version == "v1":
            generated["paths"][f"{prefix}/data/{{flowRef}}/body"] = {"post": _described_form(prefix, formats["data"])}
    return generated


def _described_form(prefix: str, formats: tuple[Format, ...]) -> dict[str, Any]:
    """The data query of SDMX-REST 1.x whose key is too long for a URL (.Stat Suite)."""
    data = next(operation for operation in OPERATIONS["v1"] if operation.kind == "data")
    by_form = replace(data, summary="Data by form", parts=(described.FLOW,), description="Observations; the key is a field of the form.")
    made = _described(by_form, prefix, formats)
    del made["responses"]["304"]
    form = {"type": "object", "properties": {"key": {"type": "string", "description": described.KEY_1.description, "example": "A.MW.."}}}
    return {
        **made,
        "description": by_form.description,
        "parameters": [parameter for parameter in made["parameters"] if parameter["name"] not in _CONDITIONS],
        "operationId": made["operationId"].replace(" ", "_"),
        "requestBody": {"content": {"application/x-www-form-urlencoded": {"schema": form}}},
    }


def _described(operation: Operation, prefix: str, formats: tuple[Format, ...]) -> dict[str, Any]:
    return {
        "tags": [f"SDMX-REST {operation.resource.version[0]}"],
        "summary": operation.summary,
        "description": f"{operation.description} HEAD answers the same without the message.",
        "operationId": f"{operation.summary.lower()}_{prefix.strip('/').replace('/', '_')}",
        "parameters": [parameter.document() for parameter in operation.parameters(formats)],
        "responses": answers(formats, ranges=operation.kind == "data"),
    }
