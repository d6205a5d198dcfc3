"""The object ``structure`` of a data message: components with their values (SDMX-JSON data message, section structure)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final

import msgspec

from exchange.codecs.data_writing.labels import best_match
from exchange.codecs.data_writing.periods import limits, name_of_period
from exchange.codecs.data_writing.placement import Placement
from exchange.codecs.data_writing.references import presented, presented_urn
from exchange.codecs.negotiation.languages import filtered
from exchange.codecs.ports import DataSet
from exchange.codecs.sdmx_json.data.cells import ValueIndex
from exchange.codecs.sdmx_json.data.dialect import JsonDataDialect
from exchange.codecs.sdmx_json.writing import ArtefactWriter, Document
from registry.data_schema import Level, Role, SchemaComponent
from registry.model.codelists import Codelist
from registry.model.identity import Urn
from registry.model.structures import Attribute

_ID: Final = re.compile(r"[A-Za-z0-9_@$\-]+")


class StructureDescription:
    """Describes the structure of datasets that share schema and layout, after their values are known."""

    def __init__(
        self, dataset: DataSet, place: Placement, indexes: Mapping[str, ValueIndex], languages: tuple[str, ...], dialect: JsonDataDialect
    ) -> None:
        self._dialect = dialect
        self._dataset = dataset
        self._place = place
        self._indexes = indexes
        self._languages = languages
        self._positions = {dimension.id: position for position, dimension in enumerate(dataset.schema.all_dimensions)}

    def document(self, datasets: list[int], writer: ArtefactWriter) -> Document:
        """The object; all arrays that clients look for are there, even when empty."""
        place, schema = self._place, self._dataset.schema
        artefact = presented(self._dataset)[1]
        grouped = [name for _, names in place.groups for name in names]
        document: Document = {"links": links(self._dataset), **self._named(artefact.names or {"en": artefact.id})}
        if artefact.descriptions:
            described = self._named(artefact.descriptions)
            document |= {"description": described["name"], "descriptions": described["names"]}
        dimensions = {"dataSet": (), "series": place.series, "observation": place.observation}
        attributes = {
            "dataSet": place.dataset_attributes,
            "dimensionGroup": grouped,
            "series": place.series_attributes,
            "observation": place.observation_attributes,
        }
        return document | {
            "dimensions": {level: [self._dimension(schema[name], writer) for name in names] for level, names in dimensions.items()},
            "measures": {"observation": [self._measure(schema[name], writer) for name in place.measures]},
            "attributes": {level: [self._attribute(schema[name], writer) for name in names] for level, names in attributes.items()},
            "dataSets": datasets,
        }

    def _named(self, names: Mapping[str, str]) -> Document:
        return {
            "name": best_match(names, self._languages),
            "names": {tag: names[tag] for tag in filtered(names, self._languages)} or dict(names),
        }

    def _component(self, component: SchemaComponent, writer: ArtefactWriter) -> Document:
        document: Document = {"id": component.id, **self._named(component.names)}
        roles = [role for reference in getattr(component.definition, "concept_roles", ()) if (role := Urn.parse(reference).item)]
        if component.role is Role.TIME_DIMENSION:
            roles.append(component.id)
        if roles:
            document["roles"] = roles
        if component.representation.format is not None and component.representation.enumeration is None:
            document["format"] = writer.write_part(component.representation.format)
        return document

    def _dimension(self, component: SchemaComponent, writer: ArtefactWriter) -> Document:
        document = self._component(component, writer) | {"keyPosition": self._positions[component.id]}
        values = self._values(component)
        return document | {"values": values} if values else document

    def _measure(self, component: SchemaComponent, writer: ArtefactWriter) -> Document:
        document = self._component(component, writer) | {"isMandatory": component.mandatory}
        representation = component.representation
        occurrences = {"minOccurs": representation.min_occurs, "maxOccurs": representation.max_occurs}
        document |= {name: value for name, value in occurrences.items() if value is not None}
        values = self._values(component) if component.id in self._indexes else []
        return document | {"values": values} if values else document

    def _attribute(self, component: SchemaComponent, writer: ArtefactWriter) -> Document:
        return self._measure(component, writer) | {"relationship": _relationship(component, len(self._positions))}

    def _values(self, component: SchemaComponent) -> list[Document]:
        ids = self._indexes[component.id].values
        if component.role is Role.TIME_DIMENSION:
            return [self._period(value) for value in ids]
        if component.codelist is None and component.representation.enumeration is None:
            return [{"value": value} for value in ids]
        codes = component.codelist.codes if isinstance(component.codelist, Codelist) else ()
        facts = {code.id: (order, code.parent) for order, code in enumerate(codes)}
        return [self._code(value, component, *facts.get(value, (None, None))) for value in ids]

    def _period(self, value: str) -> Document:
        """A period with its first and last moment; by 2.0 it stands under ``id`` where it may be one, as the samples of 2.0 have it."""
        name = name_of_period(value)
        document: Document = (
            {"value": name} if self._dialect.has_period_values else _identified(name) | {"name": name, "names": {"en": name}}
        )
        span = limits(value)
        return document if span is None else document | {"start": _instant(span[0]), "end": _instant(span[1])}

    def _code(self, value: str, component: SchemaComponent, order: int | None, parent: str | None) -> Document:
        document = _identified(value) | self._named(component.code_names.get(value) or {"en": value})
        if order is not None:
            document["order"] = order
        if parent is not None:
            document["parent"] = parent
        return document


def links(dataset: DataSet) -> list[Document]:
    """What a dataset is an instance of: the artefact it is presented as, then its data structure."""
    urns = dict.fromkeys((presented_urn(dataset), Urn.of(dataset.schema.structure)))
    return [{"rel": urn.cls.lower() if urn.cls != "ProvisionAgreement" else "provisionagreement", "urn": str(urn)} for urn in urns]


def _relationship(component: SchemaComponent, dimensions: int) -> Document:
    if component.level is Level.DATASET:
        relationship: Document = {"dataflow": {}}
    elif component.attached_to and len(component.attached_to) < dimensions:
        relationship = {"dimensions": list(component.attached_to)}
    else:
        relationship = {"observation": {}}
    if isinstance(component.definition, Attribute) and component.definition.measure_relationship:
        relationship["measures"] = list(component.definition.measure_relationship)
    return relationship


def _identified(value: str) -> Document:
    """The value as id, where it may be one (``#N/A``, items of value lists and some periods may not)."""
    return {"id": value} if _ID.fullmatch(value) else {"value": value}


def _instant(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def encoded(document: Document | str) -> str:
    """A document as text."""
    return msgspec.json.encode(document).decode()
