"""The fields of a component in SDMX-CSV: header terms, sub-fields, labels (field guide, sections on columns and multiple values)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import polars as pl

from exchange.codecs.data_writing.labels import best_match, code_labels
from exchange.codecs.ports import DataOptions
from exchange.codecs.sdmx_csv.dialect import SUBFIELD_SEPARATOR
from registry.data_schema import SchemaComponent
from registry.model.data_types import MISSING

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
    flat = column
    while isinstance(flat.dtype, pl.List):
        flat = flat.explode()
    return flat.drop_nulls().struct.field("lang").unique().sort().to_list()


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
    """The values of a multi-valued or multilingual cell in one field; a value that holds the separator is quoted.

    Of several multilingual values each is a set of texts, quoted as a whole. Of a single one, a text in which a separator is followed by
    what looks like a language is quoted twice, as a set of one, or it would be read as a set of several.
    """
    element = pl.element()
    if component.is_multilingual and component.is_multi_valued:
        return column.list.eval(pl.when(_is_missing(element)).then(pl.lit(MISSING)).otherwise(_quoted(_texts(element)))).list.join(
            SUBFIELD_SEPARATOR
        )
    if component.is_multilingual:
        return pl.when(_is_missing(column)).then(pl.lit(MISSING)).otherwise(_texts(column, is_alone=True))
    value = name_of(element, component, options).fill_null("") if named else labelled(element, component, options)
    return column.list.eval(_quoted_where_needed(value)).list.join(SUBFIELD_SEPARATOR)


def _texts(cell: pl.Expr, *, is_alone: bool = False) -> pl.Expr:
    """``en:Value;fr:Valeur``."""
    value = pl.concat_str(pl.element().struct.field("lang"), pl.lit(":"), pl.element().struct.field("value"))
    written = _quoted_where_needed(value)
    if is_alone:
        written = pl.when(value.str.contains(_LIKE_A_SET)).then(_quoted(_quoted(value))).otherwise(written)
    return cell.list.eval(written).list.join(SUBFIELD_SEPARATOR)


def _is_missing(texts: pl.Expr) -> pl.Expr:
    """What is missing on purpose has no language."""
    return texts.list.first().struct.field("value") == MISSING


def _quoted_where_needed(value: pl.Expr) -> pl.Expr:
    return pl.when(value.str.contains_any([SUBFIELD_SEPARATOR, '"'])).then(_quoted(value)).otherwise(value)


def _quoted(value: pl.Expr) -> pl.Expr:
    return pl.concat_str(pl.lit('"'), value.str.replace_all('"', '""', literal=True), pl.lit('"'))
