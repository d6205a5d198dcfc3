"""Structure messages in SDMX-ML 2.1, 3.0 and 3.1 (SDMXMessage.xsd, SDMXStructure.xsd)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from exchange.codecs.actual_content import as_actual_constraints, split_actual
from exchange.codecs.ports import ReadStructures, StructureOptions, WrittenStructures
from exchange.codecs.sdmx_ml.artefacts.catalogue import ARTEFACTS, NOT_WRITTEN, artefact_called, artefact_of
from exchange.codecs.sdmx_ml.artefacts.constraints import read_availability, write_availability
from exchange.codecs.sdmx_ml.dialect import AVAILABILITY_CONSTRAINTS, SDMX_ML_2_1, XmlDialect
from exchange.codecs.sdmx_ml.footer import write_footer
from exchange.codecs.sdmx_ml.header import read_header, write_header
from exchange.codecs.sdmx_ml.legacy import LegacyForm
from exchange.codecs.sdmx_ml.markup import DECLARATION, container, element
from exchange.codecs.sdmx_ml.parsing import Node, Unreadable, parse
from exchange.codecs.sdmx_ml.writing import Writing, restored
from exchange.errors import MalformedMessage
from registry.findings import Severity
from registry.model.base import Maintainable
from registry.model.constraints import AvailabilityConstraint
from registry.model.messages import StructureMessage
from registry.references.resolve import ReferenceIndex

#: Where ``Structures`` may stand: structure messages, registry answers to queries, and submissions.
_WRAPPERS: Final = ("QueryStructureResponse", "SubmitStructureRequest")
_ROOTS: Final = frozenset({"Structure", "RegistryInterface", "Structures", *_WRAPPERS})

_UNNAMED: Final = "(no id)"


class SdmxMlStructureCodec:
    """Reads structure messages of any version of SDMX-ML, writes those of one.

    Reading is liberal: namespaces do not matter, what is not known becomes a finding, and a broken artefact does not keep the others
    from being read. Writing is strict: complete artefacts give a message that is valid against the official schema.
    """

    def __init__(self, dialect: XmlDialect = SDMX_ML_2_1) -> None:
        self.dialect = dialect

    def decode(self, content: bytes) -> ReadStructures:
        """Read a message.

        Raises:
            MalformedMessage: When the bytes are not XML, contain a document type, or are another message.
        """
        root = parse(content)
        document = root.document
        if root.name not in _ROOTS:
            raise MalformedMessage(
                f"line {root.line}: root element {root.name!r} is not a structure message; expected one of {', '.join(sorted(_ROOTS))}"
            )
        header = read_header(root.one("Header"))
        holders = _structures(root)
        if not holders:
            document.note("no-structures", "the message contains no element 'Structures'", root.line)
        nodes = list(_artefact_elements(holders))
        document.close()
        artefacts: list[Maintainable] = []
        availability: list[AvailabilityConstraint] = []
        for node in nodes:
            match _read_artefact(node):
                case AvailabilityConstraint() as answer:
                    availability.append(answer)
                case Maintainable() as artefact:
                    artefacts.append(artefact)
        document.close()
        message = StructureMessage(tuple(artefacts), tuple(availability), header)
        return ReadStructures(message, tuple(document.findings))

    def write(self, message: StructureMessage, options: StructureOptions) -> WrittenStructures:
        """Write a message, and say what this version of SDMX-ML could not express."""
        writing = Writing(self.dialect, options.languages)
        structures = _write_structures(writing, message, options.index)
        names = {
            "xmlns:mes": self.dialect.message,
            "xmlns:str": self.dialect.structure,
            "xmlns:com": self.dialect.common,
        }
        losses = writing.losses.findings
        text = element("mes:Structure", names, write_header(message.header, writing), structures, write_footer(self.dialect, losses))
        return WrittenStructures((DECLARATION + text).encode(), losses)


def _structures(node: Node) -> list[Node]:
    """The ``Structures`` elements in a message, through the wrappers they may stand in."""
    if node.name == "Structures":
        return [node]
    return [found for name in ("Structures", *_WRAPPERS) for child in node.all(name) for found in _structures(child)]


def _artefact_elements(holders: Iterable[Node]) -> Iterator[Node]:
    for holder in holders:
        for group in holder.children():
            yield from group.children()


def _read_artefact(node: Node) -> Maintainable | AvailabilityConstraint | None:
    document = node.document
    document.agency = node.get("agencyID")
    document.artefact = f"{node.name} {document.agency or '?'}:{node.get('id') or _UNNAMED}({node.get('version') or '1.0'})"
    artefact = artefact_called(node.name)
    try:
        if node.name == "AvailabilityConstraint":
            return read_availability(node)
        if artefact is None:
            document.note("unsupported-artefact", "artefacts of this kind are not kept here; it was left out", node.line)
            return None
        read = restored(artefact.read(node))
        if document.close():
            return None
    except Unreadable as error:
        document.forget()
        document.note("unreadable-artefact", str(error), error.line, Severity.ERROR)
        return None
    else:
        return read
    finally:
        document.artefact = ""


def _write_structures(writing: Writing, message: StructureMessage, index: ReferenceIndex | None) -> str:
    dialect = writing.dialect
    written: dict[str, list[str]] = {}
    has_availability = AVAILABILITY_CONSTRAINTS in dialect.containers
    written[AVAILABILITY_CONSTRAINTS] = [write_availability(writing, answer) for answer in message.availability if has_availability]
    answers = () if has_availability else as_actual_constraints(message.availability)
    artefacts = message.artefacts
    if not dialect.has_constraint_roles:
        artefacts, found = split_actual(artefacts, writing.losses)
        written[AVAILABILITY_CONSTRAINTS] += [write_availability(writing, answer) for answer in found]
    artefacts = (*artefacts, *answers)
    legacy = LegacyForm(writing, artefacts, index) if dialect.has_legacy_versions_only else None
    for artefact in sorted(artefacts if legacy is None else legacy.kept, key=_position):
        writing.begin(artefact, is_versionless=dialect.version in artefact_of(type(artefact)).versionless)
        adapted = artefact if legacy is None else legacy.of(artefact)
        row = artefact_of(type(adapted))
        container_name = row.containers.get(dialect.version)
        if container_name is None:
            writing.losses.leave_out(NOT_WRITTEN[dialect.version, row.kind], writing.artefact)
        else:
            written.setdefault(container_name, []).append(row.write(writing, adapted))
    containers = [container(f"str:{name}", written.get(name, ())) for name in dialect.containers]
    return element("mes:Structures", None, *containers)


def _position(artefact: Maintainable) -> int:
    """Place of the family of an artefact among those that share a container."""
    return ARTEFACTS.index(artefact_of(type(artefact)))
