"""Item schemes reduced to what an answer uses (SDMX-REST, structure queries, ``detail=referencepartial``).

Items count as used when an artefact of the answer points at them. Of codelists, those codes count that the constraints in force leave
to the data of the answer's provision agreements, dataflows and data structures; a list that something uses unrestricted stays whole.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field

from registry.data_schema import SchemaComponent
from registry.errors import RegistryError
from registry.model.base import Maintainable
from registry.model.codelists import ValueList
from registry.model.concepts import ConceptScheme
from registry.model.families import families_by_urn_class
from registry.model.identity import Urn
from registry.model.structures import Dataflow
from registry.references import expand
from registry.references.extensions import ExtensibleCodelist
from registry.references.partial import item_ids, with_used_items
from registry.services.schemas import ConstrainedSchema, schema_in
from registry.services.snapshots import Snapshot

#: What constraints can reduce; without any of it in the answer they need not be looked up.
_ENUMERATIONS = frozenset({"Codelist", "ConceptScheme"})

#: Finds the related artefacts again, when some schemes hold fewer items.
Regrow = Callable[[Mapping[Urn, Maintainable]], Collection[Urn]]


@dataclass(slots=True)
class _Usage:
    """What an answer uses: items by scheme, schemes as a whole, and the artefacts that say so."""

    items: dict[Urn, set[str]] = field(default_factory=dict)
    whole: set[Urn] = field(default_factory=set)
    sources: set[Urn] = field(default_factory=set)

    def add(self, scheme: Urn, items: Collection[str]) -> None:
        self.items.setdefault(scheme, set()).update(items)


class PartialSchemes:
    """Reduces the item schemes among the artefacts related to some matches."""

    def __init__(self, snapshot: Snapshot, matches: Mapping[Urn, Maintainable]) -> None:
        self._snapshot = snapshot
        self._matches = matches

    def reduce(self, related: Mapping[Urn, Maintainable], regrow: Regrow) -> tuple[dict[Urn, Maintainable], set[Urn]]:
        """The related artefacts with partial schemes, and the further artefacts this depends on.

        Concept schemes come first: what only an unused concept points at is no longer related.
        """
        used = self._usage(related)
        concepts = {urn: self._reduced(urn, scheme, used) for urn, scheme in related.items() if isinstance(scheme, ConceptScheme)}
        wanted = regrow(concepts)
        remaining = {urn: artefact for urn, artefact in related.items() if urn in wanted}
        used = self._usage({**remaining, **{urn: scheme for urn, scheme in concepts.items() if urn in remaining}})
        return {urn: self._reduced(urn, artefact, used) for urn, artefact in remaining.items()}, used.sources

    def _reduced(self, urn: Urn, artefact: Maintainable, used: _Usage) -> Maintainable:
        if urn not in used.items or urn in used.whole or isinstance(artefact, ValueList):
            return artefact
        if isinstance(artefact, ExtensibleCodelist):
            resolved = self._snapshot.codelist(artefact)
            used.sources |= {Urn.of(source) for source in resolved.sources}
            artefact = resolved.codelist
        return with_used_items(artefact, used.items[urn])

    def _usage(self, related: Mapping[Urn, Maintainable]) -> _Usage:
        used = _Usage()
        answer = {**related, **self._matches}
        for urn, artefact in answer.items():
            self._add_references(urn, artefact, used)
        if any(urn.cls in _ENUMERATIONS for urn in related):
            contexts = list(self._contexts(answer))
            self._fetch_constraints(contexts)
            for context in contexts:
                self._add_context(context, used)
        return used

    def _add_references(self, urn: Urn, artefact: Maintainable, used: _Usage) -> None:
        for reference in self._snapshot.references_in(artefact):
            for target in self._snapshot.index.resolve(reference, referrer=urn):
                if reference.item is not None:
                    used.add(target, {reference.item})
                elif target.cls == "Codelist" and not all(family.names_codes for family in families_by_urn_class(urn.cls)):
                    used.whole.add(target)

    def _contexts(self, answer: Mapping[Urn, Maintainable]) -> Iterator[Urn]:
        """Through what the data of the answer are seen.

        Agreements and structures that were asked for, all dataflows but those an agreement brought in, and structures without dataflow.
        """
        agreements = [urn for urn in self._matches if urn.cls == "ProvisionAgreement"]
        through_agreement = {target for targets in self._snapshot.children(agreements).values() for target in targets}
        dataflows = [
            urn
            for urn, artefact in answer.items()
            if isinstance(artefact, Dataflow) and (urn in self._matches or urn not in through_agreement)
        ]
        yield from agreements
        yield from dataflows
        seen = {target for targets in self._snapshot.children([*dataflows, *through_agreement]).values() for target in targets}
        yield from (urn for urn in answer if urn.cls == "DataStructure" and (urn in self._matches or urn not in seen))

    def _fetch_constraints(self, contexts: Collection[Urn]) -> None:
        """Have the snapshot read in one go what is attached to the contexts and to what they build on."""
        below = expand.descendants(self._snapshot, contexts)
        self._snapshot.parents(
            {*contexts, *(urn for urn in below if any(family.is_constrainable for family in families_by_urn_class(urn.cls)))}
        )

    def _add_context(self, context: Urn, used: _Usage) -> None:
        try:
            constrained = schema_in(self._snapshot, context)
        except RegistryError:  # what cannot be resolved restricts nothing; whoever asks for the schema is told why
            for targets in self._snapshot.children([context]).values():
                used.whole |= {target for target in targets if target.cls == "Codelist"}
            return
        used.sources |= {restriction.constraint for restriction in constrained.constraints.restrictions}
        for component in constrained.schema.components:
            self._add_component(component, constrained, used)

    def _add_component(self, component: SchemaComponent, constrained: ConstrainedSchema, used: _Usage) -> None:
        enumeration, codelist = component.representation.enumeration, component.codelist
        if enumeration is None or codelist is None or isinstance(codelist, ValueList):
            return
        if Urn.parse(enumeration).cls == "ConceptScheme":
            scheme = Urn("ConceptScheme", codelist.agency_id, codelist.id, codelist.version)
            used.add(scheme, item_ids(codelist).keys() if component.allowed is None else component.allowed)
        elif component.allowed is None:
            used.whole.add(Urn.of(codelist))
        elif component.id in constrained.constraints.without_prefix:
            used.add(Urn.of(codelist), self._prefixed(Urn.of(codelist), component.allowed))
        else:
            used.add(Urn.of(codelist), component.allowed)

    def _prefixed(self, urn: Urn, codes: Collection[str]) -> set[str]:
        """Ids in the codelist of codes that are reported without the prefix of their extension."""
        original = self._snapshot.load([urn])[urn]
        if not isinstance(original, ExtensibleCodelist):
            return set(codes)
        resolved = self._snapshot.codelist(original)
        return {code.id for code in resolved.codelist.codes if code.id.removeprefix(resolved.prefixes.get(code.id, "")) in codes}
