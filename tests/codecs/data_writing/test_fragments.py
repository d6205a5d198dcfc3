from __future__ import annotations

import polars as pl
import pytest

from exchange.codecs.data_writing.fragments import CHUNK_BYTES, gathered, lexical, starts, utf8
from registry.data_schema import DataSchema, Role
from registry.model.structures import DataStructure
from tests.codecs.data_writing.sample import AGENCY, VERSION, a_component


def _schema(data_type: str) -> DataSchema:
    structure = DataStructure(id="DSD", agency_id=AGENCY, version=VERSION, names={"en": "DSD"})
    return DataSchema(structure=structure, components=(a_component("VALUE", Role.MEASURE, data_type),))


@pytest.mark.parametrize(
    ("data_type", "texts"),
    [
        ("Double", ["12", "-0.5", "1e+21", "1e-9", "NaN", "INF", "-INF", None]),
        ("Decimal", ["12", "-0.5", "1000000000000000000000", "0.000000001", "NaN", "INF", "-INF", None]),
    ],
)
def test_numbers_are_short_and_decimals_have_no_exponent(data_type: str, texts: list[str | None]) -> None:
    frame = pl.DataFrame({"VALUE": [12.0, -0.5, 1e21, 1e-9, float("nan"), float("inf"), float("-inf"), None]})
    assert lexical(frame, _schema(data_type), ["VALUE"])["VALUE"].to_list() == texts


def test_whole_numbers_and_truth_values_have_their_own_text() -> None:
    assert lexical(pl.DataFrame({"VALUE": [10, -3, None]}), _schema("Integer"), ["VALUE"])["VALUE"].to_list() == ["10", "-3", None]
    assert lexical(pl.DataFrame({"VALUE": [True, False]}), _schema("Boolean"), ["VALUE"])["VALUE"].to_list() == ["true", "false"]


def test_a_series_starts_where_its_key_changes() -> None:
    frame = pl.DataFrame({"A": ["x", "x", None, None], "B": ["1", "2", "2", "2"]})
    assert starts(frame, ["A", "B"], None).to_list() == [True, True, True, False]
    assert starts(frame, ["A", "B"], ("x", "1")).to_list() == [False, True, True, False]
    assert starts(frame, [], None).to_list() == [True, False, False, False]
    assert starts(frame, [], ()).to_list() == [False] * 4


def test_text_is_handed_on_in_chunks_without_what_is_skipped() -> None:
    texts = pl.Series(["é" * 1000, None, "x" * 999] * 500).slice(1, 1498)
    chunks = list(utf8(texts, skip=9))
    assert b"".join(chunks) == "".join(texts.fill_null("")).encode()[9:]
    assert [len(chunk) for chunk in chunks[:-1]] == [CHUNK_BYTES] * (len(chunks) - 1)
    assert not list(utf8(pl.Series([], dtype=pl.String)))
    assert not list(utf8(pl.Series([None, None], dtype=pl.String)))


def test_gathering_runs_through_everything_at_once() -> None:
    taken: list[int] = []

    def chunk(number: int) -> bytes:
        taken.append(number)
        return bytes([number])

    chunks = gathered(map(chunk, range(3)))
    assert taken == [0, 1, 2]
    assert b"".join(chunks) == b"\x00\x01\x02"
