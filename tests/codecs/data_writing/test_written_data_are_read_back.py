"""What the encoders write, the decoders read back: the same observations, structure and action."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from exchange.codecs.columnar.data_message import ArrowEncoder, ParquetEncoder
from exchange.codecs.columnar.reading import ColumnarDecoder
from exchange.codecs.ports import DataDecoder, DataEncoder
from exchange.codecs.sdmx_csv.dialect import SDMX_CSV_1_0, SDMX_CSV_2_0, SDMX_CSV_2_1
from exchange.codecs.sdmx_csv.reading import SdmxCsvDecoder
from exchange.codecs.sdmx_csv.writing import SdmxCsvEncoder
from exchange.codecs.sdmx_json.data.dialect import DATA_2_0 as JSON_2_0
from exchange.codecs.sdmx_json.data.dialect import DATA_2_1 as JSON_2_1
from exchange.codecs.sdmx_json.data.message import SdmxJsonEncoder
from exchange.codecs.sdmx_json.data.reading import SdmxJsonDataDecoder
from exchange.codecs.sdmx_ml.data.dialect import DATA_2_1, DATA_3_0, DATA_3_1
from exchange.codecs.sdmx_ml.data.generic import GenericEncoder
from exchange.codecs.sdmx_ml.data.reading import SdmxMlDataDecoder
from exchange.codecs.sdmx_ml.data.structure_specific import StructureSpecificEncoder
from exchange.observations.ports import SOURCE_ROW, Action
from exchange.query.values.data_query import ALL_DIMENSIONS
from tests.codecs.data_writing.sample import KEY, a_dataset, a_frame, a_message, a_schema, halves, history, written

#: Encoder, decoder, and whether the format has several values and languages.
FORMATS: dict[str, tuple[DataEncoder, DataDecoder, bool]] = {
    "sdmx-csv-1.0": (SdmxCsvEncoder(SDMX_CSV_1_0), SdmxCsvDecoder(), False),
    "sdmx-csv-2.0": (SdmxCsvEncoder(SDMX_CSV_2_0), SdmxCsvDecoder(), True),
    "sdmx-csv-2.1": (SdmxCsvEncoder(SDMX_CSV_2_1), SdmxCsvDecoder(), True),
    "sdmx-ml-2.1": (StructureSpecificEncoder(DATA_2_1), SdmxMlDataDecoder(), False),
    "sdmx-ml-2.1-generic": (GenericEncoder(), SdmxMlDataDecoder(), False),
    "sdmx-ml-3.0": (StructureSpecificEncoder(DATA_3_0), SdmxMlDataDecoder(), True),
    "sdmx-ml-3.1": (StructureSpecificEncoder(DATA_3_1), SdmxMlDataDecoder(), True),
    "sdmx-json-2.0": (SdmxJsonEncoder(JSON_2_0), SdmxJsonDataDecoder(), True),
    "sdmx-json-2.1": (SdmxJsonEncoder(JSON_2_1), SdmxJsonDataDecoder(), True),
    "parquet": (ParquetEncoder(), ColumnarDecoder(), True),
    "arrow": (ArrowEncoder(), ColumnarDecoder(), True),
}


def _without_empty_values(frame: pl.DataFrame) -> list[dict[str, object]]:
    frame = frame.with_columns(pl.selectors.boolean().cast(pl.String))
    rows = frame.select(sorted(set(frame.columns) - {SOURCE_ROW})).to_dicts()
    return sorted(({name: value for name, value in row.items() if value not in (None, "", [])} for row in rows), key=str)


@pytest.mark.parametrize("at", ["TIME_PERIOD", ALL_DIMENSIONS])
@pytest.mark.parametrize("name", FORMATS)
def test_observations_come_back(name: str, at: str, tmp_path: Path) -> None:
    encoder, decoder, lists = FORMATS[name]
    schema, frame = a_schema(lists=lists), a_frame(lists=lists).with_columns(OBS_VALUE=pl.Series([12.0, 0.25, 1e-9, None, -1e21]))
    path = tmp_path / "message"
    path.write_bytes(written(encoder, a_message(a_dataset(schema, *halves(frame), at=at))))
    (read,) = ((dataset.action, pl.concat(list(dataset.batches), how="diagonal_relaxed")) for dataset in decoder.decode(path, schema))
    assert _without_empty_values(read[1]) == _without_empty_values(frame)
    assert read[0] is (Action.MERGE if name == "sdmx-csv-1.0" else Action.REPLACE)


@pytest.mark.parametrize("name", [name for name in FORMATS if name not in {"sdmx-csv-1.0", "parquet", "arrow"}])
def test_deletions_come_back(name: str, tmp_path: Path) -> None:
    encoder, decoder, _ = FORMATS[name]
    schema = a_schema()
    path = tmp_path / "message"
    path.write_bytes(written(encoder, a_message(*history(schema))))
    datasets = [(dataset.action, pl.concat(list(dataset.batches), how="diagonal_relaxed")) for dataset in decoder.decode(path, schema)]
    assert [action for action, _ in datasets] == [Action.DELETE, Action.REPLACE]
    assert _without_empty_values(datasets[0][1]) == _without_empty_values(a_frame().select(KEY).tail(1))
    assert datasets[1][1].height == 4


_XML_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufffe\uffff"), max_size=12).filter(
    lambda text: all(ord(character) >= 32 or character in "\t\n\r" for character in text)
)


@given(st.lists(st.tuples(_XML_TEXT, st.floats(allow_nan=False, allow_infinity=False)), min_size=1, max_size=6))
def test_any_text_that_xml_can_hold_and_any_number_come_back(cells: list[tuple[str, float]]) -> None:
    years = [str(2000 + number) for number in range(len(cells))]
    frame = pl.DataFrame({"TIME_PERIOD": years, "COMMENT": [text for text, _ in cells], "OBS_VALUE": [number for _, number in cells]})
    tree = etree.fromstring(written(StructureSpecificEncoder(DATA_3_1), a_message(a_dataset(a_schema(), frame))))
    assert [(obs.get("COMMENT"), float(obs.get("OBS_VALUE", "nan"))) for obs in tree.iter("Obs")] == cells
