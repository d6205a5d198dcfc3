"""Which artefacts are stubs: identification and names without the content, as ``detail=allstubs`` gives them."""

from __future__ import annotations

from typing import Final

from registry.model.base import Maintainable

#: Fields without which an artefact of a family says nothing.
_CONTENT: Final = {
    "Categorisation": ("source", "target"),
    "DataStructure": ("data_structure_components",),
    "Dataflow": ("structure",),
    "MetadataStructure": ("metadata_structure_components",),
    "ProvisionAgreement": ("dataflow", "data_provider"),
    "StructureMap": ("source", "target"),
}


def is_stub(artefact: Maintainable) -> bool:
    """True for an external reference and for an artefact that lacks what makes up its family."""
    needed = _CONTENT.get(type(artefact).__name__, ())
    return artefact.is_external_reference or any(getattr(artefact, name) is None for name in needed)
