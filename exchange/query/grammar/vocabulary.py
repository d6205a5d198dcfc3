"""The parameters that each resource knows, and what becomes of the others (SDMX-REST 2.2.2 and 1.5.0, ``extend.md``).

A parameter that is silently ignored answers another question than the one asked: ``startPeriod`` on 2.x used to return everything. So
what SDMX-REST knows elsewhere, and what looks like a slip, is an error that names the right spelling. What is foreign to SDMX-REST
(cache busters, keys of proxies, tracking) means nothing here and is left alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from exchange.errors import InvalidQuery
from exchange.query.grammar.nearest import nearest
from exchange.query.grammar.urls import Parameters

#: Stands for every ``c[COMPONENT]``.
FILTER: Final = "c"

#: What chooses a format or a language; known everywhere, names in any case.
REPRESENTATION: Final = ("format", "formatVersion", "labels", "label", "timeFormat", "keys", "lang", "locale")


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource of one version of SDMX-REST.

    Attributes:
        kind: ``data``, ``structure`` and so on.
        version: ``1.x`` or ``2.x`` of SDMX-REST; empty for resources of the service's own, whose kind is their path.
        own: The parameters it knows besides those of the representation.
    """

    kind: str
    version: str
    own: tuple[str, ...]

    def __str__(self) -> str:
        """What error messages call it."""
        return f"{self.kind} queries of SDMX-REST {self.version}" if self.version else f"queries of {self.kind}"


_CHANGES_AND_ENDS: Final = ("updatedAfter", "firstNObservations", "lastNObservations", "dimensionAtObservation", "includeHistory")
STRUCTURE_2: Final = Resource("structure", "2.x", ("references", "detail", "asOf"))
SCHEMA_2: Final = Resource("schema", "2.x", ("dimensionAtObservation", "deletion", "asOf"))
DATA_2: Final = Resource(
    "data",
    "2.x",
    (FILTER, *_CHANGES_AND_ENDS, "attributes", "measures", "offset", "limit", "sort", "asOf", "reportingYearStartDay"),
)
AVAILABILITY_2: Final = Resource("availability", "2.x", (FILTER, "mode", "references", "updatedAfter", "reportingYearStartDay"))
STRUCTURE_1: Final = Resource("structure", "1.x", ("references", "detail"))
DATA_1: Final = Resource("data", "1.x", ("startPeriod", "endPeriod", *_CHANGES_AND_ENDS, "detail"))
AVAILABILITY_1: Final = Resource("availability", "1.x", ("startPeriod", "endPeriod", "updatedAfter", "mode", "references"))

_RESOURCES: Final = (
    DATA_2,
    DATA_1,
    STRUCTURE_2,
    STRUCTURE_1,
    AVAILABILITY_2,
    AVAILABILITY_1,
    SCHEMA_2,
    # Specified but not served: their parameters are known all the same.
    Resource("schema", "1.x", ("dimensionAtObservation", "explicitMeasure")),
    Resource("registration", "2.x", ("updatedAfter", "updatedBefore")),
)
#: Far more than a data structure has components; each unknown name is compared with all known ones.
_MOST_NAMES: Final = 500
#: Parts of paths that mean nothing as parameters; ``version``, ``key`` and ``context`` are words of proxies and other services too.
_PATH_PARTS: Final = frozenset({"agencyID", "resourceID", "itemID", "artefactType", "componentID", "providerRef", "flowRef"})
_KNOWN: Final = frozenset({name for resource in _RESOURCES for name in resource.own} | set(REPRESENTATION))
#: Words of proxies, gateways and browsers that are a letter away from ours, and how such names begin.
_FOREIGN: Final = frozenset({"code", "node", "model", "short", "long", "port"})
_FOREIGN_PREFIXES: Final = ("_", "utm_", "x-", "x_")

#: What to write instead, where SDMX-REST says the same thing about data in other words: parameter, and version of the API it is used on.
_INSTEAD: Final = {
    ("startPeriod", "2.x"): "c[TIME_PERIOD]=ge:PERIOD",
    ("endPeriod", "2.x"): "c[TIME_PERIOD]=le:PERIOD",
    ("detail", "2.x"): "attributes and measures",
    (FILTER, "1.x"): "the key in the path, startPeriod and endPeriod",
    ("attributes", "1.x"): "detail",
    ("measures", "1.x"): "detail",
}


def check_names(parameters: Parameters, resource: Resource) -> frozenset[str]:
    """The names of parameters that are foreign to SDMX-REST, and left alone.

    Raises:
        InvalidQuery: When a parameter is known elsewhere, looks like a slip, or stands there several times; when there are too many.
    """
    names = parameters.names()
    if len(names) > _MOST_NAMES:
        raise InvalidQuery(f"The request has {len(names)} parameters; no query needs more than {_MOST_NAMES}.")
    foreign: set[str] = set()
    seen: dict[str, str] = {}
    for name in names:
        is_empty = not parameters.says_something(name) and not (name == FILTER and FILTER in resource.own)
        if is_empty or _is_filter(name, resource):
            continue
        accepted = _accepted(name, resource)
        if accepted is None:
            _check_unknown(name, resource)
            foreign.add(name)
            continue
        parameters.one(name)
        other = seen.setdefault(accepted, name)
        if other != name:
            raise InvalidQuery(f"Parameter {accepted} is given twice, as {other} and as {name}; give it once.")
    return frozenset(foreign)


def _accepted(name: str, resource: Resource) -> str | None:
    """The parameter that a name stands for on a resource, if it does."""
    if name in resource.own and name != FILTER:
        return name
    return next((known for known in REPRESENTATION if known.casefold() == name.casefold()), None)


def _is_filter(name: str, resource: Resource) -> bool:
    return FILTER in resource.own and name.startswith("c[") and name.endswith("]")


def _check_unknown(name: str, resource: Resource) -> None:
    if _looks_like_filter(name):
        if FILTER not in resource.own:
            raise _elsewhere(FILTER, resource)
        raise InvalidQuery(f"Parameter {name} is malformed; write c[COMPONENT_ID]=VALUE.")
    if name in _KNOWN:
        raise _elsewhere(name, resource)
    if name in _FOREIGN or name.startswith(_FOREIGN_PREFIXES):
        return
    meant = nearest(name, (*resource.own, *REPRESENTATION))
    if meant is not None:
        raise InvalidQuery(f"Parameter {name} is not known; write {meant}.")
    meant = nearest(name, _KNOWN)
    if meant is not None:
        raise _elsewhere(meant, resource)
    part = nearest(name, _PATH_PARTS)
    if part is not None:
        raise InvalidQuery(f"{part} is no parameter but a part of the path; write it there instead of {name}.")


def _looks_like_filter(name: str) -> bool:
    folded = name.strip().casefold()
    return folded == FILTER or (folded.startswith(FILTER) and folded[1:2] in {"[", "(", "{", "."})


def _elsewhere(name: str, resource: Resource) -> InvalidQuery:
    owners = " and ".join(str(owner) for owner in _RESOURCES if name in owner.own)
    instead = _INSTEAD.get((name, resource.version)) if resource.kind in {"data", "availability"} else None
    known = ", ".join(map(_shown, resource.own)) or "no parameters"
    remedy = f"write {instead} here" if instead else f"{resource} know {known}"
    return InvalidQuery(f"Parameter {_shown(name)} belongs to {owners}; {remedy}.")


def _shown(name: str) -> str:
    return "c[COMPONENT]" if name == FILTER else name
