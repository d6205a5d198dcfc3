"""The element ``DataSet`` as all SDMX-ML data formats build it: attributes of the dataset, groups, then series or flat observations."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import ClassVar, Final

import polars as pl

from exchange.codecs.data_writing.fragments import gathered, in_text, joined, nested, put_back, sliced, utf8
from exchange.codecs.data_writing.losses import with_single_texts, without_missing
from exchange.codecs.data_writing.placement import placement
from exchange.codecs.losses import Losses
from exchange.codecs.ports import DataSet
from exchange.codecs.sdmx_ml.data.dialect import XmlDataDialect
from exchange.codecs.sdmx_ml.data.header import StructureReference
from exchange.codecs.sdmx_ml.data.text import lose_characters_of_lists
from registry.model.structures import Group

#: Name of the column with what stands before a row; no component can be called so.
_BEFORE: Final = "<"


class DataSetWriter(ABC):
    """Writes one dataset. Groups stand before the series, as 2.1 prescribes: a dataset with groups is read to its end first."""

    #: What closes a series.
    series_end: ClassVar[str]

    def __init__(
        self, dialect: XmlDataDialect, dataset: DataSet, reference: StructureReference, languages: Sequence[str], losses: Losses
    ) -> None:
        self.dialect = dialect
        self.dataset = dataset
        self.schema = dataset.schema
        self.reference = reference
        self.place = placement(dataset)
        self._languages = languages
        self.losses = losses
        self._groups: dict[str, pl.DataFrame] = {}

    @abstractmethod
    def start(self, first: pl.DataFrame | None) -> str:
        """The start tag and the attributes of the dataset, which are constant: those of its first row, if it has one."""

    @abstractmethod
    def series(self, firsts: pl.DataFrame) -> pl.Series:
        """How each series begins, up to its observations; one row per series."""

    @abstractmethod
    def observation(self, batch: pl.DataFrame) -> tuple[pl.DataFrame, Sequence[pl.Expr | str]]:
        """The text of each observation: columns, and the parts to be joined."""

    @abstractmethod
    def group(self, group: Group, rows: pl.DataFrame, attributes: Sequence[str]) -> pl.Series:
        """The text of each group; one row per group."""

    def write(self) -> Iterator[bytes]:
        """Yield the element in chunks."""
        batches = map(self._prepared, sliced(self.dataset.batches, self.place.dimensions))
        first = next(batches, None)
        yield self.start(first).encode()
        body = self._body(put_back([first], batches)) if first is not None else iter(())
        del first
        if self.place.groups:
            body = gathered(body)
            yield from self._written_groups()
        yield from body
        yield b"</message:DataSet>"

    def _prepared(self, batch: pl.DataFrame) -> pl.DataFrame:
        if not self.dialect.has_missing:
            batch = without_missing(batch, self.schema, self.losses)
        if not self.dialect.has_components:
            return with_single_texts(batch, self.schema, self._languages, self.losses)
        lose_characters_of_lists(batch, self.schema, self.losses)
        return batch

    def _body(self, batches: Iterator[pl.DataFrame]) -> Iterator[bytes]:
        observed = map(self._with_groups_gathered, batches)
        if self.place.flat:
            yield from in_text(self._flat, observed)
            return
        keys = self.place.series
        rows = self._rows if self.place.has_observations else None
        if (yield from nested(observed, keys, self.series, rows, between=self.series_end)):
            yield self.series_end.encode()

    def _flat(self, batch: pl.DataFrame) -> Iterator[bytes]:
        text, parts = self.observation(batch)
        return utf8(text.select(joined(parts)).to_series())

    def _rows(self, batch: pl.DataFrame, before: pl.Series) -> pl.Series:
        text, parts = self.observation(batch)
        absent = [column for column in self.place.observation if text[column].null_count()]
        if absent:
            parts = [pl.when(pl.all_horizontal(pl.col(column).is_not_null() for column in absent)).then(joined(parts))]
        return text.with_columns(before.alias(_BEFORE)).select(joined((pl.col(_BEFORE), *parts))).to_series()

    def _with_groups_gathered(self, batch: pl.DataFrame) -> pl.DataFrame:
        for group, attributes in self.place.groups:
            carried = [name for name in attributes if name in batch.columns]
            if carried:
                self._gather(group, batch.select(*group.group_dimensions, *carried))
        return batch

    def _gather(self, group: Group, rows: pl.DataFrame) -> None:
        """Keep one row per group that has any value."""
        values = [name for name in rows.columns if name not in group.group_dimensions]
        rows = rows.filter(pl.any_horizontal(pl.col(name).is_not_null() for name in values))
        known = self._groups.get(group.id)
        rows = rows if known is None else pl.concat((known, rows), how="diagonal_relaxed")
        self._groups[group.id] = rows.unique(group.group_dimensions, keep="first", maintain_order=True)

    def _written_groups(self) -> Iterator[bytes]:
        for group, attributes in self.place.groups:
            rows = self._groups.get(group.id)
            if rows is not None and rows.height:
                yield from utf8(self.group(group, rows, attributes))
