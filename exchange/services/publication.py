"""The sink of mapped data: the intake, behind the port that ``mappings`` knows."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from exchange.observations.ports import Action, Change, Receipt
from exchange.services.agreements import Agreements
from exchange.services.intake import Described, Intake
from exchange.services.targets import dataflow_urn
from mappings.ports import Effect, Publication
from mappings.provenance.records import SubmissionProvenance
from registry.data_schema import DataSchema
from registry.findings import Finding
from registry.submissions import SubmissionKind


class IntakeSink:
    """:class:`mappings.ports.ObservationSink` that hands a mapped dataset in as one submission."""

    def __init__(self, intake: Intake, agreements: Agreements) -> None:
        self._intake = intake
        self._agreements = agreements

    def preview(self, schema: DataSchema, batch: pl.DataFrame, publication: Publication) -> Effect:
        """What :meth:`publish` would do."""
        return _effect(self._intake.preview(schema, self._changes(batch, schema, publication)))

    def publish(
        self,
        schema: DataSchema,
        batch: pl.DataFrame,
        publication: Publication,
        *,
        provenance: SubmissionProvenance,
        findings: Sequence[Finding] = (),
    ) -> Effect:
        """Store observations and provenance: both or neither."""
        changes, described = self._changes(batch, schema, publication), Described(provenance, findings)
        submission = provenance.record.submission
        return _effect(self._intake.data(SubmissionKind.RECIPE, schema, changes, lambda: described, submission=submission))

    def _changes(self, batch: pl.DataFrame, schema: DataSchema, publication: Publication) -> list[Change]:
        agreement = schema.provision_agreement
        mandate = self._agreements.mandate(agreement, dataflow_urn(schema)) if agreement is not None else None
        written = Change(Action.REPLACE, [batch], mandate)
        if publication is Publication.MERGE:
            return [written]
        # A deletion whose dimensions are all open empties the dataflow first, as far as the agreement reaches; what the run holds again
        # unchanged stays as it is.
        everything = pl.DataFrame({dimension.id: pl.Series([None], dtype=pl.String) for dimension in schema.all_dimensions})
        return [Change(Action.DELETE, [everything], mandate), written]


def _effect(receipt: Receipt) -> Effect:
    return Effect(inserted=receipt.inserted, updated=receipt.updated, deleted=receipt.deleted, unchanged=receipt.unchanged)
