"""Metadataflows: streams of reference metadata that follow one metadata structure."""

from __future__ import annotations

from typing import Annotated, ClassVar

from registry.model.base import Maintainable, Reference, To


class Metadataflow(Maintainable, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A metadataflow. ``structure`` is None only in a stub; ``targets``, often with wildcards, are what the metadata may be about.

    SDMX 2.1 has no targets here; it says them in the metadata structure.
    """

    urn_class: ClassVar[str] = "Metadataflow"

    structure: Annotated[Reference, To("MetadataStructure")] | None = None
    targets: tuple[Reference, ...] = ()
