"""Checks of what artefacts point at: form and class of references, targets that do not exist, codelists that inherit from themselves."""

from __future__ import annotations

from typing import Final

from registry.errors import InvalidUrn
from registry.imports.findings import Findings
from registry.imports.landscape import Landscape
from registry.model.base import Maintainable
from registry.model.identity import Urn
from registry.model.references import outgoing_references
from registry.versions import Version

_MOST_WARNINGS: Final = 20


def check_references(artefact: Maintainable, findings: Findings) -> None:
    """Every reference is a URN of a class that may stand in its place."""
    for reference in outgoing_references(artefact):
        try:
            urn = Urn.parse(reference.text)
        except InvalidUrn as error:
            findings.refuse("invalid-reference", reference.place, str(error))
            continue
        if reference.classes and urn.cls not in reference.classes:
            findings.refuse(
                "wrong-class", reference.place, f"{urn.short} is a {urn.cls}; expected a {' or '.join(sorted(reference.classes))}"
            )


def warn_about_targets(artefact: Maintainable, landscape: Landscape, findings: Findings) -> None:
    """Say which references lead nowhere. Real exports are often incomplete, so this refuses nothing."""
    own = Urn.of(artefact)
    version = Version.parse(artefact.version)
    told = 0
    for target, place in _distinct_targets(artefact).items():
        missing = _missing(target, own, landscape)
        problem = missing or _unversioned(target, version)
        if problem is None:
            continue
        told += 1
        if told <= _MOST_WARNINGS:
            findings.warn("dangling-reference" if missing else "legacy-reference", place, problem)
    if told > _MOST_WARNINGS:
        more = told - _MOST_WARNINGS
        findings.warn("more-references", "references", f"{more} more that lead nowhere or to legacy versions", count=more)


def _distinct_targets(artefact: Maintainable) -> dict[Urn, str]:
    """Targets with the first place they are named at."""
    places: dict[Urn, str] = {}
    for reference in outgoing_references(artefact):
        places.setdefault(Urn.parse(reference.text), reference.place)
    return places


def _missing(target: Urn, own: Urn, landscape: Landscape) -> str | None:
    found = landscape.resolve(target, own)
    if found is None:
        return f"{target.artefact.cls} {target.artefact.short} is neither stored nor submitted"
    if target.item is None or target.artefact.is_wildcard:
        return None
    items = landscape.items(found)
    if items is not None and target.item not in items:
        return f"{target.artefact.short} has no {target.cls} {target.item!r}"
    return None


def _unversioned(target: Urn, referrer: Version) -> str | None:
    """A semantic version promises what a legacy one cannot keep; agencies and providers have fixed versions."""
    if not referrer.is_semantic or target.version == "*" or target.package == "base" or "+" in target.version:
        return None
    if Version.parse(target.version).is_semantic:
        return None
    return f"a semantically versioned artefact should refer only to such; {target.short} has a legacy version"


def check_inheritance(artefact: Maintainable, landscape: Landscape, findings: Findings) -> None:
    """A codelist may not take in itself through its extensions."""
    own = Urn.of(artefact)
    open_paths: list[tuple[Urn, ...]] = [(own,)]
    visited: set[Urn] = set()
    while open_paths:
        path = open_paths.pop()
        for base in _bases(path[-1], landscape):
            if base == own:
                chain = " → ".join(urn.short for urn in (*path, own))
                findings.refuse(
                    "circular-extension",
                    "codelistExtensions",
                    f"the codelist inherits from itself ({chain}); remove one of these extensions",
                )
                return
            if base not in visited:
                visited.add(base)
                open_paths.append((*path, base))


def _bases(urn: Urn, landscape: Landscape) -> list[Urn]:
    extensions = getattr(landscape.artefact(urn), "codelist_extensions", ())
    found = [landscape.resolve(Urn.parse(extension.codelist), urn) for extension in extensions]
    return [base for base in found if base is not None]
