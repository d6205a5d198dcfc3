"""Reads SDMX-CSV data messages 1.0, 2.0 and 2.1 (field guides; standards sheet, section 5), in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from exchange.codecs.ports import ReadDataSet
from exchange.codecs.reading import ACTIONS, Origin, StructureName, datasets, is_reference, typed
from exchange.codecs.sdmx_csv.reading_fields import field_of
from exchange.codecs.sdmx_csv.reading_header import CsvHeader, parse_header
from exchange.codecs.sdmx_csv.reading_records import header_line, records
from exchange.errors import InvalidObservations, MalformedMessage
from exchange.observations.ports import SOURCE_ROW, Action
from exchange.query.data_query import Context
from registry.data_schema import DataSchema

_KINDS = {
    "dataflow": Context.DATAFLOW,
    "datastructure": Context.DATASTRUCTURE,
    "dataprovision": Context.PROVISION_AGREEMENT,
    "provisionagreement": Context.PROVISION_AGREEMENT,
}
_RUN, _NAME, _ACTION, _KIND = "_run", "_structure", "_action", "_kind"

Key = tuple[StructureName, Action]


class SdmxCsvDecoder:
    """Reads SDMX-CSV of any version: the header row says which it is."""

    def decode(self, source: Path, schema: DataSchema) -> Iterator[ReadDataSet]:
        """See :class:`exchange.codecs.ports.DataDecoder`. Rows with the same structure and action, one after the other, are a dataset.

        Custom columns, keys and names are left out; components of the schema that the message does not mention are absent.
        """
        header = parse_header(header_line(source), schema)
        return datasets(self._segments(source, header, schema))

    def structures(self, source: Path) -> list[StructureName]:
        """The structures that the rows name, in order of their first row."""
        header = parse_header(header_line(source), None)
        found: dict[StructureName, None] = {}
        for frame in records(source, header.separator, header.width):
            for structure, _ in _runs(frame, header)[1]:
                found.setdefault(structure)
        return list(found)

    def _segments(self, source: Path, header: CsvHeader, schema: DataSchema) -> Iterator[tuple[Key, pl.DataFrame]]:
        origin = Origin("line", decimal_comma=header.separator != ",")
        for frame in records(source, header.separator, header.width):
            numbered, keys = _runs(frame, header)
            parts = numbered.partition_by(_RUN, maintain_order=True) if len(keys) > 1 else [numbered]
            for key, part in zip(keys, parts, strict=True):
                yield key, _batch(part, header, schema, key[1], origin)


def _runs(frame: pl.DataFrame, header: CsvHeader) -> tuple[pl.DataFrame, list[Key]]:
    """Number the runs of rows with one structure and action, and say what each is."""
    kind = pl.lit("dataflow") if header.is_first_version else pl.col("c0").str.strip_chars().str.to_lowercase()
    name = pl.col(f"c{header.structure_id}").str.split(": ").list.first().str.strip_chars()
    action = pl.lit("") if header.action is None else pl.col(f"c{header.action}").fill_null("").str.strip_chars().str.to_lowercase()
    frame = frame.with_columns(kind.alias(_KIND), name.alias(_NAME), action.alias(_ACTION))
    frame = frame.with_columns(pl.struct(_KIND, _NAME, _ACTION).rle_id().alias(_RUN))
    first = frame.group_by(_RUN, maintain_order=True).first()
    keys = [_key(row) for row in first.select(SOURCE_ROW, _KIND, _NAME, _ACTION).iter_rows(named=True)]
    return frame, keys


def _key(row: dict[str, object]) -> Key:
    line, kind, name, action = row[SOURCE_ROW], str(row[_KIND] or ""), str(row[_NAME] or ""), str(row[_ACTION])
    if kind not in _KINDS:
        raise MalformedMessage(f"line {line}: STRUCTURE is {kind!r}. Write dataflow, datastructure or dataprovision.")
    if not is_reference(name):
        raise MalformedMessage(f"line {line}: {name!r} does not name a structure. Write it as AGENCY:ID(VERSION).")
    if action not in ACTIONS:
        raise MalformedMessage(f"line {line}: ACTION is {action!r}. Write M, R or D (or the older I and A).")
    return (_KINDS[kind], name), ACTIONS[action]


def _batch(part: pl.DataFrame, header: CsvHeader, schema: DataSchema, action: Action, origin: Origin) -> pl.DataFrame:
    if part.height and not header.columns and action is not Action.DELETE:
        known = ", ".join(component.id for component in schema.components)
        raise InvalidObservations(f"line 1: no column of the message is a component of {schema.structure.id}. Known are {known}.")
    fields = {column.component: field_of(part, column, header, schema[column.component]) for column in header.columns}
    dimensions = {dimension.id for dimension in schema.all_dimensions}
    kept = [values.alias(name) for name, values in fields.items() if name in dimensions or values.null_count() < part.height]
    frame = pl.DataFrame([*kept, part[SOURCE_ROW]])
    _check_switched_off(frame, dimensions, action)
    switched_on = [pl.when(pl.col(name) != "~").then(pl.col(name)).alias(name) for name in dimensions if name in frame.columns]
    return typed(frame.with_columns(switched_on), schema, action, origin)


def _check_switched_off(frame: pl.DataFrame, dimensions: set[str], action: Action) -> None:
    """``~`` takes a dimension out of a deletion of attributes; without any attribute it would delete far more than meant."""
    present = [name for name in frame.columns if name in dimensions]
    values = [name for name in frame.columns if name not in dimensions and name != SOURCE_ROW]
    if action is not Action.DELETE or not present:
        return
    nothing = ~pl.any_horizontal(pl.col(values).is_not_null()) if values else pl.lit(value=True)
    wrong = frame.filter(pl.any_horizontal(pl.col(present) == "~") & nothing)
    if wrong.height:
        raise InvalidObservations(
            f"line {wrong[SOURCE_ROW][0]}: a deletion with a dimension switched off (~) must say which attributes to delete. "
            "Write any value in their columns, or leave the dimension empty to delete its observations."
        )
