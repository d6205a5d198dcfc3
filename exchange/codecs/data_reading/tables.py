"""Columns from attributes: rows that carry the same names are kept together as one flat list of values, without an object per row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

from exchange.observations.table.layout import MULTILINGUAL

#: A value of a component with several values or languages: texts, texts by language, or several sets of the latter.
Complex = Sequence[str | dict[str, str] | list[dict[str, str]]]


class RepeatedName(ValueError):
    """A name that stands twice in a row, where each may stand once."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class RowTable:
    """Rows of named texts, grouped by their tuple of names ("shape"); shapes are few in any real message."""

    def __init__(self) -> None:
        self._values: dict[tuple[str, ...], list[str]] = {}
        self._rows: dict[tuple[str, ...], list[int]] = {}
        self._complex: dict[str, tuple[list[int], list[Complex]]] = {}
        self.height = 0

    def append(self, names: Iterable[str], values: Iterable[str]) -> None:
        """Add a row; names and values in the same order.

        Raises:
            RepeatedName: When a name stands there twice.
        """
        shape = tuple(names)
        flat = self._values.get(shape)
        if flat is None:
            if len(set(shape)) < len(shape):
                raise RepeatedName(next(name for name in shape if shape.count(name) > 1))
            flat = self._values[shape] = []
            self._rows[shape] = []
        flat += values
        self._rows[shape].append(self.height)
        self.height += 1

    def add_complex(self, name: str, value: Complex) -> None:
        """Give the last row a component with several values or languages; what it has already stays."""
        rows, values = self._complex.setdefault(name, ([], []))
        if rows and rows[-1] == self.height - 1:
            values[-1] = [*values[-1], *value]
            return
        rows.append(self.height - 1)
        values.append(value)

    def frame(self) -> pl.DataFrame:
        """All rows in order: a ``String`` column per name (list columns for complex ones), null where a row lacks it."""
        parts = [_part(shape, values, self._rows[shape]) for shape, values in self._values.items()]
        if not parts:
            return pl.DataFrame()
        frame = parts[0] if len(parts) == 1 else pl.concat(parts, how="diagonal").sort("_position")
        for name, (rows, values) in self._complex.items():
            lists = pl.DataFrame({"_position": pl.Series(rows, dtype=pl.Int64), "_complex": complex_values(values)})
            frame = _with_lists(frame.join(lists, on="_position", how="left", maintain_order="left"), name)
        return frame.drop("_position")


def _part(shape: Sequence[str], values: list[str], rows: list[int]) -> pl.DataFrame:
    width = len(shape)
    # Reserved attributes (xsi:type, ss:action) are in a namespace and no components.
    columns = {name: values[offset::width] for offset, name in enumerate(shape) if not name.startswith("{")}
    return pl.DataFrame({**columns, "_position": rows}, schema={**dict.fromkeys(columns, pl.String), "_position": pl.Int64})


def complex_values(values: Sequence[Complex | None]) -> pl.Series:
    """Values as one column, whose shape is that of the richest among them.

    A text without language is English, as ``xml:lang`` says of itself; a set of texts is one of several.
    """
    entries = [entry for value in values for entry in value or ()]
    if any(isinstance(entry, list) for entry in entries):
        return pl.Series([None if value is None else _sets(value) for value in values], dtype=pl.List(MULTILINGUAL))
    if any(isinstance(entry, dict) for entry in entries):
        return pl.Series([None if value is None else [_localised(entry) for entry in value] for value in values], dtype=MULTILINGUAL)
    return pl.Series(values, dtype=pl.List(pl.String))


def _sets(value: Complex) -> list[list[dict[str, str]]]:
    if any(isinstance(entry, dict) for entry in value):
        return [[_localised(entry) for entry in value]]
    return [entry if isinstance(entry, list) else [_localised(entry)] for entry in value]


def _localised(entry: object) -> dict[str, str]:
    return entry if isinstance(entry, dict) else {"lang": "en", "value": str(entry)}


def _with_lists(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    """Name the joined column ``_complex``; where the same component also stands as a plain text, that is one value more."""
    if name not in frame.columns:
        return frame.rename({"_complex": name})
    plain, lists = as_lists(frame[name], frame["_complex"])
    both = pl.select(pl.when(plain.is_not_null() & lists.is_not_null()).then(plain.list.concat(lists)).otherwise(pl.coalesce(plain, lists)))
    return frame.with_columns(both.to_series().alias(name)).drop("_complex")


def as_lists(*columns: pl.Series) -> list[pl.Series]:
    """Columns of text, of lists of text, of texts by language, or of several sets of these, in the type of the richest of them."""
    richest = max((column.dtype for column in columns), key=_depth)
    return [_as_list(column, max(_depth(richest), _LISTS)) for column in columns]


#: How rich a column is: texts by language are richer than texts, sets of them richer still.
_LISTS, _LOCALISED, _SETS = 1, 2, 3


def _depth(dtype: pl.DataType) -> int:
    if not isinstance(dtype, pl.List):
        return 0
    return _SETS if isinstance(dtype.inner, pl.List) else _LOCALISED if isinstance(dtype.inner, pl.Struct) else _LISTS


def _as_list(column: pl.Series, depth: int) -> pl.Series:
    name, element = column.name, pl.element()
    steps = (
        pl.when(pl.col(name).is_not_null()).then(pl.concat_list(pl.col(name).cast(pl.String))),
        pl.col(name).list.eval(pl.struct(pl.lit("en").alias("lang"), element.alias("value"))),
        pl.when(pl.col(name).list.len() > 0).then(pl.col(name).list.eval(element.implode())),
    )
    for step in steps[_depth(column.dtype) : depth]:
        column = column.to_frame().select(step)[name]
    return column
