"""Checks of data that are loaded as they are: the checks of mapped data, batch by batch while the message is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

import polars as pl

from exchange.observations.ports import SOURCE_ROW, Action
from mappings.checks.observations import Batch, absent_periods, broken_facets, constraint_violations, unknown_codes, wrong_types
from registry.data_schema import DataSchema, SchemaComponent
from registry.findings import Finding, Severity
from registry.model.data_types import SWITCHED_OFF
from registry.services.schemas import ConstrainedSchema

_CHECKS: Final[tuple[Callable[[Batch], Iterator[Finding]], ...]] = (unknown_codes, wrong_types, broken_facets, absent_periods)
#: About a message that says nothing at all.
NOTHING_READ: Final = Finding(
    "nothing-read",
    Severity.WARNING,
    "the message holds no observation, no attribute and nothing to delete",
    "Check that it is the right file and complete.",
)


@dataclass
class LoadChecks:
    """Looks at batches as they pass by. Keys that stand there twice are seen by the store, which has the whole submission.

    Attributes:
        observations: Rows that passed by.
    """

    constrained: ConstrainedSchema
    observations: int = 0
    _found: dict[tuple[object, ...], Finding] = field(default_factory=dict)
    _mandatory: _MandatoryAttributes | None = None

    def watch(self, action: Action, batches: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        """The batches, unchanged. What is deleted need not be right."""
        if self._mandatory is None:
            self._mandatory = _MandatoryAttributes(self.constrained.schema)
        for batch in batches:
            self.observations += batch.height
            if action is not Action.DELETE:
                self._check(batch)
                self._mandatory.see(batch)
            yield batch

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was seen so far, errors first."""
        missing = self._mandatory.findings() if self._mandatory else ()
        return tuple(sorted((*self._found.values(), *missing), key=lambda finding: finding.severity is not Severity.ERROR))

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that forbid to store the data."""
        return tuple(finding for finding in self._found.values() if finding.severity is Severity.ERROR)

    def _check(self, batch: pl.DataFrame) -> None:
        schema, constraints = self.constrained.schema, self.constrained.constraints
        for frame in _frames(batch, schema):
            for check in _CHECKS:
                self._add(check(Batch(frame, schema, constraints)))
        whole = _whole(_plain(batch, schema), schema)
        self._add(constraint_violations(Batch(whole, schema, constraints)))

    def _add(self, findings: Iterator[Finding]) -> None:
        for finding in findings:
            identity = (finding.code, finding.component, finding.value, finding.message)
            known = self._found.get(identity)
            self._found[identity] = replace(known, count=known.count + finding.count) if known else finding


def _frames(batch: pl.DataFrame, schema: DataSchema) -> Iterator[pl.DataFrame]:
    """The batch without the columns that hold several values, then each of those with one value per row."""
    yield _plain(batch, schema)
    for component in _several(batch, schema):
        rows = [SOURCE_ROW] if SOURCE_ROW in batch.columns else []
        each = batch.select(component.id, *rows)
        while isinstance(each.schema[component.id], pl.List):
            each = each.explode(component.id)
        localised = isinstance(each.schema[component.id], pl.Struct)
        each = each.with_columns(pl.col(component.id).struct.field("value").alias(component.id)) if localised else each
        yield _present(each, schema)


def _plain(batch: pl.DataFrame, schema: DataSchema) -> pl.DataFrame:
    single = batch.drop(component.id for component in _several(batch, schema))
    dimensions = [dimension.id for dimension in schema.all_dimensions if dimension.id in batch.columns]
    return _present(single.with_columns(pl.col(name).cast(pl.String).replace(SWITCHED_OFF, None) for name in dimensions), schema)


def _present(rows: pl.DataFrame, schema: DataSchema) -> pl.DataFrame:
    """The rows without what is missing on purpose, of which neither code, type nor facet speaks."""
    texts = [name for name, kind in rows.schema.items() if kind == pl.String and name in schema and schema[name].missing]
    return rows.with_columns(*(pl.col(name).replace(schema[name].missing, None) for name in texts), pl.selectors.float().fill_nan(None))


def _several(batch: pl.DataFrame, schema: DataSchema) -> list[SchemaComponent]:
    return [schema[name] for name, kind in batch.schema.items() if kind.is_nested() and name in schema]


def _whole(batch: pl.DataFrame, schema: DataSchema) -> pl.DataFrame:
    """Rows with a whole key: they are observations, the others carry attributes of a part of the key."""
    given = [pl.col(dimension.id).is_not_null() for dimension in schema.all_dimensions if dimension.id in batch.columns]
    return batch.filter(pl.all_horizontal(pl.lit(value=True), *given))


class _MandatoryAttributes:
    """Which mandatory attributes are given nowhere: not with the observation, and not for the part of the key they depend on.

    A merge may leave out what is stored already, and real deliveries often lack some, so this is a warning.
    """

    def __init__(self, schema: DataSchema) -> None:
        keys = [dimension.id for dimension in schema.all_dimensions]
        mandatory = [attribute for attribute in schema.attributes if attribute.mandatory]
        self._schema = schema
        self._on = {attribute.id: [key for key in keys if key in attribute.attached_to] for attribute in mandatory}
        self._keys = keys
        self._lacking: dict[str, list[pl.DataFrame]] = {name: [] for name in self._on}
        self._given: dict[str, list[pl.DataFrame]] = {name: [] for name in self._on}

    def see(self, batch: pl.DataFrame) -> None:
        """Note what a batch gives and lacks."""
        if not self._on:
            return
        rows = batch.with_columns(pl.col(key).cast(pl.String).replace(SWITCHED_OFF, None) for key in self._keys if key in batch.columns)
        whole = _whole(rows, self._schema)
        for name, on in self._on.items():
            absent = whole if name not in rows.columns else whole.filter(pl.col(name).is_null())
            if absent.height:
                self._lacking[name].append(_keyed(absent, on if len(on) < len(self._keys) else []))
            if name in rows.columns and len(on) < len(self._keys):
                self._given[name].append(_keyed(rows.filter(pl.col(name).is_not_null()), on))

    def findings(self) -> Iterator[Finding]:
        """A warning per attribute that is missing somewhere."""
        for name, on in self._on.items():
            if not self._lacking[name]:
                continue
            lacking = pl.concat(self._lacking[name])
            given = pl.concat(self._given[name]) if self._given[name] else lacking.clear()
            if 0 < len(on) < len(self._keys):
                lacking = lacking.join(given, on=on, how="anti")
            elif not on and given.height:
                continue
            if lacking.height:
                about, hint = f"observations have no {name}, which is mandatory", "Add it, unless what is stored already has it."
                row, count = lacking[SOURCE_ROW].min(), int(lacking["_count"].sum())
                row = row if isinstance(row, int) else None
                yield Finding("missing-mandatory", Severity.WARNING, about, hint, row=row, component=name, count=count)


def _keyed(rows: pl.DataFrame, on: list[str]) -> pl.DataFrame:
    """Distinct values of some dimensions with the number of rows and the first of them."""
    first = pl.col(SOURCE_ROW).min() if SOURCE_ROW in rows.columns else pl.lit(None, pl.Int64).alias(SOURCE_ROW)
    facts = [pl.len().cast(pl.Int64).alias("_count"), first]
    return rows.group_by(on).agg(facts) if on else rows.select(facts).filter(pl.col("_count") > 0)
