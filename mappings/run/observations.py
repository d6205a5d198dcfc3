"""From mapped rows to protected observations in the columns of the data structure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import narwhals.stable.v2 as nw
import polars as pl

from mappings.cells import COMMENT_OBS, INDICATOR, OBS_STATUS, OCCURRENCE, SUPPRESSED, UNITS, VALUE, component_of, mapped
from mappings.checks.values import number_text
from mappings.disclosure.primary import protect
from mappings.disclosure.recoverable import recoverable_cells
from mappings.journal import Journal
from mappings.ports import Rows
from mappings.readers.ports import ROW
from mappings.recipe.model import Recipe
from mappings.run.rows import MappedRows
from mappings.steps.aggregate import Cube, aggregate, as_they_stand
from mappings.steps.describe import apply_flags, classed_counts, fixed_values
from registry.data_schema import DataSchema, SchemaComponent
from registry.findings import Finding


@dataclass(frozen=True)
class Made:
    """Observations, and how many of them were suppressed per indicator."""

    frame: pl.DataFrame
    suppressed: dict[str, int]


def make_observations(source: MappedRows, recipe: Recipe, schema: DataSchema, journal: Journal) -> Made:
    """Aggregate, describe, flag and protect; the result has the components of the data structure that the recipe fills."""
    cells = _cells(source, recipe, journal)
    cells = fixed_values(cells, recipe.components, recipe.indicators)
    cells = classed_counts(cells, recipe.classes)
    names = [component.id for component in schema.components]
    cells = apply_flags(cells, recipe.flags, names, recipe.status_hierarchy, _status_names(schema))
    flagged = {name for rule in recipe.flags for name in rule.set}
    shares = [name for name, indicator in recipe.indicators.items() if indicator.statistic == "proportion"]
    protected, emptied = protect(cells, recipe.disclosure, {*flagged, *recipe.classes}, recipe.components, shares)
    frame = journal.engine.to_polars(protected)
    suppressed = dict(frame.filter(SUPPRESSED).group_by(INDICATOR).len().sort(INDICATOR).iter_rows())
    if recipe.disclosure:
        journal.findings.extend(_recoverable(frame, source.cube, recipe))
    journal.step("protect", {"observations": frame.height, "suppressed": sum(suppressed.values())}, emptied=emptied)
    return Made(_as_batch(frame, recipe, schema), suppressed)


def _recoverable(frame: pl.DataFrame, cube: Cube, recipe: Recipe) -> Iterator[Finding]:
    """Suppressed counts and sums that are a total less the other cells; answers of one unit overlap and do not add up."""
    additive = [name for name, indicator in recipe.indicators.items() if indicator.statistic in {"count", "sum"}]
    totals = {name: (mapped(name), code) for name, code in cube.totals.items() if name in cube.dimensions and name not in cube.breakdowns}
    keys = [INDICATOR, *[mapped(name) for name in cube.dimensions]]
    return recoverable_cells(frame.filter(pl.col(INDICATOR).is_in(additive)), SUPPRESSED, keys, totals)


def _cells(source: MappedRows, recipe: Recipe, journal: Journal) -> Rows:
    if not recipe.is_aggregated:
        cells = journal.checkpoint(as_they_stand(source.rows, recipe.indicators, source.cube, source.decimals, recipe.rounding))
        journal.step("spread", {"observations": journal.count(cells)})
        return cells
    cells = journal.checkpoint(aggregate(source.rows, recipe.indicators, source.cube, source.decimals, recipe.rounding))
    everything = journal.count(cells)
    keep_empty = recipe.disclosure is not None and not recipe.disclosure.zero_is_safe
    cells = cells if keep_empty else cells.filter(nw.col(UNITS) > 0)
    kept = journal.count(cells)
    journal.step(
        "aggregate",
        {"cells": everything, "without_data": everything - kept, "observations": kept},
        groupings=[list(grouping) for grouping in source.cube.groupings],
    )
    return cells


def _status_names(schema: DataSchema) -> dict[str, str]:
    if OBS_STATUS not in schema:
        return {}
    return {code: names.get("en", code) for code, names in schema[OBS_STATUS].code_names.items()}


def _as_batch(frame: pl.DataFrame, recipe: Recipe, schema: DataSchema) -> pl.DataFrame:
    """Put the working columns into the columns of the data structure, with their types, sorted by key."""
    measures = {key: indicator.measure for key, indicator in recipe.indicators.items()}
    for measure in dict.fromkeys(measures.values()):
        own = [key for key, name in measures.items() if name == measure]
        frame = frame.with_columns(pl.when(pl.col(INDICATOR).is_in(own)).then(VALUE).alias(mapped(measure)))
    if len(set(measures.values())) > 1:
        frame = _one_row_per_key(frame, recipe, schema)
    extra = [pl.col(c).alias(name) for c in frame.columns if (name := component_of(c)) is not None and name not in schema]
    known = [_typed(frame, component) for component in schema.components if mapped(component.id) in frame.columns]
    rows = [pl.col(ROW)] if ROW in frame.columns and recipe.disclosure is None else []
    keys = [d.id for d in schema.all_dimensions if mapped(d.id) in frame.columns]
    batch = frame.select(*known, *extra, *rows)
    empty = [c for c in batch.columns if c == COMMENT_OBS and batch[c].null_count() == batch.height]
    return batch.drop(empty).sort(keys, nulls_last=True) if keys else batch.drop(empty)


def _one_row_per_key(frame: pl.DataFrame, recipe: Recipe, schema: DataSchema) -> pl.DataFrame:
    """Put the measures of one key side by side; an attribute keeps the value that differs from its normal one, such as a flag."""
    keys = [mapped(d.id) for d in schema.all_dimensions if mapped(d.id) in frame.columns]
    # Two rows of one indicator with the same key stay two: they are a fault of the source, which the checks report.
    frame = frame.with_columns(pl.int_range(pl.len()).over(*keys, INDICATOR).alias(OCCURRENCE))
    normal = {mapped(name): source.value for name, source in recipe.components.items() if source.value is not None}
    merged = [
        pl.coalesce(pl.col(c).filter(pl.col(c).is_not_null() & (pl.col(c) != normal.get(c, ""))).first(), pl.col(c).drop_nulls().first())
        if frame.schema[c] == pl.String
        else pl.col(c).drop_nulls().first()
        for c in frame.columns
        if c not in {*keys, OCCURRENCE}
    ]
    return frame.group_by([*keys, OCCURRENCE], maintain_order=True).agg(merged).drop(OCCURRENCE)


def _typed(frame: pl.DataFrame, component: SchemaComponent) -> pl.Series:
    """The column of a component in its type; a column that does not fit its type stays as it is, for the checks to report."""
    column = frame.get_column(mapped(component.id)).alias(component.id)
    if not component.is_numeric:
        return number_text(column, exponents=False) if column.dtype.is_float() else column.cast(pl.String)
    numbers = column.cast(pl.Float64, strict=False)
    if numbers.null_count() > column.null_count():
        return column.cast(pl.String)
    is_whole = bool((numbers == numbers.round(0)).all())
    return numbers.cast(pl.Int64) if component.is_integer and is_whole else numbers
