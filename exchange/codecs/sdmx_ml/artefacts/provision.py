"""Provision agreements (SDMXStructureProvisionAgreement.xsd)."""

from __future__ import annotations

from exchange.codecs.sdmx_ml.artefacts.shared import read_maintenance, write_artefact
from exchange.codecs.sdmx_ml.parsing import Node
from exchange.codecs.sdmx_ml.references import read_reference, write_reference
from exchange.codecs.sdmx_ml.writing import Writing
from registry.model.provision import ProvisionAgreement


def read_provision_agreement(node: Node) -> ProvisionAgreement:
    """A ``ProvisionAgreement``."""
    return ProvisionAgreement(
        **read_maintenance(node),
        dataflow=read_reference(node.one("Dataflow") or node.one("StructureUsage"), "Dataflow"),
        data_provider=read_reference(node.one("DataProvider"), "DataProvider"),
    )


def write_provision_agreement(writing: Writing, agreement: ProvisionAgreement) -> str:
    """A ``ProvisionAgreement``."""
    usage = "str:StructureUsage" if writing.dialect.has_primary_measure else "str:Dataflow"
    dataflow = write_reference(usage, agreement.dataflow, writing.dialect)
    provider = write_reference("str:DataProvider", agreement.data_provider, writing.dialect)
    return write_artefact(writing, "str:ProvisionAgreement", agreement, {}, {}, dataflow, provider)
