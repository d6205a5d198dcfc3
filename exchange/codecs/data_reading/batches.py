"""From the text of a data message to observation batches: what the readers of all formats share."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import polars as pl

from exchange.codecs.data_reading.cardinality import check_one_value
from exchange.codecs.data_reading.unknown import described
from exchange.codecs.ports import ReadDataSet, StructureName
from exchange.errors import InvalidObservations
from exchange.observations.ports import SOURCE_ROW, Action
from exchange.observations.table.layout import MULTILINGUAL, column_type
from exchange.query.values.data_query import Context
from mappings.checks.values import binary, dimension_text, kept
from registry.data_schema import PRIMARY_MEASURE, DataSchema, SchemaComponent
from registry.errors import RegistryError
from registry.model.data_types import MOST_DIGITS, ValueSpace
from registry.model.identity import Urn

#: What tells the datasets of a message apart.
DataSetKey = tuple[StructureName, Action]

#: What messages call actions; append and information are merges since SDMX 3.1 (CSV field guide 2.1, actions).
ACTIONS = {
    "": Action.MERGE,
    "i": Action.MERGE,
    "information": Action.MERGE,
    "a": Action.MERGE,
    "append": Action.MERGE,
    "m": Action.MERGE,
    "merge": Action.MERGE,
    "r": Action.REPLACE,
    "replace": Action.REPLACE,
    "d": Action.DELETE,
    "delete": Action.DELETE,
}

_KINDS = {"Dataflow": Context.DATAFLOW, "DataStructure": Context.DATASTRUCTURE, "ProvisionAgreement": Context.PROVISION_AGREEMENT}
_DECIMAL_COMMA = r"^\s*([+-]?\d+),(\d+(?:[eE][+-]?\d+)?)\s*$"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where rows come from, for messages: what a row is called (``line``, ``observation``) and how numbers are written."""

    unit: str = "line"
    decimal_comma: bool = False


def structure_of_urn(text: str) -> StructureName | None:
    """The structure that a URN names; None when it is not the URN of something that data can follow."""
    try:
        urn = Urn.parse(text.strip())
    except RegistryError:
        return None
    kind = _KINDS.get(urn.cls)
    return (kind, urn.short) if kind else None


def datasets(segments: Iterable[tuple[DataSetKey, pl.DataFrame]]) -> Iterator[ReadDataSet]:
    """Consecutive batches of one structure and action as datasets, lazily and in order.

    Memory stays bounded when the batches of a dataset are taken before the next dataset is asked for; otherwise they are kept.
    """
    stream = _Stream(iter(segments))
    while (key := stream.key) is not None:
        run = _Run(stream, key)
        yield ReadDataSet(key[0], key[1], run.batches())
        run.keep_rest()


class _Stream:
    """Segments with a look at the next one."""

    def __init__(self, segments: Iterator[tuple[DataSetKey, pl.DataFrame]]) -> None:
        self._segments = segments
        self._next = next(segments, None)

    @property
    def key(self) -> DataSetKey | None:
        """Structure and action of the next segment, None at the end."""
        return self._next[0] if self._next is not None else None

    def take(self, key: DataSetKey) -> pl.DataFrame | None:
        """The next segment when it belongs to that dataset."""
        if self._next is None or self._next[0] != key:
            return None
        frame = self._next[1]
        self._next = next(self._segments, None)
        return frame


@dataclass
class _Run:
    """The batches of one dataset: those kept aside first, then those of the stream while it is at this dataset."""

    stream: _Stream
    key: DataSetKey
    kept: deque[pl.DataFrame] = field(default_factory=deque)
    is_over: bool = False

    def batches(self) -> Iterator[pl.DataFrame]:
        """Every batch once."""
        while True:
            frame = self.kept.popleft() if self.kept else None if self.is_over else self.stream.take(self.key)
            if frame is None:
                return
            yield frame

    def keep_rest(self) -> None:
        """Keep what was not taken, because the stream goes on to the next dataset."""
        while (frame := self.stream.take(self.key)) is not None:
            self.kept.append(frame)
        self.is_over = True


