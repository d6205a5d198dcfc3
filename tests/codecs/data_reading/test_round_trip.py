"""What our writers write, our readers read: the same observations in every format."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from exchange.codecs.columnar.data_message import ArrowEncoder, ParquetEncoder
from exchange.codecs.columnar.reading import ColumnarDecoder
from exchange.codecs.negotiation.media_types import (
    ARROW,
    DATA_CSV_1_0,
    DATA_CSV_2_0,
    DATA_CSV_2_1,
    DATA_JSON_2_0,
    DATA_JSON_2_1,
    DATA_ML_2_1,
    DATA_ML_2_1_GENERIC,
    DATA_ML_3_0,
    DATA_ML_3_1,
    PARQUET,
    Format,
)
from exchange.codecs.ports import DataDecoder, DataEncoder, DataMessage, DataOptions, DataSet
from exchange.codecs.sdmx_csv.dialect import SDMX_CSV_1_0, SDMX_CSV_2_0, SDMX_CSV_2_1
from exchange.codecs.sdmx_csv.reading import SdmxCsvDecoder
from exchange.codecs.sdmx_csv.writing import SdmxCsvEncoder
from exchange.codecs.sdmx_json.data import dialect as json
from exchange.codecs.sdmx_json.data.message import SdmxJsonEncoder
from exchange.codecs.sdmx_json.data.reading import SdmxJsonDataDecoder
from exchange.codecs.sdmx_ml.data import dialect as ml
from exchange.codecs.sdmx_ml.data.generic import GenericEncoder
from exchange.codecs.sdmx_ml.data.reading import SdmxMlDataDecoder
from exchange.codecs.sdmx_ml.data.structure_specific import StructureSpecificEncoder
from exchange.observations.ports import SOURCE_ROW, Action
from exchange.observations.table.layout import MULTILINGUAL
from exchange.query.values.data_query import Context
from registry.data_schema import DataSchema

FULL = (DATA_CSV_2_0, DATA_CSV_2_1, DATA_ML_3_0, DATA_ML_3_1, DATA_JSON_2_0, DATA_JSON_2_1, PARQUET, ARROW)
PLAIN = (*FULL, DATA_CSV_1_0, DATA_ML_2_1, DATA_ML_2_1_GENERIC)
ENCODERS: dict[Format, DataEncoder] = {
    DATA_CSV_1_0: SdmxCsvEncoder(SDMX_CSV_1_0),
    DATA_CSV_2_0: SdmxCsvEncoder(SDMX_CSV_2_0),
    DATA_CSV_2_1: SdmxCsvEncoder(SDMX_CSV_2_1),
    DATA_ML_2_1: StructureSpecificEncoder(ml.DATA_2_1),
    DATA_ML_2_1_GENERIC: GenericEncoder(),
    DATA_ML_3_0: StructureSpecificEncoder(ml.DATA_3_0),
    DATA_ML_3_1: StructureSpecificEncoder(ml.DATA_3_1),
    DATA_JSON_2_0: SdmxJsonEncoder(json.DATA_2_0),
    DATA_JSON_2_1: SdmxJsonEncoder(json.DATA_2_1),
    PARQUET: ParquetEncoder(),
    ARROW: ArrowEncoder(),
}


def decoder_of(wanted: Format) -> DataDecoder:
    """One decoder reads all versions of a family."""
    families: dict[str, DataDecoder] = {"sdmx-csv": SdmxCsvDecoder(), "sdmx-ml": SdmxMlDataDecoder(), "sdmx-json": SdmxJsonDataDecoder()}
    return next((decoder for family, decoder in families.items() if wanted.alias.startswith(family)), ColumnarDecoder())


def write(path: Path, wanted: Format, schema: DataSchema, batch: pl.DataFrame, observed: str = "TIME_PERIOD", **options: Any) -> None:
    dataset = DataSet(schema, iter([batch]), tuple(batch.columns), observed, Action.REPLACE, Context.DATASTRUCTURE)
    path.write_bytes(b"".join(ENCODERS[wanted].encode(DataMessage([dataset]), DataOptions(**options))))


def read(path: Path, wanted: Format, schema: DataSchema) -> pl.DataFrame:
    return pl.concat([batch for dataset in decoder_of(wanted).decode(path, schema) for batch in dataset.batches], how="diagonal")


def plain_batch() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "FREQ": ["A", "A", "M", "M"],
            "AREA": ["KG", "KG", "MW", "MW"],
            "TIME_PERIOD": ["2020", "2021", "2020-01", "2020-02"],
            "OBS_VALUE": [1.5, None, float("nan"), 1e-7],
            "OBS_STATUS": ["A", "O", None, "A"],
            "UNIT": ["PT", "PT", "l/s <per> \"point\" & 'day'", "l/s <per> \"point\" & 'day'"],
        }
    )


def assert_same(found: pl.DataFrame, written: pl.DataFrame) -> None:
    key = ["FREQ", "AREA", "TIME_PERIOD"]
    assert found[SOURCE_ROW].dtype == pl.Int64
    assert not found[SOURCE_ROW].has_nulls()
    assert_frame_equal(found.drop(SOURCE_ROW).sort(key), written.sort(key), check_column_order=False)


@pytest.mark.parametrize("wanted", PLAIN, ids=lambda wanted: wanted.alias)
@pytest.mark.parametrize("observed", ["TIME_PERIOD", "AllDimensions"])
def test_plain_observations_survive_every_format(tmp_path: Path, schema: DataSchema, wanted: Format, observed: str) -> None:
    path = tmp_path / "message"
    write(path, wanted, schema, plain_batch(), observed)
    assert_same(read(path, wanted, schema), plain_batch())


@pytest.mark.parametrize("wanted", FULL, ids=lambda wanted: wanted.alias)
@pytest.mark.parametrize("observed", ["TIME_PERIOD", "AllDimensions"])
def test_lists_languages_types_and_levels_survive(tmp_path: Path, schema: DataSchema, wanted: Format, observed: str) -> None:
    titles = [{"lang": "en", "value": "Points; all"}, {"lang": "fr", "value": "Points d'eau"}]
    batch = plain_batch().with_columns(
        pl.Series("COUNT", ["3", None, "0", "12"]),
        pl.Series("CONFIRMED", ["true", "false", None, "true"]),
        pl.Series("SOURCES", [["WHO", "a;b"], ["WHO"], None, ['x "y"']]),
        pl.Series("TITLE", [titles, titles, None, None]),
        pl.Series("NOTE", ["one dataset"] * 4),
    )
    path = tmp_path / "message"
    write(path, wanted, schema, batch, observed)
    assert_same(read(path, wanted, schema), batch)


@pytest.mark.parametrize("labels", ["both", "name"])
@pytest.mark.parametrize("keys", ["none", "both"])
def test_labels_and_keys_of_csv_are_taken_off(tmp_path: Path, schema: DataSchema, labels: str, keys: str) -> None:
    path = tmp_path / "message"
    write(path, DATA_CSV_2_1, schema, plain_batch(), labels=labels, keys=keys)
    assert_same(read(path, DATA_CSV_2_1, schema), plain_batch())


@pytest.mark.parametrize("wanted", PLAIN, ids=lambda wanted: wanted.alias)
def test_a_message_says_its_structure(tmp_path: Path, schema: DataSchema, wanted: Format) -> None:
    path = tmp_path / "message"
    write(path, wanted, schema, plain_batch())
    kind = Context.DATAFLOW if wanted is DATA_CSV_1_0 else Context.DATASTRUCTURE
    assert decoder_of(wanted).structures(path) == [(kind, "CDE:DSD_WATER(1.0.0)")]
    (dataset,) = decoder_of(wanted).decode(path, schema)
    assert dataset.structure == (kind, "CDE:DSD_WATER(1.0.0)")
    assert dataset.action is (Action.MERGE if wanted is DATA_CSV_1_0 else Action.REPLACE)


text = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp"), exclude_characters="\ufffe\uffff~"),
    min_size=1,
    max_size=6,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(
    st.dictionaries(
        st.tuples(text, st.integers(1900, 2100)),
        st.tuples(st.none() | st.floats(allow_infinity=False), st.none() | text),
        min_size=1,
        max_size=12,
    ),
    st.sampled_from((DATA_CSV_2_1, DATA_ML_3_0, DATA_ML_2_1_GENERIC, DATA_JSON_2_1, ARROW)),
)
def test_any_text_and_number_survives(
    tmp_path: Path, schema: DataSchema, values: dict[tuple[str, int], tuple[float | None, str | None]], wanted: Format
) -> None:
    batch = pl.DataFrame(
        {
            "FREQ": ["A"] * len(values),
            "AREA": [area for area, _ in values],
            "TIME_PERIOD": [str(year) for _, year in values],
            "OBS_VALUE": [value for value, _ in values.values()],
            "OBS_STATUS": [status for _, status in values.values()],
        },
        schema_overrides={"OBS_VALUE": pl.Float64, "OBS_STATUS": pl.String},
    ).sort("AREA", "TIME_PERIOD")
    path = tmp_path / "message"
    write(path, wanted, schema, batch)
    found = read(path, wanted, schema)
    expected = batch.select(column for column in batch.iter_columns() if column.name in found.columns)
    assert all(batch[name].is_null().all() for name in set(batch.columns) - set(found.columns))
    assert_same(found, expected)


#: Everything that means something in a cell of SDMX-CSV, and everything else.
awkward = st.lists(
    st.sampled_from(['"', ";", ",", "\n", "\r\n", "\r", " ", "en:", "fr:", ":", ": ", "[]", "#", "a", "é", "\t", "\u2028", "~"])
    | st.characters(codec="utf-8"),
    min_size=1,
    max_size=8,
).map("".join)
languages = st.dictionaries(st.sampled_from(["en", "fr", "ky-Cyrl", "x"]), awkward, min_size=1)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
@given(
    st.lists(st.tuples(awkward, st.lists(awkward, min_size=1, max_size=3), languages), min_size=1, max_size=4),
    st.sampled_from((DATA_CSV_2_0, DATA_CSV_2_1)),
    st.sampled_from(("id", "both", "name")),
)
def test_any_text_survives_csv_to_the_letter(
    tmp_path: Path, schema: DataSchema, rows: list[tuple[str, list[str], dict[str, str]]], wanted: Format, labels: str
) -> None:
    # An empty cell is an absent value, and so is a list of nothing but an empty text.
    batch = pl.DataFrame(
        {
            "FREQ": ["A"] * len(rows),
            "AREA": [f"A{number}" for number in range(len(rows))],
            "TIME_PERIOD": ["2020"] * len(rows),
            "UNIT": [text for text, _, _ in rows],
            "SOURCES": [several for _, several, _ in rows],
            "TITLE": [[{"lang": lang, "value": text} for lang, text in texts.items()] for _, _, texts in rows],
        },
        schema_overrides={"TITLE": MULTILINGUAL},
    )
    path = tmp_path / "message"
    write(path, wanted, schema, batch, labels=labels)
    assert_same(read(path, wanted, schema), batch)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
@given(awkward)
def test_any_text_survives_csv_1_to_the_letter(tmp_path: Path, schema: DataSchema, text: str) -> None:
    batch = plain_batch().with_columns(pl.lit(text).alias("UNIT"))
    path = tmp_path / "message"
    write(path, DATA_CSV_1_0, schema, batch)
    assert_same(read(path, DATA_CSV_1_0, schema), batch)
