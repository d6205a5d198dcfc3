"""Checks of a batch of observations against its data structure and constraints.

The batch has one column per component (all text, measures numeric). Every check is one expression over a column; findings are
told per distinct value. Suppressed values cannot appear: the batch has none of them any more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import polars as pl

from mappings.checks.periods import absent, distinct_periods, spelt_twice
from mappings.checks.restrictions import excluded_combinations, excluded_values
from mappings.checks.values import facet_problems, is_of_type
from mappings.readers.ports import ROW
from registry.constraints.combine import ConstraintSet
from registry.data_schema import DataSchema, Level, Role, SchemaComponent
from registry.findings import Finding, Severity
from registry.model.data_types import ValueSpace
from registry.model.structures import TIME_PERIOD
from registry.services.schemas import ConstrainedSchema

#: Statuses that say that there is no value (CL_OBS_STATUS 2.2).
MISSING_STATUSES: Final = frozenset({"H", "L", "M", "O", "Q"})
_MAX_VALUES: Final = 20


@dataclass(frozen=True)
class Batch:
    """Observations and what they are checked against."""

    frame: pl.DataFrame
    schema: DataSchema
    constraints: ConstraintSet

    @property
    def has_periods(self) -> bool:
        """True when the batch has the time dimension."""
        return self.schema.time_dimension is not None and TIME_PERIOD in self.frame.columns

    def present(self) -> Iterator[SchemaComponent]:
        """Components that the batch has a column for."""
        return (component for component in self.schema.components if component.id in self.frame.columns)


def check_observations(frame: pl.DataFrame, constrained: ConstrainedSchema) -> list[Finding]:
    """All findings about a batch; errors mean that it must not be published."""
    batch = Batch(frame, constrained.schema, constrained.constraints)
    checks: tuple[Callable[[Batch], Iterator[Finding]], ...] = (
        unknown_components,
        missing_mandatory,
        unknown_codes,
        wrong_types,
        broken_facets,
        absent_periods,
        duplicates,
        doubled_periods,
        constraint_violations,
        inconsistent_attributes,
    )
    return [finding for check in checks for finding in check(batch)]


def unknown_components(batch: Batch) -> Iterator[Finding]:
    """Columns that the data structure has no component for."""
    for column in batch.frame.columns:
        if column not in batch.schema and column != ROW:
            yield _error("unknown-component", f"the data structure has no component {column}", "Remove it from the recipe.", column, 1)


def missing_mandatory(batch: Batch) -> Iterator[Finding]:
    """Dimensions without a value, mandatory attributes and measures without one (unless the status says that it is missing)."""
    status = pl.col("OBS_STATUS") if "OBS_STATUS" in batch.frame.columns else pl.lit(None, pl.String)
    excused = status.is_in(list(MISSING_STATUSES)).fill_null(value=False)
    for component in batch.schema.components:
        is_dimension = component.role in {Role.DIMENSION, Role.TIME_DIMENSION}
        if not (is_dimension or component.mandatory):
            continue
        if component.id not in batch.frame.columns:
            number = batch.frame.height
        else:
            absent = pl.col(component.id).is_null()
            number = batch.frame.filter(absent & ~excused if component.role is Role.MEASURE else absent).height
        if number:
            hint = "Give it a value under components, or a code for absent values with 'missing'."
            yield _error(
                "missing-mandatory", f"{number} observations have no {component.id}, which is mandatory", hint, component.id, number
            )


def unknown_codes(batch: Batch) -> Iterator[Finding]:
    """Values that are not codes of the component's codelist."""
    for component in batch.present():
        if component.codelist is None:
            continue
        bad = batch.frame.filter(
            pl.col(component.id).is_not_null() & ~pl.col(component.id).cast(pl.String).is_in(list(component.code_names))
        )
        yield from _per_value(bad, component.id, "unknown-code", f"not a code of {component.codelist.id}", "Add the code or map the value.")


def wrong_types(batch: Batch) -> Iterator[Finding]:
    """Values that are not of the component's data type."""
    for component in batch.present():
        if component.is_coded or batch.frame.schema[component.id].is_nested():
            continue
        distinct = batch.frame.get_column(component.id).drop_nulls().unique()
        is_time = component.role is Role.TIME_DIMENSION
        wrong = distinct.filter(~is_of_type(distinct, component.type, is_time_dimension=is_time))
        bad = batch.frame.filter(pl.col(component.id).is_in(wrong.implode()))
        hint = "Correct the value, or the data type in the data structure."
        yield from _per_value(bad, component.id, "wrong-type", f"not of type {component.data_type}", hint)


def broken_facets(batch: Batch) -> Iterator[Finding]:
    """Values outside the facets: pattern, length, smallest and largest value, decimals."""
    for component in batch.present():
        facets = component.representation.format or component.representation.enumeration_format
        if facets is None or component.is_coded or batch.frame.schema[component.id].is_nested():
            continue
        for problem, expression in facet_problems(component.id, facets, component.type, batch.frame.schema[component.id]):
            bad = batch.frame.filter(expression.fill_null(value=False))
            yield from _per_value(bad, component.id, "facet-violation", problem, "Correct the value, or the facet in the data structure.")


