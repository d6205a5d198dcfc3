"""Tables in another shape: columns that become rows, and columns of other tables."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from mappings.errors import MappingFailed
from mappings.readers.ports import ROW, ReaderDescription, SourceTable, no_rejected
from mappings.recipe.model import Lookup, Source, Unpivot
from mappings.steps.reshaping import looked_up, reshaped, unpivoted


def table(**columns: Sequence[str | None]) -> SourceTable:
    frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
    return SourceTable(frame.with_columns(pl.int_range(2, pl.len() + 2).alias(ROW)), no_rejected(), "", 0, ReaderDescription("csv"))


WIDE: dict[str, Sequence[str | None]] = {"day": ["1", "2"], "north": ["a", None], "south": ["c", "d"], "note": ["x", "y"]}


@pytest.mark.parametrize(
    ("rule", "columns", "expected"),
    [
        ({"columns": ("south", "north")}, ["day", "note"],
         [("1", "x", "north", "a", 2), ("1", "x", "south", "c", 2), ("2", "y", "south", "d", 3)]),
        (
            {"columns": ("north", "south"), "keep_empty": True}, ["day", "note"],
            [("1", "x", "north", "a", 2), ("1", "x", "south", "c", 2), ("2", "y", "north", None, 3), ("2", "y", "south", "d", 3)],
        ),
        (
            {"matching": "*o*", "excluding": "n*"}, ["day", "north", "note"],
            [("1", "a", "x", "south", "c", 2), ("2", None, "y", "south", "d", 3)],
        ),
        ({"columns": ("day",), "matching": "nort*"}, ["south", "note"], [
            ("c", "x", "day", "1", 2), ("c", "x", "north", "a", 2), ("d", "y", "day", "2", 3),
        ]),
    ],
)  # fmt: skip
def test_chosen_columns_become_rows_in_the_order_of_the_table(rule: dict[str, Any], columns: list[str], expected: list[Any]) -> None:
    """Names × patterns × exclusions × empty cells."""
    made = unpivoted(table(**WIDE), Unpivot(name="place", value="amount", **rule))
    assert made.frame.columns == [*columns, "place", "amount", ROW]
    assert made.frame.rows() == expected


@pytest.mark.parametrize(
    ("rule", "complaint"),
    [
        ({"columns": ("north",), "name": "day"}, "unpivot cannot call a column 'day'"),
        ({"columns": ("north",), "value": "note"}, "unpivot cannot call a column 'note'"),
        ({"columns": ("north", "west", "east")}, "no column 'west', which unpivot names; columns are day, north, south, note"),
        ({"matching": "west*"}, r"no column that matches 'west\*'"),
        ({"matching": "*", "excluding": "*"}, "no column that matches"),
    ],
)
def test_columns_that_cannot_become_rows_are_named(rule: dict[str, Any], complaint: str) -> None:
    with pytest.raises(MappingFailed, match=complaint):
        unpivoted(table(**WIDE), Unpivot(**{"name": "place", "value": "amount", **rule}))


def test_a_new_column_may_have_the_name_of_one_that_became_rows() -> None:
    made = unpivoted(table(**WIDE), Unpivot(columns=("north", "south"), name="north", value="south"))
    assert made.frame.columns == ["day", "note", "north", "south", ROW]


def test_many_columns_are_not_all_listed() -> None:
    with pytest.raises(MappingFailed, match=r"c49$"):
        unpivoted(table(**{f"c{number}": ["1"] for number in range(60)}), Unpivot(columns=("x",), name="n", value="v"))


@pytest.fixture
def places(tmp_path: Path) -> Path:
    (tmp_path / "places.csv").write_text("name,kind,area\n X ,a,north\ny,a,south\nx,b,west\n,,nowhere\n,,never\n", encoding="utf-8")
    (tmp_path / "twice.csv").write_text("name,area\n,nowhere\n,never\ny,north\nx,south\nx,west\n", encoding="utf-8")
    return tmp_path


def lookup(**rule: Any) -> Lookup:
    return Lookup(**{"file": "places.csv", "on": {"place": "name", "sort": "kind"}, "take": {"region": "area", "name": "name"}, **rule})


HERE: dict[str, Sequence[str | None]] = {"place": ["X", " y", "z", "x", None, "z"], "sort": ["a", "a ", "a", "b", None, "b"]}


@pytest.mark.parametrize(
    ("rule", "rows", "lost", "severity"),
    [
        ({}, [(2, "north", " X "), (3, "south", "y"), (5, "west", "x")], [4, 6, 7], "error"),
        (
            {"unmatched": "report"},
            [(2, "north", " X "), (3, "south", "y"), (4, None, None), (5, "west", "x"), (6, None, None), (7, None, None)], [], "warning",
        ),
        (
            {"unmatched": "ignore", "ignore_case": True},
            [(2, "north", " X "), (3, "south", "y"), (4, None, None), (5, "west", "x"), (6, None, None), (7, None, None)], [], None,
        ),
    ],
)  # fmt: skip
def test_columns_of_another_table_are_found_by_all_keys_and_an_absent_key_finds_nothing(
    places: Path, rule: dict[str, Any], rows: list[Any], lost: list[int], severity: str | None
) -> None:
    """Keys × blanks × absent keys × what becomes of rows that find nothing."""
    made = looked_up(table(**HERE), lookup(**rule), places)
    assert made.frame.columns == ["place", "sort", "region", "name", ROW]
    assert made.frame.select(ROW, "region", "name").rows() == rows
    assert sorted(made.rejected[ROW]) == lost
    assert [(f.code, f.severity, f.row, f.column, f.count) for f in made.findings] == (
        [("unmatched-lookup", severity, 4, "place", 3)] if severity else []
    )
    if severity:
        assert ("left out" in made.findings[0].message) is (severity == "error")


def test_case_matters_unless_the_recipe_says_otherwise(places: Path) -> None:
    data = table(place=["x", "Y"], sort=["A", "a"])
    assert looked_up(data, lookup(unmatched="ignore"), places).frame["region"].to_list() == [None, None]
    assert looked_up(data, lookup(unmatched="ignore", ignore_case=True), places).frame["region"].to_list() == ["north", "south"]


@pytest.mark.parametrize(
    ("rule", "complaint"),
    [
        ({"on": {"place": "kind"}}, "places.csv:2: kind stands there more than once"),
        ({"on": {"where": "name"}}, "the source has no column 'where', which a lookup names; columns are place, sort"),
        ({"on": {"place": "nome"}}, "places.csv has no column 'nome', which a lookup names; columns are name, kind, area"),
        ({"take": {"region": "aera"}}, "places.csv has no column 'aera'"),
        ({"take": {"sort": "area"}}, "has a column 'sort' already"),
        ({"file": "twice.csv", "on": {"place": "name"}, "take": {"region": "area"}}, "twice.csv:5: name stands there more than once"),
        ({"on": {"place": "name"}, "ignore_case": True}, "places.csv:2: name stands there more than once"),
    ],
)
def test_a_lookup_that_cannot_be_done_says_why(places: Path, rule: dict[str, Any], complaint: str) -> None:
    with pytest.raises(MappingFailed, match=complaint):
        looked_up(table(**HERE), lookup(**rule), places)


def test_each_change_of_shape_says_how_many_rows_went_in_and_came_out(places: Path) -> None:
    """Unpivot × lookup × lookup: the numbers follow each other."""
    source = Source(
        unpivot=Unpivot(columns=("p1", "p2"), name="column", value="place"),
        lookups=(lookup(), lookup(on={"region": "area"}, take={"again": "name"}, unmatched="ignore")),
    )
    data = table(sort=["a", "a", "b"], p1=["X", "q", None], p2=["y", None, "x"])
    changes = list(reshaped(data, source, places))
    assert [(counts, files) for _, counts, files in changes] == [
        ({"rows_in": 3, "rows_spread": 6, "rows_out": 4}, []),
        ({"rows_in": 4, "rows_out": 3}, ["places.csv"]),
        ({"rows_in": 3, "rows_out": 3}, ["places.csv"]),
    ]
    assert changes[-1][0].frame["again"].to_list() == [" X ", "y", "x"]
    assert list(reshaped(data, Source(), places)) == []
