"""Contacts of organisations and of the parties in message headers (ContactType)."""

from __future__ import annotations

from typing import Final

from exchange.codecs.sdmx_ml.artefacts.shared import read_texts
from exchange.codecs.sdmx_ml.markup import element, text_element
from exchange.codecs.sdmx_ml.parsing import Node
from exchange.codecs.sdmx_ml.writing import Writing
from registry.model.organisations import Contact

_ADDRESSES: Final = {"Telephone": "telephones", "Fax": "faxes", "X400": "x400s", "URI": "uris", "Email": "emails"}


def read_contacts(nodes: list[Node]) -> tuple[Contact, ...]:
    """The ``Contact`` elements of somebody."""
    return tuple([_read_contact(node) for node in nodes])


def _read_contact(node: Node) -> Contact:
    addresses = {field: tuple([child.text for child in node.all(name)]) for name, field in _ADDRESSES.items()}
    return Contact(
        id=node.get("id"),
        names=read_texts(node.all("Name")),
        departments=read_texts(node.all("Department")),
        roles=read_texts(node.all("Role")),
        **addresses,
    )


def write_contact(writing: Writing, contact: Contact, prefix: str = "str") -> str:
    """A ``Contact``; structures and headers have it in different namespaces."""
    addresses = [text_element(f"{prefix}:{name}", text) for name, field in _ADDRESSES.items() for text in getattr(contact, field)]
    return element(
        f"{prefix}:Contact",
        {"id": contact.id} if prefix == "str" else None,
        writing.texts("com:Name", contact.names),
        writing.texts(f"{prefix}:Department", contact.departments),
        writing.texts(f"{prefix}:Role", contact.roles),
        *addresses,
    )
