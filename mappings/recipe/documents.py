"""YAML documents with the line of every value, so that each problem can name its place.

All plain scalars are text (only ``~``, ``null`` and nothing are absent), which keeps ``No``, ``1.10`` and ``012`` as written.
Anchors and aliases are refused: a document must mean what it says where it stands.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from mappings.errors import InvalidRecipe

Place = tuple[str | int, ...]
#: What to do about an expression that YAML does not take for one text.
QUOTE: Final = "put the whole expression in quotes, such as value: \"status = 'open'\", or below value: >-"
#: A value that goes on after its closing quote, that holds a colon with a blank, or that begins with a sign of YAML.
_UNQUOTED: Final = re.compile(r"""[\w"']:\s+(?:(["']).*\1\s*[^\s,\]}#]|[^"'\s{\[].*:\s|[*&!%@`|>].*\S|[\[{].*[=<>(|])""")


@dataclass(frozen=True)
class Document:
    """A YAML file as plain values, and where each value stands.

    Attributes:
        path: The file.
        content: Mappings, lists, texts and None.
        text: The file as it is, for the digest.
    """

    path: Path
    content: Any
    text: bytes
    _lines: dict[Place, int] = field(repr=False)

    def line(self, place: Sequence[str | int]) -> int:
        """1-based line of a value, or of the nearest part of the document around it."""
        for length in range(len(place), -1, -1):
            found = self._lines.get(tuple(place[:length]))
            if found is not None:
                return found
        return 1

    def __contains__(self, place: object) -> bool:
        """True when a value stands at a place."""
        return place in self._lines

    def problem(self, place: Sequence[str | int], message: str) -> str:
        """A problem as it is shown: file, line, path and what is wrong."""
        shown = ".".join(str(part) for part in place)
        return f"{self.path.name}:{self.line(place)}: {shown + ': ' if shown else ''}{message}"


def read_document(path: Path) -> Document:
    """Read a YAML file.

    Raises:
        InvalidRecipe: When the file cannot be read or is not plain YAML; names file and line.
    """
    try:
        text = path.read_bytes()
    except OSError as error:
        raise InvalidRecipe([f"{path}: cannot be read ({error.strerror}); check the name"]) from None
    try:
        node = yaml.compose(text.decode("utf-8-sig"), Loader=yaml.SafeLoader)
    except UnicodeDecodeError as error:
        raise InvalidRecipe([f"{path.name}: is not UTF-8 text (byte {error.start}); save it as UTF-8"]) from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        remedy = QUOTE if _needs_quotes(text.decode("utf-8-sig"), error) else "check indentation and quotes"
        raise InvalidRecipe([f"{path.name}:{line}: is not YAML ({error.problem}); {remedy}"]) from None
    except (yaml.YAMLError, RecursionError):
        raise InvalidRecipe([f"{path.name}: is not YAML; check for control characters"]) from None
    lines: dict[Place, int] = {}
    content = _value(node, (), lines, path, set()) if node is not None else None
    return Document(path, content, text, lines)


def _needs_quotes(text: str, error: yaml.MarkedYAMLError) -> bool:
    """True when a line that the error speaks of holds a value that YAML takes for its own signs."""
    lines = text.splitlines()
    marks = [mark for mark in (error.context_mark, error.problem_mark) if mark is not None and mark.line < len(lines)]
    return any(_UNQUOTED.search(lines[mark.line]) for mark in marks)


def _value(node: yaml.Node, place: Place, lines: dict[Place, int], path: Path, seen: set[int]) -> Any:
    line = node.start_mark.line + 1
    if id(node) in seen:
        raise InvalidRecipe([f"{path.name}:{line}: uses an alias (*name); write the value out"])
    seen.add(id(node))
    lines.setdefault(place, line)
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, place, lines, path, seen)
    if isinstance(node, yaml.SequenceNode):
        return [_value(child, (*place, index), lines, path, seen) for index, child in enumerate(node.value)]
    absent = isinstance(node, yaml.ScalarNode) and node.style is None and node.value in {"", "~", "null"}
    return None if absent else node.value


def _mapping(node: yaml.MappingNode, place: Place, lines: dict[Place, int], path: Path, seen: set[int]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            raise InvalidRecipe([f"{path.name}:{line}: a key must be a text"])
        key = key_node.value
        if key in result:
            raise InvalidRecipe([f"{path.name}:{line}: {key!r} stands here for the second time; keep one"])
        lines[(*place, key)] = line
        result[key] = _value(value_node, (*place, key), lines, path, seen)
    return result
