"""Content negotiation: from ``Accept``, ``format=`` and its companions to one offered format.

Follows SDMX-REST 2.2.2 (``content_negotiation.md``, ``extend.md``), SDMX-REST 1.5.0 for its defaults, and RFC 9110, section 12. Pure:
what is offered and what is meant by general media types are arguments (``negotiation_defaults``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, cast

from exchange.codecs.negotiation.defaults import FORMAT_NAMES, NegotiationDefaults
from exchange.codecs.negotiation.format_versions import version_matches
from exchange.codecs.negotiation.media_types import SYNONYMS, Format, Syntax
from exchange.codecs.negotiation.weighted_lists import WeightedValue, parse_weighted_list
from exchange.codecs.ports import DataOptions
from exchange.errors import InvalidQuery, NotAcceptable

#: CSV parameters by the spellings in use (standards P37), in lower case.
_CSV_PARAMETERS: Final = {
    "labels": "labels",
    "label": "labels",
    "timeformat": "timeFormat",
    "keys": "keys",
    "key": "keys",
}
#: What every version of SDMX-CSV together admits.
_CSV_VALUES: Final = {
    "labels": ("id", "name", "both"),
    "timeFormat": ("original", "normalized"),
    "keys": ("none", "obs", "series", "both"),
}
#: General ranges: how specific they are, and the syntaxes they take in; None takes in all.
_GENERAL: Final[dict[str, tuple[int, tuple[Syntax, ...] | None]]] = {
    "*/*": (0, None),
    "*": (0, None),
    "application/*": (1, None),
    "application/vnd.sdmx.*": (1, None),
    "text/*": (1, (Syntax.CSV, Syntax.XML)),
    "application/vnd.sdmx.*+xml": (2, (Syntax.XML,)),
    "application/vnd.sdmx.*+json": (2, (Syntax.JSON,)),
    "application/vnd.sdmx.*+csv": (2, (Syntax.CSV,)),
    "application/xml": (2, (Syntax.XML,)),
    "text/xml": (2, (Syntax.XML,)),
    "application/json": (2, (Syntax.JSON,)),
    "text/json": (2, (Syntax.JSON,)),
    "text/csv": (2, (Syntax.CSV,)),
    "application/csv": (2, (Syntax.CSV,)),
}
_EXACT_TYPE: Final = 3
_EXACT_VERSION: Final = 4
_WILDCARDS_END: Final = 1


@dataclass(frozen=True, slots=True)
class FormatParameters:
    """The query parameters that choose a format (``extend.md``); they win over ``Accept``. Values as written."""

    format: str | None = None
    format_version: str | None = None
    csv: Mapping[str, str] = field(default_factory=dict)

    @staticmethod
    def of(query: Mapping[str, str]) -> FormatParameters:
        """Pick them out of all query parameters, whatever the case of the names; the others are ignored.

        Raises:
            InvalidQuery: When ``labels``, ``timeFormat`` or ``keys`` has a value that no version of SDMX-CSV knows.
        """
        given = {name.casefold(): value.strip() for name, value in query.items()}
        csv = {}
        # ``key`` is not read here: on POST requests it holds the series key.
        for name in ("label", "labels", "timeformat", "keys"):
            if given.get(name):
                parameter, value = _CSV_PARAMETERS[name], given[name].casefold()
                if value not in _CSV_VALUES[parameter]:
                    raise InvalidQuery(f"{name}={given[name][:40]}: expected one of {', '.join(_CSV_VALUES[parameter])}")
                csv[parameter] = value
        return FormatParameters(given.get("format") or None, given.get("formatversion") or None, csv)


@dataclass(frozen=True, slots=True)
class Choice:
    """A format and the CSV parameters the client asked for that the format knows, in the order of the standard."""

    format: Format
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def content_type(self) -> str:
        """The exact ``Content-Type`` of the answer: what was asked for is repeated, defaults are left out."""
        return "".join([self.format.media_type, *(f";{name}={value}" for name, value in self.parameters.items())])

    def data_options(self, languages: tuple[str, ...] = ()) -> DataOptions:
        """The options for a data encoder."""
        return DataOptions(
            labels=cast("Literal['id', 'name', 'both']", self.parameters.get("labels", "id")),
            time_format=cast("Literal['original', 'normalized']", self.parameters.get("timeFormat", "original")),
            keys=cast("Literal['none', 'obs', 'series', 'both']", self.parameters.get("keys", "none")),
            languages=languages,
        )


@dataclass(frozen=True, slots=True)
class _Match:
    """How a range takes in a format: ``rank`` orders the formats of one range, smallest first."""

    specificity: int
    rank: tuple[int, ...]


def negotiate(accept: str | None, parameters: FormatParameters, offered: Sequence[Format], defaults: NegotiationDefaults) -> Choice:
    """Choose the format of an answer.

    ``format=`` wins over ``Accept``; ``formatVersion=`` counts only with it, but has to be the version of some format.
    Of the ranges in ``Accept`` that take in a format the most specific one gives its weight;
    the highest weight wins, then ranges without wildcard, then the order in which the client wrote them, then ``defaults``.

    Args:
        accept: The ``Accept`` header; None or blank means anything.
        parameters: The query parameters about formats.
        offered: The formats the resource can be written in.
        defaults: What general media types mean at this API.

    Raises:
        NotAcceptable: Names what was requested and what is offered.
    """
    if parameters.format is not None and "/" not in parameters.format:
        return _by_name(parameters.format, parameters, offered, defaults)
    if parameters.format is None and not _some_have(parameters.format_version, offered):
        raise _not_acceptable(f"formatVersion={parameters.format_version}", offered)
    if parameters.format is not None:
        accept = parameters.format.replace(" ", "+")  # ``+`` of a media type, decoded by the query string
    ranges = parse_weighted_list(accept or "") or (() if accept and accept.strip() else (WeightedValue("*/*"),))
    best: tuple[tuple[object, ...], Format, WeightedValue] | None = None
    for candidate in offered:
        position, match = _governing(ranges, candidate, defaults)
        if match is None or ranges[position].weight <= 0:
            continue
        order = (-ranges[position].weight, match.specificity <= _WILDCARDS_END, position, match.rank)
        if best is None or order < best[0]:
            best = (order, candidate, ranges[position])
    if best is None:
        raise _not_acceptable(f"Accept: {accept}", offered)
    return _choice(best[1], best[2].parameters, parameters.csv)


def _governing(ranges: Sequence[WeightedValue], candidate: Format, defaults: NegotiationDefaults) -> tuple[int, _Match | None]:
    """The range that decides about a format: the most specific, then the heaviest, then the first."""
    found: tuple[tuple[float, ...], int, _Match] | None = None
    for position, wanted in enumerate(ranges):
        match = _match(wanted, candidate, defaults)
        if match is not None:
            order = (-match.specificity, -wanted.weight, position)
            if found is None or order < found[0]:
                found = (order, position, match)
    return (0, None) if found is None else (found[1], found[2])


def _match(wanted: WeightedValue, candidate: Format, defaults: NegotiationDefaults) -> _Match | None:
    version = wanted.parameters.get("version")
    if version is not None and (candidate.version is None or not version_matches(version, candidate.version_parts)):
        return None
    base = SYNONYMS.get(wanted.value, wanted.value)
    if base == candidate.base:
        if version is not None:
            return _Match(_EXACT_VERSION, tuple(-part for part in candidate.version_parts))
        return _Match(_EXACT_TYPE, defaults.rank(candidate, defaults.of_syntax(candidate.syntax, exact=True)))
    return _match_general(base, candidate, defaults)


def _match_general(base: str, candidate: Format, defaults: NegotiationDefaults) -> _Match | None:
    if base not in _GENERAL:
        return None
    specificity, syntaxes = _GENERAL[base]
    if syntaxes is None:
        return _Match(specificity, defaults.rank(candidate, defaults.anything))
    if candidate.syntax not in syntaxes:
        return None
    return _Match(specificity, (syntaxes.index(candidate.syntax), *defaults.rank(candidate, defaults.of_syntax(candidate.syntax))))


def _by_name(name: str, parameters: FormatParameters, offered: Sequence[Format], defaults: NegotiationDefaults) -> Choice:
    """The format that ``format=`` names: its first tier of which something is offered, in the order of the API."""
    named = FORMAT_NAMES.get(name.casefold())
    version = parameters.format_version
    for tier in named.tiers if named else ():
        candidates = [candidate for candidate in offered if candidate in tier and _some_have(version, [candidate])]
        if candidates:
            chosen = min(candidates, key=lambda candidate: defaults.rank(candidate, defaults.of_syntax(candidate.syntax)))
            return _choice(chosen, named.parameters if named else {}, parameters.csv)
    raise _not_acceptable(f"format={name}" + (f"&formatVersion={version}" if version else ""), offered)


def _some_have(version: str | None, formats: Iterable[Format]) -> bool:
    """Whether a version is that of one of some formats; no version is any."""
    versions = (known.version_parts for known in formats if known.version is not None)
    return version is None or any(version_matches(version, parts) for parts in versions)


def _choice(chosen: Format, from_range: Mapping[str, str], from_query: Mapping[str, str]) -> Choice:
    asked = {_CSV_PARAMETERS[name.casefold()]: value.casefold() for name, value in from_range.items() if name.casefold() in _CSV_PARAMETERS}
    asked |= from_query
    known = {}
    for name, values in chosen.parameters:
        # SDMX-CSV 1.0 has no names alone; both is what comes closest.
        value = "both" if asked.get(name) == "name" and "name" not in values else asked.get(name)
        if value in values:
            known[name] = value
    return Choice(chosen, known)


def _not_acceptable(requested: str, offered: Sequence[Format]) -> NotAcceptable:
    listed = ", ".join(f"{candidate.media_type} (format={candidate.alias})" for candidate in offered)
    return NotAcceptable(f"Requested {requested[:300]!r}, which is not offered here. Offered: {listed}")
