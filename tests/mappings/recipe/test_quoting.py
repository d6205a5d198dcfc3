"""Expressions that YAML takes for its own signs are told, with the remedy."""

from __future__ import annotations

from typing import Any

import pytest

from mappings.errors import InvalidRecipe

QUOTE = "put the whole expression in quotes"


@pytest.mark.parametrize(
    "lines",
    [
        "filters:\n  - keep: \"kind\" = 'a'\n    reason: x\n",
        "filters:\n  - keep: 'a' = kind\n    reason: x\n",
        "filters: [{keep: 'a' || kind = 'ab', reason: x}]\n",
        "filters: [{keep: kind in ('a', 'b'), reason: x}]\n",
        "filters:\n  - keep: kind = 'a: b'\n    reason: x\n",
        "filters:\n  - keep: %kind = 'a'\n    reason: x\n",
        'derive: [{column: x, value: "region" || kind}]\n',
    ],
)
def test_a_value_that_goes_on_after_its_quotes_should_be_quoted_as_a_whole(small: Any, lines: str) -> None:
    with pytest.raises(InvalidRecipe, match=QUOTE) as caught:
        small.add(lines).load()
    first = small.recipe_text[: small.recipe_text.index(lines)].count("\n") + 1
    assert caught.value.problems[0].startswith(f"recipe.yaml:{first + ('- keep' in lines)}:")


def test_a_list_where_a_text_is_meant_should_be_quoted(small: Any) -> None:
    with pytest.raises(InvalidRecipe, match=rf"filters\.0\.keep: should be a text; {QUOTE}"):
        small.add("filters:\n  - keep: [kind]\n    reason: x\n").load()


def test_a_comma_within_braces_cuts_an_expression(small: Any) -> None:
    with pytest.raises(InvalidRecipe, match="a comma ends a value in"):
        small.add("filters: [{keep: coalesce(kind, region) = 'a', reason: x}]\n").load()


def test_a_sign_of_a_comment_cuts_an_expression(small: Any) -> None:
    small.add("filters:\n  - keep: kind = 'No #5'\n    reason: x\n")
    (problem,) = small.lint()
    assert "begins a comment" in problem


def test_other_faults_of_yaml_keep_their_remedy(small: Any) -> None:
    with pytest.raises(InvalidRecipe, match="check indentation and quotes"):
        small.add("filters:\n- keep: a\n   reason: x\n").load()
