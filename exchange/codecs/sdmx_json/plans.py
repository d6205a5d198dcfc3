"""How each model class looks in SDMX-JSON: worked out once from the model, which already has the property names of SDMX-JSON."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Any, Final

import msgspec

from registry.model.base import Identifiable, Maintainable, SdmxStruct

#: Properties that hold texts by language, and the one that holds the best match.
BEST_MATCH: Final = {
    "names": "name",
    "descriptions": "description",
    "titles": "title",
    "texts": "text",
    "departments": "department",
    "roles": "role",
}
#: What people look for first stands first.
_HEAD: Final = ("id", "agencyID", "version", "isExternalReference", "names", "descriptions")
_TAIL: Final = ("links", "annotations")


class Shape(Enum):
    """What the value of a property is."""

    PLAIN = "plain"
    TEXTS = "texts"
    STRUCT = "struct"
    STRUCTS = "structs"


@dataclass(frozen=True, slots=True)
class Property:
    """A property: its field in the model, its name in SDMX-JSON, its shape and default, and the class of what it holds."""

    field: str
    name: str
    shape: Shape
    default: Any
    struct: type[SdmxStruct] | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """How a class is written and read.

    Attributes:
        properties: In the order they are written.
        known: Every name that readers know.
        texts: Properties that hold texts by language.
        children: Properties that hold objects, with their class.
        urn_class: URN class of what can be referenced inside an artefact; None for artefacts and for what has no URN.
        fixed_id: The id of lists of components, which is not in the model: their URN class.
        is_nested: Its objects hold others of the class, and the URNs of those have the whole path.
    """

    properties: tuple[Property, ...]
    known: frozenset[str]
    texts: tuple[str, ...]
    children: tuple[tuple[str, type[SdmxStruct]], ...]
    urn_class: str | None
    fixed_id: str | None
    is_nested: bool


@cache
def plan_of(struct: type[SdmxStruct]) -> Plan:
    """The plan of a model class."""
    properties = sorted((_property(field) for field in msgspec.structs.fields(struct)), key=lambda prop: _place(prop.name))
    known = {prop.name for prop in properties} | {BEST_MATCH[prop.name] for prop in properties if prop.shape is Shape.TEXTS}
    urn_class = None if issubclass(struct, Maintainable) else struct.urn_class or None
    fixed_id = None if issubclass(struct, Identifiable) else urn_class
    if fixed_id is not None:
        known |= {"id", "links"}
    texts = tuple(prop.name for prop in properties if prop.shape is Shape.TEXTS)
    children = tuple((prop.name, prop.struct) for prop in properties if prop.struct is not None)
    is_nested = any(child is struct for _, child in children)
    return Plan(tuple(properties), frozenset(known), texts, children, urn_class, fixed_id, is_nested)


def _place(name: str) -> int:
    if name in _HEAD:
        return _HEAD.index(name) - len(_HEAD)
    return _TAIL.index(name) + 1 if name in _TAIL else 0


def _property(field: msgspec.structs.FieldInfo) -> Property:
    default = field.default_factory() if field.default_factory is not msgspec.NODEFAULT else field.default
    described = msgspec.inspect.type_info(field.type)
    shape, struct = _shape(described)
    if shape is Shape.PLAIN and isinstance(described, msgspec.inspect.DictType) and field.encode_name in BEST_MATCH:
        shape = Shape.TEXTS
    return Property(field.name, field.encode_name, shape, default, struct)


def _shape(described: msgspec.inspect.Type) -> tuple[Shape, type[SdmxStruct] | None]:
    if isinstance(described, msgspec.inspect.UnionType):
        described = next((member for member in described.types if isinstance(member, msgspec.inspect.StructType)), described)
    shape = Shape.STRUCT
    if isinstance(described, msgspec.inspect.VarTupleType):
        described, shape = described.item_type, Shape.STRUCTS
    if isinstance(described, msgspec.inspect.StructType) and issubclass(described.cls, SdmxStruct):
        return shape, described.cls
    return Shape.PLAIN, None
