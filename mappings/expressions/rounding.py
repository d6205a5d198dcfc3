"""Quotients rounded as on paper, on every frame engine.

23 of 80 is 28.75 %, which floating-point numbers reach only by luck: 23 / 80 · 100 is 28.749999999999996. Here the quotient is never made
before it is scaled, and where both of its parts are whole numbers the remainder decides: exactly, in plain multiplications and
subtractions that every engine does alike. Where they are not, such as thirds in a derived column, what lies within the error of
floating-point numbers of a half is taken for one.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import narwhals.stable.v2 as nw

#: Whole numbers below this are exact in floating point, and so are their sums and products while they stay below it.
EXACT_BELOW: Final = 2.0**53
#: How far floating-point numbers may lie beside a half that is meant, by their size and at most.
_MARGIN, _LARGEST_MARGIN = 2.0**-46, 0.01


class Rounding(StrEnum):
    """What becomes of a half: 0.5 and 2.5 become 0 and 2 (to even), or 1 and 3 (away from zero)."""

    HALF_TO_EVEN = "half_to_even"
    AWAY_FROM_ZERO = "away_from_zero"


def constant(number: float, beside: nw.Expr) -> nw.Expr:
    """A number as a column, NULL where its neighbour is; for divisions.

    Polars multiplies by the reciprocal of a literal instead of dividing by it, which may miss the last digit: 488 · 0.1 is not 48.8.
    """
    return beside * 0.0 + number


def rounded_quotient(above: nw.Expr, below: nw.Expr, rule: Rounding) -> nw.Expr:
    """The whole number nearest to a quotient, as ``Float64``; NULL where the denominator is zero or a part is NULL.

    Args:
        above: The numerator, ``Float64``.
        below: The denominator, ``Float64``; whole numbers in both make the answer exact.
        rule: What becomes of a half.
    """
    dividend, divisor = above.abs(), below.abs()
    quotient = nw.when(divisor > 0).then(dividend / divisor).otherwise(None)
    low = quotient.floor()
    twice = (dividend - low * divisor) * 2
    part = quotient - low
    margin = nw.min_horizontal(quotient * _MARGIN, nw.lit(_LARGEST_MARGIN))
    is_exact = _is_whole(dividend) & _is_whole(divisor)
    is_half = nw.when(is_exact).then(twice == divisor).otherwise((part - 0.5).abs() <= margin)
    is_more = nw.when(is_exact).then(twice > divisor).otherwise(part > 0.5)
    half_goes_up = (low / 2).floor() * 2 != low if rule is Rounding.HALF_TO_EVEN else nw.lit(True)
    up = nw.when(is_half).then(half_goes_up).otherwise(is_more)
    size = nw.when(up).then(low + 1.0).otherwise(low)
    return nw.when(((above < 0) != (below < 0)) & (size > 0)).then(-size).otherwise(size)


def _is_whole(value: nw.Expr) -> nw.Expr:
    return (value < EXACT_BELOW) & (value.floor() == value)
