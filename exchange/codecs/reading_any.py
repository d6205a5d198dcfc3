"""Which decoder a data message needs, by its first bytes, and which structures it names."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from exchange.codecs.columnar.reading import ColumnarDecoder
from exchange.codecs.ports import DataDecoder
from exchange.codecs.reading import StructureName
from exchange.codecs.sdmx_csv.reading import SdmxCsvDecoder
from exchange.codecs.sdmx_json.reading_data import SdmxJsonDataDecoder
from exchange.codecs.sdmx_ml.reading_data import SdmxMlDataDecoder
from exchange.errors import MalformedMessage

_COLUMNAR = (b"PAR1", b"ARROW1", b"\xff\xff\xff\xff")
_UTF16 = (b"\xff\xfe<", b"\xfe\xff\x00<", b"<\x00", b"\x00<")


class DescribedDecoder(DataDecoder, Protocol):
    """A decoder that can also say which structures a message names."""

    def structures(self, source: Path) -> list[StructureName]:
        """The structures of the datasets, in order, each once.

        Raises:
            MalformedMessage: When the message does not say it.
        """
        ...


def decoder_of(source: Path) -> DescribedDecoder:
    """The decoder for a file, whatever its name.

    Raises:
        MalformedMessage: When the file is empty.
    """
    with source.open("rb") as stream:
        start = stream.read(1024)
    if start.startswith(_COLUMNAR):
        return ColumnarDecoder()
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not text:
        raise MalformedMessage(f"{source.name}: the file is empty. Send a data message in SDMX-CSV, SDMX-ML or SDMX-JSON.")
    if text.startswith(b"<") or start.startswith(_UTF16):
        return SdmxMlDataDecoder()
    return SdmxJsonDataDecoder() if text.startswith(b"{") else SdmxCsvDecoder()


def structure_of(source: Path) -> list[StructureName]:
    """The structures that a data message names: kind of artefact and ``AGENCY:ID(VERSION)``.

    Raises:
        MalformedMessage: When it is no data message, or names none.
    """
    return decoder_of(source).structures(source)
