"""Component values as JSON text, by whole columns: indexes for what has a list of values, values for the rest (index rules, 4.2)."""

from __future__ import annotations

import json
from collections.abc import Sequence

import polars as pl

from exchange.codecs.data_writing.fragments import Escape, escaped, joined, lexical
from exchange.codecs.data_writing.periods import dated
from registry.data_schema import DataSchema, Role, SchemaComponent
from registry.model.data_types import MISSING, JsonForm, ValueSpace

_INDEX_TYPE = pl.String
#: Texts that are JSON numbers which every reader takes digit by digit, or truth values.
_BARE = r"^(true|false|0|[1-9][0-9]{0,14})$"


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
    return component.is_coded


def _escape_values(values: pl.Series) -> pl.Series:
    return pl.Series([json.dumps(value, ensure_ascii=False)[1:-1] for value in values], dtype=pl.String)


JSON_ESCAPE = Escape(r"""["\\\x00-\x1f]""", _escape_values)


def json_cells(frame: pl.DataFrame, schema: DataSchema, columns: Sequence[str], indexes: dict[str, ValueIndex]) -> pl.DataFrame:
    """The named columns as JSON text, null where there is nothing: indexes for what has an index, which takes in what is new."""
    text = lexical(frame, schema, columns)
    time = schema.time_dimension
    if time is not None and time.id in columns:
        text = text.with_columns(dated(frame, text[time.id], schema))
    strings = [name for name in columns if name not in indexes and text.schema[name] == pl.String and not _is_bare(schema[name])]
    safe = text.with_columns(escaped(text.select(strings), JSON_ESCAPE)) if strings else text
    return safe.select(_cell(name, safe, schema[name], indexes).alias(name) for name in columns)


def _is_bare(component: SchemaComponent) -> bool:
    """True when values are numbers or truth values, which stand without quotes."""
    return component.type.json is not JsonForm.STRING


def _cell(name: str, text: pl.DataFrame, component: SchemaComponent, indexes: dict[str, ValueIndex]) -> pl.Expr:
    column = pl.col(name)
    if name in indexes:
        return _index(column, text[name], indexes[name])
    if isinstance(text.schema[name], pl.List):
        return _list(column, component)
    return _bare(column, component) if _is_bare(component) else _quoted(column)


def _bare(text: pl.Expr, component: SchemaComponent) -> pl.Expr:
    """A number or truth value; in quotes what JSON cannot write so: ``NaN``, ``#N/A``, ``INF``, and digits that begin with zeros.

    Readers take ``-0`` for a whole number, which has no sign when it is zero; ``-0.0`` keeps it.
    """
    if component.type.space is ValueSpace.BINARY:
        text = text.replace("-0", "-0.0")
    if component.type.missing_in_json != component.type.missing:
        text = text.replace(component.type.missing, component.type.missing_in_json)
    is_word = text.str.contains("N", literal=True) if component.type.is_number else ~text.str.contains(_BARE)
    return pl.when(is_word).then(_quoted(text)).otherwise(text)


def _index(column: pl.Expr, values: pl.Series, index: ValueIndex) -> pl.Expr:
    if isinstance(values.dtype, pl.List):
        old, new = index.positions(values.explode(empty_as_null=True, keep_nulls=True))
        positions = column.list.eval(pl.element().replace_strict(old, new, return_dtype=_INDEX_TYPE)).list.join(",")
        return pl.when(column.list.len() > 0).then(joined(("[", positions, "]")))
    old, new = index.positions(values)
    return column.replace_strict(old, new, return_dtype=_INDEX_TYPE) if len(old) else column


def _list(column: pl.Expr, component: SchemaComponent) -> pl.Expr:
    element = pl.element()
    if component.is_multilingual and component.is_multi_valued:
        item, begin, end = _localised(element), "[", "]"
    elif component.is_multilingual:
        return _localised(column)
    else:
        item, begin, end = _bare(element, component) if _is_bare(component) else _string(element), "[", "]"
    return pl.when(column.list.len() > 0).then(joined((begin, column.list.eval(item).list.join(","), end)))


def _localised(texts: pl.Expr) -> pl.Expr:
    """Texts by language as an object; what is missing on purpose has no language."""
    element = pl.element()
    pairs = texts.list.eval(joined((_string(element.struct.field("lang")), ":", _string(element.struct.field("value"))))).list.join(",")
    missing = texts.list.first().struct.field("value") == MISSING
    return pl.when(missing).then(pl.lit(f'"{MISSING}"')).when(texts.list.len() > 0).then(joined(("{", pairs, "}")))


def _string(text: pl.Expr) -> pl.Expr:
    return text.map_batches(_quoted_values, return_dtype=pl.String)


def _quoted_values(values: pl.Series) -> pl.Series:
    distinct = values.drop_nulls().unique()
    return values.replace(distinct, pl.Series([json.dumps(value, ensure_ascii=False) for value in distinct], dtype=pl.String))


def _quoted(text: pl.Expr) -> pl.Expr:
    return pl.concat_str(pl.lit('"'), text, pl.lit('"'))
