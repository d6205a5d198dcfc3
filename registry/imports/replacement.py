"""Whether a submitted artefact may take the place of the stored one with the same URN (Technical Notes, semantic versioning)."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from registry.imports.equivalence import say_the_same
from registry.imports.findings import Findings
from registry.imports.identification import has_fixed_identification
from registry.imports.report import Outcome
from registry.imports.stubs import is_stub
from registry.model.base import Maintainable
from registry.model.families import family_of
from registry.versions import Version


def judge_replacement(stored: Maintainable, submitted: Maintainable, findings: Findings) -> Outcome:
    """The outcome for a submitted artefact whose content differs from the stored one."""
    if say_the_same(stored, submitted):
        return Outcome.UNCHANGED
    if is_stub(submitted) and not is_stub(stored):
        findings.warn("stub-ignored", "artefact", "the submission holds a stub; the full artefact that is stored stays as it is")
        return Outcome.UNCHANGED
    if is_stub(stored) and not is_stub(submitted):
        return Outcome.REPLACED
    if _is_part(submitted, stored) and not _is_partial(stored):
        findings.warn(
            "part-ignored", "isPartial", "the submission holds a part of the scheme that is stored; the complete one stays as it is"
        )
        return Outcome.UNCHANGED
    _refuse(stored, submitted, findings)
    if findings.errors:
        return Outcome.REFUSED
    if stored.is_final:
        findings.warn(
            "final-replaced",
            "isFinal",
            "the stored artefact was marked final in SDMX 2.1; it is replaced because its version is not semantic",
        )
    return Outcome.REPLACED


def _refuse(stored: Maintainable, submitted: Maintainable, findings: Findings) -> None:
    if _is_partial(submitted) and not _is_partial(stored):
        findings.refuse(
            "partial-over-complete",
            "isPartial",
            "a partial scheme cannot replace the complete one that is stored; submit the complete scheme",
        )
    elif Version.parse(submitted.version).is_stable and stored.is_final is not False and not _is_part(stored, submitted):
        findings.refuse(
            "stable-version",
            "version",
            f"{submitted.version} is stable and stored with other content, which may not change any more; "
            f"raise the version, for instance to {_raised(submitted.version)}",
        )


def with_stored_organisations(stored: Maintainable, submitted: Maintainable) -> Maintainable:
    """A scheme whose id and version SDMX fixes, together with the organisations that are stored; other artefacts as submitted.

    Every registry has its own ``SDMX:AGENCIES(1.0)`` and the like, and exports what it knows of it. Taking one over as it is would
    forget the organisations that only this registry knows, so a submission adds and updates, and removes nothing.
    """
    family = family_of(type(submitted))
    if not has_fixed_identification(submitted) or family.items is None or type(stored) is not type(submitted) or is_stub(submitted):
        return submitted
    new: dict[str, Any] = {item.id: item for item in getattr(submitted, family.items)}
    known = {item.id: item for item in getattr(stored, family.items)}
    frame = stored if _is_partial(submitted) else submitted
    return replace(frame, **{family.items: tuple((known | new).values())})


def _is_partial(artefact: Maintainable) -> bool:
    return bool(getattr(artefact, "is_partial", False))


def _is_part(part: Maintainable, whole: Maintainable) -> bool:
    """Whether a partial scheme says only what the other one says too: then the larger one keeps every promise of the version."""
    if type(part) is not type(whole) or not _is_partial(part) or _is_partial(whole):
        return False
    field = family_of(type(part)).items or ""
    items: dict[str, Any] = {item.id: item for item in getattr(whole, field)}
    return all(items.get(item.id) == item for item in getattr(part, field))


def _raised(version: str) -> str:
    major, minor, patch = Version.parse(version).numbers
    return f"{major}.{minor}.{patch + 1} for corrections or {major}.{minor + 1}.0 for additions"
