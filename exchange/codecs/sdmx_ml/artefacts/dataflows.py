"""Dataflows (SDMXStructureDataflow.xsd)."""

from __future__ import annotations

from exchange.codecs.sdmx_ml.artefacts.shared import read_maintenance, write_artefact
from exchange.codecs.sdmx_ml.markup import element, escape
from exchange.codecs.sdmx_ml.parsing import Node
from exchange.codecs.sdmx_ml.references import read_locals, read_reference, write_reference
from exchange.codecs.sdmx_ml.writing import Carried, Writing
from registry.model.structures import Dataflow


def read_dataflow(node: Node) -> Dataflow:
    """A ``Dataflow``."""
    maintenance = read_maintenance(node)
    constraint = node.one("DimensionConstraint")
    return Dataflow(
        **maintenance,
        structure=read_reference(node.one("Structure"), "DataStructure"),
        dimension_constraint=() if constraint is None else read_locals(constraint.all("Dimension")),
    )


def write_dataflow(writing: Writing, dataflow: Dataflow) -> str:
    """A ``Dataflow``."""
    carried: Carried = {}
    constraint = ""
    if dataflow.dimension_constraint and writing.dialect.has_dimension_constraints:
        dimensions = [element("str:Dimension", None, escape(dimension)) for dimension in dataflow.dimension_constraint]
        constraint = element("str:DimensionConstraint", None, *dimensions)
    elif dataflow.dimension_constraint:
        carried["dimension_constraint"] = dataflow.dimension_constraint
    structure = write_reference("str:Structure", dataflow.structure, writing.dialect)
    return write_artefact(writing, "str:Dataflow", dataflow, {}, carried, structure, constraint)
