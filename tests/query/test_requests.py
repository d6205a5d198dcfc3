"""Both versions of SDMX-REST lead to the same query values (translation table 1.5 to 2.x)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from exchange.errors import InvalidQuery, NotServed
from exchange.query.grammar import v1, v2
from exchange.query.grammar.keys import check_keys, parse_keys_v1, parse_keys_v2
from exchange.query.grammar.urls import Parameters, path_segments
from exchange.query.values.data_query import Context
from exchange.query.values.filters import ComponentFilter, Operator, SeriesKey, Term
from registry.errors import InvalidVersion
from registry.services.structure_query import Detail, Relation, StructureQuery


def read(parse: Callable[..., Any], target: str) -> Any:
    path, _, query = target.partition("?")
    return parse(path_segments(path), Parameters(query))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("codelist/A/B/latest", "codelist/A/B/~"),
        ("codelist/A/B", "codelist/A/B"),
        ("codelist/all/all/all", "codelist/*/*/*"),
        ("structure/A", "*/A"),
        ("codelist/A+B/C+D/1.0+2.1", "codelist/A,B/C,D/1.0,2.1"),
        ("codelist/A/B/1.0/X+Y?detail=allstubs", "codelist/A/B/1.0/X,Y?detail=ALLSTUBS"),
        ("contentconstraint/A?references=parentsandsiblings", "dataconstraint/A?references=parentsandsiblings"),
        ("datastructure/ALL/B?references=contentconstraint", "datastructure/*/B?references=dataconstraint"),
    ],
)
def test_structure_requests_mean_the_same_in_both_versions(old: str, new: str) -> None:
    assert read(v1.parse_structure, old) == replace(read(v2.parse_structure, new), in_production=True)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("A,F,1.0/all", "dataflow/A/F/1.0/*"),
        ("F", "dataflow/*/F/~"),
        ("A,F", "dataflow/A/F/~"),
        ("A,F,latest/D..EUR", "dataflow/A/F/~/D.*.EUR"),
        ("A,F,1.0/all?startPeriod=2020&endPeriod=2021", "dataflow/A/F/1.0?c[TIME_PERIOD]=ge:2020+le:2021"),
        ("A,F,1.0/all?detail=dataonly", "dataflow/A/F/1.0?attributes=none"),
        ("A,F,1.0/all?detail=serieskeysonly", "dataflow/A/F/1.0?attributes=none&measures=none"),
        ("A,F,1.0/all?detail=nodata", "dataflow/A/F/1.0?attributes=dataset,series&measures=none"),
        ("A,F,1.0/all?updatedAfter=2020-01-01T00:00:00%2B01:00", "dataflow/A/F/1.0?updatedAfter=2020-01-01T00:00:00+01:00"),
    ],
)
def test_data_requests_mean_the_same_in_both_versions(old: str, new: str) -> None:
    assert read(v1.parse_data, old) == replace(read(v2.parse_data, new), in_production=True)


def test_alternatives_inside_a_dimension_are_one_key() -> None:
    assert parse_keys_v1("D.USD+JPY.") == (SeriesKey((frozenset({"D"}), frozenset({"USD", "JPY"}), None)),)


def test_several_keys_are_several_alternatives() -> None:
    assert parse_keys_v2("M.USD,A.*") == (
        SeriesKey((frozenset({"M"}), frozenset({"USD"}))),
        SeriesKey((frozenset({"A"}), None)),
    )


def test_a_key_longer_than_the_structure_shows_the_dimensions() -> None:
    with pytest.raises(InvalidQuery, match=r"3 positions, but the data structure has 2 dimensions .* FREQ.REF_AREA"):
        check_keys(parse_keys_v2("A.B.C"), ("FREQ", "REF_AREA"))


def test_structure_defaults_are_those_of_the_standard() -> None:
    assert read(v2.parse_structure, "") == StructureQuery(versions="~", detail=Detail.FULL, relations=frozenset({Relation.NONE}))


def test_data_defaults_are_those_of_the_standard() -> None:
    query = v2.parse_data([], Parameters(""))
    assert (query.context, query.versions, query.attributes, query.measures) == (Context.ANY, "*", ("dsd",), ("all",))


def test_references_may_mix_relations_and_types() -> None:
    query = v2.parse_structure(path_segments("dataflow"), Parameters("references=parents,codelist"))
    assert (query.relations, query.related_resources) == (frozenset({Relation.PARENTS}), frozenset({"codelist"}))


def test_an_instant_without_offset_is_utc() -> None:
    query = v2.parse_data([], Parameters("asOf=2026-01-31T10:00:00"))
    assert query.selection.as_of == datetime(2026, 1, 31, 10, tzinfo=UTC)


def test_sort_reads_directions() -> None:
    query = v2.parse_data([], Parameters("sort=REF_AREA+TIME_PERIOD:desc"))
    assert query.selection.sort == (("REF_AREA", False), ("TIME_PERIOD", True))


def test_periods_become_a_range_filter() -> None:
    query = v1.parse_data(["F"], Parameters("startPeriod=2020-Q3"))
    assert query.selection.filters == {"TIME_PERIOD": ComponentFilter(((Term(Operator.GREATER_OR_EQUAL, "2020-Q3"),),))}


@pytest.mark.parametrize("resource", ["hierarchy", "reportingtaxonomy", "process", "transformationscheme"])
def test_types_that_the_standard_lists_but_are_not_held_are_not_served(resource: str) -> None:
    with pytest.raises(NotServed, match=resource):
        read(v2.parse_structure, resource)


@pytest.mark.parametrize("resource", ["hierarchicalcodelist", "structureset", "process"])
def test_old_types_that_are_not_held_are_not_served(resource: str) -> None:
    with pytest.raises(NotServed):
        read(v1.parse_structure, resource)


@pytest.mark.parametrize(
    ("parse", "target", "said"),
    [
        (v2.parse_structure, "codelists", "not an artefact type"),
        (v2.parse_structure, "codelist/A/B/1.0/X/Y", "too many"),
        (v2.parse_structure, "dataflow/A/B/1.0/X", "item schemes only"),
        (v2.parse_structure, "codelist/1A", "not an agency id"),
        (v2.parse_structure, "codelist/A/B:C", "not an artefact id"),
        (v2.parse_structure, "codelist?detail=everything", "detail=everything is not known"),
        (v2.parse_structure, "codelist?references=cousins", "references=cousins is not known"),
        (v2.parse_data, "dataflow?updatedAfter=2021-01-01&asOf=2020-01-01", "later than asOf"),
        (v2.parse_structure, "codelist?asOf=yesterday", "asOf=yesterday is not a date"),
        (v2.parse_data, "flow/A", "not a context"),
        (v2.parse_data, "dataflow?sort=A:up", "sort=A:up is malformed"),
        (v2.parse_data, "dataflow?reportingYearStartDay=--02-30", "not a day of the year"),
        (v2.parse_data, "dataflow?firstNObservations=0", "at least 1"),
        (v2.parse_availability, "*/A/B", "needs a context"),
        (v2.parse_availability, "dataflow/A/B?mode=all", "mode=all is not known"),
        (v2.parse_availability, "dataflow/A/B?references=parents", "references=parents is not known"),
        (v1.parse_structure, "codelists", "not a resource"),
        (v1.parse_data, "", "not a dataflow reference"),
        (v1.parse_data, "A,B,1.0,X", "not a dataflow reference"),
        (v1.parse_data, "F?detail=some", "detail=some is not known"),
    ],
)
def test_what_does_not_follow_the_grammar_is_named(parse: Callable[..., object], target: str, said: str) -> None:
    with pytest.raises(InvalidQuery, match=said):
        read(parse, target)


@pytest.mark.parametrize("version", ["+.2.3", "1.+.3", "~.2", "*.2.3", "2.3+", "3.2*.1+", "x"])
def test_versions_that_the_standard_excludes_are_refused(version: str) -> None:
    with pytest.raises(InvalidVersion):
        read(v2.parse_structure, f"codelist/A/B/{version}")
