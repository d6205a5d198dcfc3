"""Reading XML safely and liberally.

Safely: no document type, so no entities; no network; libxml2's own limits on depth (256) and on the size of one text. Liberally:
elements are known by their local names, so that messages with a missing, wrong or redundant namespace are read all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from math import isfinite
from typing import Final

from lxml import etree

from exchange.codecs.sdmx_ml.dialect import XML
from exchange.errors import MalformedMessage
from registry.findings import Finding, Severity

_LANGUAGE: Final = f"{{{XML}}}lang"
_DOCTYPE: Final = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
#: Most characters of a wrong value that a message quotes.
_SHOWN: Final = 60
#: Elements that describe something and decide nothing: what is unknown in them changes no meaning.
_DESCRIBING: Final = frozenset({"Annotation", "Annotations", "Contact"})
#: Attributes that say nothing of their own.
_ALWAYS_KNOWN: Final = frozenset({"urn", "uri"})
_TRUTH: Final = {"true": True, "1": True, "false": False, "0": False}
_INTEGER: Final = re.compile(r"[+-]?\d{1,300}")


class Unreadable(Exception):
    """A part of a message that cannot be understood; one artefact is given up, the others are still read."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


class XmlDocument:
    """A message under way: what has been noticed, and which agency maintains the artefact that is being read.

    Attributes:
        findings: What the reader noticed so far.
        agency: Agency of the current artefact: what a reference without agency means.
        artefact: The current artefact as people write it, for findings.
    """

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.agency: str | None = None
        self.artefact = ""
        self._opened: list[Node] = []

    def opened(self, node: Node) -> None:
        """Remember a node whose children were asked for."""
        self._opened.append(node)

    def note(self, code: str, message: str, line: int, severity: Severity = Severity.WARNING) -> None:
        """Add a finding, with the artefact in front of the message."""
        text = f"{self.artefact}: {message}" if self.artefact else message
        self.findings.append(Finding(code, severity, text, place=f"line {line}", artefact=self.artefact or None))

    def close(self) -> bool:
        """Report the elements that nobody asked for since the last call; True when one could change what the artefact means.

        Empty elements cannot, nor what stands in something that only describes, nor anything outside artefacts.
        """
        matters = False
        for node in self._opened:
            for child in node.unread():
                matters |= self._report(node, child)
        self._opened.clear()
        return matters

    def _report(self, node: Node, child: Node) -> bool:
        if not self.artefact or node.name in _DESCRIBING or child.is_empty:
            self.note("unknown-element", f"element {child.name!r} in {node.name!r} is not known and was left out", child.line)
            return False
        text = f"element {child.name!r} in {node.name!r} is not known, and could change what the artefact means; the artefact was not read"
        self.note("unknown-element", text, child.line, Severity.ERROR)
        return True

    def forget(self) -> None:
        """Give up what was opened since the last call of :meth:`close`: the artefact it belongs to was not read."""
        self._opened.clear()


