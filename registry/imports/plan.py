"""What an import would do: submitted artefacts compared with the store, one decision per artefact, nothing written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

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
    """The report, and the change set that carries it out against the state of the store that it was made for."""

    report: ImportReport
    changes: ChangeSet


@dataclass(slots=True)
class _Decision:
    """A submitted artefact on its way to an outcome."""

    artefact: Maintainable
    urn: Urn
    content_hash: str
    findings: Findings = field(default_factory=Findings)
    outcome: Outcome = Outcome.ADDED

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


def plan_import(store: ArtefactStore, artefacts: Iterable[Maintainable]) -> ImportPlan:
    """Decide about each artefact: added, replaced, unchanged, or refused with reasons.

    Raises:
        StoreUnavailable: When the store cannot be read.
    """
    decisions = _distinct(artefacts)
    for decision in decisions:
        check_content(decision.artefact, decision.findings)
        check_references(decision.artefact, decision.findings)
    stored = {record.urn: record for record in store.records()}
    _compare(decisions, store, stored)
    _check_inheritance(decisions, store, stored)
    _warn_about_targets(decisions, store, stored)
    return ImportPlan(ImportReport(tuple(decision.line() for decision in decisions), dry_run=True), _changes(decisions, stored))


def _distinct(artefacts: Iterable[Maintainable]) -> list[_Decision]:
    """One decision per URN and content; a URN with several contents is refused in each of them."""
    by_urn: dict[Urn, dict[str, _Decision]] = {}
    for artefact in artefacts:
        urn, content_hash = Urn.of(artefact), hash_of(artefact)
        by_urn.setdefault(urn, {}).setdefault(content_hash, _Decision(artefact, urn, content_hash))
    for same_urn in by_urn.values():
        if len(same_urn) > 1:
            for decision in same_urn.values():
                decision.findings.refuse("artefact", f"the submission holds it {len(same_urn)} times with different content; keep one")
    return [decision for same_urn in by_urn.values() for decision in same_urn.values()]


def _compare(decisions: Sequence[_Decision], store: ArtefactStore, stored: Mapping[Urn, ArtefactRecord]) -> None:
    known = [decision for decision in decisions if decision.accepted and decision.urn in stored]
    present = store.load([stored[decision.urn] for decision in known])
    for decision, artefact in zip(known, present, strict=True):
        decision.become(with_stored_organisations(artefact, decision.artefact))
        if stored[decision.urn].content_hash == decision.content_hash:
            decision.outcome = Outcome.UNCHANGED
        else:
            decision.outcome = judge_replacement(artefact, decision.artefact, decision.findings)


def _check_inheritance(decisions: Sequence[_Decision], store: ArtefactStore, stored: Mapping[Urn, ArtefactRecord]) -> None:
    landscape = _landscape(decisions, store, stored)
    for decision in [decision for decision in decisions if decision.writes]:
        check_inheritance(decision.artefact, landscape, decision.findings)


def _warn_about_targets(decisions: Sequence[_Decision], store: ArtefactStore, stored: Mapping[Urn, ArtefactRecord]) -> None:
    landscape = _landscape(decisions, store, stored)
    for decision in decisions:
        if decision.accepted:
            warn_about_targets(decision.artefact, landscape, decision.findings)


def _landscape(decisions: Sequence[_Decision], store: ArtefactStore, stored: Mapping[Urn, ArtefactRecord]) -> Landscape:
    return Landscape(store, {decision.urn: decision.artefact for decision in decisions if decision.writes}, stored)


def _changes(decisions: Sequence[_Decision], stored: Mapping[Urn, ArtefactRecord]) -> ChangeSet:
    writes = [decision for decision in decisions if decision.writes]
    expected = {decision.urn: stored[decision.urn].content_hash if decision.urn in stored else None for decision in writes}
    return ChangeSet(put=tuple(decision.artefact for decision in writes), expected=expected)
