"""Suppressed cells that anybody can compute: the total of a row less its other cells.

Primary suppression does not prevent this; the run says where it happens, so that groupings or indicators can be chosen differently.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from registry.findings import Finding, Severity


def recoverable_cells(
    cells: pl.DataFrame, suppressed: str, keys: Sequence[str], totals: Mapping[str, tuple[str, str]]
) -> Iterator[Finding]:
    """One warning per dimension along which a suppressed cell is the only one of its row while the total of the row is shown.

    Args:
        cells: Cells of additive indicators.
        suppressed: The column that marks suppressed cells.
        keys: The columns that identify a cell.
        totals: Dimensions whose parts add up to their total: the column and the code of the total.
    """
    hidden = pl.col(suppressed)
    for dimension, (column, total) in totals.items():
        others = [key for key in keys if key != column]
        is_total = pl.col(column) == total
        rows = cells.group_by(others).agg(
            (hidden & ~is_total).sum().alias("hidden"),
            (is_total & ~hidden).any().alias("total"),
        )
        number = rows.filter((pl.col("hidden") == 1) & pl.col("total")).height
        if number:
            yield Finding(
                "suppression-can-be-undone",
                Severity.WARNING,
                f"{number} suppressed cells are a total over {dimension} less the other cells",
                "Publish shares, means or classes instead of this sum, or leave the grouping or its total out.",
                component=dimension,
                count=number,
            )
