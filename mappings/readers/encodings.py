"""Text encodings: from the bytes of a file to clean UTF-8, with a finding wherever something had to be guessed."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from charset_normalizer import from_bytes

from mappings.errors import UnreadableSource
from registry.findings import Finding, Severity

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
#: Encodings that spreadsheets and survey tools really write; guessing among all that exist finds exotic ones in short files.
_CANDIDATES = [
    "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "cp874", "mac_roman",
    "big5", "gb18030", "shift_jis", "euc_kr", "koi8_r", "cp850", "cp437",
]  # fmt: skip
_SAMPLE = 64 * 1024


@dataclass(frozen=True, slots=True)
class DecodedText:
    """A file as UTF-8 without byte order mark, and the encoding that it was in."""

    content: bytes
    encoding: str
    findings: tuple[Finding, ...] = ()


def to_utf8(name: str, content: bytes, encoding: str = "auto") -> DecodedText:
    """Convert the bytes of a file to UTF-8.

    Raises:
        UnreadableSource: When the encoding is unknown or the bytes do not follow it; names the line.
    """
    for mark, marked in _MARKS:
        if content.startswith(mark):
            return _decoded(name, content[len(mark) :], marked)
    if encoding.lower() != "auto":
        return _decoded(name, content, encoding)
    wide = _unmarked_utf16(content)
    if wide:
        return _decoded(name, content, wide)
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        return _guessed(name, content, error.start)
    return DecodedText(content, "utf-8")


def _decoded(name: str, content: bytes, encoding: str) -> DecodedText:
    try:
        known = codecs.lookup(encoding).name
        text = content.decode(known)
    except LookupError as error:
        raise UnreadableSource(f"{name}: there is no text encoding {encoding!r}. Use a name such as utf-8 or cp1252.") from error
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UnreadableSource(
            f"{name}, line {line}: the bytes are not {encoding}. Remove `encoding` from the recipe to have it detected, or export as UTF-8."
        ) from error
    return DecodedText(content if known == "utf-8" else text.encode("utf-8"), known)


def _unmarked_utf16(content: bytes) -> str | None:
    """UTF-16 without a mark: in Western text every other byte is zero."""
    sample = content[:1024]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    half = max(len(sample) // 2, 1)
    if odd > 0.4 * half and even < 0.05 * half:
        return "utf-16-le"
    if even > 0.4 * half and odd < 0.05 * half:
        return "utf-16-be"
    return None


def _guessed(name: str, content: bytes, first_bad: int) -> DecodedText:
    begin = max(0, first_bad - _SAMPLE // 2)
    matches = from_bytes(content[begin : begin + _SAMPLE], cp_isolation=_CANDIDATES)
    best = matches.best()
    encoding, confidence = (best.encoding, 1 - best.chaos) if best else ("cp1252", 0.0)
    # Equally plausible: Western European is by far the most frequent, and cp1252 contains all printable latin-1.
    if best and encoding != "cp1252" and any(match.encoding == "cp1252" and match.chaos <= best.chaos for match in matches):
        encoding = "cp1252"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        encoding, confidence = "latin-1", 0.0
        text = content.decode(encoding)
    line = content.count(b"\n", 0, first_bad) + 1
    finding = Finding(
        "encoding-guessed",
        Severity.WARNING,
        f"The file is not UTF-8 (first at line {line}); it was read as {encoding} with confidence {confidence:.2f}.",
        f"Look at accented letters in the preview; then write `encoding: {encoding}` (or the right one) in the recipe.",
        row=line,
    )
    return DecodedText(text.encode("utf-8"), encoding, (finding,))
