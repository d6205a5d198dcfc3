"""Tables put into the shape that a recipe describes: columns turned into rows, columns of other tables joined."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import polars as pl

from mappings.errors import MappingFailed
from mappings.expressions.compiling import matches
from mappings.readers.catalogue import read_source
from mappings.readers.ports import ROW, SourceTable, UsedFile
from mappings.recipe.model import Lookup, Source, Unpivot
from mappings.recipe.paths import below
from registry.findings import Finding, Severity

_KEY: Final = "~key~"
_NAME, _VALUE = "~name", "~value"


def unpivoted(table: SourceTable, rule: Unpivot) -> SourceTable:
    """One row per row and chosen column.

    Raises:
        MappingFailed: When a chosen column is missing, or a new name is taken.
    """
    chosen = _chosen(table.columns, rule)
    kept = [name for name in table.columns if name not in chosen]
    for name in (rule.name, rule.value):
        if name in kept:
            raise MappingFailed(f"unpivot cannot call a column {name!r}: the source has one of this name; choose another")
    # A new column may have the name of one that becomes rows, so it gets its name at the end.
    frame = table.frame.unpivot(on=chosen, index=[*kept, ROW], variable_name=_NAME, value_name=_VALUE)
    frame = frame if rule.keep_empty else frame.drop_nulls(_VALUE)
    columns = [*kept, pl.col(_NAME).alias(rule.name), pl.col(_VALUE).alias(rule.value), ROW]
    return replace(table, frame=frame.select(columns).sort(ROW, maintain_order=True))


def _chosen(present: list[str], rule: Unpivot) -> list[str]:
    absent = [name for name in rule.columns if name not in present]
    if absent:
        raise MappingFailed(f"the source has no column {absent[0]!r}, which unpivot names; columns are {', '.join(present[:50])}")
    found = [n for n in present if n in rule.columns or (rule.matching and matches(n, rule.matching) and not matches(n, rule.excluding))]
    if not found:
        raise MappingFailed(f"unpivot finds no column that matches {rule.matching!r}")
    return found


def looked_up(table: SourceTable, rule: Lookup, folder: Path) -> SourceTable:
    """The table with the columns of a lookup table beside it; rows that find nothing are rejected, reported or left.

    Raises:
        MappingFailed: When columns are missing or taken, or the key of the lookup table is not unique.
        UnreadableSource: When the lookup table cannot be read.
    """
    other = read_source(below(folder, rule.file), rule.reader)
    table = replace(table, files=(*table.files, UsedFile(rule.file, other.digest, other.bytes, "lookup")))
    _require(table.columns, list(rule.on), "the source")
    _require(other.columns, [*rule.on.values(), *rule.take.values()], rule.file)
    taken = [name for name in rule.take if name in table.columns]
    if taken:
        raise MappingFailed(f"the source has a column {taken[0]!r} already; give the column of {rule.file} another name under take")
    keys = [f"{_KEY}{index}" for index in range(len(rule.on))]
    right = other.frame.select(
        *[_key(column, rule).alias(key) for key, column in zip(keys, rule.on.values(), strict=True)],
        *[pl.col(column).alias(name) for name, column in rule.take.items()],
        pl.lit(value=True).alias("~found"),
    ).drop_nulls(keys)
    if right.select(keys).is_duplicated().any():
        keyed = other.frame.select(ROW, *[_key(column, rule).alias(key) for key, column in zip(keys, rule.on.values(), strict=True)])
        keyed = keyed.drop_nulls(keys)
        first = keyed.filter(keyed.select(keys).is_duplicated()).row(0)[0]
        raise MappingFailed(
            f"{rule.file}:{first}: {', '.join(rule.on.values())} stands there more than once; a lookup needs one row per key"
        )
    left = table.frame.with_columns(*[_key(column, rule).alias(key) for key, column in zip(keys, rule.on, strict=True)])
    joined = left.join(right, on=keys, how="left", maintain_order="left")
    found = pl.col("~found").is_not_null()
    lost = joined.filter(~found)
    columns = [*table.columns, *rule.take, ROW]
    if lost.is_empty() or rule.unmatched == "ignore":
        return replace(table, frame=joined.select(columns))
    keep = joined.select(columns) if rule.unmatched == "report" else joined.filter(found).select(columns)
    return replace(table, frame=keep, rejected=_rejected(table, lost, rule), findings=(*table.findings, _finding(lost, rule)))


def _key(column: str, rule: Lookup) -> pl.Expr:
    text = pl.col(column).str.strip_chars()
    return text.str.to_lowercase() if rule.ignore_case else text


def _require(present: list[str], wanted: list[str], where: str) -> None:
    absent = [name for name in wanted if name not in present]
    if absent:
        raise MappingFailed(f"{where} has no column {absent[0]!r}, which a lookup names; columns are {', '.join(present[:50])}")


def _rejected(table: SourceTable, lost: pl.DataFrame, rule: Lookup) -> pl.DataFrame:
    if rule.unmatched != "reject":
        return table.rejected
    rows = lost.select(
        ROW,
        pl.lit("unmatched-lookup").alias("reason"),
        pl.concat_str(list(rule.on), separator=", ", ignore_nulls=True).alias("text"),
        pl.lit(", ".join(rule.on)).alias("column"),
        pl.lit(f"it finds nothing in {rule.file}").alias("message"),
    )
    return pl.concat([table.rejected, rows], how="diagonal")


def _finding(lost: pl.DataFrame, rule: Lookup) -> Finding:
    rows = lost[ROW].n_unique()
    return Finding(
        "unmatched-lookup",
        Severity.ERROR if rule.unmatched == "reject" else Severity.WARNING,
        f"{rows} rows find nothing in {rule.file}{'; they were left out' if rule.unmatched == 'reject' else ''}",
        "Complete that table, or correct the key in the source.",
        row=lost[ROW][0],
        column=next(iter(rule.on)),
        count=rows,
    )


def reshaped(table: SourceTable, source: Source, folder: Path) -> Iterator[tuple[SourceTable, dict[str, int], list[str]]]:
    """The table after each change of its shape, in the order of the recipe: columns to rows, then lookups.

    Yields:
        The table, the numbers of its rows (``rows_in``, ``rows_spread`` where columns became rows and none was left out yet,
        ``rows_out``), and the file of the lookup.
    """
    if source.unpivot:
        before, spread = table.frame.height, table.frame.height * len(_chosen(table.columns, source.unpivot))
        table = unpivoted(table, source.unpivot)
        yield table, {"rows_in": before, "rows_spread": spread, "rows_out": table.frame.height}, []
    for rule in source.lookups:
        before = table.frame.height
        table = looked_up(table, rule, folder)
        yield table, {"rows_in": before, "rows_out": table.frame.height}, [rule.file]
