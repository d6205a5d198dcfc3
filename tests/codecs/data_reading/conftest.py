"""Schemas and small messages for the readers of data messages."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from registry.data_schema import DataSchema, Level, Role, SchemaComponent
from registry.model.concepts import Concept
from registry.model.representations import Representation, TextFormat
from registry.model.structures import (
    Attribute,
    DataStructure,
    DataStructureComponents,
    Dimension,
    DimensionList,
    Measure,
    TimeDimension,
)


def a_schema(
    dimensions: tuple[str, ...],
    measures: Mapping[str, str],
    attributes: Mapping[str, Level],
    representations: Mapping[str, Representation] | None = None,
) -> DataSchema:
    """A schema without registry: dimensions are text, measures have the data types named."""
    formats = representations or {}
    key = (*dimensions, "TIME_PERIOD")
    components = [
        SchemaComponent(
            name, Role.DIMENSION, Dimension(id=name), _concept(name), formats.get(name, Representation()), "String", position=number
        )
        for number, name in enumerate(dimensions)
    ]
    time = TimeDimension(id="TIME_PERIOD")
    components.append(SchemaComponent("TIME_PERIOD", Role.TIME_DIMENSION, time, None, Representation(), "ObservationalTimePeriod"))
    components += [
        SchemaComponent(name, Role.MEASURE, Measure(id=name), _concept(name), formats.get(name, _free(kind)), kind)
        for name, kind in measures.items()
    ]
    components += [
        SchemaComponent(
            name,
            Role.ATTRIBUTE,
            Attribute(id=name),
            _concept(name),
            formats.get(name, Representation()),
            _type(formats, name),
            level=level,
            attached_to=_attached(level, key),
        )
        for name, level in attributes.items()
    ]
    structure = DataStructure(
        id="DSD_WATER",
        agency_id="CDE",
        version="1.0.0",
        data_structure_components=DataStructureComponents(dimension_list=DimensionList(dimensions=(), time_dimension=time)),
    )
    return DataSchema(structure, tuple(components))


def _concept(name: str) -> Concept:
    return Concept(id=name, names={"en": name.title()})


def _free(kind: str) -> Representation:
    return Representation(format=TextFormat(data_type=kind))


def _type(formats: Mapping[str, Representation], name: str) -> str:
    found = formats.get(name)
    return (found.format.data_type if found and found.format else None) or "String"


def _attached(level: Level, key: tuple[str, ...]) -> tuple[str, ...]:
    return {Level.DATASET: (), Level.GROUP: key[:1], Level.SERIES: key[:-1], Level.OBSERVATION: key}[level]


@pytest.fixture
def schema() -> DataSchema:
    """Two dimensions and time, a number and a count, attributes of every level and kind."""
    return a_schema(
        ("FREQ", "AREA"),
        {"OBS_VALUE": "Double", "COUNT": "Integer"},
        {
            "OBS_STATUS": Level.OBSERVATION,
            "CONFIRMED": Level.OBSERVATION,
            "SOURCES": Level.OBSERVATION,
            "TITLE": Level.SERIES,
            "UNIT": Level.SERIES,
            "OWNER": Level.GROUP,
            "NOTE": Level.DATASET,
        },
        {
            "AREA": Representation(enumeration="urn:sdmx:org.sdmx.infomodel.codelist.Codelist=CDE:CL_AREA(1.0.0)"),
            "OBS_STATUS": Representation(enumeration="urn:sdmx:org.sdmx.infomodel.codelist.Codelist=SDMX:CL_OBS_STATUS(2.3)"),
            "CONFIRMED": Representation(format=TextFormat(data_type="Boolean")),
            "SOURCES": Representation(max_occurs="unbounded"),
            "TITLE": Representation(format=TextFormat(is_multi_lingual=True)),
        },
    )
