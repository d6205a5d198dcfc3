"""SDMX-JSON structure messages, versions 2.0 and 2.1: the codec."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from exchange.codecs.actual_content import as_actual_constraints, split_actual
from exchange.codecs.losses import Losses
from exchange.codecs.negotiation.languages import DEFAULT_LANGUAGE
from exchange.codecs.ports import ReadStructures, StructureOptions, WrittenStructures
from exchange.codecs.sdmx_json.catalogue import COLLECTIONS, struct_in
from exchange.codecs.sdmx_json.dialect import JsonDialect
from exchange.codecs.sdmx_json.headers import read_meta, write_losses, write_meta
from exchange.codecs.sdmx_json.reading import ArtefactReader
from exchange.codecs.sdmx_json.writing import ArtefactWriter, Document
from exchange.errors import MalformedMessage
from registry.errors import RegistryError
from registry.findings import Finding, Severity
from registry.model.base import Maintainable
from registry.model.constraints import AvailabilityConstraint
from registry.model.identity import Urn
from registry.model.messages import StructureMessage

_AVAILABILITY: Final = "availabilityConstraints"
_BYTE: Final = re.compile(r"\(byte (\d+)\)")


@dataclass(frozen=True, slots=True)
class SdmxJsonStructureCodec:
    """Reads structure messages of any SDMX-JSON version and writes those of ``dialect`` (``exchange.codecs.ports.StructureCodec``)."""

    dialect: JsonDialect

    def decode(self, content: bytes) -> ReadStructures:
        """Read a message; artefacts that cannot be read are findings of severity ERROR, the others are read.

        Raises:
            MalformedMessage: When the bytes are not JSON (names line and column) or hold no structures.
        """
        document = _parse(content)
        languages = document["meta"].get("contentLanguages") if isinstance(document.get("meta"), dict) else None
        language = (
            next((tag for tag in languages or () if isinstance(tag, str)), DEFAULT_LANGUAGE)
            if isinstance(languages, list)
            else DEFAULT_LANGUAGE
        )
        header, findings = read_meta(document.get("meta"), language)
        artefacts: dict[Urn, Maintainable] = {}
        availability: list[AvailabilityConstraint] = []
        reader = ArtefactReader(language)
        for entry in _entries(document["data"]):
            if isinstance(entry, Finding):
                findings.append(entry)
                continue
            pointer, struct, item = entry
            value, noticed = reader.read(item, struct, pointer)
            findings.extend(noticed)
            if isinstance(value, AvailabilityConstraint):
                availability.append(value)
            elif isinstance(value, Maintainable):
                findings.extend(_admit(value, pointer, artefacts))
        return ReadStructures(StructureMessage(tuple(artefacts.values()), tuple(availability), header), tuple(findings))

    def write(self, message: StructureMessage, options: StructureOptions) -> WrittenStructures:
        """Write a message that is valid against the official schema of the dialect, and say what the version could not express."""
        writer = ArtefactWriter(self.dialect, options)
        losses = Losses()
        artefacts, availability = message.artefacts, message.availability
        if self.dialect.availability_constraints:
            artefacts, found = split_actual(artefacts, losses)
            availability += found
        else:
            artefacts += as_actual_constraints(availability)
        data: Document = {}
        for struct, collections in COLLECTIONS.items():
            members = [writer.write(artefact) for artefact in artefacts if type(artefact) is struct]
            if members:
                data[collections[self.dialect.version]] = members
        if self.dialect.availability_constraints and availability:
            data[_AVAILABILITY] = [writer.write_part(answer) for answer in availability]
        schema = self.dialect.structure_schema
        document: Document = {"$schema": schema} if self.dialect.schema_at_root else {}
        document["meta"] = write_meta(message.header, writer.languages, schema, writer)
        document["data"] = data
        if losses.findings:
            document["errors"] = write_losses(losses.findings)
        return WrittenStructures(msgspec.json.encode(document), losses.findings)


def _parse(content: bytes) -> dict[str, Any]:
    """The message as an object whose ``data`` is an object."""
    content = content.removeprefix(b"\xef\xbb\xbf")
    try:
        document = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MalformedMessage(f"The message is not JSON: {error}{_line_and_column(content, str(error))}") from error
    if not isinstance(document, dict):
        raise MalformedMessage("The message is not an SDMX-JSON message: the outermost value must be an object")
    data = document.get("data")
    if isinstance(data, dict) and ("dataSets" in data or "metadataSets" in data):
        raise MalformedMessage("The message holds data, not structures: load it as data instead (/data/dataSets)")
    if data is None and isinstance(document.get("errors"), list):
        raise MalformedMessage(
            f"The message holds no structures but the errors of the service that wrote it: {_errors(document['errors'])}"
        )
    if data is None and "meta" in document:
        document["data"] = data = {}
    if not isinstance(data, dict):
        raise MalformedMessage(
            "The message is not an SDMX-JSON structure message: an object 'data' with arrays such as 'codelists' is missing (/data)"
        )
    return document


def _line_and_column(content: bytes, error: str) -> str:
    match = _BYTE.search(error)
    if match is None:
        return ""
    before = content[: int(match[1])].decode("utf-8", "replace")
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    return f", line {line}, column {column}"


def _errors(errors: list[Any]) -> str:
    texts = [
        f"{error.get('code', '')} {error.get('title', '')} {error.get('detail', '')}".strip() for error in errors if isinstance(error, dict)
    ]
    return "; ".join(texts)[:500] or "none given"


def _entries(data: dict[str, Any]) -> Iterator[tuple[str, type[Maintainable | AvailabilityConstraint], Any] | Finding]:
    """Every object in the arrays of the message with its JSON pointer and model class, or a finding about what cannot be read."""
    for collection, items in data.items():
        struct = AvailabilityConstraint if collection == _AVAILABILITY else struct_in(collection)
        if items is None:
            continue
        if not isinstance(items, list):
            yield Finding("invalid-collection", Severity.ERROR, f"{collection} must be an array", place=f"/data/{collection}")
            continue
        for position, item in enumerate(items):
            pointer = f"/data/{collection}/{position}"
            if collection.casefold() == "contentconstraints" and isinstance(item, dict) and "role" not in item:
                item.setdefault("type", "Actual")  # as in SDMX 2.1, a content constraint that does not say so restricts nothing
            if struct is None:
                about = f"{_name(item)} was not read: {collection} are not supported"
                yield Finding("unsupported-family", Severity.WARNING, about, place=pointer)
            else:
                yield pointer, struct, item


def _name(item: Any) -> str:
    if not isinstance(item, dict):
        return "a value"
    return f"{item.get('agencyID', '?')}:{item.get('id', '?')}({item.get('version', '1.0')})"


def _admit(artefact: Maintainable, pointer: str, artefacts: dict[Urn, Maintainable]) -> Iterator[Finding]:
    """Take an artefact in, unless its identification is no URN or was there before."""
    try:
        urn = Urn.parse(str(Urn.of(artefact)))
    except RegistryError as error:
        about = f"{artefact.agency_id}:{artefact.id}({artefact.version}): {error}"
        yield Finding("invalid-artefact", Severity.ERROR, about, place=pointer)
        return
    if urn in artefacts:
        about = f"{urn.short} stands in the message twice; the first is kept"
        yield Finding("duplicate-artefact", Severity.ERROR, about, place=pointer)
        return
    artefacts[urn] = artefact
