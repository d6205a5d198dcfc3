"""Writes structure-specific data messages: SDMX-ML 2.1, 3.0 and 3.1 (SDMXDataStructureSpecific*.xsd)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

import polars as pl

from exchange.codecs.fragments import gathered, joined, nested, utf8, wrapped
from exchange.codecs.placement import Placement, placement
from exchange.codecs.ports import DataMessage, DataOptions, DataSet
from exchange.codecs.sdmx_ml.data_dialect import DataDialect
from exchange.codecs.sdmx_ml.data_header import StructureReference, beginning, set_attributes, structure_references
from exchange.codecs.sdmx_ml.data_text import component_element, flattened, xml_text
from exchange.codecs.sdmx_ml.markup import attributes_of
from registry.data_schema import DataSchema, Role
from registry.model.structures import Group

#: Name of the column with what stands before a row; no component can be called so.
_BEFORE = "<"


class StructureSpecificEncoder:
    """Writes structure-specific data of one version of SDMX-ML, with series or flat.

    Attributes stand where they are attached: in ``Group`` (before the series, as 2.1 prescribes), ``Series`` or ``Obs``; those of the
    dataset in ``DataSet`` (2.1) or ``Atts`` (3.x). A dataset with groups is kept outside memory until its last batch is read.
    """

    def __init__(self, dialect: DataDialect) -> None:
        self._dialect = dialect

    def encode(self, message: DataMessage, options: DataOptions) -> Iterator[bytes]:
        """Yield the message in chunks."""
        references = structure_references(message, self._dialect.base)
        namespaces = {"ss": self._dialect.base.structure_specific_data}
        namespaces |= {reference.prefix: reference.namespace for reference in references}
        yield beginning("StructureSpecificData", namespaces, message, references, self._dialect.base)
        for dataset, reference in zip(message.datasets, references, strict=True):
            yield from _DataSetWriter(self._dialect, dataset, reference, placement(dataset), options.languages).write()
        yield b"</message:StructureSpecificData>"


@dataclass
class _DataSetWriter:
    """Writes one dataset."""

    dialect: DataDialect
    dataset: DataSet
    reference: StructureReference
    place: Placement
    languages: Sequence[str]
    _group_keys: dict[str, pl.DataFrame] = field(default_factory=dict)

    @property
    def _schema(self) -> DataSchema:
        return self.dataset.schema

    def write(self) -> Iterator[bytes]:
        """The element ``DataSet``."""
        batches = (self._prepared(batch) for batch in self.dataset.batches if batch.height)
        first = next(batches, None)
        attributes = None if first is None else self._tag(first.head(1), "Atts", self.place.dataset_attributes)
        yield self._start(attributes).encode()
        if first is not None:
            body = self._body(chain((first,), batches))
            if self.place.groups:
                body = gathered(body)
                yield from self._groups()
            yield from body
        yield b"</message:DataSet>"

    def _prepared(self, batch: pl.DataFrame) -> pl.DataFrame:
        return batch if self.dialect.has_components else flattened(batch, self._schema, self.languages)

    def _start(self, attributes: pl.Series | None) -> str:
        prefix = self.reference.prefix
        sets = {"xsi:type": f"{prefix}:DataSetType", "ss:structureRef": self.reference.id, "ss:dataScope": self.dialect.data_scope}
        start = f"<message:DataSet{attributes_of({**sets, **set_attributes(self.dataset, self.dialect, 'ss:')})}"
        own = attributes.item() if attributes is not None and self.place.dataset_attributes else "<Atts/>"
        if own == "<Atts/>":
            return f"{start}>"
        if self.dialect.has_components:
            return f"{start}>{own}"
        return f"{start}{own.removeprefix('<Atts').removesuffix('/>')}>"

    def _body(self, batches: Iterator[pl.DataFrame]) -> Iterator[bytes]:
        place = self.place
        observed = self._gathering_groups(batches)
        if place.flat:
            names = place.observation + place.measures + place.observation_attributes
            for batch in observed:
                yield from utf8(self._tag(batch, "Obs", names))
            return
        series = place.series + place.series_attributes
        if not place.has_observations:
            yield from nested(observed, place.series, lambda frame: self._tag(frame, "Series", series), None, between="")
            return
        opened = yield from nested(
            observed, place.series, lambda frame: self._tag(frame, "Series", series, close=False), self._observations, between="</Series>"
        )
        if opened:
            yield b"</Series>"

    def _observations(self, batch: pl.DataFrame, before: pl.Series) -> pl.Series:
        place = self.place
        text = xml_text(batch, self._schema, place.observation + place.measures + place.observation_attributes)
        parts = self._parts(text, "Obs")
        absent = [column for column in place.observation if text[column].null_count()]
        if absent:
            parts = [pl.when(pl.all_horizontal(pl.col(column).is_not_null() for column in absent)).then(joined(parts))]
        return text.with_columns(before.alias(_BEFORE)).select(joined((pl.col(_BEFORE), *parts))).to_series()

    def _tag(self, frame: pl.DataFrame, name: str, columns: Sequence[str], *, close: bool = True) -> pl.Series:
        """One element per row."""
        text = xml_text(frame, self._schema, columns)
        element = joined(self._parts(text, name, close=close)).alias(name)
        return text.select(element).to_series() if columns else pl.select(element).to_series().new_from_index(0, frame.height)

    def _parts(self, text: pl.DataFrame, name: str, *, close: bool = True) -> list[pl.Expr | str]:
        """An element in parts: simple values as XML attributes, lists as ``Comp`` children."""
        lists = [column for column, dtype in text.schema.items() if isinstance(dtype, pl.List)]
        parts: list[pl.Expr | str] = [f"<{name}"]
        parts += [wrapped(f' {column}="', column, '"') for column in text.columns if column not in lists]
        if close and not lists:
            return [*parts, "/>"]
        parts += [">", *(self._component(column) for column in lists)]
        return [*parts, f"</{name}>"] if close else parts

    def _component(self, column: str) -> pl.Expr:
        component = self._schema[column]
        kind = "MEASURE" if component.role is Role.MEASURE else "ATTRIBUTE"
        return component_element(column, kind, self.reference.prefix, multilingual=component.is_multilingual)

    def _gathering_groups(self, batches: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        for batch in batches:
            for group, attributes in self.place.groups:
                self._gather(group, batch, attributes)
            yield batch

    def _gather(self, group: Group, batch: pl.DataFrame, attributes: Sequence[str]) -> None:
        columns = [*group.group_dimensions, *(name for name in attributes if name in batch.columns)]
        rows = batch.select(columns).unique(group.group_dimensions, maintain_order=True)
        known = self._group_keys.get(group.id)
        rows = rows if known is None else pl.concat((known, rows)).unique(group.group_dimensions, maintain_order=True, keep="first")
        self._group_keys[group.id] = rows

    def _groups(self) -> Iterator[bytes]:
        for group, attributes in self.place.groups:
            rows = self._group_keys[group.id]
            rows = rows.filter(pl.any_horizontal(pl.col(name).is_not_null() for name in attributes if name in rows.columns))
            columns = (*group.group_dimensions, *attributes)
            start = f'<Group xsi:type="{self.reference.prefix}:{group.id}"'
            yield from utf8(start + self._tag(rows, "Group", columns).str.strip_prefix("<Group"))
