"""Messages that are not what they are called, or larger than they look: one clear line, and nothing stored."""

from __future__ import annotations

import gzip
import json
import zipfile
from pathlib import Path

import pytest

from tests.builders import a_codelist
from tests.cli.conftest import Command, Outcome, written
from tests.cli.test_data import FLOW, a_family, csv


@pytest.fixture
def water(exchange: Command, tmp_path: Path) -> Command:
    assert exchange("structures", "import", written(tmp_path / "structures.xml", *a_family())).code == 0
    return exchange


def refused(done: Outcome, tmp_path: Path) -> str:
    """The one line of a refusal, without the path of the test."""
    assert done.code == 1, done
    lines = [line for line in done.err.splitlines() if not line.endswith("…")]
    return str(lines[0]).replace(str(tmp_path), "")


def packed(path: Path, content: bytes) -> Path:
    path.write_bytes(gzip.compress(content))
    return path


def test_data_that_unpack_to_more_than_is_allowed_are_refused(water: Command, tmp_path: Path) -> None:
    good = csv(tmp_path / "good.csv", "MW,2019,1,A,T").read_bytes()
    file = packed(tmp_path / "big.csv.gz", good + b"\n" * 1024**2)
    done = water("data", "load", file, "--dataflow", FLOW, EXCHANGE_MESSAGE_MEGABYTES="1")
    assert "big.csv.gz is larger than 1048576 bytes when unpacked" in refused(done, tmp_path)
    assert water("data", "load", packed(tmp_path / "good.csv.gz", good), "--dataflow", FLOW).code == 0


@pytest.mark.parametrize("command", [("data", "load", "{}", "--dataflow", FLOW), ("structures", "import", "{}")])
def test_a_small_file_that_becomes_a_very_large_one_is_refused(water: Command, tmp_path: Path, command: tuple[str, ...]) -> None:
    file = packed(tmp_path / "bomb.xml.gz", b"<Structure>" + b" " * (33 * 1024**2))
    done = water(*(part.format(file) for part in command))
    assert "bomb.xml.gz unpacks to more than 250 times its size" in refused(done, tmp_path)
    done = water(*(part.format(file) for part in command), EXCHANGE_MESSAGE_RATIO="100000")
    assert "times its size" not in done.err


def test_structures_that_are_larger_than_allowed_are_refused_packed_or_not(exchange: Command, tmp_path: Path) -> None:
    content = written(tmp_path / "codes.xml", a_codelist()).read_bytes() + b" " * 1024**2
    (tmp_path / "codes.xml").write_bytes(content)
    packed(tmp_path / "codes.xml.gz", content)
    for name in ("codes.xml", "codes.xml.gz"):
        done = exchange("structures", "import", tmp_path / name, EXCHANGE_MESSAGE_MEGABYTES="1")
        assert f"{name} is larger than 1048576 bytes" in refused(done, tmp_path)
        assert exchange("structures", "import", tmp_path / name).code == 0


DEEP = "[" * 100_000 + "]" * 100_000
XML = (
    '<StructureSpecificData><Header><Structure structureID="S"><StructureUsage>'
    f"urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow={FLOW}</StructureUsage></Structure></Header><DataSet>"
)
DATA = '{"meta":{"schema":"https://json.sdmx.org/2.1/sdmx-json-data-schema.json"},"data":{"dataSets":[],"x":%s}}'
STRUCTURES = '{"meta":{"schema":"https://json.sdmx.org/2.1/sdmx-json-structure-schema.json"},"data":{"codelists":%s}}'


def test_deeply_nested_messages_are_refused(water: Command, tmp_path: Path) -> None:
    (tmp_path / "data.json").write_text(DATA % DEEP)
    (tmp_path / "structures.json").write_text(STRUCTURES % DEEP)
    (tmp_path / "data.xml").write_text(XML + "<a>" * 300)
    done = water("data", "load", tmp_path / "data.json", "--dataflow", FLOW)
    assert "data.json: the message is nested more deeply" in refused(done, tmp_path)
    done = water("data", "load", tmp_path / "data.xml", "--dataflow", FLOW)
    assert "more than 256 elements within each other" in refused(done, tmp_path)
    assert "structures.json is nested more deeply" in refused(water("structures", "import", tmp_path / "structures.json"), tmp_path)


