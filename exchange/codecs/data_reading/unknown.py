"""Names in a message that are no components of its structure, and the component that was probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from registry.data_schema import DataSchema

#: How alike two names must be for one to be taken for a slip of the other.
_ALIKE = 0.6


def nearest(name: str, schema: DataSchema) -> str | None:
    """The component whose id is most like a name; None when none is like it. Case and punctuation do not count."""
    known = {_plain(component.id): component.id for component in reversed(schema.components)}
    found = get_close_matches(_plain(name), list(known), n=1, cutoff=_ALIKE)
    return known[found[0]] if found else None


def _plain(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum()) or name


def described(names: Iterable[str], schema: DataSchema) -> str:
    """``'D_1' (did you mean D1?) and 'X' are no components of DSD.`` and what the components are, in two sentences."""
    shown = [f"{name!r} (did you mean {near}?)" if (near := nearest(name, schema)) else repr(name) for name in names]
    one = f"{shown[0]} is no component" if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]} are no components"
    return f"{one} of {schema.structure.id}. Known are {', '.join(component.id for component in schema.components)}."
