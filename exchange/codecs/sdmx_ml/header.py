"""Message headers (SDMXMessage.xsd, BaseHeaderType), shared by structure and data messages."""

from __future__ import annotations

from datetime import UTC, datetime

from exchange.codecs.sdmx_ml.artefacts.contacts import read_contacts, write_contact
from exchange.codecs.sdmx_ml.artefacts.shared import read_texts
from exchange.codecs.sdmx_ml.markup import element, escape, text_element
from exchange.codecs.sdmx_ml.parsing import Node
from exchange.codecs.sdmx_ml.writing import Writing
from registry.model.messages import Header, MessageParty


def read_header(node: Node | None) -> Header:
    """The header of a message; without one, a new header with the facts that are there."""
    if node is None:
        return Header()
    identifier, sender = node.one("ID"), node.one("Sender")
    prepared = _read_prepared(node.one("Prepared"))
    header = Header() if identifier is None else Header(id=identifier.token)
    return Header(
        id=header.id,
        prepared=prepared or header.prepared,
        sender=header.sender if sender is None else _read_party(sender),
        receivers=tuple([_read_party(receiver) for receiver in node.all("Receiver")]),
        test=_is_true(node.one("Test")),
        names=read_texts(node.all("Name")),
    )


def _is_true(node: Node | None) -> bool:
    return node is not None and node.token.lower() in {"true", "1"}


def _read_prepared(node: Node | None) -> datetime | None:
    if node is None:
        return None
    try:
        prepared = datetime.fromisoformat(node.token)
    except ValueError:
        node.document.note("header-date", f"{node.token!r} is not a date or time; the time of reading is used", node.line)
        return None
    return prepared if prepared.tzinfo is not None else prepared.replace(tzinfo=UTC)


def _read_party(node: Node) -> MessageParty:
    return MessageParty(id=node.get("id") or "unknown", names=read_texts(node.all("Name")), contacts=read_contacts(node.all("Contact")))


def write_header(header: Header, writing: Writing, payload: str = "") -> str:
    """A ``Header``; ``payload`` is what data messages put between the name and the end (structure, action, set id, …)."""
    prepared = header.prepared.isoformat().replace("+00:00", "Z")
    return element(
        "mes:Header",
        None,
        text_element("mes:ID", header.id),
        element("mes:Test", None, "true" if header.test else "false"),
        element("mes:Prepared", None, escape(prepared)),
        _write_party(writing, "mes:Sender", header.sender),
        *[_write_party(writing, "mes:Receiver", receiver) for receiver in header.receivers],
        writing.texts("com:Name", header.names),
        payload,
    )


def _write_party(writing: Writing, name: str, party: MessageParty) -> str:
    contacts = [write_contact(writing, contact, "mes") for contact in party.contacts]
    return element(name, {"id": party.id}, writing.texts("com:Name", party.names), *contacts)