class Node:
    """An element as readers see it: by local names, whatever the namespaces."""

    __slots__ = ("_asked", "_children", "_element", "document", "name")

    def __init__(self, element: etree._Element, document: XmlDocument) -> None:
        self._element = element
        self._children: dict[str, list[etree._Element]] | None = None
        self._asked: set[str] = set()
        self.document = document
        self.name = local_name(element)

    @property
    def line(self) -> int:
        """Line of the start tag."""
        return self._element.sourceline or 0

    @property
    def namespace(self) -> str:
        """Namespace of the element, or the empty string."""
        return etree.QName(self._element).namespace or ""

    @property
    def text(self) -> str:
        """All text in the element, exactly as written."""
        if len(self._element) == 0:
            return self._element.text or ""
        return "".join(str(part) for part in self._element.itertext(with_tail=True))

    @property
    def token(self) -> str:
        """Text without space around it."""
        return self.text.strip()

    @property
    def language(self) -> str:
        """``xml:lang`` of the element; SDMX says ``en`` when it is missing."""
        return self._element.get(_LANGUAGE) or self._element.get("lang") or "en"

    def _grouped(self) -> dict[str, list[etree._Element]]:
        if self._children is None:
            self._children = {}
            for child in self._element.iterchildren("*"):
                self._children.setdefault(local_name(child), []).append(child)
            if self._children:
                self.document.opened(self)
        return self._children

    def all(self, name: str) -> list[Node]:
        """The children of that name, in document order."""
        self._asked.add(name)
        return [Node(child, self.document) for child in self._grouped().get(name, ())]

    def one(self, name: str) -> Node | None:
        """The first child of that name."""
        self._asked.add(name)
        found = self._grouped().get(name)
        return Node(found[0], self.document) if found else None

    def need(self, name: str) -> Node:
        """The first child of that name.

        Raises:
            Unreadable: When there is none.
        """
        found = self.one(name)
        if found is None:
            raise Unreadable(f"{self.name!r} must contain {name!r}", self.line)
        return found

    def children(self) -> Iterator[Node]:
        """All children, in document order."""
        for child in self._element.iterchildren("*"):
            node = Node(child, self.document)
            self._asked.add(node.name)
            yield node

    def unread(self) -> Iterator[Node]:
        """The first child of each name that was never asked for."""
        for name, found in self._grouped().items():
            if name not in self._asked:
                yield Node(found[0], self.document)

    @property
    def is_empty(self) -> bool:
        """True for an element that holds nothing: no text, no attribute with a value, and no element that does."""
        return not self.token and not any(self._element.attrib.values()) and all(child.is_empty for child in self.children())

    def settled(self) -> None:
        """See that every attribute was asked for: for elements whose attributes decide what they mean.

        Raises:
            Unreadable: Names the first one that is not known.
        """
        for name in self._element.attrib:
            if f"@{name}" not in self._asked and "}" not in str(name) and name not in _ALWAYS_KNOWN:
                raise Unreadable(
                    f"attribute {str(name)!r} of {self.name!r} is not known, and could change what the artefact means", self.line
                )

    def get(self, attribute: str) -> str | None:
        """An attribute, with or without prefix."""
        self._asked.add(f"@{attribute}")
        value = self._element.get(attribute)
        if value is not None:
            return value
        for name, other in self._element.attrib.items():
            if str(name).endswith(f"}}{attribute}"):
                return str(other)
        return None

    def require(self, attribute: str) -> str:
        """An attribute that must be there.

        Raises:
            Unreadable: When it is missing or empty.
        """
        value = self.get(attribute)
        if not value:
            raise Unreadable(f"{self.name!r} has no attribute {attribute!r}", self.line)
        return value

    def truth(self, attribute: str) -> bool | None:
        """An ``xs:boolean`` attribute; None when it is missing.

        Raises:
            Unreadable: When it is something else.
        """
        value = self.get(attribute)
        if value is None:
            return None
        truth = _TRUTH.get(value.strip().lower())
        if truth is None:
            raise Unreadable(f"{attribute}={_shown(value)} of {self.name!r} is neither true nor false", self.line)
        return truth

    def integer(self, attribute: str) -> int | None:
        """An integer attribute; None when it is missing.

        Raises:
            Unreadable: When it is something else.
        """
        value = self.get(attribute)
        if value is None:
            return None
        if _INTEGER.fullmatch(value.strip()) is None:
            raise Unreadable(f"{attribute}={_shown(value)} of {self.name!r} is not an integer", self.line)
        return int(value)

    def number(self, attribute: str) -> int | float | None:
        """An ``xs:decimal`` attribute; None when it is missing.

        Raises:
            Unreadable: When it is something else.
        """
        value = self.get(attribute)
        if value is None:
            return None
        number = as_number(value)
        if number is None:
            raise Unreadable(f"{attribute}={_shown(value)} of {self.name!r} is not a number", self.line)
        return number


def _shown(value: str) -> str:
    """A value as a message quotes it: not more of it than a reader needs."""
    return repr(value if len(value) <= _SHOWN else value[:_SHOWN] + "…")


def as_number(text: str) -> int | float | None:
    """A number from its text, an integer where it is written as one; None when it is no number."""
    text = text.strip()
    if _INTEGER.fullmatch(text):
        return int(text)
    try:
        number = float(text)
    except ValueError:
        return None
    return number if isfinite(number) else None


def local_name(element: etree._Element) -> str:
    """Name of an element without its namespace or undeclared prefix."""
    return _without_namespace(str(element.tag))


@lru_cache(maxsize=4096)
def _without_namespace(tag: str) -> str:
    return tag.rpartition("}")[2].rpartition(":")[2]


def parse(content: bytes) -> Node:
    """The root of an XML document.

    Raises:
        MalformedMessage: When the bytes are not XML, or hold a document type declaration.
    """
    content = content.lstrip()
    if _DOCTYPE.search(content):
        raise MalformedMessage("the message contains a document type declaration; SDMX messages have none, remove it")
    document = XmlDocument()
    root = _root(content, document)
    if root.getroottree().docinfo.internalDTD is not None:
        raise MalformedMessage("the message contains a document type declaration; SDMX messages have none, remove it")
    return Node(root, document)


def _parser(*, recover: bool) -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True, recover=recover, huge_tree=False
    )


def _root(content: bytes, document: XmlDocument) -> etree._Element:
    parser = _parser(recover=False)
    try:
        return etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        entries = [entry for entry in parser.error_log if entry.level_name != "WARNING"]
        fatal = next((entry for entry in entries if entry.domain_name != "NAMESPACE"), None)
        if fatal is not None:
            raise MalformedMessage(f"line {fatal.line}, column {fatal.column}: not well-formed XML: {fatal.message}") from None
        if not entries:
            raise MalformedMessage(f"line {error.lineno}, column {error.offset}: not well-formed XML: {error.msg}") from None
        document.note("undeclared-prefix", entries[0].message, entries[0].line)
    return etree.fromstring(content, _parser(recover=True))
