"""Profiles describe columns without showing what may be personal."""

from __future__ import annotations

from pathlib import Path

import pytest

from mappings.readers.catalogue import read_source
from mappings.readers.profile import ColumnProfile, ColumnType, profile


def profiled(tmp_path: Path, name: str, values: list[str]) -> ColumnProfile:
    path = tmp_path / "data.csv"
    path.write_text("\n".join([f"{name};other", *(f"{value};x" for value in values)]))
    return profile(read_source(path))[0]


@pytest.mark.parametrize(
    ("values", "kind", "pattern"),
    [
        (["1", "-2", "NA"], ColumnType.INTEGER, None),
        (["1.5", "2", "3e-4"], ColumnType.NUMBER, None),
        (["1 234,5", "12 000"], ColumnType.NUMBER, None),
        (["yes", "No"], ColumnType.BOOLEAN, None),
        (["2020-01-02", "2021-12-31"], ColumnType.DATE, "%Y-%m-%d"),
        (["1/2/2020", "3/4/2021"], ColumnType.DATE, "%d/%m/%Y|%m/%d/%Y"),
        (["13/2/2020", "3/4/2021"], ColumnType.DATE, "%d/%m/%Y"),
        (["-13.96 33.77 1050 4", "-13.97 33.78 0 0"], ColumnType.COORDINATE, None),
        (["", ""], ColumnType.EMPTY, None),
        (["a", "1"], ColumnType.TEXT, None),
    ],
)
def test_the_type_of_a_column(tmp_path: Path, values: list[str], kind: ColumnType, pattern: str | None) -> None:
    found = profiled(tmp_path, "c", values)
    assert (found.type, found.pattern) == (kind, pattern)


def test_counts_and_frequent_values(tmp_path: Path) -> None:
    found = profiled(tmp_path, "c", ["b", "a", "b", "", "a", "b"])
    assert (found.rows, found.empty, found.distinct, found.top) == (6, 1, 2, (("b", 3), ("a", 2)))


@pytest.mark.parametrize(
    ("name", "values", "reason"),
    [
        ("Respondent name", ["Ada", "Ada"], "name"),
        ("phone_number", ["0712345678"], "contact"),
        ("q7", ["+254 712 345 678", "+254 712 345 679"], "contact"),
        ("q8", ["ada@example.org", "n/a"], "contact"),
        ("_gps_latitude", ["1"], "coordinate"),
        ("q9", ["-13.96 33.77"], "coordinate"),
        ("x", [f"{36 + n / 7919:.6f}" for n in range(30)], "coordinate"),
        ("comment", [f"The pump at house {n} has been broken since the flood" for n in range(30)], "free text"),
        ("status", ["broken", "works"] * 20, None),
        ("population", [str(n) for n in range(30)], None),
    ],
)
def test_columns_that_may_be_personal_show_no_values(tmp_path: Path, name: str, values: list[str], reason: str | None) -> None:
    found = profiled(tmp_path, name, values)
    assert found.personal_candidate == reason
    assert bool(found.top) is (reason is None)
