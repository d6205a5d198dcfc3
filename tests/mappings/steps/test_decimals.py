"""Decimal numbers are computed with as whole ones, and come out as what they are on paper."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw
import pytest

from mappings.expressions.rounding import Rounding
from mappings.recipe.model import Indicator
from mappings.steps.decimals import Decimals, decimals_of, plain, scaled_value, with_whole_numbers
from tests.mappings.frames import journal, rows, values

MEAN = Indicator(statistic="mean", of="x")


def places(numbers: list[float | None]) -> int:
    return decimals_of(rows(**{"~v0": numbers}), [MEAN], journal())[0].argument


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ([1.0, -2.0, None], 0),
        ([0.1, 0.2], 1),
        ([0.1, 0.25, -3.125], 3),
        ([1e-12], 12),
        ([1e-13], 0),
        ([1 / 3, 0.5], 0),
        ([None], 0),
        ([2.0**40, 0.5], 1),
        ([2.0**52, 0.5], 0),  # together they do not fit into an exact number
        ([900719925474099.1, 1.0], 1),  # 2**53 - 1 tenths
        ([-900719925474099.2, 1.0], 0),  # 2**53 tenths
    ],
)
def test_as_many_decimals_as_the_longest_number_has_while_all_of_them_are_exact(numbers: list[float | None], expected: int) -> None:
    assert places([float(number) if number is not None else None for number in numbers] + [0.0]) == expected


def test_every_indicator_has_the_decimals_of_what_it_reads_itself() -> None:
    """Argument × weight × divisor × proportion: conditions and what a recipe leaves out are whole numbers, whatever stands there."""
    data = rows(**{f"~{letter}{index}": [0.5, 0.25] for letter in "vgt" for index in range(5)}, **{"~v5": [0.1, 0.2]})
    indicators = [
        Indicator(statistic="ratio", of="x", to="y", weight="z"),
        Indicator(statistic="proportion", of="x > 1", weight="z"),
        Indicator(statistic="count"),
        Indicator(statistic="ratio", of="x", to="y"),
        Indicator(statistic="sum", of="x"),
        Indicator(statistic="sum", of="x"),
    ]
    found = decimals_of(data, indicators, journal())
    assert [(one.argument, one.weight, one.divisor) for one in found] == [
        (2, 2, 2), (0, 2, 0), (0, 0, 0), (2, 0, 2), (2, 0, 0), (1, 0, 0),
    ]  # fmt: skip


def test_decimals_above_and_below_the_line_are_those_of_the_products() -> None:
    assert (Decimals(1, 2, 4).above, Decimals(1, 2, 4).below) == (3, 6)
    assert (Decimals(3, 3, 3).above, Decimals(3, 3, 3).below) == (6, 6)
    assert (Decimals().above, Decimals().below) == (0, 0)


def test_sums_are_made_of_whole_numbers() -> None:
    """Argument × weight × divisor, each with decimals of its own, for two indicators."""
    data = rows(**{"~v0": [0.29], "~g0": [0.1], "~t0": [3.0], "~v1": [7.0], "~g1": [2.0], "~t1": [0.57]})
    made = with_whole_numbers(data, [Decimals(2, 1, 0), Decimals(0, 0, 2)])
    assert values(made, "~v0", "~x0", "~d0", "~v1", "~x1", "~d1") == [(29.0, 29.0, 3.0, 7.0, 14.0, 114.0)]


def test_numbers_without_known_decimals_stay_as_they_are() -> None:
    assert values(with_whole_numbers(rows(**{"~v0": [1 / 3], "~g0": [1.0], "~t0": [1.0]}), [Decimals()]), "~v0", "~x0") == [(1 / 3, 1 / 3)]


@pytest.mark.parametrize(("whole", "number", "expected"), [(488.0, 1, 48.8), (488.0, 0, 488.0), (5.0, 3, 0.005), (3.0, 12, 3e-12)])
def test_a_whole_number_stands_for_a_decimal_one(whole: float, number: int, expected: float) -> None:
    assert values(rows(w=[whole]).with_columns(plain(nw.col("w"), number).alias("p")), "p") == [expected]


@pytest.mark.parametrize(
    ("above", "below", "number", "indicator", "expected"),
    [
        (23.0, 80.0, 0, {"scale": 100, "decimals": 1}, 28.8),
        (23.0, 80.0, 0, {"scale": 100}, 28.75),
        (23.0, 80.0, 0, {}, 0.2875),
        (23.0, 80.0, 0, {"decimals": 0}, 0.0),
        (23.0, 8.0, 1, {"decimals": 2}, 0.29),  # 2.3 of 8
        (23.0, 8.0, -1, {"decimals": 1}, 28.8),  # 23 of 0.8
        (7.0, 2.0, 2, {}, 0.035),
        (7.0, 2.0, -2, {}, 350.0),
        (15.0, 1.0, 0, {"scale": 0.1, "decimals": 0}, 2.0),
        (15.0, 1.0, 0, {"scale": 0.1}, 1.5),
        (1.0, 0.0, 0, {}, None),
        (1.0, 0.0, 0, {"decimals": 1}, None),
        (None, 1.0, 0, {"decimals": 1}, None),
        (-5.0, 2.0, 0, {"decimals": 0}, -2.0),
        (3.0, -2.0, 0, {}, -1.5),
        (0.0, 4.0, 0, {}, 0.0),
    ],
)
def test_quotients_are_scaled_and_rounded_to_their_decimals(
    above: float | None, below: float, number: int, indicator: dict[str, Any], expected: float | None
) -> None:
    """Places × scale × decimals × a denominator of zero."""
    data = rows(a=[above, 1.0], b=[below, 1.0])
    value = scaled_value(nw.col("a"), nw.col("b"), number, Indicator(statistic="mean", of="x", **indicator), Rounding.HALF_TO_EVEN)
    assert values(data.with_columns(value.alias("v")), "v")[0] == expected


@pytest.mark.parametrize(
    ("own", "rule", "expected"),
    [
        (None, Rounding.AWAY_FROM_ZERO, 3.0),
        (None, Rounding.HALF_TO_EVEN, 2.0),
        (Rounding.HALF_TO_EVEN, Rounding.AWAY_FROM_ZERO, 2.0),
        (Rounding.AWAY_FROM_ZERO, Rounding.HALF_TO_EVEN, 3.0),
    ],
)
def test_the_rule_of_the_indicator_goes_before_that_of_the_recipe(own: Rounding | None, rule: Rounding, expected: float) -> None:
    indicator = Indicator(statistic="mean", of="x", decimals=0, rounding=own)
    made = rows(a=[5.0], b=[2.0]).with_columns(scaled_value(nw.col("a"), nw.col("b"), 0, indicator, rule).alias("v"))
    assert values(made, "v") == [expected]
