"""The expression language: SQL semantics for what it admits, and nothing else admitted."""

from __future__ import annotations

import contextlib
import math

import narwhals.stable.v2 as nw
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.errors import InvalidExpression
from mappings.expressions.compiling import columns_of, compile_condition, compile_expression, matches
from mappings.expressions.grid import cell_expression, cell_id, cells
from mappings.expressions.kinds import Kind
from mappings.expressions.parsing import MAX_LENGTH, parse

KINDS = {"a": Kind.NUMBER, "b": Kind.TEXT, "Beach Country": Kind.TEXT, "lat": Kind.NUMBER}
FRAME = pl.DataFrame(
    {"a": [1.0, 2.0, None], "b": ["x", "Yes, maybe", None], "Beach Country": ["Wales", None, "England"], "lat": [-16.3, 0.0, 91.0]}
)


def evaluate(text: str, frame: pl.DataFrame = FRAME, kinds: dict[str, Kind] = KINDS) -> list[object]:
    compiled, _ = compile_expression(parse(text), kinds)
    return nw.from_native(frame.lazy()).with_columns(compiled.alias("r")).collect()["r"].to_list()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a + 1", [2.0, 3.0, None]),
        ("a * 2 - 1", [1.0, 3.0, None]),
        ("a / 0", [None, None, None]),
        ("a % 2", [1.0, 0.0, None]),
        ("-a", [-1.0, -2.0, None]),
        ("a > 1", [False, True, None]),
        ("a <> 1", [False, True, None]),
        ("a between 1 and 1", [True, False, None]),
        ("a in (1, 3)", [True, False, None]),
        ("b not in ('x')", [False, True, None]),
        ("a is null", [False, False, True]),
        ("b is not null and a = 2", [False, True, False]),
        ("(a > 1) is true", [False, True, False]),
        ("b like 'Yes%'", [False, True, None]),
        ("b like '_'", [True, False, None]),
        ("b like '.'", [False, False, None]),
        ("\"Beach Country\" = 'Wales'", [True, None, False]),
        ("case when a > 1 then 'many' when a = 1 then 'one' end", ["one", "many", None]),
        ("case when a > 1 then 'many' else 'few' end", ["few", "many", "few"]),
        ("if(a > 1, 1, 0)", [0, 1, 0]),
        ("coalesce(b, '-')", ["x", "Yes, maybe", "-"]),
        ("nullif(a, 1)", [None, 2.0, None]),
        ("b || '!'", ["x!", "Yes, maybe!", None]),
        ("upper(b)", ["X", "YES, MAYBE", None]),
        ("substring(b, 1, 3)", ["x", "Yes", None]),
        ("replace(b, ', ', '+')", ["x", "Yes+maybe", None]),
        ("length(b)", [1, 10, None]),
        ("split_part(b, ', ', 1)", ["x", "Yes", None]),
        ("split_part(b, ', ', 2)", [None, "maybe", None]),
        ("greatest(a, 1.5)", [1.5, 2.0, 1.5]),
        ("floor(a / 2)", [0.0, 1.0, None]),
        ("round(a / 3, 2)", [0.33, 0.67, None]),
        ("true or a > 1", [True, True, True]),
        ("grid_cell('MW', lat, a, 0.25)", ["MW_S16500_E001000", "MW_N00000_E002000", None]),
    ],
)
def test_expressions_mean_what_sql_means(text: str, expected: list[object]) -> None:
    assert evaluate(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "@",
        "split_part(b)",
        "split_part(b, ', ')",
        "__import__('os').system('id')",
        "().__class__",
        "eval('1')",
        "lambda: 1",
        "a.b",
        "*",
        "count(*)",
        "sum(a)",
        "a; drop table x",
        "drop table x",
        "(select a from t)",
        "a in (select 1)",
        "exists (select 1)",
        "read_csv('/etc/passwd')",
        "read_text('/etc/passwd')",
        "getenv('HOME')",
        "current_date",
        "now()",
        "random()",
        "a[1]",
        "{'a': 1}",
        "[1, 2]",
        "x -> x + 1",
        "$1",
        "?",
        ":name",
        "a::blob",
        "a collate nocase",
        "sum(a) over ()",
        "regexp_matches(b, '(a+)+$')",
        "date '2020-01-01'",
        "interval 1 day",
        "pragma database_list",
        "attach 'x'",
        "copy a to 'x'",
        "set x = 1",
        "sum_columns(b => '*')",
        "grid_cell('../x', a, lat, 0.25)",
        "grid_cell('MW', a, lat, 0.0000001)",
        "trim('x' from b)",
        "floor(a, 1)",
        "split_part(b, '', 1)",
        "split_part(b, ',', 0)",
        "split_part(b, b, 1)",
        "",
        "   ",
        "'unclosed",
        "a = ",
        "(" * 3000 + "a" + ")" * 3000,
        "a" + " + a" * 900,
        "a " * MAX_LENGTH,
        "a = 1 /* */ ; select 1",
    ],
)
def test_everything_else_is_refused(text: str) -> None:
    with pytest.raises(InvalidExpression):
        evaluate(text)


