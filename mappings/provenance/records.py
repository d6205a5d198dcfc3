"""What is recorded of one submission."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import polars as pl


class AgentRecord(msgspec.Struct, frozen=True, kw_only=True):
    """An organisation or a program that took part."""

    id: str
    name: str
    role: str
    url: str | None = None


class SourceRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The source file: its name without folders, digest and size, the rows read (as a person counts them), and how it was read.

    The rows are None where their number is below the threshold of the disclosure policy.
    """

    name: str
    sha256: str
    bytes: int
    rows: int | None
    first_row: int | None = None
    last_row: int | None = None
    reader: dict[str, Any]
    url: str | None = None
    licence: str | None = None


class RecipeReference(msgspec.Struct, frozen=True, kw_only=True):
    """The recipe that was used."""

    id: str
    version: str
    agency: str
    sha256: str


class IndicatorRecord(msgspec.Struct, frozen=True, kw_only=True):
    """How an indicator is computed, as the recipe says it; ``components`` are the component values that identify it."""

    id: str
    statistic: str
    of: str | None = None
    to: str | None = None
    among: str | None = None
    weight: str | None = None
    scale: float = 1
    decimals: int | None = None
    rounding: str | None = None
    measure: str
    components: dict[str, str] = {}


class FilterRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Which rows belong to the statistics, and why."""

    keep: str
    reason: str


class FileRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A file that went in besides the source, and what it was used for: ``lookup``, or ``codes of`` a component."""

    name: str
    sha256: str
    bytes: int
    use: str


class StepEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One step: what it counted, what it was told, when it ran."""

    name: str
    started: datetime
    ended: datetime
    counts: dict[str, int]
    details: dict[str, Any] = {}


class ProvenanceRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Everything recorded of one submission. Nothing in it depends on suppressed values. Data loaded as they are have no recipe.

    ``agreement`` is the provision agreement they were handed in under, if any.
    """

    submission: str
    dataflow: str
    dimensions: tuple[str, ...]
    source: SourceRecord
    recipe: RecipeReference | None
    software: str
    agents: tuple[AgentRecord, ...]
    facts: dict[str, Any]
    started: datetime
    ended: datetime
    steps: tuple[StepEntry, ...]
    observations: int
    suppressed: int
    source_rows: str
    agreement: str | None = None
    indicators: tuple[IndicatorRecord, ...] = ()
    filters: tuple[FilterRecord, ...] = ()
    files: tuple[FileRecord, ...] = ()


@dataclass(frozen=True)
class SubmissionProvenance:
    """Where the observations of one submission come from.

    Attributes:
        record: What is recorded of the submission.
        contributions: Source rows per observation: its dimensions and ``rows`` (``List(Int64)``); None when they are withheld.
        recipe: The recipe itself, byte for byte, so that what it says can be read as long as its observations are there.
    """

    record: ProvenanceRecord
    contributions: pl.DataFrame | None = None
    recipe: bytes | None = None
