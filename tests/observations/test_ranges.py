"""Where a table and a submission are cut: no series in two, nothing lost, nothing larger than it may be."""

from __future__ import annotations

import os
import time
from pathlib import Path

import polars as pl
import pytest

from exchange.observations.table import lake_files
from exchange.observations.table.key_ranges import key_ranges
from exchange.observations.table.lake_files import DataFile, local_path, partition_of, pieces, statistics
from exchange.observations.table.layout import SERIES, Layout, sorted_rows
from exchange.observations.writing import runs
from exchange.observations.writing.runs import Run, Runs, Staging, chunks, remove_all
from tests.observations.small_schema import small_schema


def file(first: str, last: str | None, *, current: bool | None = True, path: str = "sorted-x.parquet") -> DataFile:
    return DataFile(path=path, size=1, rows=1, current=current, first=first, last=last, minima={}, maxima={})


def bounds(files: list[DataFile], *cuts: str) -> list[tuple[str | None, str | None, int]]:
    return [(part.lower, part.upper, len(part.files)) for part in key_ranges(files, cuts)]


def test_files_that_do_not_overlap_are_ranges_of_their_own() -> None:
    assert bounds([file("e", "f"), file("a", "b"), file("c", "d")]) == [(None, "c", 1), ("c", "e", 1), ("e", None, 1)]
    assert bounds([]) == [(None, None, 0)]
    assert bounds([file("a", "b")]) == [(None, None, 1)]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ([file("a", "c"), file("c", "d")], [(None, None, 2)]),
        ([file("a", "c"), file("b", "b"), file("d", "e")], [(None, "d", 2), ("d", None, 1)]),
        ([file("a", "e"), file("b", "c"), file("d", "d"), file("f", "g")], [(None, "f", 3), ("f", None, 1)]),
        ([file("a", None), file("b", "c"), file("d", "e")], [(None, None, 3)]),
        ([file("", "a"), file("", "b"), file("c", "d")], [(None, "c", 2), ("c", None, 1)]),
    ],
)
def test_files_that_overlap_stay_in_one_range(files: list[DataFile], expected: list[tuple[str | None, str | None, int]]) -> None:
    assert bounds(files) == expected
    assert bounds(files[::-1]) == expected


def test_further_cuts_are_made_where_no_file_is_in_the_way() -> None:
    files = [file("b", "d"), file("f", "g")]
    assert bounds(files, "c", "d", "e", "a", "e", "h") == [
        (None, "a", 0), ("a", "e", 1), ("e", "f", 0), ("f", "h", 1), ("h", None, 0),
    ]  # fmt: skip
    assert bounds([], "b", "", "a") == [(None, "a", 0), ("a", "b", 0), ("b", None, 0)]


def test_closed_revisions_cut_nothing_and_are_in_every_range_they_reach() -> None:
    closed = [file("a", "c", current=False), file("d", "d", current=False), file("b", None, current=False)]
    found = key_ranges([file("a", "b"), *closed, file("d", "e")])
    assert [[old.first for old in part.closed] for part in found] == [["a", "b"], ["d", "b"]]
    assert [part.is_one_sorted_file for part in found] == [False, False]
    assert [part.is_one_sorted_file for part in key_ranges([file("a", "b"), file("d", "e", path="foreign.parquet")])] == [True, False]


@pytest.mark.parametrize(
    ("lower", "upper", "meets"),
    [
        (None, None, True), ("b", None, True), ("d", None, True), ("e", None, False),
        (None, "b", False), (None, "c", True), ("a", "b", False), ("c", "d", True),
    ],
)  # fmt: skip
def test_a_file_meets_a_range_from_its_lower_bound_to_before_its_upper_one(lower: str | None, upper: str | None, meets: bool) -> None:
    assert file("b", "d").meets(lower, upper) is meets
    assert file("b", None).meets(lower, upper) is (upper is None or upper > "b")


@pytest.mark.parametrize(
    ("sizes", "cut"), [([3], [3]), ([1, 1, 1, 9, 1], [3, 9, 1]), ([2, 9, 1], [11, 1]), ([2, 2, 2, 2, 2, 2], [4, 4, 4]), ([20], [20])]
)
def test_pieces_are_about_as_large_as_a_file_and_cut_no_series(monkeypatch: pytest.MonkeyPatch, sizes: list[int], cut: list[int]) -> None:
    monkeypatch.setattr(lake_files, "TARGET_ROWS", 3)
    rows = pl.DataFrame({SERIES: [f"s{number}" for number, size in enumerate(sizes) for _ in range(size)]})
    found = list(pieces(rows))
    assert [piece.height for piece in found] == cut
    assert pl.concat(found).equals(rows)


def test_twice_a_file_is_still_one_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lake_files, "TARGET_ROWS", 3)
    for height, cut in ((6, [6]), (7, [3, 3, 1])):
        rows = pl.DataFrame({SERIES: [f"s{number:02}" for number in range(height)]})
        assert [piece.height for piece in pieces(rows)] == cut


def test_statistics_leave_out_what_delta_lake_cannot_compare() -> None:
    long = "x" * (lake_files._LONGEST_STATISTIC + 1)
    rows = pl.DataFrame(
        {
            "text": ["b", None, "a"],
            "long": ["a", long, None],
            "number": [1.5, -2.0, None],
            "infinite": [1.0, float("inf"), 0.0],
            "nothing": pl.Series([None, None, None], dtype=pl.String),
            "truth": [True, False, None],
            "many": [["a"], None, []],
        }
    )
    found = statistics(rows)
    assert found["numRecords"] == 3
    assert found["minValues"] == {"text": "a", "number": -2.0}
    assert found["maxValues"] == {"text": "b", "number": 1.5}
    assert found["nullCount"] == {"text": 1, "long": 1, "number": 1, "infinite": 0, "nothing": 3}


