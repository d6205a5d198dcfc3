"""What an import would do: submitted artefacts compared with the store, one decision per artefact, nothing written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from registry.imports.content import check_content
from registry.imports.findings import Findings
from registry.imports.landscape import Landscape
from registry.imports.references import check_inheritance, check_references, warn_about_targets
from registry.imports.replacement import judge_replacement, with_stored_organisations
from registry.imports.report import ImportLine, ImportReport, Outcome
from registry.model.base import Maintainable
from registry.model.identity import Urn
from registry.store.documents import hash_of
from registry.store.ports import ArtefactRecord, ArtefactStore, ChangeSet


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """A report per submission, and the one change set that carries them out against the state of the store they were made for."""

    reports: tuple[ImportReport, ...]
    changes: ChangeSet

    @property
    def report(self) -> ImportReport:
        """The outcome of all submissions together."""
        return ImportReport(tuple(line for report in self.reports for line in report.lines), dry_run=True)


@dataclass(slots=True)
class _Decision:
    """A submitted artefact on its way to an outcome."""

    artefact: Maintainable
    urn: Urn
    content_hash: str
    outcome: Outcome = Outcome.ADDED
    findings: Findings = field(init=False)

    def __post_init__(self) -> None:
        self.findings = Findings(str(self.urn))

    @property
    def accepted(self) -> bool:
        return not self.findings.errors

    @property
    def writes(self) -> bool:
        return self.accepted and self.outcome in {Outcome.ADDED, Outcome.REPLACED}

    def become(self, artefact: Maintainable) -> None:
        """Store this instead of what was submitted."""
        if artefact is not self.artefact:
            self.artefact, self.content_hash = artefact, hash_of(artefact)

    def line(self) -> ImportLine:
        outcome = self.outcome if self.accepted else Outcome.REFUSED
        return ImportLine(str(self.urn), outcome, tuple(self.findings.errors), tuple(self.findings.warnings))


def plan_import(store: ArtefactStore, *submissions: Iterable[Maintainable]) -> ImportPlan:
    """Decide about each artefact: added, replaced, unchanged, or refused with reasons.

    Submissions are decided one after the other, each as if the ones before it were stored; references may lead to any of them.

    Raises:
        StoreUnavailable: When the store cannot be read.
    """
    state = _State(store, {record.urn: record for record in store.records()})
    decided = [_decide(artefacts, state) for artefacts in submissions]
    landscape = state.landscape()
    for decision in chain.from_iterable(decided):
        if decision.accepted:
            warn_about_targets(decision.artefact, landscape, decision.findings)
    reports = tuple(ImportReport(tuple(decision.line() for decision in decisions), dry_run=True) for decisions in decided)
    return ImportPlan(reports, state.changes())


def _decide(artefacts: Iterable[Maintainable], state: _State) -> list[_Decision]:
    decisions = _distinct(artefacts)
    for decision in decisions:
        check_content(decision.artefact, decision.findings)
        check_references(decision.artefact, decision.findings)
    _compare(decisions, state)
    landscape = state.landscape(decisions)
    for decision in [decision for decision in decisions if decision.writes]:
        check_inheritance(decision.artefact, landscape, decision.findings)
    state.take(decisions)
    return decisions


@dataclass(slots=True)
class _State:
    """The store with everything accepted so far laid over it."""

    store: ArtefactStore
    stored: Mapping[Urn, ArtefactRecord]
    pending: dict[Urn, _Decision] = field(default_factory=dict)

    def content_hash(self, urn: Urn) -> str | None:
        """That of the present artefact; None when there is none."""
        if urn in self.pending:
            return self.pending[urn].content_hash
        return self.stored[urn].content_hash if urn in self.stored else None

    def load(self, urns: Sequence[Urn]) -> dict[Urn, Maintainable]:
        """Present artefacts."""
        records = [self.stored[urn] for urn in urns if urn not in self.pending]
        loaded = dict(zip([record.urn for record in records], self.store.load(records), strict=True))
        return loaded | {urn: self.pending[urn].artefact for urn in urns if urn in self.pending}

    def take(self, decisions: Iterable[_Decision]) -> None:
        """Lay what is accepted over the store."""
        self.pending.update((decision.urn, decision) for decision in decisions if decision.writes)

    def landscape(self, decisions: Iterable[_Decision] = ()) -> Landscape:
        """What references can lead to, together with the accepted ones of these decisions."""
        overlaid = self.pending | {decision.urn: decision for decision in decisions if decision.writes}
        return Landscape(self.store, {urn: decision.artefact for urn, decision in overlaid.items()}, self.stored)

    def changes(self) -> ChangeSet:
        """What brings the store into this state."""
        expected = {urn: self.stored[urn].content_hash if urn in self.stored else None for urn in self.pending}
        return ChangeSet(put=tuple(decision.artefact for decision in self.pending.values()), expected=expected)


def _distinct(artefacts: Iterable[Maintainable]) -> list[_Decision]:
    """One decision per URN and content; a URN with several contents is refused in each of them."""
    by_urn: dict[Urn, dict[str, _Decision]] = {}
    for artefact in artefacts:
        urn, content_hash = Urn.of(artefact), hash_of(artefact)
        by_urn.setdefault(urn, {}).setdefault(content_hash, _Decision(artefact, urn, content_hash))
    for same_urn in by_urn.values():
        if len(same_urn) > 1:
            for decision in same_urn.values():
                decision.findings.refuse(
                    "conflicting-content", "artefact", f"the submission holds it {len(same_urn)} times with different content; keep one"
                )
    return [decision for same_urn in by_urn.values() for decision in same_urn.values()]


def _compare(decisions: Sequence[_Decision], state: _State) -> None:
    known = [decision for decision in decisions if decision.accepted and state.content_hash(decision.urn) is not None]
    present = state.load([decision.urn for decision in known])
    for decision in known:
        artefact = present[decision.urn]
        decision.become(with_stored_organisations(artefact, decision.artefact))
        if state.content_hash(decision.urn) == decision.content_hash:
            decision.outcome = Outcome.UNCHANGED
        else:
            decision.outcome = judge_replacement(artefact, decision.artefact, decision.findings)
