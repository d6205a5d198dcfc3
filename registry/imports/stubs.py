"""Which artefacts are stubs: identification and names without the content, as ``detail=allstubs`` gives them."""

from __future__ import annotations

from registry.model.base import Maintainable
from registry.model.families import family_of


def is_stub(artefact: Maintainable) -> bool:
    """True for an external reference and for an artefact that lacks what makes up its family."""
    return artefact.is_external_reference or any(getattr(artefact, name) is None for name in family_of(type(artefact)).content)
