"""Request targets are read as they were sent: plus stays plus, encoded or not (standard pitfalls P1, P2)."""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.errors import InvalidQuery
from exchange.query.grammar.urls import Parameters, padded, path_segments


@pytest.mark.parametrize(
    "written", ["c[TIME_PERIOD]=ge:2020+le:2021", "c%5BTIME_PERIOD%5D=ge%3A2020%2Ble%3A2021", "c[TIME_PERIOD]=ge:2020%2Ble:2021"]
)
def test_plus_in_a_filter_is_plus_in_every_spelling(written: str) -> None:
    assert Parameters(written).components() == {"TIME_PERIOD": "ge:2020+le:2021"}


@pytest.mark.parametrize("path", ["/codelist/SDMX/CL_A+CL_B", "/codelist/SDMX/CL_A%2BCL_B/", "codelist/SDMX/CL_A+CL_B/"])
def test_trailing_slash_and_encoding_make_no_difference(path: str) -> None:
    assert path_segments(path) == ["codelist", "SDMX", "CL_A+CL_B"]


def test_a_parameter_given_twice_is_refused_by_name() -> None:
    with pytest.raises(InvalidQuery, match="detail is given 2 times"):
        Parameters("detail=full&detail=raw").one("detail")


def test_a_component_filtered_twice_is_refused_with_the_remedy() -> None:
    with pytest.raises(InvalidQuery, match="REF_AREA is filtered 2 times; join"):
        Parameters("c[REF_AREA]=KE&c[REF_AREA]=GH").components()


@pytest.mark.parametrize("name", ["c[", "c[]", "c[A"])
def test_malformed_component_names_are_refused(name: str) -> None:
    with pytest.raises(InvalidQuery, match="malformed"):
        Parameters(f"{name}=1").components()


@pytest.mark.parametrize(("written", "expected"), [("True", True), ("true", True), ("FALSE", False), ("1", True), ("", False)])
def test_booleans_are_read_in_any_case(written: str, expected: bool) -> None:
    assert Parameters(f"includeHistory={written}").boolean("includeHistory") is expected


@pytest.mark.parametrize("written", ["yes", "2"])
def test_what_is_not_a_boolean_is_refused(written: str) -> None:
    with pytest.raises(InvalidQuery, match="write true or false"):
        Parameters(f"includeHistory={written}").boolean("includeHistory")


@pytest.mark.parametrize("written", ["0", "-1", "x", "1.5", "٣"])
def test_counts_must_be_whole_numbers_of_at_least_the_minimum(written: str) -> None:
    with pytest.raises(InvalidQuery, match="at least 1"):
        Parameters(f"limit={quote(written)}").integer("limit", minimum=1)


def test_a_path_that_is_too_long_shows_the_template() -> None:
    with pytest.raises(InvalidQuery, match=r"1 part.* too many; write /a/b"):
        padded(["x", "y", "z"], 2, "/a/b")


@given(st.lists(st.text(min_size=1).filter(lambda s: s.strip() == s), min_size=1, max_size=4))
def test_segments_survive_percent_encoding(segments: list[str]) -> None:
    assert path_segments("/".join(quote(segment, safe="") for segment in segments)) == segments


@given(st.dictionaries(st.text(min_size=1), st.text(min_size=1), max_size=5))
def test_parameters_survive_percent_encoding(pairs: dict[str, str]) -> None:
    parameters = Parameters("&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in pairs.items()))
    assert {name: parameters.one(name) for name in parameters.names()} == pairs
