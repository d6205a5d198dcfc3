"""Finding the delimiter of a text: the character that cuts most of its lines into the same number of fields."""

from __future__ import annotations

import numpy as np

from mappings.errors import UnreadableSource
from mappings.readers.records import index_records
from registry.findings import Finding, Severity

_CANDIDATES = (",", ";", "\t", "|")
_NAMES = {"tab": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "space": " "}
_SAMPLE = 256 * 1024


def choose_delimiter(name: str, text: bytes, wanted: str, quote: str, skip_rows: int) -> tuple[str, tuple[Finding, ...]]:
    """The delimiter that a recipe names, or the most plausible one.

    Raises:
        UnreadableSource: When the recipe names something that is not one ASCII character.
    """
    if wanted.lower() != "auto":
        delimiter = _NAMES.get(wanted.lower(), wanted)
        if len(delimiter) != 1 or not delimiter.isascii() or delimiter in "\r\n" or delimiter == quote:
            raise UnreadableSource(f"{name}: {wanted!r} cannot be a delimiter. Write one ASCII character, or `tab`, as `delimiter`.")
        return delimiter, ()
    sample = text[:_SAMPLE] if len(text) <= _SAMPLE else text[: text.rfind(b"\n", 0, _SAMPLE) + 1] or text[:_SAMPLE]
    scores = {candidate: _score(sample, candidate, quote, skip_rows) for candidate in _CANDIDATES}
    ranked = sorted(_CANDIDATES, key=lambda candidate: scores[candidate], reverse=True)
    best, second = ranked[0], ranked[1]
    if scores[second] > 0.8 * scores[best] > 0:
        return best, (_ambiguous(best, second),)
    return (best if scores[best] > 0 else ","), ()


def _score(sample: bytes, delimiter: str, quote: str, skip_rows: int) -> float:
    """Share of the records that have the most frequent number of fields, weighted a little by that number; 0 when it never cuts."""
    index = index_records(sample, delimiter, quote)
    fields = index.fields[(index.fields > 0) & (index.lines > skip_rows)]
    if not len(fields):
        return 0.0
    counts = np.bincount(fields)
    counts[:2] = 0
    width = int(np.argmax(counts))
    share = float(counts[width]) / len(fields)
    return share * (1 + min(width, 50) / 100) if width > 1 else 0.0


def _ambiguous(best: str, second: str) -> Finding:
    return Finding(
        "delimiter-guessed",
        Severity.WARNING,
        f"Both {best!r} and {second!r} cut the lines evenly; {best!r} was taken.",
        "Look at the columns in the preview; then write the right `delimiter` in the recipe.",
        row=1,
    )
