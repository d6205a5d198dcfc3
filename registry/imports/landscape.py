"""The artefacts an import has to do with: what is stored and what is submitted, seen as one."""

from __future__ import annotations

from collections.abc import Mapping

from registry.model.base import Maintainable
from registry.model.families import family_of
from registry.model.identity import Urn
from registry.references.resolve import ReferenceIndex
from registry.store.ports import ArtefactRecord, ArtefactStore


class Landscape:
    """Stored artefacts overlaid by submitted ones. Stored ones are read when asked for, once."""

    def __init__(self, store: ArtefactStore, submitted: Mapping[Urn, Maintainable], stored: Mapping[Urn, ArtefactRecord]) -> None:
        self._store = store
        self._submitted = submitted
        self._stored = stored
        self._index = ReferenceIndex.over([*stored, *(urn for urn in submitted if urn not in stored)])
        self._items: dict[Urn, frozenset[str] | None] = {}

    def resolve(self, reference: Urn, referrer: Urn) -> Urn | None:
        """The artefact a reference means, the latest one when several; None when there is none."""
        return self._index.resolve_one(reference, referrer=referrer)

    def artefact(self, urn: Urn) -> Maintainable:
        """An artefact of the landscape."""
        return self._submitted[urn] if urn in self._submitted else self._store.load([self._stored[urn]])[0]

    def items(self, urn: Urn) -> frozenset[str] | None:
        """Paths of the items of a scheme; None when the artefact is not a scheme, or not complete, so that nothing can be said."""
        if urn not in self._items:
            self._items[urn] = _item_paths(self.artefact(urn))
        return self._items[urn]


def _item_paths(artefact: Maintainable) -> frozenset[str] | None:
    family = family_of(type(artefact))
    incomplete = artefact.is_external_reference or getattr(artefact, "is_partial", False) or getattr(artefact, "codelist_extensions", ())
    if family.items is None or incomplete:
        return None
    paths: set[str] = set()
    level = [("", item) for item in getattr(artefact, family.items)]
    while level:
        prefix, item = level.pop()
        paths.add(prefix + item.id)
        if family.nested:
            level += [(f"{prefix}{item.id}.", child) for child in getattr(item, family.nested)]
    return frozenset(paths)
