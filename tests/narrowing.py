"""What a test knows and the types do not say."""

from __future__ import annotations

from typing import TypeVar

_Expected = TypeVar("_Expected")


def as_a(kind: type[_Expected], found: object) -> _Expected:
    """What was found, which must be of this kind."""
    assert isinstance(found, kind), f"{type(found).__name__} instead of {kind.__name__}"
    return found
