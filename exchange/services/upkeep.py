"""Looking after what is stored: is it what was recorded, what is left over, and what must go for good."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from exchange.errors import InvalidQuery, NothingFound
from exchange.services import unpacked_files
from exchange.services.container import Services
from registry.model.identity import Urn
from registry.submissions import SubmissionStatus


def check(services: Services) -> Iterator[str]:
    """Everything that is not as it should be, each in words with its place: audit chain, files, provenance. Nothing when all is well."""
    broken = services.artefacts.verify()
    if broken is not None:
        yield f"audit log, entry {broken.sequence}: {broken.reason}"
    whole: dict[str, set[str]] = {}
    for urn in services.observations.stored():
        problems = list(services.observations.damage(urn))
        yield from (f"{urn.short}: {problem}" for problem in problems)
        if not problems:
            whole[urn.short] = {receipt.submission for receipt in services.observations.receipts(urn)}
    yield from _unlike_commits(services, whole)
    for dataflow, stored in whole.items():
        for submission in sorted(stored):
            if submission.startswith(_ERASURE):
                continue
            if services.submissions.find(submission) is None:
                yield f"{dataflow}: submission {submission} is stored, but it is not recorded who handed it in"
            elif services.submissions.origin(submission) is None:
                yield f"{dataflow}: submission {submission} has no provenance record"


#: How the commits begin that take a submission out.
_ERASURE = "erase-"


def _unlike_commits(services: Services, whole: dict[str, set[str]]) -> Iterator[str]:
    """Records of submissions that say something else than the commits; where a dataflow is damaged, that is not known."""
    damaged = {urn.short for urn in services.observations.stored()} - whole.keys()
    for submission in services.submissions.newest():
        if submission.dataflow is None or submission.dataflow in damaged:
            continue
        stands = submission.id in whole.get(submission.dataflow, ())
        is_pending = submission.status is SubmissionStatus.PENDING
        if is_pending and stands:
            yield f"{submission.dataflow}: submission {submission.id} is stored and still marked as pending; exchange store clean marks it"
        elif is_pending:
            yield f"{submission.dataflow}: submission {submission.id} was begun and never stored; exchange store clean forgets it"
        elif not stands:
            yield f"{submission.dataflow}: submission {submission.id} is recorded, but its observations are not there"


def clean(services: Services) -> list[str]:
    """Remove what killed writers left: files, staging areas, records of submissions that were never stored. Names what went.

    Raises:
        ConflictingSubmission: When somebody is storing observations.
    """
    begun = datetime.now(UTC)
    gone = [*services.observations.clean(), *unpacked_files.remove_abandoned()]
    if services.observations.is_local:
        # Nobody was writing meanwhile, so what had been begun before is nobody's; who begins now is let alone.
        marked, forgotten = services.intake.settle(older_than=datetime.now(UTC) - begun)
    else:
        marked, forgotten = services.intake.settle()
    gone += [f"submission {submission}, which is stored, was still marked as pending" for submission in marked]
    return gone + [f"record of submission {submission}, which was never stored" for submission in forgotten]


def erase(services: Services, submission: str, *, actor: str, reason: str) -> tuple[str, int]:
    """Take a submission of data out of state, history and provenance for good; the audit log says who did so and why.

    Returns:
        The dataflow, and how many observations others changed later, or gave values that came with it.

    Raises:
        NothingFound: When there is no such submission of data.
        InvalidQuery: When no reason is given.
        ConflictingSubmission: As the observation store says.
    """
    if not reason.strip():
        raise InvalidQuery("Say why the submission is erased: the reason goes into the audit log.")
    for urn in _holders(services, submission):
        changed_later = services.observations.erase(services.schemas.of(urn), submission)
        services.submissions.erase(submission, dataflow=urn.short, actor=actor, reason=reason)
        return urn.short, changed_later
    recorded = services.submissions.find(submission)
    if recorded is not None and recorded.dataflow is not None:  # the observations went before, and the process with them
        services.submissions.erase(submission, dataflow=recorded.dataflow, actor=actor, reason=reason)
        return recorded.dataflow, 0
    raise NothingFound(f"There is no submission {submission} of observations; exchange submissions lists them.")


def _holders(services: Services, submission: str) -> Iterator[Urn]:
    return (urn for urn in services.observations.dataflows() if services.observations.receipt(urn, submission) is not None)
