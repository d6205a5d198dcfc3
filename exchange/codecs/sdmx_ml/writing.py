"""A message being written: the dialect, the languages that are wanted, and where facts go that the dialect has no place for.

A fact without a place travels as an annotation of type ``x-`` and the name of its field, with the field as JSON in its title;
reading puts it back (:func:`restored`). In SDMX 2.1 the fact is lost, and the loss is recorded. The title holds it
and not the value, because readers in use (pysdmx) fail on annotation values.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final, TypeVar

import msgspec

from exchange.codecs.losses import Losses
from exchange.codecs.negotiation.languages import ANY_LANGUAGE, filtered, lookup
from exchange.codecs.sdmx_ml.dialect import XmlDialect
from exchange.codecs.sdmx_ml.markup import Attributes, container, element, escape, text_element
from registry.model.base import Annotable, Annotation, Identifiable, Link, Maintainable, Nameable

#: Facts on their way into annotations: field name in the model to value.
Carried = dict[str, object]

_ID: Final = re.compile(r"[A-Za-z0-9_@$\-]+")

AnyAnnotable = TypeVar("AnyAnnotable", bound=Annotable)

#: Type of the annotation that carries annotations which are not plain; beside it stand the same annotations as XML has them.
ANNOTATIONS: Final = "x-annotations"

#: Types of the annotations that carry facts. A closed list: an annotation of a stranger must not be able to change an artefact's identity.
CARRIED: Final = frozenset(
    {
        "x-attributeRelationship",
        "x-codelistExtensions",
        "x-constraintAttachment",
        "x-coreRepresentation",
        "x-cubeRegion",
        "x-cubeRegions",
        "x-dataKeySets",
        "x-dataStructureComponents",
        "x-dimensionConstraint",
        "x-evolvingStructure",
        "x-isFinal",
        "x-isPartialLanguage",
        "x-links",
        "x-localRepresentation",
        "x-metadataAttributeReference",
        "x-metadataStructureComponents",
        "x-names",
        "x-parent",
        "x-referencePeriod",
        "x-releaseCalendar",
        "x-role",
        "x-targets",
        "x-validFrom",
        "x-validTo",
        "x-version",
    }
)


class Writing:
    """What the writers of one message share.

    Attributes:
        dialect: The version of SDMX-ML that is written.
        losses: What could not be written; see :mod:`exchange.codecs.sdmx_ml.legacy`.
        artefact: The current artefact as people write it, for findings.
        is_versionless: True when the current artefact carries no version in this dialect.
        is_partial_language: True when the current artefact has texts in languages that were not asked for.
    """

    def __init__(self, dialect: XmlDialect, languages: Sequence[str] = ()) -> None:
        self.dialect = dialect
        self.losses = Losses()
        self.artefact = ""
        self.is_versionless = False
        self.is_partial_language = False
        self._languages = () if ANY_LANGUAGE in languages else tuple(languages)

    def begin(self, artefact: Maintainable, *, is_versionless: bool = False) -> None:
        """Go on to the next artefact."""
        self.is_versionless = is_versionless
        self.artefact = f"{type(artefact).__name__} {artefact.agency_id}:{artefact.id}({artefact.version})"
        self.is_partial_language = False

    def lose(self, code: str, message: str) -> None:
        """Record that a fact of the current artefact could not be written."""
        self.losses.lose(code, message, self.artefact or None)

    def texts(self, name: str, localised: Mapping[str, str]) -> str:
        """One element per language."""
        if self._languages:
            localised = self._wanted(localised)
        return "".join([f'<{name} xml:lang="{escape(language)}">{escape(text)}</{name}>' for language, text in localised.items()])

    def _wanted(self, localised: Mapping[str, str]) -> Mapping[str, str]:
        tags = filtered(localised, self._languages)
        if not tags:
            found = lookup(localised, self._languages)
            tags = () if found is None else (found,)
        self.is_partial_language |= len(tags) < len(localised)
        return {tag: localised[tag] for tag in tags}

    def annotations(self, annotations: Sequence[Annotation], carried: Carried | None = None) -> str:
        """The annotations of something, with the facts that have no place of their own."""
        carried = {} if carried is None else carried
        if self.dialect.has_links and not all(map(_is_plain, annotations)):
            carried["annotations"] = annotations
        if carried:
            annotations = (*annotations, *self._carry(carried))
        return container("com:Annotations", [self._annotation(annotation) for annotation in annotations]) if annotations else ""

    def _carry(self, carried: Carried) -> list[Annotation]:
        if self.dialect.has_links:
            return [Annotation(type=_carrier(field), title=msgspec.json.encode(value).decode()) for field, value in carried.items()]
        for field in carried:
            self.lose(f"no-place-{field.replace('_', '-')}", f"SDMX-ML {self.dialect.version} has no place for {camel(field)}")
        return []

    def _annotation(self, annotation: Annotation) -> str:
        urls = [link for link in annotation.links if link.href is not None]
        title, value = annotation.title, annotation.value
        if not self.dialect.has_links:
            title, value, urls = self._without_value(annotation, urls)
        return element(
            "com:Annotation",
            {"id": annotation.id if _is_id(annotation.id) else None},
            "" if title is None else text_element("com:AnnotationTitle", title),
            "" if annotation.type is None else text_element("com:AnnotationType", annotation.type),
            *[
                text_element("com:AnnotationURL", link.href or "", {"xml:lang": link.hreflang} if self.dialect.has_links else None)
                for link in urls
            ],
            self.texts("com:AnnotationText", annotation.texts),
            "" if value is None else text_element("com:AnnotationValue", value),
        )

    def _without_value(self, annotation: Annotation, urls: list[Link]) -> tuple[str | None, None, list[Link]]:
        title = annotation.title
        if annotation.value is not None:
            self.lose(
                "no-place-annotation-value",
                f"the value of annotation {annotation.id or annotation.type!r} became its title or was left out",
            )
            title = annotation.value if title is None else title
        if len(urls) > 1 or any(link.hreflang for link in urls):
            self.lose("no-place-annotation-url", f"annotation {annotation.id or annotation.type!r} keeps one URL without language")
        return title, None, urls[:1]

    def links(self, thing: Identifiable, carried: Carried, *, allowed: bool = True) -> str:
        """The links of something; what a ``Link`` element cannot say is carried."""
        if not thing.links:
            return ""
        if not (allowed and self.dialect.has_links):
            carried["links"] = thing.links
            return ""
        if any(link.uri or link.titles or link.hreflang for link in thing.links):
            carried["links"] = thing.links
        return "".join(
            [element("com:Link", {"rel": link.rel, "url": link.href or "", "urn": link.urn, "type": link.type}) for link in thing.links]
        )

    def identifiable(self, thing: Identifiable, carried: Carried, *, links: bool = True) -> str:
        """Annotations and links: how the content of every identifiable begins."""
        written = self.links(thing, carried, allowed=links)
        return self.annotations(thing.annotations, carried) + written if thing.annotations or carried else written

    def nameable(self, thing: Nameable, carried: Carried) -> str:
        """Annotations, links, names and descriptions. Where there is no name the id takes its place."""
        names = thing.names
        if not names:
            carried["names"] = names
            names = {"en": thing.id}
        texts = self.texts("com:Name", names)
        if thing.descriptions:
            texts += self.texts("com:Description", thing.descriptions)
        return self.identifiable(thing, carried) + texts

    @staticmethod
    def identity(thing: Identifiable, urn: str) -> Attributes:
        """The attributes of every identifiable."""
        return {"id": thing.id, "urn": urn, "uri": thing.uri}


@cache
def camel(field: str) -> str:
    """A field of the model as SDMX spells it: ``is_final`` as ``isFinal``."""
    first, *others = field.split("_")
    return first + "".join(part.capitalize() for part in others)


@cache
def _carrier(field: str) -> str:
    """Type of the annotation that carries a field.

    Raises:
        LookupError: When readers would not take it back, because it is missing in ``CARRIED``.
    """
    kind = f"x-{camel(field)}"
    if kind not in CARRIED and kind != ANNOTATIONS:
        raise LookupError(f"{kind} is not in CARRIED, so nothing would restore it")
    return kind


@cache
def _carriable(struct: type[Annotable]) -> Mapping[str, tuple[str, Any]]:
    fields = {f"x-{camel(field.name)}": (field.name, field.type) for field in msgspec.structs.fields(struct)}
    return {kind: fields[kind] for kind in CARRIED & fields.keys()}


def restored(thing: AnyAnnotable) -> AnyAnnotable:
    """The same thing with the facts back in their fields that its annotations carried."""
    if not thing.annotations:
        return thing
    changes: dict[str, Any] = {}
    kept: list[Annotation] = []
    for annotation in thing.annotations:
        field = _carriable(type(thing)).get(annotation.type or "") if _is_bare(annotation) else None
        try:
            if field is None:
                kept.append(annotation)
            else:
                changes[field[0]] = msgspec.json.decode(annotation.title or "", type=field[1])
        except msgspec.DecodeError:
            kept.append(annotation)
    return msgspec.structs.replace(thing, annotations=tuple(kept), **changes) if changes else thing


def restored_annotations(annotations: tuple[Annotation, ...]) -> tuple[Annotation, ...]:
    """The annotations of something as they were before they were written, with those that carry its fields."""
    carrier = next((annotation for annotation in annotations if annotation.type == ANNOTATIONS and _is_bare(annotation)), None)
    if carrier is None:
        return annotations
    try:
        originals = msgspec.json.decode(carrier.title or "", type=tuple[Annotation, ...])
    except msgspec.DecodeError:
        return annotations
    carriers = [annotation for annotation in annotations if annotation.type in CARRIED and _is_bare(annotation)]
    return (*originals, *carriers)


def _is_bare(annotation: Annotation) -> bool:
    """Whether an annotation has a title and nothing else beside its type, as those that carry facts."""
    return annotation == Annotation(type=annotation.type, title=annotation.title) and annotation.title is not None


def _is_id(text: str | None) -> bool:
    return text is not None and _ID.fullmatch(text) is not None


def _is_plain(annotation: Annotation) -> bool:
    """Whether SDMX-ML 3 can say all of an annotation: an id that follows the rules, and links that are the annotation's URLs."""
    urls = all(link == Link(rel="alternate", href=link.href, hreflang=link.hreflang) and link.href is not None for link in annotation.links)
    return urls and (annotation.id is None or _is_id(annotation.id))
