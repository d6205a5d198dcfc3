"""The journal of a run: what each step did, what it noticed, which rows it kept out."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import narwhals.stable.v2 as nw
import polars as pl

from mappings.ports import FrameEngine, Rows
from mappings.readers.ports import ROW
from registry.findings import Finding

#: More different values of one kind are told as one finding with their number.
MAX_VALUES: Final = 50

#: Columns of what was found: the value that was refused, and the column of the source that it stood in.
_SHOWN: Final = "value"
_CELL: Final = "cell"


@dataclass(frozen=True)
class StepRecord:
    """What one step did: counts by name (``rows_in``, ``rows_out`` and others), texts by name, and when."""

    name: str
    counts: dict[str, int]
    details: dict[str, Any]
    started: datetime
    ended: datetime


@dataclass
class Journal:
    """Collects steps, findings and rejected rows of one run, and computes what has to be looked at.

    Attributes:
        engine: Where the run computes.
        personal: Columns whose values no finding shows.
        spread: Where columns became rows: the column that holds the value of a cell, and the one that says which column it was.
        rejected: Rows kept out: ``row``, ``code``, ``message``, ``column`` and ``value``, the text that was refused. Personal values too:
            this is for those who hold the source, and goes nowhere else.
    """

    engine: FrameEngine
    personal: frozenset[str] = frozenset()
    spread: tuple[str, str] | None = None
    findings: list[Finding] = field(default_factory=list)
    steps: list[StepRecord] = field(default_factory=list)
    rejected: list[pl.DataFrame] = field(default_factory=list)
    _mark: datetime = field(default_factory=lambda: datetime.now(UTC))

    def step(self, name: str, counts: dict[str, int] | None = None, **details: Any) -> None:
        """Record a step that began when the last one ended."""
        now = datetime.now(UTC)
        self.steps.append(StepRecord(name, counts or {}, details, self._mark, now))
        self._mark = now

    def note(self, finding: Finding) -> None:
        """Record a finding."""
        self.findings.append(finding)

    def reject(self, rows: Rows, bad: nw.Expr, template: Finding, *, shown: str | None = None) -> Rows:
        """Keep rows out for which ``bad`` holds, and say so; ``shown`` is the column whose values were refused."""
        found = self._found(rows, bad, shown)
        if found.is_empty():
            return rows
        self._tell(found, template)
        column = pl.col(_CELL) if template.column in (self.spread or ()) else pl.lit(template.column, pl.String)
        self.rejected.append(
            found.select(
                pl.col(ROW).alias("row"),
                pl.lit(template.code).alias("code"),
                pl.lit(template.message).alias("message"),
                column.alias("column"),
                (pl.col(_SHOWN) if shown else pl.lit(None, pl.String)).alias("value"),
            )
        )
        return rows.filter(~nw.coalesce(bad, nw.lit(False)))

    def report(self, rows: Rows, bad: nw.Expr, template: Finding, *, shown: str | None = None) -> None:
        """Record findings for rows for which ``bad`` holds, one per value unless it is personal."""
        found = self._found(rows, bad, shown)
        if not found.is_empty():
            self._tell(found, template)

    def _found(self, rows: Rows, bad: nw.Expr, shown: str | None) -> pl.DataFrame:
        columns = [nw.col(ROW)]
        columns += [nw.col(shown).cast(nw.String).alias(_SHOWN)] if shown else []
        columns += [nw.col(self.spread[1]).alias(_CELL)] if self.spread else []
        return self.engine.to_polars(rows.filter(bad).select(*columns))

    def _tell(self, found: pl.DataFrame, template: Finding) -> None:
        by_value = _SHOWN in found.columns and template.column not in self.personal
        self.findings.extend(_by_value(found, template) if by_value else [_with(template, found, None)])

    def checkpoint(self, rows: Rows) -> Rows:
        """Compute once what later steps read several times."""
        return self.engine.checkpoint(rows)

    def count(self, rows: Rows) -> int:
        """Number of rows."""
        return int(self.engine.to_polars(rows.select(nw.len().alias("rows"))).item())

    def distinct(self, rows: Rows, column: str) -> list[str]:
        """The distinct values of a column of text that are present, in order."""
        found = self.engine.to_polars(rows.select(nw.col(column).cast(nw.String)).unique())
        return found[column].drop_nulls().sort().to_list()


def _by_value(found: pl.DataFrame, template: Finding) -> list[Finding]:
    groups = (
        found.group_by(_SHOWN).agg(pl.col(ROW).n_unique().alias("len"), pl.col(ROW).min()).sort("len", _SHOWN, descending=[True, False])
    )
    findings = [_with(template, None, value, count=number, row=row) for value, number, row in groups.head(MAX_VALUES).iter_rows()]
    if groups.height > MAX_VALUES:
        rest = groups.tail(groups.height - MAX_VALUES)
        findings.append(_with(template, found.join(rest, on=_SHOWN, how="semi", nulls_equal=True), None))
    return findings


def _with(template: Finding, found: pl.DataFrame | None, value: str | None, *, count: int = 0, row: int | None = None) -> Finding:
    if found is not None:
        count, row = found[ROW].n_unique(), int(found[ROW].min())  # type: ignore[arg-type]
    return Finding(
        template.code, template.severity, template.message, template.hint, row, template.column, template.component, value, count
    )
