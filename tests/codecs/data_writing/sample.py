"""A small schema with every kind of component, and datasets of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import polars as pl

from exchange.codecs.ports import DataEncoder, DataMessage, DataOptions, DataSet
from exchange.observations.ports import Action
from registry.data_schema import DataSchema, Level, Role, SchemaComponent
from registry.model.codelists import Code, Codelist
from registry.model.concepts import Concept
from registry.model.messages import Header, MessageParty
from registry.model.representations import Representation, TextFormat
from registry.model.structures import (
    Attribute,
    AttributeRelationship,
    Dataflow,
    DataStructure,
    Dimension,
    Empty,
    Group,
    Measure,
    TimeDimension,
)

AGENCY, VERSION = "CSO", "1.0.0"
DIMENSIONS = ("FREQ", "AREA", "SEX")
KEY = (*DIMENSIONS, "TIME_PERIOD")
SIBLING = Group(id="Sibling", group_dimensions=("AREA", "SEX"))
CODES = {
    "FREQ": {"A": "Annual", "M": "Monthly"},
    "AREA": {"MW": "Malawi", "KG": "Kyrgyzstan: all", "RW": "Rwanda"},
    "SEX": {"F": "Female", "M": "Male", "_T": "Total"},
    "OBS_STATUS": {"A": "Normal", "U": "Low reliability", "#N/A": "Not available"},
    "TOPICS": {"W": "Water", "S": "Sanitation"},
}
PREPARED = datetime(2026, 5, 1, 12, 30, tzinfo=UTC)


def a_component(
    name: str,
    role: Role,
    data_type: str = "String",
    *,
    level: Level | None = None,
    many: bool = False,
    multilingual: bool = False,
    position: int | None = None,
) -> SchemaComponent:
    """A resolved component; coded when :data:`CODES` knows it."""
    codes = CODES.get(name)
    text_format = TextFormat(data_type=data_type, is_multi_lingual=multilingual or None)
    codelist = None
    representation = Representation(format=text_format, max_occurs="unbounded" if many else None)
    if codes is not None:
        items = tuple(Code(id=code, names={"en": text, "fr": f"fr {text}"}) for code, text in codes.items())
        codelist = Codelist(id=f"CL_{name}", agency_id=AGENCY, version=VERSION, names={"en": name}, codes=items)
        urn = f"urn:sdmx:org.sdmx.infomodel.codelist.Codelist={AGENCY}:CL_{name}({VERSION})"
        representation = Representation(enumeration=urn, max_occurs="unbounded" if many else None)
    attached = {Level.DATASET: (), Level.GROUP: SIBLING.group_dimensions, Level.SERIES: DIMENSIONS, Level.OBSERVATION: KEY}
    return SchemaComponent(
        id=name,
        role=role,
        definition=_definition(name, role, level),
        concept=Concept(id=name, names={"en": name.replace("_", " ").capitalize()}),
        representation=representation,
        data_type=data_type,
        codelist=codelist,
        position=position,
        level=level,
        attached_to=attached[level] if level else (),
        mandatory=role is not Role.ATTRIBUTE,
    )


def _definition(name: str, role: Role, level: Level | None) -> Dimension | TimeDimension | Measure | Attribute:
    if role is Role.DIMENSION:
        return Dimension(id=name)
    if role is Role.TIME_DIMENSION:
        return TimeDimension(id=name)
    if role is Role.MEASURE:
        return Measure(id=name)
    relationships: dict[Level | None, AttributeRelationship] = {
        Level.DATASET: AttributeRelationship(dataflow=Empty()),
        Level.GROUP: AttributeRelationship(group=SIBLING.id),
        Level.SERIES: AttributeRelationship(dimensions=DIMENSIONS),
    }
    return Attribute(id=name, attribute_relationship=relationships.get(level, AttributeRelationship(observation=Empty())))


def a_schema(*, measures: Sequence[str] = ("OBS_VALUE",), lists: bool = False, attributes: bool = True) -> DataSchema:
    """The schema; ``lists`` adds a multi-valued and a multilingual attribute, which SDMX 2.1 does not know."""
    components = [a_component(name, Role.DIMENSION, position=position) for position, name in enumerate(DIMENSIONS)]
    components.append(a_component("TIME_PERIOD", Role.TIME_DIMENSION, "ObservationalTimePeriod", position=3))
    components += [a_component(name, Role.MEASURE, "Count" if name == "PEOPLE" else "Double") for name in measures]
    if attributes:
        components += [
            a_component("TITLE", Role.ATTRIBUTE, level=Level.DATASET),
            a_component("UNIT", Role.ATTRIBUTE, level=Level.GROUP),
            a_component("SOURCE", Role.ATTRIBUTE, level=Level.SERIES),
            a_component("OBS_STATUS", Role.ATTRIBUTE, level=Level.OBSERVATION),
            a_component("ESTIMATED", Role.ATTRIBUTE, "Boolean", level=Level.OBSERVATION),
            a_component("COMMENT", Role.ATTRIBUTE, level=Level.OBSERVATION),
        ]
    if lists:
        components += [
            a_component("TOPICS", Role.ATTRIBUTE, level=Level.SERIES, many=True),
            a_component("TAGS", Role.ATTRIBUTE, level=Level.OBSERVATION, many=True),
            a_component("NOTE", Role.ATTRIBUTE, level=Level.OBSERVATION, multilingual=True),
        ]
    structure = DataStructure(id="DSD_WATER", agency_id=AGENCY, version=VERSION, names={"en": "Water structure"})
    dataflow = Dataflow(id="DF_WATER", agency_id=AGENCY, version=VERSION, names={"en": "Water, sanitation", "fr": "Eau"})
    return DataSchema(structure=structure, components=tuple(components), dataflow=dataflow, groups=(SIBLING,))


def a_frame(*, lists: bool = False) -> pl.DataFrame:
    """Two series and one observation of a third, with everything that has to be escaped."""
    columns: dict[str, Any] = {
        "FREQ": ["A"] * 5,
        "AREA": ["MW", "MW", "MW", "KG", "KG"],
        "SEX": ["F", "F", "F", "F", "M"],
        "TIME_PERIOD": ["2020", "2021", "2022", "2020", "2020"],
        "OBS_VALUE": [12.0, 0.25, float("nan"), None, -1e21],
        "TITLE": ['Water "points" & more'] * 5,
        "UNIT": ["%", "%", "%", "%", None],
        "SOURCE": ["=cmd()", "=cmd()", "=cmd()", None, "a,b"],
        "OBS_STATUS": ["A", "U", "#N/A", None, "A"],
        "ESTIMATED": [True, False, None, None, True],
        "COMMENT": ["<&\">, 'x'", "two\nlines\tand \\ more", "𝄞 é", None, ""],
    }
    if lists:
        columns["TOPICS"] = [["W", "S"]] * 3 + [None, ["W"]]
        columns["TAGS"] = [["a;b", 'c"d'], ["<x>"], [], None, ["plain"]]
        columns["NOTE"] = [
            [{"lang": "en", "value": "Dry & dusty"}, {"lang": "fr", "value": "Sec"}],
            [{"lang": "en", "value": 'say "hi"'}],
            None,
            [],
            [{"lang": "fr", "value": "Oui; non"}],
        ]
    types = {"TOPICS": pl.List(pl.String), "TAGS": pl.List(pl.String), "NOTE": pl.List(pl.Struct({"lang": pl.String, "value": pl.String}))}
    return pl.DataFrame(columns, schema_overrides=types if lists else None)


def a_dataset(schema: DataSchema, *frames: pl.DataFrame, at: str = "TIME_PERIOD", **fields: Any) -> DataSet:
    """A dataset of all columns that the first frame has."""
    held = frames[0].columns if frames else [component.id for component in schema.components]
    columns = tuple(component.id for component in schema.components if component.id in held)
    return DataSet(**{"schema": schema, "batches": iter(frames), "columns": columns, "dimension_at_observation": at, **fields})


def a_message(*datasets: DataSet) -> DataMessage:
    """A message with a header that never changes."""
    return DataMessage(datasets, Header(id="TEST1", prepared=PREPARED, sender=MessageParty("CSO", {"en": "Civil society"})))


def written(encoder: DataEncoder, message: DataMessage, options: DataOptions | None = None) -> bytes:
    """The whole message."""
    return b"".join(encoder.encode(message, options or DataOptions()))


def halves(frame: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """The frame in two batches; the cut goes through the first series."""
    yield frame.head(2)
    yield frame.slice(2)


def history(schema: DataSchema) -> tuple[DataSet, DataSet]:
    """What was deleted, and what replaced it, in one transaction."""
    frame = a_frame()
    deleted = a_dataset(schema, frame.select(KEY).tail(1), action=Action.DELETE, valid_to=PREPARED)
    return deleted, a_dataset(schema, frame.head(4), valid_from=PREPARED)
