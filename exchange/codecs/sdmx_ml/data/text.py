"""Component values as XML text, by whole columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import polars as pl

from exchange.codecs.data_writing.fragments import Escape, escaped, joined, lexical
from exchange.codecs.data_writing.losses import replaced_characters
from exchange.codecs.losses import Losses
from exchange.codecs.sdmx_ml.markup import escape
from registry.data_schema import DataSchema, SchemaComponent
from registry.model.data_types import MISSING

Text = TypeVar("Text", pl.Series, pl.Expr)

_FORBIDDEN = r"\x00-\x08\x0b\x0c\x0e-\x1f\x{fffe}\x{ffff}"
_REFERENCES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}


def _escape_values(values: pl.Series) -> pl.Series:
    return pl.Series([escape(value) for value in values], dtype=pl.String)


#: What must not stand as it is in an attribute, including what XML 1.0 cannot hold at all.
XML_ESCAPE = Escape(rf"""[&<>"\t\n\r{_FORBIDDEN}]""", _escape_values)


def xml_text(frame: pl.DataFrame, schema: DataSchema, columns: Sequence[str], losses: Losses) -> pl.DataFrame:
    """The named columns as text that may stand in an XML attribute; lists stay as they are. Characters that XML cannot hold are losses."""
    text = lexical(frame, schema, columns)

    def seen(name: str, values: pl.Series) -> None:
        spoilt = values.filter(_is_spoilt(values))
        if len(spoilt):
            replaced_characters(losses, name, int(text[name].is_in(spoilt.implode()).sum()))

    return escaped(text, XML_ESCAPE, seen)


def _is_spoilt(texts: Text) -> Text:
    return texts.str.contains(f"[{_FORBIDDEN}]")


def lose_characters_of_lists(frame: pl.DataFrame, schema: DataSchema, losses: Losses) -> None:
    """Tell which list columns hold characters that XML cannot hold."""
    for name in (name for name, dtype in frame.schema.items() if isinstance(dtype, pl.List) and name in schema):
        spoilt = _has_spoilt(pl.col(name), schema[name])
        count = int(frame.select(spoilt.sum()).item() or 0)
        if count:
            replaced_characters(losses, name, count)


def _has_spoilt(cell: pl.Expr, component: SchemaComponent) -> pl.Expr:
    if not component.is_multilingual:
        return cell.list.eval(_is_spoilt(pl.element())).list.any()
    texts = _is_spoilt(pl.element().struct.field("value"))
    each = pl.element().list.eval(texts).list.any() if component.is_multi_valued else texts
    return cell.list.eval(each).list.any()


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
