"""What every artefact has: annotations, links, names, identification and maintenance (SDMXCommon.xsd, SDMXStructureBase.xsd)."""

from __future__ import annotations

import re
from typing import Final, TypedDict

from exchange.codecs.sdmx_ml.markup import Attributes, element, flag, true_only
from exchange.codecs.sdmx_ml.parsing import Node
from exchange.codecs.sdmx_ml.references import legacy_version
from exchange.codecs.sdmx_ml.writing import Carried, Writing, restored_annotations
from registry.model.base import Annotation, Link, Maintainable
from registry.model.families import family_of
from registry.model.identity import PACKAGE_OF_CLASS

_DATE_TIME: Final = re.compile(r"-?\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?")
_SEMANTIC: Final = re.compile(r"\d+\.\d+\.\d+")
#: How the namespace of structures ends in SDMX-ML 2.1.
_OF_2_1: Final = "/v2_1/structure"
_DATE: Final = re.compile(r"-?\d{4,}-\d\d-\d\d")


class Notes(TypedDict):
    """Fields of everything annotable."""

    annotations: tuple[Annotation, ...]


class Identification(Notes):
    """Fields of everything identifiable."""

    id: str
    links: tuple[Link, ...]
    uri: str | None


class Naming(Identification):
    """Fields of everything nameable."""

    names: dict[str, str]
    descriptions: dict[str, str]


class Maintenance(Naming):
    """Fields of everything maintainable."""

    agency_id: str
    version: str
    valid_from: str | None
    valid_to: str | None
    is_partial_language: bool
    is_external_reference: bool
    service_url: str | None
    structure_url: str | None
    is_final: bool | None


def read_texts(nodes: list[Node]) -> dict[str, str]:
    """Texts by language."""
    return {node.language: node.text for node in nodes}


def read_text(node: Node | None) -> str | None:
    """The text of an element, or None when there is no element."""
    return None if node is None else node.text


def read_notes(node: Node) -> Notes:
    """The annotations of something."""
    holder = node.one("Annotations")
    if holder is None:
        return {"annotations": ()}
    return {"annotations": restored_annotations(tuple([_read_annotation(child) for child in holder.all("Annotation")]))}


def _read_annotation(node: Node) -> Annotation:
    urls = tuple([Link(rel="alternate", href=url.token, hreflang=url.get("lang")) for url in node.all("AnnotationURL")])
    return Annotation(
        id=node.get("id"),
        title=read_text(node.one("AnnotationTitle")),
        type=read_text(node.one("AnnotationType")),
        value=read_text(node.one("AnnotationValue")),
        texts=read_texts(node.all("AnnotationText")),
        links=urls,
    )


def _read_link(node: Node) -> Link | None:
    """A link, or None for one that leads nowhere; what it is for is ``related`` when it does not say."""
    href, urn = node.get("url") or None, node.get("urn") or None
    if href is None and urn is None:
        node.document.note("empty-link", "a link that leads nowhere was left out", node.line)
        return None
    return Link(rel=node.get("rel") or "related", href=href, urn=urn, type=node.get("type") or None)


def read_links(node: Node) -> tuple[Link, ...]:
    """The ``Link`` elements of something."""
    return tuple([link for child in node.all("Link") if (link := _read_link(child)) is not None])


def read_identification(node: Node, default_id: str | None = None) -> Identification:
    """Id, URI, links and annotations. The id may follow from something else, as that of a component follows from its concept."""
    return {
        "id": node.get("id") or default_id or node.require("id"),
        "uri": node.get("uri"),
        "links": read_links(node),
        "annotations": read_notes(node)["annotations"],
    }


def read_naming(node: Node) -> Naming:
    """Identification, names and descriptions."""
    return {
        **read_identification(node),
        "names": read_texts(node.all("Name")),
        "descriptions": read_texts(node.all("Description")),
    }


