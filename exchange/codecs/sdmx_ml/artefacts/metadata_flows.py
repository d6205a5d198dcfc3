"""Metadataflows (SDMXStructureMetadataflow.xsd)."""

from __future__ import annotations

from typing import Final

from exchange.codecs.sdmx_ml.artefacts.shared import read_maintenance, write_artefact
from exchange.codecs.sdmx_ml.parsing import Node
from exchange.codecs.sdmx_ml.references import read_reference, read_references, write_reference
from exchange.codecs.sdmx_ml.writing import Carried, Writing
from registry.model.metadata_flows import Metadataflow

#: What SDMX-ML 3, which demands a target, says for a metadataflow that names none.
ANY_TARGET: Final = "urn:sdmx:org.sdmx.infomodel.base.Any=*:*(*)"


def read_metadataflow(node: Node) -> Metadataflow:
    """A ``Metadataflow``."""
    return Metadataflow(
        **read_maintenance(node),
        structure=read_reference(node.one("Structure"), "MetadataStructure"),
        targets=read_references(node.all("Target"), "Any"),
    )


def write_metadataflow(writing: Writing, flow: Metadataflow) -> str:
    """A ``Metadataflow``."""
    carried: Carried = {}
    targets = flow.targets
    if writing.dialect.has_metadata_targets:
        if not targets:
            carried["targets"], targets = targets, (ANY_TARGET,)
    elif targets:
        carried["targets"], targets = targets, ()
    structure = write_reference("str:Structure", flow.structure, writing.dialect)
    written = [write_reference("str:Target", target, writing.dialect) for target in targets]
    return write_artefact(writing, "str:Metadataflow", flow, {}, carried, structure, *written)
