"""Codelists with extensions, geographic codelists, value lists (SDMX 3.1 Section 2, item schemes and code lists)."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import msgspec

from registry.model.base import Annotable, Maintainable, Nameable, Reference, SdmxStruct, To

#: Whether child codes are selected with their parent.
Cascade = bool | Literal["excluderoot"]


class Code(Nameable, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A code; ``parent`` is the id of another code of the same list."""

    urn_class: ClassVar[str] = "Code"

    parent: str | None = None


class GeoFeatureSetCode(Code, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A code standing for a set of geographical features, given in ``value`` as GeospatialInformation."""

    value: str


class GeoGridCode(Code, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A code standing for one cell of a grid."""

    geo_cell: str


class MemberValue(SdmxStruct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A code to select, possibly with its children; ``%`` at the end of a value is a wildcard."""

    value: str
    cascade_values: Cascade | None = None


class CodeSelection(SdmxStruct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """The codes an extension takes in or leaves out."""

    wildcarded_member_values: tuple[str, ...] = ()
    member_values: tuple[MemberValue, ...] = ()


class CodelistExtension(SdmxStruct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """Another codelist whose codes this one inherits; the order of extensions decides which code wins."""

    codelist: Annotated[Reference, To("Codelist")]
    prefix: str | None = None
    inclusive_code_selection: CodeSelection | None = None
    exclusive_code_selection: CodeSelection | None = None


class Codelist(Maintainable, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A list of codes."""

    urn_class: ClassVar[str] = "Codelist"

    is_partial: bool = False
    codes: tuple[Code, ...] = ()
    codelist_extensions: tuple[CodelistExtension, ...] = ()


class GeographicCodelist(Maintainable, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A codelist whose codes stand for sets of geographical features. Its URN class is Codelist."""

    urn_class: ClassVar[str] = "Codelist"

    geo_type: Literal["GeographicCodelist"] = "GeographicCodelist"
    is_partial: bool = False
    codes: tuple[GeoFeatureSetCode, ...] = msgspec.field(default=(), name="geoFeatureSetCodes")
    codelist_extensions: tuple[CodelistExtension, ...] = ()


class GeoGridCodelist(Maintainable, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A codelist whose codes stand for the cells of a grid. Its URN class is Codelist."""

    urn_class: ClassVar[str] = "Codelist"

    geo_type: Literal["GeoGridCodelist"] = "GeoGridCodelist"
    grid_definition: str | None = None
    is_partial: bool = False
    codes: tuple[GeoGridCode, ...] = msgspec.field(default=(), name="geoGridCodes")
    codelist_extensions: tuple[CodelistExtension, ...] = ()


class ValueItem(Annotable, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A value of a value list: any characters, no URN."""

    id: str
    names: dict[str, str] = {}
    descriptions: dict[str, str] = {}


class ValueList(Maintainable, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A closed list of values that need not follow the syntax of codes."""

    urn_class: ClassVar[str] = "ValueList"

    value_items: tuple[ValueItem, ...] = ()


#: What a component's ``enumeration`` may point at.
AnyCodelist = Codelist | GeographicCodelist | GeoGridCodelist | ValueList
