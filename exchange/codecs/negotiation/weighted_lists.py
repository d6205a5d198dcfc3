"""Lists of values with parameters and weights, as HTTP headers hold them (RFC 9110, sections 5.6 and 12.4.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_PARAMETER = re.compile(r"\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*=\s*(\"(?:[^\"\\]|\\.)*\"|[^\s;\"]*)\s*")
_WEIGHT = re.compile(r"(?:0(?:\.\d*)?|1(?:\.0*)?|\.\d+)")
_QUOTED_OR_SEPARATOR = re.compile(r"\"(?:[^\"\\]|\\.)*\"|[,;]")


@dataclass(frozen=True, slots=True)
class WeightedValue:
    """One element of the list: the value in lower case, its parameters (names in lower case) and its weight from 0 to 1."""

    value: str
    weight: float = 1.0
    parameters: dict[str, str] = field(default_factory=dict)


def parse_weighted_list(header: str) -> tuple[WeightedValue, ...]:
    """The elements of a header in the order written; parts that follow no grammar are left out, never refused.

    >>> [(element.value, element.weight) for element in parse_weighted_list("text/csv; q=0.5, */*;q=0")]
    [('text/csv', 0.5), ('*/*', 0.0)]
    """
    elements = []
    for element in _split(header, ","):
        value, *rest = _split(element, ";")
        if not value.strip():
            continue
        parameters = dict(filter(None, map(_parameter, rest)))
        weight = parameters.pop("q", "1")
        elements.append(WeightedValue(value.strip().lower(), float(weight) if _WEIGHT.fullmatch(weight) else 1.0, parameters))
    return tuple(elements)


def _split(text: str, separator: str) -> list[str]:
    """Parts between separators that stand outside quotes."""
    cuts = [match.start() for match in _QUOTED_OR_SEPARATOR.finditer(text) if match.group() == separator]
    return [text[start:end] for start, end in zip([0, *(cut + 1 for cut in cuts)], [*cuts, len(text)], strict=True)]


def _parameter(text: str) -> tuple[str, str] | None:
    match = _PARAMETER.fullmatch(text)
    if match is None:
        return None
    value = match[2]
    if value.startswith('"'):
        value = re.sub(r"\\(.)", r"\1", value[1:-1])
    return match[1].lower(), value
