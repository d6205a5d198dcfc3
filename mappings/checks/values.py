"""Values as columns: read from text into the form in which they are kept, compared exactly, and checked against type and facets.

What the types are is said in :mod:`registry.model.data_types` (SDMX 3.1 Section 2, data types and facets).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Final

import polars as pl

from registry.errors import InvalidTimePeriod
from registry.model.data_types import MISSING, MOST_DIGITS, NOT_A_NUMBER, PERIOD_TYPE, SWITCHED_OFF, DataType, JsonForm, ValueSpace
from registry.model.representations import TextFormat
from registry.model.time_periods import TimePeriod

#: Numbers as they are kept. Few are reported otherwise (``+5``, ``007``, ``1e3``), and only those are looked at one by one.
_PLAIN: Final = {ValueSpace.WHOLE: r"^(0|-?[1-9][0-9]{0,37})$", ValueSpace.DECIMAL: r"^-?(0|[1-9][0-9]{0,37})(\.[0-9]{1,38})?$"}
_NEGATIVE_ZERO: Final = r"^-0(\.0+)?$"
_NUMBER: Final = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,4})?")
_ASKED_MISSING: Final = frozenset({MISSING, NOT_A_NUMBER})
_TRUTH: Final = {"true": "true", "1": "true", "false": "false", "0": "false", "#n/a": MISSING}
_INFINITE: Final = {"INF": "inf", "+INF": "inf", "-INF": "-inf", MISSING: "NaN"}
_DIGITS: Final = [str(digit) for digit in range(10)]


def kept(values: pl.Series, data_type: DataType) -> pl.Series:
    """Reported texts in the form in which they are kept, as text; null for what is no value of the type.

    Numbers lose a plus sign, leading zeros and exponents, and keep their digits, those after the last one that counts among them
    (``+1.50`` is ``1.50``, ``1e3`` is ``1000``, ``-0`` is ``0``). ``NaN`` and ``#N/A`` both say that a number is missing on purpose.
    Time periods and texts stay as they are.
    """
    match data_type.space:
        case ValueSpace.WHOLE | ValueSpace.DECIMAL:
            return _exact(values, data_type.space)
        case ValueSpace.BINARY:
            return number_text(binary(values), exponents=True)
        case ValueSpace.TRUTH:
            return values.str.strip_chars().str.to_lowercase().replace_strict(_TRUTH, default=None, return_dtype=pl.String)
        case _:
            # Digits that are text are numbers to SDMX-JSON, so that there NaN says that they are missing.
            return values.replace(NOT_A_NUMBER, MISSING) if data_type.json is JsonForm.NUMBER else values


def binary(values: pl.Series) -> pl.Series:
    """Reported texts as 64-bit numbers, NaN where one is missing on purpose; null for what is no number, or too large for one."""
    numbers = values.cast(pl.Float64, strict=False)
    if numbers.null_count() > values.null_count():
        texts = values.str.strip_chars()
        numbers = texts.replace(list(_INFINITE), list(_INFINITE.values())).cast(pl.Float64, strict=False)
    endless = numbers.is_infinite().fill_null(value=False)
    if endless.any():
        said = values.str.contains("(?i)inf").fill_null(value=False)
        numbers = pl.select(pl.when(~endless | said).then(numbers).alias(values.name)).to_series()
    return numbers


def number_text(numbers: pl.Series, *, exponents: bool) -> pl.Series:
    """64-bit numbers as the shortest text that reads back as the same number (``12``, ``12.5``, ``1e+16``, ``INF``, ``NaN``)."""
    return numbers.to_frame().select(binary_text(pl.col(numbers.name), exponents=exponents)).to_series()


def binary_text(column: pl.Expr, *, exponents: bool) -> pl.Expr:
    """:func:`number_text` as an expression; without exponents the few numbers that need one are written out."""
    text = column.cast(pl.String).str.strip_suffix(".0")
    text = pl.when(column.is_infinite()).then(text.str.to_uppercase()).otherwise(text)
    if exponents:
        return text
    return pl.when(text.str.contains("e", literal=True)).then(text.map_batches(_without_exponent, pl.String)).otherwise(text)


def _without_exponent(texts: pl.Series) -> pl.Series:
    scaled = texts.filter(texts.str.contains("e", literal=True)).unique()
    return texts.replace(scaled, pl.Series([f"{Decimal(text):f}" for text in scaled], dtype=pl.String)) if len(scaled) else texts


def _exact(values: pl.Series, space: ValueSpace) -> pl.Series:
    plain = values.str.contains(_PLAIN[space]) & (values.str.len_bytes() < MOST_DIGITS)
    if space is ValueSpace.DECIMAL:
        plain &= ~values.str.contains(_NEGATIVE_ZERO)
    if plain.all():
        return values
    unusual = values.filter(~plain).unique()
    read = [_digits(text, space) for text in unusual]
    return values.replace_strict(unusual, pl.Series(read, dtype=pl.String), default=values, return_dtype=pl.String)


def _digits(text: str, space: ValueSpace) -> str | None:
    """One number in positional notation; None when it is none, or has more digits than are kept."""
    text = text.strip()
    if text in _ASKED_MISSING:
        return MISSING
    if _NUMBER.fullmatch(text) is None:
        return None
    number = Decimal(text)
    if abs(number.adjusted()) > 2 * MOST_DIGITS:
        return "0" if not number else None
    written = f"{number:f}"
    if space is ValueSpace.WHOLE:
        written = written.partition(".")[0] if number == number.to_integral_value() else ""
    bare = written.removeprefix("-")
    if not bare or len(bare.replace(".", "").removeprefix("0")) > MOST_DIGITS:
        return None
    return bare if not number else written


def dimension_text(values: pl.Series, data_type: DataType) -> pl.Series:
    """Values of a dimension as they stand in keys: equal numbers are one text, so decimals end with the last digit that counts.

    A key cannot be missing; ``~`` says that a row is not about the dimension.
    """
    if not data_type.is_number and data_type.space is not ValueSpace.TRUTH:
        return values
    texts = kept(values, data_type).replace([MISSING, NOT_A_NUMBER], None)
    if data_type.space is ValueSpace.DECIMAL and texts.str.contains(".", literal=True).any():
        texts = texts.str.replace(r"(\.[0-9]*?)0+$", "$1").str.strip_suffix(".")
    return texts.zip_with(values.ne_missing(SWITCHED_OFF), values) if (values == SWITCHED_OFF).any() else texts


def order_key(column: pl.Expr) -> pl.Expr:
    """Texts that sort as the numbers do that a column of exact numbers holds; what is missing comes last."""
    body = column.str.strip_prefix("-").str.splitn(".", 2)
    whole = body.struct.field("field_0").str.zfill(MOST_DIGITS)
    digits = whole + body.struct.field("field_1").fill_null("").str.pad_end(MOST_DIGITS, "0")
    negative = pl.lit("0") + digits.str.replace_many(_DIGITS, _DIGITS[::-1])
    return (
        pl.when(column == MISSING)
        .then(pl.lit("2"))
        .when(column.str.starts_with("-"))
        .then(negative)
        .when(column.is_not_null())
        .then(pl.lit("1") + digits)
    )


def is_of_type(values: pl.Series, data_type: DataType, *, is_time_dimension: bool = False) -> pl.Series:
    """Which of some distinct values, kept or in a numeric column, are of an SDMX data type.

    The time dimension may hold any period, whatever kind its type says: many structures say too little, and the meaning is clear.
    """
    if values.dtype.is_numeric() or values.dtype == pl.Boolean:
        return _is_whole(values, data_type) if data_type.space is ValueSpace.WHOLE else _all(values)
    text = values.cast(pl.String)
    match data_type.space:
        case ValueSpace.PERIOD:
            wanted = PERIOD_TYPE if is_time_dimension else data_type
            return pl.Series([_is_period(value, wanted) for value in text], dtype=pl.Boolean)
        case ValueSpace.TEXT:
            return text.str.contains(f"^(?:{data_type.pattern})$") if data_type.pattern else _all(text)
        case _:
            read = kept(text, data_type)
            bounded = data_type.least is not None and data_type.greatest is not None
            # What does not fit into 64 bits fits into none of the bounds.
            return _in_bounds(read.cast(pl.Int64, strict=False), data_type) if bounded else read.is_not_null()


def _is_whole(values: pl.Series, data_type: DataType) -> pl.Series:
    """Which computed numbers are whole numbers within the bounds of their type."""
    whole = values == values.round(0) if values.dtype.is_float() else _all(values)
    return whole & _in_bounds(values, data_type) if data_type.least is not None else whole


def _in_bounds(values: pl.Series, data_type: DataType) -> pl.Series:
    return values.is_between(data_type.least, data_type.greatest).fill_null(value=False)


def _all(values: pl.Series) -> pl.Series:
    return pl.repeat(value=True, n=values.len(), dtype=pl.Boolean, eager=True)


def facet_problems(component: str, facets: TextFormat, data_type: DataType, dtype: pl.DataType) -> Iterator[tuple[str, pl.Expr]]:
    """What each facet forbids, as words and as the expression that finds it."""
    column = pl.col(component)
    if data_type.is_number:
        texts = dtype == pl.String
        yield from _number_problems(column, facets, data_type, texts=texts)
        if not texts:
            return
    text = column.cast(pl.String)
    if facets.min_length is not None:
        yield f"shorter than {facets.min_length} characters", text.str.len_chars() < facets.min_length
    if facets.max_length is not None:
        yield f"longer than {facets.max_length} characters", text.str.len_chars() > facets.max_length
    if facets.pattern is not None:
        yield f"not of the form {facets.pattern}", ~text.str.contains(f"^(?:{facets.pattern})$", strict=False)


def _number_problems(column: pl.Expr, facets: TextFormat, data_type: DataType, *, texts: bool) -> Iterator[tuple[str, pl.Expr]]:
    number = order_key(column) if texts else column
    excludes = data_type.id == "ExclusiveValueRange"

    def bound(value: float) -> pl.Expr:
        return order_key(pl.lit(f"{Decimal(str(value)):f}")) if texts else pl.lit(value)

    if facets.min_value is not None:
        yield f"smaller than {facets.min_value:g}", number < bound(facets.min_value)
    if facets.max_value is not None:
        yield f"larger than {facets.max_value:g}", number > bound(facets.max_value)
    if facets.start_value is not None:
        start = bound(facets.start_value)
        yield f"before the start value {facets.start_value:g}", number <= start if excludes else number < start
    if facets.end_value is not None:
        end = bound(facets.end_value)
        yield f"after the end value {facets.end_value:g}", number >= end if excludes else number > end
    if facets.decimals is not None:
        counted = column.str.extract(r"\.([0-9]*?)0*$").str.len_chars() if texts else None
        rounded = (column - column.round(facets.decimals)).abs() > 1e-9 if counted is None else counted > facets.decimals
        yield f"given with more than {facets.decimals} decimals", rounded
    if facets.interval:
        first, step = facets.start_value or 0, facets.interval
        yield f"no step of {step:g} from {first:g}", column.map_batches(lambda values: ~_steps(values, first, step), pl.Boolean)


def _steps(values: pl.Series, start: float, step: float) -> pl.Series:
    """Which numbers are a whole number of steps from the first one."""
    first, width = Fraction(str(start)), Fraction(str(step))

    def is_step(value: object) -> bool:
        try:
            return (Fraction(str(value)) - first) % width == 0
        except ValueError:
            return True

    distinct = values.drop_nulls().unique()
    answers = pl.Series([is_step(value) for value in distinct], dtype=pl.Boolean)
    return values.replace_strict(distinct, answers, default=True, return_dtype=pl.Boolean)


def _is_period(text: str, data_type: DataType) -> bool:
    try:
        period = TimePeriod.parse(text)
    except InvalidTimePeriod:
        return False
    admitted = data_type.frequencies
    return period.kind in data_type.periods and (admitted is None or period.frequency in admitted)
