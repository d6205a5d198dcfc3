"""The parameters of SDMX-REST as the API's description shows them: type, admitted values, example."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from exchange.codecs.negotiation.defaults import FORMAT_NAMES
from exchange.codecs.negotiation.media_types import Format
from exchange.query.grammar.resources import V1_RESOURCES
from exchange.query.grammar.vocabulary import FILTER
from exchange.query.values.availability_query import ALL_AVAILABILITY_REFERENCES
from registry.model.families import FAMILIES, families_by_resource
from registry.services.structure_query import Detail, Relation

Schema = Mapping[str, Any]

#: Patterns of the grammar (SDMX-REST 2.2.2 and 1.5.0), anchored where they are used.
_AGENCY = r"[A-Za-z][A-Za-z0-9_\-]*(\.[A-Za-z][A-Za-z0-9_\-]*)*"
_ID = r"[A-Za-z0-9_@$\-]+"
_NUMBER = r"(0|[1-9][0-9]{0,8})"
_EXACT = rf"{_NUMBER}(\.{_NUMBER}){{0,2}}"
_OPEN = "[+~*]"
VERSION_PATTERN = (
    rf"([~+*]|{_EXACT}|{_NUMBER}\.{_NUMBER}\.{_NUMBER}-[A-Za-z][A-Za-z0-9]{{0,20}}"
    rf"|{_NUMBER}{_OPEN}\.{_NUMBER}\.{_NUMBER}|{_NUMBER}\.{_NUMBER}{_OPEN}\.{_NUMBER}|{_NUMBER}\.{_NUMBER}\.{_NUMBER}{_OPEN})"
)
_VALUE = r"[A-Za-z0-9_@$\-]+"
_PERIOD = (
    r"[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|1[0-9]|2[0-8]))?|-A1|-S[12]|-Q[1-4]|-T[1-3]|-M(0[1-9]|1[0-2])|-W(0[1-9]|[1-4][0-9]|5[0-2])"
    r"|-D(00[1-9]|0[1-9][0-9]|[12][0-9]{2}|3[0-5][0-9]|36[0-5]))?"
)
_DAY_OF_YEAR = r"--(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])"
_OPERATORS = "eq|ne|lt|le|gt|ge|co|nc|sw|ew"
_TERM = rf"(({_OPERATORS}):)?[^+,:\s]+"
#: Rows beyond this number are not counted.
_MOST: Final = 10**15 - 1


def _whole(pattern: str) -> dict[str, Any]:
    return {"type": "string", "pattern": f"^{pattern}$"}


def _listed(pattern: str, separator: str = ",", *, any_word: str = r"\*") -> dict[str, Any]:
    return _whole(rf"({any_word}|{pattern}({separator}{pattern})*)")


def _one_of(*values: str) -> dict[str, Any]:
    return {"type": "string", "enum": list(values)}


_COUNT: Final[Schema] = {"type": "integer", "minimum": 1, "maximum": _MOST}
_INSTANT: Final[Schema] = {
    "anyOf": [
        {"type": "string", "format": "date-time"},
        {"type": "string", "format": "date"},
        _whole(r"[1-9][0-9]{3}(-(0[1-9]|1[0-2]))?"),
    ]
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter as a reader needs to know it.

    Attributes:
        schema: JSON schema of its value.
        place: ``query``, ``path`` or ``header``.
        more: Further members of the OpenAPI parameter object.
    """

    name: str
    description: str
    schema: Schema
    place: str = "query"
    example: object = None
    more: tuple[tuple[str, object], ...] = ()

    def document(self) -> dict[str, Any]:
        """As an OpenAPI parameter object."""
        parameter: dict[str, Any] = {"name": self.name, "in": self.place, "description": self.description, "schema": dict(self.schema)}
        if self.place == "path":
            parameter["required"] = True
        if self.place == "query" and not self.more:
            parameter["allowEmptyValue"] = True  # a parameter without a value says nothing
        if self.example is not None:
            parameter["example"] = self.example
        return {**parameter, **dict(self.more)}


_OPTIONAL = "May be left out with everything after it."
_CONTEXTS = ("datastructure", "dataflow", "provisionagreement")
_SERVED = sorted({family.resource for family in FAMILIES})
_WITH_ITEMS = sorted({family.resource for family in FAMILIES if family.items})
_RELATIONS = tuple(relation.value for relation in Relation)
_SERVED_1 = sorted(name for name, kinds in V1_RESOURCES.items() if kinds is None or any(map(families_by_resource, kinds)))


def _path(name: str, description: str, schema: Schema, example: str, *, optional: bool = True) -> Parameter:
    return Parameter(name, f"{description} {_OPTIONAL}" if optional else description, schema, "path", example)


