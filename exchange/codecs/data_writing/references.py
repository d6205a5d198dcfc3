"""Which artefact a dataset is presented as an instance of."""

from __future__ import annotations

from exchange.codecs.ports import DataSet
from exchange.query.values.data_query import Context
from registry.model.identity import Urn
from registry.model.provision import ProvisionAgreement
from registry.model.structures import Dataflow, DataStructure


def presented(dataset: DataSet) -> tuple[Context, DataStructure | Dataflow | ProvisionAgreement]:
    """The artefact that a dataset names as its structure; the nearest one that the schema knows when the context asks for more."""
    schema = dataset.schema
    if dataset.context is Context.PROVISION_AGREEMENT and schema.provision_agreement is not None:
        return Context.PROVISION_AGREEMENT, schema.provision_agreement
    if dataset.context is not Context.DATASTRUCTURE and schema.dataflow is not None:
        return Context.DATAFLOW, schema.dataflow
    return Context.DATASTRUCTURE, schema.structure


def presented_urn(dataset: DataSet) -> Urn:
    """The URN of what :func:`presented` gives."""
    return Urn.of(presented(dataset)[1])
