"""Where the records of a delimited text begin and how many fields each has, computed on the bytes in one vectorised pass.

Polars reads the values; this module knows the rows: quoted line breaks, blank lines and ragged records keep their line numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_CHUNK = 16 * 1024**2
_NEWLINE, _RETURN = 10, 13

Int64s = npt.NDArray[np.int64]


@dataclass(frozen=True)
class RecordIndex:
    """The records of a text, as parallel arrays.

    Attributes:
        starts: Offset of the first byte of each record.
        ends: Offset after its last byte, line break not included.
        fields: Number of fields; 0 for a blank line.
        lines: 1-based line on which it starts.
        stray_quote: Offset of the first quoting character in the middle of a field, or None.
        unclosed_quote: Offset of a quote that opens and never closes, or None.
    """

    starts: Int64s
    ends: Int64s
    fields: Int64s
    lines: Int64s
    stray_quote: int | None = None
    unclosed_quote: int | None = None


@dataclass
class _Carry:
    """What one chunk hands to the next."""

    inside: int = 0
    delimiters: int = 0
    newlines: int = 0


def index_records(text: bytes, delimiter: str, quote: str) -> RecordIndex:
    """Index the records of a UTF-8 text whose lines end in LF or CR LF."""
    data = np.frombuffer(text, dtype=np.uint8)
    carry = _Carry()
    ends: list[Int64s] = []
    delimiters: list[Int64s] = []
    newlines: list[Int64s] = []
    for offset in range(0, len(data), _CHUNK):
        found = _chunk(data[offset : offset + _CHUNK], offset, ord(delimiter), ord(quote) if quote else None, carry)
        for collected, part in zip((ends, delimiters, newlines), found, strict=True):
            collected.append(part)
    if (len(data) and data[-1] != _NEWLINE) or carry.inside:
        ends.append(np.array([len(data)], dtype=np.int64))
        delimiters.append(np.array([carry.delimiters], dtype=np.int64))
        newlines.append(np.array([carry.newlines + 1], dtype=np.int64))
    stray, unclosed = _bad_quotes(data, ord(delimiter), ord(quote), carry.inside) if quote else (None, None)
    return _index(data, _joined(ends), _joined(delimiters), _joined(newlines), stray, unclosed)


def _joined(parts: list[Int64s]) -> Int64s:
    return np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)


def _chunk(data: npt.NDArray[np.uint8], offset: int, delimiter: int, quote: int | None, carry: _Carry) -> tuple[Int64s, Int64s, Int64s]:
    """Record ends of a chunk with the number of delimiters and line breaks up to each."""
    is_delimiter, newlines = data == delimiter, np.flatnonzero(data == _NEWLINE)
    ends = newlines
    is_quote = data == quote if quote is not None else None
    if is_quote is not None and (carry.inside or is_quote.any()):
        # The sum wraps around at 256, which keeps its parity: odd means inside quotes.
        inside = ((np.cumsum(is_quote, dtype=np.uint8) + np.uint8(carry.inside)) & 1).astype(bool)
        is_delimiter &= ~inside
        ends = newlines[~inside[newlines]]
        carry.inside = int(inside[-1])
    delimiters = np.flatnonzero(is_delimiter)
    found = (
        ends + offset,
        np.searchsorted(delimiters, ends) + carry.delimiters,
        np.searchsorted(newlines, ends, side="right") + carry.newlines,
    )
    carry.delimiters += len(delimiters)
    carry.newlines += len(newlines)
    return found


def _index(
    data: npt.NDArray[np.uint8], breaks: Int64s, delimiters: Int64s, newlines: Int64s, stray: int | None, unclosed: int | None
) -> RecordIndex:
    starts = np.concatenate([np.zeros(1, dtype=np.int64), breaks[:-1] + 1]) if len(breaks) else breaks
    lines = np.concatenate([np.ones(1, dtype=np.int64), newlines[:-1] + 1]) if len(breaks) else breaks
    returned = (breaks > starts) & (data[np.maximum(breaks - 1, 0)] == _RETURN) if len(breaks) else np.empty(0, dtype=bool)
    ends = breaks - returned
    fields = np.where(ends > starts, np.diff(delimiters, prepend=0) + 1, 0)
    return RecordIndex(starts, ends, fields, lines, stray, unclosed)


def _bad_quotes(data: npt.NDArray[np.uint8], delimiter: int, quote: int, inside: int) -> tuple[int | None, int | None]:
    """The first quote that opens in the middle of a field or closes before its end, and the one that never closes."""
    quotes = np.flatnonzero(data == quote)
    if not len(quotes):
        return None, None
    opening, closing = quotes[0::2], quotes[1::2]
    before = data[np.maximum(opening - 1, 0)]
    after = data[np.minimum(closing + 1, len(data) - 1)]
    badly_opened = opening[(opening > 0) & ~np.isin(before, (delimiter, _NEWLINE, quote))]
    broken = (after == _RETURN) & (data[np.minimum(closing + 2, len(data) - 1)] == _NEWLINE)
    broken |= closing == len(data) - 2
    badly_closed = closing[(closing < len(data) - 1) & ~np.isin(after, (delimiter, _NEWLINE, quote)) & ~(broken & (after == _RETURN))]
    bad = [int(found[0]) for found in (badly_opened, badly_closed) if len(found)]
    return (min(bad) if bad else None), (int(opening[-1]) if inside else None)
