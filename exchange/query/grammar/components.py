"""The grammar of ``c[...]`` filters (SDMX-REST 2.2.2, section 1.7 of the standard's data queries).

``,`` is OR and binds less than ``+``, which is AND; an operator belongs to one value only. Only the first known ``op:`` prefix is an
operator, so values may contain colons.
"""

from __future__ import annotations

from exchange.errors import InvalidQuery
from exchange.query.values.filters import ComponentFilter, Operator, Term

#: So many conditions may have to hold at once: two bounds and some exceptions are common, and each costs time to plan.
_MOST_AT_ONCE = 100
_OPERATORS = {operator.value: operator for operator in Operator}


def parse_filter(component: str, expression: str) -> ComponentFilter:
    """Read the expression of one component.

    >>> parse_filter("X", "ge:A+le:B,C").alternatives[1]
    (Term(operator=<Operator.EQUALS: 'eq'>, value='C'),)

    Raises:
        InvalidQuery: When a value is missing, or when more conditions are to hold at once than could mean anything.
    """
    alternatives = [alternative.split("+") for alternative in expression.split(",")]
    if any(len(terms) > _MOST_AT_ONCE for terms in alternatives):
        raise InvalidQuery(f"c[{component}] joins more than {_MOST_AT_ONCE} conditions with + (and); join alternatives with a comma (or).")
    return ComponentFilter(tuple(tuple(_term(component, expression, text) for text in terms) for terms in alternatives))


def _term(component: str, expression: str, text: str) -> Term:
    prefix, colon, rest = text.partition(":")
    operator = _OPERATORS.get(prefix) if colon else None
    value = text if operator is None else rest
    if value == "":
        raise InvalidQuery(
            f"c[{component}]={expression} lacks a value; write for instance c[{component}]=A,B or c[{component}]=ge:2020+le:2022."
        )
    return Term(operator or Operator.EQUALS, value)
