"""Whether a submitted artefact may take the place of the stored one with the same URN (Technical Notes, semantic versioning)."""

from __future__ import annotations

from typing import Any

from registry.imports.findings import Findings
from registry.imports.report import Outcome
from registry.imports.stubs import is_stub
from registry.model.base import Maintainable
from registry.model.families import family_of
from registry.versions import Version


def judge_replacement(stored: Maintainable, submitted: Maintainable, findings: Findings) -> Outcome:
    """The outcome for a submitted artefact whose content differs from the stored one."""
    if is_stub(submitted) and not is_stub(stored):
        findings.warn("artefact", "the submission holds a stub; the full artefact that is stored stays as it is")
        return Outcome.UNCHANGED
    if is_stub(stored) and not is_stub(submitted):
        return Outcome.REPLACED
    partial = _is_partial(submitted)
    if partial and not _is_partial(stored):
        findings.refuse("isPartial", "a partial scheme cannot replace the complete one that is stored; submit the complete scheme")
    elif Version.parse(submitted.version).is_stable and not _completes(stored, submitted):
        findings.refuse(
            "version",
            f"{submitted.version} is stable and stored with other content, which may not change any more; "
            f"raise the version, for instance to {_raised(submitted.version)}",
        )
    if findings.errors:
        return Outcome.REFUSED
    if stored.is_final:
        findings.warn("isFinal", "the stored artefact was marked final in SDMX 2.1; it is replaced because its version is not semantic")
    return Outcome.REPLACED


def _is_partial(artefact: Maintainable) -> bool:
    return bool(getattr(artefact, "is_partial", False))


def _completes(stored: Maintainable, submitted: Maintainable) -> bool:
    """Whether the stored scheme is part of the submitted complete one: the version stays true to what was said under it."""
    if type(stored) is not type(submitted) or not _is_partial(stored) or _is_partial(submitted):
        return False
    family = family_of(type(stored))
    items: dict[str, Any] = {item.id: item for item in getattr(submitted, family.items or "")}
    return all(items.get(item.id) == item for item in getattr(stored, family.items or ""))


def _raised(version: str) -> str:
    major, minor, patch = Version.parse(version).numbers
    return f"{major}.{minor}.{patch + 1} for corrections or {major}.{minor + 1}.0 for additions"
