"""Attributes of parts of the key: ``Group``, ``Atts`` and the attributes of the dataset itself.

They are given to every observation of the message that they are about; what is about none is handed on as a row with open dimensions.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from exchange.codecs.data_reading.levels import agreed, one_value_each
from exchange.codecs.data_reading.tables import RowTable
from exchange.observations.ports import SOURCE_ROW

_GROUP, _NEW = "_group", "_new_"


class GroupTable:
    """The groups of one dataset."""

    def __init__(self, dimensions: Sequence[str], unit: str) -> None:
        self._unit = unit
        self.rows = RowTable()
        self.lines: list[int] = []
        self._dimensions = dimensions
        self._used: set[int] = set()
        self._applied = 0

    def given_to(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Observations with the attributes of their groups.

        Raises:
            InvalidObservations: When an observation, or another group of the same key, says something else.
        """
        late = self._applied
        self._applied = self.rows.height
        for keys, part in self._parts():
            attributes = [name for name in part.columns if name not in (*keys, *self._dimensions, _GROUP, SOURCE_ROW)]
            frame = self._joined(frame, part, keys, attributes)
        # Groups that came after a part of the observations are handed on too: they may be about those.
        self._used = {group for group in self._used if group < late or late == 0}
        return frame

    def left_over(self) -> pl.DataFrame:
        """The groups that no observation belonged to, and those that came late."""
        groups = self._frame()
        return groups.filter(~pl.col(_GROUP).is_in(list(self._used))).drop(_GROUP) if groups.height else groups

    def _frame(self) -> pl.DataFrame:
        if not self.rows.height:
            return pl.DataFrame()
        return self.rows.frame().with_columns(pl.Series(SOURCE_ROW, self.lines, dtype=pl.Int64)).with_row_index(_GROUP)

    def _parts(self) -> list[tuple[list[str], pl.DataFrame]]:
        """Groups by the dimensions that they name."""
        groups = self._frame()
        if groups.is_empty():
            return []
        present = [name for name in self._dimensions if name in groups.columns]
        flags = groups.with_columns(pl.col(name).is_not_null().alias(f"_has_{name}") for name in present)
        keys = [f"_has_{name}" for name in present]
        parts = flags.partition_by(keys, maintain_order=True) if keys else [flags]
        return [([name for name in present if part[f"_has_{name}"][0]], part.drop(keys)) for part in parts]

    def _joined(self, frame: pl.DataFrame, part: pl.DataFrame, keys: list[str], attributes: list[str]) -> pl.DataFrame:
        single = one_value_each(part, keys, attributes, self._unit).rename({name: _NEW + name for name in attributes})
        if not keys:
            joined = frame.with_columns(column.new_from_index(0, frame.height) for column in single.iter_columns())
            self._used.update(part[_GROUP].to_list())
        elif all(key in frame.columns for key in keys):
            joined = frame.join(single, on=keys, how="left", maintain_order="left")
            self._used.update(part.join(frame.select(keys).unique(), on=keys, how="semi")[_GROUP].to_list())
        else:
            return frame
        level = "group" if keys else "dataset"
        given = [joined[_NEW + name].alias(name) for name in attributes]
        merged = [agreed(frame[c.name], c, frame[SOURCE_ROW], self._unit, level) if c.name in frame.columns else c for c in given]
        return frame.with_columns(merged)
