"""Versions: forms and order; every row of the version queries of SDMX-REST; version references."""

from __future__ import annotations

from contextlib import suppress
from functools import cmp_to_key
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.errors import InvalidVersion
from registry.versions import Version, VersionQuery, VersionReference

NUMBERS = st.integers(0, 10**12).map(str)
SMALL = st.integers(0, 12).map(str)
IDENTIFIER = st.one_of(
    SMALL, st.from_regex(r"[0-9A-Za-z-]{1,6}", fullmatch=True).filter(lambda text: not text.isdigit() or str(int(text)) == text)
)
LEGACY = st.lists(SMALL, min_size=1, max_size=4).filter(lambda parts: len(parts) != 3).map(".".join)
STABLE = st.tuples(SMALL, SMALL, SMALL).map(".".join)
DRAFT = st.tuples(STABLE, st.lists(IDENTIFIER, min_size=1, max_size=3).map(".".join)).map("-".join)
ANY = st.one_of(LEGACY, STABLE, DRAFT)

#: What a registry with a long history may hold for one artefact.
HISTORY = [
    "1",
    "2",
    "1.0",
    "1.4",
    "1.10",
    "2.0",
    "0.1.0",
    "0.2.0-draft",
    "1.0.0-draft",
    "1.0.0",
    "1.0.3",
    "1.2.0",
    "1.2.1",
    "1.2.3-rc.1",
    "1.10.0",
    "2.0.0",
    "2.3.1",
    "2.3.4",
    "2.4.0",
    "2.4.1-draft",
    "3.0.0-draft",
    "10.0.0-draft",
]


@pytest.mark.parametrize(
    ("text", "numbers", "extension", "semantic", "stable"),
    [
        ("1", (1,), None, False, False),
        ("1.0", (1, 0), None, False, False),
        ("1.0.0.1", (1, 0, 0, 1), None, False, False),
        ("01.10", (1, 10), None, False, False),
        ("1.0.0", (1, 0, 0), None, True, True),
        ("0.1.0", (0, 1, 0), None, True, False),
        ("1.2.0-draft", (1, 2, 0), "draft", True, False),
        ("1.0.0-0.3.7", (1, 0, 0), "0.3.7", True, False),
        ("1.0.0-x.7.z.92", (1, 0, 0), "x.7.z.92", True, False),
        ("1.0.0--", (1, 0, 0), "-", True, False),
    ],
)
def test_a_version_says_what_it_is(text: str, numbers: tuple[int, ...], extension: str | None, semantic: bool, stable: bool) -> None:
    version = Version.parse(text)
    assert (version.numbers, version.extension, version.is_semantic, version.is_stable) == (numbers, extension, semantic, stable)
    assert version.is_draft == (semantic and not stable)
    assert str(version) == text


@pytest.mark.parametrize(
    "text",
    ["", " ", "v1", "1.", ".1", "1..0", "1.0.0-", "1.0.0-a..b", "1.0.0-01", "1.0.0+build", "1.0-draft", "-1", "1.0 ", "١.٠", "1" * 101],
)
def test_what_is_no_version_is_refused(text: str) -> None:
    with pytest.raises(InvalidVersion):
        Version.parse(text)


def test_the_precedence_of_the_technical_notes() -> None:
    ascending = [
        "1.0.0-draft",
        "1.0.0-draft.1",
        "1.0.0-draft.prerelease",
        "1.0.0-prerelease",
        "1.0.0-prerelease.2",
        "1.0.0-prerelease.11",
        "1.0.0-rc.1",
        "1.0.0",
        "2.0.0",
        "2.1.0",
        "2.1.1",
    ]
    assert [version.text for version in sorted(map(Version.parse, reversed(ascending)))] == ascending


def test_legacy_and_semantic_versions_have_one_order() -> None:
    ascending = ["1", "1.0", "1.0.0-1", "1.0.0-a", "1.0.0", "1.0.0.1", "1.0.1", "1.1", "1.9", "1.10", "1.10.0", "2"]
    assert [version.text for version in sorted(map(Version.parse, reversed(ascending)))] == ascending


@given(ANY)
def test_a_version_is_written_as_it_was_read(text: str) -> None:
    assert str(Version.parse(text)) == text


@given(ANY, ANY)
def test_the_order_is_that_of_numbers_then_extension_identifiers(left: str, right: str) -> None:
    a, b = Version.parse(left), Version.parse(right)
    assert (a < b) == (_compare(a, b) < 0)
    assert (a == b) == (_compare(a, b) == 0)


