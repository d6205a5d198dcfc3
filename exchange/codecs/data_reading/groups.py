"""Attributes of parts of the key: ``Group``, ``Atts`` and the attributes of the dataset itself.

They are given to every observation of the message that they are about; what is about none is handed on as a row with open dimensions.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from exchange.codecs.data_reading.tables import RowTable
from exchange.observations.ports import SOURCE_ROW

_GROUP, _NEW = "_group", "_new_"


class GroupTable:
    """The groups of one dataset."""

    def __init__(self, dimensions: Sequence[str]) -> None:
        self.rows = RowTable()
        self.lines: list[int] = []
        self._dimensions = dimensions
        self._used: set[int] = set()
        self._applied = 0

    def given_to(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Observations with the attributes of their groups; what an observation says itself stands."""
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
        values = [pl.col(name).drop_nulls().last().alias(_NEW + name) for name in attributes]
        if not keys:
            single = part.select(values)
            frame = frame.with_columns(column.new_from_index(0, frame.height) for column in single.iter_columns())
            self._used.update(part[_GROUP].to_list())
        elif all(key in frame.columns for key in keys):
            grouped = part.group_by(keys).agg(*values, pl.col(_GROUP))
            frame = frame.join(grouped, on=keys, how="left", maintain_order="left")
            self._used.update(frame[_GROUP].explode().drop_nulls().unique().to_list())
            frame = frame.drop(_GROUP)
        else:
            return frame
        merged = [pl.coalesce(*(column for column in (name, _NEW + name) if column in frame.columns)).alias(name) for name in attributes]
        return frame.with_columns(merged).drop([_NEW + name for name in attributes])
