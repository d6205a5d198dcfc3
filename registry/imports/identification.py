"""Checks of ids and versions (identifier types of the common SDMX schemas)."""

from __future__ import annotations

from typing import Final

from registry.errors import InvalidVersion
from registry.imports.findings import Findings
from registry.model.base import Maintainable
from registry.model.families import families_by_kind
from registry.model.identity import is_agency_id, is_id, is_ncname_id
from registry.versions import Version

#: Families whose own id is also an XML name.
_NAMED_BY_NCNAME: Final = frozenset({"CategoryScheme", "Codelist", "ConceptScheme"})
#: Ids and versions that SDMX fixes; a different version is wrong in SDMX 3.1 and common in older exports.
_FIXED: Final = {
    "AgencyScheme": "AGENCIES",
    "DataProviderScheme": "DATA_PROVIDERS",
    "DataConsumerScheme": "DATA_CONSUMERS",
    "MetadataProviderScheme": "METADATA_PROVIDERS",
}
_FIXED_VERSION: Final = "1.0"
NOT_AN_ID: Final = "may hold only letters, digits and _ @ $ -"
NOT_A_NAME: Final = "must begin with a letter and hold only letters, digits, _ and -"


def check_identification(artefact: Maintainable, findings: Findings) -> None:
    """Agency, id and version of an artefact."""
    if type(artefact).__name__ not in families_by_kind():
        findings.refuse("unknown-family", "artefact", f"{type(artefact).__name__} is not a kind of artefact this registry keeps")
    if not is_agency_id(artefact.agency_id):
        findings.refuse("invalid-agency-id", "agencyID", f"{artefact.agency_id!r} is not an agency id; each part between dots {NOT_A_NAME}")
    if not is_id(artefact.id):
        findings.refuse("invalid-id", "id", f"{artefact.id!r} is not an id; it {NOT_AN_ID}")
    elif artefact.urn_class in _NAMED_BY_NCNAME and not is_ncname_id(artefact.id):
        findings.refuse("invalid-id", "id", f"{artefact.id!r} is not an id for this kind of artefact; it {NOT_A_NAME}")
    _check_version(artefact, findings)
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
    return _FIXED.get(artefact.urn_class) == artefact.id and artefact.version == _FIXED_VERSION


def _check_fixed(artefact: Maintainable, findings: Findings) -> None:
    fixed_id = _FIXED.get(artefact.urn_class)
    if fixed_id and not has_fixed_identification(artefact):
        findings.warn(
            "fixed-identification",
            "id",
            f"SDMX fixes id and version of this kind of scheme to {fixed_id} and {_FIXED_VERSION}; references may not find it",
        )
