"""Traps that citizen data really fall into: what is formally right and still wrong.

Each check is for a case seen in published national or citizen data; the finding says what was seen and what to do.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import polars as pl

from mappings.checks.observations import MISSING_STATUSES
from registry.data_schema import DataSchema
from registry.findings import Finding, Severity

#: Words that stand for totals in tables.
TOTAL_WORDS: Final = frozenset(
    {"total", "grand total", "sub-total", "subtotal", "all", "overall", "sum", "_t", "sous-total", "total general"}
)


def check_statuses(frame: pl.DataFrame, schema: DataSchema) -> Iterator[Finding]:
    """A status that says the value is missing beside a value, and a normal status beside a blank."""
    measures = [m.id for m in schema.measures if m.id in frame.columns]
    if "OBS_STATUS" not in frame.columns or not measures:
        return
    has_value = pl.any_horizontal(*[pl.col(m).is_not_null() for m in measures])
    contradicting = frame.filter(pl.col("OBS_STATUS").is_in(list(MISSING_STATUSES)) & has_value)
    for status, number in contradicting.group_by("OBS_STATUS").len().sort("OBS_STATUS").iter_rows():
        yield Finding(
            "missing-status-with-value",
            Severity.ERROR,
            f"{number} observations have a value although OBS_STATUS {status} says that it is missing",
            "Correct the flag rule, or empty the value.",
            component="OBS_STATUS",
            count=number,
        )
    blank = frame.filter((pl.col("OBS_STATUS") == "A") & ~has_value).height
    if blank:
        yield Finding(
            "normal-status-without-value",
            Severity.ERROR,
            f"{blank} observations are normal (OBS_STATUS A) but have no value",
            "Add a flag rule for missing values, such as when: value is null, set: {OBS_STATUS: O}.",
            component="OBS_STATUS",
            count=blank,
        )


def check_percentages(frame: pl.DataFrame) -> Iterator[Finding]:
    """Percentages that look like shares of one: all of a group lie between 0 and 1."""
    if not {"UNIT_MEASURE", "OBS_VALUE"} <= set(frame.columns):
        return
    group = [name for name in ("INDICATOR", "SERIES") if name in frame.columns]
    percentages = frame.filter((pl.col("UNIT_MEASURE") == "PT") & pl.col("OBS_VALUE").is_not_null())
    extremes = percentages.group_by(group or [pl.lit("all").alias("all")]).agg(
        pl.col("OBS_VALUE").abs().max().alias("largest"), pl.len().alias("number")
    )
    for row in extremes.filter((pl.col("largest") <= 1) & (pl.col("largest") > 0) & (pl.col("number") > 1)).iter_rows(named=True):
        about = ".".join(str(row[name]) for name in group) or "the data"
        yield Finding(
            "percent-looks-like-share",
            Severity.WARNING,
            f"UNIT_MEASURE is PT (0 to 100), but no value of {about} is larger than 1",
            "Set scale: 100 in the indicator, or another unit.",
            component="UNIT_MEASURE",
            count=row["number"],
        )


def total_in_source(value: str) -> bool:
    """True when a text of a breakdown column stands for a total, which would be counted again."""
    return value.strip().lower() in TOTAL_WORDS
