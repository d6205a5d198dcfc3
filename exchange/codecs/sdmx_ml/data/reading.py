"""Reads SDMX-ML data messages: 2.1 generic and structure-specific (and their time series forms), 3.0 and 3.1 structure-specific.

The document is parsed as it comes; memory holds one batch of columns and one series. Elements are known by their local names.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
from lxml import etree

from exchange.codecs.data_reading.batches import Origin, datasets, typed
from exchange.codecs.data_reading.groups import GroupTable
from exchange.codecs.data_reading.levels import agreed_frames
from exchange.codecs.data_reading.tables import RowTable
from exchange.codecs.ports import ReadDataSet, StructureName
from exchange.codecs.sdmx_ml.artefacts.structures import is_measure_role
from exchange.codecs.sdmx_ml.data.reading_header import DataHeader, StructureUse, read_header
from exchange.codecs.sdmx_ml.data.reading_layouts import IN_SERIES, add_generic, add_specific, check_children, stranger
from exchange.codecs.sdmx_ml.parsing import local_name
from exchange.errors import MalformedMessage
from exchange.observations.ports import SOURCE_ROW, Action
from registry.data_schema import PRIMARY_MEASURE, DataSchema, SchemaComponent
from registry.findings import Finding, Severity
from registry.model.structures import Dimension

#: Observations in a batch.
_BATCH = 100_000
_TAGS = ("{*}Header", "{*}DataSet", "{*}Series", "{*}Obs", "{*}Group", "{*}Atts", "{*}Attributes", "{*}Metadata")
_ORIGIN = Origin("line")
#: What datasets consist of.
_ROWS = ("{*}Series", "{*}Obs", "{*}Group", "{*}Atts")
_IN_DATASETS = frozenset({"Series", "Obs", "Group", "Atts", "Attributes", "Metadata", "DataProvider", "Annotations"})
#: What is not kept, and what a message with such elements holds somewhere, whatever the prefix.
_LEFT_OUT = {"Metadata": b"Metadata>", "Annotation": b"Annotation"}
#: How much of a message is searched at once.
_PIECE = 1024**2
#: How libxml2 says that a document goes beyond its limits.
_LIMITS = ("XML_PARSE_HUGE", "Excessive depth", "limit exceeded")
#: What SDMX itself says of a dataset; these attributes are in a namespace, but some writers forget it.
_OF_DATASETS = frozenset(
    {
        "structureRef", "setID", "action", "dataScope", "type", "reportingBeginDate", "reportingEndDate", "validFromDate", "validToDate",
        "publicationYear", "publicationPeriod",
    }
)  # fmt: skip

Key = tuple[StructureName, Action]


class SdmxMlDataDecoder:
    """Reads data messages of every SDMX-ML version; the message itself says which it is."""

    def decode(self, source: Path, schema: DataSchema) -> Iterator[ReadDataSet]:
        """See :class:`exchange.codecs.ports.DataDecoder`."""
        return datasets(_Reading(source, schema).segments())

    def left_out(self, source: Path, schema: DataSchema) -> Sequence[Finding]:
        """Annotations, and reference metadata, which may stand in datasets since SDMX 3.0; what is no component of the data is refused."""
        if not any(_mentions(source, word) for word in _LEFT_OUT.values()):
            return ()
        lines: dict[str, list[int]] = {name: [] for name in _LEFT_OUT}
        for event, element in _passing(source, ("Header", *_LEFT_OUT)):
            if event == "start" and (name := local_name(element)) in lines:
                lines[name].append(element.sourceline or 0)
        return [_not_kept(name, found[0], len(found)) for name, found in lines.items() if found]

    def structures(self, source: Path) -> list[StructureName]:
        """The structures of the datasets, in order."""
        header = DataHeader()
        found: dict[StructureName, None] = {}
        for event, element in _passing(source, ("Header", "DataSet")):
            if local_name(element) == "Header" and event == "end":
                header = read_header(element)
            elif local_name(element) == "DataSet" and event == "start":
                found.setdefault(header.use_of(element).structure)
            elif event == "end":
                element.clear()
        return list(found) or [use.structure for use in header.structures.values()]


def _mentions(source: Path, word: bytes) -> bool:
    """True when a word stands anywhere in a file."""
    with source.open("rb") as stream:
        before = b""
        while piece := stream.read(_PIECE):
            if word in before + piece:
                return True
            before = piece[-len(word) :]
    return False


def _not_kept(name: str, line: int, count: int) -> Finding:
    code, what = (
        ("metadata-left-out", "reference metadata in datasets") if name == "Metadata" else ("annotations-left-out", "annotations of data")
    )
    message = f"{what} are not kept; they were left out"
    return Finding(code, Severity.WARNING, message, "Send what describes data as attributes.", row=line, count=count)


@dataclass
class _Block:
    """Observations under way: a table of series, a table of observations, and how many of these belong to each series."""

    series: RowTable = field(default_factory=RowTable)
    observations: RowTable = field(default_factory=RowTable)
    counts: list[int] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)

    def begin_series(self) -> None:
        """Before the first series: the observations so far belong to none."""
        if not self.counts and self.observations.height:
            self.series.append((), ())
            self.counts.append(self.observations.height)

    def frame(self) -> pl.DataFrame:
        """The observations with the values of their series.

        Raises:
            InvalidObservations: When an observation and its series say different things of the same component.
        """
        observations = self.observations.frame()
        if self.series.height:
            index = pl.Series("_series", range(len(self.counts)), dtype=pl.UInt32)
            belongs = index.to_frame().select(pl.col("_series").repeat_by(pl.Series(self.counts)).explode())["_series"]
            series = self.series.frame()[belongs]
            observations = agreed_frames(observations, series, pl.Series(self.lines, dtype=pl.Int64), _ORIGIN.unit, "series")
        return observations.with_columns(pl.Series(SOURCE_ROW, self.lines, dtype=pl.Int64))


class _Reading:
    """One pass over a message."""

    def __init__(self, source: Path, schema: DataSchema) -> None:
        self._source = source
        self._schema = schema
        self._header = DataHeader()
        self._generic = False
        self._in_series = False
        self._use: StructureUse | None = None
        self._action = Action.MERGE
        self._measure_dimension: str | None = None
        self._start()

    def _start(self) -> None:
        self._block = _Block()
        self._groups = GroupTable([dimension.id for dimension in self._schema.all_dimensions], _ORIGIN.unit)

    def segments(self) -> Iterator[tuple[Key, pl.DataFrame]]:
        """Batches with the structure and action of their dataset."""
        names: dict[str, str] = {}
        for event, element in _events(self._source, _TAGS):
            tag = str(element.tag)
            name = names.get(tag) or names.setdefault(tag, local_name(element))
            if event == "start":
                self._started(name, element)
                continue
            self._ended(name, element)
            if self._block.observations.height >= _BATCH:
                yield self._key(), self._flushed()
            if name == "DataSet":
                yield from self._finished()

    def _started(self, name: str, element: etree._Element) -> None:
        if name == "Series":
            self._in_series = True
        elif name == "DataSet":
            self._generic = local_name(element.getroottree().getroot()).startswith("Generic")
            self._use, self._action = self._header.use_of(element), self._header.action_of(element)
            self._measure_dimension = self._explicit_dimension(self._use)
            self._start()
            self._dataset_attributes(element)

    def _explicit_dimension(self, use: StructureUse) -> str | None:
        """The dimension whose values the types of the observations are; None without explicit measures."""
        if not use.has_explicit_measures:
            return None
        dimensions = [dimension.id for dimension in self._schema.dimensions]
        if use.dimension_at_observation in dimensions:
            return use.dimension_at_observation
        return next((dimension.id for dimension in self._schema.dimensions if _is_measure_dimension(dimension)), None)

    def _dataset_attributes(self, element: etree._Element) -> None:
        found = {str(key): str(value) for key, value in element.attrib.items() if not str(key).startswith("{")}
        found = {name: value for name, value in found.items() if name in self._schema or name not in _OF_DATASETS}
        if found:
            self._add_group(found, element.sourceline or 0)

    def _add_group(self, values: dict[str, str], line: int) -> None:
        self._groups.rows.append(values.keys(), values.values())
        self._groups.lines.append(line)

    def _ended(self, name: str, element: etree._Element) -> None:
        match name:
            case "Header":
                self._header = read_header(element)
            case "Series":
                self._in_series = False
                self._add_series(element)
                _forget_read(element)
            case "Obs" if not self._in_series:
                self._add_observation(element)
                _forget_read(element)
            case "Group" | "Atts":
                self._add(self._groups.rows, element)
                self._groups.lines.append(element.sourceline or 0)
                _forget_read(element)
            case "Attributes" if self._is_of_dataset(element):
                values = {str(value.get("id")): str(value.get("value")) for value in element.iterchildren("*")}
                self._add_group(values, element.sourceline or 0)
            case "DataSet":
                check_children(element, _IN_DATASETS)
                element.clear()
            case "Metadata":
                element.clear()

    @staticmethod
    def _is_of_dataset(element: etree._Element) -> bool:
        parent = element.getparent()
        return parent is not None and local_name(parent) == "DataSet"

    def _add(self, table: RowTable, element: etree._Element) -> None:
        if not self._generic:
            add_specific(table, element, self._measure_dimension if table is self._block.observations else None)
            return
        use = self._use
        dimension = use.dimension_at_observation if use else "TIME_PERIOD"
        measure = self._schema.primary_measure
        add_generic(table, element, dimension, measure.id if measure else PRIMARY_MEASURE)

    def _add_series(self, element: etree._Element) -> None:
        block = self._block
        block.begin_series()
        self._add(block.series, element)
        before = block.observations.height
        if self._generic:
            for observation in element.iterchildren("{*}Obs"):
                self._add(block.observations, observation)
                block.lines.append(observation.sourceline or 0)
        else:
            _add_all(block.observations, block.lines, element, self._measure_dimension)
            check_children(element, IN_SERIES, read=block.observations.height - before)
        if block.observations.height == before:
            # A series without observations carries attributes, or names what is to be deleted.
            block.observations.append((), ())
            block.lines.append(element.sourceline or 0)
        block.counts.append(block.observations.height - before)

    def _add_observation(self, element: etree._Element) -> None:
        self._add(self._block.observations, element)
        self._block.lines.append(element.sourceline or 0)
        if self._block.counts:
            self._block.series.append((), ())
            self._block.counts.append(1)

    def _key(self) -> Key:
        if self._use is None:
            raise MalformedMessage("the message has observations outside of a DataSet. Put them into one.")
        return self._use.structure, self._action

    def _flushed(self) -> pl.DataFrame:
        frame, self._block = self._block.frame(), _Block()
        if self._action is not Action.DELETE:
            frame = self._groups.given_to(frame)
        return self._batch(frame)

    def _finished(self) -> Iterator[tuple[Key, pl.DataFrame]]:
        """What is left at the end of a dataset: the last observations, then the groups that none of them belongs to."""
        if self._block.observations.height:
            yield self._key(), self._flushed()
        groups = self._groups.left_over()
        if groups.height:
            yield self._key(), self._batch(groups)

    def _batch(self, frame: pl.DataFrame) -> pl.DataFrame:
        # "type" says which group or measure an element is about; it is a component only where the structure has it.
        frame = frame.drop([name for name in ("type",) if name in frame.columns and name not in self._schema])
        dimensions = {dimension.id for dimension in self._schema.all_dimensions}
        values = [name for name in frame.columns if name not in dimensions and name != SOURCE_ROW]
        if self._action is not Action.DELETE and self._has_open_dimension(frame, dimensions):
            frame = frame.filter(pl.any_horizontal(pl.col(values).is_not_null())) if values else frame.clear()
        return typed(frame, self._schema, self._action, _ORIGIN)

    @staticmethod
    def _has_open_dimension(frame: pl.DataFrame, dimensions: set[str]) -> bool:
        return any(name not in frame.columns or frame[name].has_nulls() for name in dimensions)


def _is_measure_dimension(dimension: SchemaComponent) -> bool:
    return isinstance(dimension.definition, Dimension) and any(is_measure_role(role) for role in dimension.definition.concept_roles)


def _add_all(table: RowTable, lines: list[int], series: etree._Element, measure_dimension: str | None) -> None:
    """The structure-specific observations of a series; the inner loop of reading."""
    for observation in series.iterchildren("{*}Obs"):
        add_specific(table, observation, measure_dimension)
        lines.append(observation.sourceline or 0)


def _forget(element: etree._Element) -> None:
    """Free an element and everything before it."""
    element.clear()
    parent = element.getparent()
    if parent is not None:
        while element.getprevious() is not None:
            del parent[0]


def _forget_read(element: etree._Element) -> None:
    """Free a row of a dataset and everything before it.

    Raises:
        MalformedMessage: When there is something before it that nobody has read.
    """
    before = element.getprevious()
    while before is not None:
        if isinstance(before.tag, str) and local_name(before) not in _IN_DATASETS:
            raise stranger(before, _IN_DATASETS)
        before = before.getprevious()
    _forget(element)


def _events(source: Path, tags: tuple[str, ...]) -> Iterator[tuple[str, etree._Element]]:
    """Parse events of the named elements.

    Raises:
        MalformedMessage: When the document is not well-formed, holds a document type, or is not a data message.
    """
    first = True
    with source.open("rb") as stream:
        # No entities, no network, no document type: a message needs none of them.
        events = etree.iterparse(
            stream, events=("start", "end"), tag=tags, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
        )
        try:
            for event, element in events:
                if first:
                    _check_root(element)
                    first = False
                yield str(event), element
        except etree.XMLSyntaxError as error:
            place = f"line {error.lineno}, column {error.offset}"
            if any(limit in str(error.msg) for limit in _LIMITS):
                raise MalformedMessage(
                    f"{place}: more than 256 elements within each other, or a text of more than 10 MB. No message needs that; leave it out."
                ) from None
            raise MalformedMessage(f"{place}: not well-formed XML: {error.msg}. Send the whole message.") from None
    if first:
        raise MalformedMessage("line 1: the message has neither a header nor a dataset. Send an SDMX-ML data message.")


def _passing(source: Path, names: Collection[str]) -> Iterator[tuple[str, etree._Element]]:
    """Events of some elements while the document passes by; the rows of its datasets are forgotten at once."""
    for event, element in _events(source, (*(f"{{*}}{name}" for name in names), *_ROWS)):
        if local_name(element) in names:
            yield event, element
        elif event == "end":
            _forget(element)


def _check_root(element: etree._Element) -> None:
    tree = element.getroottree()
    if tree.docinfo.internalDTD is not None:
        raise MalformedMessage("the message contains a document type declaration; SDMX messages have none, remove it")
    name = local_name(tree.getroot())
    if not name.endswith("Data"):
        raise MalformedMessage(f"line 1: the message is a {name!r}, not a data message. Import structures with `structures import`.")
