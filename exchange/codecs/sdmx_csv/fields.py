"""The fields of a component in SDMX-CSV: header terms, sub-fields, labels (field guide, sections on columns and multiple values)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import polars as pl

from exchange.codecs.data_writing.labels import best_match, code_labels
from exchange.codecs.ports import DataOptions
from exchange.codecs.sdmx_csv.dialect import SUBFIELD_SEPARATOR
from registry.data_schema import SchemaComponent

#: A separator and what could be a language after it, quoted or not.
_LIKE_A_SET: Final = rf'{SUBFIELD_SEPARATOR}"*[A-Za-z]{{1,8}}(-[A-Za-z0-9]{{1,8}})*:'


def header_term(component: SchemaComponent, options: DataOptions, languages: Sequence[str], *, subfields: bool) -> str:
    """The header of a component: its id, what its sub-fields are (``[]``, ``[en;fr]``), and its name when labels are asked for."""
    term = component.id
    if subfields and component.is_multilingual:
        term += f"[{SUBFIELD_SEPARATOR.join(languages)}]"
    elif subfields and component.is_multi_valued:
        term += "[]"
    return f"{term}: {best_match(component.names, options.languages)}" if options.labels == "both" else term


def languages_of(column: pl.Series) -> list[str]:
    """The languages that a multilingual column holds."""
    if not isinstance(column.dtype, pl.List):
        return []
    return column.explode().drop_nulls().struct.field("lang").unique().sort().to_list()


def labelled(text: pl.Expr, component: SchemaComponent, options: DataOptions) -> pl.Expr:
    """Ids with their names (``A: Annual``) when labels are asked for; what is not coded stays as it is."""
    if options.labels != "both" or not component.code_names:
        return text
    ids, names = code_labels(component, options.languages)
    return text.replace(ids, ids + ": " + names)


def name_of(text: pl.Expr, component: SchemaComponent, options: DataOptions) -> pl.Expr:
    """The names of the ids; nothing where a value is not coded."""
    ids, names = code_labels(component, options.languages)
    return text.replace_strict(ids, names, default=None, return_dtype=pl.String) if len(ids) else pl.lit(None, pl.String)


def sub_fields(column: pl.Expr, component: SchemaComponent, options: DataOptions, *, named: bool = False) -> pl.Expr:
    """The values of a multi-valued or multilingual cell in one field.

    A value that holds the separator is quoted; a text in which a separator is followed by what looks like a language is quoted twice, as
    a set of one, or it would be read as a set of several.
    """
    element = pl.element()
    if component.is_multilingual:
        value = pl.concat_str(element.struct.field("lang"), pl.lit(":"), element.struct.field("value"))
    else:
        value = name_of(element, component, options).fill_null("") if named else labelled(element, component, options)
    special = value.str.contains_any([SUBFIELD_SEPARATOR, '"'])
    quoted = pl.concat_str(pl.lit('"'), value.str.replace_all('"', '""', literal=True), pl.lit('"'))
    if component.is_multilingual:
        nested = pl.concat_str(pl.lit('"'), quoted.str.replace_all('"', '""', literal=True), pl.lit('"'))
        quoted = pl.when(value.str.contains(_LIKE_A_SET)).then(nested).otherwise(quoted)
    return column.list.eval(pl.when(special).then(quoted).otherwise(value)).list.join(SUBFIELD_SEPARATOR)
