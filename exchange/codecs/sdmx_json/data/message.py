"""Writes SDMX-JSON data messages 2.0 and 2.1: datasets first, as they are read, then the structures with the values found in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, repeat
from typing import ClassVar, Final

import polars as pl

from exchange.codecs.data_writing.fragments import SLICE_ROWS, in_text, joined, nested, put_back, sliced, utf8
from exchange.codecs.data_writing.placement import Placement, placement
from exchange.codecs.ports import DataMessage, DataOptions, DataSet, StructureOptions
from exchange.codecs.sdmx_json.data.cells import ValueIndex, is_indexed, json_cells
from exchange.codecs.sdmx_json.data.dialect import JsonDataDialect
from exchange.codecs.sdmx_json.data.structure import StructureDescription, encoded, links
from exchange.codecs.sdmx_json.headers import write_instant, write_meta
from exchange.codecs.sdmx_json.writing import ArtefactWriter, Document
from registry.model.structures import Group
from registry.model.time_periods import REPORTING_YEAR_START_DAY

#: Name of the column with what stands before a row; no component can be called so.
_BEFORE: Final = "{"
#: Columns of the attributes of groups: key and values as JSON.
_KEY, _VALUES = "key", "values"


@dataclass(slots=True)
class _Layout:
    """What datasets of the same schema, columns and dimension at the observation share."""

    position: int
    dataset: DataSet
    place: Placement
    indexes: dict[str, ValueIndex]
    datasets: list[int] = field(default_factory=list)


class SdmxJsonEncoder:
    """Writes data of one version of SDMX-JSON, with series or flat. Memory holds one batch and the distinct values."""

    has_lists: ClassVar[bool] = True

    def __init__(self, dialect: JsonDataDialect) -> None:
        self._dialect = dialect

    def encode(self, message: DataMessage, options: DataOptions) -> Iterator[bytes]:
        """Yield the message in chunks."""
        writer = ArtefactWriter(self._dialect.base, StructureOptions(languages=options.languages))
        meta = write_meta(message.header, (), self._dialect.schema, writer)
        schema = f'"$schema":{encoded(self._dialect.schema)},' if self._dialect.base.schema_at_root else ""
        yield f'{{{schema}"meta":{encoded(meta)},"data":{{"dataSets":['.encode()
        layouts = _layouts(message.datasets, has_index_arrays=self._dialect.has_index_arrays)
        for position, (dataset, layout) in enumerate(zip(message.datasets, layouts, strict=True)):
            yield b"," if position else b""
            yield from _DataSetWriter(self._dialect, dataset, layout).write()
        yield b'],"structures":['
        for position, layout in enumerate({id(layout): layout for layout in layouts}.values()):
            yield b"," if position else b""
            description = StructureDescription(layout.dataset, layout.place, layout.indexes, options.languages, self._dialect)
            yield encoded(description.document(layout.datasets, writer)).encode()
        yield b"]}}"


def _layouts(datasets: Sequence[DataSet], *, has_index_arrays: bool) -> list[_Layout]:
    found: dict[tuple[object, ...], _Layout] = {}
    layouts = []
    for number, dataset in enumerate(datasets):
        key = (id(dataset.schema), dataset.columns, dataset.dimension_at_observation, dataset.context)
        if key not in found:
            schema = dataset.schema
            indexed = [name for name in dataset.columns if is_indexed(schema[name], has_index_arrays=has_index_arrays)]
            indexes = {name: ValueIndex() for name in indexed}
            found[key] = _Layout(len(found), dataset, placement(dataset, has_free_groups=True), indexes)
        found[key].datasets.append(number)
        layouts.append(found[key])
    return layouts


class _DataSetWriter:
    """Writes one dataset."""

    def __init__(self, dialect: JsonDataDialect, dataset: DataSet, layout: _Layout) -> None:
        self._dialect = dialect
        self._dataset = dataset
        self._layout = layout
        self._place = layout.place
        self._groups: dict[str, list[pl.DataFrame]] = {}

    def write(self) -> Iterator[bytes]:
        """The object of the dataset."""
        batches = sliced(self._dataset.batches, self._place.dimensions)
        first = next(batches, None)
        yield f"{self._start(first)},".encode()
        name, rows = ("observations", self._flat) if self._place.flat else ("series", self._series)
        yield f'"{name}":{{'.encode()
        observed = put_back([] if first is None else [first], batches)
        del first
        yield from rows(map(self._with_groups_gathered, observed))
        yield b"}"
        if self._groups:
            groups = pl.concat([_first_of_each(frames) for frames in self._groups.values()])
            yield b',"dimensionGroupAttributes":{'
            yield from utf8(groups.select(joined((',"', pl.col(_KEY), '":', pl.col(_VALUES)))).to_series(), skip=1)
            yield b"}"
        yield b"}"

    def _start(self, first: pl.DataFrame | None) -> str:
        dataset = self._dataset
        document: Document = {
            "structure": self._layout.position,
            "action": self._dialect.actions[dataset.action],
            "links": links(dataset),
        }
        if dataset.valid_from:
            document["validFrom"] = write_instant(dataset.valid_from)
        if dataset.valid_to:
            document["validTo"] = write_instant(dataset.valid_to)
        text = encoded(document).removesuffix("}")
        names = self._place.dataset_attributes
        if first is None or not names:
            return text
        return f'{text},"attributes":[{self._cells(first.head(1), names).select(_array(names)).item()}]'

    def _cells(self, frame: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
        return json_cells(frame, self._dataset.schema, names, self._layout.indexes)

    def _flat(self, batches: Iterator[pl.DataFrame]) -> Iterator[bytes]:
        separators = chain((1,), repeat(0))

        def text(batch: pl.DataFrame) -> Iterator[bytes]:
            cells, parts = self._observation(batch)
            return utf8(cells.select(joined((",", *parts))).to_series(), skip=next(separators))

        return in_text(text, batches)

    def _series(self, batches: Iterator[pl.DataFrame]) -> Iterator[bytes]:
        place = self._place
        if not place.has_observations:
            yield from nested(batches, place.series, self._series_only, None, between=",")
        elif (yield from nested(batches, place.series, self._opened, self._rows, between="}},", separator=",")):
            yield b"}}"

    def _opened(self, firsts: pl.DataFrame) -> pl.Series:
        return self._heads(firsts, ',"observations":{' if self._place.series_attributes else '"observations":{')

    def _series_only(self, firsts: pl.DataFrame) -> pl.Series:
        return self._heads(firsts, "}")

    def _heads(self, firsts: pl.DataFrame, end: str) -> pl.Series:
        place = self._place
        cells = self._cells(firsts, place.series + place.series_attributes)
        attributes = ('"attributes":[', _array(place.series_attributes), "]") if place.series_attributes else ()
        head = joined(('"', _key(place.series), '":{', *attributes, end)).alias("head")
        return cells.select(head).to_series() if cells.width else pl.select(head).to_series().new_from_index(0, firsts.height)

    def _observation(self, batch: pl.DataFrame) -> tuple[pl.DataFrame, list[pl.Expr | str]]:
        place = self._place
        values = place.measures + place.observation_attributes
        cells = self._cells(batch, place.observation + values)
        return cells, ['"', _key(place.observation), '":[', *([_array(values)] if values else []), "]"]

    def _rows(self, batch: pl.DataFrame, before: pl.Series) -> pl.Series:
        cells, parts = self._observation(batch)
        return cells.with_columns(before.alias(_BEFORE)).select(joined((pl.col(_BEFORE), *parts))).to_series()

    def _with_groups_gathered(self, batch: pl.DataFrame) -> pl.DataFrame:
        for group, attributes in self._place.groups:
            self._gather(group, attributes, batch)
        return batch

    def _gather(self, group: Group, attributes: Sequence[str], batch: pl.DataFrame) -> None:
        """Keep the attributes of each group under its key: one slot per dimension, empty where the group does not reach."""
        carried = [name for name in attributes if name in batch.columns]
        if not carried:
            return
        start_day = [name for name in (REPORTING_YEAR_START_DAY,) if name in batch.columns and name not in carried]
        rows = batch.select(*group.group_dimensions, *carried, *start_day)
        rows = rows.filter(pl.any_horizontal(pl.col(name).is_not_null() for name in carried)).unique(maintain_order=True)
        if not rows.height:
            return
        cells = self._cells(rows, (*group.group_dimensions, *attributes))
        slots = [d.id if d.id in group.group_dimensions else None for d in self._dataset.schema.all_dimensions]
        key = pl.concat_str([pl.lit("") if slot is None else pl.col(slot).fill_null("") for slot in slots], separator=":")
        every = [name for _, names in self._place.groups for name in names]
        values = pl.concat_str([pl.col(name).fill_null("null") if name in attributes else pl.lit("null") for name in every], separator=",")
        found = cells.select(key.alias(_KEY), pl.format("[{}]", values).alias(_VALUES))
        gathered = self._groups.setdefault(group.id, [])
        gathered.append(found)
        if sum(frame.height for frame in gathered) > SLICE_ROWS:
            gathered[:] = [_first_of_each(gathered)]


def _first_of_each(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """One row per group, in order of appearance."""
    return pl.concat(frames).unique(_KEY, keep="first", maintain_order=True)


def _key(dimensions: Sequence[str]) -> pl.Expr:
    if not dimensions:
        return pl.lit("")
    return pl.concat_str([pl.col(dimension).fill_null("") for dimension in dimensions], separator=":")


def _array(names: Sequence[str]) -> pl.Expr:
    return pl.concat_str([pl.col(name).fill_null("null") for name in names], separator=",")
