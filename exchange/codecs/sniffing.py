"""Recognising the format of a message by how it begins, whatever its file name says."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Final

from exchange.codecs.negotiation import media_types as known
from exchange.codecs.negotiation.media_types import Format
from exchange.codecs.unpacking import GZIP_MAGIC, MessageLimits, unpacked_pieces
from exchange.errors import UnknownFormat

#: How much of a message :func:`sniff` wants to see; less is enough when the message is shorter.
SNIFFED_BYTES: Final = 65_536
#: Compressed messages may not grow beyond this.
MAX_UNPACKED_BYTES: Final = 2 * 1024**3

_ACCEPTED: Final = (
    "Accepted are SDMX-ML 2.1, 3.0 and 3.1, SDMX-JSON 2.0 and 2.1, SDMX-CSV 1.0, 2.0 and 2.1, Parquet and Arrow, "
    "each also compressed with gzip"
)
#: Beginnings that say at once what it is.
_PACKED: Final = {
    b"PK\x03\x04": "a ZIP archive or an office document; unpack it, or map a spreadsheet with a recipe",
    b"BZh": "compressed with bzip2; unpack it first",
    b"\x28\xb5\x2f\xfd": "compressed with Zstandard; unpack it first",
    b"\xfd7zXZ\x00": "compressed with xz; unpack it first",
    b"7z\xbc\xaf": "a 7-Zip archive; unpack it first",
    b"%PDF": "a PDF document",
    b"\xd0\xcf\x11\xe0": "an old office document; save it as XLSX and map it with a recipe",
}
_COLUMNAR: Final = {b"PAR1": known.PARQUET, b"ARROW1": known.ARROW, b"\xff\xff\xff\xff": known.ARROW}
_BOMS: Final = {b"\xef\xbb\xbf": "utf-8", b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}

_PROLOGUE: Final = re.compile(r"\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>]*>", re.DOTALL)
_ROOT: Final = re.compile(r"<(?:(?P<prefix>[\w.-]+):)?(?P<name>[\w.-]+)(?P<attributes>[^<>]*)")
_ML_VERSION: Final = re.compile(r"schemas/v(?P<major>\d)_(?P<minor>\d)")
_ML_FORMATS: Final[dict[str, dict[str, Format]]] = {
    "Structure": {"2.1": known.STRUCTURE_ML_2_1, "3.0": known.STRUCTURE_ML_3_0, "3.1": known.STRUCTURE_ML_3_1},
    "StructureSpecificData": {"2.1": known.DATA_ML_2_1, "3.0": known.DATA_ML_3_0, "3.1": known.DATA_ML_3_1},
    "StructureSpecificTimeSeriesData": {"2.1": known.DATA_ML_2_1_TIME_SERIES},
    "GenericData": {"2.1": known.DATA_ML_2_1_GENERIC},
    "GenericTimeSeriesData": {"2.1": known.DATA_ML_2_1_GENERIC_TIME_SERIES},
}

_SCHEMA_URL: Final = re.compile(r'"\$?schema"\s*:\s*"(?P<url>[^"]*sdmx-json[^"]*)"')
_JSON_VERSION: Final = re.compile(r"/(?P<version>[12]\.[01])(?:\.\d+)?(?:-[a-z]+)?/")
_COLLECTION: Final = re.compile(
    r'"(?:[a-z][A-Za-z]*(?:Schemes|Structures|[Cc]odelists|flows|Lists|Maps|Constraints|Agreements|Hierarchies)|codelists|categorisations|hierarchies|processes)"\s*:\s*\['
)
_JSON_DATA: Final = re.compile(r'"dataSets"\s*:\s*\[|"structures"\s*:\s*\[|"structure"\s*:\s*\{')
_JSON_DATA_1: Final = re.compile(r'"structure"\s*:\s*\{')
_FUSION: Final = re.compile(r'"(?:Codelist|ConceptScheme|DataStructure|Dataflow|AgencyScheme|CategoryScheme)"\s*:\s*\[')
_JSON_STRUCTURES: Final = {"1.0": known.STRUCTURE_JSON_1_0, "2.0": known.STRUCTURE_JSON_2_0, "2.1": known.STRUCTURE_JSON_2_1}
_JSON_DATASETS: Final = {"1.0": known.DATA_JSON_1_0, "2.0": known.DATA_JSON_2_0, "2.1": known.DATA_JSON_2_1}

_SEPARATORS: Final = ",;|\t"


def sniff(head: bytes, filename: str | None = None) -> Format:
    """The format of a message.

    Args:
        head: How it begins, at least ``SNIFFED_BYTES`` or all of it; may be compressed with gzip.
        filename: For error messages.

    Raises:
        UnknownFormat: Says what was seen, and what is accepted.
    """
    name = filename or "The message"
    if head.startswith(GZIP_MAGIC):
        head = _unpacked_head(head, name)
    for magic, columnar in _COLUMNAR.items():
        if head.startswith(magic):
            return columnar
    for magic, seen in _PACKED.items():
        if head.startswith(magic):
            raise _unknown(name, f"is {seen}")
    text = _text(head).lstrip("\ufeff \t\r\n")
    if not text.strip("\0") or not head.strip(b"\0 \t\r\n"):
        raise _unknown(name, "is empty")
    if text.startswith("<"):
        return _sniff_xml(text, name)
    return _sniff_json(text, name) if text.startswith(("{", "[")) else _sniff_csv(text, name)


def unpacked(content: bytes, filename: str | None = None, limits: MessageLimits | None = None) -> bytes:
    """The content without gzip around it; other content as it is.

    Raises:
        MalformedMessage: When the compression is damaged, or the content larger than the limits.
    """
    if not content.startswith(GZIP_MAGIC):
        return content
    return b"".join(unpacked_pieces(BytesIO(content), filename or "The message", limits or MessageLimits(MAX_UNPACKED_BYTES)))


def _unpacked_head(head: bytes, name: str) -> bytes:
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(head, SNIFFED_BYTES)
    except zlib.error as error:
        raise _unknown(name, f"begins like gzip but is damaged ({error})") from error


def _text(head: bytes) -> str:
    for bom, encoding in _BOMS.items():
        if head.startswith(bom):
            return head.decode(encoding, "replace")
    if head[:4].count(0) >= 2:
        return head.decode("utf-16-be" if head[0] == 0 else "utf-16-le", "replace")
    return head.decode("utf-8", "replace")


def _sniff_xml(text: str, name: str) -> Format:
    position = 0
    while (skipped := _PROLOGUE.match(text, position)) is not None:
        position = skipped.end()
    root = _ROOT.match(text, position)
    if root is None:
        raise _unknown(name, "begins like XML but has no element")
    element = root["name"]
    if element.casefold() == "html":
        raise _unknown(name, "is a web page, perhaps a log-in or error page of the server it came from")
    if element == "Error":
        raise _unknown(name, "is an SDMX error message of the service it came from")
    versions = _ML_FORMATS.get(element)
    if versions is None:
        raise _unknown(name, f"is XML with the root element {element}, which is no SDMX structure or data message")
    version = _ml_version(root, text, position)
    if version not in versions:
        raise _unknown(name, f"is an SDMX-ML {version} message ({element})")
    return versions[version]


def _ml_version(root: re.Match[str], text: str, position: int) -> str:
    """From the namespace of the root, else from any SDMX namespace nearby, else 2.1."""
    prefix = root["prefix"]
    declared = re.search(rf"\bxmlns{':' + re.escape(prefix) if prefix else ''}\s*=\s*[\"']([^\"']*)", root["attributes"])
    found = (_ML_VERSION.search(declared[1]) if declared else None) or _ML_VERSION.search(text, position)
    return f"{found['major']}.{found['minor']}" if found else "2.1"


def _sniff_json(text: str, name: str) -> Format:
    schema = _SCHEMA_URL.search(text)
    url = schema["url"] if schema else ""
    if "metadata" in url:
        raise _unknown(name, "is an SDMX-JSON reference metadata message, which is not supported yet")
    found = _JSON_VERSION.search(url)
    if "structure" in url or (not schema and _COLLECTION.search(text) and '"dataSets"' not in text):
        return _JSON_STRUCTURES[found["version"] if found else _guessed_version(text)]
    if schema or _JSON_DATA.search(text):
        return _JSON_DATASETS[found["version"] if found else "1.0" if _JSON_DATA_1.search(text) else "2.0"]
    if _FUSION.search(text):
        raise _unknown(name, "is Fusion JSON; ask the registry for SDMX-JSON or SDMX-ML instead")
    if '"errors"' in text:
        raise _unknown(name, "is an SDMX-JSON error message of the service it came from")
    if '"meta"' in text and '"data"' in text:
        return known.STRUCTURE_JSON_2_0
    raise _unknown(name, "is JSON without the properties of an SDMX-JSON message (meta, data)")


def _guessed_version(text: str) -> str:
    return "2.1" if '"availabilityConstraints"' in text or '"isPartialLanguage"' in text else "2.0"


def _sniff_csv(text: str, name: str) -> Format:
    lines = text.splitlines()
    header = [_column(cell) for cell in _cells(lines[0])]
    if "MDSTRUCTURE" in header:
        raise _unknown(name, "is an SDMX-CSV reference metadata message, which is not supported yet")
    if "STRUCTURE" in header and "STRUCTURE_ID" in header:
        action = header.index("ACTION") if "ACTION" in header else None
        merges = action is not None and any(_cell_at(line, action).strip().upper() in {"M", "MERGE"} for line in lines[1:100])
        return known.DATA_CSV_2_1 if merges else known.DATA_CSV_2_0
    if header and header[0] == "DATAFLOW":
        return known.DATA_CSV_1_0
    shown = ", ".join(header)[:80]
    raise _unknown(
        name,
        f"is a text file that begins with {shown!r}; SDMX-CSV begins with the column DATAFLOW, or with STRUCTURE and STRUCTURE_ID. "
        "Map other tables with a recipe",
    )


def _cells(line: str) -> list[str]:
    """Cells of a row, whatever separates them: quotes protect separators."""
    separator = max(_SEPARATORS, key=re.sub(r'"[^"]*"', "", line).count)
    return list(_split_row(line, separator))


def _split_row(line: str, separator: str) -> Iterator[str]:
    for match in re.finditer(rf'(?:^|{re.escape(separator)})("(?:[^"]|"")*"|[^{re.escape(separator)}]*)', line):
        yield match[1].strip('"')


def _cell_at(line: str, position: int) -> str:
    cells = _cells(line)
    return cells[position] if position < len(cells) else ""


def _column(cell: str) -> str:
    """The id of a column: without the label after ``: `` and without the sub-field separator in brackets."""
    return re.split(r":|\[", cell.strip(), maxsplit=1)[0].strip()


def _unknown(name: str, seen: str) -> UnknownFormat:
    return UnknownFormat(f"{name} {seen}. {_ACCEPTED}.")
