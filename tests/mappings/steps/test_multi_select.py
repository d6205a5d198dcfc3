"""Several answers in one cell: declared options, longest first, nothing guessed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.engines.catalogue import engine_called
from mappings.engines.names import EngineName
from mappings.engines.polars_engine import PolarsEngine
from mappings.journal import Journal
from mappings.readers.catalogue import read_source
from mappings.readers.ports import ROW, ReaderOptions
from mappings.recipe.model import MultiSelect
from mappings.steps.multi_select import split_answers
from tests.mappings.frames import journal, rows

EXAMPLES = Path(__file__).parents[3] / "mappings" / "examples"


def answers(cells: list[str | None], rule: MultiSelect) -> tuple[dict[int, set[str]], Journal]:
    frame = nw.from_native(pl.DataFrame({"q": cells, ROW: list(range(1, len(cells) + 1))}, schema={"q": pl.String, ROW: pl.Int64}).lazy())
    kept = Journal(PolarsEngine())
    made, breakdown = split_answers(frame, "q", rule, kept)
    found = made.collect().to_native()
    return {row[ROW]: {c for c, flag in breakdown.flags.items() if row[flag]} for row in found.iter_rows(named=True)}, kept


RULE = MultiSelect(
    column="q",
    delimiter=", ",
    options={"Damage to civil works - platform, well head, riser etc": "CIVIL", "riser etc": "RISER", "Other": "OTHER", "Pump": "PUMP"},
)


def test_an_option_may_contain_the_delimiter() -> None:
    found, journal = answers(["Pump, Damage to civil works - platform, well head, riser etc, Other", "riser etc, Pump"], RULE)
    assert found == {1: {"PUMP", "CIVIL", "OTHER"}, 2: {"RISER", "PUMP"}}
    assert not journal.findings


def test_text_that_no_option_explains_keeps_the_row_out_and_is_shown() -> None:
    found, journal = answers(["Pump, Rust", "Pump"], RULE)
    assert found == {2: {"PUMP"}}
    (finding,) = journal.findings
    assert (finding.code, finding.row, finding.column) == ("unknown-option", 1, "q")
    assert "Rust" in str(finding.value)
    assert [frame["row"].to_list() for frame in journal.rejected] == [[1]]


def test_unexplained_text_may_have_a_code_of_its_own() -> None:
    found, journal = answers(["Pump, Rust"], RULE.model_copy(update={"unmatched": "_X"}))
    assert found == {1: {"PUMP", "_X"}}
    assert not journal.findings


def test_rows_without_an_answer_have_the_declared_code_or_none() -> None:
    assert answers([None], RULE)[0] == {1: set()}
    assert answers([None], RULE.model_copy(update={"missing": "_U"}))[0] == {1: {"_U"}}


def test_an_answer_given_twice_counts_once() -> None:
    assert answers(["Pump, Pump, Pump"], RULE)[0] == {1: {"PUMP"}}


def test_the_survey_column_whose_options_contain_commas_splits_without_rest() -> None:
    """observed_issues: the longest option has two commas."""
    options = [
        "No problems", "Damage or problem with pump", "Damage to civil works - platform, well head, riser etc",
        "Leakage from pump/ pedestal", "Soil erosion or collapse around the water point", "Water quality", "Other",
    ]  # fmt: skip
    table = read_source(EXAMPLES / "water_points_mw" / "water_points.csv", ReaderOptions(na_values=("", "NA"), trim=True))
    column = table.frame["observed_issues"].to_list()
    known = {option: f"C{number}" for number, option in enumerate(options)}
    found, journal = answers(column, MultiSelect(column="q", delimiter=", ", options=known))
    left_over = {finding.value for finding in journal.findings}
    expected = {row for row, value in enumerate(column, start=1) if value is not None and options[2] in value}
    rejected = {row for frame in journal.rejected for row in frame["row"]}
    assert len(expected) > 200
    assert {row for row, codes in found.items() if "C2" in codes} == expected - rejected
    assert not any(value and ("riser" in value or "well head" in value) for value in left_over)


labels = st.lists(st.text(alphabet="ab, ", min_size=1, max_size=6).map(str.strip).filter(bool), min_size=1, max_size=4, unique=True)


@given(options=labels, data=st.data())
@settings(max_examples=30)
def test_any_choice_of_declared_options_is_explained_completely(options: list[str], data: st.DataObject) -> None:
    chosen = data.draw(st.lists(st.sampled_from(options), min_size=1, max_size=3))
    rule = MultiSelect(column="q", delimiter="; ", options={option: f"C{i}" for i, option in enumerate(options)})
    found, journal = answers(["; ".join(chosen)], rule)
    assert found == {1: {f"C{options.index(option)}" for option in chosen}}
    assert not journal.findings


@pytest.mark.parametrize("engine", list(EngineName))
@pytest.mark.parametrize(
    ("delimiter", "cells"),
    [
        (", ", ["Water, Food", "Water, ", ", Food", "Water, , Food", ""]),
        (", ", ["Water, Food", "Water,", ",Food", "Water,, Food", ", ,"]),
        (";", ["Water;Food", "Water;", ";;Food", "Water;;;Food", ";"]),
        (" ", ["Water Food", "Water ", "  Food", "Water   Food", "   "]),
        ("|", ["Water|Food", "|Water|", "|Food", "Water| |Food|", "||"]),
    ],
)
def test_delimiters_at_the_ends_and_doubled_ones_are_no_answers(delimiter: str, cells: list[str], engine: EngineName) -> None:
    chosen = engine_called(engine)
    frame = pl.DataFrame({"needs": [cell or None for cell in cells], ROW: range(2, 7)})
    rule = MultiSelect(column="needs", delimiter=delimiter, options={"Water": "W", "Food": "F"}, missing="_U")
    journal = Journal(chosen)
    made, breakdown = split_answers(chosen.read(frame), "needs", rule, journal)
    found = chosen.to_polars(made).sort(ROW)
    answers = [{code for code, flag in breakdown.flags.items() if row[flag]} for row in found.iter_rows(named=True)]
    assert answers == [{"W", "F"}, {"W"}, {"F"}, {"W", "F"}, {"_U"}]
    assert not journal.findings


COLUMNS = MultiSelect(columns={"a": "A", "b": "B", "also_b": "B"})
CELLS = {"a": ["1", "0", None, "TRUE", None], "b": [None, "true", None, "no", None], "also_b": ["True", "0", None, "no", "0"]}


@pytest.mark.parametrize(
    ("extra", "expected"),
    [
        ({}, [{"A", "B"}, {"B"}, set(), {"A"}, set()]),
        ({"missing": "_U"}, [{"A", "B"}, {"B"}, {"_U"}, {"A"}, set()]),
        ({"none": "_N"}, [{"A", "B"}, {"B"}, set(), {"A"}, {"_N"}]),
        ({"missing": "_U", "none": "_N"}, [{"A", "B"}, {"B"}, {"_U"}, {"A"}, {"_N"}]),
        ({"missing": "_U", "none": "_U"}, [{"A", "B"}, {"B"}, {"_U"}, {"A"}, {"_U"}]),
        ({"none": "A"}, [{"A", "B"}, {"B"}, set(), {"A"}, {"A"}]),
        ({"selected": ("no",)}, [set(), set(), set(), {"B"}, set()]),
    ],
)
def test_a_row_holds_the_codes_of_the_columns_that_were_selected(extra: dict[str, Any], expected: list[set[str]]) -> None:
    """Columns of one code × missing × none: who has not answered is not who selected nothing."""
    made, breakdown = split_answers(rows(**CELLS), "q", COLUMNS.model_copy(update=extra), journal())
    table = PolarsEngine().to_polars(made)
    assert [{code for code, flag in breakdown.flags.items() if row[flag]} for row in table.iter_rows(named=True)] == expected
    assert all(table[flag].null_count() == 0 for flag in breakdown.flags.values())


def test_codes_of_several_options_unmatched_and_missing_share_a_column_where_they_are_the_same() -> None:
    """Options × unmatched × missing, with one code for all of them."""
    rule = MultiSelect(column="q", delimiter=";", options={"a": "A", "b": "A"}, unmatched="A", missing="A")
    assert answers(["b", "x", None, "a;b"], rule)[0] == {1: {"A"}, 2: {"A"}, 3: {"A"}, 4: {"A"}}
    assert answers(["b", "x", None], rule.model_copy(update={"unmatched": "X", "missing": None}))[0] == {1: {"A"}, 2: {"X"}, 3: set()}


def test_the_finding_shows_what_no_option_explains_and_the_working_column_goes() -> None:
    kept = journal()
    made, _ = split_answers(rows(q=["a;x;b", "a"]), "needs", MultiSelect(column="q", delimiter=";", options={"a": "A", "b": "B"}), kept)
    (finding,) = kept.findings
    assert (finding.severity, finding.value, finding.column) == ("error", ";x;", "q")
    assert "multi_select.needs.options" in finding.hint
    assert "~needs~rest" not in made.collect_schema().names()


@pytest.mark.parametrize(
    ("delimiter", "options", "cell", "expected"),
    [
        ("$", ["a", "b"], "a$b", {"a", "b"}),
        ("\\", ["a", "b"], "a\\b", {"a", "b"}),
        (";", ["a;", "b"], "a;;b", {"a;", "b"}),
        (";", [";a", "b"], "b;;a", {";a", "b"}),
        (";", ["a;;b", "c"], "a;;b;c", {"a;;b", "c"}),
        (";", ["a", "b"], ";;a; ;b;", {"a", "b"}),
        ("\t", ["a", "b"], "a\tb\t", {"a", "b"}),
    ],
)
def test_delimiters_inside_of_options_and_those_that_replacements_know_split_as_all_others(
    delimiter: str, options: list[str], cell: str, expected: set[str]
) -> None:
    rule = MultiSelect(column="q", delimiter=delimiter, options={option: f"C{number}" for number, option in enumerate(options)})
    found, kept = answers([cell], rule)
    assert (found, kept.findings) == ({1: {f"C{options.index(option)}" for option in expected}}, [])
