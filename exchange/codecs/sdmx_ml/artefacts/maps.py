"""Structure maps and representation maps (SDMXStructureStructureMappings.xsd)."""

from __future__ import annotations

from typing import Final, Literal, TypedDict, TypeVar

from exchange.codecs.sdmx_ml.artefacts.shared import Notes, read_links, read_maintenance, read_notes, urn_stem, write_artefact
from exchange.codecs.sdmx_ml.markup import element, escape, text_element, true_only
from exchange.codecs.sdmx_ml.parsing import Node, Unreadable
from exchange.codecs.sdmx_ml.references import read_local, read_locals, read_reference, write_reference
from exchange.codecs.sdmx_ml.writing import Carried, Writing, restored
from registry.model.base import Link
from registry.model.maps import (
    ComponentMap,
    DateMap,
    DatePatternMap,
    EpochMap,
    FixedValueMap,
    FrequencyFormatMapping,
    MappedComponents,
    MappedList,
    MappedValue,
    RepresentationMap,
    StructureMap,
    ValueMapping,
)

_Resolution = Literal["startOfPeriod", "endOfPeriod", "midPeriod"]
_Epoch = Literal["nanosecond", "millisecond", "microsecond", "second", "day"]
_Word = TypeVar("_Word", bound=str)

_RESOLUTIONS: Final[dict[str, _Resolution]] = {
    "startOfPeriod": "startOfPeriod",
    "endOfPeriod": "endOfPeriod",
    "midPeriod": "midPeriod",
}
_EPOCHS: Final[dict[str, _Epoch]] = {
    "nanosecond": "nanosecond",
    "millisecond": "millisecond",
    "microsecond": "microsecond",
    "second": "second",
    "day": "day",
}


class _Identity(Notes):
    id: str | None
    uri: str | None
    links: tuple[Link, ...]


class _DateFields(_Identity):
    mapped_components: tuple[MappedComponents, ...]
    resolve_period: _Resolution | None
    frequency_dimension: str | None
    mapped_frequencies: tuple[str, ...]
    target_frequency_id: str | None


class _Sides(TypedDict):
    source: str | None
    target: str | None


def _word(node: Node, attribute: str, words: dict[str, _Word]) -> _Word:
    text = node.require(attribute)
    if text not in words:
        raise Unreadable(f"{attribute}={text!r} of {node.name!r} is not one of {', '.join(words)}", node.line)
    return words[text]


def read_structure_map(node: Node) -> StructureMap:
    """A ``StructureMap``."""
    return StructureMap(
        **read_maintenance(node),
        source=read_reference(node.one("Source"), "DataStructure"),
        target=read_reference(node.one("Target"), "DataStructure"),
        epoch_maps=tuple([_read_epoch_map(child) for child in node.all("EpochMap")]),
        date_pattern_maps=tuple([_read_date_pattern_map(child) for child in node.all("DatePatternMap")]),
        frequency_format_mappings=tuple([_read_frequency_format(child) for child in node.all("FrequencyFormatMapping")]),
        component_maps=tuple([_read_component_map(child) for child in node.all("ComponentMap")]),
        fixed_value_maps=tuple([_read_fixed_value_map(child) for child in node.all("FixedValueMap")]),
    )


def _read_identity(node: Node) -> _Identity:
    return {**read_notes(node), "id": node.get("id"), "uri": node.get("uri"), "links": read_links(node)}


def _read_date_fields(node: Node) -> _DateFields:
    pairs = zip(read_locals(node.all("Source")), read_locals(node.all("Target")), strict=False)
    return {
        **_read_identity(node),
        "mapped_components": tuple([MappedComponents(source=source, target=target) for source, target in pairs]),
        "resolve_period": None if node.get("resolvePeriod") is None else _word(node, "resolvePeriod", _RESOLUTIONS),
        "frequency_dimension": read_local(node.one("FrequencyDimension")),
        "mapped_frequencies": read_locals(node.all("MappedFrequencies")),
        "target_frequency_id": read_local(node.one("TargetFrequencyID")),
    }


def _read_epoch_map(node: Node) -> EpochMap:
    fields = _read_date_fields(node)
    return restored(EpochMap(**fields, base_period=node.require("basePeriod"), epoch_period=_word(node, "epochPeriod", _EPOCHS)))


