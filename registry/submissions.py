"""Submissions: what somebody handed in, structures or data, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from uuid import uuid4

from registry.findings import Finding


class SubmissionKind(StrEnum):
    """By which way a submission came."""

    STRUCTURES = "structures"  # structure messages, imported
    DATA = "data"  # a data message, loaded as it is
    RECIPE = "recipe"  # a dataset, mapped by a recipe


class SubmissionStatus(StrEnum):
    """How far a submission has come."""

    PENDING = "pending"  # recorded; its observations are not known to be stored
    COMMITTED = "committed"  # recorded and stored


@dataclass(frozen=True, slots=True)
class Part:
    """A file or message of a submission: its name without folders, SHA-256 (hex) and size in bytes where they are known."""

    name: str
    sha256: str | None = None
    bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Submission:
    """One thing that was handed in.

    Attributes:
        id: Unique; observations carry it.
        actor: Who handed it in: on the command line the user of the operating system.
        instant: When, aware.
        parts: What it consists of.
        dataflow: ``AGENCY:ID(VERSION)`` of the dataflow that data are for; None for structures.
        agreement: ``AGENCY:ID(VERSION)`` of the provision agreement that data were handed in under.
        findings: What was noticed.
        outcome: Counts of what became of it: artefacts or observations by what happened to them.
    """

    kind: SubmissionKind
    actor: str
    parts: tuple[Part, ...] = ()
    dataflow: str | None = None
    agreement: str | None = None
    findings: tuple[Finding, ...] = ()
    outcome: Mapping[str, int] = field(default_factory=dict)
    status: SubmissionStatus = SubmissionStatus.PENDING
    id: str = field(default_factory=lambda: str(uuid4()))
    instant: datetime = field(default_factory=lambda: datetime.now(UTC))
