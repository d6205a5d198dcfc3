"""Problems of a recipe: where they stand and what to do about them."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from mappings.recipe.documents import Place

#: A problem: where in the recipe, and what.
Problem = tuple[Place, str]


def near(name: str, known: Iterable[str]) -> str:
    """A hint at the name that was probably meant, or nothing."""
    found = get_close_matches(name, list(known), n=1)
    return f"; did you mean {found[0]!r}?" if found else ""
