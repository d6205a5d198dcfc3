"""A small data structure with every kind of component and attachment, and stores to keep its data in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl

from exchange.observations.ports import Action, Change, ObservationStore
from exchange.query.values.data_query import ObservationSelection
from registry.data_schema import DataSchema, Level, Role, SchemaComponent
from registry.model.representations import Representation, TextFormat
from registry.model.structures import Attribute, Dataflow, DataStructure, Dimension, Measure, TimeDimension

KEYS = ("AREA", "SEX", "TIME_PERIOD")


def _component(role: Role, definition: Any, data_type: str = "String", **facts: Any) -> SchemaComponent:
    many = facts.pop("max_occurs", None)
    languages = facts.pop("multilingual", None)
    representation = Representation(format=TextFormat(data_type=data_type, is_multi_lingual=languages), max_occurs=many)
    return SchemaComponent(definition.id, role, definition, None, representation, data_type, **facts)


def _attribute(name: str, level: Level, attached_to: Sequence[str], data_type: str = "String", **facts: Any) -> SchemaComponent:
    return _component(Role.ATTRIBUTE, Attribute(id=name), data_type, level=level, attached_to=tuple(attached_to), **facts)


def small_schema(*further: SchemaComponent, version: str = "1.0.0") -> DataSchema:
    """AREA, SEX, TIME_PERIOD; two measures; attributes at all four levels."""
    return DataSchema(
        structure=DataStructure(id="DSD", agency_id="TEST", version="1.0.0"),
        dataflow=Dataflow(id="FLOW", agency_id="TEST", version=version),
        components=(
            _component(Role.DIMENSION, Dimension(id="AREA"), position=0),
            _component(Role.DIMENSION, Dimension(id="SEX"), position=1),
            _component(Role.TIME_DIMENSION, TimeDimension(id="TIME_PERIOD"), "ObservationalTimePeriod", position=2),
            _component(Role.MEASURE, Measure(id="VALUE"), "Double"),
            _component(Role.MEASURE, Measure(id="COUNT"), "Integer"),
            _attribute("STATUS", Level.OBSERVATION, KEYS),
            _attribute("FLAGS", Level.OBSERVATION, KEYS, max_occurs="unbounded"),
            _attribute("NOTE", Level.OBSERVATION, KEYS, multilingual=True),
            _attribute("UNIT", Level.SERIES, ("AREA", "SEX")),
            _attribute("REGION", Level.GROUP, ("AREA",)),
            _attribute("TITLE", Level.DATASET, ()),
            *further,
        ),
    )


#: Types of the columns, for frames in which a column has only nulls.
TYPES: Mapping[str, Any] = {
    "AREA": pl.String,
    "SEX": pl.String,
    "TIME_PERIOD": pl.String,
    "VALUE": pl.Float64,
    "COUNT": pl.Int64,
    "STATUS": pl.String,
    "FLAGS": pl.List(pl.String),
    "NOTE": pl.List(pl.Struct({"lang": pl.String, "value": pl.String})),
    "UNIT": pl.String,
    "REGION": pl.String,
    "TITLE": pl.String,
    "_row": pl.Int64,
}


def rows(records: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    """A batch of records; ``key`` stands for ``AREA SEX TIME_PERIOD``, with ``*`` for null."""
    full = [_with_key(record) for record in records]
    names = [name for name in TYPES if any(name in record for record in full)]
    return pl.DataFrame(full, schema={name: TYPES[name] for name in names})


def _with_key(record: Mapping[str, Any]) -> dict[str, Any]:
    rest = {name: value for name, value in record.items() if name != "key"}
    if "key" not in record:
        return rest
    return {name: None if value == "*" else value for name, value in zip(KEYS, record["key"].split(), strict=True)} | rest


def change(action: str, *records: Mapping[str, Any]) -> Change:
    """A change of one batch."""
    return Change(Action(action), [rows(records)])


def read(store: ObservationStore, schema: DataSchema, *columns: str, **selection: Any) -> list[tuple[Any, ...]]:
    """Rows of a scan as tuples: by default the key joined by blanks, and VALUE."""
    wanted = columns or (*KEYS, "VALUE")
    scan = store.scan(schema, ObservationSelection(**selection), wanted)
    frames = [frame for at in scan.transactions for frame in at.written or ()] if scan.transactions is not None else list(scan.batches)
    found = pl.concat(frames).rows() if frames else []
    return found if columns else [(" ".join(row[:3]), row[3]) for row in found]


def keys(store: ObservationStore, schema: DataSchema, **selection: Any) -> list[str]:
    """Keys of a scan, in its order."""
    return [key for key, _ in read(store, schema, **selection)]
