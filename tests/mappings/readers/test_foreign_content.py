"""Files that are called CSV and are none."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from mappings.errors import UnreadableSource
from mappings.readers.catalogue import read_source
from mappings.readers.ports import ReaderOptions


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ('{"a": [1, 2]}', "is JSON"),
        ('\ufeff\n [{"area": "KG"},\n {"area": "MW"}]', "is JSON"),
        ('{"area": "KG"}\n{"area": "MW"}\n', "is JSON"),
        ("[[1, 2], [3, 4]]", "is JSON"),
        ('<?xml version="1.0"?><a><b>1</b></a>', "is XML"),
        ("<data><row/></data>", "is XML"),
        ("<!DOCTYPE html><html><body>Please log in</body></html>", "is a web page"),
        ("\n<HTML lang='en'></HTML>", "is a web page"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("packed", [False, True])
def test_what_is_no_table_is_named(tmp_path: Path, content: str, told: str, encoding: str, packed: bool) -> None:
    path = tmp_path / ("data.csv.gz" if packed else "data.csv")
    encoded = content.encode(encoding)
    path.write_bytes(gzip.compress(encoded) if packed else encoded)
    with pytest.raises(UnreadableSource, match=f"data.csv(.gz)?: this {told}"):
        read_source(path, ReaderOptions())


@pytest.mark.parametrize("header", ["{a},b", "[area],b", "<5,b", "< 5,b", "{},b", "<b>,c", '"{",b'])
def test_headers_with_brackets_are_headers(tmp_path: Path, header: str) -> None:
    path = tmp_path / "data.csv"
    path.write_text(f"{header}\n1,2\n")
    assert read_source(path, ReaderOptions()).frame.height == 1
