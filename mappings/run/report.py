"""What a mapping run has to say: for people, for ``--report``, and for the services that run recipes."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import polars as pl

from mappings.journal import StepRecord
from mappings.ports import Effect
from registry.data_schema import DataSchema
from registry.findings import Finding


@dataclass(frozen=True)
class RecipeRun:
    """One run of a recipe.

    Attributes:
        submission: Id of the run, which is the id of the submission when it was published.
        recipe: ``AGENCY:ID(VERSION)``.
        dataflow: ``AGENCY:ID(VERSION)``.
        source: Name of the source file.
        schema: The data structure the observations follow.
        observations: The observations, protected: one column per component.
        rejected: Source rows kept out, whole (:func:`mappings.run.rejected.rejected_rows`).
            For those who hold the source: personal values too.
        refusals: The findings that forbid publishing: errors of the observations, too many rows kept out, personal columns; not errors of
            single source rows.
        suppressed: Number of suppressed observations.
        published: True when the observations were stored.
        effect: What publishing did or would do; None when nobody asked.
    """

    submission: str
    recipe: str
    dataflow: str
    source: str
    started: datetime
    ended: datetime
    schema: DataSchema
    observations: pl.DataFrame
    rejected: pl.DataFrame
    steps: tuple[StepRecord, ...]
    findings: tuple[Finding, ...]
    refusals: tuple[Finding, ...]
    suppressed: int
    suppressed_by_indicator: dict[str, int]
    published: bool = False
    effect: Effect | None = None

    @property
    def publishable(self) -> bool:
        """True when the observations fit the data structure and nothing else forbids to publish them."""
        return not self.refusals and not self.observations.is_empty()

    def to_document(self) -> dict[str, Any]:
        """The run as plain values for JSON; contains no observation."""
        return {
            "submission": self.submission,
            "recipe": self.recipe,
            "dataflow": self.dataflow,
            "source": self.source,
            "started": self.started.isoformat(),
            "ended": self.ended.isoformat(),
            "publishable": self.publishable,
            "published": self.published,
            "observations": self.observations.height,
            "suppressed": self.suppressed,
            "suppressed_by_indicator": self.suppressed_by_indicator,
            "rejected_rows": self.rejected[self.rejected.columns[0]].n_unique(),
            "effect": asdict(self.effect) if self.effect else None,
            "steps": [
                {"name": s.name, "counts": s.counts, "details": s.details, "started": s.started.isoformat(), "ended": s.ended.isoformat()}
                for s in self.steps
            ],
            "findings": [asdict(finding) for finding in self.findings],
        }
