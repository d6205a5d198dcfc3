"""Writes structure-specific data messages: SDMX-ML 2.1, 3.0 and 3.1 (SDMXDataStructureSpecific*.xsd)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

import polars as pl

from exchange.codecs.data_writing.fragments import joined, wrapped
from exchange.codecs.ports import DataMessage, DataOptions
from exchange.codecs.sdmx_ml.data.dataset import DataSetWriter
from exchange.codecs.sdmx_ml.data.dialect import XmlDataDialect
from exchange.codecs.sdmx_ml.data.header import beginning, set_attributes, structure_references
from exchange.codecs.sdmx_ml.data.text import component_element, xml_text
from exchange.codecs.sdmx_ml.footer import write_footer
from exchange.codecs.sdmx_ml.markup import attributes_of
from registry.data_schema import PRIMARY_MEASURE, Role
from registry.model.structures import Group


class StructureSpecificEncoder:
    """Writes structure-specific data of one version of SDMX-ML, with series or flat.

    Attributes stand where they are attached: in ``Group``, ``Series`` or ``Obs``; those of the dataset in ``DataSet`` (2.1) or
    ``Atts`` (3.x).
    """

    def __init__(self, dialect: XmlDataDialect) -> None:
        self._dialect = dialect

    @property
    def has_lists(self) -> bool:
        """False before 3.0: then a cell holds one text."""
        return self._dialect.has_components

    def encode(self, message: DataMessage, options: DataOptions) -> Iterator[bytes]:
        """Yield the message in chunks."""
        references = structure_references(message, self._dialect.base)
        namespaces = {"ss": self._dialect.base.structure_specific_data}
        namespaces |= {reference.prefix: reference.namespace for reference in references}
        yield beginning("StructureSpecificData", namespaces, message, references, self._dialect.base)
        for dataset, reference in zip(message.datasets, references, strict=True):
            yield from _StructureSpecificDataSet(self._dialect, dataset, reference, options.languages, message.losses).write()
        yield write_footer(self._dialect.base, message.losses.findings).encode()
        yield b"</message:StructureSpecificData>"


class _StructureSpecificDataSet(DataSetWriter):
    """A structure-specific dataset: simple values as XML attributes, lists as ``Comp`` children."""

    series_end: ClassVar[str] = "</Series>"

    def start(self, first: pl.DataFrame | None) -> str:
        sets = {
            "xsi:type": f"{self.reference.prefix}:DataSetType",
            "ss:structureRef": self.reference.id,
            "ss:dataScope": self.dialect.data_scope,
            **set_attributes(self.dataset, self.dialect, "ss:"),
        }
        tag = f"<message:DataSet{attributes_of(sets)}"
        names = self.place.dataset_attributes
        if first is None or not names:
            return f"{tag}>"
        text = xml_text(first.head(1), self.schema, names, self.losses)
        if self.dialect.has_components:
            values: str = text.select(joined(self._parts(text, "Atts"))).item()
            return f"{tag}>{values}" if values != "<Atts/>" else f"{tag}>"
        return f"{tag}{text.select(joined(self._attributes(text))).item()}>"

    def series(self, firsts: pl.DataFrame) -> pl.Series:
        return self._elements(firsts, "Series", self.place.series + self.place.series_attributes, close=False)

    def observation(self, batch: pl.DataFrame) -> tuple[pl.DataFrame, Sequence[pl.Expr | str]]:
        place = self.place
        text = xml_text(batch, self.schema, place.observation + place.measures + place.observation_attributes, self.losses)
        return text, self._parts(text, "Obs")

    def group(self, group: Group, rows: pl.DataFrame, attributes: Sequence[str]) -> pl.Series:
        start = f'Group xsi:type="{self.reference.prefix}:{group.id}"'
        return self._elements(rows, start, (*group.group_dimensions, *attributes))

    def _elements(self, frame: pl.DataFrame, start: str, columns: Sequence[str], *, close: bool = True) -> pl.Series:
        text = xml_text(frame, self.schema, columns, self.losses)
        element = joined(self._parts(text, start, close=close)).alias("element")
        return text.select(element).to_series() if columns else pl.select(element).to_series().new_from_index(0, frame.height)

    def _parts(self, text: pl.DataFrame, start: str, *, close: bool = True) -> list[pl.Expr | str]:
        """An element in parts. ``start`` is its name and what else stands in every start tag."""
        children = [self._component(column) for column, dtype in text.schema.items() if isinstance(dtype, pl.List)]
        parts: list[pl.Expr | str] = [f"<{start}", *self._attributes(text)]
        if close and not children:
            return [*parts, "/>"]
        parts += [">", *children]
        return [*parts, f"</{start.split(' ', maxsplit=1)[0]}>"] if close else parts

    def _attributes(self, text: pl.DataFrame) -> list[pl.Expr]:
        simple = [column for column, dtype in text.schema.items() if not isinstance(dtype, pl.List)]
        return [wrapped(f' {self._name(column)}="', column, '"') for column in simple]

    def _name(self, column: str) -> str:
        """The name of an attribute: the id of its component, but for the one measure of SDMX 2.1, which structures call so too."""
        measure = self.schema.primary_measure
        is_primary = self.dialect.base.has_primary_measure and measure is not None and measure.id == column
        return PRIMARY_MEASURE if is_primary else column

    def _component(self, column: str) -> pl.Expr:
        component = self.schema[column]
        kind = "MEASURE" if component.role is Role.MEASURE else "ATTRIBUTE"
        return component_element(component, kind, self.reference.prefix)
