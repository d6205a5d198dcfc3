"""Rows and lines: a spreadsheet counts records, an editor counts lines; they differ where cells hold line breaks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import polars as pl

from registry.findings import Finding


@dataclass(frozen=True, eq=False)
class LineNumbers:
    """On which line of the file each row begins: only rows are kept that have another distance to their line than the row before.

    Attributes:
        rows: Rows at which the distance changes, in order (``Int64``).
        distances: Line less row, from there on (``Int64``).
    """

    rows: pl.Series
    distances: pl.Series

    @staticmethod
    def of(lines: pl.Series) -> LineNumbers:
        """From the lines of all rows, in order."""
        distances = lines - pl.int_range(1, len(lines) + 1, eager=True)
        changes = distances != distances.shift(1, fill_value=0)
        return LineNumbers(changes.arg_true().cast(pl.Int64) + 1, distances.filter(changes))

    def column(self, rows: pl.Series) -> pl.Series:
        """The line of each row; null where it is the same number."""
        if self.rows.is_empty():
            return pl.repeat(None, len(rows), dtype=pl.Int64, eager=True)
        changes = pl.DataFrame({"row": self.rows.set_sorted(), "distance": self.distances})
        found = pl.DataFrame({"row": rows.cast(pl.Int64)}).with_row_index().sort("row").join_asof(changes, on="row").sort("index")
        return found.select(pl.when(pl.col("distance") != 0).then(pl.col("row") + pl.col("distance"))).to_series()

    def located(self, finding: Finding) -> Finding:
        """The finding with its line, where that differs from its row."""
        if finding.row is None:
            return finding
        return replace(finding, line=self.column(pl.Series([finding.row], dtype=pl.Int64))[0])


#: Of spreadsheets, and of files in which every row is one line.
SAME_LINES: Final = LineNumbers(pl.Series(dtype=pl.Int64), pl.Series(dtype=pl.Int64))
