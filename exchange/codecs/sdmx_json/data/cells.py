"""Component values as JSON text, by whole columns: indexes for what has a list of values, values for the rest (index rules, 4.2)."""

from __future__ import annotations

import json
from collections.abc import Sequence

import polars as pl

from exchange.codecs.data_writing.fragments import Escape, escaped, joined, lexical
from registry.data_schema import DataSchema, Role, SchemaComponent

_INDEX_TYPE = pl.String


class ValueIndex:
    """The distinct values of one component in order of appearance."""

    def __init__(self) -> None:
        self.values: dict[str, int] = {}

    def positions(self, texts: pl.Series) -> tuple[pl.Series, pl.Series]:
        """The distinct values of a column and their indexes, as text; new values get the next index."""
        distinct = texts.drop_nulls().unique(maintain_order=True)
        return distinct, pl.Series([str(self.values.setdefault(value, len(self.values))) for value in distinct], dtype=pl.String)


def is_indexed(component: SchemaComponent, *, has_index_arrays: bool) -> bool:
    """True when messages give the position of a value in the list of values: dimensions always, the rest when coded."""
    if component.role in {Role.DIMENSION, Role.TIME_DIMENSION}:
        return True
    if component.is_multilingual or (component.is_multi_valued and not has_index_arrays):
        return False
    return component.codelist is not None or component.representation.enumeration is not None


def _escape_values(values: pl.Series) -> pl.Series:
    return pl.Series([json.dumps(value, ensure_ascii=False)[1:-1] for value in values], dtype=pl.String)


JSON_ESCAPE = Escape(r"""["\\\x00-\x1f]""", _escape_values)


def json_cells(frame: pl.DataFrame, schema: DataSchema, columns: Sequence[str], indexes: dict[str, ValueIndex]) -> pl.DataFrame:
    """The named columns as JSON text, null where there is nothing: indexes for what has an index, which takes in what is new."""
    text = lexical(frame, schema, columns)
    plain = [name for name in columns if name not in indexes and _is_text(name, frame) and text.schema[name] == pl.String]
    safe = text.with_columns(escaped(text.select(plain), JSON_ESCAPE)) if plain else text
    return safe.select(_cell(name, frame, safe, schema[name], indexes).alias(name) for name in columns)


def _is_text(name: str, frame: pl.DataFrame) -> bool:
    dtype = frame.schema.get(name, pl.String())
    return not (dtype.is_numeric() or dtype == pl.Boolean)


def _cell(name: str, frame: pl.DataFrame, text: pl.DataFrame, component: SchemaComponent, indexes: dict[str, ValueIndex]) -> pl.Expr:
    column = pl.col(name)
    dtype = frame.schema.get(name, pl.String())
    if name in indexes:
        return _index(column, text[name], indexes[name])
    if isinstance(dtype, pl.List):
        return _list(column, multilingual=component.is_multilingual)
    if dtype.is_float():
        return pl.when(column.str.contains_any(["N"])).then(_quoted(column)).otherwise(column)
    return column if dtype.is_numeric() or dtype == pl.Boolean else _quoted(column)


def _index(column: pl.Expr, values: pl.Series, index: ValueIndex) -> pl.Expr:
    if isinstance(values.dtype, pl.List):
        old, new = index.positions(values.explode(empty_as_null=True, keep_nulls=True))
        positions = column.list.eval(pl.element().replace_strict(old, new, return_dtype=_INDEX_TYPE)).list.join(",")
        return pl.when(column.list.len() > 0).then(joined(("[", positions, "]")))
    old, new = index.positions(values)
    return column.replace_strict(old, new, return_dtype=_INDEX_TYPE) if len(old) else column


def _list(column: pl.Expr, *, multilingual: bool) -> pl.Expr:
    element = pl.element()
    if multilingual:
        item, begin, end = joined((_string(element.struct.field("lang")), ":", _string(element.struct.field("value")))), "{", "}"
    else:
        item, begin, end = _string(element), "[", "]"
    return pl.when(column.list.len() > 0).then(joined((begin, column.list.eval(item).list.join(","), end)))


def _string(text: pl.Expr) -> pl.Expr:
    return text.map_batches(_quoted_values, return_dtype=pl.String)


def _quoted_values(values: pl.Series) -> pl.Series:
    distinct = values.drop_nulls().unique()
    return values.replace(distinct, pl.Series([json.dumps(value, ensure_ascii=False) for value in distinct], dtype=pl.String))


def _quoted(text: pl.Expr) -> pl.Expr:
    return pl.concat_str(pl.lit('"'), text, pl.lit('"'))
