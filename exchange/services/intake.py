"""The one way in: a submission is recorded, stored, and said to be done, or nothing of it stands.

Artefacts and their submission are one transaction of the registry database. Observations lie elsewhere, so they take three steps:
the submission is recorded as pending, with its provenance; the observations are committed, all at once; the submission is marked as
committed. Whatever stops the process in between, an observation never stands without its provenance, and a pending record without
observations is known by its status, and settled by whoever comes next.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from exchange.errors import ExchangeError
from exchange.observations.ports import Change, ObservationStore, Receipt
from exchange.services.ledger import as_origin
from exchange.services.targets import dataflow_urn
from mappings.provenance.records import SubmissionProvenance
from registry.data_schema import DataSchema
from registry.errors import RegistryError
from registry.findings import Finding
from registry.imports.apply import import_messages
from registry.imports.report import ImportReport
from registry.model.base import Maintainable
from registry.model.identity import Urn
from registry.store.ports import ArtefactStore, KeptProvenance, SubmissionLog
from registry.submissions import Part, Submission, SubmissionKind, SubmissionStatus

_log = logging.getLogger(__name__)

#: A submission that is pending for so long is nobody's any more. Should its writer live, it records itself again when it is done.
ABANDONED_AFTER: Final = timedelta(hours=6)


@dataclass(frozen=True)
class Described:
    """What is known of data when all of them were read: where they come from, and what was noticed."""

    provenance: SubmissionProvenance
    findings: Sequence[Finding] = ()


class Intake:
    """Takes submissions in for one actor: records who hands in what, stores it, says what happened."""

    def __init__(self, artefacts: ArtefactStore, log: SubmissionLog, observations: ObservationStore, *, actor: str) -> None:
        self._artefacts = artefacts
        self._submissions = log
        self._observations = observations
        self._actor = actor

    def structures(
        self,
        messages: Iterable[Iterable[Maintainable]],
        *,
        parts: Sequence[Part] = (),
        findings: Sequence[Finding] = (),
        dry_run: bool = False,
    ) -> list[ImportReport]:
        """Import the artefacts of some messages as one submission; a report per message.

        Args:
            messages: Their artefacts; references may lead from each message to each.
            parts: The files they stood in.
            findings: What their readers noticed.
            dry_run: Only say what would happen.

        Raises:
            ConflictingWrite, StoreUnavailable: When nothing could be stored.
        """
        submission = Submission(SubmissionKind.STRUCTURES, self._actor, tuple(parts), findings=tuple(findings))
        return import_messages(self._artefacts, messages, dry_run=dry_run, submission=submission)

    def preview(self, schema: DataSchema, changes: Iterable[Change], *, may_empty: bool = True) -> Receipt:
        """What :meth:`data` would do, without storing or recording anything."""
        return self._observations.preview(schema, changes, may_empty=may_empty)

    def data(
        self,
        kind: SubmissionKind,
        schema: DataSchema,
        changes: Iterable[Change],
        describe: Callable[[], Described],
        *,
        submission: str,
        may_empty: bool = True,
    ) -> Receipt:
        """Store observations as one submission, with their provenance.

        Args:
            kind: By which way they come.
            schema: Of the dataflow they are for.
            changes: What to do, read once.
            describe: Asked when all changes were read and nothing is stored yet.
            submission: The id of the submission; its provenance record has the same.
            may_empty: The dataflow may be left without observations.

        Raises:
            ConflictingSubmission, StorageUnavailable, InvalidObservations, WouldEmptyDataflow, ConflictingWrite: Nothing is stored.
        """
        self.settle()
        pending = _Pending(self._submissions, kind, self._actor)

        def to_the_end() -> Iterator[Change]:
            yield from changes
            # The store has read everything and stored nothing yet.
            pending.begin(describe())

        dataflow = dataflow_urn(schema)
        try:
            receipt = self._observations.submit(schema, to_the_end(), submission=submission, may_empty=may_empty)
            try:
                pending.complete(receipt)
            except RegistryError as error:
                _log.warning("submission %s is stored and still marked as pending: %s", submission, error)
        except BaseException:
            # Of what stopped us, the store may know more than we do: the commit may be there.
            with suppress(ExchangeError, RegistryError):
                if self._settle(submission, dataflow, pending):
                    _log.warning("submission %s was stored before this stopped it", submission)
            raise
        return receipt

    def settle(self, *, older_than: timedelta = ABANDONED_AFTER) -> tuple[list[str], list[str]]:
        """Look after submissions that were left pending: those whose observations stand are marked as committed, others are forgotten.

        Returns:
            Ids of the submissions that were marked, and of those that were forgotten.
        """
        marked: list[str] = []
        forgotten: list[str] = []
        before = datetime.now(UTC) - older_than
        for left in self._submissions.newest(status=SubmissionStatus.PENDING):
            origin = self._submissions.origin(left.id)
            if left.instant > before or left.dataflow is None or origin is None:
                continue
            stands = self._settle(left.id, _dataflow_of(left.dataflow), _Left(self._submissions, left, origin))
            (marked if stands else forgotten).append(left.id)
        return marked, forgotten

    def _settle(self, submission: str, dataflow: Urn, pending: _Pending | _Left) -> bool:
        """True when the observations of a submission stand."""
        receipt = self._observations.receipt(dataflow, submission)
        if receipt is None:
            self._submissions.discard(submission)
            return False
        pending.complete(receipt)
        return True


class _Pending:
    """A submission of data that this process carries through."""

    def __init__(self, log: SubmissionLog, kind: SubmissionKind, actor: str) -> None:
        self._log = log
        self._kind = kind
        self._actor = actor
        self._begun: _Left | None = None

    def begin(self, described: Described) -> None:
        record = described.provenance.record
        submission = Submission(
            kind=self._kind,
            actor=self._actor,
            parts=(Part(record.source.name, record.source.sha256, record.source.bytes),),
            dataflow=record.dataflow,
            agreement=record.agreement,
            findings=tuple(described.findings),
            id=record.submission,
        )
        origin = as_origin(described.provenance)
        self._begun = _Left(self._log, submission, origin)
        self._log.begin(submission, origin)

    def complete(self, receipt: Receipt) -> None:
        if self._begun is not None:
            self._begun.complete(receipt)


@dataclass(frozen=True)
class _Left:
    """A submission of data that is recorded as pending."""

    log: SubmissionLog
    submission: Submission
    origin: KeptProvenance

    def complete(self, receipt: Receipt) -> None:
        counts = {name: getattr(receipt, name) for name in ("inserted", "updated", "unchanged", "deleted")}
        if receipt.waiting:
            counts["waiting"] = receipt.waiting
        self.log.complete(replace(self.submission, outcome=counts), self.origin)


def _dataflow_of(short: str) -> Urn:
    return Urn.parse(f"urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow={short}")
