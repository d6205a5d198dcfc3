"""From artefacts to SDMX-JSON objects (SDMX-JSON 2.0 and 2.1, structure message field guide)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import product
from typing import Any, Final

from exchange.codecs.negotiation.languages import filtered, lookup
from exchange.codecs.ports import StructureOptions
from exchange.codecs.sdmx_json.dialect import JsonDialect
from exchange.codecs.sdmx_json.plans import BEST_MATCH, Property, Shape, plan_of
from registry.model.base import Link, Maintainable, Nameable, SdmxStruct
from registry.model.codelists import CodeSelection, GeographicCodelist, GeoGridCodelist
from registry.model.constraints import (
    ComponentSelection,
    DataConstraint,
    DataKey,
    DataKeySet,
    SelectedValue,
    TimePeriodBound,
    TimeRange,
)
from registry.model.families import family_of
from registry.model.identity import PACKAGE_OF_CLASS, Urn
from registry.model.instants import zoned
from registry.model.maps import ValueMapping
from registry.model.representations import SentinelValue, TextFormat
from registry.model.structures import TimeDimension

Document = dict[str, Any]

#: What every time dimension may hold when it does not say more (Technical Notes, time dimension).
DEFAULT_TIME_TYPE: Final = "ObservationalTimePeriod"
#: The kinds of attachment one of which a constraint attachment must hold.
_ATTACHMENTS: Final = frozenset({"dataProvider", "dataStructures", "dataflows", "provisionAgreements", "simpleDataSources"})


class ArtefactWriter:
    """Writes the artefacts of one message; remembers which languages were written."""

    def __init__(self, dialect: JsonDialect, options: StructureOptions) -> None:
        self._dialect = dialect
        self._options = options
        self._choices: dict[tuple[str, ...], tuple[str, tuple[str, ...]]] = {}
        self._item_urns: dict[type[SdmxStruct], str] = {}
        self._artefact: Urn | None = None
        self._left_out = False
        self._touches: dict[type[SdmxStruct], Callable[[Any, Document], None]] = {
            DataConstraint: self._touch_constraint,
            DataKeySet: self._touch_key_set,
            TimeDimension: self._touch_time_dimension,
            Link: _touch_language,
            SelectedValue: _touch_value,
            SentinelValue: _touch_sentinel,
            CodeSelection: _touch_selection,
            GeographicCodelist: _touch_geographic,
            GeoGridCodelist: _touch_geographic,
            ValueMapping: _touch_validity,
            ComponentSelection: _touch_periods,
            DataKey: _touch_periods,
            TextFormat: _touch_periods,
            TimePeriodBound: _touch_periods,
            TimeRange: _touch_periods,
        }

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages of the texts written so far, sorted."""
        return tuple(sorted({self._dialect.language(tag) for _, kept in self._choices.values() for tag in kept}))

    def write(self, artefact: Maintainable) -> Document:
        """One artefact as an object of the array of its family."""
        urn = Urn.of(artefact)
        self._artefact, self._item_urns, self._left_out = urn, {}, False
        document = self._object(artefact, "")
        _touch_validity(artefact, document)
        document.setdefault("name", artefact.id)
        document.setdefault("names", {})
        links = [*self._self_link(urn, family_of(type(artefact)).resource), *document.get("links", ())]
        if links:
            document["links"] = links
        if self._left_out:
            document[self._dialect.renamed.get("isPartialLanguage", "isPartialLanguage")] = True
        return document

    def _self_link(self, urn: Urn, resource: str) -> list[Document]:
        link = {"rel": "self"}
        if urn.cls not in self._dialect.urns_refused:
            link["urn"] = str(urn)
        if self._options.base_url:
            path = f"{resource}/{urn.agency}/{urn.id}/{urn.version}"
            link["href"] = f"{self._options.base_url.rstrip('/')}/{path}"
        return [link] if len(link) > 1 else []

    def write_part(self, part: SdmxStruct) -> Document:
        """Something outside an artefact: an availability answer, a contact."""
        return self._object(part, "")

    def texts(self, document: Document, plural: str, texts: Mapping[str, str]) -> None:
        """Put texts into a document: the best match, and those in the languages wanted."""
        tags = tuple(texts)
        choice = self._choices.get(tags)
        if choice is None:
            choice = self._choices[tags] = self._choose(tags)
        chosen, kept = choice
        document[BEST_MATCH[plural]] = texts[chosen]
        if len(kept) == len(tags):
            document[plural] = texts
        else:
            self._left_out = True
            document[plural] = {tag: texts[tag] for tag in kept}

    def _choose(self, tags: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
        chosen = lookup(tags, self._options.languages) or tags[0]
        return chosen, filtered(tags, self._options.languages) or (chosen,)

    def _object(self, struct: SdmxStruct, path: str) -> Document:
        cls = type(struct)
        plan = plan_of(cls)
        document: Document = {} if plan.fixed_id is None else {"id": plan.fixed_id}
        nested = path
        if plan.is_nested:
            nested = f"{path}{struct.id}."  # type: ignore[attr-defined]  # nested items are identifiable
        for prop in plan.properties:
            value = getattr(struct, prop.field)
            if value is not prop.default and value != prop.default:
                self._property(document, prop, value, nested)
        if plan.urn_class is not None:
            self._complete_item(document, struct, path)
        touch = self._touches.get(cls)
        if touch is not None:
            touch(struct, document)
        return document

    def _property(self, document: Document, prop: Property, value: Any, path: str) -> None:
        if prop.shape is Shape.PLAIN:
            document[self._dialect.renamed.get(prop.name, prop.name)] = value
        elif prop.shape is Shape.TEXTS:
            self.texts(document, prop.name, value)
        elif prop.shape is Shape.STRUCTS:
            document[prop.name] = [self._object(item, path) for item in value]
        else:
            document[self._dialect.renamed.get(prop.name, prop.name)] = self._object(value, path)

    def _complete_item(self, document: Document, item: SdmxStruct, path: str) -> None:
        """The URN as a self link, and a name where the schema wants one."""
        identifier = document.get("id")
        if identifier is None:
            return
        if isinstance(item, Nameable) and "name" not in document:
            document["name"], document["names"] = identifier, {}
        if self._artefact is not None:
            prefix = self._item_urns.get(type(item)) or self._item_prefix(type(item))
            link = {"rel": "self", "urn": f"{prefix}{path}{identifier}"}
            document["links"] = [link, *document["links"]] if "links" in document else [link]

    def _item_prefix(self, cls: type[SdmxStruct]) -> str:
        urn_class = cls.urn_class
        short = self._artefact.short if self._artefact else ""
        prefix = f"urn:sdmx:org.sdmx.infomodel.{PACKAGE_OF_CLASS[urn_class]}.{urn_class}={short}."
        self._item_urns[cls] = prefix
        return prefix

    def _touch_constraint(self, constraint: DataConstraint, document: Document) -> None:
        if self._dialect.data_constraint_role and not constraint.is_external_reference:
            document.setdefault("role", "Allowed")
        attachment = document.get("constraintAttachment")
        if attachment is not None and not _ATTACHMENTS & attachment.keys():
            document["x-constraintAttachment"] = document.pop("constraintAttachment")

    def _touch_key_set(self, _: DataKeySet, document: Document) -> None:
        keys = [_touch_key(dict(key)) for key in document["keys"]]
        document["keys"] = keys if self._dialect.key_values_repeat else [single for key in keys for single in _single_valued(key)]

    def _touch_time_dimension(self, _: TimeDimension, document: Document) -> None:
        if self._dialect.time_representation_required:
            document.setdefault("localRepresentation", {})
        if "localRepresentation" in document:
            document["localRepresentation"].setdefault("format", {}).setdefault("dataType", DEFAULT_TIME_TYPE)


def _touch_validity(_: SdmxStruct, document: Document) -> None:
    """The schemas want instants with a zone (``format: date-time``)."""
    for name in ("validFrom", "validTo"):
        if name in document:
            document[name] = zoned(document[name])


def _touch_periods(_: SdmxStruct, document: Document) -> None:
    """Where periods stand the schemas want a zone too, but only of instants: a date is a period."""
    for name in ("period", "validFrom", "validTo", "startTime", "endTime"):
        if "T" in document.get(name, ""):
            document[name] = zoned(document[name])


def _touch_value(value: SelectedValue, document: Document) -> None:
    _touch_language(value, document)
    _touch_periods(value, document)


def _touch_language(_: SdmxStruct, document: Document) -> None:
    """The schemas admit tags in lower case only; readers bring them back to their usual form."""
    for name in ("hreflang", "lang"):
        if name in document:
            document[name] = document[name].lower()


def _touch_sentinel(sentinel: SentinelValue, document: Document) -> None:
    if "name" not in document:
        document["name"], document["names"] = str(sentinel.value), {}


def _touch_selection(_: CodeSelection, document: Document) -> None:
    if "memberValues" in document:
        document["memberValues"] = [member["value"] if len(member) == 1 else member for member in document["memberValues"]]


def _touch_geographic(codelist: GeographicCodelist | GeoGridCodelist, document: Document) -> None:
    document["geoType"] = codelist.geo_type


def _touch_key(key: Document) -> Document:
    """Values of key positions are plain strings; a position without values is one that is not mentioned."""
    positions = []
    for position in key.get("keyValues", ()):
        values = [value["value"] for value in position.pop("values", ())]
        if len(values) == 1:
            positions.append({**position, "value": values[0]})
        elif values:
            positions.append({**position, "values": values})
    if positions:
        key["keyValues"] = positions
    else:
        key.pop("keyValues", None)
    return key


def _single_valued(key: Document) -> Iterable[Document]:
    """The keys that a key with several values in a position stands for."""
    positions = key.get("keyValues", [])
    if not any("values" in position for position in positions):
        return [key]
    choices = [
        [{**_without_values(position), "value": value} for value in position.get("values", [position.get("value")])]
        for position in positions
    ]
    return [{**key, "keyValues": list(combination)} for combination in product(*choices)]


def _without_values(position: Document) -> Document:
    return {name: value for name, value in position.items() if name not in {"value", "values"}}
