"""Every table of the collection of citizen data, where it is at hand."""

from __future__ import annotations

import os
from pathlib import Path

import polars as pl
import pytest

from mappings.readers.catalogue import read_source
from mappings.readers.ports import ROW
from mappings.readers.profile import profile

EXTRA = os.environ.get("EXCHANGE_EXTRA_DATA")
FILES = sorted(path for path in Path(EXTRA).rglob("*") if path.suffix in {".csv", ".xlsx", ".ods"}) if EXTRA else []

pytestmark = pytest.mark.skipif(not FILES, reason="EXCHANGE_EXTRA_DATA is not set")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_file_is_read_without_losing_a_row(path: Path) -> None:
    table = read_source(path)
    assert table.frame.height > 0
    assert table.rejected.is_empty()
    assert table.frame[ROW].is_sorted()
    assert len(profile(table)) == len(table.columns)


def test_the_spreadsheet_of_the_beach_survey_agrees_with_its_typed_reading() -> None:
    path = next((path for path in FILES if path.name == "gbbc_2022_raw_data_cleaned.xlsx"), None)
    if path is None:
        pytest.skip("the beach survey is not in this collection")
    texts = read_source(path).frame
    typed = pl.read_excel(path, infer_schema_length=None)
    numeric = [name for name, kind in typed.schema.items() if kind.is_numeric() and name in texts.columns]
    assert len(numeric) > 100
    for name in numeric:
        assert texts[name].cast(pl.Float64, strict=False).equals(typed[name].cast(pl.Float64)), name
