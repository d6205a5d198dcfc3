"""Codelists with extensions, geographic codelists and value lists (SDMXStructureCodelist.xsd)."""

from __future__ import annotations

import re
from typing import Final

from exchange.codecs.sdmx_ml.artefacts.items import read_partial, write_item, write_scheme
from exchange.codecs.sdmx_ml.artefacts.shared import (
    Naming,
    read_maintenance,
    read_naming,
    read_notes,
    read_text,
    read_texts,
    write_artefact,
)
from exchange.codecs.sdmx_ml.markup import element, escape, text_element
from exchange.codecs.sdmx_ml.parsing import Node, Unreadable
from exchange.codecs.sdmx_ml.references import read_local, read_reference, write_local, write_reference
from exchange.codecs.sdmx_ml.writing import Carried, Writing, restored
from registry.model.codelists import (
    Cascade,
    Code,
    Codelist,
    CodelistExtension,
    CodeSelection,
    GeoFeatureSetCode,
    GeographicCodelist,
    GeoGridCode,
    GeoGridCodelist,
    MemberValue,
    ValueItem,
    ValueList,
)

#: The pattern of the schema, which forgets the hyphen that ids may have (``[A-Za-z0-9_@$-%]``, a range from $ to %).
_MEMBER: Final = re.compile(r"[A-Za-z0-9_@$%]+")
_STARTS_WITH_LETTER: Final = re.compile(r"[A-Za-z][A-Za-z0-9_\-]*")


def read_codelist(node: Node) -> Codelist:
    """A ``Codelist``."""
    return Codelist(
        **read_maintenance(node),
        is_partial=read_partial(node),
        codes=tuple([restored(Code(**read_naming(code), parent=read_local(code.one("Parent")))) for code in node.all("Code")]),
        codelist_extensions=_read_extensions(node),
    )


def write_codelist(writing: Writing, codelist: Codelist) -> str:
    """A ``Codelist``."""
    carried: Carried = {}
    tail = _write_extensions(writing, codelist.codelist_extensions, carried)
    return write_scheme(
        writing,
        "str:Codelist",
        codelist,
        codelist.codes,
        "Code",
        _write_code,
        is_partial=codelist.is_partial,
        carried=carried,
        tail=tail,
    )


def _write_code(writing: Writing, code: Code, stem: str) -> str:
    carried: Carried = {}
    parent = _write_parent(writing, code, carried)
    return write_item(writing, "str:Code", code, stem + code.id, carried, parent)


def _write_parent(writing: Writing, code: Code, carried: Carried) -> str:
    if code.parent is None:
        return ""
    if not writing.dialect.has_numeric_parents and _STARTS_WITH_LETTER.fullmatch(code.parent) is None:
        carried["parent"] = code.parent
        writing.lose(
            "parent-in-annotation",
            f"SDMX-ML {writing.dialect.version} takes only parents that begin with a letter; another one stands in an annotation",
        )
        return ""
    return write_local("str:Parent", code.parent, writing.dialect, "Code")


def read_geographic_codelist(node: Node) -> GeographicCodelist:
    """A ``GeographicCodelist``."""
    return GeographicCodelist(
        **read_maintenance(node),
        is_partial=read_partial(node),
        codes=tuple([_read_feature(code) for code in node.all("GeoFeatureSetCode")]),
        codelist_extensions=_read_extensions(node),
    )


def _read_feature(node: Node) -> GeoFeatureSetCode:
    naming: Naming = read_naming(node)
    return restored(GeoFeatureSetCode(**naming, parent=read_local(node.one("Parent")), value=node.get("value") or ""))


def write_geographic_codelist(writing: Writing, codelist: GeographicCodelist) -> str:
    """A ``GeographicCodelist``."""
    carried: Carried = {}
    tail = _write_extensions(writing, codelist.codelist_extensions, carried)
    return write_scheme(
        writing,
        "str:GeographicCodelist",
        codelist,
        codelist.codes,
        "Code",
        _write_feature,
        is_partial=codelist.is_partial,
        attributes={"geoType": codelist.geo_type},
        carried=carried,
        tail=tail,
    )


def _write_feature(writing: Writing, code: GeoFeatureSetCode, stem: str) -> str:
    carried: Carried = {}
    parent = _write_parent(writing, code, carried)
    return write_item(writing, "str:GeoFeatureSetCode", code, stem + code.id, carried, parent, value=code.value)


def read_geo_grid_codelist(node: Node) -> GeoGridCodelist:
    """A ``GeoGridCodelist``."""
    return GeoGridCodelist(
        **read_maintenance(node),
        grid_definition=read_text(node.one("GridDefinition")) or None,
        is_partial=read_partial(node),
        codes=tuple([_read_cell(code) for code in node.all("GeoGridCode")]),
        codelist_extensions=_read_extensions(node),
    )


def _read_cell(node: Node) -> GeoGridCode:
    return restored(GeoGridCode(**read_naming(node), parent=read_local(node.one("Parent")), geo_cell=node.need("GeoCell").text))


def write_geo_grid_codelist(writing: Writing, codelist: GeoGridCodelist) -> str:
    """A ``GeoGridCodelist``; the grid definition is mandatory, so a missing one is written empty."""
    carried: Carried = {}
    tail = _write_extensions(writing, codelist.codelist_extensions, carried)
    return write_scheme(
        writing,
        "str:GeoGridCodelist",
        codelist,
        codelist.codes,
        "Code",
        _write_cell,
        is_partial=codelist.is_partial,
        attributes={"geoType": codelist.geo_type},
        carried=carried,
        tail=tail + text_element("str:GridDefinition", codelist.grid_definition or ""),
    )


