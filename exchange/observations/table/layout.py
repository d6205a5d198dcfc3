"""How the observations of a data structure lie in a table: columns, their types, and what the store adds to them."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from exchange.errors import InvalidObservations
from exchange.observations.ports import AGREEMENT, SOURCE_ROW, SUBMISSION, VALID_FROM, VALID_TO
from mappings.checks.values import binary, dimension_text, kept, number_text
from registry.data_schema import DataSchema, Level, SchemaComponent
from registry.model.data_types import DataType, ValueSpace

#: The values of the series dimensions in key order, joined by :data:`KEY_SEPARATOR`: sorts like the key, prunes files and row groups.
SERIES = "_series"
#: First and last moment of the time period.
START, END = "_start", "_end"
#: Partition column: true for what is valid now, false for closed revisions, null for attribute values that wait for observations.
CURRENT = "_current"
#: Below every character that SDMX-ML admits in a code, so that joined keys sort like keys.
KEY_SEPARATOR = "\x1f"

#: So many places are named in a message.
_EXAMPLES = 5

INSTANT = pl.Datetime("us", "UTC")
MULTILINGUAL = pl.List(pl.Struct({"lang": pl.String, "value": pl.String}))
#: Columns the store adds to every row, in front of the components.
ADDED: dict[str, pl.DataType] = {
    SERIES: pl.String(),
    START: INSTANT,
    END: INSTANT,
    VALID_FROM: INSTANT,
    VALID_TO: INSTANT,
    SUBMISSION: pl.String(),
    SOURCE_ROW: pl.Int64(),
    AGREEMENT: pl.String(),
}


@dataclass(frozen=True)
class Layout:
    """The physical side of a data schema.

    Attributes:
        dimensions: Ids of the series dimensions in key order.
        time: Id of the time dimension, or None.
        components: Component id to column type, in schema order.
        attached: Attribute id to the dimensions its value depends on, for attributes that do not depend on all of them.
        types: Component id to what its values are.
    """

    dimensions: tuple[str, ...]
    time: str | None
    components: dict[str, pl.DataType]
    measures: tuple[str, ...]
    attributes: tuple[str, ...]
    attached: dict[str, tuple[str, ...]] = field(default_factory=dict)
    types: dict[str, DataType] = field(default_factory=dict)

    @staticmethod
    def of(schema: DataSchema) -> Layout:
        """The layout of a data schema."""
        keys = [component.id for component in schema.all_dimensions]
        # An attribute of some dimensions and time has the level of the observation, but one value for all observations of these.
        parts = [attribute for attribute in schema.attributes if attribute.attached_to or attribute.level is not Level.OBSERVATION]
        attached = {attribute.id: tuple(key for key in keys if key in attribute.attached_to) for attribute in parts}
        return Layout(
            dimensions=tuple(component.id for component in schema.dimensions),
            time=schema.time_dimension.id if schema.time_dimension else None,
            components={component.id: column_type(component) for component in schema.components},
            measures=tuple(component.id for component in schema.measures),
            attributes=tuple(component.id for component in schema.attributes),
            attached={name: on for name, on in attached.items() if len(on) < len(keys)},
            types={component.id: component.type for component in schema.components},
        )

    @property
    def keys(self) -> tuple[str, ...]:
        """Ids of all dimensions, time last."""
        return self.dimensions + ((self.time,) if self.time else ())

    @property
    def values(self) -> tuple[str, ...]:
        """Ids of measures and attributes."""
        return self.measures + self.attributes

    @property
    def identity(self) -> list[str]:
        """Columns that identify an observation: the joined series key and the period as reported."""
        return [SERIES, *([self.time] if self.time else [])]

    @property
    def order(self) -> list[str]:
        """Columns of the default order: series key, then time."""
        return [SERIES, START, END, *([self.time] if self.time else [])]

    @property
    def columns(self) -> dict[str, pl.DataType]:
        """All columns of the table but the partition column."""
        return ADDED | self.components

    def attachments(self) -> dict[tuple[str, ...], list[str]]:
        """Dimensions to the attributes that depend on just these, for those that do not depend on all of them."""
        groups: dict[tuple[str, ...], list[str]] = {}
        for attribute, on in self.attached.items():
            groups.setdefault(on, []).append(attribute)
        return groups

    def series_expression(self) -> pl.Expr:
        """The joined series key of a row."""
        return pl.concat_str([pl.lit("") if not self.dimensions else pl.col(self.dimensions)], separator=KEY_SEPARATOR).alias(SERIES)


def column_type(component: SchemaComponent) -> pl.DataType:
    """The type of the column that holds a component.

    Binary numbers are numbers. Everything else is text, so that digits, ``#N/A`` and keys stay as they are (ADR 0021).
    """
    if component.is_multilingual:
        return pl.List(MULTILINGUAL) if component.is_multi_valued else MULTILINGUAL
    if component.is_multi_valued:
        return pl.List(pl.String)
    return pl.Float64() if component.type.space is ValueSpace.BINARY and not component.is_dimension else pl.String()


def reported_under(agreements: frozenset[str | None]) -> pl.Expr:
    """Rows that were reported under one of some agreements; None among them stands for under none."""
    named = pl.col(AGREEMENT).is_in(sorted(name for name in agreements if name is not None)).fill_null(value=False)
    return named | pl.col(AGREEMENT).is_null() if None in agreements else named


def sorted_rows(rows: pl.DataFrame, layout: Layout) -> pl.DataFrame:
    """Rows in default order. Data mostly come in order, and to see that is much cheaper than to sort."""
    in_order: pl.Expr = pl.lit(value=True)
    for name in reversed(layout.order):
        column, previous = pl.col(name), pl.col(name).shift(1)
        in_order = (column > previous) | ((column == previous) & in_order)
    if rows.height < 2 or rows.lazy().select(*layout.order).select(in_order.slice(1).fill_null(value=False).all()).collect().item():
        return rows
    return rows.sort(layout.order)


def place(rows: pl.DataFrame) -> str:
    """Where some rows stood in their source, for the end of a message; empty when that is not known."""
    numbers = rows[SOURCE_ROW].drop_nulls().head(_EXAMPLES) if SOURCE_ROW in rows.columns else pl.Series()
    return f" (row {', '.join(map(str, numbers))})" if numbers.len() else ""


def conform(batch: pl.DataFrame, layout: Layout) -> pl.DataFrame:
    """The batch with its columns in the types of the table, and with all dimensions.

    Raises:
        InvalidObservations: When a column is not part of the data structure or a value does not have its type.
    """
    unknown = [name for name in batch.columns if name not in layout.components and name != SOURCE_ROW]
    if unknown:
        raise InvalidObservations(
            f"The data structure has no component {', '.join(unknown)}; it has "
            f"{', '.join(layout.components)}. Rename or drop these columns."
        )
    missing = [name for name in layout.keys if name not in batch.columns]
    # Whole columns, not literals: a literal would make one row out of a frame without columns.
    absent = [pl.Series(name, dtype=layout.components[name]).extend_constant(None, batch.height) for name in missing]
    return pl.DataFrame([*(_conforming(batch, name, layout) for name in batch.columns), *absent])


def _conforming(batch: pl.DataFrame, name: str, layout: Layout) -> pl.Series:
    column = batch[name]
    if name in ADDED:
        return _cast(batch, column, ADDED[name], str(ADDED[name]))
    wanted, kind = layout.components[name], layout.types[name]
    if wanted.is_float() and column.dtype == pl.String:
        return _checked(batch, column, binary(column), kind.id)
    if wanted != pl.String:
        return _cast(batch, column, wanted, kind.id)
    if column.dtype.is_float():
        column = number_text(column, exponents=kind.space is ValueSpace.BINARY)
    text = _cast(batch, column, wanted, kind.id)
    if name in layout.keys:
        return _checked(batch, column, dimension_text(text, kind), kind.id)
    return _checked(batch, column, kept(text, kind), kind.id)


def _cast(batch: pl.DataFrame, column: pl.Series, wanted: pl.DataType, called: str) -> pl.Series:
    if column.dtype == wanted:
        return column
    try:
        cast = column.cast(wanted, strict=False)
    except pl.exceptions.PolarsError as error:
        raise InvalidObservations(f"Column {column.name} holds {column.dtype}, the data structure wants {called}.") from error
    return _checked(batch, column, cast, called)


def _checked(batch: pl.DataFrame, column: pl.Series, cast: pl.Series, called: str) -> pl.Series:
    """The converted column, when no value was lost on the way."""
    lost = column.is_not_null() & cast.is_null()
    if lost.any():
        examples = ", ".join(repr(value) for value in column.filter(lost).unique(maintain_order=True).head(3))
        where = place(batch.filter(lost)) or f" (row {lost.arg_true()[0] + 1} of the batch)"
        raise InvalidObservations(f"Column {column.name} must hold {called}, but holds for instance {examples}{where}.")
    return cast