def _read_date_pattern_map(node: Node) -> DatePatternMap:
    fields = _read_date_fields(node)
    return restored(DatePatternMap(**fields, source_pattern=node.require("sourcePattern"), locale=node.require("locale")))


def _read_frequency_format(node: Node) -> FrequencyFormatMapping:
    frequency = read_local(node.need("FrequencyId")) or ""
    return restored(FrequencyFormatMapping(**_read_identity(node), frequency_id=frequency, date_pattern=node.need("DatePattern").text))


def _read_component_map(node: Node) -> ComponentMap:
    return ComponentMap(
        **read_notes(node),
        source=read_locals(node.all("Source")),
        target=read_locals(node.all("Target")),
        representation_map=read_reference(node.one("RepresentationMap"), "RepresentationMap"),
    )


def _read_fixed_value_map(node: Node) -> FixedValueMap:
    sides: _Sides = {"source": read_local(node.one("Source")), "target": read_local(node.one("Target"))}
    return FixedValueMap(**read_notes(node), **sides, values=tuple([child.text for child in node.all("Value")]))


def write_structure_map(writing: Writing, structure_map: StructureMap) -> str:
    """A ``StructureMap``."""
    dialect = writing.dialect
    return write_artefact(
        writing,
        "str:StructureMap",
        structure_map,
        {},
        {},
        write_reference("str:Source", structure_map.source, dialect),
        write_reference("str:Target", structure_map.target, dialect),
        *[_write_epoch_map(writing, epoch, structure_map) for epoch in structure_map.epoch_maps],
        *[_write_date_pattern_map(writing, pattern, structure_map) for pattern in structure_map.date_pattern_maps],
        *[_write_frequency_format(writing, mapping, structure_map) for mapping in structure_map.frequency_format_mappings],
        *[_write_component_map(writing, component) for component in structure_map.component_maps],
        *[_write_fixed_value_map(writing, fixed) for fixed in structure_map.fixed_value_maps],
    )


def _identity(writing: Writing, thing: DateMap | FrequencyFormatMapping, cls: str, structure_map: StructureMap) -> dict[str, str | None]:
    """The attributes of a part whose id may be missing; then it has no URN either."""
    urn = None if thing.id is None else f"{urn_stem(structure_map, writing, cls)}.{thing.id}"
    return {"id": thing.id, "urn": urn, "uri": thing.uri}


def _names(name: str, ids: tuple[str, ...]) -> str:
    return "".join([element(f"str:{name}", None, escape(identifier)) for identifier in ids])


def _write_date_fields(writing: Writing, date_map: DateMap) -> str:
    carried: Carried = {}
    head = writing.identifiable(date_map, carried)
    pairs = [_names("Source", (pair.source,)) + _names("Target", (pair.target,)) for pair in date_map.mapped_components]
    if date_map.target_frequency_id is not None:
        frequency = _names("TargetFrequencyID", (date_map.target_frequency_id,))
    else:
        dimension = () if date_map.frequency_dimension is None else (date_map.frequency_dimension,)
        frequency = _names("FrequencyDimension", dimension) + _names("MappedFrequencies", date_map.mapped_frequencies)
    return head + "".join(pairs) + frequency


def _write_epoch_map(writing: Writing, epoch: EpochMap, structure_map: StructureMap) -> str:
    attributes = {
        **_identity(writing, epoch, "EpochMap", structure_map),
        "resolvePeriod": epoch.resolve_period,
        "basePeriod": epoch.base_period,
        "epochPeriod": epoch.epoch_period,
    }
    return element("str:EpochMap", attributes, _write_date_fields(writing, epoch))


def _write_date_pattern_map(writing: Writing, pattern: DatePatternMap, structure_map: StructureMap) -> str:
    attributes = {
        **_identity(writing, pattern, "DatePatternMap", structure_map),
        "resolvePeriod": pattern.resolve_period,
        "sourcePattern": pattern.source_pattern,
        "locale": pattern.locale,
    }
    return element("str:DatePatternMap", attributes, _write_date_fields(writing, pattern))