@given(st.lists(ANY, max_size=12))
def test_sorting_by_the_order_key_is_sorting_versions(texts: list[str]) -> None:
    versions = list({Version.parse(text) for text in texts})
    assert sorted(versions, key=lambda version: version.order_key) == sorted(versions, key=cmp_to_key(_compare))


def _compare(a: Version, b: Version) -> int:
    """Precedence as the standard words it, written without any encoding."""
    if a.numbers != b.numbers:
        return -1 if a.numbers < b.numbers else 1
    if a.extension is None or b.extension is None:
        return (b.extension is not None) - (a.extension is not None)
    left, right = a.extension.split("."), b.extension.split(".")
    for x, y in zip(left, right, strict=False):
        if x == y:
            continue
        if x.isdigit() != y.isdigit():
            return -1 if x.isdigit() else 1
        return -1 if (int(x) < int(y) if x.isdigit() else x < y) else 1
    return (len(left) > len(right)) - (len(left) < len(right))


@pytest.mark.parametrize(
    ("query", "selected"),
    [
        # a specific version
        ("1", ["1"]),
        ("1.4", ["1.4"]),
        ("1.2.1", ["1.2.1"]),
        ("1.2.3-rc.1", ["1.2.3-rc.1"]),
        ("9.9.9", []),
        # the latest stable version
        ("+", ["2.4.0"]),
        ("+.0.0", ["2.4.0"]),
        ("1+.0.0", ["2.4.0"]),
        ("1.+.0", ["1.10.0"]),
        ("1.0+.0", ["1.10.0"]),
        ("1.2.+", ["1.2.1"]),
        ("1.2.0+", ["1.2.1"]),
        ("2+.3.2", ["2.4.0"]),
        ("3+.0.0", []),
        ("2.3+.1", ["2.4.0"]),
        ("1.2+.2", ["1.10.0"]),
        ("2.3.2+", ["2.3.4"]),
        ("2.3.5+", []),
        # the latest version of a form
        ("~", ["10.0.0-draft"]),
        ("~.0", ["2.0"]),
        ("0~.0", ["2.0"]),
        ("~.0.0", ["10.0.0-draft"]),
        ("0~.0.0", ["10.0.0-draft"]),
        ("1.~", ["1.10"]),
        ("1.0~", ["1.10"]),
        ("2.~.0", ["2.4.1-draft"]),
        ("2.0~.0", ["2.4.1-draft"]),
        ("1.2.~", ["1.2.3-rc.1"]),
        ("1.2.0~", ["1.2.3-rc.1"]),
        ("1~.5", ["2.0"]),
        ("2~.1", []),
        ("2~.4.1", ["10.0.0-draft"]),
        ("1.5~", ["1.10"]),
        ("1.2~.2", ["1.10.0"]),
        ("2.4~.1", ["2.4.1-draft"]),
        ("2.3.2~", ["2.3.4"]),
        ("1.2.2~", ["1.2.3-rc.1"]),
        # all versions of a form
        ("*", HISTORY),
        ("*.0", ["1.0", "1.4", "1.10", "2.0"]),
        ("*.0.0", [text for text in HISTORY if text.count(".") >= 2]),
        ("1.*", ["1.0", "1.4", "1.10"]),
        ("2.*.0", ["2.0.0", "2.3.1", "2.3.4", "2.4.0", "2.4.1-draft"]),
        ("1.2.*", ["1.2.0", "1.2.1", "1.2.3-rc.1"]),
        ("1*.5", ["1.10", "2.0"]),
        ("2*.4.0", ["2.4.0", "2.4.1-draft", "3.0.0-draft", "10.0.0-draft"]),
        ("1.4*", ["1.4", "1.10"]),
        ("2.3*.2", ["2.3.4", "2.4.0", "2.4.1-draft"]),
        ("1.2.1*", ["1.2.1", "1.2.3-rc.1"]),
        # any of several
        ("1.0,1.4", ["1.0", "1.4"]),
        ("1~.2.0,1.2.0+", ["1.2.1", "10.0.0-draft"]),
        ("+,1.2.1*", ["1.2.1", "1.2.3-rc.1", "2.4.0"]),
        ("1.2.1,1.2.1", ["1.2.1"]),
    ],
)
def test_each_form_of_version_query_selects_what_the_standard_says(query: str, selected: list[str]) -> None:
    found = VersionQuery.parse(query).select(map(Version.parse, HISTORY))
    assert found == sorted(map(Version.parse, selected))


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("+.2.3", "below a free one"),
        ("1.+.3", "below a free one"),
        ("~.2", "below a free one"),
        ("~.2.3", "below a free one"),
        ("1.~.3", "below a free one"),
        ("*.2", "below a free one"),
        ("*.2.3", "below a free one"),
        ("1.*.3", "below a free one"),
        ("+.0", "three parts"),
        ("2.3+", "three parts"),
        ("2.+", "three parts"),
        ("~.0.*", "more than one wildcard"),
        ("3.2*.1+", "more than one wildcard"),
        ("3.2+.1+", "more than one wildcard"),
        ("1.0.0-draft~", "extension"),
        ("1~", "how many parts"),
        ("1.2.3.4~", "not a version query"),
        ("~1.0", "not a version query"),
        ("1.~.", "not a version query"),
        ("latest", "not a version"),
        ("all", "not a version"),
        ("", "not a version"),
        ("1.0,", "not a version"),
    ],
)
def test_version_queries_that_are_not_supported_say_why(query: str, reason: str) -> None:
    with pytest.raises(InvalidVersion, match=reason):
        VersionQuery.parse(query)


