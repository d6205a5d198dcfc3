"""Rounding is that of exact arithmetic: the quotient on paper, not the nearest floating-point number of it."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.engines.catalogue import engine_called
from mappings.engines.names import EngineName
from mappings.expressions.rounding import Rounding, rounded_quotient


def total(run: Any, column: str = "OBS_VALUE") -> Any:
    found = run.observations.filter((pl.col("REGION") == "_T") & (pl.col("KIND") == "_T"))
    return found[column].item()


def rows(amounts: list[str]) -> str:
    return "region,kind,amount\n" + "".join(f"north,a,{amount}\n" for amount in amounts)


@pytest.mark.parametrize(("rule", "expected"), [("half_to_even", 28.8), ("away_from_zero", 28.8)])
def test_a_share_is_scaled_before_it_is_divided(small: Any, rule: str, expected: float) -> None:
    small.change("statistic: sum, of: amount", f"statistic: proportion, of: amount = 1, scale: 100, decimals: 1, rounding: {rule}")
    assert total(small.run(rows(["1"] * 23 + ["0"] * 57))) == expected


@pytest.mark.parametrize("engine", list(EngineName))
@pytest.mark.parametrize(("rule", "expected"), [("half_to_even", 12.2), ("away_from_zero", 12.3)])
def test_the_rule_decides_what_becomes_of_a_half(small: Any, rule: str, expected: float, engine: EngineName) -> None:
    small.change("statistic: sum, of: amount", "statistic: proportion, of: amount = 1, scale: 100, decimals: 1")
    small.add(f"rounding: {rule}\n")
    assert total(small.run(rows(["1"] * 49 + ["0"] * 351), engine=engine_called(engine))) == expected


def test_an_indicator_may_have_a_rule_of_its_own(small: Any) -> None:
    small.add("rounding: away_from_zero\n").change(
        "statistic: sum, of: amount", "statistic: mean, of: amount, decimals: 0, rounding: half_to_even"
    )
    assert total(small.run(rows(["2", "3"]))) == 2


@pytest.mark.parametrize(
    ("indicator", "amounts", "even", "away"),
    [
        ("statistic: sum, of: amount, decimals: 2", ["0.5", "0.505"], 1.0, 1.01),
        ("statistic: sum, of: amount, decimals: 1", ["1000000000", "0.05", "-1000000000"], 0.0, 0.1),
        ("statistic: sum, of: amount", ["0.1", "0.2"], 0.3, 0.3),
        ("statistic: sum, of: amount, scale: 0.1, decimals: 2", ["0.05", "0.1"], 0.02, 0.02),
        ("statistic: mean, of: amount, decimals: 1", ["1.1", "1.2"], 1.2, 1.2),
        ("statistic: mean, of: amount, decimals: 1", ["-1.1", "-1.4"], -1.2, -1.3),
        ("statistic: mean, of: amount, decimals: 2, scale: 100", ["0.00005", "0.00005"], 0.0, 0.01),
        ("statistic: median, of: amount, decimals: 1", ["1.1", "1.4"], 1.2, 1.3),
        ("statistic: median, of: amount, decimals: 2", ["1.005"], 1.0, 1.01),
        ("statistic: max, of: amount, decimals: 2", ["2.675", "1"], 2.68, 2.68),
        ("statistic: min, of: amount, decimals: 2", ["1.005", "2"], 1.0, 1.01),
        ("statistic: count, scale: 0.5, decimals: 0", ["9", "9", "9"], 2, 2),
        ("statistic: count, scale: 0.5, decimals: 0", ["9"] * 5, 2, 3),
        ("statistic: ratio, of: amount, to: amount * 8, decimals: 2", ["0.1", "0.3"], 0.12, 0.13),
        ("statistic: mean, of: amount, weight: amount, decimals: 2", ["0.1", "0.1", "0.3"], 0.22, 0.22),
        ("statistic: proportion, of: amount < 0.3, weight: amount, scale: 100, decimals: 0", ["0.1", "0.1", "1.4"], 12, 13),
        ("statistic: sum, of: amount / 3, decimals: 1", ["0.05", "0.05", "0.05"], 0.0, 0.1),
    ],
)  # fmt: skip
@pytest.mark.parametrize("engine", list(EngineName))
def test_every_statistic_is_rounded_as_on_paper(
    small: Any, indicator: str, amounts: list[str], even: float, away: float, engine: EngineName
) -> None:
    small.change("statistic: sum, of: amount", indicator)
    found = [
        total(small.run(rows(amounts), engine=engine_called(engine))),
        total(small.add("rounding: away_from_zero\n").run(rows(amounts))),
    ]
    assert found == [even, away]


def test_rows_taken_as_they_stand_are_rounded_by_the_same_rule(small: Any) -> None:
    for old, new in (("statistic: sum, of: amount", "statistic: value, of: amount, decimals: 2"), ("totals: {groupings: all}\n", "")):
        small.change(old, new)
    small.change("S}, total: _T", "S}").change("_U, total: _T", "_U").add("rounding: away_from_zero\n")
    assert small.run("region,kind,amount\nnorth,a,1.005\nsouth,b,-1.005\n").observations["OBS_VALUE"].to_list() == [1.01, -1.01]


def test_units_decide_neither_the_value_nor_its_rounding_but_the_class(small: Any) -> None:
    """Rounding × unit × classes: a household of many rows is one unit for the class, and all of its rows count in the mean."""
    small.change("kind: {}", "kind: {}\n    house: {}").add("unit: house\nclasses: {SIZE: {breaks: [1, 3], codes: [SMALL, LARGE]}}\n")
    small.change("statistic: sum, of: amount", "statistic: mean, of: amount, decimals: 1")
    source = "region,kind,amount,house\n" + "north,a,0.1,h1\nnorth,a,0.2,h1\nnorth,a,0.1,h2\nnorth,a,0.2,\n"
    run = small.run(source)
    assert (total(run), total(run, "SIZE")) == (0.2, "LARGE")
    small.change("breaks: [1, 3]", "breaks: [4, 9]")
    assert total(small.add("disclosure: {min_units: 4}\n").run(source)) is None


whole = st.integers(min_value=-(2**40), max_value=2**40)


@given(st.lists(st.tuples(whole, whole.filter(bool)), min_size=1, max_size=20), st.sampled_from(list(Rounding)))
def test_quotients_of_whole_numbers_are_rounded_exactly(pairs: list[tuple[int, int]], rule: Rounding) -> None:
    frame = nw.from_native(pl.DataFrame({"a": [float(a) for a, _ in pairs], "b": [float(b) for _, b in pairs]}).lazy())
    found = frame.select(rounded_quotient(nw.col("a"), nw.col("b"), rule).alias("r")).collect()["r"].to_list()
    assert found == [_rounded(Fraction(a, b), rule) for a, b in pairs]


def _rounded(value: Fraction, rule: Rounding) -> int:
    low = abs(value).__floor__()
    twice = (abs(value) - low) * 2
    up = low % 2 == 1 if twice == 1 and rule is Rounding.HALF_TO_EVEN else twice >= 1
    return (low + up) * (-1 if value < 0 else 1)
