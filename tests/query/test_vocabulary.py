"""Parameters that a resource does not know: known elsewhere, slips, and what is foreign to SDMX-REST."""

from collections.abc import Callable
from typing import Any

import pytest

from exchange.errors import InvalidQuery
from exchange.query.grammar import v1, v2
from exchange.query.grammar.nearest import nearest
from exchange.query.grammar.urls import Parameters

RESOURCES: dict[str, tuple[Callable[..., Any], list[str]]] = {
    "structure 2": (v2.parse_structure, ["codelist"]),
    "schema 2": (v2.parse_schema, ["dataflow", "A", "F"]),
    "data 2": (v2.parse_data, ["dataflow", "A", "F"]),
    "availability 2": (v2.parse_availability, ["dataflow", "A", "F"]),
    "structure 1": (v1.parse_structure, ["codelist"]),
    "data 1": (v1.parse_data, ["A,F"]),
    "availability 1": (v1.parse_availability, ["A,F"]),
}
#: Values that every resource which knows the parameter takes.
VALUES = {
    "references": "none",
    "detail": "full",
    "asOf": "2026-01-31",
    "updatedAfter": "2026-01-31",
    "startPeriod": "2020",
    "endPeriod": "2020",
    "firstNObservations": "1",
    "lastNObservations": "1",
    "dimensionAtObservation": "AllDimensions",
    "includeHistory": "true",
    "attributes": "all",
    "measures": "all",
    "offset": "1",
    "limit": "1",
    "sort": "FREQ",
    "reportingYearStartDay": "--07-01",
    "mode": "exact",
    "deletion": "true",
    "explicitMeasure": "true",
    "updatedBefore": "2026-01-31",
    "c[FREQ]": "A",
}
#: What the standard lists per resource (SDMX-REST 2.2.2 and 1.5.0).
KNOWN = {
    "structure 2": {"references", "detail", "asOf"},
    "schema 2": {"dimensionAtObservation", "deletion", "asOf"},
    "data 2": {
        *("c[FREQ]", "updatedAfter", "firstNObservations", "lastNObservations", "dimensionAtObservation", "attributes", "measures"),
        *("includeHistory", "offset", "limit", "sort", "asOf", "reportingYearStartDay"),
    },
    "availability 2": {"c[FREQ]", "mode", "references", "updatedAfter", "reportingYearStartDay"},
    "structure 1": {"references", "detail"},
    "data 1": {
        *("startPeriod", "endPeriod", "updatedAfter", "firstNObservations", "lastNObservations", "dimensionAtObservation"),
        *("detail", "includeHistory"),
    },
    "availability 1": {"startPeriod", "endPeriod", "updatedAfter", "mode", "references"},
}


def read(resource: str, query: str) -> Any:
    parse, segments = RESOURCES[resource]
    return parse(segments, Parameters(query))


@pytest.mark.parametrize("resource", RESOURCES)
@pytest.mark.parametrize("name", VALUES)
def test_a_parameter_is_taken_where_the_standard_lists_it_and_refused_elsewhere(resource: str, name: str) -> None:
    query = f"{name}={VALUES[name]}"
    if name in KNOWN[resource]:
        assert read(resource, query)
    else:
        with pytest.raises(InvalidQuery, match="belongs to"):
            read(resource, query)


@pytest.mark.parametrize(
    ("resource", "name", "remedy"),
    [
        ("data 2", "startPeriod", r"write c\[TIME_PERIOD\]=ge:PERIOD here"),
        ("data 2", "endPeriod", r"write c\[TIME_PERIOD\]=le:PERIOD here"),
        ("data 2", "detail", "write attributes and measures here"),
        ("data 1", "c[FREQ]", "write the key in the path"),
        ("structure 1", "asOf", "know references, detail"),
    ],
)
def test_who_uses_the_words_of_another_version_learns_those_of_this_one(resource: str, name: str, remedy: str) -> None:
    with pytest.raises(InvalidQuery, match=remedy):
        read(resource, f"{name}=full")


