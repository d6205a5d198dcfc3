"""How many values a component takes: one, unless its representation says that there may be several (standards sheet, 3.3)."""

from __future__ import annotations

import polars as pl

from exchange.errors import InvalidObservations
from exchange.observations.ports import SOURCE_ROW
from registry.data_schema import SchemaComponent

#: So much of a value is quoted in a message.
_SHOWN = 40


def check_one_value(frame: pl.DataFrame, component: SchemaComponent, unit: str) -> None:
    """Refuse several values where one is taken. Texts in different languages are one value of a multilingual component.

    Args:
        frame: A column of text or lists per component, and :data:`SOURCE_ROW`.
        component: The component to look at; it may be missing in the frame.
        unit: What a row is called, for the message.

    Raises:
        InvalidObservations: Names the place and the values.
    """
    values = frame[component.id]
    if isinstance(values.dtype, pl.List) and isinstance(values.dtype.inner, pl.List):
        _check_languages(values, frame[SOURCE_ROW], component, unit)
    if component.is_multi_valued or not isinstance(values.dtype, pl.List):
        return
    wrong = (_most_in_a_language(values) if component.is_multilingual and _is_localised(values) else values.list.len()) > 1
    if not wrong.fill_null(value=False).any():
        return
    position = int(wrong.fill_null(value=False).arg_true()[0])
    found = [_shown(value) for value in values[position]]
    more = f" There are {int(wrong.sum())} such cases in this part of the message." if int(wrong.sum()) > 1 else ""
    raise InvalidObservations(
        f"{unit} {frame[SOURCE_ROW][position]}: {component.id} takes one value but has {len(found)}: {', '.join(found[:3])}. "
        f"Send one, or let its representation admit several (maxOccurs).{more}"
    )


def _check_languages(sets: pl.Series, rows: pl.Series, component: SchemaComponent, unit: str) -> None:
    """A value has one text per language."""
    each = pl.DataFrame({SOURCE_ROW: rows, "set": sets}).explode("set").drop_nulls("set")
    wrong = each.filter(_most_in_a_language(each["set"]) > 1)
    if wrong.height:
        found = ", ".join([_shown(text) for text in wrong["set"][0]][:3])
        raise InvalidObservations(
            f"{unit} {wrong[SOURCE_ROW][0]}: a value of {component.id} has several texts in one language: {found}. "
            "Send one, or several values."
        )


def _is_localised(values: pl.Series) -> bool:
    return isinstance(values.dtype, pl.List) and isinstance(values.dtype.inner, pl.Struct)


def _most_in_a_language(values: pl.Series) -> pl.Series:
    """The number of texts in the language that has most of them."""
    name = values.name
    languages = values.to_frame().select(pl.col(name).list.eval(pl.element().struct.field("lang")))[name]
    return languages.list.len() - languages.list.n_unique() + 1


def _shown(value: object) -> str:
    text = f"{value['lang']}:{value['value']}" if isinstance(value, dict) else str(value)
    return repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "…")