QUERIES = st.one_of(
    st.sampled_from(["+", "~", "*", "*.0", "~.0.0", "1.+.0", "2.3.*", "+.0.0", "~.0"]),
    st.tuples(SMALL, SMALL, SMALL, st.sampled_from("+~*"), st.integers(0, 2)).map(
        lambda q: ".".join(part + (q[3] if index == q[4] else "") for index, part in enumerate(q[:3]))
    ),
    ANY,
)


@given(st.lists(QUERIES, min_size=1, max_size=3).map(",".join), st.lists(ANY, max_size=15))
def test_a_query_selects_some_of_the_versions_in_order_without_repetition(query: str, texts: list[str]) -> None:
    versions = list(map(Version.parse, texts))
    found = VersionQuery.parse(query).select(versions)
    assert set(found) <= set(versions)
    assert found == sorted(set(found))


@pytest.mark.parametrize(
    ("query", "there", "selected"),
    [
        ("+", ["1.0", "1.10", "1.9"], ["1.10"]),
        ("+", ["3"], ["3"]),
        ("+", ["1.0.0.1", "1.0"], ["1.0.0.1"]),
        ("+", ["9.0", "1.0.0"], ["1.0.0"]),
        ("+", ["1.0", "0.1.0", "2.0.0-draft"], ["1.0"]),
        ("+", ["0.1.0", "2.0.0-draft"], []),
        ("+,1.0.0-rc", ["1.0", "1.0.0-rc"], ["1.0", "1.0.0-rc"]),
        ("+.0.0", ["1.0"], []),
        ("1+.0.0", ["1.0"], []),
        ("~", ["1.0", "2.0.0-draft"], ["2.0.0-draft"]),
        ("*", ["1.0", "2.0.0-draft"], ["1.0", "2.0.0-draft"]),
    ],
)
def test_a_bare_plus_falls_back_to_the_latest_legacy_version(query: str, there: list[str], selected: list[str]) -> None:
    assert [version.text for version in VersionQuery.parse(query).select(map(Version.parse, there))] == selected


@pytest.mark.parametrize(
    ("query", "there", "selected"),
    [
        ("~", ["1.1.0", "2.0.0-draft"], ["1.1.0"]),
        ("~", ["1.0", "2.0.0-draft", "0.9.0"], ["1.0"]),
        ("~", ["1.1.0", "2.0"], ["2.0"]),
        ("~", ["0.1.0", "2.0.0-draft"], []),
        ("2.0.0", ["1.1.0", "2.0.0-draft", "2.0.0-rc"], ["2.0.0-rc"]),
        ("2.0.0", ["2.0.0", "2.0.0-rc"], ["2.0.0"]),
        ("2.0.0-rc", ["2.0.0", "2.0.0-rc"], ["2.0.0-rc"]),
        ("2.0.0,2.0.0-rc", ["2.0.0", "2.0.0-rc"], ["2.0.0"]),
        ("*", ["1.0", "1.1.0", "1.1.0-a", "2.0.0-a", "2.0.0-b", "0.1.0"], ["0.1.0", "1.0", "1.1.0", "2.0.0-b"]),
        ("+", ["1.0", "2.0.0-draft"], ["1.0"]),
    ],
)
def test_in_production_there_are_drafts_on_request_only_and_never_beside_the_same_number(
    query: str, there: list[str], selected: list[str]
) -> None:
    assert [version.text for version in VersionQuery.parse(query).select(map(Version.parse, there), in_production=True)] == selected


