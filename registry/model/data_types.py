"""The data types of SDMX: what their values are, how they are written, how they compare, and how each format shows them.

This is the one place that says so (SDMX 3.1 Section 2, data types; ``common:DataType`` in SDMXCommon.xsd; SDMX-JSON field guide, types).

    ============  ==============================================  ==================================  ======================
    value space   data types                                      kept as                             compared
    ============  ==============================================  ==================================  ======================
    binary        Double, Float                                   64-bit floating point, NaN = missing  as numbers
    decimal       Decimal, Incremental, value ranges              digits as reported, 38 at most      as numbers, exactly
    whole         Integer, Long, Short, BigInteger, Count         digits, 38 at most                  as numbers, exactly
    truth         Boolean                                         ``true``, ``false``                 as text
    period        time periods, from GregorianYear to TimeRange   text as reported                    as text
    text          the rest, Numeric (digits) among them           text as reported                    as text
    ============  ==============================================  ==================================  ======================

Dimensions are kept as text whatever their type, because they are joined into keys. A value that is *missing on purpose* is
:data:`MISSING`, in the binary space ``NaN``; a value that is *not reported* is absent.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from registry.model.time_periods import PeriodKind

#: "Missing on purpose", for every type but the binary ones, whose values are called :data:`NOT_A_NUMBER` then.
MISSING: Final = "#N/A"
NOT_A_NUMBER: Final = "NaN"
#: How a dimension is written that a row is not about (SDMX 3.x).
SWITCHED_OFF: Final = "~"
#: So many digits has a number at most.
MOST_DIGITS: Final = 38


class ValueSpace(Enum):
    """What the values of a data type are."""

    BINARY = "binary"
    DECIMAL = "decimal"
    WHOLE = "whole"
    TRUTH = "truth"
    PERIOD = "period"
    TEXT = "text"


class JsonForm(Enum):
    """How SDMX-JSON writes a value: bare, or as a string. ``NaN`` stands for a missing number, ``#N/A`` for the rest."""

    NUMBER = "number"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    STRING = "string"


@dataclass(frozen=True, slots=True)
class DataType:
    """A data type.

    Attributes:
        pattern: What a text must match as a whole; None when the value space says it, or when any text will do.
        least, greatest: Bounds of the whole numbers of the type.
        periods: The kinds of periods it admits; every other type admits none.
    """

    id: str
    space: ValueSpace = ValueSpace.TEXT
    pattern: str | None = None
    least: int | None = None
    greatest: int | None = None
    json: JsonForm = JsonForm.STRING
    periods: frozenset[PeriodKind] = frozenset()
    frequencies: frozenset[str] | None = None

    @property
    def is_number(self) -> bool:
        """True when values are numbers."""
        return self.space in {ValueSpace.BINARY, ValueSpace.DECIMAL, ValueSpace.WHOLE}

    @property
    def is_exact(self) -> bool:
        """True when values are numbers that are kept digit by digit."""
        return self.space in {ValueSpace.DECIMAL, ValueSpace.WHOLE}

    @property
    def fits_64_bits(self) -> bool:
        """True when values are whole numbers that all fit into 64 bits."""
        return self.space is ValueSpace.WHOLE and self.greatest is not None

    @property
    def missing(self) -> str:
        """How "missing on purpose" is written in CSV and XML."""
        return NOT_A_NUMBER if self.space is ValueSpace.BINARY else MISSING

    @property
    def missing_in_json(self) -> str:
        """How "missing on purpose" is written in JSON."""
        return NOT_A_NUMBER if self.json is JsonForm.NUMBER else MISSING


_ZONE = r"(Z|[+-](0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)?"
_MONTH = "(0[1-9]|1[0-2])"
_SECONDS = r"[0-9]+(\.[0-9]+)?S"
#: The two parts of a duration, neither of them empty.
_DAYS = "[0-9]+Y([0-9]+M)?([0-9]+D)?|[0-9]+M([0-9]+D)?|[0-9]+D"
_CLOCK = f"T([0-9]+H([0-9]+M)?({_SECONDS})?|[0-9]+M({_SECONDS})?|{_SECONDS})"
_GREGORIAN = frozenset({PeriodKind.GREGORIAN_YEAR, PeriodKind.GREGORIAN_YEAR_MONTH, PeriodKind.GREGORIAN_DAY})
_BASIC = _GREGORIAN | {PeriodKind.DATE_TIME}
_STANDARD = _BASIC | {PeriodKind.REPORTING}