def test_a_text_of_many_megabytes_in_xml_is_refused(water: Command, tmp_path: Path) -> None:
    text = "x" * 11_000_000
    (tmp_path / "data.xml").write_text(f'{XML}<Obs A="{text}"/></DataSet></StructureSpecificData>')
    done = water("data", "load", tmp_path / "data.xml", "--dataflow", FLOW)
    assert "a text of more than 10 MB" in refused(done, tmp_path)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b'{"a": 1}', "is JSON without the properties of an SDMX-JSON message"),
        (b'[{"AREA": "MW"}]', "is JSON without the properties of an SDMX-JSON message"),
        (json.dumps({"errors": [{"code": 404}]}).encode(), "is an SDMX-JSON error message"),
        (b"<rows><row/></rows>", "is XML with the root element rows"),
        (b"<!DOCTYPE html>\n<html><body>Please log in</body></html>", "is a web page"),
        (b"\n\n<HTML></HTML>", "is a web page"),
        (b"", "is empty"),
        (b"\n \r\n", "is empty"),
        (b"\0" * 99, "is empty"),
        (b"AREA,OBS_VALUE\nMW,1\n", "begins with 'AREA, OBS_VALUE'"),
        (b"STRUCTURE,STRUCTURE_ID," + b"x" * 200_000 + b"\na,b,c\n", "line 1: the header row cannot be read"),
        ("STRUCTURE,STRUCTURE_ID,ACTION,AREA\n".encode("utf-16"), "not UTF-8"),
        ("STRUCTURE,STRUCTURE_ID,ACTION,AREA\n".encode("utf-16-le"), "perhaps UTF-16"),
        ("STRUCTURE,STRUCTURE_ID,ACTION,AREA,TITLE\ndataflow,CDE:DF_WATER(1.0.0),I,MW,é\n".encode("latin-1"), "Save the message as UTF-8"),
        (b"\x1f\x8bnot gzip", "is damaged: Unknown compression method"),
        (b"PAR1nothing", "is no Parquet or Arrow file, or it is damaged"),
    ],
)
@pytest.mark.parametrize("name", ["data.csv", "data.json"])
def test_content_that_is_not_what_it_should_be_is_named(water: Command, tmp_path: Path, content: bytes, told: str, name: str) -> None:
    (tmp_path / name).write_bytes(content)
    assert told in refused(water("data", "load", tmp_path / name, "--dataflow", FLOW), tmp_path)


@pytest.mark.parametrize("name", ["data.csv", "book.xlsx"])
def test_archives_and_workbooks_are_named(water: Command, tmp_path: Path, name: str) -> None:
    with zipfile.ZipFile(tmp_path / name, "w") as archive:
        archive.writestr("data.csv", "x")
    assert "is a ZIP archive or an office document" in refused(water("data", "load", tmp_path / name, "--dataflow", FLOW), tmp_path)


def test_a_message_without_anything_is_told(water: Command, tmp_path: Path) -> None:
    done = water("data", "load", csv(tmp_path / "head.csv"), "--dataflow", FLOW)
    assert done.code == 0
    assert "nothing-read" in done.err


def test_a_deletion_without_content_is_told_to_say_nothing(water: Command, tmp_path: Path) -> None:
    loaded = csv(tmp_path / "data.csv", "KG,2020,1,A,Water")
    assert water("data", "load", loaded, "--dataflow", FLOW).code == 0
    path = tmp_path / "data.json"
    assert water("data", "export", "--dataflow", FLOW, "--format", "sdmx-json-2.0", "-o", path).code == 0
    message = json.loads(path.read_text())
    message["data"]["dataSets"] = [{"structure": 0, "action": "Delete"}]
    path.write_text(json.dumps(message))
    done = water("data", "load", path, "--dataflow", FLOW)
    assert done.code == 0
    assert "0 deleted" in done.out
    assert "nothing-read" in done.err
