from __future__ import annotations

import io
import math

import pytest
import sdmx
import sdmx.reader.xml.v30  # sdmx1 imports it too late by itself
from pysdmx.io import read_sdmx

from exchange.codecs.ports import DataEncoder
from exchange.codecs.sdmx_ml.data.dialect import DATA_2_1, DATA_3_0, DATA_3_1
from exchange.codecs.sdmx_ml.data.generic import GenericEncoder
from exchange.codecs.sdmx_ml.data.structure_specific import StructureSpecificEncoder
from exchange.query.values.data_query import ALL_DIMENSIONS
from tests.codecs.data_writing.sample import a_dataset, a_frame, a_message, a_schema, halves, written

ENCODERS: dict[str, DataEncoder] = {
    "2.1": StructureSpecificEncoder(DATA_2_1),
    "2.1 generic": GenericEncoder(),
    "3.0": StructureSpecificEncoder(DATA_3_0),
    "3.1": StructureSpecificEncoder(DATA_3_1),
}
# pysdmx uses what pandas 3 is about to lose.
pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword:DeprecationWarning")

LAYOUTS = pytest.mark.parametrize("at", ["TIME_PERIOD", ALL_DIMENSIONS])


def _content(encoder: DataEncoder, at: str) -> bytes:
    # sdmx1 cannot read Atts, the element of attributes of the dataset in 3.0.
    return written(encoder, a_message(a_dataset(a_schema(), *halves(a_frame().drop("TITLE")), at=at)))


@LAYOUTS
@pytest.mark.parametrize("version", ENCODERS)
def test_pysdmx_reads_what_was_written(version: str, at: str) -> None:
    (dataset,) = read_sdmx(_content(ENCODERS[version], at).decode(), validate=version == "2.1 generic").data
    frame = a_frame()
    assert [float(value or "inf") for value in dataset.data["OBS_VALUE"].fillna("")] == pytest.approx(
        [12, 0.25, math.nan, math.inf, -1e21], nan_ok=True
    )
    for name in ("AREA", "SEX", "TIME_PERIOD", "SOURCE", "OBS_STATUS", "COMMENT"):
        assert list(dataset.data[name].fillna("")) == [value or "" for value in frame[name]], name


@LAYOUTS
@pytest.mark.parametrize("version", ["2.1 generic", "2.1", "3.0"])
def test_sdmx1_reads_what_was_written(version: str, at: str) -> None:
    (dataset,) = sdmx.read_sdmx(io.BytesIO(_content(ENCODERS[version], at))).data
    values = sdmx.to_pandas(dataset)
    assert values.tolist() == pytest.approx([12, 0.25, math.nan, math.nan, -1e21], nan_ok=True)
    assert {"AREA", "SEX", "TIME_PERIOD"} <= set(values.index.names)
