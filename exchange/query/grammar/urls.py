"""Reading a request target exactly as it was sent.

Frameworks decode a literal ``+`` in a query string to a blank and merge encoded slashes, but in SDMX-REST ``+`` is an operator in
queries (AND), versions (latest stable) and time zones. So path and query are parsed here from the raw bytes (standard pitfalls P1, P2).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import unquote

from exchange.errors import InvalidQuery

#: Numbers with more digits count nothing that exists.
_MOST_DIGITS = 15


def path_segments(raw_path: str) -> list[str]:
    """Percent-decoded segments of a path; a trailing slash adds nothing, an empty segment inside stands for "default".

    >>> path_segments("/codelist/SDMX/CL_A%2BCL_B/")
    ['codelist', 'SDMX', 'CL_A+CL_B']

    Raises:
        InvalidQuery: When the path is not UTF-8.
    """
    sent = raw_path.strip("/")
    try:
        return [unquote(segment, errors="strict").strip() for segment in sent.split("/")] if sent else []
    except UnicodeDecodeError as error:
        raise InvalidQuery("The path is not UTF-8; encode its characters as UTF-8 before writing them with percent signs.") from error


def padded(segments: Sequence[str], count: int, template: str) -> list[str]:
    """The segments filled up with empty ones to the length of a path template, whose trailing parts are optional.

    Raises:
        InvalidQuery: When there are more segments than the template has.
    """
    if len(segments) > count:
        raise InvalidQuery(f"The path has {len(segments) - count} part(s) too many; write {template}.")
    return [*segments, *[""] * (count - len(segments))]


def query_pairs(raw_query: str) -> Iterator[tuple[str, str]]:
    """Percent-decoded name and value pairs in order; ``+`` stays plus, written literally or as ``%2B``.

    >>> list(query_pairs("c%5BTIME_PERIOD%5D=ge:2020+le:2021&detail=full"))
    [('c[TIME_PERIOD]', 'ge:2020+le:2021'), ('detail', 'full')]
    """
    for part in raw_query.split("&"):
        if part:
            name, _, value = part.partition("=")
            yield unquote(name), unquote(value)


class Parameters:
    """The query parameters of one request: each may be read once by name.

    Names are case-sensitive as in SDMX-REST. A parameter given twice is an error, except through :meth:`multi`.
    """

    def __init__(self, raw_query: str) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in query_pairs(raw_query):
            self._values.setdefault(name, []).append(value)

    def names(self) -> list[str]:
        """All parameter names, in order of appearance."""
        return list(self._values)

    def says_something(self, name: str) -> bool:
        """Whether a parameter has a value: one that is empty is as good as absent."""
        return any(self._values.get(name, ()))

    def one(self, name: str) -> str | None:
        """The value of a parameter, None when it is absent or empty.

        Raises:
            InvalidQuery: When it is given more than once.
        """
        values = self._values.get(name, [])
        if len(values) > 1:
            raise InvalidQuery(f"Parameter {name} is given {len(values)} times; give it once.")
        return values[0] if values and values[0] != "" else None

    def any_case(self, name: str) -> str | None:
        """The value of a parameter whose name may be written in any case, as those that choose a format or language."""
        return next((self.one(given) for given in self._values if given.casefold() == name.casefold()), None)

    def boolean(self, name: str) -> bool:
        """The value of a boolean parameter (``true``/``false`` in any case); False when absent.

        Raises:
            InvalidQuery: When it is something else.
        """
        value = (self.one(name) or "false").lower()
        if value not in {"true", "false", "1", "0"}:
            raise InvalidQuery(f"Parameter {name}={value} is not a boolean; write true or false.")
        return value in {"true", "1"}

    def integer(self, name: str, *, minimum: int) -> int | None:
        """The value of a parameter that counts rows, None when absent.

        Raises:
            InvalidQuery: When it is not a whole number, below ``minimum`` or beyond any dataset.
        """
        value = self.one(name)
        if value is None:
            return None
        if not value.isascii() or not value.isdigit() or len(value) > _MOST_DIGITS or int(value) < minimum:
            raise InvalidQuery(f"Parameter {name}={value} is not a whole number of at least {minimum} with at most {_MOST_DIGITS} digits.")
        return int(value)

    def components(self) -> dict[str, str]:
        """The ``c[COMPONENT]`` parameters: component id to expression.

        Raises:
            InvalidQuery: When a component is filtered twice or the name is malformed.
        """
        found: dict[str, str] = {}
        for name, values in self._values.items():
            if not name.startswith("c["):
                continue
            component = name[2:-1]
            if not name.endswith("]") or not component:
                raise InvalidQuery(f"Parameter {name} is malformed; write c[COMPONENT_ID]=VALUE.")
            if len(values) > 1:
                raise InvalidQuery(
                    f"Component {component} is filtered {len(values)} times; join the values with a comma (or) or a plus (and)."
                )
            found[component] = values[0]
        return found