@pytest.mark.parametrize(
    ("resource", "written", "meant"),
    [
        ("data 2", "Limit", "limit"),
        ("data 2", "limt", "limit"),
        ("data 2", "updatedafter", "updatedAfter"),
        ("data 2", "updated_after", "updatedAfter"),
        ("data 2", "firstNObservation", "firstNObservations"),
        ("data 2", "dimensionAtObservations", "dimensionAtObservation"),
        ("data 2", "mesures", "measures"),
        ("data 2", "atributes", "attributes"),
        ("data 2", "SORT", "sort"),
        ("data 2", "asof", "asOf"),
        ("data 2", "fromat", "format"),
        ("structure 2", "refrences", "references"),
        ("structure 2", "reference", "references"),
        ("structure 2", "detial", "detail"),
        ("availability 2", "mdoe", "mode"),
        ("data 1", "StartPeriod", "startPeriod"),
        ("data 1", "start-period", "startPeriod"),
        ("data 1", "endperiods", "endPeriod"),
        ("data 2", "satrtPeriod", r"c\[TIME_PERIOD\]"),
        ("data 2", "C[FREQ]", r"c\[COMPONENT_ID\]"),
        ("data 2", "c(FREQ)", r"c\[COMPONENT_ID\]"),
        ("data 2", "c[FREQ", r"c\[COMPONENT_ID\]"),
        ("data 2", "c", r"c\[COMPONENT_ID\]"),
        ("structure 2", "agencyId", "agencyID is no parameter but a part of the path"),
    ],
)
def test_a_slip_is_refused_with_the_right_spelling(resource: str, written: str, meant: str) -> None:
    with pytest.raises(InvalidQuery, match=meant):
        read(resource, f"{written}=1")


@pytest.mark.parametrize("resource", RESOURCES)
@pytest.mark.parametrize(
    "name",
    [
        *("_", "_ts", "utm_source", "utm_campaign", "key", "code", "apikey", "api_key", "subscription-key", "access_token", "token"),
        *("v", "t", "cachebuster", "callback", "fbclid", "gclid", "x-api-key", "sig", "session", "version", "nocache", "q", "user", "page"),
    ],
)
def test_foreign_parameters_change_nothing(resource: str, name: str) -> None:
    foreign, plain = read(resource, f"{name}=abc123"), read(resource, "")
    if resource.startswith(("structure", "schema")):
        assert foreign == plain
    else:
        assert (getattr(foreign, "data", foreign)).selection == (getattr(plain, "data", plain)).selection


@pytest.mark.parametrize("resource", RESOURCES)
def test_how_an_answer_is_represented_may_be_chosen_everywhere(resource: str) -> None:
    assert read(resource, "format=csv&Labels=both&timeformat=original&keys=none&lang=fr&formatVersion=2.1")


@pytest.mark.parametrize("resource", RESOURCES)
@pytest.mark.parametrize("query", ["format=csv&format=xml", "format=csv&Format=xml", "lang=en&lang=fr"])
def test_a_single_parameter_stands_once(resource: str, query: str) -> None:
    with pytest.raises(InvalidQuery, match=r"2 times|twice"):
        read(resource, query)


@pytest.mark.parametrize(("resource", "name"), [(resource, name) for resource, names in KNOWN.items() for name in sorted(names)])
def test_every_parameter_of_its_own_stands_once(resource: str, name: str) -> None:
    with pytest.raises(InvalidQuery, match="2 times"):
        read(resource, f"{name}={VALUES[name]}&{name}={VALUES[name]}")


@pytest.mark.parametrize("resource", RESOURCES)
def test_no_query_has_thousands_of_parameters(resource: str) -> None:
    assert read(resource, "&".join(f"x{number}=1" for number in range(500)))
    with pytest.raises(InvalidQuery, match="501 parameters"):
        read(resource, "&".join(f"x{number}=1" for number in range(501)))


def test_an_empty_parameter_says_nothing() -> None:
    assert read("data 2", "startPeriod=&refrences=") == read("data 2", "")


@pytest.mark.parametrize(
    ("name", "known", "expected"),
    [
        ("REF_ARE", ["REF_AREA", "FREQ"], "REF_AREA"),
        ("D_1", ["D1", "D2"], "D1"),
        ("D3", ["D1", "D2"], None),
        ("refarea", ["REF_AREA"], "REF_AREA"),
        ("INDICATOR", ["REF_AREA", "FREQ"], None),
        ("x" * 5000, ["REF_AREA"], None),
    ],
)
def test_the_nearest_name_is_one_or_two_slips_away(name: str, known: list[str], expected: str | None) -> None:
    assert nearest(name, known) == expected


@pytest.mark.parametrize("text", ["2026", "2026-01", "2026-01-01", "2026-01-01T00:00:00Z", "2026-01-01T01:00:00 01:00"])
@pytest.mark.parametrize("resource", ["data 1", "data 2"])
def test_years_months_and_days_are_their_first_moment(resource: str, text: str) -> None:
    assert read(resource, f"updatedAfter={text}").selection.updated_after.isoformat() == "2026-01-01T00:00:00+00:00"


@pytest.mark.parametrize("text", ["26", "20260", "2026-13", "2026-1", "0000"])
def test_what_is_no_year_is_no_instant(text: str) -> None:
    with pytest.raises(InvalidQuery, match="not a date"):
        read("data 2", f"updatedAfter={text}")
