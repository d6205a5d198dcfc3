"""The rows an artefact takes up: itself, its references and its items."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from registry.errors import InvalidArtefact
from registry.model.base import Maintainable
from registry.model.families import Family, families_by_kind
from registry.model.identity import Urn
from registry.model.references import references_of
from registry.store import documents
from registry.versions import Version

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Prepared:
    """An artefact made ready to be written, before any lock is taken."""

    urn: Urn
    artefact: Maintainable
    document: bytes
    content_hash: str
    references: tuple[Urn, ...]

    @staticmethod
    def of(artefact: Maintainable) -> Prepared:
        """Encode and hash an artefact and collect what it points at.

        Raises:
            InvalidArtefact: When its class has no family.
            InvalidUrn: When a reference is not a URN.
            InvalidVersion: When its version is none.
        """
        kind = type(artefact).__name__
        if kind not in families_by_kind():
            raise InvalidArtefact(f"{kind} is not a kind of artefact this registry keeps")
        Version.parse(artefact.version)
        urn = Urn.parse(str(Urn.of(artefact)))
        document = documents.encode(artefact)
        return Prepared(urn, artefact, document, documents.content_hash(kind, document), references_of(artefact))

    @property
    def kind(self) -> str:
        """Name of the model class."""
        return type(self.artefact).__name__

    def artefact_row(self, recorded_from: datetime) -> Row:
        """The row of the new current revision."""
        version = Version.parse(self.urn.version)
        return {
            "urn": str(self.urn),
            "kind": self.kind,
            "urn_class": self.urn.cls,
            "agency": self.urn.agency,
            "id": self.urn.id,
            "version": self.urn.version,
            "version_order": version.order_key,
            "is_stable": version.is_stable,
            "content_hash": self.content_hash,
            "document": self.document,
            "recorded_from": recorded_from,
            "recorded_to": None,
        }

    def reference_rows(self, revision: int) -> list[Row]:
        """One row per distinct target."""
        return [_reference_row(revision, position, target) for position, target in enumerate(self.references)]

    def item_rows(self, revision: int) -> list[Row]:
        """One row per item, in document order; none when the artefact is no item scheme."""
        family = families_by_kind()[self.kind]
        items = getattr(self.artefact, family.items) if family.items else ()
        return [
            {"revision": revision, "position": position, "id": path, "parent": parent, "names": _names(item.names)}
            for position, (path, parent, item) in enumerate(_flattened(items, family))
        ]


def _reference_row(revision: int, position: int, target: Urn) -> Row:
    artefact = target.artefact
    return {
        "revision": revision,
        "position": position,
        "to_class": artefact.cls,
        "to_agency": artefact.agency,
        "to_id": artefact.id,
        "to_version": artefact.version,
        "to_item": target.item,
        "item_class": target.cls if target.cls != artefact.cls else None,
    }


def _flattened(items: tuple[Any, ...], family: Family, above: str | None = None) -> Iterator[tuple[str, str | None, Any]]:
    """``(path, parent, item)``: nested schemes give dotted paths; flat ones name the parent in the item."""
    for item in items:
        path = f"{above}.{item.id}" if above else item.id
        yield path, above or getattr(item, "parent", None), item
        if family.nested:
            yield from _flattened(getattr(item, family.nested), family, path)


def _names(names: dict[str, str]) -> str:
    return msgspec.json.encode(names, order="deterministic").decode()
