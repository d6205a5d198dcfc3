"""How a data message begins and ends: root, namespaces, header with the structures of its datasets (SDMXMessage.xsd, Header)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from exchange.codecs.data_writing.references import presented, presented_urn
from exchange.codecs.ports import DataMessage, DataSet
from exchange.codecs.sdmx_ml.data.dialect import XmlDataDialect
from exchange.codecs.sdmx_ml.dialect import XSI, ReferenceStyle, XmlDialect
from exchange.codecs.sdmx_ml.markup import DECLARATION, attributes_of, element, escape, text_element
from exchange.query.values.data_query import Context
from registry.model.identity import Urn
from registry.model.messages import Header, MessageParty

_REFERENCE_ELEMENTS = {
    Context.DATASTRUCTURE: "Structure",
    Context.DATAFLOW: "StructureUsage",
    Context.PROVISION_AGREEMENT: "ProvisionAgreement",
}


@dataclass(frozen=True, slots=True)
class StructureReference:
    """How the datasets of a message point at a structure.

    Attributes:
        id: ``structureID`` of the header, ``structureRef`` of the dataset.
        namespace: Target namespace of the schema that belongs to the structure and the dimension at the observation.
        prefix: Prefix of that namespace.
    """

    id: str
    namespace: str
    prefix: str
    element: str
    urn: Urn
    dimension_at_observation: str


def structure_references(message: DataMessage, dialect: XmlDialect) -> tuple[StructureReference, ...]:
    """One reference per dataset; datasets of the same structure and layout share it.

    SDMX 2.1 messages always name the data structure, and call it by its id: several clients read neither dataflow references nor
    other ids there.
    """
    found: dict[tuple[Urn, str], StructureReference] = {}
    taken: set[str] = set()
    references = []
    for dataset in message.datasets:
        kind, urn = presented(dataset)[0], presented_urn(dataset)
        if dialect.references is ReferenceStyle.FIELDS:
            kind, urn = Context.DATASTRUCTURE, Urn.of(dataset.schema.structure)
        dimension = dataset.dimension_at_observation
        if (urn, dimension) not in found:
            name = urn.id if urn.id not in taken else f"{urn.id}_{len(taken) + 1}"
            taken.add(name)
            namespace = f"{urn}:ObsLevelDim:{dimension}"
            found[urn, dimension] = StructureReference(name, namespace, f"ns{len(taken)}", _REFERENCE_ELEMENTS[kind], urn, dimension)
        references.append(found[urn, dimension])
    return tuple(references)


def beginning(
    root: str, namespaces: dict[str, str], message: DataMessage, references: Sequence[StructureReference], dialect: XmlDialect
) -> bytes:
    """Declaration, root start tag and header. ``namespaces`` are those of the data, by prefix."""
    declared = {"xmlns:message": dialect.message, "xmlns:common": dialect.common, "xmlns:xsi": XSI}
    declared |= {f"xmlns:{prefix}": namespace for prefix, namespace in namespaces.items()}
    specific = any(reference.prefix in namespaces for reference in references)
    structures = "".join(_structure(reference, dialect, specific=specific) for reference in dict.fromkeys(references))
    return f"{DECLARATION}<message:{root}{attributes_of(declared)}>{_header(message.header, structures)}".encode()


def _header(header: Header, structures: str) -> str:
    return element(
        "message:Header",
        None,
        text_element("message:ID", header.id),
        text_element("message:Test", "true" if header.test else "false"),
        text_element("message:Prepared", instant(header.prepared)),
        _party("message:Sender", header.sender),
        *[_party("message:Receiver", receiver) for receiver in header.receivers],
        _texts("common:Name", header.names),
        structures,
    )


def _texts(name: str, texts: dict[str, str]) -> str:
    return "".join(text_element(name, text, {"xml:lang": language}) for language, text in texts.items())


def _party(name: str, party: MessageParty) -> str:
    contacts = []
    for contact in party.contacts:
        addresses = {
            "Telephone": contact.telephones,
            "Fax": contact.faxes,
            "X400": contact.x400s,
            "URI": contact.uris,
            "Email": contact.emails,
        }
        contacts.append(
            element(
                "message:Contact",
                None,
                _texts("common:Name", contact.names),
                _texts("message:Department", contact.departments),
                _texts("message:Role", contact.roles),
                *[text_element(f"message:{kind}", text) for kind, texts in addresses.items() for text in texts],
            )
        )
    return element(name, {"id": party.id}, _texts("common:Name", party.names), *contacts)


def _structure(reference: StructureReference, dialect: XmlDialect, *, specific: bool) -> str:
    urn = reference.urn
    if dialect.references is ReferenceStyle.FIELDS:
        fields = {"agencyID": urn.agency, "id": urn.id, "version": urn.version, "class": urn.cls, "package": urn.package}
        target = element("Ref", fields)
    else:
        target = escape(str(urn))
    attributes = {
        "structureID": reference.id,
        "namespace": reference.namespace if specific else None,
        "dimensionAtObservation": reference.dimension_at_observation,
    }
    return element("message:Structure", attributes, element(f"common:{reference.element}", None, target))


def instant(moment: datetime) -> str:
    """An instant as ``xs:dateTime`` in UTC."""
    text = moment.astimezone(UTC).isoformat(timespec="microseconds" if moment.microsecond else "seconds")
    return text.replace("+00:00", "Z")


def set_attributes(dataset: DataSet, dialect: XmlDataDialect, prefix: str = "") -> dict[str, str | None]:
    """Action and validity of a dataset as attributes, with the prefix that the format wants."""
    return {
        f"{prefix}action": dialect.actions[dataset.action],
        f"{prefix}validFromDate": instant(dataset.valid_from) if dataset.valid_from else None,
        f"{prefix}validToDate": instant(dataset.valid_to) if dataset.valid_to else None,
    }
