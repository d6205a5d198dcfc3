"""Row steps: derived columns, checks, filters, duplicates and statistics over groups."""

from __future__ import annotations

from typing import Any

import pytest

from mappings.expressions.kinds import Kind
from mappings.journal import Journal
from mappings.readers.ports import ROW
from mappings.recipe.model import Deduplication, Derived, Filter, RowCheck
from mappings.steps.rows import check_rows, deduplicate, derive, filter_rows
from registry.findings import Severity
from tests.mappings.frames import journal, rejected, rows, told, values

KINDS = {"g": Kind.TEXT, "x": Kind.NUMBER, "t": Kind.NUMBER, "k": Kind.TEXT}
#: Two groups whose rows do not stand in the order of time; one value and one text are absent.
DATA: dict[str, Any] = {
    "g": ["a", "b", "a", "b", "a"],
    "t": [3.0, 1.0, 1.0, 2.0, 2.0],
    "x": [9.0, 5.0, 1.0, None, 4.0],
    "k": ["p", None, "q", "r", None],
}


def steps(kept: Journal) -> list[tuple[str, dict[str, int], dict[str, Any]]]:
    return [(step.name, step.counts, step.details) for step in kept.steps]


def derived(**rule: Any) -> list[Any]:
    return values(derive(rows(**DATA), (Derived(column="y", **rule),), dict(KINDS), journal()), "y")


@pytest.mark.parametrize(
    ("rule", "whole", "within"),
    [
        ({"statistic": "sum", "of": "x"}, [19.0] * 5, [14.0, 5.0, 14.0, 5.0, 14.0]),
        ({"statistic": "mean", "of": "x"}, [4.75] * 5, [14 / 3, 5.0, 14 / 3, 5.0, 14 / 3]),
        ({"statistic": "min", "of": "x"}, [1.0] * 5, [1.0, 5.0, 1.0, 5.0, 1.0]),
        ({"statistic": "max", "of": "x * 2"}, [18.0] * 5, [18.0, 10.0, 18.0, 10.0, 18.0]),
        ({"statistic": "count"}, [5.0] * 5, [3.0, 2.0, 3.0, 2.0, 3.0]),
        ({"statistic": "count", "of": "x"}, [4.0] * 5, [3.0, 1.0, 3.0, 1.0, 3.0]),
        ({"statistic": "count", "of": "k"}, [3.0] * 5, [2.0, 1.0, 2.0, 1.0, 2.0]),
        ({"statistic": "running", "of": "x", "order_by": ("t",)}, [19.0, 5.0, 6.0, None, 10.0], [14.0, 5.0, 1.0, None, 5.0]),
        ({"statistic": "sum"}, [5.0] * 5, [3.0, 2.0, 3.0, 2.0, 3.0]),
        ({"statistic": "running", "order_by": ("t",)}, [5.0, 1.0, 2.0, 3.0, 4.0], [3.0, 1.0, 1.0, 2.0, 2.0]),
        ({"statistic": "running", "of": "x"}, [9.0, 14.0, 15.0, None, 19.0], [9.0, 5.0, 10.0, None, 14.0]),
        ({"statistic": "difference", "of": "x", "order_by": ("t",)}, [5.0, 5.0, -4.0, None, None], [5.0, 5.0, 1.0, None, 3.0]),
        ({"statistic": "difference", "of": "x", "order_by": ("t",), "first": "missing"},
         [5.0, None, -4.0, None, None], [5.0, None, None, None, 3.0]),
    ],
)  # fmt: skip
def test_statistics_over_all_rows_and_within_groups(rule: dict[str, Any], whole: list[Any], within: list[Any]) -> None:
    """Windows × groups × order × absent values: the order of the file decides between equal ones."""
    assert derived(**rule) == whole
    assert derived(**rule, within=("g",)) == within


def test_derived_columns_follow_each_other_and_say_what_went_in() -> None:
    """Expression × statistic × type: each column may read those before it, and groups and order are read too."""
    kept, kinds = journal(), dict(KINDS)
    rules = (
        Derived(column="twice", value="x * 2"),
        Derived(column="label", value="concat(g, '-', k)"),
        Derived(column="sum", statistic="sum", of="twice", within=("g",), order_by=("t",)),
        Derived(column="rows", statistic="count"),
        Derived(column="big", value="sum > 20"),
    )
    made = derive(rows(**DATA), rules, kinds, kept)
    assert values(made, "twice", "sum", "rows", "big")[0] == (18.0, 28.0, 5.0, True)
    assert not any(name.startswith("~") for name in made.collect_schema().names())
    assert {name: kinds[name] for name in ("twice", "label", "sum", "rows", "big")} == {
        "twice": Kind.NUMBER, "label": Kind.TEXT, "sum": Kind.NUMBER, "rows": Kind.NUMBER, "big": Kind.BOOLEAN,
    }  # fmt: skip
    assert steps(kept) == [
        ("derive", {"columns": 1}, {"column": "twice", "expression": "x * 2", "columns_used": ["x"]}),
        ("derive", {"columns": 2}, {"column": "label", "expression": "concat(g, '-', k)", "columns_used": ["g", "k"]}),
        ("derive", {"columns": 3}, {"column": "sum", "expression": "sum of twice", "columns_used": ["g", "t", "twice"]}),
        ("derive", {"columns": 0}, {"column": "rows", "expression": "count of rows", "columns_used": []}),
        ("derive", {"columns": 1}, {"column": "big", "expression": "sum > 20", "columns_used": ["sum"]}),
    ]


