"""The formats of the standard and their media types, as data (SDMX-REST 2.2.2 ``content_negotiation.md``, SDMX-REST 1.5.0).

Adding a format is one ``Format`` value here, and its codec where the exchange is composed.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from exchange.codecs.ports import MessageKind


class Syntax(StrEnum):
    """What a format is written in: decides which general media types (``application/xml``, ``text/csv``) ask for it."""

    XML = "xml"
    JSON = "json"
    CSV = "csv"
    COLUMNAR = "columnar"


@dataclass(frozen=True, slots=True)
class Format:
    """One way of writing one kind of message.

    Attributes:
        alias: Name on the command line and in ``format=``; the same alias names the structure and the data format of a version.
        kind: What the messages hold.
        syntax: What they are written in.
        base: Media type without parameters, lower case.
        version: Version as the standard spells it in the media type (``2.1`` for SDMX-ML 2.1, three parts elsewhere), or None.
        extension: File extension with its dot.
        parameters: CSV media type parameters the version knows, with the values it knows, first the default.
    """

    alias: str
    kind: MessageKind
    syntax: Syntax
    base: str
    version: str | None
    extension: str
    parameters: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def media_type(self) -> str:
        """The media type as it is emitted: version included, never a character set."""
        return self.base if self.version is None else f"{self.base};version={self.version}"

    @property
    def version_parts(self) -> tuple[int, int, int]:
        """The version as three numbers; zeros when the format has none."""
        if self.version is None:
            return (0, 0, 0)
        major, minor, patch = ([int(part) for part in self.version.split(".")] + [0, 0])[:3]
        return (major, minor, patch)

    def __str__(self) -> str:
        return self.media_type


_SDMX: Final = "application/vnd.sdmx."
_CSV_1: Final = (("labels", ("id", "both")), ("timeFormat", ("original", "normalized")))
_CSV_2: Final = (
    ("labels", ("id", "name", "both")),
    ("timeFormat", ("original", "normalized")),
    ("keys", ("none", "obs", "series", "both")),
)


def _xml(alias: str, message: str, version: str, kind: MessageKind = MessageKind.DATA) -> Format:
    return Format(alias, kind, Syntax.XML, f"{_SDMX}{message}+xml", version, ".xml")


def _json(alias: str, message: str, version: str, kind: MessageKind = MessageKind.DATA) -> Format:
    return Format(alias, kind, Syntax.JSON, f"{_SDMX}{message}+json", version, ".json")


def _csv(alias: str, version: str, parameters: tuple[tuple[str, tuple[str, ...]], ...]) -> Format:
    return Format(alias, MessageKind.DATA, Syntax.CSV, f"{_SDMX}data+csv", version, ".csv", parameters)


STRUCTURE_ML_2_1: Final = _xml("sdmx-ml-2.1", "structure", "2.1", MessageKind.STRUCTURE)
STRUCTURE_ML_3_0: Final = _xml("sdmx-ml-3.0", "structure", "3.0.0", MessageKind.STRUCTURE)
STRUCTURE_ML_3_1: Final = _xml("sdmx-ml-3.1", "structure", "3.1.0", MessageKind.STRUCTURE)
STRUCTURE_JSON_1_0: Final = _json("sdmx-json-1.0", "structure", "1.0.0", MessageKind.STRUCTURE)
STRUCTURE_JSON_2_0: Final = _json("sdmx-json-2.0", "structure", "2.0.0", MessageKind.STRUCTURE)
STRUCTURE_JSON_2_1: Final = _json("sdmx-json-2.1", "structure", "2.1.0", MessageKind.STRUCTURE)

DATA_ML_2_1: Final = _xml("sdmx-ml-2.1", "structurespecificdata", "2.1")
DATA_ML_2_1_GENERIC: Final = _xml("sdmx-ml-2.1-generic", "genericdata", "2.1")
DATA_ML_2_1_TIME_SERIES: Final = _xml("sdmx-ml-2.1-time-series", "structurespecifictimeseriesdata", "2.1")
DATA_ML_2_1_GENERIC_TIME_SERIES: Final = _xml("sdmx-ml-2.1-generic-time-series", "generictimeseriesdata", "2.1")
DATA_ML_3_0: Final = _xml("sdmx-ml-3.0", "data", "3.0.0")
DATA_ML_3_1: Final = _xml("sdmx-ml-3.1", "data", "3.1.0")
DATA_JSON_1_0: Final = _json("sdmx-json-1.0", "data", "1.0.0")
DATA_JSON_2_0: Final = _json("sdmx-json-2.0", "data", "2.0.0")
DATA_JSON_2_1: Final = _json("sdmx-json-2.1", "data", "2.1.0")
DATA_CSV_1_0: Final = _csv("sdmx-csv-1.0", "1.0.0", _CSV_1)
DATA_CSV_2_0: Final = _csv("sdmx-csv-2.0", "2.0.0", _CSV_2)
DATA_CSV_2_1: Final = _csv("sdmx-csv-2.1", "2.1.0", _CSV_2)
PARQUET: Final = Format("parquet", MessageKind.DATA, Syntax.COLUMNAR, "application/vnd.apache.parquet", None, ".parquet")
ARROW: Final = Format("arrow", MessageKind.DATA, Syntax.COLUMNAR, "application/vnd.apache.arrow.stream", None, ".arrows")

#: Every format the exchange has a name for; which of them are offered is decided where the exchange is composed.
FORMATS: Final[tuple[Format, ...]] = (
    STRUCTURE_JSON_2_1,
    STRUCTURE_JSON_2_0,
    STRUCTURE_JSON_1_0,
    STRUCTURE_ML_3_1,
    STRUCTURE_ML_3_0,
    STRUCTURE_ML_2_1,
    DATA_JSON_2_1,
    DATA_JSON_2_0,
    DATA_JSON_1_0,
    DATA_ML_3_1,
    DATA_ML_3_0,
    DATA_ML_2_1,
    DATA_ML_2_1_GENERIC,
    DATA_ML_2_1_TIME_SERIES,
    DATA_ML_2_1_GENERIC_TIME_SERIES,
    DATA_CSV_2_1,
    DATA_CSV_2_0,
    DATA_CSV_1_0,
    PARQUET,
    ARROW,
)

#: Other names under which clients ask for a format's media type.
SYNONYMS: Final[dict[str, str]] = {
    "application/parquet": PARQUET.base,
    "application/x-parquet": PARQUET.base,
    "application/x-apache-arrow-stream": ARROW.base,
}


def format_by_alias(alias: str, kind: MessageKind) -> Format | None:
    """The format of a kind that an alias names (any case), or None.

    >>> format_by_alias("sdmx-csv-1.0", MessageKind.DATA).media_type
    'application/vnd.sdmx.data+csv;version=1.0.0'
    """
    wanted = alias.casefold()
    return next((candidate for candidate in FORMATS if candidate.kind is kind and candidate.alias == wanted), None)
