from __future__ import annotations

import io

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from exchange.codecs.columnar.data_message import ArrowEncoder, ParquetEncoder
from exchange.codecs.ports import DataEncoder
from tests.codecs.data_writing.sample import PREPARED, a_dataset, a_frame, a_message, a_schema, halves, history, written


def _table(encoder: DataEncoder, content: bytes) -> pa.Table:
    return pq.read_table(io.BytesIO(content)) if isinstance(encoder, ParquetEncoder) else pa.ipc.open_stream(content).read_all()


ENCODERS = pytest.mark.parametrize("encoder", [ParquetEncoder(), ArrowEncoder()], ids=("parquet", "arrow"))


@ENCODERS
def test_every_value_comes_back(encoder: DataEncoder) -> None:
    frame = a_frame(lists=True)
    table = _table(encoder, written(encoder, a_message(a_dataset(a_schema(lists=True), *halves(frame)))))
    read = pl.from_arrow(table)
    assert isinstance(read, pl.DataFrame)
    assert read.cast({name: dtype for name, dtype in frame.schema.items() if dtype == pl.String}).select(frame.columns).equals(frame)


@ENCODERS
def test_the_schema_says_what_is_what(encoder: DataEncoder) -> None:
    schema = _table(encoder, written(encoder, a_message(a_dataset(a_schema(), a_frame())))).schema
    assert schema.metadata[b"sdmx:structure"] == b"urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=CSO:DF_WATER(1.0.0)"
    assert schema.field("AREA").metadata[b"sdmx:role"] == b"dimension"
    assert schema.field("OBS_VALUE").metadata[b"sdmx:role"] == b"measure"
    assert pa.types.is_dictionary(schema.field("AREA").type)


@ENCODERS
def test_several_datasets_are_told_apart(encoder: DataEncoder) -> None:
    table = _table(encoder, written(encoder, a_message(*history(a_schema()))))
    assert table["ACTION"].to_pylist() == ["D", "R", "R", "R", "R"]
    assert table["VALID_FROM"].to_pylist()[1] == table["VALID_TO"].to_pylist()[0] == PREPARED
    assert table["OBS_VALUE"].to_pylist()[0] is None


@ENCODERS
def test_no_observations_are_a_schema(encoder: DataEncoder) -> None:
    table = _table(encoder, written(encoder, a_message(a_dataset(a_schema()))))
    assert (table.num_rows, table.column_names[0]) == (0, "FREQ")


def test_parquet_is_written_in_row_groups() -> None:
    content = written(ParquetEncoder(), a_message(a_dataset(a_schema(), *halves(a_frame()))))
    assert pq.ParquetFile(io.BytesIO(content)).num_row_groups == 2
