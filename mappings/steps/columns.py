"""Expected columns: schema drift, missing markers, trimming, and text read as numbers and dates."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from difflib import get_close_matches

import narwhals.stable.v2 as nw

from mappings.cells import number_column
from mappings.errors import MappingFailed
from mappings.expressions.compiling import matches
from mappings.expressions.kinds import Kind
from mappings.journal import Journal
from mappings.ports import Rows
from mappings.readers.ports import ROW
from mappings.recipe.model import Column, Source
from registry.findings import Finding, Severity


def expected_columns(source: Source, present: list[str]) -> dict[str, Column]:
    """The declaration of every column that is present: named, else by pattern; others are text."""
    declared = {}
    for name in present:
        pattern = next((p for p in source.patterns if matches(name, p.matching) and not matches(name, p.excluding)), None)
        by_pattern = Column(type=pattern.type, personal=pattern.personal) if pattern else Column(optional=True)
        declared[name] = source.columns.get(name, by_pattern)
    return declared


def known_columns(source: Source) -> dict[str, Kind]:
    """Columns that a recipe declares, with their kinds; those made by unpivot and lookups are text unless declared."""
    made = [source.unpivot.name, source.unpivot.value] if source.unpivot else []
    made += [name for rule in source.lookups for name in rule.take]
    kinds = dict.fromkeys(made, Kind.TEXT)
    return kinds | {n: Kind.NUMBER if c.type == "number" else Kind.TEXT for n, c in source.columns.items()}


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
    cleaned = [text.alias(name) for name, column in declared.items() if (text := _clean(name, column)) is not None]
    rows = rows.with_columns(*cleaned) if cleaned else rows
    rows = _numbers(rows, {name: column for name, column in declared.items() if column.type == "number"}, decimal, journal)
    for name, column in declared.items():
        if column.type == "date":
            rows = _dates(rows, name, column, journal)
    return rows


def _clean(name: str, column: Column) -> nw.Expr | None:
    """The text of a column without blanks and without the texts that stand for an absent value; None when nothing is to do."""
    if not (column.trim or column.missing):
        return None
    text = nw.col(name).str.strip_chars() if column.trim else nw.col(name)
    if column.missing:
        text = nw.when(~nw.col(name).str.strip_chars().is_in([m.strip() for m in column.missing])).then(text).otherwise(None)
    # Blanks alone are no answer.
    return nw.when(text != "").then(text).otherwise(None) if column.trim else text


def _numbers(rows: Rows, columns: dict[str, Column], decimal: str, journal: Journal) -> Rows:
    """All number columns in one pass; only those with something to report are looked at again."""
    if not columns:
        return rows
    texts = {name: _number_text(name, column) for name, column in columns.items()}
    readable = {name: texts[name].str.contains(_shape(column, decimal)) for name, column in columns.items()}
    bare = {name: _without_groups(texts[name], column, decimal) for name, column in columns.items()}
    read = [nw.when(readable[name]).then(bare[name]).otherwise(None).cast(nw.Float64).alias(number_column(name)) for name in columns]
    rows = journal.checkpoint(rows.with_columns(*read))
    unread = {name: nw.col(number_column(name)).is_null() & ~nw.col(name).is_null() for name in columns}
    for name in _occurring(rows, unread, journal):
        column = columns[name]
        finding = Finding(
            "not-a-number",
            Severity.ERROR,
            f"{name} should be a number",
            _remedy(column),
            column=name,
        )
        rows = journal.reject(rows, unread[name], finding, shown=name)
    rows = rows.with_columns(*[nw.col(number_column(name)).alias(name) for name in columns]).drop(
        *[number_column(name) for name in columns]
    )
    outside = {name: condition for name, column in columns.items() if (condition := _outside(name, column)) is not None}
    for name in _occurring(rows, outside, journal):
        rows = _range(rows, name, columns[name], outside[name], journal)
    return rows


def _occurring(rows: Rows, conditions: dict[str, nw.Expr], journal: Journal) -> list[str]:
    """Names of the conditions that hold for some row."""
    if not conditions:
        return []
    anywhere = [nw.coalesce(condition, nw.lit(False)).any().alias(name) for name, condition in conditions.items()]
    hits = journal.engine.to_polars(rows.select(*anywhere))
    return [name for name in conditions if hits[name].item()]


def _number_text(name: str, column: Column) -> nw.Expr:
    text = nw.col(name).str.strip_chars()
    for sign in column.strip:
        text = text.str.replace_all(sign, "", literal=True)
    return text.str.strip_chars() if column.strip else text


def _shape(column: Column, decimal: str) -> str:
    """What a number of this column looks like: groups of three digits must be whole, so that 1,5 is never read as 15."""
    sign = re.escape(column.decimal or decimal)
    whole = r"\d+"
    if column.thousands:
        whole = rf"(?:\d{{1,3}}(?:{re.escape(column.thousands)}\d{{3}})+|\d+)"
    return rf"^[+-]?({whole}(?:{sign}\d*)?|{sign}\d+)([eE][+-]?\d+)?$"


def _without_groups(text: nw.Expr, column: Column, decimal: str) -> nw.Expr:
    text = text.str.replace_all(column.thousands, "", literal=True) if column.thousands else text
    sign = column.decimal or decimal
    return text if sign == "." else text.str.replace_all(sign, ".", literal=True)


def _remedy(column: Column) -> str:
    remedy = "Correct the value, or name it under na_values or missing if it stands for an absent value"
    return f"{remedy}; strip, thousands and decimal say which signs are allowed."


def _outside(name: str, column: Column) -> nw.Expr | None:
    limits = [nw.col(name) < column.min] if column.min is not None else []
    limits += [nw.col(name) > column.max] if column.max is not None else []
    return nw.any_horizontal(*limits, ignore_nulls=True) if limits else None


def _range(rows: Rows, name: str, column: Column, outside: nw.Expr, journal: Journal) -> Rows:
    finding = Finding(
        "value-out-of-range",
        Severity.ERROR,
        f"{name} should lie between {_spoken(column.min)} and {_spoken(column.max)}",
        "Correct the value in the source, or the limits in source.columns.",
        column=name,
    )
    return journal.reject(rows, outside, finding, shown=name)


def _dates(rows: Rows, name: str, column: Column, journal: Journal) -> Rows:
    dates = {text: iso for text in journal.distinct(rows, name) if (iso := iso_date(text, column.format)) is not None}
    finding = Finding(
        "not-a-date",
        Severity.ERROR,
        f"{name} should be a date ({' or '.join(column.format) or 'ISO 8601, such as 2023-07-31'})",
        "Correct the value, or set the format of the column; day and month are never guessed.",
        column=name,
    )
    unreadable = ~nw.col(name).is_null() & ~nw.col(name).is_in(list(dates))
    rows = journal.reject(rows, unreadable, finding, shown=name)
    if not dates:
        return rows
    return rows.with_columns(nw.col(name).replace_strict(list(dates), list(dates.values()), default=None, return_dtype=nw.String))


def iso_date(text: str, formats: Sequence[str] = ()) -> str | None:
    """A date as ``YYYY-MM-DD`` by the first format that fits, or None when none does (ISO 8601 without formats).

    >>> iso_date("31/07/2023", ["%Y%m%d", "%d/%m/%Y"])
    '2023-07-31'
    """
    for date_format in formats or (None,):
        try:
            if date_format is None:
                return date.fromisoformat(text.strip()[:10]).isoformat()
            return datetime.strptime(text.strip(), date_format).date().isoformat()  # noqa: DTZ007 - a date has no time zone
        except ValueError:
            continue
    return None


def _absent(name: str, present: list[str]) -> str:
    near = get_close_matches(name, [column for column in present if column != ROW], n=1)
    remedy = f"is it {near[0]!r} now? Rename it in the recipe" if near else "add it to the source, or mark it optional in the recipe"
    return f"the source has no column {name!r}; {remedy}"


def _spoken(limit: float | None) -> str:
    return "any" if limit is None else f"{limit:g}"
