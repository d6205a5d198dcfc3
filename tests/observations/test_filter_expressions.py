"""Filters and keys as expressions, type by type and shape by shape, and which files they rule out."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product
from typing import Any

import polars as pl
import pytest

from exchange.observations.reading import predicates
from exchange.observations.reading.filter_predicates import filter_expression
from exchange.observations.reading.predicates import predicate, valid_at
from exchange.observations.table.lake_files import DataFile
from exchange.observations.table.layout import MULTILINGUAL, SERIES, Layout
from exchange.query.grammar.components import parse_filter
from exchange.query.values.data_query import ObservationSelection
from exchange.query.values.filters import ComponentFilter, SeriesKey
from registry.model.data_types import DATA_TYPES
from tests.observations.small_schema import small_schema

LAYOUT = Layout.of(small_schema())


def matches(values: list[Any], kind: pl.DataType, data_type: str, expression: str) -> str:
    """The positions of the values that a filter finds."""
    frame = pl.DataFrame({"X": pl.Series(values, dtype=kind)})
    hit = filter_expression("X", kind, DATA_TYPES[data_type], parse_filter("X", expression)).alias("hit")
    found = frame.with_columns(hit)["hit"]
    assert found.null_count() == 0, "a filter says yes or no"
    return "".join(str(at) for at, hit in enumerate(found) if hit)


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("10", "1"), ("1e1", "1"), ("ne:10", "02345"), ("lt:10", "03"), ("le:10", "013"), ("gt:10", "2"), ("ge:10", "12"),
        ("gt:-3", "0123"), ("co:0", "12"), ("sw:1", "012"), ("ew:.5", "03"), ("nc:.", "45"), ("NaN", "4"), ("ne:NaN", "01235"),
        ("gt:NaN", ""), ("ten", ""), ("ne:ten", "012345"), ("lt:5+gt:0", "0"), ("10,100", "12"), ("ge:10+lt:100,1.5", "01"),
    ],
)  # fmt: skip
def test_binary_numbers(expression: str, found: str) -> None:
    assert matches([1.5, 10.0, 100.0, -2.5, float("nan"), None], pl.Float64(), "Double", expression) == found


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("9007199254740993", "1"), ("9007199254740993.0", "1"), ("ne:9007199254740993", "0234567"), ("gt:9007199254740992", "12"),
        ("ge:9007199254740993", "12"), ("lt:9007199254740993", "0345"), ("le:9007199254740993", "01345"), ("10", "34"), ("lt:10.0", "5"),
        ("le:10", "345"), ("co:.0", "4"), ("sw:-", "5"), ("ew:0", "34"), ("#N/A", "6"), ("NaN", "6"), ("ne:#N/A", "0123457"),
        ("gt:#N/A", ""), ("many", ""), ("ne:many", "01234567"),
    ],
)  # fmt: skip
def test_exact_numbers_digit_by_digit(expression: str, found: str) -> None:
    values = ["9007199254740992", "9007199254740993", "9007199254740994", "10", "10.0", "-1.5", "#N/A", None]
    assert matches(values, pl.String(), "Decimal", expression) == found


@pytest.mark.parametrize(
    ("expression", "found"),
    [("true", "0"), ("1", "0"), ("0", "1"), ("false", "1"), ("ne:1", "12"), ("true,0", "01"), ("yes", "")],
)
def test_truth_values_in_both_spellings(expression: str, found: str) -> None:
    assert matches(["true", "false", None], pl.String(), "Boolean", expression) == found


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("a", "01"), ("ne:a", "23"), ("co:b", "02"), ("nc:b", "13"), ("sw:a", "01"), ("ew:c", "2"), ("ge:b", "02"),
        ("ne:a+ne:bc", "3"), ("ne:a,ne:bc", "0123"), ("a+b", "0"), ("gt:c", ""),
    ],
)  # fmt: skip
def test_every_one_of_several_values_is_looked_at(expression: str, found: str) -> None:
    texts = [["a", "b"], ["a"], ["bc"], None]
    assert matches(texts, pl.List(pl.String()), "String", expression) == found
    one = [None if row is None else [{"lang": "en", "value": text} for text in row] for row in texts]
    assert matches(one, MULTILINGUAL, "String", expression) == found
    several = [None if row is None else [[{"lang": "en", "value": text}] for text in row] for row in texts]
    assert matches(several, pl.List(MULTILINGUAL), "String", expression) == found


def test_several_numbers_compare_as_numbers() -> None:
    for name in ("Double", "Integer"):
        assert matches([["5", "40"], ["300"], [], None], pl.List(pl.String()), name, "gt:35") == "01"
        assert matches([["5", "40"], ["300"], [], None], pl.List(pl.String()), name, "lt:35") == "0"


@pytest.mark.parametrize("many", [1, 2, 3, 4, 5, 6, 7, 9])
def test_any_number_of_alternatives_and_terms_counts(many: int) -> None:
    values = [f"v{number}" for number in range(10)]
    everyone = "".join(str(number) for number in range(many))
    assert matches(list(values), pl.String(), "String", ",".join(values[:many])) == everyone
    others = "".join(str(number) for number in range(many, 10))
    assert matches(list(values), pl.String(), "String", "+".join(f"ne:{value}" for value in values[:many])) == others


def test_a_filter_without_alternatives_finds_nothing_and_one_without_terms_everything() -> None:
    frame = pl.DataFrame({"X": ["a", None]})
    for alternatives, found in (((), [False, False]), (((),), [True, True])):
        expression = filter_expression("X", pl.String(), DATA_TYPES["String"], ComponentFilter(alternatives))
        assert frame.with_columns(expression.alias("hit"))["hit"].to_list() == found


ROWS = pl.DataFrame(
    [(f"{area}\x1f{sex}", area, sex) for area, sex in product(("KG", "MW", "RW"), ("F", "M"))], schema=[SERIES, "AREA", "SEX"], orient="row"
)


def key(text: str) -> SeriesKey:
    return SeriesKey(tuple(frozenset(part.split("+")) if part else None for part in text.split(".")))


def series(selection: ObservationSelection, **facts: Any) -> list[str]:
    found = predicate(selection, LAYOUT, **facts)
    return [f"{area}.{sex}" for area, sex in ROWS.filter(*found.expressions)["AREA", "SEX"].rows()]


KEYS = [
    (["KG.F"], "KG.F"),
    (["KG."], "KG.F KG.M"),
    (["KG"], "KG.F KG.M"),
    ([".F"], "KG.F MW.F RW.F"),
    (["."], "KG.F KG.M MW.F MW.M RW.F RW.M"),
    (["KG+MW.F"], "KG.F MW.F"),
    (["KG.F", "MW.M"], "KG.F MW.M"),
    (["KG.F", "MW."], "KG.F MW.F MW.M"),
    (["KG.", ".M"], "KG.F KG.M MW.M RW.M"),
    (["KG.", "."], "KG.F KG.M MW.F MW.M RW.F RW.M"),
    (["KG.", "MW."], "KG.F KG.M MW.F MW.M"),
    ([".F", ".M"], "KG.F KG.M MW.F MW.M RW.F RW.M"),
    (["KG.F", "KG.F"], "KG.F"),
    (["AO.F"], ""),
]


@pytest.mark.parametrize(("asked", "found"), KEYS)
@pytest.mark.parametrize(("few", "most"), [(16, 1_000), (0, 1_000), (1, 1), (0, 0)], ids=["few", "joined", "one", "none"])
def test_keys_find_the_same_however_they_are_looked_up(
    monkeypatch: pytest.MonkeyPatch, asked: list[str], found: str, few: int, most: int
) -> None:
    monkeypatch.setattr(predicates, "_FEW_KEYS", few)
    monkeypatch.setattr(predicates, "_MOST_COMBINATIONS", most)
    assert series(ObservationSelection(keys=tuple(key(text) for text in asked))) == found.split()


def test_a_restriction_can_be_left_out_for_one_dimension() -> None:
    keyed = ObservationSelection(keys=(key("KG.F"),))
    assert series(keyed, without="AREA") == ["KG.F", "MW.F", "RW.F"]
    assert series(keyed, without="SEX") == ["KG.F", "KG.M"]
    assert series(keyed, without="TIME_PERIOD") == ["KG.F"]
    both = ObservationSelection(keys=(key("KG+MW"),), filters={"AREA": ComponentFilter.any_of("KG"), "SEX": ComponentFilter.any_of("F")})
    assert series(both) == ["KG.F"]
    assert series(both, without="AREA") == ["KG.F", "MW.F", "RW.F"]
    assert series(both, without="SEX") == ["KG.F", "KG.M"]


def test_a_component_that_is_not_there_finds_nothing() -> None:
    assert series(ObservationSelection(filters={"NOWHERE": parse_filter("NOWHERE", "ne:x")})) == []


def data_file(first: str, last: str | None, **extremes: tuple[str, str]) -> DataFile:
    minima, maxima = ({name: pair[side] for name, pair in extremes.items()} for side in (0, 1))
    return DataFile("sorted-x.parquet", 1, 1, current=True, first=first, last=last, minima=minima, maxima=maxima)


@pytest.mark.parametrize(
    ("facts", "held"),
    [
        ({}, [True, True, True]),
        ({"keys": (key("KG.F"),)}, [True, False, True]),
        ({"keys": (key("KG.M"),)}, [True, False, True]),
        ({"keys": (key("KG.N"),)}, [False, False, True]),
        ({"keys": (key("MW.F"), key("RW.M"))}, [False, True, True]),
        ({"keys": (key("KG."),)}, [True, False, True]),
        ({"keys": (key(".F"),)}, [True, True, True]),
        ({"keys": (key("AO."),)}, [False, False, True]),
        ({"keys": (key("KG."), key(".F"))}, [True, True, True]),
        ({"filters": {"AREA": ComponentFilter.any_of("MW", "AO")}}, [False, True, True]),
        ({"filters": {"AREA": ComponentFilter.any_of("LS")}}, [False, False, True]),
        ({"filters": {"AREA": parse_filter("AREA", "KG+co:K")}}, [True, False, True]),
        ({"filters": {"AREA": parse_filter("AREA", "ne:KG")}}, [True, True, True]),
        ({"filters": {"AREA": parse_filter("AREA", "KG,sw:M")}}, [True, True, True]),
        ({"filters": {"STATUS": ComponentFilter.any_of("LS")}}, [True, True, True]),
        ({"keys": (key("KG+MW."),), "filters": {"AREA": ComponentFilter.any_of("MW")}}, [False, True, True]),
    ],
)
def test_only_files_that_cannot_hold_anything_are_passed_over(facts: dict[str, Any], held: list[bool]) -> None:
    files = [
        data_file("KG\x1fF", "KG\x1fM", AREA=("KG", "KG"), SEX=("F", "M"), STATUS=("A", "B")),
        data_file("MW\x1fF", "RW\x1fM", AREA=("MW", "RW"), SEX=("F", "M")),
        data_file("", None),
    ]
    found = predicate(ObservationSelection(**facts), LAYOUT)
    assert [found.may_hold(file) for file in files] == held


def test_a_revision_is_valid_from_its_first_instant_to_before_its_last() -> None:
    begin, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
    rows = pl.DataFrame({"_valid_from": [begin, begin], "_valid_to": [end, None]})
    for instant, valid in ((datetime(2025, 1, 1, tzinfo=UTC), [False, False]), (begin, [True, True]), (end, [False, True])):
        assert rows.select(valid_at(instant).alias("hit"))["hit"].to_list() == valid