def typed(frame: pl.DataFrame, schema: DataSchema, action: Action, origin: Origin) -> pl.DataFrame:
    """A frame of text with :data:`SOURCE_ROW` as an observation batch.

    Args:
        frame: Columns called by component ids: ``String``, ``List(String)`` or lists of language and value; null = absent.
        schema: Says what each component is.
        action: In a deletion dimensions may be open, and any value means "delete this one".
        origin: For messages.

    Raises:
        InvalidObservations: For a column that is no component, a value of the wrong type, or a missing dimension; names the place.
    """
    frame = _with_own_measure(frame, schema)
    unknown = [name for name in frame.columns if name not in schema and name != SOURCE_ROW]
    if unknown:
        raise InvalidObservations(f"{_place(frame, origin)}: {described(unknown, schema)}")
    present = [component for component in schema.components if component.id in frame.columns]
    frame = _with_sets_where_several(_without_empty_texts(frame), present)
    if action is not Action.DELETE:
        for component in present:
            check_one_value(frame, component, origin.unit)
    columns = [_column(frame, component, action, origin) for component in present]
    batch = pl.DataFrame([*columns, frame[SOURCE_ROW].cast(pl.Int64)])
    batch = _with_all_dimensions(batch, schema)
    if action is not Action.DELETE:
        _check_dimensions(batch, schema, origin)
    return batch


def _with_own_measure(frame: pl.DataFrame, schema: DataSchema) -> pl.DataFrame:
    """Formats of SDMX 2.1 call the primary measure ``OBS_VALUE``, whatever its id."""
    measure = schema.primary_measure
    if PRIMARY_MEASURE not in frame.columns or PRIMARY_MEASURE in schema or measure is None or measure.id in frame.columns:
        return frame
    return frame.rename({PRIMARY_MEASURE: measure.id})


def _with_sets_where_several(frame: pl.DataFrame, components: list[SchemaComponent]) -> pl.DataFrame:
    """Texts by language that came as several sets are one set where the component takes one value."""
    nested = pl.List(MULTILINGUAL)
    single = [component.id for component in components if not component.is_multi_valued and frame.schema[component.id] == nested]
    return frame.with_columns(pl.col(name).list.eval(pl.element().explode()) for name in single)


def _without_empty_texts(frame: pl.DataFrame) -> pl.DataFrame:
    """An empty text is an absent value in every format, as an empty cell of SDMX-CSV is; so is a list of nothing but one."""
    texts = [name for name, kind in frame.schema.items() if kind == pl.String]
    lists = [name for name, kind in frame.schema.items() if kind == pl.List(pl.String)]
    empty = {name: pl.col(name) == "" for name in texts}
    empty |= {name: (pl.col(name).list.len() == 1) & (pl.col(name).list.first() == "") for name in lists}
    # Most columns have none, and to see that is cheaper than to make them anew.
    found = frame.select(expression.any().alias(name) for name, expression in empty.items()).row(0, named=True) if empty else {}
    return frame.with_columns(pl.when(~empty[name]).then(pl.col(name)).alias(name) for name, some in found.items() if some)


def _place(frame: pl.DataFrame, origin: Origin) -> str:
    return f"{origin.unit} {frame[SOURCE_ROW][0]}" if frame.height else "in the message"


def _column(frame: pl.DataFrame, component: SchemaComponent, action: Action, origin: Origin) -> pl.Series:
    values = frame[component.id]
    if component.is_multilingual:
        return _multilingual(values, component)
    if component.is_multi_valued:
        return _elements(frame, _multi_valued(values), component, action, origin)
    if values.dtype.is_float() and column_type(component) == pl.Float64:
        return values.cast(pl.Float64)
    values = _texts(_single(values), component, origin)
    parsed = _parsed(values, component)
    if action is Action.DELETE and not component.is_dimension:
        # Any value stands for "delete this one", even a dash.
        some = pl.Series([_ANY_VALUE.get(component.type.space, "-")]).cast(parsed.dtype)
        return parsed.zip_with(parsed.is_not_null() | values.is_null(), some.new_from_index(0, len(parsed))).alias(component.id)
    _check_parsed(frame, values, parsed, component, origin)
    return parsed