def _write_frequency_format(writing: Writing, mapping: FrequencyFormatMapping, structure_map: StructureMap) -> str:
    carried: Carried = {}
    head = writing.identifiable(mapping, carried)
    attributes = _identity(writing, mapping, "FrequencyFormatMapping", structure_map)
    pattern = text_element("str:DatePattern", mapping.date_pattern)
    return element("str:FrequencyFormatMapping", attributes, head, _names("FrequencyId", (mapping.frequency_id,)), pattern)


def _write_component_map(writing: Writing, component: ComponentMap) -> str:
    return element(
        "str:ComponentMap",
        None,
        writing.annotations(component.annotations),
        _names("Source", component.source),
        _names("Target", component.target),
        write_reference("str:RepresentationMap", component.representation_map, writing.dialect),
    )


def _write_fixed_value_map(writing: Writing, fixed: FixedValueMap) -> str:
    side = _names("Source", (fixed.source,)) if fixed.source is not None else _names("Target", (fixed.target or "",))
    values = [text_element("str:Value", value) for value in fixed.values]
    return element("str:FixedValueMap", None, writing.annotations(fixed.annotations), side, *values)


def read_representation_map(node: Node) -> RepresentationMap:
    """A ``RepresentationMap``."""
    columns: dict[str, list[MappedList]] = {"Source": [], "Target": []}
    for child in node.children():
        side = child.name[:6]
        if child.name in {"SourceCodelist", "TargetCodelist"}:
            columns[side].append(MappedList(codelist=read_reference(child, "Codelist")))
        elif child.name in {"SourceDataType", "TargetDataType"}:
            columns[side].append(MappedList(data_type=child.token))
    return RepresentationMap(
        **read_maintenance(node),
        source=tuple(columns["Source"]),
        target=tuple(columns["Target"]),
        representation_mappings=tuple([_read_mapping(child) for child in node.all("RepresentationMapping")]),
    )


def _read_mapping(node: Node) -> ValueMapping:
    mapping = ValueMapping(
        **read_notes(node),
        source_values=tuple([_read_mapped_value(child) for child in node.all("SourceValue")]),
        target_values=tuple([child.text for child in node.all("TargetValue")]),
        valid_from=node.get("validFrom"),
        valid_to=node.get("validTo"),
    )
    return restored(mapping)


def _read_mapped_value(node: Node) -> MappedValue:
    value = MappedValue(
        value=node.text,
        is_reg_ex=node.truth("isRegEx") or False,
        start_index=node.integer("startIndex"),
        end_index=node.integer("endIndex"),
    )
    node.settled()
    return value


def write_representation_map(writing: Writing, representation_map: RepresentationMap) -> str:
    """A ``RepresentationMap``."""
    columns = [
        _write_column(writing, side, column)
        for side, listed in (("Source", representation_map.source), ("Target", representation_map.target))
        for column in listed
    ]
    mappings = [_write_mapping(writing, mapping) for mapping in representation_map.representation_mappings]
    return write_artefact(writing, "str:RepresentationMap", representation_map, {}, {}, *columns, *mappings)


def _write_column(writing: Writing, side: str, column: MappedList) -> str:
    if column.codelist is not None:
        return write_reference(f"str:{side}Codelist", column.codelist, writing.dialect)
    return text_element(f"str:{side}DataType", column.data_type or "String")


def _write_mapping(writing: Writing, mapping: ValueMapping) -> str:
    carried: Carried = {}
    validity = {
        "validFrom": _date(mapping.valid_from, "valid_from", carried),
        "validTo": _date(mapping.valid_to, "valid_to", carried),
    }
    sources = [
        element(
            "str:SourceValue",
            {"isRegEx": true_only(value.is_reg_ex), "startIndex": _index(value.start_index), "endIndex": _index(value.end_index)},
            escape(value.value),
        )
        for value in mapping.source_values
    ]
    targets = [text_element("str:TargetValue", value) for value in mapping.target_values]
    notes = writing.annotations(mapping.annotations, carried)
    return element("str:RepresentationMapping", validity, notes, *sources, *targets)


def _index(index: int | None) -> str | None:
    return None if index is None else str(index)


def _date(value: str | None, field: str, carried: Carried) -> str | None:
    """A day, which is all that XML has room for; SDMX-JSON has instants here."""
    if value is None or len(value) == 10:
        return value
    carried[field] = value
    return value[:10]
