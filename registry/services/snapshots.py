"""The registry at one moment: which artefacts are in force, and what points at what, loaded in batches."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from threading import Lock
from weakref import proxy

from registry.caching import CachePerOwner
from registry.model.base import Maintainable
from registry.model.codelists import CodelistExtension
from registry.model.identity import Urn
from registry.model.organisations import AgencyScheme
from registry.model.references import references_of
from registry.references.extensions import ExtensibleCodelist, ResolvedCodelist, extends, resolve_extensions
from registry.references.resolve import ReferenceIndex, agency_reference
from registry.store.ports import ArtefactRecord, ArtefactStore


class Snapshot:
    """What is in force now, or was at ``as_of``. Immutable in meaning; keeps what it has worked out.

    Attributes:
        records: Every artefact by URN.
        index: Resolves references among them.
        last_recorded: When the newest of them was recorded; None when there is none.
    """

    def __init__(self, store: ArtefactStore, as_of: datetime | None = None, previous: Snapshot | None = None) -> None:
        self._store: ArtefactStore = proxy(store)  # whoever keeps the store keeps its snapshots, not the other way round
        self._as_of = as_of
        self.records: Mapping[Urn, ArtefactRecord] = {record.urn: record for record in store.records(as_of=as_of)}
        self.index = ReferenceIndex.over(self.records)
        self.last_recorded = max((record.recorded_from for record in self.records.values()), default=None)
        self._positions = {urn: position for position, urn in enumerate(self.records)}
        self._references = previous.still_valid(self.records) if previous else {}
        self._children: dict[Urn, frozenset[Urn]] = {}
        self._parents: dict[Urn, frozenset[Urn]] = {}
        self._agencies: dict[str, tuple[Urn, ...]] = {}

    def still_valid(self, records: Mapping[Urn, ArtefactRecord]) -> dict[Urn, tuple[Urn, ...]]:
        """The references known here of artefacts whose content is the same in another snapshot."""
        return {
            urn: references
            for urn, references in list(self._references.items())
            if urn in records and records[urn].content_hash == self.records[urn].content_hash
        }

    def position(self, urn: Urn) -> int:
        """Place of an artefact in the order of the store: kind, agency, id, version."""
        return self._positions[urn]

    def load(self, urns: Iterable[Urn]) -> dict[Urn, Maintainable]:
        """Artefacts by URN, in the order asked for; those that are not in force are left out."""
        records = [self.records[urn] for urn in dict.fromkeys(urns) if urn in self.records]
        return {record.urn: artefact for record, artefact in zip(records, self._store.load(records), strict=True)}

    def references_in(self, artefact: Maintainable) -> tuple[Urn, ...]:
        """The references of an artefact as written, and that to its agency where an agency scheme holds it."""
        return (*references_of(artefact), *self._agency(artefact.agency_id))

    def references(self, urns: Collection[Urn]) -> dict[Urn, tuple[Urn, ...]]:
        """The references of stored artefacts, as :meth:`references_in` gives them."""
        for urn, artefact in self.load([urn for urn in urns if urn not in self._references]).items():
            self._references[urn] = references_of(artefact)
        return {urn: (*self._references[urn], *self._agency(urn.agency)) for urn in urns if urn in self._references}

    def targets(self, references: Iterable[Urn], referrer: Urn) -> frozenset[Urn]:
        """What references mean, without the referrer itself."""
        found = {target for reference in references for target in self.index.resolve(reference, referrer=referrer)}
        return frozenset(found - {referrer})

    def children(self, urns: Collection[Urn]) -> dict[Urn, frozenset[Urn]]:
        """What each artefact points at."""
        unknown = [urn for urn in urns if urn not in self._children]
        for urn, references in self.references(unknown).items():
            self._children[urn] = self.targets(references, urn)
        return {urn: self._children[urn] for urn in urns if urn in self._children}

    def parents(self, urns: Collection[Urn]) -> dict[Urn, frozenset[Urn]]:
        """What really points at each artefact: a wildcard reference counts only where it resolves to it."""
        unknown = {urn for urn in urns if urn not in self._parents}
        if unknown:
            self._parents.update(self._find_parents(unknown))
        return {urn: self._parents[urn] for urn in urns}

    def _find_parents(self, urns: set[Urn]) -> dict[Urn, frozenset[Urn]]:
        candidates = [record.urn for record in self._store.referrers(urns, as_of=self._as_of) if record.urn in self.records]
        candidates += self._maintained_by(urns)
        found: dict[Urn, set[Urn]] = {urn: set() for urn in urns}
        for referrer, targets in self.children(list(dict.fromkeys(candidates))).items():
            for target in targets & urns:
                found[target].add(referrer)
        return {urn: frozenset(referrers) for urn, referrers in found.items()}

    def codelist(self, codelist: ExtensibleCodelist) -> ResolvedCodelist:
        """A codelist with the codes it inherits; extensions whose list is not stored add nothing.

        Raises:
            InvalidArtefact: When the list inherits from itself.
        """
        return resolve_extensions(codelist, self._extension_target) if extends(codelist) else ResolvedCodelist(codelist)

    def _extension_target(self, extension: CodelistExtension, referrer: ExtensibleCodelist) -> ExtensibleCodelist | None:
        urn = self.index.resolve_one(Urn.parse(extension.codelist), referrer=Urn.of(referrer))
        target = self.load([urn]).get(urn) if urn else None
        return target if isinstance(target, ExtensibleCodelist) else None

    def _agency(self, agency: str) -> tuple[Urn, ...]:
        """The reference to an agency, when the scheme that should hold it is stored and does."""
        if agency not in self._agencies:
            reference = agency_reference(agency)
            scheme = self.load([reference.artefact]).get(reference.artefact)
            known = isinstance(scheme, AgencyScheme) and any(item.id == reference.item for item in scheme.agencies)
            self._agencies[agency] = (reference,) if known else ()
        return self._agencies[agency]

    def _maintained_by(self, urns: Collection[Urn]) -> list[Urn]:
        """Artefacts whose agency stands in one of the agency schemes among some artefacts."""
        schemes = {urn for urn in urns if urn.cls == "AgencyScheme"}
        return [urn for urn in self.records if agency_reference(urn.agency).artefact in schemes] if schemes else []


#: Snapshots of each store by instant; ``None`` is the current state.
_snapshots: CachePerOwner[ArtefactStore, datetime | None, Snapshot] = CachePerOwner(most=8)
_building = Lock()


def snapshot_of(store: ArtefactStore, as_of: datetime | None = None) -> Snapshot:
    """The snapshot of a store; the same one as long as nobody commits."""
    revision, known = store.revision(), _snapshots.of(store)
    found = known.get(as_of, revision)
    if found is not None:
        return found
    with _building:  # one thread reads, the others wait for what it finds
        return known.find(as_of, lambda: Snapshot(store, as_of, known.outdated(as_of)), revision)


def last_recorded(store: ArtefactStore) -> datetime | None:
    """When the newest artefact in force was recorded; None when there is none."""
    return snapshot_of(store).last_recorded
