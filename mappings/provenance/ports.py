"""The port of the ledger."""

from __future__ import annotations

from typing import Protocol

import polars as pl

from mappings.provenance.records import ProvenanceRecord


class Ledger(Protocol):
    """Keeps provenance: one record per submission, and which source rows each observation rests on."""

    def write(self, record: ProvenanceRecord, contributions: pl.DataFrame | None) -> None:
        """Keep a record. ``contributions`` has the dimensions of the observation and ``rows`` (``List(Int64)``), or is None when withheld.

        Raises:
            FileExistsError: When the submission has a record already.
        """
        ...

    def discard(self, submission: str) -> None:
        """Forget the record of a submission that was not stored after all."""
        ...

    def read(self, submission: str) -> ProvenanceRecord | None:
        """The record of a submission."""
        ...

    def submissions(self, dataflow: str) -> list[str]:
        """Submissions of a dataflow (``AGENCY:ID(VERSION)``), oldest first."""
        ...

    def contributions(self, submission: str) -> pl.DataFrame | None:
        """Source rows per observation, or None when they were withheld."""
        ...
