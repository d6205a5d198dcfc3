"""What an import did, or would do, with each artefact."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

from registry.findings import Finding


class Outcome(StrEnum):
    """What becomes of a submitted artefact."""

    ADDED = "added"
    REPLACED = "replaced"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ImportLine:
    """One submitted artefact.

    Attributes:
        urn: Its URN, as text because a refused artefact may have ids that no URN can hold.
        reasons: Why it was refused, each with its place and remedy; empty otherwise.
        warnings: What is incomplete or unusual without standing in the way.
    """

    urn: str
    outcome: Outcome
    reasons: tuple[Finding, ...] = ()
    warnings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportReport:
    """The outcome of an import, one line per artefact in the order of submission; ``dry_run`` when nothing was stored."""

    lines: tuple[ImportLine, ...]
    dry_run: bool = False

    @property
    def refused(self) -> bool:
        """True when any artefact was refused."""
        return any(line.outcome is Outcome.REFUSED for line in self.lines)

    def counts(self) -> dict[Outcome, int]:
        """How many artefacts had each outcome; every outcome is a key."""
        counted = Counter(line.outcome for line in self.lines)
        return {outcome: counted[outcome] for outcome in Outcome}
