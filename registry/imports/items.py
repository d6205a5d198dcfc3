"""Checks of the items of item schemes: ids, duplicates, parents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from registry.imports.findings import Findings
from registry.model.base import Maintainable
from registry.model.families import Family, family_of


def check_items(artefact: Maintainable, findings: Findings) -> None:
    """The items of an item scheme; other artefacts have none."""
    family = family_of(type(artefact))
    if family.items is None:
        return
    items = getattr(artefact, family.items)
    word = (family.item_class or "value").lower()
    _check_level(items, family, word, "", findings)
    if not family.nested:
        _check_parents({item.id: getattr(item, "parent", None) for item in items}, word, findings)


def _check_level(items: Iterable[Any], family: Family, word: str, above: str, findings: Findings) -> None:
    """Ids are unique below one parent; nested schemes are checked level by level."""
    seen: set[str] = set()
    for item in items:
        place = f"{word} {above}{item.id}"
        if item.id in seen:
            findings.refuse("duplicate-item", place, "the id stands more than once; keep one of them")
        seen.add(item.id)
        _check_id(item.id, family, place, findings)
        if family.nested:
            _check_level(getattr(item, family.nested), family, word, f"{above}{item.id}.", findings)


def _check_id(item_id: str, family: Family, place: str, findings: Findings) -> None:
    if not family.item_ids.admits(item_id):
        findings.refuse("invalid-item-id", place, f"{item_id!r} is not a valid id; it {family.item_ids.value}")


def _check_parents(parents: Mapping[str, str | None], word: str, findings: Findings) -> None:
    rooted: set[str] = set()
    for item_id, parent in parents.items():
        if parent is not None and parent not in parents:
            findings.warn("unknown-parent", f"{word} {item_id}", f"its parent {parent!r} is not in the scheme")
        path: dict[str, None] = {}  # in order of ascent
        at: str | None = item_id
        while at is not None and at not in rooted and at not in path:
            path[at] = None
            at = parents.get(at)
        if at in path:
            ascent = list(path)
            chain = " → ".join([*ascent[ascent.index(at) :], at])
            findings.refuse("circular-parents", f"{word} {item_id}", f"it is its own ancestor ({chain}); correct one of these parents")
        rooted.update(path)
