"""Makes the provenance record of a run from what was recorded while it ran."""

from __future__ import annotations

from typing import cast

import polars as pl

from mappings.cells import INDICATOR, mapped
from mappings.expressions.rounding import Rounding
from mappings.provenance.records import (
    AgentRecord,
    FileRecord,
    FilterRecord,
    IndicatorRecord,
    ProvenanceRecord,
    RecipeReference,
    SourceRecord,
    StepEntry,
    SubmissionProvenance,
)
from mappings.provenance.software import software
from mappings.readers.ports import ROW, SourceTable
from mappings.recipe.loading import LoadedRecipe
from mappings.recipe.model import Indicator
from mappings.run.report import RecipeRun
from mappings.run.rows import MappedRows
from mappings.steps.aggregate import contributions


def provenance_of(run: RecipeRun, loaded: LoadedRecipe, table: SourceTable, mapped_rows: MappedRows) -> SubmissionProvenance:
    """The record of a run, with the source rows of every observation where the policy allows it."""
    exact = loaded.recipe.disclosure is None
    rows = source_rows(run, loaded, mapped_rows) if exact else None
    return SubmissionProvenance(provenance_record(run, loaded, table), rows, loaded.document.text)


def provenance_record(run: RecipeRun, loaded: LoadedRecipe, table: SourceTable) -> ProvenanceRecord:
    """The record of a run."""
    facts = loaded.recipe.provenance
    policy = loaded.recipe.disclosure
    told = policy is None or table.frame.height >= policy.min_units
    reader = {key: getattr(table.reader, key) for key in ("name", "encoding", "delimiter", "sheet", "header_rows")}
    return ProvenanceRecord(
        submission=run.submission,
        dataflow=run.dataflow,
        agreement=loaded.recipe.provision_agreement,
        dimensions=tuple(d.id for d in run.schema.all_dimensions),
        source=SourceRecord(
            name=run.source,
            sha256=table.digest,
            bytes=table.bytes,
            rows=table.frame.height if told else None,
            first_row=cast("int | None", table.frame[ROW].min()) if told else None,
            last_row=cast("int | None", table.frame[ROW].max()) if told else None,
            reader=reader,
            url=facts.source_url,
            licence=facts.licence,
        ),
        recipe=RecipeReference(id=loaded.recipe.id, version=loaded.recipe.version, agency=loaded.recipe.agency, sha256=loaded.digest),
        software=software(),
        agents=(
            AgentRecord(id=facts.collector.id, name=facts.collector.name, role="collector", url=facts.collector.url),
            AgentRecord(id=facts.publisher.id, name=facts.publisher.name, role="publisher", url=facts.publisher.url),
        ),
        facts={
            "licence": facts.licence,
            "licence_url": facts.licence_url,
            "collected": facts.collected,
            "consent": facts.consent,
            "participation": facts.participation,
            "method": facts.method,
            "notes": list(facts.notes),
        },
        started=run.started,
        ended=run.ended,
        steps=tuple(StepEntry(name=s.name, started=s.started, ended=s.ended, counts=s.counts, details=s.details) for s in run.steps),
        observations=run.observations.height,
        suppressed=run.suppressed,
        source_rows="withheld" if loaded.recipe.disclosure else "exact",
        indicators=tuple(_indicator(name, indicator, loaded.recipe.rounding) for name, indicator in loaded.recipe.indicators.items()),
        filters=tuple(FilterRecord(keep=rule.keep, reason=rule.reason) for rule in loaded.recipe.filters),
        files=tuple(FileRecord(name=f.name, sha256=f.sha256, bytes=f.bytes, use=f.use) for f in (*loaded.code_files, *table.files)),
    )


def _indicator(name: str, indicator: Indicator, rounding: Rounding) -> IndicatorRecord:
    return IndicatorRecord(
        id=name,
        statistic=indicator.statistic,
        of=indicator.of,
        to=indicator.to,
        among=indicator.among,
        weight=indicator.weight,
        scale=indicator.scale,
        decimals=indicator.decimals,
        rounding=(indicator.rounding or rounding).value if indicator.decimals is not None else None,
        measure=indicator.measure,
        components=indicator.components,
    )


def source_rows(run: RecipeRun, loaded: LoadedRecipe, mapped_rows: MappedRows) -> pl.DataFrame:
    """Per observation, the source rows that contributed to it: its dimensions and ``rows``."""
    recipe = loaded.recipe
    dimensions = [d.id for d in run.schema.all_dimensions]
    if ROW in run.observations.columns:
        return run.observations.select(*dimensions, pl.concat_list(pl.col(ROW)).alias("rows"))
    cube = mapped_rows.cube
    found = mapped_rows.engine.to_polars(contributions(mapped_rows.rows, recipe.indicators, cube))
    from_indicator = [d for d in dimensions if any(d in indicator.components for indicator in recipe.indicators.values())]
    columns = [pl.col(mapped(d)).alias(d) for d in cube.dimensions]
    for dimension in dimensions:
        fixed = recipe.components[dimension].value if dimension in recipe.components else None
        if dimension in from_indicator:
            values = {key: i.components.get(dimension, fixed) for key, i in recipe.indicators.items()}
            columns.append(pl.col(INDICATOR).replace_strict(values, return_dtype=pl.String).alias(dimension))
        elif dimension not in cube.dimensions:
            columns.append(pl.lit(fixed).alias(dimension))
    return found.select(*columns, pl.col(ROW)).group_by(dimensions).agg(pl.col(ROW).unique().sort().alias("rows")).sort(dimensions)
