"""Reads SDMX-JSON data messages 1.0, 2.0 and 2.1 (field guides; standards sheet, section 4.2).

The document is held in memory; its observations become columns a hundred thousand at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice, zip_longest
from pathlib import Path
from typing import Any

import msgspec
import polars as pl

from exchange.codecs.data_reading.batches import ACTIONS, Origin, datasets, typed
from exchange.codecs.data_reading.groups import GroupTable
from exchange.codecs.data_reading.levels import agreed
from exchange.codecs.data_reading.tables import complex_values
from exchange.codecs.ports import ReadDataSet, StructureName
from exchange.codecs.sdmx_json.data.left_out import left_out_of
from exchange.codecs.sdmx_json.data.reading_structure import Json, JsonComponent, JsonStructure, read_structure
from exchange.codecs.sdmx_json.data.repeated_names import check_names_once
from exchange.errors import MalformedMessage
from exchange.observations.ports import SOURCE_ROW, Action
from exchange.query.values.data_query import Context
from registry.data_schema import DataSchema
from registry.findings import Finding
from registry.model.identity import Urn

_BATCH = 100_000
_ORIGIN = Origin("observation")
_OMITTED = object()
#: Whole numbers below this fit into 64 bits.
_SMALL = 2**63
#: Numbers stay as they are written: they may have more digits than a floating point number.
_DECODER = msgspec.json.Decoder(float_hook=str)

Key = tuple[StructureName, Action]


class SdmxJsonDataDecoder:
    """Reads data messages of every SDMX-JSON version."""

    def decode(self, source: Path, schema: DataSchema) -> Iterator[ReadDataSet]:
        """See :class:`exchange.codecs.ports.DataDecoder`. Rows are numbered through each dataset, from 1."""
        return datasets(_segments(_data(source, names_once=True), schema))

    def left_out(self, source: Path, schema: DataSchema) -> Sequence[Finding]:
        """Annotations, reference metadata, and properties that SDMX-JSON does not know; what is no component is refused."""
        return left_out_of(_data(source))

    def structures(self, source: Path) -> list[StructureName]:
        """The structures of the datasets, in order."""
        data = _data(source)
        found = [_structure_of(data, dataset, position) for position, dataset in enumerate(_datasets(data))]
        return list(dict.fromkeys(_named(structure, position) for position, structure in enumerate(found)))


def _data(source: Path, *, names_once: bool = False) -> Json:
    """The ``data`` object of a message; version 1.0 also has its content at the top."""
    content = source.read_bytes().removeprefix(b"\xef\xbb\xbf")
    try:
        message = _DECODER.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MalformedMessage(f"the message is not JSON: {error}. Send the whole message in UTF-8.") from error
    except RecursionError:
        raise MalformedMessage("the message is nested more deeply than any SDMX-JSON message is. Send another.") from None
    if names_once:
        check_names_once(content, message)
    data = message.get("data", message) if isinstance(message, Mapping) else None
    if not isinstance(data, Mapping) or not isinstance(data.get("dataSets"), list):
        raise MalformedMessage("the message has no data.dataSets. Send an SDMX-JSON data message.")
    return data


def _datasets(data: Json) -> list[Json]:
    return [dataset for dataset in data["dataSets"] if isinstance(dataset, Mapping)]


def _structure_of(data: Json, dataset: Json, position: int) -> JsonStructure:
    written = data.get("structures") or ([data["structure"]] if data.get("structure") else [])
    index = dataset.get("structure", 0)
    if not isinstance(index, int) or not 0 <= index < len(written):
        raise MalformedMessage(
            f"data.dataSets[{position}].structure is {index!r}, but the message has {len(written)} structures. Correct it."
        )
    return read_structure(written[index])


def _named(structure: JsonStructure, position: int) -> StructureName:
    if structure.name is None:
        raise MalformedMessage(
            f"the structure of data.dataSets[{position}] has no link with the URN of a dataflow or data structure. Add one."
        )
    return structure.name


def _segments(data: Json, schema: DataSchema) -> Iterator[tuple[Key, pl.DataFrame]]:
    for position, dataset in enumerate(_datasets(data)):
        structure = _structure_of(data, dataset, position)
        action = str(dataset.get("action") or "").lower()
        if action not in ACTIONS:
            raise MalformedMessage(f"data.dataSets[{position}].action is {action!r}. Write Merge, Replace or Delete.")
        # Without a link the meaning is still clear: the caller says which structure the data follow.
        key = structure.name or (Context.DATASTRUCTURE, Urn.of(schema.structure).short), ACTIONS[action]
        for batch in _Dataset(dataset, structure, schema, key[1]).batches():
            yield key, batch


class _Dataset:
    """One dataset on its way to batches."""

    def __init__(self, written: Json, structure: JsonStructure, schema: DataSchema, action: Action) -> None:
        self._written = written
        self._structure = structure
        self._schema = schema
        self._action = action
        self._groups = GroupTable([dimension.id for dimension in schema.all_dimensions], _ORIGIN.unit)
        self._add_groups()

    def batches(self) -> Iterator[pl.DataFrame]:
        """Typed batches: the observations, then groups that none of them belongs to."""
        observations = iter(self._observations())
        count = 0
        while chunk := list(islice(observations, _BATCH)):
            frame = self._frame(chunk, count)
            count += len(chunk)
            yield typed(frame if self._action is Action.DELETE else self._groups.given_to(frame), self._schema, self._action, _ORIGIN)
        left = self._groups.left_over()
        if left.height:
            yield typed(left, self._schema, self._action, _ORIGIN)

    def _observations(self) -> Iterable[tuple[str, Sequence[Any], str, Sequence[Any]]]:
        """Series key, series attributes, observation key and values of each observation."""
        flat = self._written.get("observations")
        if flat:
            yield from (("", (), key, values) for key, values in flat.items())
        for key, series in (self._written.get("series") or {}).items():
            attributes = series.get("attributes") or ()
            observations = series.get("observations")
            if observations:
                yield from ((key, attributes, at, values) for at, values in observations.items())
            elif any(value is not None for value in attributes) or self._action is Action.DELETE:
                yield key, attributes, "", ()

    def _frame(self, chunk: list[tuple[str, Sequence[Any], str, Sequence[Any]]], before: int) -> pl.DataFrame:
        structure = self._structure
        series_keys, series_attributes, keys, values = zip(*chunk, strict=True)
        columns: dict[str, pl.Series] = {}
        for dimension in structure.dataset_dimensions:
            columns[dimension.id] = pl.Series(dimension.id, [_only(dimension)]).new_from_index(0, len(chunk))
        columns |= _keyed(structure.series_dimensions, series_keys)
        columns |= _keyed(structure.observation_dimensions, keys)
        rows = pl.int_range(before + 1, before + len(chunk) + 1, dtype=pl.Int64, eager=True).alias(SOURCE_ROW)
        own, of_series = [*structure.measures, *structure.attributes["observation"]], structure.attributes["series"]
        if not structure.has_annotations:
            _check_lengths(own, values, "observation", before)
            _check_lengths(of_series, series_attributes, "the series of observation", before)
        columns |= _valued(own, values)
        for name, above in _valued(of_series, series_attributes).items():
            columns[name] = agreed(columns[name], above, rows, _ORIGIN.unit, "series") if name in columns else above
        return pl.DataFrame([*(column for column in columns.values() if column.null_count() < len(chunk)), rows])

    def _add_groups(self) -> None:
        """Attributes of the dataset and of groups of dimensions."""
        structure = self._structure
        self._add_group({}, structure.attributes["dataSet"], self._written.get("attributes") or ())
        key = structure.key
        for written, values in (self._written.get("dimensionGroupAttributes") or {}).items():
            slots = written.split(":")
            if len(slots) != len(key):
                raise MalformedMessage(f"the key {written!r} of dimensionGroupAttributes has {len(slots)} parts for {len(key)} dimensions.")
            named = {dimension.id: str(dimension.value(slot)) for dimension, slot in zip(key, slots, strict=True) if slot not in {"", "~"}}
            self._add_group(named, structure.attributes["dimensionGroup"], values)

    def _add_group(self, named: dict[str, str], components: Sequence[JsonComponent], values: Sequence[Any]) -> None:
        if len(values) > len(components) and not self._structure.has_annotations:
            about = ", ".join(f"{name}={value}" for name, value in named.items()) or "the dataset"
            raise MalformedMessage(f"{about} has {len(values)} attribute values, but the structure describes {_counted(components)}.")
        found = {component.id: component.value(value) for component, value in zip(components, values, strict=False) if value is not None}
        plain = {name: _plain(value) for name, value in found.items() if not isinstance(value, list | Mapping)}
        if not found:
            return
        self._groups.rows.append([*named, *plain], [*named.values(), *plain.values()])
        self._groups.lines.append(1)
        for name in found.keys() - plain.keys():
            self._groups.rows.add_complex(name, _texts(found[name]))


def _only(dimension: JsonComponent) -> str:
    if not dimension.values:
        raise MalformedMessage(f"{dimension.id} is a dimension of the dataset but has no value. Give it one.")
    return str(dimension.values[0])


def _keyed(dimensions: Sequence[JsonComponent], keys: Sequence[str]) -> dict[str, pl.Series]:
    """The dimensions of colon-joined keys of indexes."""
    if not dimensions:
        return {}
    parts = pl.Series(keys).str.split(":")
    lengths = parts.list.len()
    wrong = (lengths != len(dimensions)) & (pl.Series(keys) != "")
    if wrong.any():
        raise MalformedMessage(
            f"the key {keys[wrong.arg_true()[0]]!r} does not have one part for each of {', '.join(d.id for d in dimensions)}."
        )
    columns = {}
    for position, dimension in enumerate(dimensions):
        indexes = parts.list.get(position, null_on_oob=True)
        table = {index: str(dimension.value(index)) for index in indexes.unique().drop_nulls() if index != ""}
        columns[dimension.id] = indexes.replace_strict(table, default=None, return_dtype=pl.String).alias(dimension.id)
    return columns


def _check_lengths(components: Sequence[JsonComponent], rows: Sequence[Sequence[Any]], what: str, before: int) -> None:
    """Long arrays say more than the structure has a place for."""
    if max(map(len, rows), default=0) > len(components):
        at, row = next((number, row) for number, row in enumerate(rows, before + 1) if len(row) > len(components))
        raise MalformedMessage(f"{what} {at} has {len(row)} values, but the structure describes {_counted(components)}. Describe them all.")


def _valued(components: Sequence[JsonComponent], rows: Sequence[Sequence[Any]]) -> dict[str, pl.Series]:
    """The columns of arrays of values; short arrays end in defaults."""
    written = list(zip_longest(*rows, fillvalue=_OMITTED)) if any(rows) else []
    columns = {}
    for component, values in zip(components, written, strict=False):
        meant = [component.default if value is _OMITTED else component.value(value) for value in values]
        columns[component.id] = _series(component.id, meant)
    for component in components[len(written) :]:
        columns[component.id] = _series(component.id, [component.default] * len(rows))
    return columns


def _counted(components: Sequence[JsonComponent]) -> str:
    return f"{len(components)} ({', '.join(component.id for component in components)})" if components else "none"


def _series(name: str, values: list[Any]) -> pl.Series:
    """A column from JSON values; mixed ones become text."""
    kinds = {type(value) for value in values if value is not None}
    if kinds <= {str}:
        return pl.Series(name, values, dtype=pl.String)
    if kinds == {int} and all(value is None or abs(value) < _SMALL for value in values):
        return pl.Series(name, values, dtype=pl.Int64).cast(pl.String)
    if kinds & {list, dict}:
        return complex_values([None if value is None else _texts(value) for value in values]).alias(name)
    return pl.Series(name, [None if value is None else _plain(value) for value in values], dtype=pl.String)


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _texts(value: Any) -> Any:
    """Several values as a list of texts, a localised one as a list of language and text, several of these as a list of such lists."""
    if isinstance(value, Mapping):
        return [{"lang": language, "value": str(text)} for language, text in value.items()]
    if isinstance(value, list):
        if any(isinstance(entry, list) for entry in value):
            raise MalformedMessage("a value is an array of arrays. Values are at most arrays of texts, or of texts in several languages.")
        entries = [_texts(entry) if isinstance(entry, Mapping) else _plain(entry) for entry in value]
        return (
            [entry if isinstance(entry, list) else [{"lang": "en", "value": entry}] for entry in entries] if _has_sets(entries) else entries
        )
    return [_plain(value)]


def _has_sets(entries: list[Any]) -> bool:
    return any(isinstance(entry, list) for entry in entries)
