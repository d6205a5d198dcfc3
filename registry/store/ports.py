"""The ports of the registry's database: artefacts, and the submissions that brought them and the data."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from registry.model.base import Maintainable
from registry.model.identity import Urn
from registry.submissions import Submission, SubmissionStatus


@dataclass(frozen=True, slots=True)
class ArtefactRecord:
    """One revision of one artefact, without its content.

    Attributes:
        kind: Name of the model class (``Codelist``, ``GeographicCodelist`` ...).
        content_hash: SHA-256 (hex) of kind and canonical document; equal content has an equal hash.
        recorded_from, recorded_to: Transaction time, aware; ``recorded_to`` None means current.
    """

    urn: Urn
    kind: str
    content_hash: str
    recorded_from: datetime
    recorded_to: datetime | None = None


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """What one transaction does: artefacts to record as the new current revision, and URNs to end.

    ``expected`` maps URNs to the content hash the writer has seen (None: must not exist); another state is a conflict.
    ``submission`` is recorded in the same transaction, and the audit names its actor.
    """

    put: tuple[Maintainable, ...] = ()
    end: tuple[Urn, ...] = ()
    expected: dict[Urn, str | None] | None = None
    submission: Submission | None = None


@dataclass(frozen=True, slots=True)
class KeptProvenance:
    """Where the observations of a submission come from, as those who recorded it wrote it; the store does not look inside.

    Attributes:
        record: The provenance record.
        contributions: The source rows behind each observation; None when they are withheld or nobody asked.
        recipe: The recipe, when one was used.
    """

    record: bytes
    contributions: bytes | None = None
    recipe: KeptRecipe | None = None


@dataclass(frozen=True, slots=True)
class KeptRecipe:
    """A recipe byte for byte, and the digest by which provenance knows it."""

    digest: str
    content: bytes


class SubmissionLog(Protocol):
    """Keeps submissions and where their observations come from, beside the artefacts: every node of a service sees the same."""

    def begin(self, submission: Submission, origin: KeptProvenance) -> None:
        """Record a submission whose observations are about to be stored: status pending.

        Raises:
            ConflictingWrite: When its id is recorded already.
        """
        ...

    def complete(self, submission: Submission, origin: KeptProvenance) -> None:
        """The observations are stored: status committed, an entry in the audit. Again, nothing changes.

        A record that is not there any more is made again: no observation stands without its record.
        """
        ...

    def discard(self, submission: str) -> None:
        """Forget a submission that was not stored after all; one that is committed stays."""
        ...

    def erase(self, submission: str, *, dataflow: str, actor: str, reason: str) -> None:
        """Forget a submission, and where its numbers come from, for good; the audit log says who did so and why."""
        ...

    def take_over(self, recorded: Iterable[tuple[Submission, KeptProvenance]]) -> int:
        """Record what was recorded elsewhere before; what is here already stays. Returns how many were new."""
        ...

    def find(self, submission: str) -> Submission | None:
        """A submission by its id."""
        ...

    def newest(self, limit: int | None = None, *, dataflow: str | None = None, status: SubmissionStatus | None = None) -> list[Submission]:
        """Submissions, the newest first."""
        ...

    def origin(self, submission: str) -> KeptProvenance | None:
        """Where the observations of a submission come from; None when that was not recorded."""
        ...

    def recipe(self, digest: str) -> bytes | None:
        """The recipe with that digest, as long as a submission that was made with it is kept."""
        ...


@dataclass(frozen=True, slots=True)
class AuditBreak:
    """The first place where the log, or what it speaks about, is not what was recorded."""

    sequence: int
    reason: str


class ArtefactStore(Protocol):
    """Keeps artefacts and all their revisions."""

    def records(
        self,
        *,
        kinds: Collection[str] | None = None,
        agencies: Collection[str] | None = None,
        ids: Collection[str] | None = None,
        as_of: datetime | None = None,
    ) -> list[ArtefactRecord]:
        """Revisions in force now (or at ``as_of``), filtered; None means any. Ordered by kind, agency, id, version."""
        ...

    def load(self, records: Sequence[ArtefactRecord]) -> list[Maintainable]:
        """The artefacts of some records, in the same order."""
        ...

    def referrers(self, targets: Collection[Urn], *, as_of: datetime | None = None) -> list[ArtefactRecord]:
        """Revisions in force that point at any of the targets (maintainable URNs); wildcard references count when they match."""
        ...

    def commit(self, changes: ChangeSet, *, recorded_at: datetime | None = None) -> None:
        """Apply a change set in one transaction.

        An artefact whose content is the current one already makes no new revision. On any error nothing is changed.

        Raises:
            ConflictingWrite: When ``expected`` does not hold any more, or ``recorded_at`` is not after what it would replace.
            InvalidArtefact: When a URN stands more than once in the change set.
            InvalidUrn, InvalidVersion: When an artefact has an identification or a reference that is none.
            UnknownArtefact: When a URN to end is not stored.
        """
        ...

    def verify(self) -> AuditBreak | None:
        """Check the audit chain and the current artefacts against it; None when nothing was tampered with."""
        ...

    def revision(self) -> int:
        """A number that grows with every commit of artefacts by any process: the key of caches in front of the store."""
        ...

    def close(self) -> None:
        """Release connections."""
        ...
