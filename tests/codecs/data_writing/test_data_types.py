"""Every SDMX data type in every role and format: a value, one that is missing on purpose, one that is not reported."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from exchange.codecs.ports import DataSet
from exchange.observations.table.layout import column_type
from exchange.query.values.data_query import ALL_DIMENSIONS
from registry.data_schema import DataSchema, Level, Role, SchemaComponent
from registry.model.data_types import DATA_TYPES, ValueSpace
from registry.model.structures import Dataflow, DataStructure
from tests.codecs.data_writing.sample import AGENCY, VERSION, a_component, a_message, written
from tests.codecs.data_writing.test_written_data_are_read_back import FORMATS

#: As reported, and as kept and given back; what does not stand here is the text of its own type.
VALUES = {
    "Numeric": ("007", "007"),
    "BigInteger": ("98765432109876543210987654321098765432", "98765432109876543210987654321098765432"),
    "Integer": ("-2147483648", "-2147483648"),
    "Long": ("9007199254740993", "9007199254740993"),
    "Short": ("+5", "5"),
    "Count": ("012", "12"),
    "Decimal": ("12345678901234567.890", "12345678901234567.890"),
    "Incremental": ("1e3", "1000"),
    "InclusiveValueRange": ("0.1234567890123456789", "0.1234567890123456789"),
    "ExclusiveValueRange": ("-0.50", "-0.50"),
    "Float": ("1.10", 1.1),
    "Double": ("1e-7", 1e-7),
    "Boolean": ("1", "true"),
    "ObservationalTimePeriod": ("2020-W01", "2020-W01"),
    "GregorianYear": ("2020", "2020"),
    "XHTML": ("<p>a &amp; b</p>", "<p>a &amp; b</p>"),
}
#: As it stands in a key.
KEYS = {"Decimal": "12345678901234567.89", "Float": "1.1", "Double": "1e-7", "ExclusiveValueRange": "-0.5"}
TYPES = sorted(DATA_TYPES)
LEVELS = (*Level, None)
#: Formats in which only a binary number can be missing on purpose: the schemas of SDMX-ML before 3.1 know no other token.
WITHOUT_MISSING = {"sdmx-ml-2.1", "sdmx-ml-2.1-generic", "sdmx-ml-3.0"}


def _component(data_type: str, role: Role, level: Level | None) -> SchemaComponent:
    return a_component(f"C_{data_type}", role, data_type, level=level)


def _schema(*components: SchemaComponent) -> DataSchema:
    dimensions = [a_component("FREQ", Role.DIMENSION, position=0), a_component("AREA", Role.DIMENSION, position=1)]
    dimensions += [a_component("SEX", Role.DIMENSION, position=2)]
    dimensions += [component for component in components if component.role is Role.DIMENSION]
    others = [component for component in components if component.role is not Role.DIMENSION]
    time = a_component("TIME_PERIOD", Role.TIME_DIMENSION, "ObservationalTimePeriod", position=9)
    structure = DataStructure(id="DSD", agency_id=AGENCY, version=VERSION, names={"en": "DSD"})
    flow = Dataflow(id="DF", agency_id=AGENCY, version=VERSION, names={"en": "DF"})
    return DataSchema(structure=structure, components=(*dimensions, time, *others), dataflow=flow)


def _reported(data_type: str) -> object:
    return VALUES.get(data_type, ("x", "x"))[1]


def _frame(components: list[SchemaComponent], values: dict[str, list[object]]) -> pl.DataFrame:
    rows = len(next(iter(values.values())))
    key = {"FREQ": ["A"] * rows, "AREA": [f"A{row}" for row in range(rows)], "SEX": ["F"] * rows, "TIME_PERIOD": ["2020"] * rows}
    return pl.DataFrame(key | values, schema_overrides={component.id: column_type(component) for component in components})


def _round_trip(name: str, schema: DataSchema, frame: pl.DataFrame, at: str, folder: Path) -> pl.DataFrame:
    encoder, decoder, _ = FORMATS[name]
    path = folder / "message"
    columns = tuple(component.id for component in schema.components if component.id in frame.columns)
    path.write_bytes(written(encoder, a_message(DataSet(schema, iter([frame]), columns, at))))
    (dataset,) = decoder.decode(path, schema)
    return pl.concat(list(dataset.batches), how="diagonal_relaxed").sort("AREA", nulls_last=True)


@pytest.mark.parametrize("name", FORMATS)
def test_the_sign_of_zero_comes_back(name: str, tmp_path: Path) -> None:
    measure = a_component("OBS_VALUE", Role.MEASURE, "Double")
    read = _round_trip(name, _schema(measure), _frame([measure], {"OBS_VALUE": [-0.0, 0.0]}), "TIME_PERIOD", tmp_path)
    assert [str(value) for value in read["OBS_VALUE"]] == ["-0.0", "0.0"]


@pytest.mark.parametrize("at", ["TIME_PERIOD", ALL_DIMENSIONS])
@pytest.mark.parametrize("level", LEVELS, ids=lambda level: level.value if level else "measure")
@pytest.mark.parametrize("name", FORMATS)
def test_a_value_a_missing_one_and_none_come_back(name: str, level: Level | None, at: str, tmp_path: Path) -> None:
    role = Role.ATTRIBUTE if level else Role.MEASURE
    components = [_component(data_type, role, level) for data_type in TYPES]
    values: dict[str, list[object]] = {}
    for component in components:
        missing: object = float("nan") if component.type.space is ValueSpace.BINARY else component.missing
        # Of the dataset there is one value; every other level has one of each kind.
        values[component.id] = (
            [_reported(component.data_type)] * 3 if level is Level.DATASET else [_reported(component.data_type), missing, None]
        )
    read = _round_trip(name, _schema(*components), _frame(components, values), at, tmp_path)
    for component in components:
        expected = list(values[component.id])
        if name in WITHOUT_MISSING and component.type.space is not ValueSpace.BINARY and level is not Level.DATASET:
            expected[1] = None
        found = read[component.id].head(3) if component.id in read.columns else pl.Series([None] * 3)
        assert [str(value) for value in found] == [str(value) for value in expected], component.id


@pytest.mark.parametrize("at", ["TIME_PERIOD", ALL_DIMENSIONS, "SEX", "C_Decimal", "C_GregorianYear"])
@pytest.mark.parametrize("name", FORMATS)
def test_a_dimension_of_any_type_comes_back(name: str, at: str, tmp_path: Path) -> None:
    components = [_component(data_type, Role.DIMENSION, None) for data_type in TYPES]
    values: dict[str, list[object]] = {c.id: [KEYS.get(c.data_type, _reported(c.data_type))] for c in components}
    measure = a_component("OBS_VALUE", Role.MEASURE, "Double")
    frame = _frame(components, values).with_columns(OBS_VALUE=pl.lit(1.0))
    read = _round_trip(name, _schema(*components, measure), frame, at, tmp_path)
    assert {c.id: read[c.id].to_list() for c in components} == values


@pytest.mark.parametrize(
    "level", [Level.GROUP, Level.SERIES, Level.OBSERVATION, None], ids=lambda level: level.value if level else "measure"
)
@pytest.mark.parametrize("name", FORMATS)
def test_a_code_may_be_missing_on_purpose_too(name: str, level: Level | None, tmp_path: Path) -> None:
    component = a_component("TOPICS", Role.ATTRIBUTE if level else Role.MEASURE, level=level)
    read = _round_trip(name, _schema(component), _frame([component], {"TOPICS": ["W", "#N/A", None]}), "TIME_PERIOD", tmp_path)
    assert read["TOPICS"].head(3).to_list() == ["W", None if name in WITHOUT_MISSING else "#N/A", None]


def test_a_code_that_looks_like_the_token_is_a_code_in_every_format(tmp_path: Path) -> None:
    component = a_component("OBS_STATUS", Role.ATTRIBUTE, level=Level.OBSERVATION)
    for name in FORMATS:
        read = _round_trip(name, _schema(component), _frame([component], {"OBS_STATUS": ["A", "#N/A"]}), "TIME_PERIOD", tmp_path)
        assert read["OBS_STATUS"].to_list() == ["A", "#N/A"], name