AGENCY = _path("agencyID", "Agency ids, comma separated, or * for any.", _listed(_AGENCY), "*")
RESOURCE = _path("resourceID", "Artefact ids, comma separated, or * for any.", _listed(_ID), "*")
VERSION = _path(
    "version",
    "Version query: 1.0, ~ (the latest), + (the latest stable one, or the latest X.Y where there is none), *, 1.2+.0 and so on.",
    _listed(VERSION_PATTERN),
    "~",
)
ONE_AGENCY = _path("agencyID", "Agency id.", _whole(_AGENCY), "CDE_DEMO", optional=False)
ONE_RESOURCE = _path("resourceID", "Artefact id.", _whole(_ID), "DF_WATER_POINTS", optional=False)
ARTEFACT_TYPE = _path("artefactType", "Artefact type, or * for any.", _one_of(*_SERVED, "*"), "codelist")
ITEM_SCHEME = _path("itemSchemeType", "Artefact type that has items.", _one_of(*_WITH_ITEMS), "codelist", optional=False)
ITEM = _path("itemID", "Items of an item scheme, comma separated, or * for all.", _listed(_VALUE), "*")
CONTEXT = _path("context", "What the rest of the path names.", _one_of(*_CONTEXTS, "*"), "dataflow", optional=False)
ONE_CONTEXT = _path("context", "What the rest of the path names.", _one_of(*_CONTEXTS), "dataflow", optional=False)
KEY_2 = _path(
    "key",
    "Series keys, comma separated, with values of dimensions between dots; * for any value, and alone for everything.",
    {**_whole(r"[^.,/]*(\.[^.,/]*)*(,[^.,/]*(\.[^.,/]*)*)*"), "minLength": 1},
    "*",
)
COMPONENT = _path("componentID", "Dimension ids to report, comma separated, or * for all.", _listed(_ID), "*")
RESOURCE_1 = _path("resource", "Kind of artefact; structure for any.", _one_of(*_SERVED_1), "codelist", optional=False)
AGENCY_1 = _path("agencyID", "Agency ids with + between them, or all.", _listed(_AGENCY, r"\+", any_word="all"), "all")
ID_1 = _path("resourceID", "Artefact ids with + between them, or all.", _listed(_ID, r"\+", any_word="all"), "all")
VERSION_1 = _path(
    "version",
    "Versions with + between them, latest (in production), or all (drafts too).",
    _listed(_EXACT, r"\+", any_word="(latest|all)"),
    "latest",
)
ITEM_1 = _path("itemID", "Items of an item scheme with + between them, or all.", _listed(_VALUE, r"\+", any_word="all"), "all")
FLOW = _path(
    "flowRef",
    "AGENCY,ID,VERSION or AGENCY,ID or ID; without a version the latest in production.",
    _whole(rf"(({_AGENCY},)?{_ID}|{_AGENCY},{_ID},(latest|{_EXACT}))"),
    "all,all,latest",
    optional=False,
)
KEY_1 = _path(
    "key",
    "Series key with values of dimensions between dots; nothing for any value, + between alternatives; all for everything.",
    {**_whole(r"[^./]*(\.[^./]*)*"), "minLength": 1},
    "all",
)
PROVIDER = _path(
    "providerRef",
    "AGENCY,ID or ID of data providers with + between them, or all.",
    _listed(rf"({_AGENCY},)?{_ID}", r"\+", any_word="all"),
    "all",
)
COMPONENT_1 = _path("componentID", "Dimension ids to report with + between them, or all.", _listed(_ID, r"\+", any_word="all"), "all")

_NAMES = rf"({'|'.join(sorted({*_RELATIONS, *_SERVED}))})"
_NAMES_1 = rf"({'|'.join(sorted({*_RELATIONS, *(name for name in _SERVED_1 if name != 'structure')}))})"
_PARTS = "|".join(sorted(ALL_AVAILABILITY_REFERENCES))
_REFERENCES = "Related artefacts to add: {}, or names of artefact types, comma separated.".format(", ".join(_RELATIONS))
_AVAILABLE = "Artefacts to add: none, all, or names of artefact types, comma separated."

