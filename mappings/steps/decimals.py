"""Decimal numbers as whole ones, so that sums and quotients of them are exact.

0.1 + 0.2 is 0.30000000000000004 in floating point, but one tenth and two tenths are three tenths. The numbers that an indicator reads are
looked at once: where all of them have so many decimals, the steps after this compute with whole numbers of their unit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import narwhals.stable.v2 as nw

from mappings.cells import columns_of_indicator
from mappings.expressions.rounding import EXACT_BELOW, Rounding, constant, rounded_quotient
from mappings.journal import Journal
from mappings.ports import Rows
from mappings.recipe.model import Indicator

#: Numbers with more decimals than these are left as they are.
_MOST: Final = 12


@dataclass(frozen=True, slots=True)
class Decimals:
    """Decimals of the numbers that an indicator reads: the columns hold whole numbers, this many places to the left."""

    argument: int = 0
    weight: int = 0
    divisor: int = 0

    @property
    def above(self) -> int:
        """Decimals of what is summed above the line."""
        return self.argument + self.weight

    @property
    def below(self) -> int:
        """Decimals of what is summed below the line."""
        return self.divisor + self.weight


def decimals_of(rows: Rows, indicators: Sequence[Indicator], journal: Journal) -> tuple[Decimals, ...]:
    """How many decimals the numbers of each indicator have; 0 also where they are no decimal numbers."""
    found: dict[str, int] = {}
    unknown = [column for index, indicator in enumerate(indicators) for column in _read(index, indicator)]
    for places in range(_MOST + 1):
        if not unknown:
            break
        fits = [nw.coalesce(_has(nw.col(column), places).all(), nw.lit(True)).alias(column) for column in unknown]
        answer = journal.engine.to_polars(rows.select(*fits)).row(0, named=True)
        found |= dict.fromkeys((column for column in unknown if answer[column]), places)
        unknown = [column for column in unknown if not answer[column]]
    return tuple(
        Decimals(found.get(own.argument, 0), found.get(own.weight, 0), found.get(own.divisor, 0))
        for own in map(columns_of_indicator, range(len(indicators)))
    )


def with_whole_numbers(rows: Rows, decimals: Sequence[Decimals]) -> Rows:
    """The rows with the arguments as whole numbers, and with what is summed above and below the line."""
    for index, places in enumerate(decimals):
        own = columns_of_indicator(index)
        argument, weight, divisor = (
            _whole(nw.col(column), number)
            for column, number in ((own.argument, places.argument), (own.weight, places.weight), (own.divisor, places.divisor))
        )
        rows = rows.with_columns(
            argument.alias(own.argument), (argument * weight).alias(own.weighted), (divisor * weight).alias(own.weighted_divisor)
        )
    return rows


def plain(whole: nw.Expr, places: int) -> nw.Expr:
    """A whole number as the decimal number it stands for."""
    return whole / constant(float(10**places), whole) if places else whole


def scaled_value(above: nw.Expr, below: nw.Expr, places: int, indicator: Indicator, rounding: Rounding) -> nw.Expr:
    """The value of an indicator: a quotient times its scale, rounded to its decimals. NULL where the denominator is zero.

    Args:
        above: The numerator as a whole number.
        below: The denominator as a whole number.
        places: Decimals of the quotient: those of the numerator less those of the denominator.
        indicator: Whose scale, decimals and rounding rule apply.
        rounding: The rule where the indicator has none of its own.
    """
    # The scale as it is written: 0.1 means one tenth.
    factor = Fraction(repr(indicator.scale)) / Fraction(10) ** places * 10 ** (indicator.decimals or 0)
    above, below = above * float(factor.numerator), below * float(factor.denominator)
    if indicator.decimals is None:
        return nw.when(below != 0).then(above / below).otherwise(None)
    return plain(rounded_quotient(above, below, indicator.rounding or rounding), indicator.decimals)


def _read(index: int, indicator: Indicator) -> Iterator[str]:
    """Columns of numbers that the recipe takes from the source; conditions and what is left out are whole numbers."""
    own = columns_of_indicator(index)
    if indicator.of and indicator.statistic != "proportion":
        yield own.argument
    if indicator.weight:
        yield own.weight
    if indicator.to:
        yield own.divisor


def _has(value: nw.Expr, places: int) -> nw.Expr:
    """Numbers that are the nearest ones to a decimal number of so many places."""
    moved = value * float(10**places)
    return (value == moved.round(0) / constant(float(10**places), value)) & (moved.abs() < EXACT_BELOW)


def _whole(value: nw.Expr, places: int) -> nw.Expr:
    return (value * float(10**places)).round(0) if places else value
