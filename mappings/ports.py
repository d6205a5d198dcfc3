"""What a mapping run needs from outside: structures to check against, and what it may do to a dataflow.

The sink of observations and their provenance has its port in :mod:`mappings.provenance.ports`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

import narwhals.stable.v2 as nw
import polars as pl

from registry.model.identity import Urn
from registry.services.schemas import ConstrainedSchema

#: Frame type of the steps; lazy on every engine.
Rows = nw.LazyFrame[Any]


class FrameEngine(Protocol):
    """Where the steps compute. They are Narwhals code and never collect by themselves: what has to be looked at passes here."""

    def read(self, table: pl.DataFrame) -> Rows:
        """A table as lazy rows; types and values stay as they are."""
        ...

    def checkpoint(self, rows: Rows) -> Rows:
        """The same rows, computed once, because later steps read them several times."""
        ...

    def to_polars(self, rows: Rows) -> pl.DataFrame:
        """The rows in memory, in any order; for what is small or leaves the run."""
        ...


class Publication(StrEnum):
    """What a run does to the dataflow.

    In both, an observation of the run replaces the stored one whole: an empty value or attribute empties the stored one, so that a
    value published earlier does not survive its suppression.
    """

    MERGE = "merge"  # observations that the run does not contain stay
    REPLACE = "replace"  # the run is the whole dataflow: observations it does not contain are deleted


@dataclass(frozen=True, slots=True)
class Effect:
    """What publishing does, or would do, in numbers of observations."""

    inserted: int = 0
    updated: int = 0
    deleted: int = 0
    unchanged: int = 0


class SchemaSource(Protocol):
    """Where data structures come from; :class:`registry.services.schemas.SchemaReader` is one."""

    def constrained(self, urn: Urn) -> ConstrainedSchema:
        """The schema of a dataflow with the constraints in force.

        Raises:
            UnknownArtefact: When there is no such dataflow.
            UnresolvedReference: When something it needs is missing.
        """
        ...
