"""Reads SDMX-CSV data messages 1.0, 2.0 and 2.1 (field guides; standards sheet, section 5), in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from exchange.codecs.data_reading.batches import ACTIONS, Origin, datasets, is_reference, typed
from exchange.codecs.data_reading.unknown import described, nearest
from exchange.codecs.ports import ReadDataSet, StructureName
from exchange.codecs.sdmx_csv.reading_fields import field_of
from exchange.codecs.sdmx_csv.reading_header import CsvHeader, parse_header
from exchange.codecs.sdmx_csv.reading_records import header_line, records
from exchange.errors import InvalidObservations, MalformedMessage
from exchange.observations.ports import SOURCE_ROW, Action
from exchange.query.values.data_query import Context
from registry.data_schema import DataSchema
from registry.findings import Finding, Severity

_KINDS = {
    "dataflow": Context.DATAFLOW,
    "datastructure": Context.DATASTRUCTURE,
    "dataprovision": Context.PROVISION_AGREEMENT,
    "provisionagreement": Context.PROVISION_AGREEMENT,
}
Key = tuple[StructureName, Action]


class SdmxCsvDecoder:
    """Reads SDMX-CSV of any version: the header row says which it is."""

    def decode(self, source: Path, schema: DataSchema) -> Iterator[ReadDataSet]:
        """See :class:`exchange.codecs.ports.DataDecoder`. Rows with the same structure and action, one after the other, are a dataset.

        Custom columns (see :meth:`left_out`), keys and names are left out, but a deletion must not have custom columns. Components of
        the schema that the message does not mention are absent.
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

    def left_out(self, source: Path, schema: DataSchema) -> Sequence[Finding]:
        """The columns that are no components; custom columns are allowed, but a slip looks the same."""
        return [_unknown_column(name, schema) for name in parse_header(header_line(source), schema).unknown]

    def _segments(self, source: Path, header: CsvHeader, schema: DataSchema) -> Iterator[tuple[Key, pl.DataFrame]]:
        origin = Origin("line", decimal_comma=header.separator != ",")
        for frame in records(source, header.separator, header.width):
            for part, key in zip(*_runs(frame, header), strict=True):
                yield key, _batch(part, header, schema, key[1], origin)


def _unknown_column(name: str, schema: DataSchema) -> Finding:
    near = nearest(name, schema)
    hint = f"Did you mean {near}? Correct the header and load it again." if near else "Nothing is to be done if it is a column of your own."
    message = f"the column {name!r} is no component of {schema.structure.id} and was left out"
    return Finding("unknown-column", Severity.WARNING, message, hint, row=1, column=name, component=near)


def _runs(frame: pl.DataFrame, header: CsvHeader) -> tuple[list[pl.DataFrame], list[Key]]:
    """The runs of rows with one structure and action, and what each is."""
    said = [f"c{position}" for position in (0, header.structure_id, header.action) if position is not None]
    texts = frame.select(pl.col(name).fill_null("") for name in dict.fromkeys(said))
    changes = texts.select(pl.any_horizontal(pl.all().ne(pl.all().shift())).fill_null(value=True).arg_true()).to_series().to_list()
    begins = changes if frame.height else []
    keys: list[Key] = []
    parts: list[pl.DataFrame] = []
    for begin, end in zip(begins, [*begins[1:], frame.height], strict=True):
        key = _key(frame.row(begin, named=True), header)
        if keys and keys[-1] == key:
            parts[-1] = parts[-1].vstack(frame[begin:end])
        else:
            keys.append(key)
            parts.append(frame[begin:end])
    return parts, keys


def _key(row: dict[str, str | None], header: CsvHeader) -> Key:
    line = row[SOURCE_ROW]
    kind = "dataflow" if header.is_first_version else (row["c0"] or "").strip().lower()
    name = (row[f"c{header.structure_id}"] or "").partition(": ")[0].strip()
    action = "" if header.action is None else (row[f"c{header.action}"] or "").strip().lower()
    if kind not in _KINDS:
        raise MalformedMessage(f"line {line}: STRUCTURE is {kind!r}. Write dataflow, datastructure or dataprovision.")
    if not is_reference(name):
        raise MalformedMessage(f"line {line}: {name!r} does not name a structure. Write it as AGENCY:ID(VERSION).")
    if action not in ACTIONS:
        raise MalformedMessage(f"line {line}: ACTION is {action!r}. Write M, R or D (or the older I and A).")
    return (_KINDS[kind], name), ACTIONS[action]


def _batch(part: pl.DataFrame, header: CsvHeader, schema: DataSchema, action: Action, origin: Origin) -> pl.DataFrame:
    if action is Action.DELETE and header.unknown:
        # What it was meant to restrict would be deleted without restriction.
        raise InvalidObservations(
            f"line {part[SOURCE_ROW][0]}: a deletion must not have unknown columns: {described(header.unknown, schema)} "
            "Correct the header, or remove the column."
        )
    if part.height and not header.columns and action is not Action.DELETE:
        known = ", ".join(component.id for component in schema.components)
        raise InvalidObservations(f"line 1: no column of the message is a component of {schema.structure.id}. Known are {known}.")
    fields = {column.component: field_of(part, column, header, schema[column.component]) for column in header.columns}
    dimensions = {dimension.id for dimension in schema.all_dimensions}
    kept = [values.alias(name) for name, values in fields.items() if name in dimensions or values.null_count() < part.height]
    frame = pl.DataFrame([*kept, part[SOURCE_ROW]])
    texts = [name for name, kind in frame.schema.items() if name in dimensions and kind == pl.String]
    _check_switched_off(frame, texts, dimensions, action)
    switched_on = [pl.when(pl.col(name) != "~").then(pl.col(name)).alias(name) for name in texts]
    try:
        return typed(frame.with_columns(switched_on), schema, action, origin)
    except InvalidObservations as error:
        slips = [name for name in header.unknown if nearest(name, schema) in dimensions - fields.keys()]
        if not slips:
            raise
        raise InvalidObservations(f"{error} In the header {described(slips, schema)}") from error


def _check_switched_off(frame: pl.DataFrame, present: list[str], dimensions: set[str], action: Action) -> None:
    """``~`` takes a dimension out of a deletion of attributes; without any attribute it would delete far more than meant."""
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
