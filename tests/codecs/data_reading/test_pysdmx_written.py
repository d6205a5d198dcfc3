"""Messages that pysdmx has written."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import polars as pl
import pysdmx.io
import pytest
from pysdmx.io.format import Format
from pysdmx.io.pd import PandasDataset
from pysdmx.model import Component, Components, Concept, DataType, Role
from pysdmx.model.dataflow import Schema

from exchange.codecs.sdmx_csv.reading import SdmxCsvDecoder
from exchange.codecs.sdmx_ml.data.reading import SdmxMlDataDecoder
from exchange.observations.ports import SOURCE_ROW
from registry.data_schema import DataSchema

ROLES = {
    "FREQ": (Role.DIMENSION, DataType.STRING, None),
    "AREA": (Role.DIMENSION, DataType.STRING, None),
    "TIME_PERIOD": (Role.DIMENSION, DataType.PERIOD, None),
    "OBS_VALUE": (Role.MEASURE, DataType.DOUBLE, None),
    "OBS_STATUS": (Role.ATTRIBUTE, DataType.STRING, "O"),
    "UNIT": (Role.ATTRIBUTE, DataType.STRING, "FREQ,AREA"),
}
VALUES = {
    "FREQ": ["A", "A", "M"],
    "AREA": ["KG", "KG", "MW"],
    "TIME_PERIOD": ["2020", "2021", "2020-01"],
    "OBS_VALUE": [1.5, 2.0, -0.25],
    "OBS_STATUS": ["A", "E", "A"],
    "UNIT": ["PT", "PT", "litres & more"],
}


def their_dataset() -> PandasDataset:
    components = [
        Component(name, required=role is not Role.ATTRIBUTE, role=role, concept=Concept(name), local_dtype=kind, attachment_level=level)
        for name, (role, kind, level) in ROLES.items()
    ]
    schema = Schema(context="datastructure", agency="CDE", id="DSD_WATER", components=Components(components), version="1.0.0")
    return PandasDataset(structure=schema, data=pd.DataFrame(VALUES))


@pytest.mark.parametrize(
    "wanted",
    [
        Format.DATA_SDMX_CSV_1_0_0,
        Format.DATA_SDMX_CSV_2_0_0,
        Format.DATA_SDMX_CSV_2_1_0,
        Format.DATA_SDMX_ML_2_1_GEN,
        Format.DATA_SDMX_ML_2_1_STR,
        Format.DATA_SDMX_ML_3_0,
        Format.DATA_SDMX_ML_3_1,
    ],
    ids=lambda wanted: wanted.name,
)
def test_the_same_observations_come_back(tmp_path: Path, schema: DataSchema, wanted: Format) -> None:
    path = tmp_path / "message"
    written = pysdmx.io.write_sdmx([their_dataset()], wanted)
    assert written is not None
    path.write_text(written, encoding="utf-8")
    decoder = SdmxCsvDecoder() if "csv" in wanted.value else SdmxMlDataDecoder()
    assert [name for _, name in decoder.structures(path)] == ["CDE:DSD_WATER(1.0.0)"]
    batch = pl.concat([batch for dataset in decoder.decode(path, schema) for batch in dataset.batches], how="diagonal")
    assert batch.drop(SOURCE_ROW).select(*VALUES).to_dict(as_series=False) == VALUES
