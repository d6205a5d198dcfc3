"""Errors of the mappings: facts about source files and recipes, without any notion of HTTP.

MappingError
├── UnreadableSource      a source file cannot be read as the table it should be
├── InvalidExpression     an expression of a recipe is not in the language, or does not fit its columns
├── InvalidRecipe         a recipe or a structures file cannot be used; carries every problem with file and line
├── MappingFailed         a run cannot go on: source and recipe do not belong together
└── UnknownKey            no observation of a submission has a key
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar


class MappingError(Exception):
    """Base of all errors of the mappings. ``code`` is stable and documented; the message names place and remedy."""

    code: ClassVar[str] = "mapping-error"


class UnreadableSource(MappingError):
    """A source file cannot be read as a table; the message names file, place and remedy."""

    code = "unreadable-source"


class InvalidExpression(MappingError):
    """An expression of a recipe is not in the language, or does not fit the columns it reads.

    Attributes:
        text: The expression.
        problem: What is wrong with it, as the end of a sentence that begins with the expression.
        position: 1-based character in the expression, when known.
    """

    code = "invalid-expression"

    def __init__(self, text: str, problem: str, position: int | None = None) -> None:
        """Build the message, with the place when it is known."""
        self.text, self.problem, self.position = text, problem, position
        place = f" at character {position}" if position else ""
        super().__init__(f"expression {text!r}{place}: {problem}")


class InvalidRecipe(MappingError):
    """A recipe or a structures file cannot be used. ``problems`` holds one line per problem, each with file, line and remedy."""

    code = "invalid-recipe"

    def __init__(self, problems: Sequence[str]) -> None:
        """Gather all problems into one message."""
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class MappingFailed(MappingError):
    """A run cannot go on: source and recipe do not belong together; nothing was stored."""

    code = "mapping-failed"


class UnknownKey(MappingError):
    """No observation of a submission has a key, or the key does not fit the dimensions."""

    code = "unknown-key"