def test_text_that_an_expression_makes_is_read_as_its_type_says() -> None:
    """Derived × type × format × decimal: expressions write numbers with a point, and what cannot be read keeps the row out."""
    kept, kinds = journal(), {"c": Kind.TEXT, "d": Kind.TEXT}
    rules = (
        Derived(column="n", value="replace(c, 'ca. ', '')", type="number"),
        Derived(column="day", value="d", type="date", format=("%d.%m.%Y",)),
        Derived(column="same", value="n", type="text"),
    )
    made = derive(rows(c=["ca. 1.5", "2", "many"], d=["1.2.2023", None, "3.2.2023"]), rules, kinds, kept)
    assert values(made, "n", "day", "same") == [(1.5, "2023-02-01", 1.5), (2.0, None, 2.0)]
    assert (kinds["n"], kinds["day"], kinds["same"]) == (Kind.NUMBER, Kind.TEXT, Kind.NUMBER)
    assert rejected(kept) == [(4, "not-a-number")]


def test_checks_that_are_errors_keep_rows_out_and_others_only_tell() -> None:
    """Checks × absent values: what is unknown is no fault; a later check sees what the earlier ones left."""
    kept = journal()
    checks = (
        RowCheck(expect="x < 9", severity=Severity.ERROR, message="too much", hint="look"),
        RowCheck(expect="x < 5", message="much"),
    )
    made = check_rows(rows(**DATA), checks, KINDS, kept)
    assert values(made, ROW) == [3, 4, 5, 6]
    assert rejected(kept) == [(2, "row-check")]
    assert [(f.severity, f.message, f.hint, f.row, f.count) for f in kept.findings] == [
        ("error", "too much", "look", 2, 1), ("warning", "much", "Look at these rows in the source.", 3, 1),
    ]  # fmt: skip
    assert steps(kept) == [("check rows", {"rows_in": 5, "rows_out": 4}, {"expectations": ["x < 9", "x < 5"]})]


def test_a_filter_that_keeps_few_rows_or_all_counts_what_it_drops() -> None:
    kept = journal()
    filter_rows(rows(**DATA), (Filter(keep="t <= 3", reason="all"), Filter(keep="x > 8", reason="one")), KINDS, kept)
    assert [step.counts["dropped"] for step in kept.steps] == [0, 4]


def test_without_checks_there_is_no_step() -> None:
    kept = journal()
    check_rows(rows(**DATA), (), KINDS, kept)
    assert kept.steps == []


def test_filters_keep_rows_for_which_the_condition_is_true_and_count_what_they_drop() -> None:
    """Filter × filter × absent values: unknown is not true."""
    kept = journal()
    made = filter_rows(rows(**DATA), (Filter(keep="x > 1", reason="no ones"), Filter(keep="g = 'a'", reason="only a")), KINDS, kept)
    assert values(made, ROW) == [2, 6]
    assert steps(kept) == [
        ("filter", {"rows_in": 5, "rows_out": 3, "dropped": 2}, {"keep": "x > 1", "reason": "no ones"}),
        ("filter", {"rows_in": 3, "rows_out": 2, "dropped": 1}, {"keep": "g = 'a'", "reason": "only a"}),
    ]


@pytest.mark.parametrize(
    ("rule", "expected", "severity", "message"),
    [
        ({"key": ("g",)}, [2, 3], "note", "rows have the same g as another row; the first is kept"),
        ({"key": ("g",), "keep": "last"}, [5, 6], "note", "rows have the same g as another row; the last is kept"),
        ({"key": ("g",), "order_by": ("t",)}, [3, 4], "note", "rows have the same g as another row; the first is kept"),
        ({"key": ("g",), "order_by": ("t",), "keep": "last"}, [2, 5], "note", "rows have the same g as another row; the last is kept"),
        ({"key": ("g",), "keep": "all"}, [2, 3, 4, 5, 6], "warning", "rows have the same g as another row; all are kept"),
    ],
)
def test_of_rows_with_one_key_the_first_or_last_by_the_order_is_kept_or_all(
    rule: dict[str, Any], expected: list[int], severity: str, message: str
) -> None:
    """Duplicates × order × which is kept."""
    kept = journal()
    made = deduplicate(rows(**DATA), (Deduplication(reason="one each", **rule),), kept)
    assert sorted(values(made, ROW)) == expected
    assert not any(name.startswith("~") for name in made.collect_schema().names())
    assert [(f.code, f.severity, f.message, f.column, f.count) for f in kept.findings] == [
        ("duplicate-in-source", severity, message, "g", 3)
    ]
    out = len(expected)
    assert steps(kept) == [("deduplicate", {"rows_in": 5, "rows_out": out, "dropped": 5 - out}, {"key": ["g"], "reason": "one each"})]


def test_rows_without_a_whole_key_are_never_duplicates() -> None:
    """Duplicates × absent values × two columns in the key."""
    kept = journal()
    data = rows(a=["n", "n", "n", None, None, "n"], b=["1", "1", None, None, None, None])
    assert sorted(values(deduplicate(data, (Deduplication(key=("a", "b"), reason="r"),), kept), ROW)) == [2, 4, 5, 6, 7]
    assert told(kept) == [("duplicate-in-source", 3, "a", None, 1)]
    assert kept.findings[0].message.startswith("rows have the same a, b as")


def test_one_rule_after_another_sees_what_is_left() -> None:
    kept = journal()
    made = deduplicate(rows(**DATA), (Deduplication(key=("g",), reason="r"), Deduplication(key=("t",), keep="all", reason="s")), kept)
    assert sorted(values(made, ROW)) == [2, 3]
    assert [step.counts["rows_in"] for step in kept.steps] == [5, 2]
