"""Streams of observation batches: series once, windows, and the first row."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl
import pytest

from exchange.services.batches import distinct_series, peeked, window


def batches(*parts: list[int], taken: list[int] | None = None) -> Iterator[pl.DataFrame]:
    """One batch per list; ``taken`` notes which were read."""
    for number, part in enumerate(parts):
        if taken is not None:
            taken.append(number)
        yield pl.DataFrame({"AREA": part}, schema={"AREA": pl.Int64})


def numbers(stream: Iterator[pl.DataFrame]) -> list[list[int]]:
    return [batch["AREA"].to_list() for batch in stream]


@pytest.mark.parametrize(
    ("parts", "series"),
    [
        ([[1, 1, 2], [2, 2, 3], [3]], [[1, 2], [3]]),
        ([[1], [2], [2, 3]], [[1], [2], [3]]),
        ([[], [1], [], [1, 2]], [[1], [2]]),
        ([[1, 2], [2], [2], [4]], [[1, 2], [4]]),
        ([[]], []),
    ],
)
def test_a_series_that_goes_on_in_the_next_batches_stands_there_once(parts: list[list[int]], series: list[list[int]]) -> None:
    assert numbers(distinct_series(batches(*parts))) == series


@pytest.mark.parametrize("offset", range(8))
@pytest.mark.parametrize("limit", [None, *range(8)])
def test_a_window_is_the_same_part_of_a_stream_whatever_its_batches(offset: int, limit: int | None) -> None:
    everything = [1, 2, 3, 4, 5, 6]
    expected = everything[offset : None if limit is None else offset + limit]
    for parts in ([[1, 2, 3, 4, 5, 6]], [[1, 2], [3], [], [4, 5, 6]], [[1], [2], [3], [4], [5], [6]]):
        found = numbers(window(batches(*parts), offset, limit))
        assert [number for part in found for number in part] == expected
        assert all(found), "no batch is empty"


def test_a_window_reads_no_further_than_its_last_row() -> None:
    taken: list[int] = []
    assert numbers(window(batches([1, 2], [3, 4], [5, 6], taken=taken), 1, 3)) == [[2], [3, 4]]
    assert taken == [0, 1]


def test_looking_for_the_first_row_loses_none_and_reads_no_further() -> None:
    taken: list[int] = []
    stream = peeked(batches([], [1, 2], [3], taken=taken))
    assert taken == [0, 1]
    assert stream is not None
    assert numbers(stream) == [[1, 2], [3]]
    assert peeked(batches([], [])) is None
    assert peeked(batches()) is None
