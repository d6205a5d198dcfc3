"""Writes SDMX-CSV data messages (standards sheet, section 5): columns from the options, rows by Polars' own CSV writer."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from io import BytesIO, StringIO

import polars as pl

from exchange.codecs.data_writing.fragments import gathered, in_chunks, in_text, lexical, sliced
from exchange.codecs.data_writing.labels import best_match
from exchange.codecs.data_writing.losses import with_single_texts
from exchange.codecs.data_writing.periods import dated, normalized
from exchange.codecs.data_writing.placement import placement
from exchange.codecs.data_writing.references import presented, presented_urn
from exchange.codecs.losses import Losses
from exchange.codecs.ports import DataMessage, DataOptions, DataSet
from exchange.codecs.sdmx_csv.dialect import SUBFIELD_SEPARATOR, CsvDialect
from exchange.codecs.sdmx_csv.fields import header_term, labelled, languages_of, name_of, sub_fields
from exchange.observations.ports import Action
from exchange.query.values.data_query import Context
from registry.data_schema import Role, SchemaComponent

#: How SDMX-CSV names the kinds of structures in the column ``STRUCTURE``.
_KINDS = {Context.DATAFLOW: "dataflow", Context.DATASTRUCTURE: "datastructure", Context.PROVISION_AGREEMENT: "dataprovision"}
_ROLES = (Role.DIMENSION, Role.TIME_DIMENSION, Role.MEASURE, Role.ATTRIBUTE)
_OBS_VALUE = "OBS_VALUE"
_NOTHING = pl.lit(None, pl.String)


class SdmxCsvEncoder:
    """Writes data messages as SDMX-CSV of one version. No byte order mark; comma, dot and line feed whatever the language.

    ``timeFormat=normalized`` gives the first day of a period (``2014-01-01``), and the instant where a period is one. Version 1.0
    has neither sub-fields nor name columns: there a cell holds one text, and ``labels=name`` means ``both``.
    """

    def __init__(self, dialect: CsvDialect) -> None:
        self._dialect = dialect

    @property
    def has_lists(self) -> bool:
        """False in 1.0: there a cell holds one text."""
        return self._dialect.has_structure_columns

    def encode(self, message: DataMessage, options: DataOptions) -> Iterator[bytes]:
        """Yield the header row, then the rows of all datasets. Multilingual columns are read through before the header is known."""
        message = self._sayable(message)
        table = _Table(self._dialect, options, _components(message, self._dialect), message.losses)
        body: Iterator[bytes] = (chunk for dataset in message.datasets for chunk in table.rows(dataset))
        if self._dialect.has_structure_columns and any(component and component.is_multilingual for component in table.components):
            body = gathered(body)
        yield table.header()
        yield from body

    def _sayable(self, message: DataMessage) -> DataMessage:
        """The message without what the version has no word for: 1.0 has no actions, and a deleted key would read as an observation."""
        if self._dialect.actions:
            return message
        kept = [dataset for dataset in message.datasets if dataset.action is not Action.DELETE]
        if len(kept) < len(message.datasets):
            text = "deletions, which this format cannot say; they are left out"
            message.losses.lose("deletions-left-out", text, count=len(message.datasets) - len(kept))
        return replace(message, datasets=kept)


def _components(message: DataMessage, dialect: CsvDialect) -> tuple[SchemaComponent | None, ...]:
    """The components that get a column: dimensions, measures, attributes, each in the order of the structures.

    Version 1.0 wants a column ``OBS_VALUE`` even where there is no measure to write: that column is None.
    """
    found: dict[str, SchemaComponent] = {}
    for dataset in message.datasets:
        schema = dataset.schema
        wanted = set(dataset.columns)
        if not dialect.has_structure_columns:
            wanted |= {dimension.id for dimension in schema.all_dimensions}
        for component in schema.components:
            if component.id in wanted:
                found.setdefault(component.id, component)
    columns: list[SchemaComponent | None] = []
    for role in _ROLES:
        columns += [component for component in found.values() if component.role is role]
        if role is Role.MEASURE and not dialect.has_structure_columns and not (columns and columns[-1] and columns[-1].role is role):
            columns.append(None)
    return tuple(columns)


@dataclass(slots=True)
class _Table:
    """The table that a message becomes."""

    dialect: CsvDialect
    options: DataOptions
    components: tuple[SchemaComponent | None, ...]
    losses: Losses
    languages: dict[str, set[str]] = field(default_factory=dict)

    @property
    def _has_names(self) -> bool:
        return self.dialect.has_structure_columns and self.options.labels == "name"

    @property
    def _labels(self) -> DataOptions:
        """The options as this version knows them."""
        if self.dialect.has_structure_columns or self.options.labels == "id":
            return self.options
        return DataOptions("both", self.options.time_format, "none", self.options.languages)

    def header(self) -> bytes:
        """The header row."""
        terms = self._leading_terms()
        for component in self.components:
            terms.append(self._term(component))
            if self._has_names and component is not None:
                terms.append(best_match(component.names, self.options.languages))
        line = StringIO()
        csv.writer(line, lineterminator="\n").writerow(terms)
        return line.getvalue().encode()

    def _term(self, component: SchemaComponent | None) -> str:
        if component is None or (component.id == _OBS_VALUE and not self.dialect.has_structure_columns):
            return _OBS_VALUE
        languages = sorted(self.languages.get(component.id, ()))
        return header_term(component, self._labels, languages, subfields=self.dialect.has_structure_columns)

    def _leading_terms(self) -> list[str]:
        if not self.dialect.has_structure_columns:
            return ["DATAFLOW"]
        has_subfields = any(part.is_multi_valued or part.is_multilingual for part in self.components if part)
        terms = [f"STRUCTURE[{SUBFIELD_SEPARATOR}]" if has_subfields else "STRUCTURE", "STRUCTURE_ID"]
        terms += ["STRUCTURE_NAME"] * self._has_names
        terms.append("ACTION")
        terms += ["SERIES_KEY"] * (self.options.keys in {"series", "both"})
        return terms + ["OBS_KEY"] * (self.options.keys in {"obs", "both"})

    def rows(self, dataset: DataSet) -> Iterator[bytes]:
        """The rows of a dataset, one chunk after the other."""
        leading = self._leading_fields(dataset)

        def text(batch: pl.DataFrame) -> Iterator[bytes]:
            for component in self.components:
                if component and component.is_multilingual and component.id in batch.columns:
                    self.languages.setdefault(component.id, set()).update(languages_of(batch[component.id]))
            return _csv(self._fields(batch, dataset, leading))

        return in_text(text, sliced(dataset.batches))

    def _leading_fields(self, dataset: DataSet) -> list[pl.Expr]:
        kind, artefact = presented(dataset)
        reference, name = presented_urn(dataset).short, best_match(artefact.names, self.options.languages)
        labelled_reference = f"{reference}: {name}" if self._labels.labels == "both" and name else reference
        if not self.dialect.has_structure_columns:
            return [_constant(labelled_reference)]
        fields = [_constant(_KINDS[kind]), _constant(labelled_reference)]
        fields += [_constant(name)] * self._has_names
        fields.append(_constant(self.dialect.actions[dataset.action]))
        place = placement(dataset)
        if self.options.keys in {"series", "both"}:
            series = place.series if not place.flat else _series_dimensions(dataset)
            fields.append(_key(series))
        if self.options.keys in {"obs", "both"}:
            fields.append(_key(tuple(d.id for d in dataset.schema.all_dimensions if d.id in dataset.columns)))
        return fields

    def _fields(self, batch: pl.DataFrame, dataset: DataSet, leading: list[pl.Expr]) -> pl.DataFrame:
        schema = dataset.schema
        columns = [component.id for component in self.components if component and component.id in dataset.columns]
        if not self.dialect.has_structure_columns:
            batch = with_single_texts(batch, schema, self._labels.languages, self.losses, joins_itself=True)
        text = lexical(batch, schema, columns)
        time = schema.time_dimension
        if self.options.time_format == "normalized" and time is not None and time.id in columns:
            text = text.with_columns(normalized(dated(batch, text[time.id], schema)))
        fields = list(leading)
        types = text.schema
        for component in self.components:
            fields += self._cells(component, types)
        return text.select(cell.alias(str(position)) for position, cell in enumerate(fields))

    def _cells(self, component: SchemaComponent | None, types: pl.Schema) -> list[pl.Expr]:
        options = self._labels
        if component is None or component.id not in types:
            return [_NOTHING] * (2 if self._has_names else 1)
        column = pl.col(component.id)
        if not isinstance(types[component.id], pl.List):
            return [labelled(column, component, options), *([name_of(column, component, options)] if self._has_names else [])]
        names = _NOTHING if component.is_multilingual else sub_fields(column, component, options, named=True)
        return [sub_fields(column, component, options), *([names] if self._has_names else [])]


def _constant(text: str) -> pl.Expr:
    return pl.lit(text, pl.String)


def _series_dimensions(dataset: DataSet) -> tuple[str, ...]:
    return tuple(dimension.id for dimension in dataset.schema.dimensions if dimension.id in dataset.columns)


def _key(dimensions: tuple[str, ...]) -> pl.Expr:
    if not dimensions:
        return _constant("")
    return pl.concat_str([pl.col(dimension).fill_null("") for dimension in dimensions], separator=".")


def _csv(frame: pl.DataFrame) -> Iterator[bytes]:
    buffer = BytesIO()
    frame.write_csv(buffer, include_header=False)
    return in_chunks(buffer.getbuffer())
