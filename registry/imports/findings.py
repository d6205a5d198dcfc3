"""What the checks say about one artefact: errors refuse it, warnings do not."""

from __future__ import annotations

from dataclasses import dataclass, field

from registry.findings import Finding, Severity


@dataclass(slots=True)
class Findings:
    """Errors and warnings about one artefact, gathered by the checks in turn. Each names place and remedy.

    Attributes:
        artefact: URN of the artefact, as text because a refused artefact may have ids that no URN can hold.
    """

    artefact: str
    errors: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)

    def refuse(self, code: str, place: str, problem: str) -> None:
        """The artefact cannot be stored because of something at a place."""
        self.errors.append(Finding(code, Severity.ERROR, problem, place=place, artefact=self.artefact))

    def warn(self, code: str, place: str, problem: str, *, count: int = 1) -> None:
        """Something at a place deserves a look."""
        self.warnings.append(Finding(code, Severity.WARNING, problem, count=count, place=place, artefact=self.artefact))
