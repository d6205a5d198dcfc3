"""Series keys in the path: SDMX-REST 2.x (``D.*.EUR,M.USD``) and 1.x (``D.USD+JPY.``)."""

from __future__ import annotations

from exchange.errors import DoesNotFit
from exchange.query.values.filters import SeriesKey


def parse_keys_v2(text: str) -> tuple[SeriesKey, ...]:
    """Read a 2.x key: complete keys separated by commas, ``*`` or nothing for any value; ``*`` alone means everything.

    >>> parse_keys_v2("M.*.EUR")[0].positions
    (frozenset({'M'}), None, frozenset({'EUR'}))
    """
    if text in {"", "*", "all"}:
        return ()
    return tuple(
        SeriesKey(tuple(None if value in {"", "*"} else frozenset({value}) for value in key.split("."))) for key in text.split(",")
    )


def parse_keys_v1(text: str) -> tuple[SeriesKey, ...]:
    """Read a 1.x key: ``+`` is OR inside a dimension, an empty position means any, ``all`` everything.

    >>> [sorted(p) if p else None for p in parse_keys_v1("D.USD+JPY.")[0].positions]
    [['D'], ['JPY', 'USD'], None]
    """
    if text.lower() in {"", "all"}:
        return ()
    return (SeriesKey(tuple(_alternatives(position) for position in text.split("."))),)


def _alternatives(position: str) -> frozenset[str] | None:
    values = frozenset(value for value in position.split("+") if value)
    return None if not values or values == {"*"} else values


def check_keys(keys: tuple[SeriesKey, ...], dimensions: tuple[str, ...]) -> None:
    """Refuse keys with more positions than the structure has dimensions.

    Raises:
        DoesNotFit: Names the key length, the dimensions and their order.
    """
    for key in keys:
        if len(key.positions) > len(dimensions):
            raise DoesNotFit(
                f"The key has {len(key.positions)} positions, but the data structure has {len(dimensions)} dimensions "
                f"(time excluded), in this order: {'.'.join(dimensions)}."
            )
