"""Row steps: derived columns, row checks, filters, duplicates."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from mappings.expressions.compiling import columns_of, compile_condition, compile_expression
from mappings.expressions.kinds import Kind
from mappings.expressions.parsing import parse
from mappings.journal import Journal
from mappings.ports import Rows
from mappings.readers.ports import ROW
from mappings.recipe.model import Column, Deduplication, Derived, Filter, RowCheck
from mappings.steps.columns import kinds_of, type_columns
from mappings.steps.windows import over_rows
from registry.findings import Finding, Severity


def derive(rows: Rows, derived: tuple[Derived, ...], kinds: dict[str, Kind], journal: Journal) -> Rows:
    """Add derived columns in order; ``kinds`` gains them. The columns that went in are recorded, those picked by pattern too."""
    for column in derived:
        if column.value is None:
            rows, used = over_rows(rows, column, kinds)
            rows, kind, text = journal.checkpoint(rows), Kind.NUMBER, f"{column.statistic} of {column.of or 'rows'}"
        else:
            rows, used, kind = _computed(rows, column, column.value, kinds, journal)
            text = column.value
        kinds[column.column] = kind
        journal.step("derive", {"columns": len(used)}, column=column.column, expression=text, columns_used=used)
    return rows


def _computed(rows: Rows, column: Derived, value: str, kinds: dict[str, Kind], journal: Journal) -> tuple[Rows, list[str], Kind]:
    expression = parse(value)
    compiled, kind = compile_expression(expression, kinds)
    used = columns_of(expression, kinds)
    rows = rows.with_columns(compiled.alias(column.column))
    if column.type is not None and kind is Kind.TEXT:
        declared = {column.column: Column(type=column.type, format=column.format)}
        return type_columns(journal.checkpoint(rows), declared, ".", journal), used, kinds_of(declared)[column.column]
    return rows, used, kind


def check_rows(rows: Rows, checks: tuple[RowCheck, ...], kinds: dict[str, Kind], journal: Journal) -> Rows:
    """Report rows that do not meet expectations; errors keep them out."""
    if not checks:
        return rows
    before = journal.count(rows)
    for check in checks:
        compiled, _ = compile_expression(parse(check.expect), kinds)
        finding = Finding("row-check", check.severity, check.message, check.hint)
        if check.severity is Severity.ERROR:
            rows = journal.reject(rows, ~compiled, finding)
        else:
            journal.report(rows, ~compiled, finding)
    journal.step("check rows", {"rows_in": before, "rows_out": journal.count(rows)}, expectations=[check.expect for check in checks])
    return rows


def filter_rows(rows: Rows, filters: tuple[Filter, ...], kinds: dict[str, Kind], journal: Journal) -> Rows:
    """Keep the rows that belong to the statistics."""
    for rule in filters:
        before = journal.count(rows)
        rows = rows.filter(compile_condition(parse(rule.keep), kinds))
        after = journal.count(rows)
        journal.step("filter", {"rows_in": before, "rows_out": after, "dropped": before - after}, keep=rule.keep, reason=rule.reason)
    return rows


def deduplicate(rows: Rows, rules: tuple[Deduplication, ...], journal: Journal) -> Rows:
    """Report rows with the same key, and keep the first of them where the recipe says so."""
    for rule in rules:
        before = journal.count(rows)
        key = list(rule.key)
        keyed = nw.all_horizontal(*[~nw.col(name).is_null() for name in key], ignore_nulls=False)
        position = nw.col(ROW).cum_count().over(*key, order_by=[*rule.order_by, ROW])
        kept = nw.col(ROW).count().over(*key) if rule.keep == "last" else nw.lit(1)
        later = rows.with_columns(position.alias("~position"), kept.alias("~kept"))
        later = later.with_columns((keyed & (nw.col("~position") != nw.col("~kept"))).alias("~later"))
        told = "all are kept" if rule.keep == "all" else f"the {rule.keep} is kept"
        journal.report(
            later,
            nw.col("~later"),
            Finding(
                "duplicate-in-source",
                Severity.WARNING if rule.keep == "all" else Severity.NOTE,
                f"rows have the same {', '.join(key)} as another row; {told}",
                "Check whether they describe the same thing.",
                column=key[0],
            ),
        )
        if rule.keep != "all":
            rows = later.filter(~nw.col("~later")).drop("~position", "~kept", "~later")
        after = journal.count(rows)
        journal.step("deduplicate", {"rows_in": before, "rows_out": after, "dropped": before - after}, key=key, reason=rule.reason)
    return rows
