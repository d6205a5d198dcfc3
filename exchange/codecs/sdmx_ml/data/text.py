"""Component values as XML text, by whole columns."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from exchange.codecs.data_writing.fragments import Escape, best_language, escaped, joined, lexical
from exchange.codecs.sdmx_ml.markup import escape
from registry.data_schema import DataSchema

_FORBIDDEN = r"\x00-\x08\x0b\x0c\x0e-\x1f\x{fffe}\x{ffff}"
_REFERENCES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}


def _escape_values(values: pl.Series) -> pl.Series:
    return pl.Series([escape(value) for value in values], dtype=pl.String)


#: What must not stand as it is in an attribute, including what XML 1.0 cannot hold at all.
XML_ESCAPE = Escape(rf"""[&<>"\t\n\r{_FORBIDDEN}]""", _escape_values)


def xml_text(frame: pl.DataFrame, schema: DataSchema, columns: Sequence[str]) -> pl.DataFrame:
    """The named columns as text that may stand in an XML attribute; lists stay as they are."""
    return escaped(lexical(frame, schema, columns), XML_ESCAPE)


def flattened(frame: pl.DataFrame, schema: DataSchema, languages: Sequence[str]) -> pl.DataFrame:
    """Lists as one text, for formats that have no place for several: values joined by a semicolon, text in one language."""
    return frame.with_columns(
        best_language(pl.col(name), languages)
        if schema[name].is_multilingual
        else pl.when(pl.col(name).list.len() > 0).then(pl.col(name).list.join(";"))
        for name, dtype in frame.schema.items()
        if isinstance(dtype, pl.List) and name in schema
    )


def component_element(name: str, kind: str, prefix: str, *, multilingual: bool) -> pl.Expr:
    """A ``Comp`` element with the values of a list column; null where there are none."""
    element = pl.element()
    if multilingual:
        text = _escape(element.struct.field("value"))
        value = joined(('<common:Text xml:lang="', element.struct.field("lang"), '">', text, "</common:Text>"))
        inside = joined(("<Value>", pl.col(name).list.eval(value).list.join(""), "</Value>"))
    else:
        inside = pl.col(name).list.eval(joined(("<Value>", _escape(element), "</Value>"))).list.join("")
    start = f'<Comp id="{name}" xsi:type="{prefix}:{name}_{kind}">'
    return pl.when(pl.col(name).list.len() > 0).then(joined((start, inside, "</Comp>")))


def _escape(text: pl.Expr) -> pl.Expr:
    return text.str.replace_all(f"[{_FORBIDDEN}]", "\ufffd").str.replace_many(_REFERENCES)
