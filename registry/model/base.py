"""The abstract classes every artefact is made of: annotable, identifiable, nameable, maintainable.

Field names are those of SDMX-JSON 2.1 (``rename="camel"``), so that the canonical document of an artefact is its SDMX-JSON form.
Two things differ, and the codecs translate them: names are held in all languages (``names``) and the best match ``name`` is
derived when a message is written, and the URN is derived from the identification, not stored as a link.

Fields whose encoded name starts with ``x-`` carry what SDMX 2.1 knows and 3.1 has lost (``isFinal``) or what SDMX-JSON has no
property for (``uri``, ``serviceURL``). SDMX-JSON admits such extension properties; SDMX-ML 3.x carries them as annotations.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

import msgspec


@dataclass(frozen=True, slots=True)
class To:
    """What the references of a field may point at: URN classes; none means any.

    ``Annotated[Reference, To("Concept")]`` says it of one field; on a field that holds a struct it says it of all references below.
    """

    classes: frozenset[str]

    def __init__(self, *classes: str) -> None:
        object.__setattr__(self, "classes", frozenset(classes))


#: The URN of an artefact or item as it is written in references; :class:`registry.model.identity.Urn` parses it.
Reference = Annotated[str, To()]


class SdmxStruct(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """Base of every model class: immutable, compared by value, encoded without default values.

    Attributes:
        urn_class: Class name in the URNs of such things; empty for what has no URN.
    """

    urn_class: ClassVar[str] = ""


class Link(SdmxStruct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A typed link from an artefact to something outside the information model (SDMX-JSON ``links``, SDMX-ML 3.x ``Link``)."""

    rel: str
    href: str | None = None
    urn: str | None = None
    uri: str | None = None
    titles: dict[str, str] = {}
    type: str | None = None
    hreflang: str | None = None


class Annotation(SdmxStruct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A note on an artefact or item. ``links`` hold the annotation URLs (``rel="alternate"``, language in ``hreflang``)."""

    id: str | None = None
    title: str | None = None
    type: str | None = None
    value: str | None = None
    texts: dict[str, str] = {}
    links: tuple[Link, ...] = ()


class Annotable(SdmxStruct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """Anything that can carry annotations."""

    annotations: tuple[Annotation, ...] = ()


class Identifiable(Annotable, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """Anything with an id that is unique in its container, and therefore with a URN."""

    id: str
    links: tuple[Link, ...] = ()
    uri: str | None = msgspec.field(default=None, name="x-uri")


class Nameable(Identifiable, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """An identifiable thing with names and descriptions in any number of languages."""

    names: dict[str, str] = {}
    descriptions: dict[str, str] = {}


class Maintainable(Nameable, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """An artefact that an agency maintains: the unit of storage, versioning and exchange.

    Attributes:
        agency_id: Dotted id of the maintenance agency below the SDMX root scheme, e.g. ``SDMX`` or ``BIS.XTD``.
        version: Legacy (``1.0``) or semantic (``1.2.0-draft``) version, as written.
        valid_from: Start of validity, an ``xs:dateTime`` as written.
        is_external_reference: True for a stub whose content lives elsewhere.
        is_final: The SDMX 2.1 flag; in 3.x a semantic version without extension says the same, and None leaves it to the version.
            False only where the version would say otherwise: a version like ``1.0.0`` that SDMX 2.1 did not mean as a final one.
    """

    agency_id: str = msgspec.field(name="agencyID")
    version: str
    valid_from: str | None = None
    valid_to: str | None = None
    is_partial_language: bool = False
    is_external_reference: bool = False
    service_url: str | None = msgspec.field(default=None, name="x-serviceURL")
    structure_url: str | None = msgspec.field(default=None, name="x-structureURL")
    is_final: bool | None = msgspec.field(default=None, name="x-isFinal")
