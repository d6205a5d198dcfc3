from __future__ import annotations

import tracemalloc
from collections.abc import Iterator

import polars as pl
import pytest

from exchange.codecs.columnar.data_message import ArrowEncoder, ParquetEncoder
from exchange.codecs.data_writing.fragments import SLICE_ROWS
from exchange.codecs.ports import DataEncoder, DataOptions
from exchange.codecs.sdmx_csv.dialect import SDMX_CSV_1_0, SDMX_CSV_2_1
from exchange.codecs.sdmx_csv.writing import SdmxCsvEncoder
from exchange.codecs.sdmx_json.data.dialect import DATA_2_0
from exchange.codecs.sdmx_json.data.message import SdmxJsonEncoder
from exchange.codecs.sdmx_ml.data.dialect import DATA_2_1, DATA_3_0
from exchange.codecs.sdmx_ml.data.generic import GenericEncoder
from exchange.codecs.sdmx_ml.data.structure_specific import StructureSpecificEncoder
from tests.codecs.data_writing.sample import a_dataset, a_frame, a_message, a_schema, written

ENCODERS: dict[str, DataEncoder] = {
    "csv 1.0": SdmxCsvEncoder(SDMX_CSV_1_0),
    "csv 2.1": SdmxCsvEncoder(SDMX_CSV_2_1),
    "ml 2.1": StructureSpecificEncoder(DATA_2_1),
    "ml 2.1 generic": GenericEncoder(),
    "ml 3.0": StructureSpecificEncoder(DATA_3_0),
    "json 2.0": SdmxJsonEncoder(DATA_2_0),
    "parquet": ParquetEncoder(),
    "arrow": ArrowEncoder(),
}
COLUMNS = ("FREQ", "AREA", "SEX", "TIME_PERIOD", "OBS_VALUE")


def _batch(number: int, rows: int = 1000) -> pl.DataFrame:
    years = pl.int_range(1000, 1000 + rows, eager=True).cast(pl.String)
    return pl.DataFrame(
        {"FREQ": "A", "AREA": "MW", "SEX": "F", "TIME_PERIOD": years, "OBS_VALUE": pl.repeat(float(number), rows, eager=True)}
    )


@pytest.mark.parametrize("name", ENCODERS)
def test_batches_are_asked_for_only_when_the_text_before_was_taken(name: str) -> None:
    asked: list[int] = []

    def batches() -> Iterator[pl.DataFrame]:
        for number in range(5):
            asked.append(number)
            yield _batch(number)

    dataset = a_dataset(a_schema(), batches=batches(), columns=COLUMNS)
    chunks = ENCODERS[name].encode(a_message(dataset), DataOptions())
    assert not asked
    taken = 0
    while not asked or asked[-1] < 1:
        taken += len(next(chunks))
    assert taken or name == "parquet"
    assert asked == [0, 1]
    assert b"".join(chunks)


@pytest.mark.parametrize("name", ["csv 2.1", "ml 3.0", "json 2.0"])
def test_memory_of_python_does_not_grow_with_the_message(name: str) -> None:
    def peak(count: int) -> int:
        dataset = a_dataset(a_schema(), batches=(_batch(number, 9000) for number in range(count)), columns=COLUMNS)
        tracemalloc.start()
        for _ in ENCODERS[name].encode(a_message(dataset), DataOptions()):
            pass
        _, highest = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return highest

    peak(1)
    assert peak(20) < 2 * peak(2) + (1 << 20)


@pytest.mark.parametrize("name", ENCODERS)
def test_dictionary_columns_are_written_like_text(name: str) -> None:
    text = a_frame()
    dictionary = text.with_columns(pl.col("FREQ", "AREA", "SOURCE", "UNIT", "OBS_STATUS").cast(pl.Categorical))
    messages = [written(ENCODERS[name], a_message(a_dataset(a_schema(), frame))) for frame in (text, dictionary)]
    assert messages[0] == messages[1]


@pytest.mark.parametrize("name", ENCODERS)
def test_columns_that_carry_nothing_may_be_absent_or_untyped(name: str) -> None:
    frame = a_frame().select("AREA", "TIME_PERIOD", "OBS_VALUE")
    texts = []
    for batch in (frame, frame.with_columns(FREQ=pl.lit(None), SEX=pl.lit(None), UNIT=pl.lit(None), SOURCE=pl.lit(None))):
        columns = ("FREQ", "AREA", "SEX", "TIME_PERIOD", "OBS_VALUE", "UNIT", "SOURCE")
        dataset = a_dataset(a_schema(), batches=iter((batch,)), columns=columns)
        texts.append(b"".join(ENCODERS[name].encode(a_message(dataset), DataOptions())))
    assert texts[0] == texts[1]


def test_a_long_batch_gives_the_same_text_as_short_ones() -> None:
    long = _batch(0, 9000)
    for name in ("csv 2.1", "ml 3.0", "json 2.0"):
        texts = []
        for frames in ((pl.concat([long] * 9),), (long,) * 9):
            dataset = a_dataset(a_schema(), batches=iter(frames), columns=COLUMNS)
            texts.append(b"".join(ENCODERS[name].encode(a_message(dataset), DataOptions())))
        assert texts[0] == texts[1]
    assert long.height * 9 > SLICE_ROWS
