"""The ports of the codecs and the values that cross them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

import polars as pl

from exchange.codecs.losses import Losses
from exchange.observations.ports import Action
from exchange.query.values.data_query import Context
from registry.data_schema import DataSchema
from registry.findings import Finding, Severity
from registry.model.messages import Header, StructureMessage
from registry.references.resolve import ReferenceIndex


class MessageKind(StrEnum):
    """What a message holds."""

    STRUCTURE = "structure"
    DATA = "data"


@dataclass(frozen=True, slots=True)
class StructureOptions:
    """How structures are to be written.

    Attributes:
        languages: In order of preference; empty means all.
        index: What there is, to find what references with wildcards mean; formats without them look into the message otherwise.
        base_url: What stands before ``/{resource}/{agency}/{id}/{version}`` in links to artefacts; None means no such links.
    """

    languages: tuple[str, ...] = ()
    index: ReferenceIndex | None = None
    base_url: str | None = None


@dataclass(frozen=True, slots=True)
class ReadStructures:
    """A structure message as read, with what the reader noticed; artefacts that could not be read are only in the findings."""

    message: StructureMessage
    findings: tuple[Finding, ...] = ()


class WrittenStructures(NamedTuple):
    """A structure message as it was written, and what the format could not carry: named in the message too, as far as it has a place.

    Attributes:
        content: The message.
        losses: One finding per artefact and loss; ``count`` says how often. Errors are about whole artefacts that were left out.
    """

    content: bytes
    losses: tuple[Finding, ...] = ()

    @property
    def left_out(self) -> tuple[Finding, ...]:
        """The losses of whole artefacts."""
        return tuple(loss for loss in self.losses if loss.severity is Severity.ERROR)


class StructureCodec(Protocol):
    """Reads and writes structure messages of one format and version."""

    def decode(self, content: bytes) -> ReadStructures:
        """Read a message.

        Raises:
            MalformedMessage: When the bytes are not such a message at all; names line and column.
        """
        ...

    def write(self, message: StructureMessage, options: StructureOptions) -> WrittenStructures:
        """Write a message that is valid against the official schema, and say what the version could not express."""
        ...


@dataclass(frozen=True)
class DataSet:
    """One dataset to be written: observation batches (see ``exchange.observations.ports``) of one schema.

    Attributes:
        schema: Its ``dataflow``/``provision_agreement`` say which structure reference the dataset carries (see ``context``).
        batches: Observation batches; for series layouts the rows of one series stand together.
        columns: Component ids to write, in schema order (dimensions, measures, attributes); a subset of the schema.
        dimension_at_observation: A dimension id or ``AllDimensions``.
        valid_from, valid_to: Transaction time limits of the dataset (includeHistory, asOf).
    """

    schema: DataSchema
    batches: Iterator[pl.DataFrame]
    columns: tuple[str, ...]
    dimension_at_observation: str
    action: Action = Action.REPLACE
    context: Context = Context.DATAFLOW
    valid_from: datetime | None = None
    valid_to: datetime | None = None


@dataclass(frozen=True)
class DataMessage:
    """Datasets under one header. Datasets and their batches are consumed once, in order.

    Attributes:
        losses: What the format could not carry; known when the message is written.
    """

    datasets: Sequence[DataSet]
    header: Header = field(default_factory=Header)
    losses: Losses = field(default_factory=Losses)


@dataclass(frozen=True, slots=True)
class DataOptions:
    """Options of data formats (SDMX-CSV media type parameters, languages in order of preference)."""

    labels: Literal["id", "name", "both"] = "id"
    time_format: Literal["original", "normalized"] = "original"
    keys: Literal["none", "obs", "series", "both"] = "none"
    languages: tuple[str, ...] = ()


class DataEncoder(Protocol):
    """Writes data messages of one format and version, streamed."""

    def encode(self, message: DataMessage, options: DataOptions) -> Iterator[bytes]:
        """Yield the message in chunks; memory is bounded by one batch (SDMX-JSON: plus the distinct values)."""
        ...

    @property
    def has_lists(self) -> bool:
        """False when a cell holds one text, so that several values and languages cannot be written."""
        ...


#: A structure as a data message names it: kind of artefact and ``AGENCY:ID(VERSION)``.
StructureName = tuple[Context, str]


@dataclass(frozen=True)
class ReadDataSet:
    """A dataset as read.

    Attributes:
        structure: As the message names it: kind of artefact and ``AGENCY:ID(VERSION)``.
        batches: Batches whose columns are those of the schema that was given to the reader.
    """

    structure: tuple[Context, str]
    action: Action
    batches: Iterator[pl.DataFrame]


class DataDecoder(Protocol):
    """Reads data messages of one format; the schema says which component is what."""

    def decode(self, source: Path, schema: DataSchema) -> Iterator[ReadDataSet]:
        """Read datasets in order, in bounded memory.

        Raises:
            MalformedMessage: Names line (or row), column and remedy.
        """
        ...

    def structures(self, source: Path) -> list[StructureName]:
        """The structures that the datasets of a message name, each once, in order."""
        ...

    def left_out(self, source: Path, schema: DataSchema) -> Sequence[Finding]:
        """What :meth:`decode` will leave out because the structure has no place for it, as far as the format allows such things."""
        ...
