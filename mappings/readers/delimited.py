"""Reads delimited text: CSV, TSV and their relatives, in whatever shape they arrive.

The index of records (see :mod:`mappings.readers.records`) says which bytes are data and on which lines they stand; Polars reads the values.
Only text with quotes in the middle of fields, which no two programs read alike, goes through the slower reader of the standard library.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from mappings.errors import UnreadableSource
from mappings.readers.bounds import check_columns
from mappings.readers.cells import settle
from mappings.readers.containers import SourceFile, open_source
from mappings.readers.dialects import choose_delimiter
from mappings.readers.encodings import to_utf8
from mappings.readers.foreign_content import check_is_a_table
from mappings.readers.headers import column_names
from mappings.readers.lines import LineNumbers
from mappings.readers.loose_quotes import requoted
from mappings.readers.ports import ROW, ReaderDescription, ReaderOptions, SourceTable, no_rejected
from mappings.readers.records import RecordIndex, index_records
from registry.findings import Finding, Severity

Mask = npt.NDArray[np.bool_]


@dataclass
class _Text:
    """A text under way to a table: its bytes, its records, and which of them are still wanted."""

    name: str
    content: bytes
    delimiter: str
    index: RecordIndex
    wanted: Mask
    findings: list[Finding]

    def text_of(self, record: int) -> str:
        return self.content[self.index.starts[record] : self.index.ends[record]].decode("utf-8")


class DelimitedReader:
    """Reads delimited text as a table of text."""

    def read(self, source: Path, options: ReaderOptions) -> SourceTable:
        """See :class:`mappings.readers.ports.DatasetReader`."""
        return self.read_opened(open_source(source, options), options)

    def read_opened(self, source: SourceFile, options: ReaderOptions) -> SourceTable:
        """Read a source whose bytes are at hand."""
        if source.is_workbook:
            raise UnreadableSource(f"{source.name}: this is a spreadsheet, not delimited text. Write `format: xlsx` or `format: auto`.")
        if options.range is not None or options.sheet is not None:
            raise UnreadableSource(f"{source.name}: delimited text has no sheets. Remove `sheet` and `range` from the recipe.")
        decoded = to_utf8(source.name, source.content, options.encoding)
        check_is_a_table(source.name, decoded.content)
        text = _index(source, decoded.content, options)
        text.findings[:0] = [*source.findings, *(_by_row(finding, text.index) for finding in decoded.findings)]
        names = _take_header(text, options)
        frame, rejected = _values(text, names, options)
        frame, noticed = settle(frame, options)
        return SourceTable(
            frame=frame,
            rejected=rejected,
            digest=source.digest,
            bytes=source.size,
            reader=ReaderDescription("csv", decoded.encoding, text.delimiter, header_rows=options.header_rows),
            findings=(*text.findings, *noticed),
            lines=LineNumbers.of(pl.Series(text.index.lines)),
        )


def _index(source: SourceFile, content: bytes, options: ReaderOptions) -> _Text:
    """Index the records and leave out what is above the header, below the data, blank, or a comment."""
    content, findings = _plain_line_ends(content)
    delimiter, guessed = choose_delimiter(source.name, content, options.delimiter, options.quote, options.skip_rows)
    index = index_records(content, delimiter, options.quote)
    if index.stray_quote is not None:
        content, lines, finding = requoted(source.name, content, delimiter, options.quote, index.stray_quote)
        index = index_records(content, delimiter, options.quote)
        index = RecordIndex(index.starts, index.ends, index.fields, lines)
        findings.append(finding)
    elif index.unclosed_quote is not None:
        line = content.count(b"\n", 0, index.unclosed_quote) + 1
        raise UnreadableSource(
            f"{source.name}, line {line}: a quote opens here and never closes. Close it, or write `quote: ''` in the recipe."
        )
    wanted = (index.fields > 0) & (index.lines > options.skip_rows)
    if options.comment:
        wanted &= ~_begins_with(content, index, options.comment.encode())
    text = _Text(source.name, content, delimiter, index, wanted, [*findings, *guessed])
    if options.skip_footer:
        wanted[np.flatnonzero(wanted)[-options.skip_footer :]] = False
    return text


def _by_row(finding: Finding, index: RecordIndex) -> Finding:
    """A finding about a line, told by the row that the line is in."""
    return finding if finding.row is None else replace(finding, row=int(np.searchsorted(index.lines, finding.row, side="right")) or None)


def _plain_line_ends(content: bytes) -> tuple[bytes, list[Finding]]:
    if b"\n" in content or b"\r" not in content:
        return content, []
    finding = Finding("old-line-ends", Severity.NOTE, "The lines end in CR alone (old Macintosh files).", "They were read as lines.", row=1)
    return content.replace(b"\r", b"\n"), [finding]


def _begins_with(content: bytes, index: RecordIndex, prefix: bytes) -> Mask:
    data = np.frombuffer(content, dtype=np.uint8)
    matching = index.ends - index.starts >= len(prefix)
    for position, byte in enumerate(prefix):
        matching &= data[np.minimum(index.starts + position, len(data) - 1)] == byte
    return matching


def _take_header(text: _Text, options: ReaderOptions) -> list[str]:
    """Name the columns, and take the header rows out of the wanted records."""
    records = np.flatnonzero(text.wanted)
    if len(records) < max(options.header_rows, 1):
        raise UnreadableSource(
            f"{text.name}: there are only {len(records)} records below row {options.skip_rows}, "
            f"fewer than the {options.header_rows} header rows. Correct `skip_rows` or `header_rows`."
        )
    header = [int(record) for record in records[: options.header_rows]]
    rows = [_cells(text, record, options.quote) for record in header]
    text.wanted[header] = False
    first_row = header[0] + 1 if header else 1
    if header:
        width = max(len(row) for row in rows)
        width -= _trailing_blanks(rows, width) if _always_trailing(text, width) else 0
    else:
        width = int(np.argmax(np.bincount(text.index.fields[text.wanted])))
    if width < 1:
        raise UnreadableSource(f"{text.name}, row {first_row}: the header has no column. Correct `skip_rows` or `delimiter` in the recipe.")
    check_columns(f"{text.name}, row {first_row}", width, options)
    names, findings = column_names(rows, width, options.header_separator, first_row)
    text.findings += findings
    return names


def _cells(text: _Text, record: int, quote: str) -> list[str]:
    quoting = {"quotechar": quote} if quote else {"quoting": csv.QUOTE_NONE}
    try:
        return next(csv.reader(io.StringIO(text.text_of(record), newline=""), delimiter=text.delimiter, **quoting), [])
    except csv.Error as error:
        raise UnreadableSource(
            f"{text.name}, row {record + 1}: the header cannot be read ({error}). Correct `quote`, `delimiter` or `skip_rows`."
        ) from error


def _trailing_blanks(rows: list[list[str]], width: int) -> int:
    """1 when the header ends in a delimiter, so that its last name is blank."""
    return int(all(len(row) < width or not "".join(row[-1:]).strip() for row in rows))


def _always_trailing(text: _Text, width: int) -> bool:
    """True when every record of that width ends in a delimiter too."""
    data = np.frombuffer(text.content, dtype=np.uint8)
    full = text.wanted & (text.index.fields == width)
    return bool(full.any() and (data[text.index.ends[full] - 1] == ord(text.delimiter)).all())


def _values(text: _Text, names: list[str], options: ReaderOptions) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Read the records that fit the header; the others are rejected."""
    reasons = _misfits(text, len(names), options)
    rejected = _rejected(text, reasons)
    accepted = text.wanted.copy()
    for records in reasons.values():
        accepted[records] = False
    content = _kept_bytes(text, accepted)
    frame = _parsed(text, content, names, options)
    rows = np.flatnonzero(accepted) + 1
    if frame.height != len(rows):
        raise UnreadableSource(
            f"{text.name}: {len(rows)} records were counted but {frame.height} read. Export the file again, with quotes."
        )
    return frame.with_columns(pl.Series(ROW, rows, dtype=pl.Int64)), rejected


