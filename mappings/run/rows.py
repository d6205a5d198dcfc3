"""From a table of text to rows that carry components: types, derived columns, checks, filters, answers, codes."""

from __future__ import annotations

from dataclasses import dataclass

import narwhals.stable.v2 as nw

from mappings.cells import mapped
from mappings.checks.traps import total_in_source
from mappings.expressions.kinds import Kind
from mappings.journal import Journal
from mappings.ports import FrameEngine, Rows
from mappings.readers.ports import ROW, SourceTable
from mappings.recipe.model import Recipe
from mappings.steps.aggregate import Cube, all_groupings, prepare
from mappings.steps.columns import check_drift, expected_columns, kinds_of, known_columns, type_columns
from mappings.steps.components import map_component, require_component
from mappings.steps.decimals import Decimals, decimals_of
from mappings.steps.multi_select import Breakdown, split_answers
from mappings.steps.personal import personal_columns
from mappings.steps.rows import check_rows, deduplicate, derive, filter_rows
from registry.data_schema import DataSchema, Role
from registry.findings import Finding, Severity


@dataclass(frozen=True)
class MappedRows:
    """Rows with components and the working columns of all indicators, and how they become cells."""

    rows: Rows
    cube: Cube
    components: tuple[str, ...]
    decimals: tuple[Decimals, ...]
    engine: FrameEngine


def map_rows(table: SourceTable, recipe: Recipe, schema: DataSchema, journal: Journal) -> MappedRows:
    """Run all row steps of a recipe.

    Raises:
        MappingFailed: When the source lacks columns that the recipe needs.
    """
    check_drift(recipe.source, table.columns, journal)
    journal.personal = personal_columns(recipe, table.columns)
    unpivot = recipe.source.unpivot
    journal.spread = (unpivot.value, unpivot.name) if unpivot else None
    declared = expected_columns(recipe.source, table.columns)
    if recipe.source.columns and not recipe.source.patterns:
        # Nothing can speak of a column that is not declared; surveys have hundreds of them.
        declared = {name: column for name, column in declared.items() if name in known_columns(recipe.source)}
    kinds = kinds_of(declared)
    rows: Rows = journal.engine.read(table.frame.select(*declared, ROW))
    rows = journal.checkpoint(type_columns(rows, declared, recipe.source.reader.decimal, journal))
    journal.step("type", {"rows_in": table.frame.height, "rows_out": journal.count(rows)})
    rows = derive(rows, recipe.derive, kinds, journal)
    rows = journal.checkpoint(check_rows(rows, recipe.checks, kinds, journal))
    rows = filter_rows(rows, recipe.filters, kinds, journal)
    rows = journal.checkpoint(deduplicate(rows, recipe.deduplicate, journal))
    return _map(rows, recipe, schema, kinds, journal)


def dimensions_from_rows(recipe: Recipe, schema: DataSchema) -> tuple[str, ...]:
    """Dimensions whose values come from columns, in the order of the data structure."""
    from_rows = {name for name, source in recipe.components.items() if source.column or source.multi_select}
    return tuple(d.id for d in schema.all_dimensions if d.id in from_rows)


def _map(rows: Rows, recipe: Recipe, schema: DataSchema, kinds: dict[str, Kind], journal: Journal) -> MappedRows:
    before = journal.count(rows)
    dimensions = dimensions_from_rows(recipe, schema)
    breakdowns: dict[str, Breakdown] = {}
    for name, source in recipe.components.items():
        if source.multi_select:
            rows, breakdowns[name] = split_answers(rows, source.multi_select, recipe.multi_select[source.multi_select], journal)
            rows = rows.with_columns(nw.lit(None).cast(nw.String).alias(mapped(name)))
            continue
        _report_totals(rows, name, recipe, schema, journal)
        rows = map_component(rows, name, source, kinds, journal)
        if name in dimensions:
            rows = require_component(rows, name, journal)
    rows = journal.checkpoint(prepare(rows, recipe.indicators, kinds, recipe.unit))
    decimals = decimals_of(rows, tuple(recipe.indicators.values()), journal)
    journal.step("map", {"rows_in": before, "rows_out": journal.count(rows)}, components=list(recipe.components))
    carried = tuple(n for n, s in recipe.components.items() if s.column and n not in dimensions) if not recipe.is_aggregated else ()
    cube = Cube((*dimensions, *carried), _totals(recipe), breakdowns, _groupings(recipe, dimensions), recipe.unit is not None)
    return MappedRows(rows, cube, (*dimensions, *carried), decimals, journal.engine)


def _totals(recipe: Recipe) -> dict[str, str]:
    return {name: source.total for name, source in recipe.components.items() if source.total is not None}


def _groupings(recipe: Recipe, dimensions: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """Without a ``totals`` block every total that a component declares is published."""
    with_total = [name for name in dimensions if recipe.components[name].total is not None]
    chosen = all_groupings(with_total) if recipe.totals is None or recipe.totals.groupings == "all" else recipe.totals.groupings
    return tuple(tuple(name for name in dimensions if name in grouping or name not in with_total) for grouping in chosen)


def _report_totals(rows: Rows, name: str, recipe: Recipe, schema: DataSchema, journal: Journal) -> None:
    """Report rows that are totals of other rows: they would be counted again. Rows taken as they stand are not counted."""
    column = recipe.components[name].column
    if column is None or not recipe.is_aggregated or name not in schema or schema[name].role is not Role.DIMENSION:
        return
    totals = [value for value in journal.distinct(rows, column) if total_in_source(value)]
    if totals:
        finding = Finding(
            "total-in-source",
            Severity.WARNING,
            f"{column} holds rows that look like totals of other rows",
            "Leave them out with a filter; totals are computed.",
            column=column,
            component=name,
        )
        journal.report(rows, nw.col(column).cast(nw.String).is_in(totals), finding, shown=column)
