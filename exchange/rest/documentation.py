"""The OpenAPI 3.1 document: what FastAPI generates, plus SDMX-REST, whose paths have optional ends that templates cannot express.

``make openapi`` writes it to ``openapi/openapi.json``; a test fails when that file differs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from exchange.codecs.catalogue import default_catalogue
from exchange.codecs.negotiation.media_types import Format
from exchange.query.grammar.resources import V1_RESOURCES
from registry.model.families import FAMILIES
from registry.services.structure_query import Detail, Relation

_SERVED = sorted({family.resource for family in FAMILIES})


@dataclass(frozen=True, slots=True)
class Parameter:
    """A path or query parameter as a reader needs to know it."""

    name: str
    description: str
    place: str = "query"
    example: str | None = None
    values: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """As an OpenAPI parameter object."""
        schema: dict[str, Any] = {"type": "string"}
        if self.values:
            schema["enum"] = list(self.values)
        parameter: dict[str, Any] = {"name": self.name, "in": self.place, "description": self.description, "schema": schema}
        if self.place == "path":
            parameter["required"] = True
        if self.example is not None:
            parameter["example"] = self.example
        return parameter


@dataclass(frozen=True, slots=True)
class Operation:
    """One SDMX-REST resource: path template below the root of its API, parameters, and which formats answer."""

    path: str
    summary: str
    description: str
    parameters: tuple[Parameter, ...]
    kind: str
    tag: str


_OPTIONAL = "May be left out with everything after it."
_CONTEXTS = ("datastructure", "dataflow", "provisionagreement", "*")
_RELATIONS = ", ".join(relation.value for relation in Relation)
_PARTS = "dataflow, datastructure, conceptscheme, codelist, valuelist, dataproviderscheme"
_AGENCY = Parameter("agencyID", f"Agency ids, comma separated, or * for any. {_OPTIONAL}", "path", "SDMX")
_RESOURCE = Parameter("resourceID", f"Artefact ids, comma separated, or * for any. {_OPTIONAL}", "path", "CL_FREQ")
_VERSION = Parameter("version", f"Version query: 1.0, ~ (latest), + (latest stable), *, 1.2+.0 and so on. {_OPTIONAL}", "path", "~")
_ACCEPT = Parameter("Accept", "Media types with weights; see the answer's media types.", "header")
_FORMAT = Parameter("format", "Wins over Accept: an alias such as sdmx-csv-2.1, sdmx-ml-2.1, jsondata, csv.", example="sdmx-csv-2.1")
_REFERENCES = Parameter("references", f"{_RELATIONS}, or artefact type names, comma separated.", example="children")
_DETAIL = Parameter("detail", "How much of each artefact.", values=tuple(detail.value for detail in Detail))
_AS_OF = Parameter("asOf", "State at this instant (xs:dateTime) instead of now.", example="2026-01-31T00:00:00Z")
_UPDATED = Parameter("updatedAfter", "Only what was inserted, updated or deleted after this instant.", example="2026-01-31T00:00:00Z")
_FIRST = Parameter("firstNObservations", "At most so many observations per series, from the first.", example="1")
_LAST = Parameter("lastNObservations", "At most so many observations per series, back from the last.", example="1")
_AT_OBSERVATION = Parameter("dimensionAtObservation", "A dimension id, or AllDimensions for flat data.", example="TIME_PERIOD")
_HISTORY = Parameter("includeHistory", "Every revision instead of the current one.", values=("true", "false"))
_FILTER = Parameter(
    "c[COMPONENT]",
    "Filter on a dimension, attribute or measure: values joined by , (or) and + (and), each with an optional operator "
    "eq, ne, lt, le, gt, ge, co, nc, sw, ew. Written once per component.",
    example="ge:2020+le:2022",
)
_CONTEXT = Parameter("context", "What the rest of the path names.", "path", "dataflow", _CONTEXTS)
_KEY_2 = Parameter("key", f"Series keys, comma separated; * for any value of a dimension. {_OPTIONAL}", "path", "A.*.*")
_KEY_1 = Parameter("key", f"Series key; empty for any value, + between alternatives, all for everything. {_OPTIONAL}", "path", "A..")
_FLOW = Parameter("flowRef", "AGENCY,ID,VERSION or AGENCY,ID or ID.", "path", "CDE_DEMO,DF_WATER_POINTS")
_PROVIDER = Parameter("providerRef", f"AGENCY,ID or ID of data providers, + between alternatives, or all. {_OPTIONAL}", "path", "all")
_COMPONENT = Parameter("componentID", f"Dimension ids to report, or all. {_OPTIONAL}", "path", "REF_AREA")
_MODE = Parameter("mode", "exact: values in the result; available: values that remain valid choices.", values=("exact", "available"))
_AVAILABLE_REFERENCES = Parameter("references", f"none, all, or {_PARTS}.")
_CSV = (
    Parameter("labels", "SDMX-CSV: ids, names or both.", values=("id", "name", "both")),
    Parameter("timeFormat", "SDMX-CSV: periods as reported or normalised.", values=("original", "normalized")),
    Parameter("keys", "SDMX-CSV 2.x: key columns.", values=("none", "obs", "series", "both")),
)
_STRUCTURE_2 = (
    Parameter("artefactType", f"Artefact type, or * for any. {_OPTIONAL}", "path", "codelist", (*_SERVED, "*")),
    _AGENCY,
    _RESOURCE,
    _VERSION,
    Parameter("itemID", f"Items of an item scheme, comma separated. {_OPTIONAL}", "path", "*"),
    _REFERENCES,
    _DETAIL,
    _AS_OF,
    _FORMAT,
    _ACCEPT,
)
_DATA_2 = (
    _CONTEXT,
    _AGENCY,
    _RESOURCE,
    _VERSION,
    _KEY_2,
    _FILTER,
    _UPDATED,
    _FIRST,
    _LAST,
    _AT_OBSERVATION,
    Parameter("attributes", "dsd, dataset, series, obs, all, none, or attribute ids.", example="dsd"),
    Parameter("measures", "all, none, or measure ids.", example="all"),
    _HISTORY,
    Parameter("offset", "Observations to skip.", example="0"),
    Parameter("limit", "At most so many observations.", example="1000"),
    Parameter("sort", "Component ids joined by +, each with :asc or :desc.", example="REF_AREA+TIME_PERIOD:desc"),
    _AS_OF,
    Parameter("reportingYearStartDay", "--MM-DD for reporting periods in filters.", example="--07-01"),
    *_CSV,
    _FORMAT,
    _ACCEPT,
)
_AVAILABILITY_2 = (
    _CONTEXT,
    _AGENCY,
    _RESOURCE,
    _VERSION,
    _KEY_2,
    _COMPONENT,
    _FILTER,
    _MODE,
    _AVAILABLE_REFERENCES,
    _FORMAT,
    _ACCEPT,
)
_STRUCTURE_1 = (
    Parameter("resource", "Kind of artefact; structure for any.", "path", "codelist", tuple(sorted(V1_RESOURCES))),
    _AGENCY,
    _RESOURCE,
    Parameter("version", f"A version, latest or all. {_OPTIONAL}", "path", "latest"),
    Parameter("itemID", f"Items of an item scheme, + between them. {_OPTIONAL}", "path", "all"),
    _REFERENCES,
    _DETAIL,
    _FORMAT,
    _ACCEPT,
)
_DATA_1 = (
    _FLOW,
    _KEY_1,
    _PROVIDER,
    Parameter("startPeriod", "First period wanted.", example="2020"),
    Parameter("endPeriod", "Last period wanted.", example="2022"),
    _UPDATED,
    _FIRST,
    _LAST,
    _AT_OBSERVATION,
    Parameter("detail", "How much of the data.", values=("full", "dataonly", "serieskeysonly", "nodata")),
    _HISTORY,
    *_CSV,
    _FORMAT,
    _ACCEPT,
)
_AVAILABILITY_1 = (_FLOW, _KEY_1, _PROVIDER, _COMPONENT, _MODE, _AVAILABLE_REFERENCES, _FORMAT, _ACCEPT)

_NEW, _OLD = "SDMX-REST 2", "SDMX-REST 1"
_ABOUT_STRUCTURES = "Artefacts of the registry: codelists, concepts, data structures, dataflows and so on."
_ABOUT_DATA = "Observations."
_ABOUT_AVAILABILITY = "Which values exist, and how many series and observations."

OPERATIONS: dict[str, tuple[Operation, ...]] = {
    "v2": (
        Operation(
            "/structure/{artefactType}/{agencyID}/{resourceID}/{version}/{itemID}",
            "Structures",
            _ABOUT_STRUCTURES,
            _STRUCTURE_2,
            "structure",
            _NEW,
        ),
        Operation(
            "/schema/{context}/{agencyID}/{resourceID}/{version}",
            "Schema",
            "The data structure of a dataflow, structure or agreement with the concepts and codes in use, as a structure message.",
            (_CONTEXT, _AGENCY, _RESOURCE, _VERSION, _AS_OF, _FORMAT, _ACCEPT),
            "structure",
            _NEW,
        ),
        Operation("/data/{context}/{agencyID}/{resourceID}/{version}/{key}", "Data", _ABOUT_DATA, _DATA_2, "data", _NEW),
        Operation(
            "/availability/{context}/{agencyID}/{resourceID}/{version}/{key}/{componentID}",
            "Availability",
            _ABOUT_AVAILABILITY,
            _AVAILABILITY_2,
            "structure",
            _NEW,
        ),
    ),
    "v1": (
        Operation(
            "/{resource}/{agencyID}/{resourceID}/{version}/{itemID}", "Structures", _ABOUT_STRUCTURES, _STRUCTURE_1, "structure", _OLD
        ),
        Operation("/data/{flowRef}/{key}/{providerRef}", "Data", _ABOUT_DATA, _DATA_1, "data", _OLD),
        Operation(
            "/availableconstraint/{flowRef}/{key}/{providerRef}/{componentID}",
            "Availability",
            _ABOUT_AVAILABILITY,
            _AVAILABILITY_1,
            "structure",
            _OLD,
        ),
    ),
}

_ERRORS = {
    "400": "The request does not follow SDMX-REST.",
    "404": "A named artefact does not exist; on SDMX-REST 1.x also: nothing matches.",
    "406": "No acceptable representation is offered.",
    "500": "The service failed; the message holds a correlation id.",
    "501": "Specified by SDMX-REST but not offered.",
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
    for prefix, version in mounts.items():
        for operation in OPERATIONS[version]:
            generated["paths"][prefix + operation.path] = {"get": _operation(operation, prefix, formats[operation.kind])}
    return generated


def _operation(operation: Operation, prefix: str, formats: tuple[Format, ...]) -> dict[str, Any]:
    ok = {"description": "The message.", "content": {known.media_type: {"schema": {"type": "string"}} for known in formats}}
    responses: dict[str, Any] = {"200": ok, "204": {"description": "Nothing matches (SDMX-REST 2.x)."}}
    responses["304"] = {"description": "The client's copy is current."}
    responses |= {status: {"description": text} for status, text in _ERRORS.items()}
    return {
        "tags": [operation.tag],
        "summary": operation.summary,
        "description": operation.description,
        "operationId": f"{operation.summary.lower()}_{prefix.strip('/').replace('/', '_')}",
        "parameters": [parameter.document() for parameter in operation.parameters],
        "responses": responses,
    }
