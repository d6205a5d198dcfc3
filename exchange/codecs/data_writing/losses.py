"""What the values of a message lose in a format that has no place for them, and how that is said."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

import polars as pl

from exchange.codecs.data_writing.fragments import best_language
from exchange.codecs.losses import Losses
from registry.data_schema import DataSchema, SchemaComponent
from registry.findings import Finding
from registry.model.data_types import MISSING, ValueSpace

_SEPARATOR: Final = ";"


def _languages(losses: Losses, component: str, count: int = 1) -> None:
    text = "text in several languages, of which this format holds one; the others are left out"
    losses.lose("one-language", text, component=component, count=count)


def _joined(losses: Losses, component: str, count: int = 1) -> None:
    text = "several values, of which this format holds one; they are joined by semicolons"
    losses.lose("joined-values", text, component=component, count=count)


def _first(losses: Losses, component: str, count: int = 1) -> None:
    text = "several values, of which this format holds one; the others are left out"
    losses.lose("first-value", text, component=component, count=count)


def replaced_characters(losses: Losses, component: str, count: int) -> None:
    """Text with characters that XML cannot hold, not even as references."""
    text = "text with control characters, which XML cannot hold; they are replaced by U+FFFD"
    losses.lose("replaced-characters", text, component=component, count=count)


def _are_joined(component: SchemaComponent) -> bool:
    """True where values are words. Codes, numbers and periods that are joined would be no values of the component any more."""
    return not component.is_coded and component.type.space is ValueSpace.TEXT and component.type.pattern is None


def foreseen(components: Iterable[SchemaComponent]) -> tuple[Finding, ...]:
    """What components may lose in a format with one text per cell, as far as that is known before any value is read."""
    losses = Losses()
    for component in components:
        if component.is_multilingual:
            _languages(losses, component.id)
        if component.is_multi_valued:
            _several(component)(losses, component.id, 1)
    return losses.findings


def with_single_texts(
    frame: pl.DataFrame, schema: DataSchema, languages: Sequence[str], losses: Losses, *, joins_itself: bool = False
) -> pl.DataFrame:
    """Lists as one text, for formats with one per cell: text in the language that suits best, several words joined, the first of codes.

    A writer that ``joins_itself`` gets lists of values without languages as they are.
    """
    lists = [name for name, dtype in frame.schema.items() if isinstance(dtype, pl.List) and name in schema]
    for name in lists:
        for lose, lost in _lost(pl.col(name), schema[name]):
            count = int(frame.select(lost.sum()).item() or 0)
            if count:
                lose(losses, name, count)
    return frame.with_columns(_single(pl.col(name), schema[name], languages, joins_itself=joins_itself).alias(name) for name in lists)


def _several(component: SchemaComponent) -> Callable[[Losses, str, int], None]:
    """What becomes of several values of a component."""
    return _joined if _are_joined(component) else _first


def _lost(cell: pl.Expr, component: SchemaComponent) -> Iterator[tuple[Callable[[Losses, str, int], None], pl.Expr]]:
    """Which cells hold more than is written, and how that is said."""
    if component.is_multi_valued:
        yield _several(component), cell.list.len() > 1
    if component.is_multilingual:
        several = cell.list.eval(pl.element().list.len() > 1).list.any() if component.is_multi_valued else cell.list.len() > 1
        yield _languages, several


def _single(cell: pl.Expr, component: SchemaComponent, languages: Sequence[str], *, joins_itself: bool) -> pl.Expr:
    if component.is_multilingual and not component.is_multi_valued:
        return best_language(cell, languages)
    texts = cell.list.eval(best_language(pl.element(), languages)) if component.is_multilingual else cell
    texts = texts if _are_joined(component) else texts.list.head(1)
    if joins_itself and not component.is_multilingual:
        return texts
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
        if count:
            text = "values that are missing on purpose, which this format cannot say; they are left out"
            losses.lose("missing-left-out", text, component=name, count=count)
            changed.append(kept.alias(name))
    return frame.with_columns(changed) if changed else frame