@pytest.mark.parametrize(
    ("text", "position", "hint"),
    [
        ("a = 'x'", 1, "type: number"),
        ("b > 1", 1, "type: number"),
        ("a = 1 and aa = 2", 11, "did you mean 'a'"),
        ("a = null", 1, "IS NULL"),
        ("a > 0 and foo(a)", 11, "functions are"),
        ("b + 1", 1, "a number is needed"),
    ],
)
def test_errors_show_the_place_and_the_remedy(text: str, position: int, hint: str) -> None:
    with pytest.raises(InvalidExpression) as caught:
        evaluate(text)
    assert caught.value.position == position
    assert hint in str(caught.value)


def test_a_condition_must_be_a_condition() -> None:
    with pytest.raises(InvalidExpression, match="a condition is needed"):
        compile_condition(parse("a + 1"), KINDS)


def test_an_unknown_condition_counts_as_false() -> None:
    compiled = compile_condition(parse("a > 1"), KINDS)
    assert nw.from_native(FRAME.lazy()).select(compiled.alias("r")).collect()["r"].to_list() == [False, True, False]


def test_pattern_sums_take_number_columns_only_and_say_which() -> None:
    kinds = {"Plastic: Bags": Kind.NUMBER, "Plastic: Pieces (0-2.5cm)": Kind.NUMBER, "Plastic: Other (description)": Kind.TEXT}
    frame = pl.DataFrame({"Plastic: Bags": [1, None], "Plastic: Pieces (0-2.5cm)": [9, 9], "Plastic: Other (description)": ["x", "y"]})
    text = "sum_columns(matching => 'plastic*', excluding => '*pieces (0-2.5cm)*')"
    assert columns_of(parse(text), kinds) == ["Plastic: Bags"]
    assert evaluate(text, frame, kinds) == [1, 0]


def test_brackets_in_patterns_are_plain_characters() -> None:
    assert matches("Count [n]", "*[n]")
    assert not matches("Count n", "*[n]")


numbers = st.floats(min_value=-1e6, max_value=1e6, allow_nan=False).map(lambda x: round(x, 3))


@given(left=numbers, right=numbers)
def test_arithmetic_agrees_with_python(left: float, right: float) -> None:
    frame = pl.DataFrame({"x": [left], "y": [right]})
    kinds = {"x": Kind.NUMBER, "y": Kind.NUMBER}
    expected = (left + right) * 2 - (left / right if right else math.nan)
    (found,) = evaluate("(x + y) * 2 - x / y", frame, kinds)
    assert found is None if right == 0 else found == pytest.approx(expected, nan_ok=True)


@given(text=st.text(max_size=60))
def test_any_text_is_admitted_or_refused_with_a_clear_error(text: str) -> None:
    with contextlib.suppress(InvalidExpression):
        compile_expression(parse(text), KINDS)


@given(
    latitude=st.floats(min_value=-17.2, max_value=-9.3, allow_nan=False),
    longitude=st.floats(min_value=32.6, max_value=35.9, allow_nan=False),
)
def test_every_position_falls_into_a_cell_of_the_codelist(latitude: float, longitude: float) -> None:
    frame = nw.from_native(pl.DataFrame({"lat": [latitude], "lon": [longitude]}).lazy())
    found = frame.select(cell_expression("MW", nw.col("lat"), nw.col("lon"), "0.25").alias("c")).collect()["c"].to_list()
    assert found == [cell_id("MW", math.floor(latitude / 0.25) * 250, math.floor(longitude / 0.25) * 250)]
    assert found[0] in dict(cells("MW", "0.25", south="-17.25", north="-9.25", west="32.5", east="36"))
