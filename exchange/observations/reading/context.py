"""What every step of a scan needs, and the small questions that several steps ask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from exchange.observations.ports import VALID_FROM
from exchange.observations.table.key_ranges import KeyRange
from exchange.observations.table.lake_files import DataFile
from exchange.observations.table.lake_table import TableState
from exchange.observations.table.layout import CURRENT, END, SERIES, START, Layout, reported_under
from exchange.observations.table.row_source import read_rows
from exchange.query.values.data_query import ObservationSelection
from mappings.checks.values import order_key


@dataclass(frozen=True)
class ScanContext:
    """What every step of a scan needs."""

    state: TableState
    layout: Layout
    selection: ObservationSelection
    options: Mapping[str, str] | None
    batch_rows: int

    def rows(self, part: KeyRange) -> pl.LazyFrame:
        """All revisions in a range; where some of them may be closed, with a column that says which are current."""
        current = self.read(part.files)
        if not part.closed:
            return current
        closed = inside(self.read(part.closed), part.lower, part.upper)
        return pl.concat([current.with_columns(pl.lit(value=True).alias(CURRENT)), closed.with_columns(pl.lit(value=False).alias(CURRENT))])

    def read(self, files: Sequence[DataFile]) -> pl.LazyFrame:
        """The rows of some files, in file order.

        What was reported under other agreements than those selected is not there: neither as a value, nor as the successor of one.
        """
        rows, agreements = read_rows(self.state, files, self.layout, self.options), self.selection.agreements
        return rows if agreements is None else rows.filter(reported_under(agreements))


def inside(rows: pl.LazyFrame, lower: str | None, upper: str | None) -> pl.LazyFrame:
    """The rows of the series from ``lower`` (inside) to ``upper`` (outside); None is unbounded."""
    if lower is not None:
        rows = rows.filter(pl.col(SERIES) >= lower)
    return rows if upper is None else rows.filter(pl.col(SERIES) < upper)


def is_before(file: DataFile, column: str, instant: datetime) -> bool:
    """True when nothing in a file has a later instant in a column."""
    newest = file.maxima.get(column)
    # Foreign writers may cut the statistics of instants to milliseconds, as Delta Lake allows.
    slack = timedelta(0) if file.is_sorted else timedelta(milliseconds=1)
    return isinstance(newest, datetime) and newest + slack <= instant


def order_asked_for(selection: ObservationSelection, layout: Layout) -> list[tuple[str, bool]]:
    """The order asked for, as columns and whether they descend; empty when it is the default one."""
    order: list[tuple[str, bool]] = []
    for component, descending in selection.sort:
        names = {"*": layout.keys, "series_key": layout.dimensions}.get(component, (component,))
        order.extend((name, descending) for name in names if name in layout.components)
    default = [(name, False) for name in layout.keys]
    if order == default[: len(order)]:
        return []
    return [(column, descending) for name, descending in order for column in ((START, END) if name == layout.time else (name,))]


def in_order(rows: pl.LazyFrame, by: Sequence[tuple[str, bool]], layout: Layout) -> pl.LazyFrame:
    """Rows in an order asked for, what is equal there in default order."""
    rest = [name for name in [*layout.order, VALID_FROM] if name not in {column for column, _ in by}]
    columns = [_ordering(name, layout) for name in [*(column for column, _ in by), *rest]]
    return rows.sort(columns, descending=[down for _, down in by] + [False] * len(rest))


def _ordering(name: str, layout: Layout) -> pl.Expr:
    """What a column is sorted by. Numbers that are kept as text sort as numbers, but for those of keys, which sort as keys do."""
    kind = layout.types.get(name)
    is_number = kind is not None and kind.is_exact and layout.components[name] == pl.String and name not in layout.keys
    return order_key(pl.col(name)) if is_number else pl.col(name)
