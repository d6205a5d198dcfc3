"""Which artefacts belong to an answer besides those asked for (SDMX-REST, structure queries, ``references``).

Every function takes a graph of artefacts and the artefacts to start from, asks the graph once per level for all of them together, and
returns what it finds, which may include artefacts it started from.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Protocol

from registry.model.identity import Urn

_Step = Callable[[Collection[Urn]], Mapping[Urn, Collection[Urn]]]


class ReferenceGraph(Protocol):
    """Artefacts and what really points at what, asked for many artefacts at a time."""

    def children(self, urns: Collection[Urn]) -> Mapping[Urn, Collection[Urn]]:
        """What each artefact points at."""
        ...

    def parents(self, urns: Collection[Urn]) -> Mapping[Urn, Collection[Urn]]:
        """What points at each artefact."""
        ...


def children(graph: ReferenceGraph, start: Collection[Urn]) -> set[Urn]:
    """Artefacts that the given ones point at."""
    return _flattened(graph.children(start))


def parents(graph: ReferenceGraph, start: Collection[Urn]) -> set[Urn]:
    """Artefacts that point at the given ones."""
    return _flattened(graph.parents(start))


def parents_and_siblings(graph: ReferenceGraph, start: Collection[Urn]) -> set[Urn]:
    """Artefacts that point at the given ones, and what they point at in turn."""
    found = parents(graph, start)
    return found | children(graph, found)


def descendants(graph: ReferenceGraph, start: Collection[Urn]) -> set[Urn]:
    """Artefacts that the given ones point at, at any level."""
    return _closure(graph.children, start)


def ancestors(graph: ReferenceGraph, start: Collection[Urn]) -> set[Urn]:
    """Artefacts that point at the given ones, at any level."""
    return _closure(graph.parents, start)


def everything(graph: ReferenceGraph, start: Collection[Urn]) -> set[Urn]:
    """Parents and siblings, and descendants."""
    return parents_and_siblings(graph, start) | descendants(graph, start)


def _flattened(related: Mapping[Urn, Collection[Urn]]) -> set[Urn]:
    return {urn for urns in related.values() for urn in urns}


def _closure(step: _Step, start: Collection[Urn]) -> set[Urn]:
    found: set[Urn] = set()
    frontier = set(start)
    while frontier:
        frontier = _flattened(step(frontier)) - found
        found |= frontier
    return found
