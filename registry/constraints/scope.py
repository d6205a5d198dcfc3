"""Which constraints count: not the 2.1 descriptions of actual content, and of each constraint only the latest non-draft version."""

from __future__ import annotations

from collections.abc import Iterable

from registry.model.constraints import DataConstraint
from registry.model.identity import Urn
from registry.versions import Version


def latest_in_force(urns: Iterable[Urn]) -> frozenset[Urn]:
    """Of each constraint among some, its latest version without extension (Technical Notes: "the latest non-draft Constraint")."""
    latest: dict[tuple[str, str], Urn] = {}
    for urn in urns:
        version = Version.parse(urn.version)
        known = latest.get((urn.agency, urn.id))
        if version.extension is None and (known is None or Version.parse(known.version) < version):
            latest[urn.agency, urn.id] = urn
    return frozenset(latest.values())


def restricts(constraint: DataConstraint) -> bool:
    """True when a constraint says what is allowed; one with the 2.1 role Actual only says what exists."""
    return not constraint.is_actual and not constraint.is_external_reference
