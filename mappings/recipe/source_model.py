"""The part of a recipe that describes the source: how it is read, its shape and its columns."""

from __future__ import annotations

from inspect import cleandoc
from typing import Annotated, Any, Literal

import msgspec
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from mappings.readers.ports import ReaderOptions


def _reader_options(value: object) -> ReaderOptions:
    if isinstance(value, ReaderOptions):
        return value
    try:
        return msgspec.convert(value, ReaderOptions, strict=False)
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from None


def _reader_schema() -> dict[str, Any]:
    schema = msgspec.json.schema(ReaderOptions)
    document: dict[str, Any] = schema["$defs"]["ReaderOptions"]
    # Python 3.13 takes the indentation out of docstrings, older versions do not.
    return {**document, "description": cleandoc(document["description"])}


Reader = Annotated[ReaderOptions, BeforeValidator(_reader_options), WithJsonSchema(_reader_schema())]


def listed(value: object) -> object:
    """A single text stands for a list of one."""
    return (value,) if isinstance(value, str) else value


#: One text or several.
TextList = Annotated[tuple[str, ...], BeforeValidator(listed)]


class Section(BaseModel):
    """Base of all parts of a recipe: immutable, unknown keys refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class Column(Section):
    """An expected column of the source.

    ``type`` says how its text is read. ``trim`` removes blanks around values before anything else looks at them. Values outside
    ``min``/``max`` are findings and keep the row out. ``personal`` marks a column whose values must not appear in findings and are not
    published.
    Dates are read by the first of the formats that fits; numbers lose the signs of ``strip`` (``%``, a currency) and the separator
    of ``thousands`` before they are read.
    """

    type: Literal["text", "number", "date"] = "text"
    format: TextList = Field(
        default=(),
        description="Date formats with strftime letters, e.g. %d/%m/%Y, in the order in which they are tried; ISO 8601 when absent",
    )
    decimal: str | None = Field(default=None, description="Decimal sign of the numbers of this column; that of the reader when absent")
    thousands: str | None = Field(default=None, description="Sign between groups of three digits, e.g. a comma or a blank")
    strip: TextList = Field(default=(), description="Texts around a number that do not belong to it, e.g. %")
    trim: bool = False
    optional: bool = False
    personal: bool = False
    missing: TextList = Field(default=(), description="Further texts that stand for an absent value in this column")
    min: float | None = None
    max: float | None = None


class ColumnPattern(Section):
    """Columns declared by a pattern (``*`` any characters, ``|`` between patterns, any case), e.g. one column per litter item."""

    matching: str
    excluding: str = ""
    type: Literal["text", "number", "date"] = "text"
    personal: bool = False


class Unpivot(Section):
    """Columns turned into rows: a cumulative table with one column per province becomes one row per day and province.

    Each row becomes one row per chosen column; ``name`` holds the name of the column, ``value`` its cell. All other columns are
    repeated. Empty cells make no row unless ``keep_empty`` says so.
    """

    columns: tuple[str, ...] = ()
    matching: str = ""
    excluding: str = ""
    name: str
    value: str
    keep_empty: bool = False


class Lookup(Section):
    """Columns of another table (CSV or spreadsheet beside the recipe), joined by equal keys.

    ``on`` maps columns of the source to columns of the lookup table, ``take`` new columns to columns of the lookup table. Keys are
    compared without the blanks around them. ``unmatched`` says what happens to rows that find nothing.
    """

    file: str
    reader: Reader = Field(default_factory=ReaderOptions)
    on: dict[str, str] = Field(min_length=1)
    take: dict[str, str] = Field(min_length=1)
    ignore_case: bool = False
    unmatched: Literal["reject", "report", "ignore"] = "reject"


class Source(Section):
    """What the source looks like. ``other_columns`` says whether columns not declared are reported as drift.

    ``unpivot`` and ``lookups`` come first; ``columns`` describes the table that they leave.
    """

    reader: Reader = Field(default_factory=ReaderOptions)
    unpivot: Unpivot | None = None
    lookups: tuple[Lookup, ...] = ()
    columns: dict[str, Column] = {}
    patterns: tuple[ColumnPattern, ...] = ()
    other_columns: Literal["ignore", "report"] = "report"
