"""The readers of the mappings, in one place: what a recipe may call them, and which of them a file needs.

The readers themselves are loaded when something is read: checking a recipe needs none of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from mappings.errors import UnreadableSource
from mappings.readers.containers import open_source
from mappings.readers.ports import DatasetReader, ReaderOptions, SourceTable

if TYPE_CHECKING:
    from mappings.readers.delimited import DelimitedReader
    from mappings.readers.spreadsheet import SpreadsheetReader


class AutomaticReader:
    """Believes the first bytes of a file: spreadsheets are read as such, everything else as delimited text."""

    def read(self, source: Path, options: ReaderOptions) -> SourceTable:
        """See :class:`mappings.readers.ports.DatasetReader`."""
        opened = open_source(source, options)
        return (_spreadsheet() if opened.is_workbook else _delimited()).read_opened(opened, options)


def readers() -> Mapping[str, DatasetReader]:
    """All readers by the names that a recipe may use as ``format``."""
    delimited, spreadsheet = _delimited(), _spreadsheet()
    return catalogue_of(
        [
            (("auto",), AutomaticReader()),
            (("csv", "tsv", "txt"), delimited),
            (("xlsx", "xlsm", "xlsb", "xls", "ods", "spreadsheet"), spreadsheet),
        ]
    )


def _delimited() -> DelimitedReader:
    from mappings.readers.delimited import DelimitedReader  # noqa: PLC0415

    return DelimitedReader()


def _spreadsheet() -> SpreadsheetReader:
    from mappings.readers.spreadsheet import SpreadsheetReader  # noqa: PLC0415

    return SpreadsheetReader()


def catalogue_of(entries: Iterable[tuple[Iterable[str], DatasetReader]]) -> dict[str, DatasetReader]:
    """A catalogue from names and readers.

    Raises:
        ValueError: When two readers claim one name.
    """
    catalogue: dict[str, DatasetReader] = {}
    for names, reader in entries:
        for name in names:
            if name in catalogue:
                raise ValueError(f"Two readers are called {name!r}: {type(catalogue[name]).__name__} and {type(reader).__name__}.")
            catalogue[name] = reader
    return catalogue


def read_source(source: Path, options: ReaderOptions | None = None) -> SourceTable:
    """Read a file with the reader that the options name.

    Raises:
        UnreadableSource: When there is no such reader, or the file cannot be read.
    """
    options = options or ReaderOptions()
    catalogue = readers()
    reader = catalogue.get(options.format.lower())
    if reader is None:
        raise UnreadableSource(f"There is no reader {options.format!r}. Write one of {', '.join(sorted(catalogue))} as `format`.")
    return reader.read(source, options)