def _parsed(text: _Text, content: bytes, names: list[str], options: ReaderOptions) -> pl.DataFrame:
    schema = dict.fromkeys(names, pl.String)
    if not content:
        return pl.DataFrame(schema=schema)
    try:
        return pl.read_csv(
            content,
            has_header=False,
            schema=schema,
            infer_schema=False,
            separator=text.delimiter,
            quote_char=options.quote or None,
            empty_string_is_null="" in options.na_values,
            extra_columns="ignore",
            missing_columns="insert",
        )
    except pl.exceptions.PolarsError as error:
        raise UnreadableSource(f"{text.name}: the records cannot be read. Export the file again, with all texts in quotes.") from error


def _misfits(text: _Text, width: int, options: ReaderOptions) -> dict[str, npt.NDArray[np.int64]]:
    """Records that do not fit the header, by reason; a delimiter too many at the end is forgiven."""
    index, data = text.index, np.frombuffer(text.content, dtype=np.uint8)
    trailing = text.wanted & (index.fields == width + 1)
    trailing[trailing] = data[index.ends[trailing] - 1] == ord(text.delimiter)
    if trailing.any():
        row, count = int(np.argmax(trailing)) + 1, int(trailing.sum())
        message = f"{count} records end in a delimiter after the last column."
        text.findings.append(Finding("trailing-delimiter", Severity.NOTE, message, "It was ignored.", row=row, count=count))
    short = text.wanted & (index.fields < width)
    if options.ragged == "pad" and short.any():
        row, count = int(np.argmax(short)) + 1, int(short.sum())
        message = f"{count} records have fewer fields than the header; the missing ones were read as absent."
        text.findings.append(Finding("padded-row", Severity.WARNING, message, "Look at these rows in the source.", row=row, count=count))
    ragged = text.wanted & (index.fields != width) & ~trailing
    ragged &= ~short if options.ragged == "pad" else True
    reasons = {"ragged-row": np.flatnonzero(ragged)}
    if b"\0" in text.content:
        holding = np.unique(np.searchsorted(index.starts, np.flatnonzero(data == 0), side="right") - 1)
        reasons["nul-byte"] = holding[text.wanted[holding] & ~ragged[holding]]
    return reasons


