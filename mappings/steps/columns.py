"""Expected columns: schema drift, missing markers, trimming, and text read as numbers and dates."""

from __future__ import annotations

from datetime import date, datetime
from difflib import get_close_matches

import narwhals.stable.v2 as nw

from mappings.errors import MappingFailed
from mappings.expressions.compiling import matches
from mappings.expressions.kinds import Kind
from mappings.findings import Finding, Severity
from mappings.journal import Journal, Rows
from mappings.readers.ports import ROW
from mappings.recipe.model import Column, Source

_NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"


def expected_columns(source: Source, present: list[str]) -> dict[str, Column]:
    """The declaration of every column that is present: named, else by pattern; others are text."""
    declared = {}
    for name in present:
        pattern = next((p for p in source.patterns if matches(name, p.matching) and not matches(name, p.excluding)), None)
        by_pattern = Column(type=pattern.type, personal=pattern.personal) if pattern else Column(optional=True)
        declared[name] = source.columns.get(name, by_pattern)
    return declared


def kinds_of(declared: dict[str, Column]) -> dict[str, Kind]:
    """Kinds of columns once they are typed."""
    return {name: Kind.NUMBER if column.type == "number" else Kind.TEXT for name, column in declared.items()}


def check_drift(source: Source, present: list[str], journal: Journal) -> None:
    """Compare the columns with what the recipe expects.

    Raises:
        MappingFailed: When a column that the recipe needs is missing.
    """
    absent = [name for name, column in source.columns.items() if name not in present and not column.optional]
    if absent:
        raise MappingFailed("; ".join(_absent(name, present) for name in absent))
    if source.other_columns == "ignore":
        return
    known = expected_columns(Source(patterns=source.patterns), present)
    for name in present:
        if name not in source.columns and known[name].optional:
            journal.note(
                Finding(
                    "unexpected-column",
                    Severity.NOTE,
                    f"the source has a column {name!r} that the recipe does not know",
                    "Declare it under source.columns, or set source.other_columns: ignore.",
                    column=name,
                )
            )


def type_columns(rows: Rows, declared: dict[str, Column], decimal: str, journal: Journal) -> Rows:
    """Read the text of each column as its type says; rows with text that cannot be read so are kept out."""
    for name, column in declared.items():
        rows = _clean(rows, name, column)
        if column.type == "number":
            rows = _numbers(rows, name, column, decimal, journal)
        elif column.type == "date":
            rows = _dates(rows, name, column, journal)
    return rows


def _clean(rows: Rows, name: str, column: Column) -> Rows:
    text = nw.col(name).str.strip_chars() if column.trim else nw.col(name)
    if column.missing:
        text = nw.when(~text.is_in(list(column.missing))).then(text).otherwise(None)
    return rows.with_columns(text.alias(name)) if column.trim or column.missing else rows


def _numbers(rows: Rows, name: str, column: Column, decimal: str, journal: Journal) -> Rows:
    text = nw.col(name).str.strip_chars()
    if decimal != ".":
        text = text.str.replace_all(decimal, ".", literal=True)
    readable = text.str.contains(_NUMBER)
    finding = Finding(
        "not-a-number",
        Severity.ERROR,
        f"{name} should be a number",
        "Correct the value, or name it under na_values or missing if it stands for an absent value.",
        column=name,
    )
    rows = journal.reject(rows, ~readable, finding, shown=None if column.personal else name)
    rows = rows.with_columns(nw.when(readable).then(text).otherwise(None).cast(nw.Float64).alias(name))
    return _range(rows, name, column, journal)


def _range(rows: Rows, name: str, column: Column, journal: Journal) -> Rows:
    value = nw.col(name)
    outside = [value < column.min] if column.min is not None else []
    outside += [value > column.max] if column.max is not None else []
    if not outside:
        return rows
    finding = Finding(
        "value-out-of-range",
        Severity.ERROR,
        f"{name} should lie between {_spoken(column.min)} and {_spoken(column.max)}",
        "Correct the value in the source, or the limits in source.columns.",
        column=name,
    )
    return journal.reject(rows, nw.any_horizontal(*outside, ignore_nulls=True), finding, shown=None if column.personal else name)


def _dates(rows: Rows, name: str, column: Column, journal: Journal) -> Rows:
    distinct = rows.select(nw.col(name)).unique().filter(~nw.col(name).is_null()).collect()[name].to_list()
    dates = {text: iso for text in distinct if (iso := iso_date(text, column.format)) is not None}
    finding = Finding(
        "not-a-date",
        Severity.ERROR,
        f"{name} should be a date ({column.format or 'ISO 8601, such as 2023-07-31'})",
        "Correct the value, or set the format of the column; day and month are never guessed.",
        column=name,
    )
    unreadable = ~nw.col(name).is_null() & ~nw.col(name).is_in(list(dates))
    rows = journal.reject(rows, unreadable, finding, shown=None if column.personal else name)
    if not dates:
        return rows
    return rows.with_columns(nw.col(name).replace_strict(list(dates), list(dates.values()), default=None, return_dtype=nw.String))


def iso_date(text: str, date_format: str | None) -> str | None:
    """A date as ``YYYY-MM-DD``, or None when the text is not a date of the format (ISO 8601 by default).

    >>> iso_date("31/07/2023", "%d/%m/%Y")
    '2023-07-31'
    """
    try:
        if date_format is None:
            return date.fromisoformat(text.strip()[:10]).isoformat()
        return datetime.strptime(text.strip(), date_format).date().isoformat()  # noqa: DTZ007 - a date has no time zone
    except ValueError:
        return None


def _absent(name: str, present: list[str]) -> str:
    near = get_close_matches(name, [column for column in present if column != ROW], n=1)
    remedy = f"is it {near[0]!r} now? Rename it in the recipe" if near else "add it to the source, or mark it optional in the recipe"
    return f"the source has no column {name!r}; {remedy}"


def _spoken(limit: float | None) -> str:
    return "any" if limit is None else f"{limit:g}"
