"""A sink in memory: what a run hands over, observations and provenance together."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import polars as pl

from mappings.ports import Effect, Publication
from mappings.provenance.records import ProvenanceRecord, SubmissionProvenance
from registry.data_schema import DataSchema
from registry.findings import Finding


class MemorySink:
    """Keeps what is published; fails with an error when it is given one."""

    def __init__(self, error: Exception | None = None) -> None:
        self.published: list[tuple[Publication, pl.DataFrame]] = []
        self.provenance: dict[str, SubmissionProvenance] = {}
        self.findings: tuple[Finding, ...] = ()
        self._error = error

    def preview(self, schema: DataSchema, batch: pl.DataFrame, publication: Publication) -> Effect:
        return Effect(inserted=batch.height - 1, updated=1)

    def publish(
        self,
        schema: DataSchema,
        batch: pl.DataFrame,
        publication: Publication,
        *,
        provenance: SubmissionProvenance,
        findings: Sequence[Finding] = (),
    ) -> Effect:
        if self._error:
            raise self._error
        self.published.append((publication, batch))
        self.provenance[provenance.record.submission] = provenance
        self.findings = tuple(findings)
        return Effect(inserted=batch.height)

    @property
    def record(self) -> ProvenanceRecord:
        """The record of the last submission."""
        return list(self.provenance.values())[-1].record

    @property
    def contributions(self) -> pl.DataFrame | None:
        """The source rows of the last submission."""
        return list(self.provenance.values())[-1].contributions

    def told(self) -> str:
        """All that goes into the ledger."""
        return "".join(
            msgspec.json.encode(kept.record).decode() + ("" if kept.contributions is None else kept.contributions.write_json())
            for kept in self.provenance.values()
        )