def _periods(name: str, *kinds: PeriodKind, frequency: str | None = None) -> DataType:
    frequencies = frozenset({frequency}) if frequency else None
    return DataType(name, ValueSpace.PERIOD, periods=frozenset(kinds), frequencies=frequencies)


def _whole(name: str, least: int | None = None, greatest: int | None = None, json: JsonForm = JsonForm.STRING) -> DataType:
    return DataType(name, ValueSpace.WHOLE, None, least, greatest, json)


_ALL: Final = (
    DataType("String"),
    DataType("Alpha", pattern=r"[A-Za-z]*"),
    DataType("AlphaNumeric", pattern=r"[A-Za-z0-9]*"),
    DataType("Numeric", pattern=r"[0-9]*", json=JsonForm.NUMBER),
    _whole("BigInteger"),
    _whole("Integer", -(2**31), 2**31 - 1, JsonForm.INTEGER),
    _whole("Long", -(2**63), 2**63 - 1, JsonForm.NUMBER),
    _whole("Short", -(2**15), 2**15 - 1, JsonForm.NUMBER),
    # A count of xs:int is too small for many a population; nobody counts to more than 64 bits hold.
    _whole("Count", -(2**63), 2**63 - 1, JsonForm.INTEGER),
    DataType("Decimal", ValueSpace.DECIMAL),
    DataType("Incremental", ValueSpace.DECIMAL),
    DataType("InclusiveValueRange", ValueSpace.DECIMAL),
    DataType("ExclusiveValueRange", ValueSpace.DECIMAL),
    DataType("Float", ValueSpace.BINARY, json=JsonForm.NUMBER),
    DataType("Double", ValueSpace.BINARY, json=JsonForm.NUMBER),
    DataType("Boolean", ValueSpace.TRUTH, json=JsonForm.BOOLEAN),
    DataType("URI", pattern=r"\S*"),
    _periods("ObservationalTimePeriod", *PeriodKind),
    _periods("StandardTimePeriod", *_STANDARD),
    _periods("BasicTimePeriod", *_BASIC),
    _periods("GregorianTimePeriod", *_GREGORIAN),
    _periods("GregorianYear", PeriodKind.GREGORIAN_YEAR),
    _periods("GregorianYearMonth", PeriodKind.GREGORIAN_YEAR_MONTH),
    _periods("GregorianDay", PeriodKind.GREGORIAN_DAY),
    _periods("ReportingTimePeriod", PeriodKind.REPORTING),
    _periods("ReportingYear", PeriodKind.REPORTING, frequency="A"),
    _periods("ReportingSemester", PeriodKind.REPORTING, frequency="S"),
    _periods("ReportingTrimester", PeriodKind.REPORTING, frequency="T"),
    _periods("ReportingQuarter", PeriodKind.REPORTING, frequency="Q"),
    _periods("ReportingMonth", PeriodKind.REPORTING, frequency="M"),
    _periods("ReportingWeek", PeriodKind.REPORTING, frequency="W"),
    _periods("ReportingDay", PeriodKind.REPORTING, frequency="D"),
    # A day for a point in time is how many systems write midnight; its meaning is clear.
    _periods("DateTime", PeriodKind.DATE_TIME, PeriodKind.GREGORIAN_DAY),
    _periods("TimeRange", PeriodKind.TIME_RANGE),
    DataType("Month", pattern=rf"--{_MONTH}{_ZONE}"),
    DataType("MonthDay", pattern=rf"--({_MONTH}-(0[1-9]|[12][0-9])|(0[13-9]|1[0-2])-30|(0[13578]|1[02])-31){_ZONE}"),
    DataType("Day", pattern=rf"---(0[1-9]|[12][0-9]|3[01]){_ZONE}"),
    DataType("Time", pattern=rf"(([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?|24:00:00(\.0+)?){_ZONE}"),
    DataType("Duration", pattern=rf"-?P(({_DAYS})({_CLOCK})?|{_CLOCK})"),
    DataType("GeospatialInformation"),
    DataType("XHTML"),
    DataType("KeyValues"),
    DataType("IdentifiableReference"),
    DataType("DataSetReference"),
    DataType("AttachmentConstraintReference"),
)
#: Every data type by its id.
DATA_TYPES: Final = {data_type.id: data_type for data_type in _ALL}
TEXT_TYPE: Final = DATA_TYPES["String"]
PERIOD_TYPE: Final = DATA_TYPES["ObservationalTimePeriod"]


def data_type(name: str) -> DataType:
    """The data type of that name; what SDMX does not know holds any text."""
    return DATA_TYPES.get(name, TEXT_TYPE)
