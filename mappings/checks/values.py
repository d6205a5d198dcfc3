"""Is a value of a data type, and within its facets (SDMX 3.1 Section 2, data types and facets)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import polars as pl

from registry.errors import InvalidTimePeriod
from registry.model.representations import INTEGER_TYPES, NUMERIC_TYPES, TIME_TYPES, TextFormat
from registry.model.time_periods import TimePeriod

_WHOLE: Final = r"^[+-]?\d+$"
_NUMBER: Final = r"^([+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|NaN|[+-]?INF)$"
_PATTERNS: Final = {
    "Boolean": r"^(true|false|1|0)$",
    "Alpha": r"^[A-Za-z]+$",
    "AlphaNumeric": r"^[A-Za-z0-9]+$",
    "Time": r"^\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?$",
    "Month": r"^--(0[1-9]|1[0-2])(Z|[+-]\d\d:\d\d)?$",
    "MonthDay": r"^--(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(Z|[+-]\d\d:\d\d)?$",
    "Day": r"^---(0[1-9]|[12]\d|3[01])(Z|[+-]\d\d:\d\d)?$",
    "URI": r"^\S+$",
    "Duration": r"^-?P(\d+Y)?(\d+M)?(\d+D)?(T(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?$",
}


def is_of_type(values: pl.Series, data_type: str) -> pl.Series:
    """Which of some distinct values are of an SDMX data type; types that hold any text admit all."""
    if values.dtype.is_numeric() or values.dtype == pl.Boolean:
        whole = data_type in INTEGER_TYPES and values.dtype.is_float()
        return (values == values.round(0)) if whole else pl.Series([True] * values.len(), dtype=pl.Boolean)
    text = values.cast(pl.String)
    if data_type in INTEGER_TYPES:
        return text.str.contains(_WHOLE)
    if data_type in NUMERIC_TYPES:
        return text.str.contains(_NUMBER)
    if data_type in TIME_TYPES:
        return _each(text, _is_period)
    if data_type in _PATTERNS:
        return text.str.contains(_PATTERNS[data_type])
    return pl.Series([True] * values.len(), dtype=pl.Boolean)


def facet_problems(component: str, facets: TextFormat, *, numeric: bool) -> Iterator[tuple[str, pl.Expr]]:
    """What each facet forbids, as words and as the expression that finds it."""
    column = pl.col(component)
    if numeric:
        if facets.min_value is not None:
            yield f"smaller than {facets.min_value:g}", column < facets.min_value
        if facets.max_value is not None:
            yield f"larger than {facets.max_value:g}", column > facets.max_value
        if facets.decimals is not None:
            yield f"given with more than {facets.decimals} decimals", (column - column.round(facets.decimals)).abs() > 1e-9
        return
    text = column.cast(pl.String)
    if facets.min_length is not None:
        yield f"shorter than {facets.min_length} characters", text.str.len_chars() < facets.min_length
    if facets.max_length is not None:
        yield f"longer than {facets.max_length} characters", text.str.len_chars() > facets.max_length
    if facets.pattern is not None:
        yield f"not of the form {facets.pattern}", ~text.str.contains(f"^(?:{facets.pattern})$", strict=False)


def _each(values: pl.Series, test: Callable[[str], bool]) -> pl.Series:
    return pl.Series([test(value) for value in values.to_list()], dtype=pl.Boolean)


def _is_period(text: str) -> bool:
    try:
        TimePeriod.parse(text)
    except InvalidTimePeriod:
        return False
    return True
