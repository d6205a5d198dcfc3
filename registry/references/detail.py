"""Stubs: artefacts reduced to their identification (SDMX-REST, structure queries, ``detail``)."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from registry.model.base import Maintainable
from registry.model.families import family_of

A = TypeVar("A", bound=Maintainable)


def stub(artefact: A) -> A:
    """Identification and names only, marked as an external reference. The stub of a stub is the same stub."""
    kept: dict[str, Any] = {name: getattr(artefact, name) for name in family_of(type(artefact)).stub_keeps}
    return type(artefact)(
        **kept,
        id=artefact.id,
        agency_id=artefact.agency_id,
        version=artefact.version,
        uri=artefact.uri,
        names=artefact.names,
        is_final=artefact.is_final,
        is_external_reference=True,
        service_url=artefact.service_url,
        structure_url=artefact.structure_url,
    )


def complete_stub(artefact: A) -> A:
    """A stub that keeps descriptions and annotations."""
    return msgspec.structs.replace(stub(artefact), descriptions=artefact.descriptions, annotations=artefact.annotations)
