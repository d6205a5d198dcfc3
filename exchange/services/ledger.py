"""The ledger: provenance records and source rows, kept with the submissions in the registry database."""

from __future__ import annotations

from io import BytesIO

import msgspec
import polars as pl

from mappings.provenance.records import ProvenanceRecord, SubmissionProvenance
from registry.store.ports import KeptProvenance, SubmissionLog


class Ledger:
    """Reads what a submission log keeps of provenance: the record as JSON, the source rows as compressed Parquet."""

    def __init__(self, log: SubmissionLog) -> None:
        self._log = log

    def read(self, submission: str) -> SubmissionProvenance | None:
        """Where the observations of a submission come from; None when that was not recorded."""
        origin = self._log.origin(submission)
        if origin is None:
            return None
        record = msgspec.json.decode(origin.record, type=ProvenanceRecord)
        return SubmissionProvenance(record, None if origin.contributions is None else pl.read_parquet(BytesIO(origin.contributions)))


def as_origin(provenance: SubmissionProvenance) -> KeptProvenance:
    """Provenance as the submission log keeps it."""
    contributions = None
    if provenance.contributions is not None:
        written = BytesIO()
        provenance.contributions.write_parquet(written, compression="zstd")
        contributions = written.getvalue()
    return KeptProvenance(msgspec.json.encode(provenance.record), contributions)
