"""Column to component: fixed values, code maps, time periods. A value that no code is declared for is never changed silently."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import narwhals.stable.v2 as nw

from mappings.cells import mapped
from mappings.expressions.kinds import Kind
from mappings.journal import Journal
from mappings.ports import Rows
from mappings.recipe.model import ComponentSource, TimeFormat
from registry.findings import Finding, Severity

#: Numbers beyond this are not exact in floating point.
_LARGEST_WHOLE: Final = 2**53
_QUARTER = {f"{month:02d}": f"Q{(month - 1) // 3 + 1}" for month in range(1, 13)}
_SEMESTER = {f"{month:02d}": f"S{(month - 1) // 6 + 1}" for month in range(1, 13)}


def map_component(rows: Rows, component: str, source: ComponentSource, kinds: Mapping[str, Kind], journal: Journal) -> Rows:
    """Add the component's column, named after it with a leading ``=`` so that it cannot collide with a source column."""
    if source.column is None:
        return rows
    if source.time:
        value = _period(nw.col(source.column), source.time)
    elif source.codes is not None:
        rows = _report_unmapped(rows, component, source, kinds, journal)
        value = _coded(source, kinds)
    else:
        value = text_of(source.column, kinds)
    if source.missing is not None:
        value = nw.when(nw.col(source.column).is_null()).then(nw.lit(source.missing)).otherwise(value)
    return rows.with_columns(value.alias(mapped(component)))


def require_component(rows: Rows, component: str, journal: Journal) -> Rows:
    """Keep rows out that have no value for a dimension."""
    return journal.reject(
        rows,
        nw.col(mapped(component)).is_null(),
        Finding(
            "missing-dimension",
            Severity.ERROR,
            f"the row has no value for the dimension {component}",
            "Complete the source, or declare a code for absent values with 'missing'.",
            component=component,
        ),
    )


def text_of(column: str, kinds: Mapping[str, Kind]) -> nw.Expr:
    """A column as text; whole numbers without decimals, so that the year 2010 does not become 2010.0."""
    kind = kinds.get(column, Kind.TEXT)
    if kind is Kind.BOOLEAN:
        return nw.when(nw.col(column)).then(nw.lit("true")).when(~nw.col(column)).then(nw.lit("false")).otherwise(None)
    if kind is not Kind.NUMBER:
        return nw.col(column).cast(nw.String)
    value = nw.col(column).cast(nw.Float64)
    whole = (value == value.round(0)) & (value.abs() < _LARGEST_WHOLE)
    return nw.when(whole).then(nw.when(whole).then(value).otherwise(None).cast(nw.Int64).cast(nw.String)).otherwise(value.cast(nw.String))


def _report_unmapped(rows: Rows, component: str, source: ComponentSource, kinds: Mapping[str, Kind], journal: Journal) -> Rows:
    if source.default is not None or source.codes is None or source.column is None:
        return rows
    return journal.reject(
        rows,
        ~nw.col(source.column).is_null() & ~text_of(source.column, kinds).is_in(list(source.codes)),
        Finding(
            "unmapped-value",
            Severity.ERROR,
            f"{source.column} holds a value that has no code for {component}",
            f"Add it to components.{component}.codes, or say with 'default' which code stands for all others.",
            column=source.column,
            component=component,
        ),
        shown=source.column,
    )


def _coded(source: ComponentSource, kinds: Mapping[str, Kind]) -> nw.Expr:
    codes = source.codes or {}
    value = text_of(source.column or "", kinds).replace_strict(list(codes), list(codes.values()), default=None, return_dtype=nw.String)
    if source.default is None:
        return value
    absent = nw.col(source.column or "").is_null()
    return nw.when(~absent).then(nw.coalesce(value, nw.lit(source.default))).otherwise(None)


def _period(column: nw.Expr, time: TimeFormat) -> nw.Expr:
    if time.to == "W":
        return column.str.to_datetime(format="%Y-%m-%d").dt.to_string("%G-W%V")
    if time.to in {"A", "M", "D"}:
        return column.str.slice(0, {"A": 4, "M": 7, "D": 10}[time.to])
    names = _QUARTER if time.to == "Q" else _SEMESTER
    part = column.str.slice(5, 2).replace_strict(list(names), list(names.values()), default=None, return_dtype=nw.String)
    return nw.concat_str([column.str.slice(0, 4), nw.lit("-"), part])
