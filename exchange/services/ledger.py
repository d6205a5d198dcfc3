"""The ledger: provenance records and source rows, kept with the submissions in the registry database."""

from __future__ import annotations

from io import BytesIO

import msgspec
import polars as pl

from exchange.errors import NothingFound
from mappings.provenance.records import ProvenanceRecord, SubmissionProvenance
from registry.store.ports import KeptProvenance, KeptRecipe, SubmissionLog


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
        rows = None if origin.contributions is None else pl.read_parquet(BytesIO(origin.contributions))
        return SubmissionProvenance(record, rows, origin.recipe.content if origin.recipe else None)

    def recipe(self, digest: str) -> bytes:
        """The recipe that provenance knows by a digest, byte for byte.

        Raises:
            NothingFound: When nothing that is kept was made with it.
        """
        content = self._log.recipe(digest)
        if content is None:
            raise NothingFound(
                f"No recipe has the digest {digest}; provenance names the digests of recipes under cde:sha256 of cde:recipe."
            )
        return content


def as_origin(provenance: SubmissionProvenance) -> KeptProvenance:
    """Provenance as the submission log keeps it."""
    contributions = None
    if provenance.contributions is not None:
        written = BytesIO()
        provenance.contributions.write_parquet(written, compression="zstd")
        contributions = written.getvalue()
    used, content = provenance.record.recipe, provenance.recipe
    recipe = KeptRecipe(used.sha256, content) if used is not None and content is not None else None
    return KeptProvenance(msgspec.json.encode(provenance.record), contributions, recipe)
