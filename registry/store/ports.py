"""The port of the artefact store."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from registry.model.base import Maintainable
from registry.model.identity import Urn


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
    """

    put: tuple[Maintainable, ...] = ()
    end: tuple[Urn, ...] = ()
    expected: dict[Urn, str | None] | None = None


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

    def revision(self) -> int:
        """A number that grows with every commit of any process: the key of caches in front of the store."""
        ...

    def close(self) -> None:
        """Release connections."""
        ...