def _write_cell(writing: Writing, code: GeoGridCode, stem: str) -> str:
    carried: Carried = {}
    parent = _write_parent(writing, code, carried)
    return write_item(writing, "str:GeoGridCode", code, stem + code.id, carried, parent, text_element("str:GeoCell", code.geo_cell))


def _read_extensions(node: Node) -> tuple[CodelistExtension, ...]:
    return tuple([_read_extension(child) for child in node.all("CodelistExtension")])


def _read_extension(node: Node) -> CodelistExtension:
    codelist = read_reference(node.one("Codelist"), "Codelist")
    if codelist is None:
        raise Unreadable("'CodelistExtension' names no codelist", node.line)
    extension = CodelistExtension(
        codelist=codelist,
        prefix=node.get("prefix"),
        inclusive_code_selection=_read_selection(node.one("InclusiveCodeSelection")),
        exclusive_code_selection=_read_selection(node.one("ExclusiveCodeSelection")),
    )
    node.settled()
    return extension


def _read_selection(node: Node | None) -> CodeSelection | None:
    if node is None:
        return None
    values = node.all("MemberValue")
    members = [MemberValue(value=child.token, cascade_values=read_cascade(child)) for child in values]
    for child in (node, *values):
        child.settled()
    wildcards = tuple([member.value for member in members if "%" in member.value and member.cascade_values is None])
    others = tuple([member for member in members if "%" not in member.value or member.cascade_values is not None])
    return CodeSelection(wildcarded_member_values=wildcards, member_values=others)


def read_cascade(node: Node) -> Cascade | None:
    """``cascadeValues``: true, false, or ``excluderoot``."""
    return "excluderoot" if node.get("cascadeValues") == "excluderoot" else node.truth("cascadeValues")


def write_cascade(cascade: Cascade | None) -> str | None:
    """The attribute ``cascadeValues``."""
    match cascade:
        case None | "excluderoot":
            return cascade
        case _:
            return "true" if cascade else "false"


def _write_extensions(writing: Writing, extensions: tuple[CodelistExtension, ...], carried: Carried) -> str:
    if not extensions:
        return ""
    if not all(_is_writable(extension) for extension in extensions):
        carried["codelist_extensions"] = extensions
        return ""
    if not all(_is_exact(selection) for extension in extensions for selection in _selections(extension)):
        carried["codelist_extensions"] = extensions
    return "".join([_write_extension(writing, extension) for extension in extensions])


def _selections(extension: CodelistExtension) -> list[CodeSelection]:
    both = (extension.inclusive_code_selection, extension.exclusive_code_selection)
    return [selection for selection in both if selection is not None]


def _is_writable(extension: CodelistExtension) -> bool:
    selections = _selections(extension)
    values = [member.value for selection in selections for member in selection.member_values]
    values += [value for selection in selections for value in selection.wildcarded_member_values]
    return len(selections) < 2 and all(_MEMBER.fullmatch(value) for value in values)


def _is_exact(selection: CodeSelection) -> bool:
    """Whether reading would tell wildcards from codes as the selection does: by the ``%``."""
    wildcards = all("%" in value for value in selection.wildcarded_member_values)
    return wildcards and not any("%" in member.value and member.cascade_values is None for member in selection.member_values)


def _write_extension(writing: Writing, extension: CodelistExtension) -> str:
    return element(
        "str:CodelistExtension",
        {"prefix": extension.prefix},
        write_reference("str:Codelist", extension.codelist, writing.dialect),
        _write_selection("str:InclusiveCodeSelection", extension.inclusive_code_selection),
        _write_selection("str:ExclusiveCodeSelection", extension.exclusive_code_selection),
    )


def _write_selection(name: str, selection: CodeSelection | None) -> str:
    if selection is None:
        return ""
    wildcards = [text_element("str:MemberValue", value) for value in selection.wildcarded_member_values]
    members = [
        element("str:MemberValue", {"cascadeValues": write_cascade(member.cascade_values)}, escape(member.value))
        for member in selection.member_values
    ]
    return element(name, None, *wildcards, *members)


def read_value_list(node: Node) -> ValueList:
    """A ``ValueList``."""
    items = tuple([_read_value_item(item) for item in node.all("ValueItem")])
    return ValueList(**read_maintenance(node), value_items=items)


def _read_value_item(node: Node) -> ValueItem:
    value = node.get("id")
    if value is None:
        raise Unreadable("'ValueItem' has no attribute 'id'", node.line)
    return ValueItem(**read_notes(node), id=value, names=read_texts(node.all("Name")), descriptions=read_texts(node.all("Description")))


def write_value_list(writing: Writing, value_list: ValueList) -> str:
    """A ``ValueList``."""
    body = "".join([_write_value_item(writing, item) for item in value_list.value_items])
    return write_artefact(writing, "str:ValueList", value_list, {}, {}, body)


def _write_value_item(writing: Writing, item: ValueItem) -> str:
    return element(
        "str:ValueItem",
        {"id": item.id},
        writing.annotations(item.annotations),
        writing.texts("com:Name", item.names),
        writing.texts("com:Description", item.descriptions),
    )
