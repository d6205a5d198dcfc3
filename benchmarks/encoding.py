"""How fast observations become messages, against Polars' CSV writer on the same frames and against pysdmx's XML writer."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

import polars as pl
from pysdmx.io.pd import PandasDataset
from pysdmx.io.xml.sdmx30.writer.structure_specific import write as pysdmx_write
from pysdmx.model import Component, Components, Concept, DataType, Schema
from pysdmx.model import Role as PysdmxRole

from benchmarks.generator import sdg_observations, sdg_schema
from benchmarks.results import Result, paired, seconds
from exchange.codecs.ports import DataEncoder, DataMessage, DataOptions, DataSet
from exchange.codecs.sdmx_csv.dialect import SDMX_CSV_2_1
from exchange.codecs.sdmx_csv.writing import SdmxCsvEncoder
from exchange.codecs.sdmx_json.data.dialect import DATA_2_0
from exchange.codecs.sdmx_json.data.message import SdmxJsonEncoder
from exchange.codecs.sdmx_ml.data.dialect import DATA_3_0
from exchange.codecs.sdmx_ml.data.structure_specific import StructureSpecificEncoder
from exchange.query.values.data_query import ALL_DIMENSIONS
from registry.data_schema import DataSchema, Level, Role

OBSERVATIONS = 1_000_000
#: pysdmx takes about a minute for a million; its time per observation is measured on fewer.
PYSDMX_OBSERVATIONS = 20_000
REPETITIONS = 3
_TIME = "TIME_PERIOD"


def run() -> Iterator[Result]:
    """Measure all encoders that have a promise."""
    schema = sdg_schema()
    frames = list(sdg_observations(OBSERVATIONS))
    promises: list[tuple[str, float, DataEncoder, str]] = [
        ("SDMX-CSV 2.1, throughput against Polars write_csv", 0.5, SdmxCsvEncoder(SDMX_CSV_2_1), ALL_DIMENSIONS),
        ("SDMX-ML 3.0 structure-specific, throughput against Polars write_csv", 0.2, StructureSpecificEncoder(DATA_3_0), _TIME),
        ("SDMX-JSON 2.0, throughput against Polars write_csv", 0.15, SdmxJsonEncoder(DATA_2_0), _TIME),
    ]
    for name, goal, encoder, dimension in promises:
        ratio = paired(lambda: _encode(encoder, schema, frames, dimension), lambda: _write_csv(frames), REPETITIONS)  # noqa: B023 - called at once
        yield Result(name, goal, ratio, "x")
    yield Result("SDMX-ML 3.0 structure-specific, throughput against pysdmx", 20, _against_pysdmx(schema, frames), "x")


def _encode(encoder: DataEncoder, schema: DataSchema, frames: list[pl.DataFrame], dimension: str) -> None:
    columns = tuple(component.id for component in schema.components)
    message = DataMessage([DataSet(schema, iter(frames), columns, dimension)])
    for _ in encoder.encode(message, DataOptions()):
        pass


def _write_csv(frames: list[pl.DataFrame]) -> None:
    for frame in frames:
        frame.write_csv(BytesIO())


def _against_pysdmx(schema: DataSchema, frames: list[pl.DataFrame]) -> float:
    """Time per observation of pysdmx over ours, both in the layout by series."""
    encoder = StructureSpecificEncoder(DATA_3_0)
    dataset = PandasDataset(structure=_pysdmx_schema(schema), data=frames[0].head(PYSDMX_OBSERVATIONS).to_pandas())
    theirs = seconds(lambda: pysdmx_write([dataset], dimension_at_observation=_TIME)) / PYSDMX_OBSERVATIONS
    ours = min(seconds(lambda: _encode(encoder, schema, frames, _TIME)) for _ in range(2)) / OBSERVATIONS
    return theirs / ours


def _pysdmx_schema(schema: DataSchema) -> Schema:
    roles = {
        Role.DIMENSION: PysdmxRole.DIMENSION,
        Role.TIME_DIMENSION: PysdmxRole.DIMENSION,
        Role.MEASURE: PysdmxRole.MEASURE,
        Role.ATTRIBUTE: PysdmxRole.ATTRIBUTE,
    }
    components = [
        Component(
            component.id,
            component.mandatory,
            roles[component.role],
            Concept(component.id, dtype=DataType.STRING),
            attachment_level=_attachment(component.level, schema),
        )
        for component in schema.components
    ]
    return Schema("datastructure", "BENCHMARK", "SDG", Components(components), "1.0.0")


def _attachment(level: Level | None, schema: DataSchema) -> str | None:
    if level is None:
        return None
    return "O" if level is Level.OBSERVATION else ",".join(dimension.id for dimension in schema.dimensions)


if __name__ == "__main__":
    for result in run():
        print(result.document())
