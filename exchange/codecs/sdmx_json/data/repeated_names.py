"""Names that stand twice in one object of a JSON message: readers keep the last of them, so that the others would be lost."""

from __future__ import annotations

import json
import re
from typing import Any

from exchange.errors import MalformedMessage

_NAME_END = re.compile(rb'"[ \t\r\n]*:')


def check_names_once(content: bytes, decoded: object) -> None:
    """Refuse a message in which an object has a name twice.

    Args:
        content: The message as it was sent.
        decoded: What a reader made of it, without the names that it dropped.

    Raises:
        MalformedMessage: Says which name it is.
    """
    # What looks like the end of a name can stand in a text too: only then it is worth to look at every object.
    if sum(1 for _ in _NAME_END.finditer(content)) != _names_in(decoded):
        json.loads(content, object_pairs_hook=_checked)


def _names_in(decoded: object) -> int:
    """The number of names in all objects."""
    count, waiting = 0, [decoded]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            count += len(value)
            waiting.extend(entry for entry in value.values() if isinstance(entry, dict | list))
        elif isinstance(value, list):
            waiting.extend(entry for entry in value if isinstance(entry, dict | list))
    return count


def _checked(pairs: list[tuple[str, Any]]) -> None:
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise MalformedMessage(f"an object has the name {twice!r} twice, of which one would be lost. Give each name once.")
