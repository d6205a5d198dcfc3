"""Columns of tables that earlier versions wrote, in the types of today (ADR 0021).

Version 0.1 kept whole numbers as integers, all other numbers as floating point, truth values as such, and the languages of several
texts in one flat list.
"""

from __future__ import annotations

import polars as pl

from exchange.observations.table.layout import MULTILINGUAL
from mappings.checks.values import binary_text
from registry.model.data_types import MISSING, NOT_A_NUMBER, DataType, ValueSpace

_ROW, _TEXT, _OCCURRENCE = "row", "text", "occurrence"


def is_convertible(stored: pl.DataType, wanted: pl.DataType) -> bool:
    """True when a column can be read as another type without losing anything."""
    if wanted == pl.String:
        return stored.is_integer() or stored.is_float() or stored == pl.Boolean
    return stored == MULTILINGUAL and wanted == pl.List(MULTILINGUAL)


def converted(name: str, stored: pl.DataType, values: DataType) -> pl.Expr:
    """A column in the type of today; see :func:`is_convertible`."""
    column = pl.col(name)
    if isinstance(stored, pl.List):
        return column.map_batches(_occurrences, return_dtype=pl.List(MULTILINGUAL))
    if not stored.is_float():
        return column.cast(pl.String)
    text = binary_text(column, exponents=values.space is ValueSpace.BINARY)
    return text.replace(NOT_A_NUMBER, MISSING) if values.space is not ValueSpace.BINARY else text


def _occurrences(values: pl.Series) -> pl.Series:
    """Texts in a flat list as several texts: the next one begins where a language comes again."""
    numbered = values.alias(_TEXT).to_frame().with_row_index(_ROW)
    texts = numbered.explode(_TEXT).drop_nulls(_TEXT)
    language = pl.col(_TEXT).struct.field("lang")
    texts = texts.with_columns(language.cum_count().over(_ROW, language).alias(_OCCURRENCE))
    several = texts.group_by(_ROW, _OCCURRENCE, maintain_order=True).agg(_TEXT).group_by(_ROW, maintain_order=True).agg(_TEXT)
    return numbered.select(_ROW).join(several, on=_ROW, how="left", maintain_order="left")[_TEXT].cast(pl.List(MULTILINGUAL))
