"""Cells of every statistic: what contributes, what is counted, what is summed above and below the line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from mappings.cells import DENOMINATOR, INDICATOR, MET, NUMERATOR, UNITS, VALUE, mapped
from mappings.expressions.kinds import Kind
from mappings.expressions.rounding import Rounding
from mappings.ports import Rows
from mappings.readers.ports import ROW
from mappings.recipe.model import Indicator
from mappings.steps.aggregate import Cube, aggregate, all_groupings, as_they_stand, contributions, prepare
from mappings.steps.decimals import decimals_of
from mappings.steps.multi_select import Breakdown
from tests.mappings.frames import journal, rows, values

KINDS = {"x": Kind.NUMBER, "y": Kind.NUMBER, "g": Kind.NUMBER, "k": Kind.TEXT, "house": Kind.TEXT}
#: Five rows: an argument, a divisor, a weight, a text and a unit; the last row has none of them.
DATA: dict[str, Sequence[Any]] = {
    "x": [1.5, 2.5, 0.0, None, 4.0],
    "y": [2.0, 2.0, 2.0, 2.0, None],
    "g": [1.0, 3.0, 1.0, 1.0, None],
    "k": ["a", "b", "a", None, "b"],
    "house": ["h1", "h1", "h2", "h3", None],
    mapped("AREA"): ["N", "N", "S", "S", "S"],
}
WHOLE = Cube((), {}, {}, ((),))
BY_UNIT = Cube((), {}, {}, ((),), by_unit=True)
AREAS = Cube(("AREA",), {}, {}, (("AREA",),))


def cells(indicators: Mapping[str, Indicator], cube: Cube, unit: str | None = None, data: Mapping[str, Sequence[Any]] = DATA) -> Rows:
    prepared = prepare(rows(**data), indicators, KINDS, unit)
    decimals = decimals_of(prepared, list(indicators.values()), journal())
    return aggregate(prepared, indicators, cube, decimals, Rounding.HALF_TO_EVEN)


def cell(unit: str | None = None, **indicator: Any) -> tuple[Any, ...]:
    made = cells({"I": Indicator(**indicator)}, BY_UNIT if unit else WHOLE, unit)
    (found,) = values(made, VALUE, UNITS, MET, NUMERATOR, DENOMINATOR)
    return tuple(found)


@pytest.mark.parametrize(
    ("indicator", "expected"),
    [
        ({"statistic": "count"}, (5.0, 5, 5, 5.0, 5.0)),
        ({"statistic": "count", "of": "k"}, (4.0, 4, 4, 4.0, 4.0)),
        ({"statistic": "count", "of": "x"}, (4.0, 4, 4, 4.0, 4.0)),
        ({"statistic": "count", "among": "x > 1"}, (3.0, 3, 3, 3.0, 3.0)),
        ({"statistic": "sum", "of": "x"}, (8.0, 4, 3, 8.0, 4.0)),
        ({"statistic": "sum", "of": "x", "weight": "g"}, (9.0, 3, 2, 9.0, 5.0)),
        ({"statistic": "sum", "of": "x", "among": "k = 'a'"}, (1.5, 2, 1, 1.5, 2.0)),
        ({"statistic": "sum", "of": "x", "scale": 10}, (80.0, 4, 3, 8.0, 4.0)),
        ({"statistic": "mean", "of": "x"}, (2.0, 4, 3, 8.0, 4.0)),
        ({"statistic": "mean", "of": "x", "weight": "g"}, (1.8, 3, 2, 9.0, 5.0)),
        ({"statistic": "mean", "of": "x", "weight": "g", "among": "x > 1", "decimals": 1}, (2.2, 2, 2, 9.0, 4.0)),
        ({"statistic": "median", "of": "x"}, (2.0, 4, 3, 8.0, 4.0)),
        ({"statistic": "median", "of": "x", "decimals": 0}, (2.0, 4, 3, 8.0, 4.0)),
        ({"statistic": "min", "of": "x"}, (0.0, 4, 3, 8.0, 4.0)),
        ({"statistic": "min", "of": "x", "among": "x > 0"}, (1.5, 3, 3, 8.0, 3.0)),
        ({"statistic": "max", "of": "x"}, (4.0, 4, 3, 8.0, 4.0)),
        ({"statistic": "proportion", "of": "x > 1"}, (0.75, 4, 3, 3.0, 4.0)),
        ({"statistic": "proportion", "of": "x > 2", "weight": "g", "scale": 100}, (60.0, 3, 1, 3.0, 5.0)),
        ({"statistic": "ratio", "of": "x", "to": "y"}, (4 / 6, 3, 2, 4.0, 6.0)),
        ({"statistic": "ratio", "of": "x", "to": "y / 4", "decimals": 2}, (2.67, 3, 2, 4.0, 1.5)),
        ({"statistic": "ratio", "of": "x", "to": "y", "weight": "g"}, (0.9, 3, 2, 9.0, 10.0)),
        ({"statistic": "ratio", "of": "x", "to": "y - 2"}, (None, 3, 2, 4.0, 0.0)),
    ],
)
def test_a_row_contributes_where_its_argument_divisor_and_weight_are_there(indicator: dict[str, Any], expected: tuple[Any, ...]) -> None:
    """Statistic × condition × weight × missing argument, divisor and weight."""
    assert cell(**indicator) == expected


@pytest.mark.parametrize(
    ("indicator", "units", "met"),
    [
        ({"statistic": "count"}, 4, 4),
        ({"statistic": "sum", "of": "x"}, 3, 2),
        ({"statistic": "mean", "of": "x", "weight": "g"}, 2, 1),
        ({"statistic": "proportion", "of": "x > 2"}, 3, 2),
        ({"statistic": "count", "among": "k = 'b'"}, 2, 2),
        ({"statistic": "sum", "of": "x", "among": "x > 99"}, 0, 0),
    ],
)
def test_units_count_once_where_one_of_their_rows_contributes(indicator: dict[str, Any], units: int, met: int) -> None:
    """Unit × missing argument × weight: a row without an id is a unit of its own."""
    assert cell("house", **indicator)[1:3] == (units, met)


def test_two_rows_without_an_id_are_two_units_even_when_an_id_looks_like_their_number() -> None:
    data: dict[str, Sequence[Any]] = {"x": [1.0, 1.0, 1.0], "house": ["3", None, None]}
    made = cells({"I": Indicator(statistic="sum", of="x")}, BY_UNIT, "house", data)
    assert values(made, UNITS, MET) == [(3, 3)]


@pytest.mark.parametrize("unit", [None, "house"])
def test_negative_arguments_meet_the_condition_as_positive_ones_do(unit: str | None) -> None:
    data: dict[str, Sequence[Any]] = {"x": [-1.0, 0.0, 2.0], "house": ["a", "b", "c"]}
    made = cells({"I": Indicator(statistic="sum", of="x")}, BY_UNIT if unit else WHOLE, unit, data)
    assert values(made, VALUE, UNITS, MET) == [(1.0, 3, 2)]


def test_every_grouping_shows_the_totals_of_what_it_leaves_out() -> None:
    """Totals × groupings × two indicators with decimals of their own."""
    cube = Cube(("AREA", "KIND"), {"AREA": "_T", "KIND": "_A"}, {}, ((), ("AREA",), ("AREA", "KIND")))
    data = {**DATA, mapped("KIND"): ["a", "b", "a", "b", "b"]}
    indicators = {"S": Indicator(statistic="sum", of="x"), "N": Indicator(statistic="count")}
    found = values(cells(indicators, cube, data=data), mapped("AREA"), mapped("KIND"), INDICATOR, VALUE)
    assert sorted(found, key=repr) == sorted(
        [
            ("_T", "_A", "S", 8.0), ("_T", "_A", "N", 5.0), ("N", "_A", "S", 4.0), ("N", "_A", "N", 2.0), ("S", "_A", "S", 4.0),
            ("S", "_A", "N", 3.0), ("N", "a", "S", 1.5), ("N", "a", "N", 1.0), ("N", "b", "S", 2.5), ("N", "b", "N", 1.0),
            ("S", "a", "S", 0.0), ("S", "a", "N", 1.0), ("S", "b", "S", 4.0), ("S", "b", "N", 2.0),
        ],
        key=repr,
    )  # fmt: skip


BREAKDOWNS = {"NEED": Breakdown({"W": "~w", "F": "~f"}), "HELP": Breakdown({"Y": "~y"})}
ANSWERS = {**DATA, "~w": [True, True, False, False, None], "~f": [True, False, True, False, False], "~y": [True, False, True, True, True]}


def test_a_row_counts_in_each_of_its_answers_and_once_in_the_total() -> None:
    """Multi-select × multi-select × totals."""
    cube = Cube(("NEED", "HELP"), {"NEED": "_T", "HELP": "_T"}, BREAKDOWNS, ((), ("NEED",), ("NEED", "HELP")))
    data = {**ANSWERS, mapped("NEED"): [None] * 5, mapped("HELP"): [None] * 5}
    found = values(cells({"N": Indicator(statistic="count")}, cube, data=data), mapped("NEED"), mapped("HELP"), VALUE)
    assert sorted(found) == [("F", "Y", 2.0), ("F", "_T", 2.0), ("W", "Y", 1.0), ("W", "_T", 2.0), ("_T", "_T", 5.0)]


def test_the_source_rows_of_a_cell_are_those_that_contribute_to_its_indicator() -> None:
    """Source rows × multi-select × totals × missing argument."""
    cube = Cube(("AREA", "NEED"), {"NEED": "_T"}, BREAKDOWNS, (("AREA",), ("AREA", "NEED")))
    data = {**ANSWERS, mapped("NEED"): [None] * 5}
    indicators = {"S": Indicator(statistic="sum", of="x"), "W": Indicator(statistic="count", among="k = 'b'")}
    prepared = prepare(rows(**data), indicators, KINDS)
    found = values(contributions(prepared, indicators, cube), mapped("AREA"), mapped("NEED"), INDICATOR, ROW)
    assert sorted(found) == [
        ("N", "F", "S", 2), ("N", "W", "S", 2), ("N", "W", "S", 3), ("N", "W", "W", 3), ("N", "_T", "S", 2), ("N", "_T", "S", 3),
        ("N", "_T", "W", 3), ("S", "F", "S", 4), ("S", "_T", "S", 4), ("S", "_T", "S", 6), ("S", "_T", "W", 6),
    ]  # fmt: skip


def test_rows_taken_as_they_stand_keep_empty_values_unless_a_condition_leaves_them_out() -> None:
    """Value × missing × condition × scale and decimals; the row goes with it."""
    indicators = {
        "A": Indicator(statistic="value", of="x", scale=10, decimals=0),
        "B": Indicator(statistic="value", of="y", among="k = 'b'"),
    }
    prepared = prepare(rows(**DATA), indicators, KINDS)
    decimals = decimals_of(prepared, list(indicators.values()), journal())
    made = as_they_stand(prepared, indicators, AREAS, decimals, Rounding.HALF_TO_EVEN)
    assert values(made, mapped("AREA"), INDICATOR, VALUE, UNITS, MET, NUMERATOR, DENOMINATOR, ROW) == [
        ("N", "A", 15.0, 1, None, 1.5, None, 2), ("N", "A", 25.0, 1, None, 2.5, None, 3), ("S", "A", 0.0, 1, None, 0.0, None, 4),
        ("S", "A", None, 0, None, None, None, 5), ("S", "A", 40.0, 1, None, 4.0, None, 6),
        ("N", "B", 2.0, 1, None, 2.0, None, 3), ("S", "B", None, 0, None, None, None, 6),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("dimensions", "expected"),
    [
        ((), ((),)),
        (("A",), ((), ("A",))),
        (("A", "B", "C"), ((), ("A",), ("B",), ("C",), ("A", "B"), ("A", "C"), ("B", "C"), ("A", "B", "C"))),
    ],
)
def test_all_groupings_go_from_the_grand_total_to_the_full_breakdown(dimensions: tuple[str, ...], expected: tuple[Any, ...]) -> None:
    assert all_groupings(dimensions) == expected
