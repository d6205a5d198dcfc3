"""The ``meta`` object of SDMX-JSON messages: the header."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import msgspec

from exchange.codecs.losses import told
from exchange.codecs.ports import StructureOptions
from exchange.codecs.sdmx_json.dialect import JSON_2_1
from exchange.codecs.sdmx_json.reading import ArtefactReader
from exchange.codecs.sdmx_json.writing import ArtefactWriter, Document
from registry.findings import Finding, Severity
from registry.model.messages import Header, MessageParty
from registry.model.organisations import Contact


def write_meta(header: Header, languages: Sequence[str], schema: str | None = None, writer: ArtefactWriter | None = None) -> Document:
    """The ``meta`` object. ``schema`` is the URL of the schema; it comes first because readers look for it there."""
    writer = writer or ArtefactWriter(JSON_2_1, StructureOptions())
    meta: Document = {} if schema is None else {"schema": schema}
    meta |= {"id": header.id, "test": header.test, "prepared": write_instant(header.prepared)}
    if languages:
        meta["contentLanguages"] = list(languages)
    if header.names:
        writer.texts(meta, "names", header.names)
    meta["sender"] = _write_party(header.sender, writer)
    if header.receivers:
        meta["receivers"] = [_write_party(receiver, writer) for receiver in header.receivers]
    return meta


def write_losses(losses: Sequence[Finding]) -> list[Document]:
    """The ``errors`` of a message that was written all the same: what it could not carry, each with the status 200."""
    return [{"code": 200, "title": "Not in this message", "detail": text, "x-code": code} for code, text in told(losses)]


def read_meta(meta: Any, language: str) -> tuple[Header, list[Finding]]:
    """The header; what is missing or unreadable gets its default and a finding."""
    if not isinstance(meta, dict):
        return Header(), [Finding("missing-header", Severity.WARNING, "the message has no meta object; a header was made", place="/meta")]
    findings: list[Finding] = []
    known: Document = {"names": _texts(meta, language), "test": str(meta.get("test", False)).lower() == "true"}
    if isinstance(meta.get("id"), str):
        known["id"] = meta["id"]
    try:
        known["prepared"] = read_instant(str(meta["prepared"]))
    except (KeyError, ValueError):
        about = "meta has no readable date of preparation; now is taken"
        findings.append(Finding("invalid-header", Severity.WARNING, about, place="/meta/prepared"))
    if isinstance(meta.get("sender"), dict):
        known["sender"] = _read_party(meta["sender"], language)
    receivers = meta.get("receivers")
    known["receivers"] = tuple(
        _read_party(party, language) for party in (receivers if isinstance(receivers, list) else ()) if isinstance(party, dict)
    )
    return Header(**known), findings


def write_instant(instant: datetime) -> str:
    """An ``xs:dateTime`` in UTC.

    >>> write_instant(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    '2026-01-02T03:04:05Z'
    """
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def read_instant(text: str) -> datetime:
    """An aware instant from an ``xs:dateTime`` or ``xs:date``; without zone it is UTC.

    Raises:
        ValueError: When the text is neither.
    """
    instant = datetime.fromisoformat(text) if "T" in text else datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _write_party(party: MessageParty, writer: ArtefactWriter) -> Document:
    document: Document = {"id": party.id}
    if party.names:
        writer.texts(document, "names", party.names)
    if party.contacts:
        document["contacts"] = [writer.write_part(contact) for contact in party.contacts]
    return document


def _read_party(document: Document, language: str) -> MessageParty:
    contacts = []
    found = document.get("contacts")
    for contact in found if isinstance(found, list) else ():
        value, _ = ArtefactReader(language).read(contact, Contact, "/meta")
        if value is not None:
            contacts.append(value)
    return MessageParty(str(document.get("id", "unknown")), _texts(document, language), tuple(contacts))


def _texts(document: Document, language: str) -> dict[str, str]:
    try:
        texts = msgspec.convert(document.get("names") or {}, dict[str, str])
    except msgspec.ValidationError:
        texts = {}
    name = document.get("name")
    return texts or ({language: name} if isinstance(name, str) else {})
