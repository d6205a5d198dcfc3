"""The cells of a component in SDMX-CSV: labels taken off, sub-fields taken apart (field guide 2.1, multiple values and languages)."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from exchange.codecs.sdmx_csv.reading_header import ComponentColumn, CsvHeader
from exchange.codecs.sdmx_csv.sub_fields import Text, split, texts
from exchange.observations.table.layout import MULTILINGUAL
from registry.data_schema import Role, SchemaComponent


def field_of(frame: pl.DataFrame, column: ComponentColumn, header: CsvHeader, component: SchemaComponent) -> pl.Series:
    """The values of a column, as text or as lists; lists wherever the header announces sub-fields."""
    values = frame[f"c{column.position}"]
    labelled = column.is_labelled and _may_have_labels(component)
    separator = header.sub_separator
    if column.languages:
        if component.is_multi_valued:
            return _distinct(values, lambda text: texts(text, separator, column.languages, several=True), pl.List(MULTILINGUAL))
        return _distinct(values, lambda text: _flat(texts(text, separator, column.languages, several=False)), MULTILINGUAL)
    if column.has_sub_fields:
        lists = (
            _distinct(values, lambda text: split(text, separator), pl.List(pl.String))
            if _has_quotes(values)
            else values.str.split(separator)
        )
        name = lists.name
        return lists.to_frame().select(pl.col(name).list.eval(_without_label(pl.element())))[name] if labelled else lists
    return values.to_frame().select(_without_label(pl.col(values.name)))[values.name] if labelled else values


def _flat(sets: list[list[Text]]) -> list[Text]:
    return [text for entry in sets for text in entry]


def _may_have_labels(component: SchemaComponent) -> bool:
    """Codes have names, and writers also label periods and dimensions of which nothing is said; what is free text stays as it is."""
    if component.codelist is not None or component.representation.enumeration is not None or component.role is Role.TIME_DIMENSION:
        return True
    return component.role is Role.DIMENSION and component.representation.format is None


def _has_quotes(values: pl.Series) -> bool:
    return bool(values.str.contains('"', literal=True).any())


def _without_label(text: pl.Expr) -> pl.Expr:
    """``A`` of ``A: Annual``."""
    return text.str.split(": ").list.first()


def _distinct(values: pl.Series, parse: Callable[[str], object], dtype: pl.DataType) -> pl.Series:
    """Parse each distinct cell once."""
    distinct = values.drop_nulls().unique()
    parsed = pl.Series([parse(text) for text in distinct], dtype=dtype)
    table = pl.DataFrame({"_text": distinct, "_parsed": parsed})
    joined = values.alias("_text").to_frame().join(table, on="_text", how="left", maintain_order="left")
    return joined["_parsed"].alias(values.name)