#: Every parameter of a query string by the name that ``exchange.query.grammar.vocabulary`` knows it by, where all resources agree.
QUERY: Final[dict[str, Parameter]] = {
    parameter.name: parameter
    for parameter in (
        Parameter("asOf", "The state at this instant (dateTime, date, month or year; UTC) instead of now.", _INSTANT),
        Parameter("updatedAfter", "Only what was inserted, updated or deleted after this instant; not later than asOf.", _INSTANT),
        Parameter(
            "firstNObservations",
            "At most so many observations per series, from the first.",
            _COUNT,
        ),
        Parameter(
            "lastNObservations",
            "At most so many observations per series, back from the last.",
            _COUNT,
        ),
        Parameter("offset", "Observations to skip, over all datasets.", {**_COUNT, "minimum": 0}),
        Parameter("limit", "At most so many observations, over all datasets.", _COUNT),
        Parameter("dimensionAtObservation", "A dimension id, or AllDimensions for flat data.", _whole(_ID), example="AllDimensions"),
        Parameter("includeHistory", "Every revision instead of the current one.", {"type": "boolean"}),
        Parameter(
            "attributes",
            "dsd, dataset, series, obs, all, none, or attribute ids, comma separated.",
            _whole(rf"{_ID}(,{_ID})*"),
            example="dsd",
        ),
        Parameter("measures", "all, none, or measure ids, comma separated.", _whole(rf"{_ID}(,{_ID})*"), example="all"),
        Parameter(
            "sort",
            "Component ids joined by +, each with :asc or :desc; * for all dimensions, series_key for those of the series.",
            _whole(rf"(\*|{_ID})(:(asc|desc))?(\+{_ID}(:(asc|desc))?)*"),
            example="*",
        ),
        Parameter(
            "reportingYearStartDay",
            "Start of the reporting year in filters, --MM-DD.",
            _whole(_DAY_OF_YEAR),
            example="--07-01",
        ),
        Parameter("mode", "exact: values in the result; available: values that remain valid choices.", _one_of("exact", "available")),
        Parameter("startPeriod", "First period wanted.", _whole(_PERIOD), example="2020"),
        Parameter("endPeriod", "Last period wanted.", _whole(_PERIOD), example="2022"),
        Parameter("deletion", "Whether it is for deletions; the structure formats do not differ.", {"type": "boolean"}),
        Parameter(
            FILTER,
            "Filters, written c[COMPONENT]=VALUE, once per component: a dimension, attribute or measure, and values joined by "
            ", (or) and + (and), each with an optional operator before a colon: c[TIME_PERIOD]=ge:2020+le:2022. "
            f"Operators: {_OPERATORS.replace('|', ', ')}.",
            {
                "type": "object",
                "propertyNames": {"pattern": f"^{_ID}$"},
                "additionalProperties": {"type": "string", "pattern": rf"^{_TERM}([+,]{_TERM})*$"},
            },
            more=(("style", "deepObject"), ("explode", True)),
        ),
    )
}
_DETAIL = "How much of each artefact."
STRUCTURE_DETAIL = Parameter("detail", _DETAIL, _one_of(*(detail.value for detail in Detail)))
DATA_DETAIL = Parameter("detail", "How much of the data.", _one_of("full", "dataonly", "serieskeysonly", "nodata"))
REFERENCES_2 = Parameter("references", _REFERENCES, _whole(rf"{_NAMES}(,{_NAMES})*"), example="none")
REFERENCES_1 = Parameter("references", _REFERENCES, _whole(rf"{_NAMES_1}(,{_NAMES_1})*"), example="none")
AVAILABLE_REFERENCES = Parameter("references", _AVAILABLE, _whole(rf"(all|none|({_PARTS})(,({_PARTS}))*)"), example="none")

#: Request headers that decide about an answer. ``Accept`` is described by the media types of the answers, as OpenAPI wants it.
HEADERS: Final = (
    Parameter("Accept-Language", "Languages of names and texts, with weights.", {"type": "string"}, "header", "en, fr;q=0.5"),
    Parameter("If-None-Match", "ETags of the copies that the client has.", {"type": "string"}, "header"),
    Parameter("If-Modified-Since", "HTTP date of the client's copy; If-None-Match wins.", {"type": "string"}, "header"),
)
RANGE: Final = Parameter(
    "X-Range",
    "Rows wanted, from 0 to the last of the range (.Stat Suite); the answer says Content-Range.",
    {**_whole(r"values=[0-9]{1,15}-[0-9]{1,15}"), "minLength": 10},
    "header",
    "values=0-99",
)


def representation(formats: tuple[Format, ...]) -> tuple[Parameter, ...]:
    """The parameters that choose a format and a language, for a resource that answers in some formats."""
    names = sorted(name for name, named in FORMAT_NAMES.items() if any(known in formats for tier in named.tiers for known in tier))
    versions = sorted({known.version for known in formats if known.version})
    return (
        Parameter("format", "The format, by name; wins over Accept. A media type may stand here too.", _one_of(*names)),
        Parameter(
            "formatVersion",
            "Version of the format, which counts only with format; a pair that is not offered is not acceptable (406).",
            _one_of(*versions),
        ),
        Parameter("labels", "SDMX-CSV: ids, names or both.", _one_of("id", "name", "both")),
        Parameter("label", "Another spelling of labels.", _one_of("id", "name", "both")),
        Parameter("timeFormat", "SDMX-CSV: periods as reported or normalised.", _one_of("original", "normalized")),
        Parameter("keys", "SDMX-CSV 2.x: key columns.", _one_of("none", "obs", "series", "both")),
        Parameter("lang", "Language of names and texts; wins over Accept-Language.", {"type": "string"}, example="en"),
        Parameter("locale", "Another spelling of lang.", {"type": "string"}, example="en"),
    )
