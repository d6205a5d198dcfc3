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

_ATTEMPTS: Final = 5


def import_structures(store: ArtefactStore, artefacts: Iterable[Maintainable], *, dry_run: bool = False) -> ImportReport:
    """Store what can be accepted of a submission and say what became of each artefact.

    When another writer changes one of the artefacts between plan and commit, the plan is made anew.

    Args:
        store: Where to store.
        artefacts: The submission, in any order; references may go in any direction.
        dry_run: Only say what would happen.

    Raises:
        ConflictingWrite: When other writers were faster again and again; nothing is stored.
        StoreUnavailable: When the store cannot be used.
    """
    submission = tuple(artefacts)
    for attempt in range(1, _ATTEMPTS + 1):
        plan = plan_import(store, submission)
        if dry_run:
            return plan.report
        try:
            if plan.changes.put:
                store.commit(plan.changes)
        except ConflictingWrite:
            if attempt == _ATTEMPTS:
                raise
        else:
            break
    return replace(plan.report, dry_run=False)
