"""Selecting items of a scheme by wildcard and by cascade: common to codelist extensions and constraints."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import lru_cache

from registry.model.codelists import Cascade

#: Item id to the id of its parent, in the order of the scheme.
Parents = Mapping[str, str | None]


@lru_cache(maxsize=4096)
def wildcard_pattern(value: str) -> re.Pattern[str]:
    """The pattern of a value in which ``%`` stands for zero or more characters.

    >>> bool(wildcard_pattern("AB%").fullmatch("AB"))
    True
    """
    return re.compile(".*".join(re.escape(part) for part in value.split("%")), re.DOTALL)


def named(value: str, ids: Collection[str]) -> set[str]:
    """Those of some ids that a value names, literally or by wildcard."""
    if "%" not in value:
        return {value} if value in ids else set()
    pattern = wildcard_pattern(value)
    return {item for item in ids if pattern.fullmatch(item)}


def cascaded(roots: set[str], cascade: Cascade | None, parents: Parents) -> set[str]:
    """Items with their descendants (``cascade`` true), only the descendants (``excluderoot``), or just the items."""
    if not cascade or not roots:
        return roots
    below = {item for item in parents if not roots.isdisjoint(ancestors(item, parents))}
    return below - roots if cascade == "excluderoot" else below | roots


def ancestors(item: str, parents: Parents) -> list[str]:
    """Parent, grandparent and so on of an item; a loop in the data ends the walk.

    >>> ancestors("C", {"A": None, "B": "A", "C": "B"})
    ['B', 'A']
    """
    found: list[str] = []
    parent = parents.get(item)
    while parent is not None and parent not in found:
        found.append(parent)
        parent = parents.get(parent)
    return found


def with_ancestors(items: Collection[str], parents: Parents) -> set[str]:
    """Items and all that stand above them, so that a selection stays a tree."""
    kept = set(items)
    for item in items:
        kept.update(ancestors(item, parents))
    return kept
