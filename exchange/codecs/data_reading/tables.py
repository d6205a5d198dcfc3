"""Columns from attributes: rows that carry the same names are kept together as one flat list of values, without an object per row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

#: A value of a component with several values or languages.
Complex = list[str | dict[str, str]]


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
            lists = pl.DataFrame({"_position": rows, "_complex": _alike(values)}, schema_overrides={"_position": pl.Int64})
            frame = _with_lists(frame.join(lists, on="_position", how="left", maintain_order="left"), name)
        return frame.drop("_position")


def _part(shape: Sequence[str], values: list[str], rows: list[int]) -> pl.DataFrame:
    width = len(shape)
    # Reserved attributes (xsi:type, ss:action) are in a namespace and no components.
    columns = {name: values[offset::width] for offset, name in enumerate(shape) if not name.startswith("{")}
    return pl.DataFrame({**columns, "_position": rows}, schema={**dict.fromkeys(columns, pl.String), "_position": pl.Int64})


def _alike(values: list[Complex]) -> list[Complex]:
    """Texts without language beside texts with one are English, as ``xml:lang`` says of itself."""
    if not any(isinstance(text, dict) for value in values for text in value):
        return values
    return [[text if isinstance(text, dict) else {"lang": "en", "value": text} for text in value] for value in values]


def _with_lists(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    """Name the joined column ``_complex``; where the same component also stands as a plain text, that is one value more."""
    if name not in frame.columns:
        return frame.rename({"_complex": name})
    plain, lists = as_lists(frame[name], frame["_complex"])
    both = pl.select(pl.when(plain.is_not_null() & lists.is_not_null()).then(plain.list.concat(lists)).otherwise(pl.coalesce(plain, lists)))
    return frame.with_columns(both.to_series().alias(name)).drop("_complex")


def as_lists(*columns: pl.Series) -> list[pl.Series]:
    """Columns of text, of lists of text, or of lists of language and text, in the type of the richest of them."""
    richest = next((column.dtype for column in columns if _is_localised(column.dtype)), pl.List(pl.String))
    return [_as_list(column, localised=_is_localised(richest)) for column in columns]


def _is_localised(dtype: pl.DataType) -> bool:
    return isinstance(dtype, pl.List) and isinstance(dtype.inner, pl.Struct)


def _as_list(column: pl.Series, *, localised: bool) -> pl.Series:
    if _is_localised(column.dtype):
        return column
    name = column.name
    if not isinstance(column.dtype, pl.List):
        one = pl.when(pl.col(name).is_not_null()).then(pl.concat_list(pl.col(name).cast(pl.String)))
        column = column.to_frame().select(one)[name]
    if not localised:
        return column
    described = pl.struct(pl.lit("en").alias("lang"), pl.element().alias("value"))
    return column.to_frame().select(pl.col(name).list.eval(described))[name]
