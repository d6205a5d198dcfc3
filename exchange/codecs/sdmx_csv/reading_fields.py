"""The cells of a component in SDMX-CSV: labels taken off, sub-fields taken apart (field guide 2.1, multiple values and languages)."""

from __future__ import annotations

import csv
import io
import re

import polars as pl

from exchange.codecs.data_reading.batches import MULTILINGUAL
from exchange.codecs.sdmx_csv.reading_header import ComponentColumn, CsvHeader
from registry.data_schema import Role, SchemaComponent

_TAGGED = re.compile(r"(?P<lang>[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*):(?P<value>.*)", re.DOTALL)


def field_of(frame: pl.DataFrame, column: ComponentColumn, header: CsvHeader, component: SchemaComponent) -> pl.Series:
    """The values of a column, as text or as lists."""
    values = frame[f"c{column.position}"]
    coded = component.codelist is not None or component.representation.enumeration is not None
    labelled = column.is_labelled and (coded or component.role in {Role.DIMENSION, Role.TIME_DIMENSION})
    if component.is_multilingual and column.languages:
        return _distinct(values, lambda text: _texts(text, header.sub_separator, column.languages), MULTILINGUAL)
    if component.is_multi_valued and column.has_sub_fields:
        return _values(values, header.sub_separator, labelled=labelled)
    if column.languages:
        return _distinct(values, lambda text: _texts(text, header.sub_separator, column.languages), MULTILINGUAL)
    return values.str.split(": ").list.first() if labelled and values.str.contains(": ", literal=True).any() else values


def _values(values: pl.Series, separator: str, *, labelled: bool) -> pl.Series:
    """Several values in a cell; only cells with quotes need more than a split."""
    lists = values.str.split(separator)
    quoted = values.str.contains('"', literal=True).fill_null(value=False)
    if quoted.any():
        parsed = _distinct(values, lambda text: _split(text, separator), pl.List(pl.String))
        lists = parsed.zip_with(quoted, lists)
    if labelled:
        name = lists.name
        lists = lists.to_frame().select(pl.col(name).list.eval(pl.element().str.split(": ").list.first()))[name]
    return lists


def _split(text: str, separator: str) -> list[str]:
    return next(csv.reader(io.StringIO(text, newline=""), delimiter=separator), [])


def _texts(text: str, separator: str, languages: frozenset[str]) -> list[dict[str, str]]:
    """``en:Value;fr:Valeur``; a text that holds the separator is quoted, sets of texts are quoted as wholes."""
    found: list[dict[str, str]] = []
    for part in _split(text, separator):
        match = _TAGGED.fullmatch(part)
        inner = _split(part, separator)
        if match and len(inner) > 1 and all(_is_tagged(piece, languages) for piece in inner):
            found += [entry for piece in inner for entry in _texts(piece, separator, languages)]
        elif match and match["lang"].lower() in languages:
            found.append({"lang": match["lang"], "value": match["value"]})
        elif found:
            # A separator inside a text that was not quoted.
            found[-1]["value"] += separator + part
        else:
            found.append({"lang": "en", "value": part})
    return found


def _is_tagged(text: str, languages: frozenset[str]) -> bool:
    match = _TAGGED.fullmatch(text)
    return match is not None and match["lang"].lower() in languages


def _distinct(values: pl.Series, parse: object, dtype: pl.DataType) -> pl.Series:
    """Parse each distinct cell once."""
    distinct = values.drop_nulls().unique()
    parsed = pl.Series([parse(text) for text in distinct], dtype=dtype)  # type: ignore[operator]
    table = pl.DataFrame({"_text": distinct, "_parsed": parsed})
    joined = values.alias("_text").to_frame().join(table, on="_text", how="left", maintain_order="left")
    return joined["_parsed"].alias(values.name)
