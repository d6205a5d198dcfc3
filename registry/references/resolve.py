"""From a reference to the artefacts it means (SDMX 3.1 Technical Notes, semantic versioning: references and wildcards)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from registry.errors import InvalidVersion
from registry.model.identity import Urn
from registry.versions import Version, VersionReference

#: Agency whose scheme holds the top-level agencies; it is not part of the dotted path of an agency id.
ROOT_AGENCY: Final = "SDMX"


def agency_reference(agency: str) -> Urn:
    """The agency of an artefact as an item of the agency scheme that holds it: ``BIS.XTD`` is ``XTD`` in ``BIS:AGENCIES(1.0)``."""
    owner, _, name = agency.rpartition(".")
    return Urn("Agency", owner or ROOT_AGENCY, "AGENCIES", "1.0", name)


@dataclass(frozen=True)
class ReferenceIndex:
    """Finds what references mean among artefacts that are known by their URN; :meth:`over` makes it.

    Attributes:
        versions: (class, agency, id) to the versions there are, ascending.
    """

    versions: Mapping[tuple[str, str, str], tuple[Version, ...]]

    @staticmethod
    def over(urns: Iterable[Urn]) -> ReferenceIndex:
        """The index of some artefacts."""
        versions: dict[tuple[str, str, str], list[Version]] = {}
        for urn in urns:
            versions.setdefault((urn.cls, urn.agency, urn.id), []).append(Version.parse(urn.version))
        return ReferenceIndex({key: tuple(sorted(found)) for key, found in versions.items()})

    def resolve(self, reference: Urn, *, referrer: Urn) -> tuple[Urn, ...]:
        """The artefacts a reference of ``referrer`` means; items lead to their scheme. Empty when there are none.

        A version with a wildcard means the latest version it admits; ``*`` means all. A stable referrer sees only stable versions,
        a draft also drafts, a legacy one drafts only where nothing is stable.
        """
        target = reference.artefact
        if "*" in {target.id, target.agency} or target.cls == "Any":
            keys = [key for key in self.versions if _matches(key, target)]
        else:
            keys = [(target.cls, target.agency, target.id)]
        return tuple(Urn(*key, version.text) for key in keys for version in self._select(key, target.version, referrer))

    def resolve_one(self, reference: Urn, *, referrer: Urn) -> Urn | None:
        """The one artefact a reference means: the latest when it means several."""
        found = self.resolve(reference, referrer=referrer)
        return found[-1] if found else None

    def _select(self, key: tuple[str, str, str], text: str, referrer: Urn) -> list[Version]:
        candidates = self.versions.get(key, ())
        if not candidates:
            return []
        try:
            wanted = VersionReference.parse(text)
        except InvalidVersion:  # imports refuse such references; one that is stored all the same must not spoil other answers
            return []
        by = Version.parse(referrer.version)
        found = wanted.select(candidates, referrer_stable=not by.is_draft)
        if not found and not by.is_semantic:
            found = wanted.select(candidates, referrer_stable=False)
        return found if wanted.text == "*" else found[-1:]


def _matches(key: tuple[str, str, str], target: Urn) -> bool:
    cls, agency, identifier = key
    return target.cls in {cls, "Any"} and target.agency in {agency, "*"} and target.id in {identifier, "*"}
