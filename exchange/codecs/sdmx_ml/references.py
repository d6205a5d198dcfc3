"""References to artefacts and items: ``<Ref …/>`` fields of SDMX 2.1, URNs, and both together.

In the model a reference is a URN in the class names of SDMX 3.1. The class of a reference follows from where it stands, so a ``Ref``
without ``class`` is understood; one without version means ``1.0``, one without agency the agency of the artefact it stands in.
"""

from __future__ import annotations

from typing import Final

from exchange.codecs.sdmx_ml.dialect import ReferenceStyle, XmlDialect
from exchange.codecs.sdmx_ml.markup import element, escape
from exchange.codecs.sdmx_ml.parsing import Node, Unreadable
from registry.errors import InvalidUrn
from registry.model.base import Reference
from registry.model.families import FAMILIES
from registry.model.identity import ARTEFACT_OF_CLASS, PACKAGE_OF_CLASS, Urn

_CLASS_IN_3_1: Final = {"ContentConstraint": "DataConstraint", "Valuelist": "ValueList"}
_ITEMS: Final = frozenset({"Code", "Concept"})
_PREFIX: Final = "urn:sdmx:"


def read_reference(node: Node | None, cls: str) -> Reference | None:
    """The URN that an element points at, or None when there is no element.

    Args:
        node: The element that contains a ``Ref``, a ``URN``, or the URN as text.
        cls: Class of the artefact, if the reference does not say.

    Raises:
        Unreadable: When the reference is incomplete or is no URN.
    """
    if node is None:
        return None
    fields = node.one("Ref")
    urn = node.one("URN")
    if fields is not None:
        return str(_from_fields(fields, cls))
    text = (urn if urn is not None else node).token
    try:
        parsed = Urn.parse(text)
    except InvalidUrn as error:
        raise Unreadable(f"{node.name!r}: {error}", node.line) from None
    replaced = _CLASS_IN_3_1.get(parsed.cls)
    return text if replaced is None else str(Urn(replaced, parsed.agency, parsed.id, parsed.version, parsed.item))


def read_references(nodes: list[Node], cls: str) -> tuple[Reference, ...]:
    """The URNs that some elements point at."""
    return tuple(urn for urn in (read_reference(node, cls) for node in nodes) if urn is not None)


def read_local(node: Node | None) -> str | None:
    """The id that an element names inside its own artefact: ``<Ref id=…/>``, a URN, or the bare id."""
    if node is None:
        return None
    fields = node.one("Ref")
    if fields is not None:
        return fields.require("id")
    text = node.token
    if not text:
        raise Unreadable(f"{node.name!r} is empty", node.line)
    return text.rpartition(").")[2] if text.startswith(_PREFIX) else text


def read_locals(nodes: list[Node]) -> tuple[str, ...]:
    """The ids that some elements name inside their own artefact."""
    return tuple(name for name in (read_local(node) for node in nodes) if name is not None)


def _from_fields(node: Node, default: str) -> Urn:
    cls = node.get("class") or _class_in(node.get("package"), default)
    cls = _CLASS_IN_3_1.get(cls, cls)
    if cls not in PACKAGE_OF_CLASS:
        raise Unreadable(f"class {cls!r} of a reference is not a class of the SDMX information model", node.line)
    agency = node.get("agencyID") or node.document.agency
    if not agency:
        raise Unreadable("a reference has no attribute 'agencyID'", node.line)
    parent = node.get("maintainableParentID")
    if parent is None:
        return Urn(cls, agency, node.require("id"), node.get("version") or "1.0")
    containers = node.get("containerID")
    item = f"{containers}.{node.require('id')}" if containers else node.require("id")
    return Urn(cls, agency, parent, node.get("maintainableParentVersion") or "1.0", item)


def _class_in(package: str | None, default: str) -> str:
    """The class that a reference without class means: the usual one in its place, or the scheme of the package that it names."""
    if package is None or PACKAGE_OF_CLASS.get(default) == package or default in ARTEFACT_OF_CLASS:
        return default
    return next((family.urn_class for family in FAMILIES if family.package == package and family.items), default)


def write_reference(name: str, reference: Reference | None, dialect: XmlDialect) -> str:
    """An element that points at an artefact or item; nothing when there is no reference."""
    if reference is None:
        return ""
    if dialect.references is ReferenceStyle.URN:
        return element(name, None, escape(reference))
    urn = Urn.parse(reference)
    version = legacy_version(urn.version)
    if "*" in version or urn.id == "*":
        return element(name, None, element("URN", None, escape(reference)))
    cls = dialect.urn_classes.get(urn.cls, urn.cls)
    if urn.item is None:
        fields = {"id": urn.id, "version": version}
    else:
        fields = {"id": urn.item, "maintainableParentID": urn.id, "maintainableParentVersion": version}
    return element(name, None, element("Ref", {**fields, "agencyID": urn.agency, "package": urn.package, "class": cls}))


def write_local(name: str, item: str | None, dialect: XmlDialect, cls: str) -> str:
    """An element that names something inside its own artefact; nothing when there is no id."""
    if item is None:
        return ""
    if dialect.references is ReferenceStyle.URN:
        return element(name, None, escape(item))
    # sdmx1 fails when it is told the package of something that it keeps no package of, as components.
    package = f' package="{PACKAGE_OF_CLASS[cls]}"' if cls in _ITEMS else ""
    return f'<{name}><Ref id="{escape(item)}" class="{cls}"{package}/></{name}>'


def legacy_version(version: str) -> str:
    """A version or version reference without what SDMX 2.1 does not know: extensions and the ``+`` of wildcards."""
    return version.partition("-")[0].replace("+", "")
