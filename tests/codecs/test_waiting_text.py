"""While text waits for a client, the rows that it was made from are gone: a slow client makes the service keep one piece of text."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from itertools import chain

import polars as pl
import pytest

from exchange.codecs.ports import DataEncoder, DataMessage, DataOptions, DataSet
from exchange.codecs.sdmx_csv.dialect import SDMX_CSV_2_1
from exchange.codecs.sdmx_csv.writing import SdmxCsvEncoder
from exchange.codecs.sdmx_ml.data.dialect import DATA_3_0
from exchange.codecs.sdmx_ml.data.generic import GenericEncoder
from exchange.codecs.sdmx_ml.data.structure_specific import StructureSpecificEncoder
from exchange.observations.reading.held_rows import slices
from exchange.query.values.data_query import ALL_DIMENSIONS
from registry.data_schema import DataSchema
from registry.services.schemas import SchemaReader
from registry.store.ports import ChangeSet
from registry.store.sql import open_store
from tests.builders import a_codelist, a_concept_scheme, a_data_structure, a_dataflow, enumerated

#: A height that no other frame has.
ROWS = 7_919
ENCODERS = [SdmxCsvEncoder(SDMX_CSV_2_1), StructureSpecificEncoder(DATA_3_0), GenericEncoder()]


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> DataSchema:
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('registry') / 'registry.sqlite'}")
    area, concepts = a_codelist(codes=["A"]), a_concept_scheme()
    structure = a_data_structure(concepts, {"AREA": enumerated(area)})
    store.commit(ChangeSet(put=(area, concepts, structure, a_dataflow(structure))))
    return SchemaReader(store).for_dataflow("CDE", "DF_WATER")


def batch(number: int) -> Iterator[pl.DataFrame]:
    """Long rows, so that the text of a batch is more than one piece."""
    years = pl.Series("TIME_PERIOD", range(number * ROWS, (number + 1) * ROWS)).cast(pl.String).str.zfill(200)
    return slices(pl.DataFrame({"AREA": ["A"] * ROWS, "TIME_PERIOD": years, "OBS_VALUE": [1.5] * ROWS}), ROWS)


@pytest.mark.parametrize("at_observation", ["TIME_PERIOD", ALL_DIMENSIONS])
@pytest.mark.parametrize("encoder", ENCODERS, ids=lambda encoder: type(encoder).__name__)
def test_no_row_is_kept_while_its_text_waits(schema: DataSchema, encoder: DataEncoder, at_observation: str) -> None:
    dataset = DataSet(schema, chain.from_iterable(map(batch, range(2))), ("AREA", "TIME_PERIOD", "OBS_VALUE"), at_observation)
    waited = 0
    for chunk in encoder.encode(DataMessage([dataset]), DataOptions()):
        if len(chunk) < 1 << 17:
            continue
        waited += 1
        if waited not in {3, 10}:  # inside the first batch and inside the second
            continue
        kept = [thing for thing in gc.get_objects() if isinstance(thing, pl.DataFrame | pl.Series) and len(thing) == ROWS]
        assert not kept, [type(thing) for thing in kept]
    assert waited > 10
