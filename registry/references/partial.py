"""Item schemes with some of their items (SDMX-REST, structure queries: item queries and ``detail=referencepartial``)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, TypeVar

import msgspec

from registry.model.base import Maintainable
from registry.model.families import Family, family_of
from registry.model.selection import Parents, with_ancestors

A = TypeVar("A", bound=Maintainable)


def item_ids(scheme: Maintainable) -> Parents:
    """Ids of the items of a scheme with their parents; ids of nested items are dotted paths. Empty when it is no item scheme."""
    family = family_of(type(scheme))
    if family.items is None:
        return {}
    items = getattr(scheme, family.items)
    if family.nested is None:
        return {item.id: getattr(item, "parent", None) for item in items}
    return dict(_nested_ids(items, family.nested, None))


def with_items(scheme: A, wanted: Collection[str]) -> A | None:
    """The scheme with the items named, marked as partial; nested items keep their ancestors but not their children.

    None when it holds none of them, and for artefacts without items.
    """
    found = wanted & item_ids(scheme).keys() if wanted else set()
    return _reduced(scheme, found) if found else None


def with_used_items(scheme: A, used: Collection[str]) -> A:
    """The scheme with the items used and those above them, so that the hierarchy stays whole; partial when any is left out."""
    parents = item_ids(scheme)
    kept = with_ancestors(used & parents.keys(), parents) & parents.keys()
    return scheme if len(kept) == len(parents) else _reduced(scheme, kept)


def _reduced(scheme: A, kept: Collection[str]) -> A:
    family = family_of(type(scheme))
    items = getattr(scheme, family.items or "")
    chosen = _chosen_nested(items, family, kept, None) if family.nested else tuple(item for item in items if item.id in kept)
    marks = {"is_partial": True} if hasattr(scheme, "is_partial") else {}  # a value list has no such mark
    return msgspec.structs.replace(scheme, **{family.items or "": chosen}, **marks)


def _chosen_nested(items: tuple[Any, ...], family: Family, kept: Collection[str], above: str | None) -> tuple[Any, ...]:
    """Items that are kept, or that hold one that is, each with only such children."""
    chosen = []
    for item in items:
        path = f"{above}.{item.id}" if above else item.id
        below = _chosen_nested(getattr(item, family.nested or ""), family, kept, path)
        if below or path in kept:
            chosen.append(msgspec.structs.replace(item, **{family.nested or "": below}))
    return tuple(chosen)


def _nested_ids(items: tuple[Any, ...], nested: str, above: str | None) -> Iterator[tuple[str, str | None]]:
    for item in items:
        path = f"{above}.{item.id}" if above else item.id
        yield path, above
        yield from _nested_ids(getattr(item, nested), nested, path)
