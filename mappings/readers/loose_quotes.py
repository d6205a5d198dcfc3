"""Text with quotes in the middle of fields (``5" pipe``): read by the tolerant rules that spreadsheets use, and written again strictly.

Row by row and therefore slower than everything else; reported, because programs disagree about such files.
"""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from mappings.errors import UnreadableSource
from registry.findings import Finding, Severity

_ROWS = 50_000
_END = "\x03end\x03"


def requoted(name: str, content: bytes, delimiter: str, quote: str, first: int) -> tuple[bytes, npt.NDArray[np.int64], Finding]:
    """The same records with strict quoting, the line on which each begins, and a finding for the first loose quote (at a byte offset).

    Raises:
        UnreadableSource: When a quote never closes.
    """
    text = content.decode("utf-8").removesuffix("\n") + f"\n{_END}\n"
    pieces: list[bytes] = []
    lines: list[int] = []
    records = _numbered(name, text, delimiter, quote)
    while batch := list(itertools.islice(records, _ROWS)):
        out = io.StringIO()
        csv.writer(out, delimiter=delimiter, quotechar=quote, lineterminator="\n").writerows(row for _, row in batch)
        pieces.append(out.getvalue().encode("utf-8"))
        lines += [line for line, _ in batch]
    starts = np.array(lines, dtype=np.int64)
    row = int(np.searchsorted(starts, content.count(b"\n", 0, first) + 1, side="right"))
    message = f"Quotes stand in the middle of fields (first at row {row}); they were read as ordinary characters."
    hint = "Look at these rows in the preview; write `quote: ''` when quotes never enclose a field."
    return b"".join(pieces), starts, Finding("loose-quote", Severity.WARNING, message, hint, row=row)


def _numbered(name: str, text: str, delimiter: str, quote: str) -> Iterator[tuple[int, list[str]]]:
    """Records with the line they begin on; the end mark must come out as a record of its own, or a quote is still open."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quotechar=quote)
    line = 1
    try:
        for row in reader:
            if row == [_END]:
                return
            if row and _END in row[-1]:
                raise UnreadableSource(
                    f"{name}, line {line}: a quote opens in this record and never closes. Close it, or write `quote: ''`."
                )
            yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        raise UnreadableSource(f"{name}, line {line}: {error}. Close the quotes, or write `quote: ''` in the recipe.") from error
