"""Structures described in a YAML file, written as a structure message."""

from __future__ import annotations

from pathlib import Path

from exchange.cli.files import check_writable, deliver


def build_into(path: Path, alias: str, output: Path | None) -> None:
    """Write what a structures file describes to a file or standard output, and name what the format could not carry.

    Raises:
        InvalidRecipe: With every problem of the file, each with its line.
        UnknownFormat: When the alias is that of no structure format.
    """
    from exchange.cli.formats import structure_format
    from exchange.codecs.catalogue import default_catalogue
    from exchange.codecs.ports import StructureOptions
    from mappings.structures.building import build_structures
    from registry.model.messages import StructureMessage

    check_writable(output)
    codecs = default_catalogue()
    wanted = structure_format(codecs, alias)
    artefacts = build_structures(path)
    deliver(codecs.write_structures(wanted, StructureMessage(artefacts=artefacts), StructureOptions()), len(artefacts), output)
