"""Datasets as Arrow tables: one schema per message, dictionary columns, SDMX facts in the schema metadata."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl
import pyarrow as pa

from exchange.codecs.data_writing.fragments import sliced
from exchange.codecs.data_writing.references import presented_urn
from exchange.codecs.ports import DataMessage, DataSet
from registry.data_schema import Role, SchemaComponent
from registry.model.data_types import MISSING, ValueSpace
from registry.model.identity import Urn

_TEXT = pa.dictionary(pa.int32(), pa.string())
_LOCALISED = pa.list_(pa.struct([("lang", pa.string()), ("value", pa.string())]))
_INSTANT = pa.timestamp("us", "UTC")
_STRUCTURE, _ACTION, _VALID_FROM, _VALID_TO = "STRUCTURE_ID", "ACTION", "VALID_FROM", "VALID_TO"
#: Column with the ids of the components whose value is missing on purpose, where their own columns cannot say so.
MISSING_COLUMN = "MISSING"


def arrow_schema(message: DataMessage) -> pa.Schema:
    """One field per component, with its role in the metadata (``sdmx:role``).

    Where a message has several datasets or says how long they were valid, the columns ``STRUCTURE_ID``, ``ACTION``, ``VALID_FROM`` and
    ``VALID_TO`` tell them apart, as in SDMX-CSV 2.1. Where whole numbers or truth values may be missing on purpose, the column
    ``MISSING`` lists the ids of those that are. The schema metadata name what the data are an instance of (``sdmx:structure``),
    their data structure (``sdmx:datastructure``) and the action (``sdmx:action``), those of the first dataset.
    """
    components: dict[str, SchemaComponent] = {}
    for dataset in message.datasets:
        for component in dataset.schema.components:
            if component.id in dataset.columns:
                components.setdefault(component.id, component)
    fields = [pa.field(name, dtype) for name, dtype in _leading_types(message)]
    for role in Role:
        fields += [_field(component) for component in components.values() if component.role is role]
    if any(_needs_marks(item.type) for item in fields[len(_leading_types(message)) :]):
        fields.append(pa.field(MISSING_COLUMN, pa.list_(pa.string())))
    metadata = {}
    if message.datasets:
        first = message.datasets[0]
        metadata = {
            "sdmx:structure": str(presented_urn(first)),
            "sdmx:datastructure": str(Urn.of(first.schema.structure)),
            "sdmx:action": first.action.name.capitalize(),
        }
    return pa.schema(fields, metadata)


def _leading_types(message: DataMessage) -> list[tuple[str, pa.DataType]]:
    datasets = message.datasets
    types = [(_STRUCTURE, _TEXT), (_ACTION, _TEXT)] if len(datasets) > 1 else []
    types += [(_VALID_FROM, _INSTANT)] * any(dataset.valid_from for dataset in datasets)
    return types + [(_VALID_TO, _INSTANT)] * any(dataset.valid_to for dataset in datasets)


def _field(component: SchemaComponent) -> pa.Field:
    metadata = {"sdmx:role": component.role.value, "sdmx:datatype": component.type.id}
    return pa.field(component.id, _type(component), metadata=metadata)


def _type(component: SchemaComponent) -> pa.DataType:
    """Numbers and truth values as such where all of them fit, lists as lists, the rest as text, exact decimals among it."""
    text: pa.DataType = pa.string() if component.type.is_exact else _TEXT
    if component.is_multilingual:
        return pa.list_(_LOCALISED) if component.is_multi_valued else _LOCALISED
    if component.is_multi_valued:
        return pa.list_(pa.string())
    if component.is_dimension:
        return _TEXT
    if component.type.space is ValueSpace.BINARY:
        return pa.float64()
    if component.type.space is ValueSpace.TRUTH:
        return pa.bool_()
    return pa.int64() if component.type.fits_64_bits else text


def tables(message: DataMessage, schema: pa.Schema) -> Iterator[pa.Table]:
    """The batches of all datasets as tables of that schema."""
    for dataset in message.datasets:
        for batch in sliced(dataset.batches):
            yield pa.table([_column(field, batch, dataset, schema) for field in schema], schema=schema)


def _column(field: pa.Field, batch: pl.DataFrame, dataset: DataSet, schema: pa.Schema) -> pa.Array:
    constants = {
        _STRUCTURE: presented_urn(dataset).short,
        _ACTION: dataset.action.value,
        _VALID_FROM: dataset.valid_from,
        _VALID_TO: dataset.valid_to,
    }
    if field.name == MISSING_COLUMN and field.name not in dataset.columns:
        return _marks(schema, batch).rechunk().to_arrow(compat_level=pl.CompatLevel.oldest()).cast(field.type)
    if field.name not in dataset.columns:
        return pa.repeat(pa.scalar(constants.get(field.name), _plain(field.type)), batch.height).cast(field.type)
    if field.name not in batch.columns:
        return pa.nulls(batch.height, field.type)
    column = batch[field.name]
    if column.dtype == pl.Null:
        return pa.nulls(batch.height, field.type)
    if column.dtype in {pl.Categorical, pl.Enum}:
        column = column.cast(pl.String)
    if _needs_marks(field.type) and column.dtype == pl.String:
        column = column == "true" if pa.types.is_boolean(field.type) else column
        column = column.cast(pl.Int64, strict=False) if pa.types.is_int64(field.type) else column
    array = column.rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())
    return array.dictionary_encode().cast(field.type) if field.type == _TEXT else array.cast(field.type)


def _needs_marks(dtype: pa.DataType) -> bool:
    """True where a column has no place for values that are missing on purpose."""
    return bool(pa.types.is_int64(dtype) or pa.types.is_boolean(dtype))


def _marks(schema: pa.Schema, batch: pl.DataFrame) -> pl.Series:
    """Which of the values are missing on purpose, as lists of component ids; null where none is."""
    texts = [field.name for field in schema if _needs_marks(field.type) and batch.schema.get(field.name) == pl.String]
    marks = [pl.when(pl.col(name) == MISSING).then(pl.lit(name)) for name in texts]
    lists = pl.concat_list(marks).list.drop_nulls() if marks else pl.lit(None, pl.List(pl.String))
    column = batch.select(pl.when(lists.list.len() > 0).then(lists).alias(MISSING_COLUMN)).to_series()
    return column.new_from_index(0, batch.height) if len(column) != batch.height else column


def _plain(dtype: pa.DataType) -> pa.DataType:
    return dtype.value_type if pa.types.is_dictionary(dtype) else dtype
