"""Errors of the mappings: facts about source files and recipes, without any notion of HTTP.

MappingError
└── UnreadableSource      a source file cannot be read as the table it should be
"""

from __future__ import annotations

from typing import ClassVar


class MappingError(Exception):
    """Base of all errors of the mappings. ``code`` is stable and documented; the message names place and remedy."""

    code: ClassVar[str] = "mapping-error"


class UnreadableSource(MappingError):
    """A source file cannot be read as a table; the message names file, place and remedy."""

    code = "unreadable-source"
