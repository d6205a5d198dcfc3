"""Representations: text formats with facets, enumerations, occurrences (SDMXStructureBase.xsd).

The schema allows a representation less in one place than in another: a dimension has no multilingual text, an enumeration no decimals.
:class:`Place` says what a place admits. What it does not admit is carried with the component (see ``writing``).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from math import isfinite
from typing import Final

import msgspec

from exchange.codecs.sdmx_ml.artefacts.shared import read_texts
from exchange.codecs.sdmx_ml.dialect import XmlDialect
from exchange.codecs.sdmx_ml.markup import element, flag
from exchange.codecs.sdmx_ml.parsing import Node, Unreadable, as_number
from exchange.codecs.sdmx_ml.references import read_reference, write_reference
from exchange.codecs.sdmx_ml.writing import Carried, Writing
from registry.model.families import FAMILIES
from registry.model.identity import Urn
from registry.model.representations import NUMERIC_TYPES, TIME_TYPES, Occurrence, Representation, SentinelValue, TextFormat

_COUNTS: Final = ("min_length", "max_length", "decimals")
_XML_NAMES: Final = {
    "is_sequence": "isSequence",
    "interval": "interval",
    "start_value": "startValue",
    "end_value": "endValue",
    "time_interval": "timeInterval",
    "start_time": "startTime",
    "end_time": "endTime",
    "min_length": "minLength",
    "max_length": "maxLength",
    "min_value": "minValue",
    "max_value": "maxValue",
    "decimals": "decimals",
    "pattern": "pattern",
    "is_multi_lingual": "isMultiLingual",
}
_ALL_FACETS: Final = frozenset({*_XML_NAMES, "sentinel_values"})

# fmt: off
_CODED: Final = frozenset({
    "String", "Alpha", "AlphaNumeric", "Numeric", "BigInteger", "Integer", "Long", "Short", "Boolean", "URI", "Count",
    "InclusiveValueRange", "ExclusiveValueRange", "Incremental", "ObservationalTimePeriod", "StandardTimePeriod", "BasicTimePeriod",
    "GregorianTimePeriod", "GregorianYear", "GregorianYearMonth", "GregorianDay", "ReportingTimePeriod", "ReportingYear",
    "ReportingSemester", "ReportingTrimester", "ReportingQuarter", "ReportingMonth", "ReportingWeek", "ReportingDay", "Month",
    "MonthDay", "Day", "Duration",
})
# fmt: on
_SIMPLE_2_1: Final = _CODED | TIME_TYPES | {"Decimal", "Float", "Double", "DateTime", "TimeRange", "Time"}
_SIMPLE: Final = _SIMPLE_2_1 | {"GeospatialInformation"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a representation stands.

    Attributes:
        types: Data types it may have.
        facets: Facets its text format may have.
        enumerations: URN classes of the lists that may enumerate it.
        occurrences: Whether ``minOccurs`` and ``maxOccurs`` may be given.
        required: Whether a text format must be given: the data type to fill in.
        whole_numbers: Whether its numbers must be integers.
        simple_before_3: Whether SDMX 2.1 admits simple types only.
    """

    types: frozenset[str]
    facets: frozenset[str] = _ALL_FACETS
    enumerations: frozenset[str] = frozenset({"Codelist"})
    occurrences: bool = False
    required: str | None = None
    whole_numbers: bool = False
    simple_before_3: bool = False


_ANY_LIST: Final = frozenset({"Codelist", "ValueList"})

CONCEPT: Final = Place(_SIMPLE | {"XHTML"}, enumerations=_ANY_LIST, occurrences=True)
ATTRIBUTE: Final = replace(CONCEPT, simple_before_3=True)
MEASURE: Final = ATTRIBUTE
DIMENSION: Final = Place(_SIMPLE, _ALL_FACETS - {"is_multi_lingual"})
TIME_DIMENSION: Final = Place(
    TIME_TYPES, frozenset({"start_time", "end_time", "sentinel_values"}), frozenset(), required="ObservationalTimePeriod"
)
METADATA_ATTRIBUTE: Final = Place(_SIMPLE | {"XHTML"})
_ENUMERATED: Final = Place(_CODED, _ALL_FACETS - {"decimals", "is_multi_lingual", "sentinel_values"}, frozenset(), whole_numbers=True)

