"""Datasets as Arrow tables: one schema per message, dictionary columns, SDMX facts in the schema metadata."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl
import pyarrow as pa

from exchange.codecs.data_writing.fragments import sliced
from exchange.codecs.data_writing.references import presented_urn
from exchange.codecs.ports import DataMessage, DataSet
from registry.data_schema import Role, SchemaComponent
from registry.model.identity import Urn

_TEXT = pa.dictionary(pa.int32(), pa.string())
_INSTANT = pa.timestamp("us", "UTC")
_STRUCTURE, _ACTION, _VALID_FROM, _VALID_TO = "STRUCTURE_ID", "ACTION", "VALID_FROM", "VALID_TO"


def arrow_schema(message: DataMessage) -> pa.Schema:
    """One field per component, with its role in the metadata (``sdmx:role``).

    Where a message has several datasets or says how long they were valid, the columns ``STRUCTURE_ID``, ``ACTION``, ``VALID_FROM`` and
    ``VALID_TO`` tell them apart, as in SDMX-CSV 2.1. The schema metadata name what the data are an instance of (``sdmx:structure``),
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
    return pa.field(component.id, _type(component), metadata={"sdmx:role": component.role.value})


def _type(component: SchemaComponent) -> pa.DataType:
    if component.is_multilingual:
        return pa.list_(pa.struct([("lang", pa.string()), ("value", pa.string())]))
    if component.is_multi_valued:
        return pa.list_(pa.string())
    if component.is_numeric:
        return pa.int64() if component.is_integer else pa.float64()
    return pa.bool_() if component.data_type == "Boolean" and component.codelist is None else _TEXT


def tables(message: DataMessage, schema: pa.Schema) -> Iterator[pa.Table]:
    """The batches of all datasets as tables of that schema."""
    for dataset in message.datasets:
        for batch in sliced(dataset.batches):
            yield pa.table([_column(field, batch, dataset) for field in schema], schema=schema)


def _column(field: pa.Field, batch: pl.DataFrame, dataset: DataSet) -> pa.Array:
    constants = {
        _STRUCTURE: presented_urn(dataset).short,
        _ACTION: dataset.action.value,
        _VALID_FROM: dataset.valid_from,
        _VALID_TO: dataset.valid_to,
    }
    if field.name not in dataset.columns:
        return pa.repeat(pa.scalar(constants.get(field.name), _plain(field.type)), batch.height).cast(field.type)
    if field.name not in batch.columns:
        return pa.nulls(batch.height, field.type)
    column = batch[field.name]
    if column.dtype == pl.Null:
        return pa.nulls(batch.height, field.type)
    if column.dtype in {pl.Categorical, pl.Enum}:
        column = column.cast(pl.String)
    array = column.rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())
    return array.dictionary_encode().cast(field.type) if field.type == _TEXT else array.cast(field.type)


def _plain(dtype: pa.DataType) -> pa.DataType:
    return dtype.value_type if pa.types.is_dictionary(dtype) else dtype