_ANY_VALUE = {ValueSpace.BINARY: "0", ValueSpace.DECIMAL: "0", ValueSpace.WHOLE: "0", ValueSpace.TRUTH: "false"}


def _texts(values: pl.Series, component: SchemaComponent, origin: Origin) -> pl.Series:
    """The values as they would stand in a message with a decimal point."""
    return values.str.replace(_DECIMAL_COMMA, "$1.$2") if origin.decimal_comma and component.is_numeric else values


def _parsed(values: pl.Series, component: SchemaComponent) -> pl.Series:
    """Texts in the form in which they are kept; null for what is no value of the type."""
    if component.is_dimension:
        return dimension_text(values, component.type)
    return binary(values) if column_type(component) == pl.Float64 else kept(values, component.type)


def _elements(frame: pl.DataFrame, lists: pl.Series, component: SchemaComponent, action: Action, origin: Origin) -> pl.Series:
    """Several values per cell, each in the form in which it is kept."""
    if component.type.space in {ValueSpace.TEXT, ValueSpace.PERIOD} or action is Action.DELETE:
        return lists
    each = pl.element().map_batches(lambda texts: kept(_texts(texts, component, origin), component.type), return_dtype=pl.String)
    parsed = lists.to_frame().select(pl.col(lists.name).list.eval(each))[lists.name]
    wrong = parsed.list.eval(pl.element().is_null()).list.any().fill_null(value=False)
    if wrong.any():
        at = wrong.arg_true()[0]
        value = next(text for text, read in zip(lists[at], parsed[at], strict=True) if read is None)
        raise _not_of_type(frame[SOURCE_ROW][at], value, int(wrong.sum()), component, origin)
    return parsed


def _single(values: pl.Series) -> pl.Series:
    if values.dtype == pl.String:
        return values
    if isinstance(values.dtype, pl.List):
        first = values.list.first()
        return first.struct.field("value").alias(values.name) if isinstance(first.dtype, pl.Struct) else first.cast(pl.String)
    return values.cast(pl.String)


def _multi_valued(values: pl.Series) -> pl.Series:
    if isinstance(values.dtype, pl.List):
        inner = values.dtype.inner
        return values.list.eval(pl.element().struct.field("value")) if isinstance(inner, pl.Struct) else values.cast(pl.List(pl.String))
    name = values.name
    return values.to_frame().select(pl.when(pl.col(name).is_not_null()).then(pl.concat_list(pl.col(name).cast(pl.String))))[name]


def _multilingual(values: pl.Series, component: SchemaComponent) -> pl.Series:
    """Texts by language: a list of them per cell, or a list of such lists where a cell holds several texts."""
    name = values.name
    wanted = column_type(component)
    described = pl.struct(pl.lit("en").alias("lang"), pl.element().alias("value"))
    if not values.dtype.is_nested() or values.dtype == pl.List(pl.String):
        lists = _multi_valued(values)
        each = pl.concat_list(described) if component.is_multi_valued else described
        return lists.to_frame().select(pl.col(name).list.eval(each).cast(wanted))[name]
    if _is_multilingual(values) and component.is_multi_valued:
        one = pl.when(pl.col(name).list.len() > 0).then(pl.col(name).list.eval(pl.element().implode()))
        return values.to_frame().select(one.cast(wanted))[name]
    return values.cast(wanted)


def _is_multilingual(values: pl.Series) -> bool:
    return isinstance(values.dtype, pl.List) and isinstance(values.dtype.inner, pl.Struct)


