"""The identifier types of the common XML schema: which texts may be ids of what."""

from __future__ import annotations

import re
from enum import Enum
from typing import Final

# ``[0-9]`` and not ``\d``, which admits the digits of every script.
NCNAME: Final = r"[A-Za-z][A-Za-z0-9_\-]*"
ID: Final = r"[A-Za-z0-9_@$\-]+"

_ID_TYPE = re.compile(ID)
_NCNAME_TYPE = re.compile(NCNAME)
_NESTED_NCNAME_TYPE = re.compile(rf"{NCNAME}(?:\.{NCNAME})*")


def is_id(text: str) -> bool:
    """Whether a text is an ``IDType``: the ids of most artefacts and items."""
    return _ID_TYPE.fullmatch(text) is not None


def is_ncname_id(text: str) -> bool:
    """Whether a text is an ``NCNameIDType``: ids that are also XML names (concepts, components, agencies)."""
    return _NCNAME_TYPE.fullmatch(text) is not None


def is_agency_id(text: str) -> bool:
    """Whether a text is a ``NestedNCNameIDType``: the dotted id of a maintenance agency."""
    return _NESTED_NCNAME_TYPE.fullmatch(text) is not None


class IdGrammar(Enum):
    """What an id may look like; the value is the rule as people read it, after "it"."""

    ID = "may hold only letters, digits and _ @ $ -"
    NCNAME = "must begin with a letter and hold only letters, digits, _ and -"
    TEXT = "must not be empty"

    def admits(self, text: str) -> bool:
        """Whether a text follows the rule."""
        if self is IdGrammar.TEXT:
            return bool(text)
        return is_ncname_id(text) if self is IdGrammar.NCNAME else is_id(text)