def _kept_bytes(text: _Text, accepted: Mask) -> bytes:
    """The accepted records as one text; runs of neighbours are copied whole."""
    records = np.flatnonzero(accepted)
    if not len(records):
        return b""
    breaks = np.flatnonzero(np.diff(records) > 1)
    begins = text.index.starts[records[np.concatenate([[0], breaks + 1])]]
    finishes = text.index.ends[records[np.concatenate([breaks, [len(records) - 1]])]]
    return b"\n".join(text.content[begin:finish] for begin, finish in zip(begins.tolist(), finishes.tolist(), strict=True)) + b"\n"


def _rejected(text: _Text, reasons: dict[str, npt.NDArray[np.int64]]) -> pl.DataFrame:
    total, frames = int(text.wanted.sum()), [no_rejected()]
    for reason, records in reasons.items():
        if not len(records):
            continue
        if len(records) * 2 > total:
            raise _mostly_ragged(text, records, total)
        message, hint = _REJECTIONS[reason]
        finding = Finding(reason, Severity.ERROR, message.format(count=len(records)), hint, row=int(records[0]) + 1, count=len(records))
        text.findings.append(finding)
        texts = [text.text_of(int(record)) for record in records]
        frames.append(pl.DataFrame({ROW: records + 1, "reason": [reason] * len(texts), "text": texts}, schema=no_rejected().schema))
    return pl.concat(frames).sort(ROW)


_REJECTIONS = {
    "ragged-row": (
        "{count} records have more or fewer fields than the header; they were kept out.",
        "Correct these rows in the source (often a delimiter inside a text without quotes); `ragged: pad` accepts short ones.",
    ),
    "nul-byte": ("{count} records hold NUL bytes; they were kept out.", "The file is damaged there: export it again."),
}


def _mostly_ragged(text: _Text, records: npt.NDArray[np.int64], total: int) -> UnreadableSource:
    counts = np.bincount(text.index.fields[text.wanted])
    row, line, usual = int(records[0]) + 1, int(text.index.lines[records[0]]), int(np.argmax(counts))
    place = f"row {row}" if row == line else f"row {row} (line {line})"
    return UnreadableSource(
        f"{text.name}, {place}: {len(records)} of {total} records do not fit the header; most have {usual} fields. "
        f"Check `delimiter` (used: {text.delimiter!r}), `skip_rows` and `header_rows` in the recipe."
    )
