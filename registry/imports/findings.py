"""What a check says about one artefact: errors refuse it, warnings do not."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Findings:
    """Errors and warnings about one artefact, gathered by the checks in turn. Each names place and remedy."""

    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def refuse(self, place: str, problem: str) -> None:
        """The artefact cannot be stored because of something at a place."""
        self.errors.append(f"{place}: {problem}")

    def warn(self, place: str, problem: str) -> None:
        """Something at a place deserves a look."""
        self.warnings.append(f"{place}: {problem}")
