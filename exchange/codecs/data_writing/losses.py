"""What the values of a message lose in a format that has no place for them, and how that is said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import polars as pl

from exchange.codecs.data_writing.fragments import best_language
from exchange.codecs.losses import Losses
from registry.data_schema import DataSchema, SchemaComponent
from registry.findings import Finding
from registry.model.data_types import MISSING

_ONE_LANGUAGE, _JOINED_VALUES, _NO_MISSING = "one-language", "joined-values", "missing-left-out"
_TEXTS: Final = {
    _ONE_LANGUAGE: "text in several languages, of which this format holds one; the others are left out",
    _JOINED_VALUES: "several values, of which this format holds one; they are joined by semicolons",
    _NO_MISSING: "values that are missing on purpose, which this format cannot say; they are left out",
}
_SEPARATOR: Final = ";"


def foreseen(components: Iterable[SchemaComponent]) -> tuple[Finding, ...]:
    """What components may lose in a format with one text per cell, as far as that is known before any value is read."""
    losses = Losses()
    for component in components:
        if component.is_multilingual:
            losses.lose(_ONE_LANGUAGE, _TEXTS[_ONE_LANGUAGE], component=component.id)
        if component.is_multi_valued:
            losses.lose(_JOINED_VALUES, _TEXTS[_JOINED_VALUES], component=component.id)
    return losses.findings


def _lose(losses: Losses, code: str, component: str, count: int) -> None:
    if count:
        losses.lose(code, _TEXTS[code], component=component, count=count)


def with_single_texts(
    frame: pl.DataFrame, schema: DataSchema, languages: Sequence[str], losses: Losses, *, joins_itself: bool = False
) -> pl.DataFrame:
    """Lists as one text, for formats with one per cell: text in the language that suits best, several values joined.

    A writer that ``joins_itself`` gets lists of values without languages as they are.
    """
    lists = [name for name, dtype in frame.schema.items() if isinstance(dtype, pl.List) and name in schema]
    for name in lists:
        for code, lost in _lost(pl.col(name), schema[name]).items():
            _lose(losses, code, name, int(frame.select(lost.sum()).item() or 0))
    return frame.with_columns(
        _single(pl.col(name), schema[name], languages).alias(name) for name in lists if schema[name].is_multilingual or not joins_itself
    )


def _lost(cell: pl.Expr, component: SchemaComponent) -> dict[str, pl.Expr]:
    """Which cells hold more than is written."""
    lost = {_JOINED_VALUES: cell.list.len() > 1} if component.is_multi_valued else {}
    if component.is_multilingual:
        nested = cell.list.eval(pl.element().list.len() > 1).list.any() if component.is_multi_valued else cell.list.len() > 1
        lost[_ONE_LANGUAGE] = nested
    return lost


def _single(cell: pl.Expr, component: SchemaComponent, languages: Sequence[str]) -> pl.Expr:
    if component.is_multilingual and not component.is_multi_valued:
        return best_language(cell, languages)
    texts = cell.list.eval(best_language(pl.element(), languages)) if component.is_multilingual else cell
    return pl.when(cell.list.len() > 0).then(texts.list.join(_SEPARATOR))


def without_missing(frame: pl.DataFrame, schema: DataSchema, losses: Losses) -> pl.DataFrame:
    """Nothing where a value is missing on purpose, for formats that cannot say so; binary numbers can be ``NaN`` everywhere."""
    names = [name for name in frame.columns if name in schema and schema[name].missing == MISSING]
    changed = []
    for name in names:
        dtype, cell = frame.schema[name], pl.col(name)
        if dtype == pl.String:
            lost, kept = cell == MISSING, cell.replace(MISSING, None)
        elif dtype == pl.List(pl.String):
            lost, kept = cell.list.contains(MISSING), cell.list.eval(pl.element().filter(pl.element() != MISSING))
        else:
            continue
        count = int(frame.select(lost.sum()).item() or 0)
        _lose(losses, _NO_MISSING, name, count)
        changed += [kept.alias(name)] if count else []
    return frame.with_columns(changed) if changed else frame
