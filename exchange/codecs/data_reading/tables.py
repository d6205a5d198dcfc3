"""Columns from attributes: rows that carry the same names are kept together as one flat list of values, without an object per row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

#: A value of a component with several values or languages.
Complex = list[str] | list[dict[str, str]]


class RowTable:
    """Rows of named texts, grouped by their tuple of names ("shape"); shapes are few in any real message."""

    def __init__(self) -> None:
        self._values: dict[tuple[str, ...], list[str]] = {}
        self._rows: dict[tuple[str, ...], list[int]] = {}
        self._complex: dict[str, tuple[list[int], list[Complex]]] = {}
        self.height = 0

    def append(self, names: Iterable[str], values: Iterable[str]) -> None:
        """Add a row; names and values in the same order."""
        shape = tuple(names)
        flat = self._values.get(shape)
        if flat is None:
            flat = self._values[shape] = []
            self._rows[shape] = []
        flat += values
        self._rows[shape].append(self.height)
        self.height += 1

    def add_complex(self, name: str, value: Complex) -> None:
        """Give the last row a component with several values or languages."""
        rows, values = self._complex.setdefault(name, ([], []))
        rows.append(self.height - 1)
        values.append(value)

    def frame(self) -> pl.DataFrame:
        """All rows in order: a ``String`` column per name (list columns for complex ones), null where a row lacks it."""
        parts = [_part(shape, values, self._rows[shape]) for shape, values in self._values.items()]
        if not parts:
            return pl.DataFrame()
        frame = parts[0] if len(parts) == 1 else pl.concat(parts, how="diagonal").sort("_position")
        for name, (rows, values) in self._complex.items():
            lists = pl.DataFrame({"_position": rows, "_complex": values}, schema_overrides={"_position": pl.Int64})
            frame = _with_lists(frame.join(lists, on="_position", how="left", maintain_order="left"), name)
        return frame.drop("_position")


def _part(shape: Sequence[str], values: list[str], rows: list[int]) -> pl.DataFrame:
    width = len(shape)
    # Reserved attributes (xsi:type, ss:action) are in a namespace and no components.
    columns = {name: values[offset::width] for offset, name in enumerate(shape) if not name.startswith("{")}
    return pl.DataFrame({**columns, "_position": rows}, schema={**dict.fromkeys(columns, pl.String), "_position": pl.Int64})


def _with_lists(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    """Name the joined column ``_complex``; where the same component also stands as a plain text, that becomes a list of one."""
    if name not in frame.columns:
        return frame.rename({"_complex": name})
    lists = frame.schema["_complex"]
    multilingual = isinstance(lists, pl.List) and isinstance(lists.inner, pl.Struct)
    plain = pl.struct(pl.lit("en").alias("lang"), pl.col(name).alias("value")) if multilingual else pl.col(name)
    single = pl.when(pl.col(name).is_not_null()).then(pl.concat_list(plain))
    return frame.with_columns(pl.coalesce(pl.col("_complex"), single).alias(name)).drop("_complex")