def read_maintenance(node: Node) -> Maintenance:
    """Naming, agency, version, validity and where the artefact lives."""
    return {
        **read_naming(node),
        "agency_id": node.require("agencyID"),
        "version": node.get("version") or "1.0",
        "valid_from": node.get("validFrom"),
        "valid_to": node.get("validTo"),
        "is_partial_language": node.truth("isPartialLanguage") or False,
        "is_external_reference": node.truth("isExternalReference") or False,
        "service_url": node.get("serviceURL"),
        "structure_url": node.get("structureURL"),
        "is_final": _read_final(node),
    }


def _read_final(node: Node) -> bool | None:
    """The flag of SDMX 2.1, as far as it says more than the version: there, an artefact that does not say so is not final."""
    flagged = node.truth("isFinal")
    is_stable = _SEMANTIC.fullmatch(node.get("version") or "") is not None
    if flagged or not is_stable:
        return flagged or None
    return False if flagged is not None or node.namespace.endswith(_OF_2_1) else None


def urn_stem(artefact: Maintainable, writing: Writing, cls: str | None = None) -> str:
    """The URN of an artefact, or up to its last dot that of its items of class ``cls``, as the dialect spells versions and classes."""
    spelled = cls or writing.dialect.urn_classes.get(artefact.urn_class, artefact.urn_class)
    package = PACKAGE_OF_CLASS[spelled]
    return f"urn:sdmx:org.sdmx.infomodel.{package}.{spelled}={artefact.agency_id}:{artefact.id}({_version(artefact, writing)})"


def _version(artefact: Maintainable, writing: Writing) -> str:
    if writing.is_versionless:
        return "1.0"
    return legacy_version(artefact.version) if writing.dialect.has_legacy_versions_only else artefact.version


def write_artefact(writing: Writing, name: str, artefact: Maintainable, attributes: Attributes, carried: Carried, *content: str) -> str:
    """An artefact: the element with identification, names and maintenance around its content."""
    maintenance = _maintenance(writing, artefact, carried)
    head = writing.nameable(artefact, carried)
    if writing.dialect.has_partial_languages:
        maintenance["isPartialLanguage"] = true_only(artefact.is_partial_language or writing.is_partial_language)
    return element(name, {**maintenance, **attributes}, head, *content)


def _maintenance(writing: Writing, artefact: Maintainable, carried: Carried) -> dict[str, str | None]:
    dialect = writing.dialect
    version = _version(artefact, writing)
    if version != artefact.version:
        carried["version"] = artefact.version
    if dialect.has_final_flag:
        is_final = flag(is_final_artefact(artefact))
    else:
        is_final = None
        if artefact.is_final is not None:
            carried["is_final"] = artefact.is_final
    if artefact.is_partial_language and not dialect.has_partial_languages:
        carried["is_partial_language"] = True
    return {
        "id": artefact.id,
        "urn": urn_stem(artefact, writing),
        "uri": artefact.uri,
        "agencyID": artefact.agency_id,
        "version": None if writing.is_versionless else version,
        "validFrom": _instant(artefact.valid_from, "valid_from", carried),
        "validTo": _instant(artefact.valid_to, "valid_to", carried),
        "isFinal": is_final,
        "isExternalReference": true_only(artefact.is_external_reference),
        "serviceURL": artefact.service_url,
        "structureURL": artefact.structure_url,
    }


def is_final_artefact(artefact: Maintainable) -> bool:
    """Whether an artefact is final: it says so, or its version is semantic and has no extension (SDMX 3.1 Section 1, versioning).

    Organisation schemes of fixed id never are (SDMX-ML 2.1 schema).
    """
    if artefact.id == family_of(type(artefact)).fixed_id:
        return False
    if artefact.is_final is not None:
        return artefact.is_final
    return artefact.version.count(".") == 2 and "-" not in artefact.version


def _instant(value: str | None, field: str, carried: Carried) -> str | None:
    if value is None or _DATE_TIME.fullmatch(value):
        return value
    carried[field] = value
    return f"{value}T00:00:00" if _DATE.fullmatch(value) else None