def duplicates(batch: Batch) -> Iterator[Finding]:
    """Several observations with one key."""
    keys = [d.id for d in batch.schema.all_dimensions if d.id in batch.frame.columns]
    repeated = batch.frame.group_by(keys, maintain_order=True).len().filter(pl.col("len") > 1) if keys else batch.frame.head(0)
    for row in repeated.head(_MAX_VALUES).iter_rows(named=True):
        key = ".".join(str(row[name]) for name in keys)
        hint = "Map a further dimension, aggregate, or remove the double rows with deduplicate."
        yield Finding("duplicate-observation", Severity.ERROR, f"{row['len']} observations have the key {key}", hint, count=row["len"])


def absent_periods(batch: Batch) -> Iterator[Finding]:
    """Weeks and days that their reporting year does not have, in the time dimension and wherever else periods stand."""
    for component in batch.present():
        holds_periods = component.role is Role.TIME_DIMENSION or component.type.space is ValueSpace.PERIOD
        if not holds_periods or batch.frame.schema[component.id].is_nested():
            continue
        for period, reason in absent(distinct_periods(batch.frame, batch.schema, component.id)).items():
            bad = batch.frame.filter(pl.col(component.id) == period)
            yield from _per_value(bad, component.id, "absent-period", reason, "Correct the period.")


def doubled_periods(batch: Batch) -> Iterator[Finding]:
    """Several observations of one series for one period, which is written in several ways."""
    if not batch.has_periods:
        return
    series = [d.id for d in batch.schema.dimensions if d.id in batch.frame.columns]
    for row in spelt_twice(batch.frame, batch.schema, series).head(_MAX_VALUES).iter_rows(named=True):
        key = ".".join(str(row[name]) for name in series)
        message = f"{' and '.join(row[TIME_PERIOD])} are one and the same period of the series {key}"
        yield _error("doubled-period", message, "Write periods in one way.", TIME_PERIOD, len(row[TIME_PERIOD]))


def constraint_violations(batch: Batch) -> Iterator[Finding]:
    """Values and combinations of values that constraints exclude, and periods outside their time ranges."""
    for component in batch.present():
        excluded = excluded_values(batch.constraints, component.id, batch.frame.get_column(component.id))
        bad = batch.frame.filter(pl.col(component.id).cast(pl.String).is_in(excluded)) if excluded else batch.frame.head(0)
        yield from _per_value(bad, component.id, "constraint-violation", "excluded by a constraint", "Map to an admitted value.")
    hint = "Map to an admitted combination, or ask the owner of the constraint."
    for number, shown in enumerate(excluded_combinations(batch.constraints, batch.frame)):
        if number == _MAX_VALUES:
            yield Finding("constraint-violation", Severity.ERROR, "further combinations are excluded by a constraint", hint)
            return
        yield Finding("constraint-violation", Severity.ERROR, f"the combination {shown} is excluded by a constraint", hint)


def inconsistent_attributes(batch: Batch) -> Iterator[Finding]:
    """Attributes with several values where the data structure attaches one: to the data set, a series, a group or some dimensions."""
    for component in batch.schema.attributes:
        if component.id not in batch.frame.columns or component.level in {None, Level.OBSERVATION}:
            continue
        keys = [name for name in component.attached_to if name in batch.frame.columns]
        varied = batch.frame.select(*keys, component.id).drop_nulls(component.id).unique()
        number = varied.group_by(keys).len().filter(pl.col("len") > 1).height if keys else int(varied.height > 1)
        if number:
            where = f"for the same {', '.join(keys)}" if keys else "in the data set"
            hint = "Give it one value there, or attach it to the observation in the data structure."
            yield _error("inconsistent-attribute", f"{component.id} has several values {where}", hint, component.id, number)


def _per_value(bad: pl.DataFrame, component: str, code: str, problem: str, hint: str) -> Iterator[Finding]:
    if bad.is_empty():
        return
    first = pl.col(ROW).min() if ROW in bad.columns else pl.lit(None, pl.Int64)
    found = bad.group_by(pl.col(component).cast(pl.String).alias("value")).agg(pl.len(), first.alias("row"))
    groups = found.sort("len", "value", descending=[True, False])
    for value, number, row in groups.head(_MAX_VALUES).iter_rows():
        message = f"{component} holds a value that is {problem}"
        yield Finding(code, Severity.ERROR, message, hint, row=row, component=component, value=value, count=number)
    if groups.height > _MAX_VALUES:
        rest = int(groups.tail(groups.height - _MAX_VALUES)["len"].sum())
        yield Finding(code, Severity.ERROR, f"{component} holds further values that are {problem}", hint, component=component, count=rest)


def _error(code: str, message: str, hint: str, component: str, count: int) -> Finding:
    return Finding(code, Severity.ERROR, message, hint, component=component, count=count)
