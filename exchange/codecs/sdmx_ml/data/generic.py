"""Writes generic data messages of SDMX-ML 2.1 (SDMXDataGenericBase.xsd)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

import polars as pl

from exchange.codecs.data_writing.fragments import joined, wrapped
from exchange.codecs.ports import DataMessage, DataOptions
from exchange.codecs.sdmx_ml.data.dataset import DataSetWriter
from exchange.codecs.sdmx_ml.data.dialect import DATA_2_1
from exchange.codecs.sdmx_ml.data.header import beginning, set_attributes, structure_references
from exchange.codecs.sdmx_ml.data.text import xml_text
from exchange.codecs.sdmx_ml.footer import write_footer
from exchange.codecs.sdmx_ml.markup import attributes_of
from registry.model.structures import Group


class GenericEncoder:
    """Writes generic data of SDMX-ML 2.1, with series or flat. Of several measures all but the primary one are written as attributes."""

    has_lists: ClassVar[bool] = False

    def encode(self, message: DataMessage, options: DataOptions) -> Iterator[bytes]:
        """Yield the message in chunks."""
        references = structure_references(message, DATA_2_1.base)
        yield beginning("GenericData", {"generic": DATA_2_1.base.generic_data}, message, references, DATA_2_1.base)
        for dataset, reference in zip(message.datasets, references, strict=True):
            yield from _GenericDataSet(DATA_2_1, dataset, reference, options.languages, message.losses).write()
        yield write_footer(DATA_2_1.base, message.losses.findings).encode()
        yield b"</message:GenericData>"


class _GenericDataSet(DataSetWriter):
    """A generic dataset: every value is an element ``Value`` with the id of its component."""

    series_end: ClassVar[str] = "</generic:Series>"

    def start(self, first: pl.DataFrame | None) -> str:
        sets = {"structureRef": self.reference.id, **set_attributes(self.dataset, self.dialect)}
        tag = f"<message:DataSet{attributes_of(sets)}>"
        names = self.place.dataset_attributes
        if first is None or not names:
            return tag
        text = xml_text(first.head(1), self.schema, names, self.losses)
        return tag + (text.select(_values("Attributes", names)).item() or "")

    def series(self, firsts: pl.DataFrame) -> pl.Series:
        place = self.place
        text = xml_text(firsts, self.schema, place.series + place.series_attributes, self.losses)
        parts = ("<generic:Series>", _values("SeriesKey", place.series), _values("Attributes", place.series_attributes))
        element = joined(parts).alias("series")
        return text.select(element).to_series() if text.width else pl.select(element).to_series().new_from_index(0, firsts.height)

    def observation(self, batch: pl.DataFrame) -> tuple[pl.DataFrame, Sequence[pl.Expr | str]]:
        place = self.place
        primary = self._primary_measure()
        others = tuple(name for name in place.measures if name != primary) + place.observation_attributes
        text = xml_text(batch, self.schema, place.observation + place.measures + place.observation_attributes, self.losses)
        if place.flat:
            key = _values("ObsKey", place.observation)
        else:
            (dimension,) = place.observation
            key = wrapped(f'<generic:ObsDimension id="{dimension}" value="', dimension, '"/>')
        value = [wrapped('<generic:ObsValue value="', primary, '"/>')] if primary else []
        return text, ("<generic:Obs>", key, *value, _values("Attributes", others), "</generic:Obs>")

    def _primary_measure(self) -> str | None:
        measure = self.schema.primary_measure
        return measure.id if measure is not None and measure.id in self.place.measures else None

    def group(self, group: Group, rows: pl.DataFrame, attributes: Sequence[str]) -> pl.Series:
        text = xml_text(rows, self.schema, (*group.group_dimensions, *attributes), self.losses)
        start = f'<generic:Group type="{group.id}">'
        parts = (start, _values("GroupKey", group.group_dimensions), _values("Attributes", attributes), "</generic:Group>")
        return text.select(joined(parts)).to_series()


def _values(name: str, columns: Sequence[str]) -> pl.Expr:
    """An element with one ``Value`` per value that there is; null when there is none."""
    if not columns:
        return pl.lit(None, pl.String)
    values = joined(wrapped(f'<generic:Value id="{column}" value="', column, '"/>') for column in columns)
    return pl.when(values != "").then(joined((f"<generic:{name}>", values, f"</generic:{name}>")))
