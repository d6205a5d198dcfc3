"""Checks of ids and versions (identifier types of the common SDMX schemas)."""

from __future__ import annotations

from typing import Final

from registry.errors import InvalidVersion
from registry.imports.findings import Findings
from registry.model.base import Maintainable
from registry.model.families import families_by_kind, family_of
from registry.model.ids import IdGrammar, is_agency_id
from registry.versions import Version

#: The version of artefacts whose id SDMX fixes; a different one is wrong in SDMX 3.1 and common in older exports.
_FIXED_VERSION: Final = "1.0"


def check_identification(artefact: Maintainable, findings: Findings) -> None:
    """Agency, id and version of an artefact."""
    if not is_agency_id(artefact.agency_id):
        findings.refuse(
            "invalid-agency-id", "agencyID", f"{artefact.agency_id!r} is not an agency id; each part between dots {IdGrammar.NCNAME.value}"
        )
    _check_version(artefact, findings)
    if type(artefact).__name__ not in families_by_kind():
        findings.refuse("unknown-family", "artefact", f"{type(artefact).__name__} is not a kind of artefact this registry keeps")
        return
    ids = family_of(type(artefact)).ids
    if not ids.admits(artefact.id):
        findings.refuse("invalid-id", "id", f"{artefact.id!r} is not an id for this kind of artefact; it {ids.value}")
    _check_fixed(artefact, findings)


def _check_version(artefact: Maintainable, findings: Findings) -> None:
    try:
        version = Version.parse(artefact.version)
    except InvalidVersion as error:
        findings.refuse("invalid-version", "version", str(error))
        return
    if not version.is_semantic and len(version.numbers) > 2:
        findings.warn("unusual-version", "version", f"{version} has a form that SDMX 3 does not know; use X.Y, or a semantic version X.Y.Z")


def has_fixed_identification(artefact: Maintainable) -> bool:
    """True for the agency and provider schemes whose id and version SDMX fixes."""
    return family_of(type(artefact)).fixed_id == artefact.id and artefact.version == _FIXED_VERSION


def _check_fixed(artefact: Maintainable, findings: Findings) -> None:
    fixed_id = family_of(type(artefact)).fixed_id
    if fixed_id and not has_fixed_identification(artefact):
        findings.warn(
            "fixed-identification",
            "id",
            f"SDMX fixes id and version of this kind of scheme to {fixed_id} and {_FIXED_VERSION}; references may not find it",
        )
