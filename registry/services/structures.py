"""Answers structure queries (SDMX-REST 2.2, structure queries): matches, related artefacts, and how much of each.

The work is done on a :class:`~registry.services.snapshots.Snapshot`, level by level, so that the number of reads depends on how deep
references go and not on how many artefacts there are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from registry.caching import CachePerOwner
from registry.model.base import Maintainable
from registry.model.families import families_by_resource, is_meant
from registry.model.identity import Urn
from registry.model.references import references_of
from registry.references import expand
from registry.references.detail import complete_stub, stub
from registry.references.extensions import ExtensibleCodelist
from registry.references.partial import item_ids, with_items
from registry.references.resolve import ReferenceIndex
from registry.services.partial_answers import PartialSchemes
from registry.services.snapshots import Snapshot, snapshot_of
from registry.services.structure_query import Detail, Relation, StructureQuery
from registry.store.ports import ArtefactStore
from registry.versions import Version, VersionQuery, without_double_drafts

_EXPANSIONS: Final[Mapping[Relation, Callable[[expand.ReferenceGraph, Collection[Urn]], set[Urn]]]] = {
    Relation.NONE: lambda _graph, _start: set(),
    Relation.PARENTS: expand.parents,
    Relation.PARENTS_AND_SIBLINGS: expand.parents_and_siblings,
    Relation.ANCESTORS: expand.ancestors,
    Relation.CHILDREN: expand.children,
    Relation.DESCENDANTS: expand.descendants,
    Relation.ALL: expand.everything,
}

#: Values of ``detail`` under which inherited codes are not part of the list that inherits them.
_UNRESOLVED: Final = frozenset({Detail.RAW, Detail.ALL_STUBS, Detail.ALL_COMPLETE_STUBS})


@dataclass(frozen=True, slots=True)
class StructureAnswer:
    """What answers a structure query; everything is empty when nothing matches.

    Attributes:
        matches: The artefacts asked for, by family, agency, id and version.
        related: Those that ``references`` adds, in the same order.
        last_modified: When the newest of all artefacts that the answer was made from was recorded.
        index: Finds what the references in it mean; None when nothing matches.
        content_key: Equal for equal answers: a hash over the query and the content of those artefacts.
    """

    matches: tuple[Maintainable, ...] = ()
    related: tuple[Maintainable, ...] = ()
    last_modified: datetime | None = None
    content_key: str = ""
    index: ReferenceIndex | None = field(default=None, compare=False, repr=False)

    @property
    def artefacts(self) -> tuple[Maintainable, ...]:
        """Matches, then related artefacts."""
        return self.matches + self.related


def answer(store: ArtefactStore, query: StructureQuery) -> StructureAnswer:
    """Answer a structure query. The same query is answered from memory until somebody commits.

    Raises:
        InvalidVersion: When the version query has no form of the standard.
        InvalidArtefact: When a codelist in the answer inherits from itself.
    """
    snapshot = snapshot_of(store, query.as_of)
    return _answers.of(snapshot).find(query, lambda: _answer(snapshot, query))


#: Answers made from a snapshot; they go with it.
_answers: CachePerOwner[Snapshot, StructureQuery, StructureAnswer] = CachePerOwner(most=64)


def _answer(snapshot: Snapshot, query: StructureQuery) -> StructureAnswer:
    shaper = _Shaper(snapshot, query.detail)
    matches = _matches(snapshot, query, shaper)
    if not matches:
        return StructureAnswer()
    graph = QueryGraph(snapshot, matches if query.items else {}, query.detail in _UNRESOLVED, query.in_production)
    related = snapshot.load(_in_order(snapshot, _related(graph, matches, query)))
    if query.detail is Detail.REFERENCE_PARTIAL:
        related, sources = PartialSchemes(snapshot, matches).reduce(
            related, lambda reduced: _related(replace(graph, reduced={**reduced, **graph.reduced}), matches, query)
        )
        shaper.sources |= sources
    shaped_matches = tuple(map(shaper.match, matches.values()))
    shaped_related = tuple(map(shaper.related, related.values()))
    made_from = {*matches, *related, *shaper.sources, *_late_bound(snapshot, (*matches.values(), *related.values()))}
    return StructureAnswer(
        shaped_matches, shaped_related, _newest(snapshot, made_from), _content_key(snapshot, made_from, query), snapshot.index
    )


def _late_bound(snapshot: Snapshot, artefacts: Iterable[Maintainable]) -> Iterator[Urn]:
    """What references with a version range mean at present: formats without ranges write it."""
    for artefact in artefacts:
        for reference in references_of(artefact):
            if "+" in reference.version:
                yield from snapshot.index.resolve(reference, referrer=Urn.of(artefact))


def _matches(snapshot: Snapshot, query: StructureQuery, shaper: _Shaper) -> dict[Urn, Maintainable]:
    """The artefacts a query asks for; schemes with the items asked for, if any are."""
    versions = VersionQuery.parse(query.versions)
    classes = None if query.resources is None else _classes(query.resources)
    urns = [
        Urn(cls, agency, identifier, version.text)
        for (cls, agency, identifier), known in snapshot.index.versions.items()
        if (classes is None or cls in classes)
        and (query.agencies is None or agency in query.agencies)
        and (query.ids is None or identifier in query.ids)
        for version in versions.select(known, in_production=query.in_production)
    ]
    artefacts = snapshot.load(_in_order(snapshot, urns))
    if query.resources is not None:
        artefacts = {urn: artefact for urn, artefact in artefacts.items() if is_meant(artefact, query.resources)}
    if query.items is None:
        return artefacts
    reduced = {urn: with_items(shaper.resolved(artefact), query.items) for urn, artefact in artefacts.items()}
    return {urn: artefact for urn, artefact in reduced.items() if artefact is not None}


def _classes(resources: Iterable[str]) -> set[str]:
    return {family.urn_class for resource in resources for family in families_by_resource(resource)}


def _in_order(snapshot: Snapshot, urns: Iterable[Urn]) -> list[Urn]:
    """URNs by kind, agency, id and version, as the store orders its records."""
    return sorted(urns, key=snapshot.position)


def _related(graph: QueryGraph, matches: Collection[Urn], query: StructureQuery) -> set[Urn]:
    """Artefacts that ``references`` adds to the matches.

    A resource name means what the matches reference or what references them, at any level, as far as it is of that kind.
    """
    found: set[Urn] = set()
    for relation in query.relations:
        found |= _EXPANSIONS[relation](graph, matches)
    if query.related_resources:
        classes = _classes(query.related_resources)
        connected = expand.descendants(graph, matches) | expand.ancestors(graph, matches)
        candidates = graph.snapshot.load([urn for urn in connected if urn.cls in classes])
        found |= {urn for urn, artefact in candidates.items() if is_meant(artefact, query.related_resources)}
    return (_told_apart(matches, found) if query.in_production else found).difference(matches)


def _told_apart(matches: Collection[Urn], related: Collection[Urn]) -> set[Urn]:
    """Related artefacts without drafts beside another version of the same number: the messages of SDMX 2.1 write the numbers only."""
    versions: dict[tuple[str, str, str], dict[Version, Urn]] = {}
    for urn in (*matches, *related):
        versions.setdefault((urn.cls, urn.agency, urn.id), {})[Version.parse(urn.version)] = urn
    return {known[version] for known in versions.values() for version in without_double_drafts(known)}


@dataclass(frozen=True, slots=True)
class QueryGraph:
    """References as a query sees them: of reduced schemes only the items that are left count.

    Attributes:
        reduced: Schemes that hold only some of their items.
        follows_extensions: Whether the lists a codelist inherits from are artefacts of their own in the answer.
        in_production: Whether drafts are left out that point at something which is none.
    """

    snapshot: Snapshot
    reduced: Mapping[Urn, Maintainable]
    follows_extensions: bool = False
    in_production: bool = False

    def children(self, urns: Collection[Urn]) -> dict[Urn, Collection[Urn]]:
        """What each artefact points at."""
        found: dict[Urn, Collection[Urn]] = {}
        found.update(self.snapshot.children([urn for urn in urns if urn not in self.reduced]))
        for urn in self.reduced.keys() & set(urns):
            found[urn] = self.snapshot.targets(self.snapshot.references_in(self.reduced[urn]), urn)
        if self.follows_extensions:
            return found
        return {urn: _without_extensions(urn, targets) for urn, targets in found.items()}

    def parents(self, urns: Collection[Urn]) -> dict[Urn, Collection[Urn]]:
        """What points at each artefact, or for a reduced scheme at one of its items or at the scheme as a whole."""
        found: dict[Urn, Collection[Urn]] = {}
        for urn, referrers in self.snapshot.parents(urns).items():
            using = self._using(urn, self.reduced[urn], referrers) if urn in self.reduced else referrers
            found[urn] = [referrer for referrer in using if not _is_draft(referrer)] if self._hides_drafts_of(urn) else using
        return found

    def _hides_drafts_of(self, urn: Urn) -> bool:
        return self.in_production and not _is_draft(urn)

    def _using(self, urn: Urn, scheme: Maintainable, referrers: Collection[Urn]) -> list[Urn]:
        items = {None, *item_ids(scheme)}
        resolve = self.snapshot.index.resolve
        return [
            referrer
            for referrer, references in self.snapshot.references(referrers).items()
            if any(reference.item in items and urn in resolve(reference, referrer=referrer) for reference in references)
        ]


def _is_draft(urn: Urn) -> bool:
    return Version.parse(urn.version).is_draft


def _without_extensions(urn: Urn, targets: Collection[Urn]) -> Collection[Urn]:
    """A codelist points at another only to inherit from it."""
    return [target for target in targets if target.cls != "Codelist"] if urn.cls == "Codelist" else targets


class _Shaper:
    """Gives artefacts the detail that a query asks for; ``sources`` are the lists whose codes were inherited on the way."""

    def __init__(self, snapshot: Snapshot, detail: Detail) -> None:
        self._snapshot = snapshot
        self._detail = detail
        self.sources: set[Urn] = set()

    def match(self, artefact: Maintainable) -> Maintainable:
        """An artefact that was asked for."""
        match self._detail:
            case Detail.ALL_STUBS:
                return stub(artefact)
            case Detail.ALL_COMPLETE_STUBS:
                return complete_stub(artefact)
            case _:
                return self.resolved(artefact)

    def related(self, artefact: Maintainable) -> Maintainable:
        """An artefact that ``references`` added."""
        match self._detail:
            case Detail.ALL_STUBS | Detail.REFERENCE_STUBS:
                return stub(artefact)
            case Detail.ALL_COMPLETE_STUBS | Detail.REFERENCE_COMPLETE_STUBS:
                return complete_stub(artefact)
            case _:
                return self.resolved(artefact)

    def resolved(self, artefact: Maintainable) -> Maintainable:
        """A codelist with the codes it inherits, unless the query asks for it as it stands; any other artefact as it is."""
        if self._detail is Detail.RAW or not isinstance(artefact, ExtensibleCodelist):
            return artefact
        found = self._snapshot.codelist(artefact)
        self.sources |= {Urn.of(source) for source in found.sources}
        return found.codelist


def _newest(snapshot: Snapshot, urns: Iterable[Urn]) -> datetime:
    return max(snapshot.records[urn].recorded_from for urn in urns)


def _content_key(snapshot: Snapshot, urns: Iterable[Urn], query: StructureQuery) -> str:
    """SHA-256 (hex) over what the answer is made from and the parts of the query that shape it."""
    digest = hashlib.sha256()
    shape = (query.detail, sorted(query.items or ()), sorted(query.relations), sorted(query.related_resources))
    digest.update(repr(shape).encode())
    for urn in sorted(urns):
        digest.update(f"{urn} {snapshot.records[urn].content_hash}\n".encode())
    return digest.hexdigest()