def test_partitions_and_places_are_written_as_delta_lake_does() -> None:
    assert [partition_of(current) for current in (True, False, None)] == ["true", "false", None]
    assert (local_path("file:///lake"), local_path("/lake"), local_path("s3://lake")) == (Path("/lake"), Path("/lake"), None)


def run(*series: str, staging: Staging) -> Run:
    return staging.keep(pl.DataFrame({SERIES: list(series), "n": list(range(len(series)))}))


@pytest.mark.parametrize("room", [100, 0], ids=["in memory", "on disk"])
def test_a_run_gives_the_series_of_a_range_wherever_it_waits(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, room: int) -> None:
    monkeypatch.setattr(runs, "RUN_ROWS", room)
    with Staging(tmp_path / "waiting") as staging:
        kept = run("b", "c", "c", "e", staging=staging)
        assert (kept.height, kept.first, kept.last, kept.rows is None, kept.file is None) == (4, "b", "e", room == 0, room > 0)
        for lower, upper, expected in (
            (None, None, "bcce"),
            ("c", None, "cce"),
            (None, "c", "b"),
            ("c", "d", "cc"),
            ("d", "e", ""),
            ("b", "e", "bcc"),
            ("e", None, "e"),
        ):
            found = kept.between(lower, upper)
            assert (found[SERIES].to_list() if found is not None else []) == list(expected)
        for lower, upper in (("f", None), (None, "b"), (None, "a")):
            assert kept.between(lower, upper) is None
        both = Runs((kept, run("a", "c", staging=staging)))
        found = both.between("c", "d")
        assert found is not None
        assert found[SERIES].to_list() == ["c", "c", "c"]
        assert both.between("x", None) is None
        assert Runs().between(None, None) is None
        waiting = list((tmp_path / "waiting").glob("submission-*/*.parquet")) if room == 0 else []
        assert len(waiting) == (2 if room == 0 else 0)
    assert not list(tmp_path.glob("waiting/*")), "what waited goes with the submission"


def test_only_what_does_not_fit_into_memory_waits_on_the_disk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(runs, "RUN_ROWS", 5)
    with Staging(tmp_path) as staging:
        kept = [run(*"abc", staging=staging), run(*"abc", staging=staging), run(*"ab", staging=staging), run("a", staging=staging)]
        assert [one.rows is None for one in kept] == [False, True, False, True]
        assert sorted(path.name for path in tmp_path.glob("*/*")) == ["1.parquet", "2.parquet"]


def test_many_rows_are_cut_at_about_the_size_of_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(runs, "_SAMPLED", 2)
    monkeypatch.setattr(runs, "TARGET_ROWS", 4)
    with Staging(tmp_path) as staging:
        assert Runs((run(*"abcdefgh", staging=staging),)).cuts() == []
        # Every second row is a sample, every fourth row of all runs together a cut.
        assert Runs((run(*"acegi", staging=staging), run(*"bdfh", staging=staging))).cuts() == ["a", "e", "i"]
        assert Runs().cuts() == []


def test_batches_are_gathered_and_cut_into_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "RUN_ROWS", 4)

    def heights(*given: int) -> list[int]:
        return [frame.height for frame in chunks(pl.DataFrame({"n": list(range(height))}) for height in given)]

    assert heights() == []
    assert heights(1, 2) == [3]
    assert heights(1, 3, 1) == [4, 1]
    assert heights(2, 3) == [2, 3]
    assert heights(9) == [4, 4, 1]
    assert heights(1, 9, 1) == [1, 4, 4, 2]
    assert heights(4, 4) == [4, 4]


def test_abandoned_runs_go_when_the_next_ones_wait_and_all_go_when_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(runs, "RUN_ROWS", 0)
    old, young = tmp_path / "submission-old", tmp_path / "submission-young"
    for folder in (old, young):
        folder.mkdir()
        (folder / "1.parquet").touch()
    (tmp_path / "other").mkdir()
    os.utime(old, (time.time() - runs._ABANDONED_SECONDS - 60,) * 2)
    os.utime(young, (time.time() - runs._ABANDONED_SECONDS + 3600,) * 2)
    with Staging(tmp_path) as staging:
        run("a", staging=staging)
        assert not old.exists()
        assert young.exists()
    assert remove_all(tmp_path) == [f"{tmp_path.name}/submission-young"]
    assert [path.name for path in tmp_path.iterdir()] == ["other"]


@pytest.mark.parametrize("disorder", ["series", "time", "period", "none", "nulls"])
def test_rows_are_sorted_when_they_are_not(disorder: str) -> None:
    layout = Layout.of(small_schema())
    base = pl.DataFrame(
        {
            "_series": ["a", "a", "b"], "_start": [1, 1, 0], "_end": [2, 2, 0], "TIME_PERIOD": ["p", "q", "r"],
        }
    )  # fmt: skip
    changed = {
        "series": base[[2, 0, 1]],
        "time": base.with_columns(pl.Series("_start", [2, 1, 0])),
        "period": base[[1, 0, 2]],
        "none": base,
        "nulls": base.with_columns(pl.Series("_start", [1, None, 0])),
    }[disorder]
    found = sorted_rows(changed, layout)
    assert found.equals(changed.sort(layout.order))
    assert found.columns == changed.columns
    assert sorted_rows(changed.head(1), layout).equals(changed.head(1))
    assert sorted_rows(changed.clear(), layout).height == 0
