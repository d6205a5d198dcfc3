"""A mapping run on one page: read → profile → map → aggregate → protect → check → record → publish.

Protection comes before the checks: what is suppressed is gone before anything can speak of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import polars as pl

from mappings.checks.observations import check_observations
from mappings.checks.traps import check_percentages, check_statuses
from mappings.disclosure.counts import without_small_counts
from mappings.engines.polars_engine import PolarsEngine
from mappings.errors import InvalidRecipe
from mappings.journal import Journal
from mappings.linting.linter import lint
from mappings.linting.personal import check_candidates
from mappings.ports import FrameEngine, Publication, SchemaSource
from mappings.provenance.ports import ObservationSink
from mappings.readers.catalogue import read_source
from mappings.readers.ports import SourceTable
from mappings.readers.profile import profile
from mappings.recipe.loading import LoadedRecipe, schema_urn
from mappings.recipe.model import Recipe
from mappings.run.observations import make_observations
from mappings.run.recording import provenance_of
from mappings.run.rejected import rejected_rows
from mappings.run.report import RecipeRun
from mappings.run.rows import MappedRows, map_rows
from mappings.steps.personal import outputs, passing_columns
from mappings.steps.reshaping import reshaped
from registry.findings import Finding, Severity
from registry.services.schemas import ConstrainedSchema


def run_recipe(
    loaded: LoadedRecipe,
    source: Path,
    *,
    schemas: SchemaSource,
    sink: ObservationSink | None = None,
    publish: bool = False,
    engine: FrameEngine | None = None,
) -> RecipeRun:
    """Run a recipe over a source.

    Args:
        loaded: The recipe.
        source: The source file.
        schemas: Where the data structure comes from.
        sink: Where observations and their provenance go; without ``publish`` it is only asked what would happen.
        publish: Store the observations, unless errors forbid it.
        engine: Where the run computes; Polars when absent.

    Raises:
        InvalidRecipe: When the recipe does not fit the data structure.
        UnreadableSource: When the source cannot be read.
        MappingFailed: When source and recipe do not belong together.
    """
    started = datetime.now(UTC)
    constrained = schemas.constrained(schema_urn(loaded))
    problems = lint(loaded, constrained.schema)
    if problems:
        raise InvalidRecipe(problems)
    journal = Journal(engine or PolarsEngine())
    as_read, table, candidates = _read(loaded, source, journal)
    mapped = map_rows(table, loaded.recipe, constrained.schema, journal)
    made = make_observations(mapped, loaded.recipe, constrained.schema, journal)
    policy = loaded.recipe.disclosure
    refusals = (
        *_reported(check_candidates(loaded.recipe, candidates, constrained.schema), journal),
        *_reported(check_rejected(loaded.recipe, table, journal), journal),
        *_check(made.frame, constrained, journal),
    )
    run = RecipeRun(
        submission=str(uuid4()),
        recipe=loaded.recipe.name,
        dataflow=loaded.recipe.dataflow,
        source=source.name,
        started=started,
        ended=datetime.now(UTC),
        schema=constrained.schema,
        observations=made.frame,
        rejected=rejected_rows(as_read, table, journal),
        steps=tuple(without_small_counts(journal.steps, policy.min_units) if policy else journal.steps),
        findings=tuple(as_read.lines.located(finding) for finding in journal.findings),
        refusals=refusals,
        suppressed=sum(made.suppressed.values()),
        suppressed_by_indicator=made.suppressed,
    )
    return _finish(run, loaded, table, mapped, sink=sink, publish=publish)


def check_rejected(recipe: Recipe, table: SourceTable, journal: Journal) -> Iterator[Finding]:
    """An error when more rows were kept out than the recipe allows: what is left does not stand for the source."""
    lost = table.rejected.height + sum(rows.height for rows in journal.rejected)
    everything = table.frame.height + table.rejected.height
    if lost * 100 > recipe.max_rejected * everything:
        yield Finding(
            "too-many-rejected",
            Severity.ERROR,
            f"{lost:,} of {everything:,} rows were kept out ({lost / everything:.1%}); max_rejected allows {recipe.max_rejected:g} %",
            "Correct the source or the recipe; say max_rejected in the recipe if so many rows may be lost.",
            count=lost,
        )


def _reported(findings: Iterable[Finding], journal: Journal) -> tuple[Finding, ...]:
    """The findings, which the journal has taken note of."""
    found = tuple(findings)
    journal.findings.extend(found)
    return found


def _read(loaded: LoadedRecipe, source: Path, journal: Journal) -> tuple[SourceTable, SourceTable, dict[str, str]]:
    """The table as read, in the shape that the recipe describes, and the columns that look personal with the reason."""
    as_read = table = read_source(source, loaded.recipe.source.reader)
    journal.findings.extend(table.findings)
    journal.step("read", {"rows_out": table.frame.height, "columns": len(table.columns), "rejected": table.rejected.height})
    candidates = {column.name: column.personal_candidate for column in profile(table) if column.personal_candidate}
    allowed = {o.name: o.reason for o in outputs(loaded.recipe, passing_columns(loaded.recipe)) if o.reason}
    told = {"published_on_purpose": allowed} if allowed else {}
    journal.step(
        "profile", {"columns": len(table.columns), "personal_candidates": len(candidates)}, may_be_personal=list(candidates), **told
    )
    told_before = len(table.findings)
    for reshaped_table, counts, lookups in reshaped(table, loaded.recipe.source, loaded.document.path.parent):
        table = reshaped_table
        journal.step("reshape", {**counts, "columns": len(table.columns)}, lookups=lookups)
    journal.findings.extend(table.findings[told_before:])
    return as_read, table, candidates


def _check(frame: pl.DataFrame, constrained: ConstrainedSchema, journal: Journal) -> tuple[Finding, ...]:
    findings = [*check_observations(frame, constrained), *check_statuses(frame, constrained.schema), *check_percentages(frame)]
    journal.findings.extend(findings)
    journal.step("check", {"observations": frame.height, "findings": len(findings)})
    return tuple(finding for finding in findings if finding.severity is Severity.ERROR)


def _finish(
    run: RecipeRun,
    loaded: LoadedRecipe,
    table: SourceTable,
    mapped: MappedRows,
    *,
    sink: ObservationSink | None,
    publish: bool,
) -> RecipeRun:
    if sink is None or not run.publishable:
        return run
    publication = Publication(loaded.recipe.publication)
    if not publish:
        return replace(run, effect=sink.preview(run.schema, run.observations, publication))
    provenance = provenance_of(run, loaded, table, mapped)
    effect = sink.publish(run.schema, run.observations, publication, provenance=provenance, findings=run.findings)
    return replace(run, effect=effect, published=True, ended=datetime.now(UTC))
