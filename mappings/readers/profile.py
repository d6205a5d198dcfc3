"""What a source table looks like: per column its fill, its distinct values and what it seems to hold.

A profile helps a person to write a recipe and is shown to others; values of columns that look personal never enter it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from mappings.readers.cells import WORDS_FOR_ABSENT
from mappings.readers.ports import SourceTable

_TOP = 20
#: A text column with more distinct long values than this share of its rows is free text.
_FREE_TEXT_SHARE, _FREE_TEXT_LENGTH = 0.5, 25


class ColumnType(StrEnum):
    """What all values of a column look like."""

    EMPTY = "empty"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    COORDINATE = "coordinate"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """A column of a source.

    Attributes:
        name: Its name.
        rows: Rows of the table.
        empty: Rows where it is absent.
        distinct: Number of distinct values.
        type: What its values look like, words such as ``NA`` aside.
        pattern: Format of the dates, such as ``%d/%m/%Y``; None for other types. Ambiguous ones are listed with ``|``.
        personal_candidate: Why it may be personal data (``name``, ``contact``, ``free text``, ``coordinate`` ...), or None.
        top: The most frequent values with their counts; empty for columns that may be personal.
    """

    name: str
    rows: int
    empty: int
    distinct: int
    type: ColumnType
    pattern: str | None = None
    personal_candidate: str | None = None
    top: tuple[tuple[str, int], ...] = ()


_PATTERNS = (
    (ColumnType.BOOLEAN, r"(?i)^(?:true|false|yes|no|y|n|t|f)$"),
    (ColumnType.INTEGER, r"^[+-]?\d+$"),
    (ColumnType.NUMBER, r"^[+-]?(?:\d+(?:[.,]\d+)?|[.,]\d+)(?:[eE][+-]?\d+)?$"),
    (ColumnType.NUMBER, r"^[+-]?\d{1,3}(?:[ ,.'\x{a0}\x{202f}]\d{3})+(?:[.,]\d+)?$"),
    (ColumnType.COORDINATE, r"^-?\d{1,2}\.\d+[ ,;]+-?\d{1,3}\.\d+(?:[ ,;]+-?\d+(?:\.\d+)?){0,2}$"),
)
_DATES = (
    ("%Y-%m-%dT%H:%M:%S", r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?$"),
    ("%Y-%m-%d", r"^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$"),
    ("%Y-%m", r"^\d{4}-(?:0[1-9]|1[0-2])$"),
    ("%d/%m/%Y", r"^(?:0?[1-9]|[12]\d|3[01])/(?:0?[1-9]|1[0-2])/(?:\d{4}|\d\d)(?: .*)?$"),
    ("%m/%d/%Y", r"^(?:0?[1-9]|1[0-2])/(?:0?[1-9]|[12]\d|3[01])/(?:\d{4}|\d\d)(?: .*)?$"),
    ("%d-%m-%Y", r"^(?:0?[1-9]|[12]\d|3[01])-(?:0?[1-9]|1[0-2])-\d{4}$"),
    ("%d.%m.%Y", r"^(?:0?[1-9]|[12]\d|3[01])\.(?:0?[1-9]|1[0-2])\.(?:\d{4}|\d\d)$"),
)
_PERSONAL_NAMES = {
    "contact": re.compile(
        r"e[-_ ]?mail|phone|telefon|mobile|cell_?no|whatsapp|address|user_?name|(^|[^a-z])ip([^a-z]|$)|deviceid|imei|subscriber",
        re.IGNORECASE,
    ),
    "name": re.compile(
        r"(^|[^a-z])(first|last|sur|full|given|family|respondent|submitter|owner|head)[-_ ]?name|^names?$|surname|interviewer|enumerator",
        re.IGNORECASE,
    ),
    "identity number": re.compile(
        r"passport|national[-_ ]?id|id[-_ ]?(card|number)|(date|day)[-_ ]?of[-_ ]?birth|birth[-_ ]?(date|day)|(^|[^a-z])dob([^a-z]|$)",
        re.IGNORECASE,
    ),
    "coordinate": re.compile(
        r"(^|[^a-z])(lat|lon|lng|latitude|longitude|gps|geopoint|coordinates?|easting|northing)([^a-z]|$)", re.IGNORECASE
    ),
}
_EMAIL, _PHONE = r"(?i)[\w.+-]+@[\w-]+\.[a-z]{2,}", r"^\+?\d[\d ()/-]{7,16}\d$"
_PRECISE = r"^-?\d{1,3}\.\d{4,}$"


def profile(table: SourceTable) -> tuple[ColumnProfile, ...]:
    """Profile every column of a source."""
    return tuple(_column(table.frame.get_column(name)) for name in table.columns)


def _column(values: pl.Series) -> ColumnProfile:
    counts = values.drop_nulls().value_counts(sort=True, name="count")
    distinct = counts.get_column(values.name).rename("value")
    kind, pattern = _type(distinct.filter(~distinct.is_in(WORDS_FOR_ABSENT)))
    personal = _personal(values.name, distinct, kind, values.len() - values.null_count())
    top = () if personal else tuple(counts.sort(["count", values.name], descending=[True, False]).head(_TOP).rows())
    return ColumnProfile(values.name, values.len(), values.null_count(), distinct.len(), kind, pattern, personal, top)


def _type(distinct: pl.Series) -> tuple[ColumnType, str | None]:
    if distinct.is_empty():
        return ColumnType.EMPTY, None
    stripped = distinct.str.strip_chars()
    for kind, pattern in _PATTERNS:
        if _all(stripped, pattern):
            return kind, None
    formats = [name for name, pattern in _DATES if _all(stripped, pattern)]
    return (ColumnType.DATE, "|".join(formats)) if formats else (ColumnType.TEXT, None)


def personal_by_name(column: str) -> str | None:
    """Why a column may hold personal data by its name alone (``name``, ``contact`` …), or None.

    >>> personal_by_name("respondent_name")
    'name'
    """
    return next((reason for reason, pattern in _PERSONAL_NAMES.items() if pattern.search(column)), None)


def _personal(name: str, distinct: pl.Series, kind: ColumnType, filled: int) -> str | None:
    """Why a column may hold personal data: its name, or what its values look like."""
    if reason := personal_by_name(name):
        return reason
    if kind is ColumnType.COORDINATE or (kind is ColumnType.NUMBER and _is_position(distinct, filled)):
        return "coordinate"
    if _share(distinct, _EMAIL) > 0.02 or _phones(distinct):
        return "contact"
    if kind is ColumnType.TEXT and filled > _TOP:
        length = distinct.str.len_chars().mean()
        if isinstance(length, float) and distinct.len() > _FREE_TEXT_SHARE * filled:
            return "free text" if length > _FREE_TEXT_LENGTH else "identifying text"
    return None


def _is_position(distinct: pl.Series, filled: int) -> bool:
    """Numbers within ±180 with at least four decimals and hardly a repetition."""
    numbers = distinct.cast(pl.Float64, strict=False).abs()
    return bool(_share(distinct, _PRECISE) > 0.8 and numbers.max() is not None and (numbers <= 180).all() and distinct.len() > 0.5 * filled)


def _phones(distinct: pl.Series) -> bool:
    """Digits with the signs of telephone numbers; bare digits are left to the name of the column."""
    return (
        _share(distinct, _PHONE) > 0.5
        and _share(distinct, r"^\+|[()/-]") > 0.3
        and not any(_all(distinct, pattern) for _, pattern in _DATES)
    )


def _share(values: pl.Series, pattern: str) -> float:
    return float(values.str.contains(pattern).mean() or 0.0)  # type: ignore[arg-type]


def _all(values: pl.Series, pattern: str) -> bool:
    return bool(values.str.contains(pattern).all())