#: What SDMX 2.1 enumerates with a concept scheme, or not at all.
MEASURE_DIMENSION: Final = Place(frozenset(), frozenset(), frozenset({"ConceptScheme"}))


def _target(data_type: str, lists: frozenset[str] = frozenset()) -> Place:
    return Place(frozenset({data_type}), frozenset(), lists, required=data_type)


#: SDMX 2.1: the parts of metadata targets.
TARGET_PLACES: Final = {
    "KeyDescriptorValuesTarget": _target("KeyValues"),
    "DataSetTarget": _target("DataSetReference"),
    "ConstraintContentTarget": _target("AttachmentConstraintReference"),
    "ReportPeriodTarget": TIME_DIMENSION,
    "IdentifiableObjectTarget": _target("IdentifiableReference", frozenset(family.urn_class for family in FAMILIES if family.items)),
}


def read_representation(node: Node | None, enumerated_by: str = "Codelist") -> Representation | None:
    """A ``LocalRepresentation`` or ``CoreRepresentation``; None when there is no element.

    ``enumerated_by`` is the class of the list that enumerates it, where the reference does not say.
    """
    if node is None:
        return None
    representation = Representation(
        enumeration=read_reference(node.one("Enumeration"), enumerated_by),
        enumeration_format=_read_format(node.one("EnumerationFormat")),
        format=_read_format(node.one("TextFormat")),
        min_occurs=node.integer("minOccurs"),
        max_occurs=read_occurrence(node),
    )
    node.settled()
    return representation


def read_occurrence(node: Node) -> Occurrence | None:
    """``maxOccurs``: a number, or ``unbounded``."""
    return "unbounded" if node.get("maxOccurs") == "unbounded" else node.integer("maxOccurs")


def _read_format(node: Node | None) -> TextFormat | None:
    if node is None:
        return None
    data_type = node.get("textType")
    sentinels = tuple([_read_sentinel(child, data_type) for child in node.all("SentinelValue")])
    text_format = TextFormat(
        data_type=data_type,
        is_sequence=node.truth("isSequence"),
        interval=node.number("interval"),
        start_value=node.number("startValue"),
        end_value=node.number("endValue"),
        time_interval=node.get("timeInterval"),
        start_time=node.get("startTime"),
        end_time=node.get("endTime"),
        min_length=node.integer("minLength"),
        max_length=node.integer("maxLength"),
        min_value=node.number("minValue"),
        max_value=node.number("maxValue"),
        decimals=node.integer("decimals"),
        pattern=node.get("pattern"),
        is_multi_lingual=node.truth("isMultiLingual"),
        sentinel_values=sentinels,
    )
    node.settled()
    return text_format


def _read_sentinel(node: Node, data_type: str | None) -> SentinelValue:
    text = node.get("value")
    if text is None:
        raise Unreadable("'SentinelValue' has no attribute 'value'", node.line)
    value = _typed(text, data_type)
    return SentinelValue(value=value, names=read_texts(node.all("Name")), descriptions=read_texts(node.all("Description")))


def _typed(text: str, data_type: str | None) -> str | int | float:
    """A sentinel value: XML does not say whether it is a number, its data type does."""
    number = as_number(text) if data_type in NUMERIC_TYPES else None
    return text if number is None else number


