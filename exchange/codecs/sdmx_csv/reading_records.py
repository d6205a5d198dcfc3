"""The records of an SDMX-CSV file, block by block: bounded memory, every record with the line on which it begins."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
import polars as pl

from exchange.errors import MalformedMessage
from exchange.observations.ports import SOURCE_ROW
from mappings.readers.records import RecordIndex, index_records

_BLOCK = 32 * 1024**2
_MARK = b"\xef\xbb\xbf"
_QUOTE = '"'
#: Bytes of a header row; thousands of columns fit.
_LONGEST_HEADER = 1024**2


def header_line(path: Path) -> str:
    """The header row of a file; names in it may hold line breaks.

    Raises:
        MalformedMessage: When the file is empty, not UTF-8, or begins with something that never ends.
    """
    with path.open("rb") as stream:
        line = _header_record(stream).removeprefix(_MARK).rstrip(b"\r\n")
    if b"\0" in line:
        raise MalformedMessage("line 1: the message is not UTF-8 but perhaps UTF-16, as spreadsheets save it. Save it as UTF-8.")
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedMessage("line 1: the message is not UTF-8. Save it as UTF-8.") from error
    if not text.strip():
        raise MalformedMessage("line 1: the header row is missing. An SDMX-CSV message begins with the names of its columns.")
    return text


def _header_record(stream: BinaryIO) -> bytes:
    """The first record with its line break, however many lines it takes."""
    record = stream.readline(_LONGEST_HEADER)
    while record.count(b'"') % 2 and len(record) < _LONGEST_HEADER and (line := stream.readline(_LONGEST_HEADER)):
        record += line
    if len(record) >= _LONGEST_HEADER:
        raise MalformedMessage(f"line 1: the header row is longer than {_LONGEST_HEADER:,} bytes. Send a message with fewer columns.")
    if record.count(b'"') % 2:
        raise MalformedMessage("line 1: a quote opens in the header row and never closes. Close it, and double quotes inside fields.")
    return record


def records(path: Path, separator: str, width: int) -> Iterator[pl.DataFrame]:
    """Frames of text with columns ``c0``, ``c1`` ... and :data:`SOURCE_ROW`; empty cells are null.

    Raises:
        MalformedMessage: For a record with another number of fields, a stray or open quote, or text that is not UTF-8; names the line.
    """
    rest, line = b"", 1
    with path.open("rb") as stream:
        header = _header_record(stream)
        line += header.count(b"\n")
        while True:
            block = stream.read(_BLOCK)
            content = rest + block
            index = index_records(content, separator, _QUOTE)
            whole = len(index.starts) - bool(block and len(index.starts))
            _check(content, index, whole, separator, width, line, is_last=not block)
            end = len(content) if not block else int(index.starts[whole]) if whole < len(index.starts) else 0
            if whole:
                yield _frame(content[:end], index, whole, width, separator, line)
            line += content.count(b"\n", 0, end)
            rest = content[end:]
            if not block:
                return


def _check(content: bytes, index: RecordIndex, whole: int, separator: str, width: int, line: int, *, is_last: bool) -> None:
    limit = len(content) if is_last else int(index.ends[whole - 1]) if whole else 0
    if index.stray_quote is not None and index.stray_quote < limit:
        place = line + content.count(b"\n", 0, index.stray_quote)
        raise MalformedMessage(f"line {place}: a quote stands in the middle of a field. Quote the whole field and double the quote.")
    if is_last and index.unclosed_quote is not None:
        place = line + content.count(b"\n", 0, index.unclosed_quote)
        raise MalformedMessage(f"line {place}: a quote opens here and never closes. Close it, and double quotes inside fields.")
    fields = index.fields[:whole]
    # One separator too many at the end of a record is forgiven; even an example of the field guide has it.
    trailing = fields == width + 1
    trailing[trailing] = np.frombuffer(content, dtype=np.uint8)[index.ends[:whole][trailing] - 1] == ord(separator)
    wrong = np.flatnonzero((fields != width) & (fields > 0) & ~trailing)
    for record in wrong[:1].tolist():
        place = line + int(index.lines[record]) - 1
        raise MalformedMessage(
            f"line {place}: the record has {int(fields[record])} fields but the header has {width}. Quote fields that hold the separator."
        )


def _frame(content: bytes, index: RecordIndex, whole: int, width: int, separator: str, line: int) -> pl.DataFrame:
    names = [f"c{position}" for position in range(width)]
    try:
        frame = pl.read_csv(
            content,
            has_header=False,
            schema=dict.fromkeys(names, pl.String),
            infer_schema=False,
            separator=separator,
            quote_char=_QUOTE,
            extra_columns="ignore",
        )
    except pl.exceptions.ComputeError as error:
        raise MalformedMessage(f"after line {line}: the records cannot be read. Save the message as UTF-8 and quote its fields.") from error
    if b'""' in content:
        frame = frame.with_columns(pl.when(pl.col(names) != "").then(pl.col(names)).name.keep())
    lines = index.lines[:whole] + (line - 1)
    blank = index.fields[:whole] == 0
    if frame.height != whole:
        raise MalformedMessage(f"after line {line}: {whole} records were counted but {frame.height} read. Quote the fields of the message.")
    frame = frame.with_columns(pl.Series(SOURCE_ROW, lines, dtype=pl.Int64))
    return frame.filter(pl.Series(~blank)) if blank.any() else frame
