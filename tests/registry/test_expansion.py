"""Expansion of references over arbitrary graphs."""

from __future__ import annotations

from collections.abc import Collection

from hypothesis import given
from hypothesis import strategies as st

from registry.model.identity import Urn
from registry.references import expand

NODES = [Urn("Codelist", "CDE", f"N{number}", "1.0.0") for number in range(6)]


class Graph:
    """A graph given by its edges; counts how often it is asked."""

    def __init__(self, edges: set[tuple[Urn, Urn]]) -> None:
        self.edges = edges
        self.asked = 0

    def children(self, urns: Collection[Urn]) -> dict[Urn, set[Urn]]:
        self.asked += 1
        return {urn: {target for source, target in self.edges if source == urn} for urn in urns}

    def parents(self, urns: Collection[Urn]) -> dict[Urn, set[Urn]]:
        self.asked += 1
        return {urn: {source for source, target in self.edges if target == urn} for urn in urns}


_node = st.sampled_from(NODES)
_graphs = st.builds(Graph, st.sets(st.tuples(_node, _node)))
_starts = st.sets(_node, min_size=1)


@given(_graphs, _starts)
def test_children_are_descendants_and_descendants_are_closed(graph: Graph, start: set[Urn]) -> None:
    below = expand.descendants(graph, start)
    assert expand.children(graph, start) <= below
    assert expand.children(graph, below) <= below


@given(_graphs, _starts)
def test_parents_are_ancestors_and_ancestors_are_closed(graph: Graph, start: set[Urn]) -> None:
    above = expand.ancestors(graph, start)
    assert expand.parents(graph, start) <= above
    assert expand.parents(graph, above) <= above


@given(_graphs, _node, _node)
def test_descendants_and_ancestors_are_two_sides_of_one_relation(graph: Graph, upper: Urn, lower: Urn) -> None:
    assert (lower in expand.descendants(graph, {upper})) == (upper in expand.ancestors(graph, {lower}))


@given(_graphs, _starts)
def test_everything_is_parents_with_siblings_and_descendants(graph: Graph, start: set[Urn]) -> None:
    assert expand.everything(graph, start) == expand.parents_and_siblings(graph, start) | expand.descendants(graph, start)
    parents = expand.parents(graph, start)
    assert expand.parents_and_siblings(graph, start) == parents | expand.children(graph, parents)


@given(_graphs, _starts)
def test_a_graph_is_asked_once_per_level(graph: Graph, start: set[Urn]) -> None:
    graph.asked = 0
    expand.descendants(graph, start)
    assert graph.asked <= len(NODES) + 1
