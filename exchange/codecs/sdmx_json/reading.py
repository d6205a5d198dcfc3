"""From SDMX-JSON objects to artefacts, whatever version wrote them: liberal, and with findings about what was not understood."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any, Final, TypeVar

import msgspec

from exchange.codecs.negotiation.languages import DEFAULT_LANGUAGE, usual_form
from exchange.codecs.sdmx_json.older_layouts import OLDER_LAYOUTS
from exchange.codecs.sdmx_json.plans import BEST_MATCH, Plan, plan_of
from registry.findings import Finding, Severity
from registry.model.base import Annotation, Link, Maintainable, Nameable, SdmxStruct
from registry.model.codelists import Code, CodeSelection
from registry.model.concepts import Concept, IsoConceptReference
from registry.model.constraints import ComponentSelection, ConstraintAttachment, DataConstraint, SelectedValue
from registry.model.maps import ValueMapping
from registry.model.organisations import Contact, OrganisationUnit
from registry.model.representations import Representation, TextFormat
from registry.model.structures import TIME_PERIOD, Attribute, Dataflow, DataStructure, Dimension, Measure, TimeDimension

Document = dict[str, Any]
S = TypeVar("S", bound=SdmxStruct)

#: Other names of properties: those of SDMX-JSON 2.0 that 3.1 has lost, and those of old writers.
_OTHER_NAMES: Final[dict[type[SdmxStruct], dict[str, str]]] = {
    Maintainable: {
        "isFinal": "x-isFinal",
        "serviceURL": "x-serviceURL",
        "structureURL": "x-structureURL",
        "uri": "x-uri",
        "x-isPartialLanguage": "isPartialLanguage",
    },
    DataStructure: {"x-evolvingStructure": "evolvingStructure"},
    Dataflow: {"x-dimensionConstraint": "dimensionConstraint"},
    DataConstraint: {
        "role": "x-role",
        "releaseCalendar": "x-releaseCalendar",
        "referencePeriod": "x-referencePeriod",
        "x-constraintAttachment": "constraintAttachment",
    },
    ConstraintAttachment: {"simpleDataSources": "x-simpleDataSources", "dataSets": "x-dataSets"},
    TextFormat: {"textType": "dataType"},
    Representation: {"textFormat": "format"},
}
_PATH: Final = re.compile(r"(?P<message>.*?)(?: - at `\$(?P<path>[^`]*)`)?", re.DOTALL)
#: Properties of SDMX-JSON that say nothing the model does not know.
_REDUNDANT: Final = frozenset({"urn", "geoType", "isExternalReference"})
#: Classes of objects that describe something and decide nothing: what is unknown there changes no meaning.
_DESCRIBING: Final = (Annotation, Link, Contact, IsoConceptReference)


class ArtefactReader:
    """Reads the artefacts of one message. ``language`` is that of texts that are given only as best match."""

    def __init__(self, language: str = DEFAULT_LANGUAGE) -> None:
        self._language = language
        self._unknown: dict[tuple[str, str], bool] = {}
        self._empty_links = 0

    def read(self, document: Any, struct: type[S], pointer: str) -> tuple[S | None, list[Finding]]:
        """One object as a model value, or None with a finding that says where and why not."""
        self._unknown, self._empty_links = {}, 0
        if not isinstance(document, dict):
            return None, [_error("invalid-artefact", f"expected an object, got {type(document).__name__}", pointer)]
        self._prepare(document, struct)
        findings = [_unknown(owner, name, pointer, matters=matters) for (owner, name), matters in self._unknown.items()]
        if self._empty_links:
            findings.append(_warning("empty-link", f"{_called(document, struct)}: a link that leads nowhere was left out", pointer))
        if any(self._unknown.values()):
            return None, findings
        try:
            return msgspec.convert(document, struct), findings
        except msgspec.ValidationError as error:
            strict = error
        try:
            value = msgspec.convert(document, struct, strict=False)
        except msgspec.ValidationError:
            message, place = _explain(strict)
            return None, [*findings, _error("invalid-artefact", f"{_called(document, struct)}: {message}", pointer + place)]
        message, place = _explain(strict)
        return value, [
            *findings,
            _warning("converted-value", f"{_called(document, struct)}: {message}; the value was converted", pointer + place),
        ]

    def _prepare(self, document: Document, struct: type[SdmxStruct]) -> None:
        """Bring an object into the shape of the model, in place."""
        plan = plan_of(struct)
        if None in document.values():
            for name in [name for name, value in document.items() if value is None]:
                del document[name]
        for touch in _touches(struct):
            touch(document)
        if not document.keys() <= plan.known:
            self._report_unknown(document, struct, plan)
        for plural in plan.texts:
            if not document.get(plural):
                self._text_alone(document, plural)
        for name, child in plan.children:
            if name in document:
                if name == "links":
                    document[name] = self._links(document[name])
                self._prepare_children(document[name], child)

    def _prepare_children(self, value: Any, struct: type[SdmxStruct]) -> None:
        for child in value if isinstance(value, list) else (value,):
            if isinstance(child, dict):
                self._prepare(child, struct)

    def _links(self, links: Any) -> Any:
        """Links that lead somewhere; what they are for is ``related`` when they do not say."""
        kept = []
        for link in _foreign(links) if isinstance(links, list) else ():
            if isinstance(link, dict) and not any(link.get(name) for name in ("href", "urn", "uri")):
                self._empty_links += 1
            else:
                kept.append({**link, "rel": link.get("rel") or "related"} if isinstance(link, dict) else link)
        return kept if isinstance(links, list) else links

    def _text_alone(self, document: Document, plural: str) -> None:
        """A text given only as best match is in the language of the message."""
        text = document.get(BEST_MATCH[plural])
        if not isinstance(text, str):
            return
        # An empty object beside a name that repeats the id says that there is no name (see ``ArtefactWriter``).
        if plural in document and text == str(document.get("id", document.get("value"))):
            return
        document[plural] = {self._language: text}

    def _report_unknown(self, document: Document, struct: type[SdmxStruct], plan: Plan) -> None:
        for name in document.keys() - plan.known - _REDUNDANT:
            if name == "links" and not _foreign(document[name]):
                continue
            key = struct.__name__, str(name)
            self._unknown[key] = self._unknown.get(key, False) or _matters(struct, str(name), document[name])


def _matters(struct: type[SdmxStruct], name: str, value: Any) -> bool:
    """Whether a property that is not known could change what the artefact means.

    Extensions cannot, nor what describes; artefacts and items may have further facts in one word, but no further content and no further
    references.
    """
    if name.startswith("x-") or issubclass(struct, _DESCRIBING) or value in ([], {}, ""):
        return False
    return not issubclass(struct, Nameable) or isinstance(value, list | dict) or str(value).startswith("urn:sdmx:")


def _unknown(owner: str, name: str, pointer: str, *, matters: bool) -> Finding:
    if matters:
        text = f"{name!r} is not a property of {owner}, and could change what the artefact means; the artefact was not read"
        return _error("unknown-property", text, pointer)
    return _warning("unknown-property", f"{name!r} is not a property of {owner}; it was left out", pointer)


@cache
def _touches(struct: type[SdmxStruct]) -> tuple[Callable[[Document], None], ...]:
    """What has to be done to objects of a class before they are converted."""
    found: list[Callable[[Document], None]] = [touch for cls, touch in OLDER_LAYOUTS.items() if issubclass(struct, cls)]
    for cls, names in _OTHER_NAMES.items():
        if issubclass(struct, cls):
            found.append(_renaming(names))
    found.extend(touch for cls, touch in _TOUCHES.items() if issubclass(struct, cls))
    return tuple(found)


def _renaming(names: dict[str, str]) -> Callable[[Document], None]:
    def rename(document: Document) -> None:
        for other, name in names.items():
            if other in document:
                value = document.pop(other)
                document.setdefault(name, value)

    return rename


def _touch_maintainable(document: Document) -> None:
    document.setdefault("version", "1.0")
    if document.get("isExternalReference") is True:
        # Some writers (FMR) give a stub empty objects and lists instead of its content.
        for name in [name for name, value in document.items() if name not in {*BEST_MATCH, "annotations"} and _is_hollow(value)]:
            del document[name]


def _is_hollow(value: Any) -> bool:
    """True for objects and lists that hold nothing but empty ones."""
    if isinstance(value, dict):
        return all(_is_hollow(member) for member in value.values())
    return isinstance(value, list) and all(_is_hollow(member) for member in value)


def _touch_component(document: Document) -> None:
    """A component without id has that of its concept (SDMX 3.1 Section 2, component)."""
    concept = document.get("conceptIdentity")
    if "id" not in document and isinstance(concept, str):
        document["id"] = concept.rpartition(".")[2]


def _touch_time_dimension(document: Document) -> None:
    document.setdefault("id", TIME_PERIOD)


def _touch_parent(document: Document) -> None:
    """Some writers give the URN of the parent."""
    parent = document.get("parent")
    if isinstance(parent, str) and parent.startswith("urn:"):
        document["parent"] = parent.rpartition(").")[2]


def _touch_selection(document: Document) -> None:
    if "value" in document:
        document.setdefault("values", [document.pop("value")])
    document["values"] = _as_objects(document.get("values", []))


def _touch_language(document: Document) -> None:
    for name in ("hreflang", "lang"):
        if isinstance(document.get(name), str):
            document[name] = usual_form(document[name])


def _touch_code_selection(document: Document) -> None:
    if "memberValues" in document:
        document["memberValues"] = _as_objects(document["memberValues"])


def _touch_value_mapping(document: Document) -> None:
    if "sourceValues" in document:
        document["sourceValues"] = _as_objects(document["sourceValues"])


_TOUCHES: Final[dict[type[SdmxStruct], Callable[[Document], None]]] = {
    Maintainable: _touch_maintainable,
    Dimension: _touch_component,
    Measure: _touch_component,
    Attribute: _touch_component,
    TimeDimension: _touch_time_dimension,
    Code: _touch_parent,
    Concept: _touch_parent,
    OrganisationUnit: _touch_parent,
    Link: _touch_language,
    SelectedValue: _touch_language,
    ComponentSelection: _touch_selection,
    CodeSelection: _touch_code_selection,
    ValueMapping: _touch_value_mapping,
}


def _as_objects(values: Any) -> Any:
    """Values written as plain strings or numbers become objects."""
    if not isinstance(values, list):
        return values
    return [value if isinstance(value, dict) else {"value": value if isinstance(value, str) else str(value)} for value in values]


def _foreign(links: Any) -> Any:
    """Links that do not just repeat what the artefact is or where this message came from."""
    if not isinstance(links, list):
        return links
    return [link for link in links if not (isinstance(link, dict) and link.get("rel") == "self")]


def _called(document: Document, struct: type[SdmxStruct]) -> str:
    identity = document.get("id", "without id")
    if issubclass(struct, Maintainable):
        identity = f"{document.get('agencyID', '?')}:{identity}({document.get('version', '?')})"
    return f"{struct.__name__} {identity}"


def _explain(error: msgspec.ValidationError) -> tuple[str, str]:
    """The message, and the place as the rest of a JSON pointer."""
    match = _PATH.fullmatch(str(error))
    if match is None or match["path"] is None:
        return str(error), ""
    return match["message"], re.sub(r"\.|\[|\]\.?", "/", match["path"]).rstrip("/")


def _error(code: str, message: str, place: str) -> Finding:
    return Finding(code, Severity.ERROR, message, place=place)


def _warning(code: str, message: str, place: str) -> Finding:
    return Finding(code, Severity.WARNING, message, place=place)