@given(QUERIES.filter(lambda text: "+" in text and text != "+"), st.lists(ANY, max_size=15))
def test_plus_selects_at_most_one_version_and_a_stable_one(query: str, texts: list[str]) -> None:
    found = VersionQuery.parse(query).select(map(Version.parse, texts))
    assert len(found) <= 1
    assert all(version.is_stable for version in found)


@given(QUERIES.filter(lambda text: "*" in text), st.lists(ANY, max_size=15))
def test_tilde_selects_the_latest_of_what_star_selects(query: str, texts: list[str]) -> None:
    versions = list(map(Version.parse, texts))
    assert VersionQuery.parse(query.replace("*", "~")).select(versions) == VersionQuery.parse(query).select(versions)[-1:]


@given(st.text(alphabet="0123456789.+~*,-dx", max_size=12))
def test_any_text_is_a_query_or_an_invalid_version(text: str) -> None:
    with suppress(InvalidVersion):
        VersionQuery.parse(text).select(map(Version.parse, HISTORY))


@pytest.mark.parametrize(
    ("reference", "stable_referrer", "resolved"),
    [
        ("1.4", True, "1.4"),
        ("9.9", True, None),
        ("2.4.1-draft", True, "2.4.1-draft"),
        ("2+.3.1", True, "2.4.0"),
        ("2+.3.1", False, "10.0.0-draft"),
        ("2.3+.1", True, "2.4.0"),
        ("2.3+.1", False, "2.4.1-draft"),
        ("2.3.1+", True, "2.3.4"),
        ("2.4.1+", True, None),
        ("2.4.1+", False, "2.4.1-draft"),
        ("0.1.0+", True, None),
        ("0.1.0+", False, "0.1.0"),
        ("*", True, "10.0.0-draft"),
    ],
)
def test_a_reference_resolves_to_the_latest_version_it_admits(reference: str, stable_referrer: bool, resolved: str | None) -> None:
    admitted = VersionReference.parse(reference).select(map(Version.parse, HISTORY), referrer_stable=stable_referrer)
    assert (admitted[-1].text if admitted else None) == resolved


@pytest.mark.parametrize("text", ["+", "~", "2~.3.1", "2.3+", "2.+.0", "2+.3+.1", "1.0.0-draft+", "**", ""])
def test_what_no_reference_may_hold_is_refused(text: str) -> None:
    with pytest.raises(InvalidVersion):
        VersionReference.parse(text)


@given(st.tuples(SMALL, SMALL, SMALL, st.integers(0, 2)), st.lists(ANY, max_size=15), st.booleans())
def test_a_wildcard_reference_of_a_stable_artefact_never_means_a_draft(
    parts: tuple[str, str, str, int], texts: list[str], referrer_stable: bool
) -> None:
    reference = ".".join(part + ("+" if index == parts[3] else "") for index, part in enumerate(parts[:3]))
    found = VersionReference.parse(reference).select(map(Version.parse, texts), referrer_stable=referrer_stable)
    assert all(version.is_stable if referrer_stable else version.is_semantic for version in found)


def test_versions_are_compared_in_all_four_ways() -> None:
    low, high = Version.parse("1.9.0"), Version.parse("1.10.0")
    assert low < high
    assert low <= high
    assert high > low
    assert high >= low
    assert low <= Version.parse("1.9.0") <= low
    assert not high <= low


@pytest.mark.parametrize("value", [Version.parse("1.0.0"), VersionQuery.parse("1+.0.0"), VersionReference.parse("1+.0.0")])
def test_versions_queries_and_references_stay_what_they_are(value: Any) -> None:
    with pytest.raises((AttributeError, TypeError)):
        value.text = "2.0.0"
    assert {value: 1}[type(value).parse(value.text)] == 1, "equal values are equal keys"
    assert value.parse(value.text) == value


@pytest.mark.parametrize("there", [["1.0.0-a", "1.0.0-b", "1.0.0-c"], ["1.0.0-c", "1.0.0-a", "1.0.0-b"], ["1.0.0-b", "1.0.0-c"]])
def test_a_number_that_is_written_out_means_the_last_of_its_drafts_alone(there: list[str]) -> None:
    selected = VersionQuery.parse("1.0.0").select(map(Version.parse, there), in_production=True)
    assert [version.text for version in selected] == ["1.0.0-c"]
