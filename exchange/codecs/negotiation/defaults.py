"""What general media types and ``format=`` names mean, per API and kind of message: decisions written as data.

- SDMX-REST 1.5 answers ``application/xml``, ``*/*`` and no ``Accept`` with SDMX-ML 2.1, for data in its generic form (standard).
- SDMX-REST 2 answers ``*/*`` and no ``Accept`` with the newest SDMX-JSON (standard), ``application/xml`` with the newest
  SDMX-ML and ``text/csv`` with the newest SDMX-CSV. Clients that read only SDMX-ML 2.1 use 1.5 or name the version.
- ``application/vnd.sdmx.data+csv`` without version is SDMX-CSV 1.0 everywhere: the certified Power BI connector sends it
  and reads nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from exchange.codecs.negotiation.media_types import (
    ARROW,
    DATA_CSV_1_0,
    DATA_CSV_2_0,
    DATA_CSV_2_1,
    DATA_JSON_1_0,
    DATA_JSON_2_0,
    DATA_JSON_2_1,
    DATA_ML_2_1,
    DATA_ML_2_1_GENERIC,
    DATA_ML_2_1_GENERIC_TIME_SERIES,
    DATA_ML_2_1_TIME_SERIES,
    DATA_ML_3_0,
    DATA_ML_3_1,
    FORMATS,
    PARQUET,
    STRUCTURE_JSON_1_0,
    STRUCTURE_JSON_2_0,
    STRUCTURE_JSON_2_1,
    STRUCTURE_ML_2_1,
    STRUCTURE_ML_3_0,
    STRUCTURE_ML_3_1,
    Format,
    Syntax,
)
from exchange.codecs.ports import MessageKind


@dataclass(frozen=True, slots=True)
class NegotiationDefaults:
    """Orders of preference of one API for one kind of message; formats that are not listed come last, newest first.

    Attributes:
        anything: For ``*/*``, ``application/*`` and no ``Accept``.
        xml: For ``application/xml``, ``text/xml`` and SDMX-ML types without version.
        json: For ``application/json`` and SDMX-JSON types without version.
        text_csv: For ``text/csv`` and ``format=csv``.
        sdmx_csv: For ``application/vnd.sdmx.data+csv`` without version.
    """

    anything: tuple[Format, ...]
    xml: tuple[Format, ...]
    json: tuple[Format, ...]
    text_csv: tuple[Format, ...] = ()
    sdmx_csv: tuple[Format, ...] = ()

    def of_syntax(self, syntax: Syntax, *, exact: bool = False) -> tuple[Format, ...]:
        """The order within a syntax; ``exact`` when the client named the SDMX type itself, without a version."""
        orders = {
            Syntax.XML: self.xml,
            Syntax.JSON: self.json,
            Syntax.CSV: self.sdmx_csv if exact else self.text_csv,
            Syntax.COLUMNAR: (PARQUET, ARROW),
        }
        return orders[syntax]

    @staticmethod
    def rank(candidate: Format, order: tuple[Format, ...]) -> tuple[int, ...]:
        """Sort key of a format in an order of preference."""
        position = order.index(candidate) if candidate in order else len(order)
        return (position, *(-part for part in candidate.version_parts))


_JSON_STRUCTURES: Final = (STRUCTURE_JSON_2_1, STRUCTURE_JSON_2_0, STRUCTURE_JSON_1_0)
_JSON_DATA: Final = (DATA_JSON_2_1, DATA_JSON_2_0, DATA_JSON_1_0)
_CSV_OLDEST_FIRST: Final = (DATA_CSV_1_0, DATA_CSV_2_0, DATA_CSV_2_1)
_CSV_NEWEST_FIRST: Final = (DATA_CSV_2_1, DATA_CSV_2_0, DATA_CSV_1_0)
_XML_STRUCTURES_1: Final = (STRUCTURE_ML_2_1, STRUCTURE_ML_3_1, STRUCTURE_ML_3_0)
_XML_STRUCTURES_2: Final = (STRUCTURE_ML_3_1, STRUCTURE_ML_3_0, STRUCTURE_ML_2_1)
_XML_DATA_1: Final = (DATA_ML_2_1_GENERIC, DATA_ML_2_1, DATA_ML_3_1, DATA_ML_3_0)
_XML_DATA_2: Final = (DATA_ML_3_1, DATA_ML_3_0, DATA_ML_2_1, DATA_ML_2_1_GENERIC)

V1_STRUCTURES: Final = NegotiationDefaults(
    anything=_XML_STRUCTURES_1,
    xml=_XML_STRUCTURES_1,
    json=(STRUCTURE_JSON_1_0, STRUCTURE_JSON_2_1, STRUCTURE_JSON_2_0),
)
V1_DATA: Final = NegotiationDefaults(
    anything=_XML_DATA_1,
    xml=_XML_DATA_1,
    json=(DATA_JSON_1_0, DATA_JSON_2_1, DATA_JSON_2_0),
    text_csv=(DATA_CSV_1_0, DATA_CSV_2_1, DATA_CSV_2_0),
    sdmx_csv=_CSV_OLDEST_FIRST,
)
V2_STRUCTURES: Final = NegotiationDefaults(anything=_JSON_STRUCTURES, xml=_XML_STRUCTURES_2, json=_JSON_STRUCTURES)
V2_DATA: Final = NegotiationDefaults(
    anything=_JSON_DATA,
    xml=_XML_DATA_2,
    json=_JSON_DATA,
    text_csv=_CSV_NEWEST_FIRST,
    sdmx_csv=_CSV_OLDEST_FIRST,
)


@dataclass(frozen=True, slots=True)
class NamedFormats:
    """What a value of ``format=`` stands for: tiers of formats, the first with an offered one decides, and CSV parameters."""

    tiers: tuple[tuple[Format, ...], ...]
    parameters: Mapping[str, str] = field(default_factory=dict)


def _of(*syntaxes: Syntax, kind: MessageKind | None = None) -> NamedFormats:
    return NamedFormats((tuple(known for known in FORMATS if known.syntax in syntaxes and kind in {None, known.kind}),))


_CSV: Final = _of(Syntax.CSV)
_STRUCTURE_SPECIFIC: Final = (DATA_ML_2_1, DATA_ML_3_0, DATA_ML_3_1)

#: Values of ``format=`` in lower case: those of ``extend.md``, those in use at other services, and the aliases of the formats.
FORMAT_NAMES: Final[dict[str, NamedFormats]] = {
    "csv": _CSV,
    "csvdata": _CSV,
    "csvfile": _CSV,
    "sdmx-csv": _CSV,
    "csvfilewithlabels": NamedFormats(_CSV.tiers, {"labels": "both"}),
    "json": _of(Syntax.JSON),
    "sdmx-json": _of(Syntax.JSON),
    "jsondata": _of(Syntax.JSON, kind=MessageKind.DATA),
    "jsonstructure": _of(Syntax.JSON, kind=MessageKind.STRUCTURE),
    "xml": _of(Syntax.XML),
    "sdmx": _of(Syntax.XML),
    "sdmx-ml": _of(Syntax.XML),
    "structure": _of(Syntax.XML, kind=MessageKind.STRUCTURE),
    "sdmx-2.1": NamedFormats(((STRUCTURE_ML_2_1, DATA_ML_2_1_GENERIC, DATA_ML_2_1),)),
    "sdmx-3.0": NamedFormats(((STRUCTURE_ML_3_0, DATA_ML_3_0),)),
    "sdmx-3.1": NamedFormats(((STRUCTURE_ML_3_1, DATA_ML_3_1),)),
    "genericdata": NamedFormats(((DATA_ML_2_1_GENERIC,),)),
    "structurespecificdata": NamedFormats((_STRUCTURE_SPECIFIC,)),
    "generictimeseriesdata": NamedFormats(((DATA_ML_2_1_GENERIC_TIME_SERIES,), (DATA_ML_2_1_GENERIC,))),
    "structurespecifictimeseriesdata": NamedFormats(((DATA_ML_2_1_TIME_SERIES,), _STRUCTURE_SPECIFIC)),
    **{known.alias: NamedFormats((tuple(other for other in FORMATS if other.alias == known.alias),)) for known in FORMATS},
}
