"""Builds :class:`registry.data_schema.DataSchema` from what the registry holds, once per revision of the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, TypeVar

import msgspec

from registry.caching import CachePerOwner
from registry.constraints.combine import ConstraintSet, combine
from registry.constraints.domains import Codes
from registry.data_schema import DataSchema, SchemaComponent
from registry.errors import InvalidArtefact, UnknownArtefact, UnresolvedReference
from registry.model.base import Maintainable
from registry.model.codelists import ValueList
from registry.model.identity import Urn
from registry.model.provision import ProvisionAgreement
from registry.model.structures import Dataflow, DataStructure
from registry.services.components import ComponentResolver
from registry.services.restrictions import Usage, constraints_for
from registry.services.snapshots import Snapshot, snapshot_of
from registry.store.ports import ArtefactStore
from registry.versions import Version, VersionQuery

A = TypeVar("A", bound=Maintainable)

LATEST: Final = "~"


@dataclass(frozen=True, slots=True)
class ConstrainedSchema:
    """A data schema with the constraints in force for it."""

    schema: DataSchema
    constraints: ConstraintSet


class SchemaReader:
    """Answers with schemas of dataflows, data structures and provision agreements.

    A schema is built once and kept while the store stays at its revision; asking again costs a look-up. Versions are version queries
    (``~``, ``1.0``, ``1+.0.0``); when several versions answer, the latest is meant.

    All methods raise :class:`UnknownArtefact` when nothing answers to the identification, :class:`UnresolvedReference` when something
    the artefact needs is not stored, :class:`InvalidArtefact` when it contradicts itself, :class:`InvalidVersion` for a bad version.
    """

    def __init__(self, store: ArtefactStore) -> None:
        self._store = store

    def for_dataflow(self, agency: str, id: str, version: str = LATEST, *, as_of: datetime | None = None) -> DataSchema:  # noqa: A002 # the SDMX word
        """The schema of a dataflow."""
        return self.constrained(Urn("Dataflow", agency, id, version), as_of=as_of).schema

    def of(self, urn: Urn, *, as_of: datetime | None = None) -> DataSchema:
        """The schema of a dataflow, data structure or provision agreement, whichever the URN names; its version may be a query."""
        return self.constrained(urn, as_of=as_of).schema

    def constraints(self, urn: Urn, *, as_of: datetime | None = None) -> ConstraintSet:
        """The compiled constraints in force for a dataflow, data structure or provision agreement."""
        return self.constrained(urn, as_of=as_of).constraints

    def constrained(self, urn: Urn, *, as_of: datetime | None = None) -> ConstrainedSchema:
        """Schema and constraints together."""
        return schema_in(snapshot_of(self._store, as_of), urn)


#: Schemas built from a snapshot; they go with it.
_schemas: CachePerOwner[Snapshot, Urn, ConstrainedSchema] = CachePerOwner(most=10_000)


def schema_in(snapshot: Snapshot, urn: Urn) -> ConstrainedSchema:
    """Schema and constraints of a dataflow, data structure or provision agreement of a snapshot; errors as for :class:`SchemaReader`."""
    exact = find_version(snapshot, urn)
    return _schemas.of(snapshot).find(exact, lambda: _build(snapshot, exact))


def find_version(snapshot: Snapshot, urn: Urn) -> Urn:
    """The latest artefact that answers to a URN whose version is a version query.

    Raises:
        UnknownArtefact: When there is none; names the versions there are.
    """
    versions = snapshot.index.versions.get((urn.cls, urn.agency, urn.id), ())
    found = VersionQuery.parse(urn.version).select(versions)
    if not found:
        raise UnknownArtefact(f"There is no {urn.cls} {urn.short} in the registry; {_known_versions(versions)}")
    return Urn(urn.cls, urn.agency, urn.id, found[-1].text)


def _known_versions(versions: tuple[Version, ...]) -> str:
    return f"it has the versions {', '.join(v.text for v in versions)}" if versions else "import it, or check agency and id"


def _build(snapshot: Snapshot, urn: Urn) -> ConstrainedSchema:
    artefact = snapshot.load([urn])[urn]
    match artefact:
        case DataStructure():
            return _schema(snapshot, artefact)
        case Dataflow():
            return _schema(snapshot, _structure_of(snapshot, artefact), artefact)
        case ProvisionAgreement():
            dataflow = _follow(snapshot, artefact, artefact.dataflow, Dataflow)
            return _schema(snapshot, _structure_of(snapshot, dataflow), dataflow, artefact)
        case _:
            raise InvalidArtefact(f"{urn} has no data; ask for a Dataflow, a DataStructure or a ProvisionAgreement")


def _structure_of(snapshot: Snapshot, dataflow: Dataflow) -> DataStructure:
    return _follow(snapshot, dataflow, dataflow.structure, DataStructure)


def _follow(snapshot: Snapshot, artefact: Maintainable, reference: str | None, struct: type[A]) -> A:
    """The artefact that another one points at."""
    urn = Urn.of(artefact)
    if reference is None:
        raise InvalidArtefact(f"{urn.cls} {urn.short} is only a stub here; import its full definition")
    target = snapshot.index.resolve_one(Urn.parse(reference), referrer=urn)
    found = snapshot.load([target])[target] if target else None
    if not isinstance(found, struct):
        raise UnresolvedReference(
            f"{urn.cls} {urn.short} uses {struct.urn_class} {Urn.parse(reference).short}, which is not in the registry; import it first"
        )
    return found


def _schema(
    snapshot: Snapshot, structure: DataStructure, dataflow: Dataflow | None = None, agreement: ProvisionAgreement | None = None
) -> ConstrainedSchema:
    resolver = ComponentResolver(snapshot, structure)
    components = resolver.resolve(dataflow.dimension_constraint if dataflow else ())
    usage = Usage(
        structure=Urn.of(structure),
        dataflow=Urn.of(dataflow) if dataflow else None,
        agreement=Urn.of(agreement) if agreement else None,
        provider=Urn.parse(agreement.data_provider) if agreement and agreement.data_provider else None,
    )
    constraints = combine(constraints_for(snapshot, usage), resolver.codes)
    content = structure.data_structure_components
    schema = DataSchema(
        structure=structure,
        components=tuple(_constrained(component, constraints, resolver.codes) for component in components),
        dataflow=dataflow,
        provision_agreement=agreement,
        groups=content.groups if content else (),
    )
    return ConstrainedSchema(schema, constraints)


def _constrained(component: SchemaComponent, constraints: ConstraintSet, codes: Mapping[str, Codes]) -> SchemaComponent:
    allowed = constraints.allowed.get(component.id)
    if component.id in constraints.without_prefix and component.id in codes:
        component = _without_prefix(component, codes[component.id], allowed)
    return component if allowed is None else replace(component, allowed=allowed)


def _without_prefix(component: SchemaComponent, codes: Codes, allowed: frozenset[str] | None) -> SchemaComponent:
    """The component with its codes as they are reported: without the prefix of the extension they came through."""
    codelist = component.codelist
    if codelist is None or isinstance(codelist, ValueList):
        return component

    def strip(code: str) -> str:
        return code.removeprefix(codes.prefixes.get(code, ""))

    kept = {
        strip(code.id): msgspec.structs.replace(code, id=strip(code.id), parent=strip(code.parent) if code.parent else None)
        for code in codelist.codes
        if allowed is None or strip(code.id) in allowed
    }
    return replace(component, codelist=msgspec.structs.replace(codelist, codes=tuple(kept.values()), is_partial=True))
