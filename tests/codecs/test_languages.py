from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.codecs.negotiation.languages import best, filtered, lookup, requested_languages, usual_form

TAGS = st.lists(st.sampled_from(["en", "en-GB", "fr", "pt-BR", "zh-Hant-TW", "ky"]), unique=True)


@pytest.mark.parametrize(
    ("header", "query", "expected"),
    [
        (None, {}, ()),
        ("ru, en-gb;q=0.8, en;q=0.7", {}, ("ru", "en-gb", "en")),
        ("en;q=0.1,fr", {}, ("fr", "en")),
        ("de;q=0, *", {}, ("*",)),
        ("fr", {"lang": "ky"}, ("ky",)),
        ("fr", {"LOCALE": "pt_BR"}, ("pt-br",)),
        ("fr", {"lang": "all"}, ("*",)),
        ("fr", {"lang": ""}, ("fr",)),
        ("fr, FR;q=0.5", {}, ("fr",)),
    ],
)
def test_languages_are_ranked_by_weight_and_parameters_win(header: str | None, query: dict[str, str], expected: tuple[str, ...]) -> None:
    assert requested_languages(header, query) == expected


@pytest.mark.parametrize(
    ("tags", "languages", "expected"),
    [
        (["en", "zh-Hant"], ["zh-hant-cn-x-private1"], "zh-Hant"),
        (["de", "fr"], ["ky"], "de"),
        (["de", "en-US"], ["ky"], "en-US"),
        (["de", "en"], ["ky", "DE"], "de"),
        (["pt-BR", "en"], ["pt"], "pt-BR"),
        (["pt", "en"], ["pt-BR"], "pt"),
        (["fr", "en"], ["*"], "en"),
        ([], ["en"], None),
    ],
)
def test_lookup_finds_the_nearest_tag(tags: list[str], languages: list[str], expected: str | None) -> None:
    assert lookup(tags, languages) == expected


@given(TAGS, st.lists(st.sampled_from(["en", "fr-CA", "pt", "*", "zh-hant"])))
def test_filtering_keeps_order_and_all_of_it_without_preference(tags: list[str], languages: list[str]) -> None:
    kept = filtered(tags, languages)
    assert list(kept) == [tag for tag in tags if tag in kept]
    if not languages or "*" in languages:
        assert list(kept) == tags


def test_best_text() -> None:
    assert best({"en": "Water", "fr": "Eau"}, ("fr-CH",)) == "Eau"
    assert best({}) is None


@pytest.mark.parametrize("tag", ["en", "pt-BR", "zh-Hant-TW", "sl-rozaj-biske", "de-CH-1901", "en-x-us", "ca-valencia", "x-private"])
def test_usual_form_comes_back_whatever_the_case(tag: str) -> None:
    assert usual_form(tag.lower()) == usual_form(tag.upper()) == tag
