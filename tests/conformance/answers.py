"""Reading answers just far enough to say what they hold, without any of the code under test."""

from __future__ import annotations

import csv
import gzip
import http.client
import io
import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

_URN = re.compile(r"(?:urn:sdmx:[a-z.]+\.)?([A-Za-z]+)=([^:]+):([^(]+)\(([^)]+)\)")
_STRUCTURAL = ("structure+xml", "structure+json")


@dataclass(frozen=True)
class Answer:
    """What came over the wire."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def type(self) -> str:
        return self.headers.get("content-type", "")

    @property
    def content(self) -> bytes:
        return gzip.decompress(self.body) if self.headers.get("content-encoding") == "gzip" else self.body

    @property
    def text(self) -> str:
        return self.content.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.content)

    @property
    def xml(self) -> ET.Element:
        return ET.fromstring(self.content)  # noqa: S314  # our own answers

    @property
    def rows(self) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.text)))


def fetch(root: str, target: str, headers: dict[str, str] | None = None, method: str = "GET", body: bytes | None = None) -> Answer:
    """Send a request exactly as written: no library in between that would normalise it."""
    place = urlsplit(root)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=30)
    try:
        connection.putrequest(method, target, skip_accept_encoding=True)
        for name, value in {**(headers or {}), **({"Content-Length": str(len(body))} if body is not None else {})}.items():
            connection.putheader(name, value)
        connection.endheaders(body)
        answer = connection.getresponse()
        return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
    finally:
        connection.close()


def artefacts(answer: Answer) -> set[str]:
    """``Codelist SDMX:CL_FREQ(2.1)`` for each artefact of a structure message in any format."""
    if "json" in answer.type:
        return {_name(*_identity(a, family)) for family, group in answer.json["data"].items() for a in group if "id" in a}
    return {_name(*_xml_identity(a)) for group in _structures(answer.xml) for a in group if a.get("id")}


def items(answer: Answer, list_id: str) -> list[str]:
    """The ids of the codes or concepts of one scheme."""
    if "json" in answer.type:
        scheme = next(a for group in answer.json["data"].values() for a in group if a.get("id") == list_id)
        return [item["id"] for name in ("codes", "concepts") for item in scheme.get(name, ())]
    scheme = next(a for group in _structures(answer.xml) for a in group if a.get("id") == list_id)
    return [item.get("id", "") for item in scheme if _local(item) in {"Code", "Concept"}]


def observations(answer: Answer) -> int:
    """How many observations a data message holds."""
    if "csv" in answer.type:
        return len(answer.rows)
    if "json" in answer.type:
        sets = answer.json["data"]["dataSets"]
        return sum(len(s.get("observations", {})) + sum(len(x.get("observations", {})) for x in s.get("series", {}).values()) for s in sets)
    return sum(1 for element in answer.xml.iter() if _local(element) == "Obs")


def series(answer: Answer) -> int:
    """How many series a data message holds."""
    if "json" in answer.type:
        return sum(len(data.get("series", {})) for data in answer.json["data"]["dataSets"])
    return sum(1 for element in answer.xml.iter() if _local(element) == "Series")


def error_text(answer: Answer) -> str:
    """The text of an SDMX error message; fails when the body is none."""
    if answer.type == "application/json":
        (error,) = answer.json["errors"]
        assert error["code"] == answer.status
        assert {"id", "prepared", "sender"} <= answer.json["meta"].keys()
        return str(error.get("detail") or error.get("title"))
    assert answer.type == "application/xml"
    assert answer.content.startswith(b"<?xml")
    assert _local(answer.xml) == "Error"
    return " ".join(answer.xml.itertext())


def _structures(root: ET.Element) -> list[ET.Element]:
    return list(next(element for element in root if _local(element) == "Structures"))


def _identity(artefact: dict[str, Any], family: str) -> tuple[str, str, str, str]:
    urn = next((link["urn"] for link in artefact.get("links", ()) if link.get("rel") == "self" and "urn" in link), None)
    named = _URN.match(urn) if urn else None
    kind = named[1] if named else family
    return kind, artefact.get("agencyID", ""), artefact["id"], artefact.get("version", "1.0")


def _xml_identity(artefact: ET.Element) -> tuple[str, str, str, str]:
    kind = _local(artefact)
    return kind, artefact.get("agencyID", ""), artefact.get("id", ""), artefact.get("version", "1.0")


def _name(kind: str, agency: str, id: str, version: str) -> str:  # noqa: A002
    return f"{kind} {agency}:{id}({version})"


def _local(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]
