"""The grammar of ``c[...]``: the official truth table of SDMX-REST 2.2.2, section 1.7."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.errors import InvalidQuery
from exchange.query.grammar.components import parse_filter
from exchange.query.values.filters import ComponentFilter, Operator, Term

EQ, NE, GE, LE = Operator.EQUALS, Operator.NOT_EQUALS, Operator.GREATER_OR_EQUAL, Operator.LESS_OR_EQUAL


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("A", (((EQ, "A"),),)),
        ("A,B", (((EQ, "A"),), ((EQ, "B"),))),
        ("ge:A", (((GE, "A"),),)),
        ("ge:A+le:B", (((GE, "A"), (LE, "B")),)),
        ("A,B+C", (((EQ, "A"),), ((EQ, "B"), (EQ, "C")))),
        ("ge:A+le:B,ge:C+le:D", (((GE, "A"), (LE, "B")), ((GE, "C"), (LE, "D")))),
        ("ne:A,B", (((NE, "A"),), ((EQ, "B"),))),
        ("ne:A+B", (((NE, "A"), (EQ, "B")),)),
        ("ne:A,ne:B", (((NE, "A"),), ((NE, "B"),))),
        ("ne:A+ne:B", (((NE, "A"), (NE, "B")),)),
        ("ge:2020-01-01T10:00:00", (((GE, "2020-01-01T10:00:00"),),)),
        ("T10:00:00", (((EQ, "T10:00:00"),),)),
        ("eq:ge:A", (((EQ, "ge:A"),),)),
    ],
)
def test_truth_table(written: str, expected: tuple[tuple[tuple[Operator, str], ...], ...]) -> None:
    assert parse_filter("X", written) == ComponentFilter(tuple(tuple(Term(*term) for term in terms) for terms in expected))


@pytest.mark.parametrize("written", ["", "A,", "A++B", "ge:", ",A"])
def test_missing_values_are_refused_with_an_example(written: str) -> None:
    with pytest.raises(InvalidQuery, match=r"c\[X\]=.* lacks a value; write"):
        parse_filter("X", written)


values = st.text(alphabet=st.characters(exclude_characters=",+:"), min_size=1)
terms = st.builds(Term, st.sampled_from(Operator), values)


@given(st.lists(st.lists(terms, min_size=1, max_size=3), min_size=1, max_size=3))
def test_what_is_written_out_is_read_back(alternatives: list[list[Term]]) -> None:
    written = ",".join("+".join(f"{term.operator}:{term.value}" for term in terms) for terms in alternatives)
    assert parse_filter("X", written).alternatives == tuple(tuple(terms) for terms in alternatives)