def write_representation(
    writing: Writing, name: str, representation: Representation | None, place: Place, carried: Carried, field: str
) -> str:
    """A representation as its place admits it; if that is not all of it, the whole is carried under ``field``."""
    admitted = _admitted(representation, _place(place, writing.dialect))
    if admitted != representation:
        carried[field] = representation
    if admitted is None:
        return ""
    attributes = {"minOccurs": _digits(admitted.min_occurs), "maxOccurs": _digits(admitted.max_occurs)}
    if admitted.enumeration is None:
        return element(name, attributes, _write_format(writing, "str:TextFormat", admitted.format or TextFormat()))
    enumeration = write_reference("str:Enumeration", admitted.enumeration, writing.dialect)
    coded = admitted.enumeration_format
    return element(name, attributes, enumeration, "" if coded is None else _write_format(writing, "str:EnumerationFormat", coded))


def _place(place: Place, dialect: XmlDialect) -> Place:
    if dialect.has_multiple_values:
        return place
    facets = place.facets - {"sentinel_values"}
    if place.simple_before_3:
        place = DIMENSION
    return replace(
        place,
        types=place.types - {"GeospatialInformation"},
        facets=place.facets & facets,
        enumerations=place.enumerations - {"ValueList"},
        occurrences=False,
    )


def _admitted(representation: Representation | None, place: Place) -> Representation | None:
    """What of a representation a place admits."""
    if representation is None:
        return None if place.required is None else Representation(format=TextFormat(data_type=place.required))
    enumeration = representation.enumeration
    if enumeration is not None and Urn.parse(enumeration).cls not in place.enumerations:
        enumeration = None
    if enumeration is None:
        admitted = Representation(format=_admitted_format(representation.format or TextFormat(), place))
    else:
        coded = representation.enumeration_format
        admitted = Representation(
            enumeration=enumeration, enumeration_format=None if coded is None else _admitted_format(coded, _ENUMERATED)
        )
    if place.occurrences:
        admitted = msgspec.structs.replace(admitted, min_occurs=representation.min_occurs, max_occurs=representation.max_occurs)
    return admitted


def _admitted_format(text_format: TextFormat, place: Place) -> TextFormat:
    kept = {facet: value for facet in place.facets if _is_admitted(facet, value := getattr(text_format, facet), place)}
    data_type = text_format.data_type if text_format.data_type in place.types else place.required
    if text_format.sentinel_values and "sentinel_values" in kept:
        kept["sentinel_values"] = tuple(
            [
                msgspec.structs.replace(sentinel, value=_typed(_sentinel_text(sentinel), data_type))
                for sentinel in text_format.sentinel_values
            ]
        )
    return TextFormat(data_type=data_type, **kept)


def _is_admitted(facet: str, value: object, place: Place) -> bool:
    match value:
        case bool() | str() | None:
            return value is not None
        case int() | float() if facet in _COUNTS:
            return value > 0
        case int() | float():
            return isfinite(value) and (not place.whole_numbers or value == int(value))
        case tuple():
            return all(isinstance(sentinel, SentinelValue) and sentinel.names for sentinel in value)
        case _:
            return False


def _write_format(writing: Writing, name: str, text_format: TextFormat) -> str:
    attributes: dict[str, str | None] = {"textType": text_format.data_type}
    for facet, spelled in _XML_NAMES.items():
        value = getattr(text_format, facet)
        if value is not None:
            attributes[spelled] = flag(value) if isinstance(value, bool) else value if isinstance(value, str) else _digits(value)
    sentinels = [
        element(
            "str:SentinelValue",
            {"value": _sentinel_text(sentinel)},
            writing.texts("com:Name", sentinel.names),
            writing.texts("com:Description", sentinel.descriptions),
        )
        for sentinel in text_format.sentinel_values
    ]
    return element(name, attributes, *sentinels)


def _sentinel_text(sentinel: SentinelValue) -> str:
    return sentinel.value if isinstance(sentinel.value, str) else _digits(sentinel.value) or ""


def _digits(value: Occurrence | float | None) -> str | None:
    """A number without exponent, as ``xs:decimal`` wants it."""
    if value is None or isinstance(value, str):
        return value
    return format(Decimal(repr(value)), "f") if isinstance(value, float) else str(value)
