"""Component values as XML text, by whole columns."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from exchange.codecs.data_writing.fragments import Escape, escaped, joined, lexical
from exchange.codecs.sdmx_ml.markup import escape
from registry.data_schema import DataSchema, SchemaComponent
from registry.model.data_types import MISSING

_FORBIDDEN = r"\x00-\x08\x0b\x0c\x0e-\x1f\x{fffe}\x{ffff}"
_REFERENCES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}


def _escape_values(values: pl.Series) -> pl.Series:
    return pl.Series([escape(value) for value in values], dtype=pl.String)


#: What must not stand as it is in an attribute, including what XML 1.0 cannot hold at all.
XML_ESCAPE = Escape(rf"""[&<>"\t\n\r{_FORBIDDEN}]""", _escape_values)


def xml_text(frame: pl.DataFrame, schema: DataSchema, columns: Sequence[str]) -> pl.DataFrame:
    """The named columns as text that may stand in an XML attribute; lists stay as they are."""
    return escaped(lexical(frame, schema, columns), XML_ESCAPE)


def component_element(component: SchemaComponent, kind: str, prefix: str) -> pl.Expr:
    """A ``Comp`` element with the values of a list column; null where there are none.

    XHTML is written as text: ``StructuredText`` is valid only beside a schema of XHTML, which no message brings along.
    """
    name, element = component.id, pl.element()
    if component.is_multilingual and component.is_multi_valued:
        inside = pl.col(name).list.eval(_localised(element)).list.join("")
    elif component.is_multilingual:
        inside = _localised(pl.col(name))
    else:
        inside = pl.col(name).list.eval(joined(("<Value>", _escape(element), "</Value>"))).list.join("")
    start = f'<Comp id="{name}" xsi:type="{prefix}:{name}_{kind}">'
    return pl.when(pl.col(name).list.len() > 0).then(joined((start, inside, "</Comp>")))


def _localised(texts: pl.Expr) -> pl.Expr:
    """A ``Value`` with one text per language; what is missing on purpose has no language."""
    content = pl.element().struct.field("value")
    each = joined(('<common:Text xml:lang="', pl.element().struct.field("lang"), '">', _escape(content), "</common:Text>"))
    missing = texts.list.first().struct.field("value") == MISSING
    inside = pl.when(missing).then(pl.lit(MISSING)).otherwise(texts.list.eval(each).list.join(""))
    return joined(("<Value>", inside, "</Value>"))


def _escape(text: pl.Expr) -> pl.Expr:
    return text.str.replace_all(f"[{_FORBIDDEN}]", "\ufffd").str.replace_many(_REFERENCES)
