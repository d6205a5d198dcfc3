"""The port of the sink: observations leave a run together with where they come from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import polars as pl

from mappings.ports import Effect, Publication
from mappings.provenance.records import SubmissionProvenance
from registry.data_schema import DataSchema
from registry.findings import Finding


class ObservationSink(Protocol):
    """Where observations go, and with them where they come from.

    A batch has one column per component, as :mod:`exchange.observations.ports` describes.
    """

    def preview(self, schema: DataSchema, batch: pl.DataFrame, publication: Publication) -> Effect:
        """What :meth:`publish` would do, without storing anything."""
        ...

    def publish(
        self,
        schema: DataSchema,
        batch: pl.DataFrame,
        publication: Publication,
        *,
        provenance: SubmissionProvenance,
        findings: Sequence[Finding] = (),
    ) -> Effect:
        """Store observations and provenance as one submission: both or neither. Its id is that of the provenance record."""
        ...