def _check_parsed(frame: pl.DataFrame, values: pl.Series, parsed: pl.Series, component: SchemaComponent, origin: Origin) -> None:
    count = parsed.null_count() - values.null_count()
    if count:
        position = (parsed.is_null() & values.is_not_null()).arg_true()[0]
        raise _not_of_type(frame[SOURCE_ROW][position], values[position], count, component, origin)


def _not_of_type(row: int, value: object, count: int, component: SchemaComponent, origin: Origin) -> InvalidObservations:
    return InvalidObservations(
        f"{origin.unit} {row}: {component.id} is {value!r}, which is not {_WANTED[component.type.space]} "
        f"({count} such values in this part of the message). Correct it, or leave it empty when it is absent."
    )


_WANTED = {
    ValueSpace.BINARY: "a number",
    ValueSpace.DECIMAL: f"a decimal number of at most {MOST_DIGITS} digits",
    ValueSpace.WHOLE: f"a whole number of at most {MOST_DIGITS} digits",
    ValueSpace.TRUTH: "true or false",
}


def _with_all_dimensions(batch: pl.DataFrame, schema: DataSchema) -> pl.DataFrame:
    missing = [pl.lit(None, pl.String).alias(item.id) for item in schema.all_dimensions if item.id not in batch.columns]
    if not missing:
        return batch
    order = [component.id for component in schema.components]
    batch = batch.with_columns(missing)
    return batch.select(*(name for name in order if name in batch.columns), SOURCE_ROW)


def _check_dimensions(batch: pl.DataFrame, schema: DataSchema, origin: Origin) -> None:
    """Observations need all their dimensions, attributes those they are attached to; a row with a part of the key carries only these.

    Raises:
        InvalidObservations: Names the place, and the dimensions that lack a value.
    """
    dimensions = [item.id for item in schema.all_dimensions]
    incomplete = batch.filter(pl.any_horizontal(pl.col(dimensions).is_null())) if dimensions else batch.clear()
    if incomplete.is_empty():
        return
    values = [component for component in (*schema.measures, *schema.attributes) if component.id in batch.columns]
    for component in values:
        needed = [name for name in dimensions if name in component.attached_to] if component in schema.attributes else dimensions
        lacking = pl.any_horizontal(pl.lit(value=False), *(pl.col(name).is_null() for name in needed))
        wrong = incomplete.filter(pl.col(component.id).is_not_null() & lacking)
        if wrong.height:
            raise _incomplete(wrong, needed, component, schema, origin)
    empty = incomplete.filter(pl.all_horizontal(pl.lit(value=True), *(pl.col(component.id).is_null() for component in values)))
    if empty.height:
        raise _incomplete(empty, dimensions, None, schema, origin)


def _incomplete(
    rows: pl.DataFrame, needed: list[str], component: SchemaComponent | None, schema: DataSchema, origin: Origin
) -> InvalidObservations:
    row = rows.row(0, named=True)
    place, missing = f"{origin.unit} {row[SOURCE_ROW]}", ", ".join(name for name in needed if row[name] is None)
    if component is not None and len(needed) < len(schema.all_dimensions):
        return InvalidObservations(
            f"{place}: {component.id} has no value for {missing}. It is attached to {', '.join(needed)}; a row with a part of the key "
            "may carry only what is attached to that part."
        )
    return InvalidObservations(
        f"{place}: the observation has no value for {missing}. "
        f"Every observation of {schema.structure.id} needs {', '.join(needed)}; only attributes may leave dimensions open."
    )


_REFERENCE = re.compile(r"(?P<agency>[A-Za-z][\w-]*(?:\.[A-Za-z][\w-]*)*):(?P<id>[\w@$-]+)(?:\((?P<version>[^()]+)\))?")


def is_reference(text: str) -> bool:
    """True for ``AGENCY:ID(VERSION)`` and ``AGENCY:ID``."""
    return _REFERENCE.fullmatch(text) is not None
