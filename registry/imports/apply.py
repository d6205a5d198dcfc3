"""Carries an import out: everything that is accepted in one transaction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from registry.errors import ConflictingWrite
from registry.imports.plan import plan_import
from registry.imports.report import ImportReport
from registry.model.base import Maintainable
from registry.store.ports import ArtefactStore
from registry.submissions import Submission

_ATTEMPTS: Final = 5


def import_structures(store: ArtefactStore, artefacts: Iterable[Maintainable], *, dry_run: bool = False) -> ImportReport:
    """Store what can be accepted of a submission and say what became of each artefact.

    Args:
        store: Where to store.
        artefacts: The submission, in any order; references may go in any direction.
        dry_run: Only say what would happen.

    Raises:
        ConflictingWrite: When other writers were faster again and again; nothing is stored.
        StoreUnavailable: When the store cannot be used.
    """
    return import_messages(store, [artefacts], dry_run=dry_run)[0]


def import_messages(
    store: ArtefactStore,
    messages: Iterable[Iterable[Maintainable]],
    *,
    dry_run: bool = False,
    submission: Submission | None = None,
) -> list[ImportReport]:
    """Store what can be accepted of several messages in one transaction; a report per message.

    The outcomes are those of importing one message after the other, but references may lead from each to each. When another
    writer changes one of the artefacts between plan and commit, the plan is made anew. ``submission`` is who hands them in: it is
    recorded in the same transaction, with the outcome.

    Raises:
        ConflictingWrite: When other writers were faster again and again; nothing is stored.
        StoreUnavailable: When the store cannot be used.
    """
    submitted = [tuple(artefacts) for artefacts in messages]
    for attempt in range(1, _ATTEMPTS + 1):
        plan = plan_import(store, *submitted)
        if dry_run:
            return list(plan.reports)
        try:
            if plan.changes.put or submission:
                store.commit(replace(plan.changes, submission=submission and _with_outcome(submission, plan.report)))
        except ConflictingWrite:
            if attempt == _ATTEMPTS:
                raise
        else:
            break
    return [replace(report, dry_run=False) for report in plan.reports]


def _with_outcome(submission: Submission, report: ImportReport) -> Submission:
    noticed = [finding for line in report.lines for finding in (*line.reasons, *line.warnings)]
    outcome = {outcome.value: count for outcome, count in report.counts().items()}
    return replace(submission, findings=(*submission.findings, *noticed), outcome=outcome)
