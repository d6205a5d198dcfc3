"""What an artefact points at: a walk over the fields of the model that are typed :data:`~registry.model.base.Reference`.

The walk knows no artefact family: which fields hold references, and to what, is read from the annotations of the model classes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Any, NamedTuple, TypeVar

import msgspec

from registry.model.base import Maintainable, Reference, SdmxStruct, To
from registry.model.fields import Field, fields_of, structs_below
from registry.model.identity import Urn

A = TypeVar("A", bound=SdmxStruct)


class OutgoingReference(NamedTuple):
    """A reference as it stands in an artefact.

    Attributes:
        place: Where it stands, by field names and ids: ``dataStructureComponents.dimensionList.dimensions[FREQ].conceptIdentity``.
        text: The URN as written, not checked.
        classes: URN classes that may stand in this place; empty means any.
    """

    place: str
    text: str
    classes: frozenset[str]


def outgoing_references(artefact: Maintainable) -> Iterator[OutgoingReference]:
    """Every reference of an artefact with its place, in document order, repetitions included."""
    return _walk(artefact, "", None)


def references_of(artefact: Maintainable) -> tuple[Urn, ...]:
    """Every URN an artefact points at, distinct, in document order.

    Raises:
        InvalidUrn: When a reference is not an SDMX URN.
    """
    return tuple(dict.fromkeys(Urn.parse(reference.text) for reference in outgoing_references(artefact)))


def with_references(artefact: A, change: Callable[[Reference], Reference]) -> A:
    """The artefact with every reference changed; the same one when nothing is."""
    return _changed(artefact, change)


def _changed(value: A, change: Callable[[Reference], Reference]) -> A:
    changes: dict[str, Any] = {}
    for field in _leading_fields(type(value)):
        held = getattr(value, field.name)
        if held is None:
            continue
        new: Any = change if field.is_reference else partial(_changed, change=change)
        found = tuple([new(member) for member in held]) if isinstance(held, tuple) else new(held)
        if found != held:
            changes[field.name] = found
    return msgspec.structs.replace(value, **changes) if changes else value


def _walk(value: SdmxStruct, place: str, above: To | None) -> Iterator[OutgoingReference]:
    for field in _leading_fields(type(value)):
        held = getattr(value, field.name)
        if held is None:
            continue
        path = f"{place}.{field.label}" if place else field.label
        if isinstance(held, tuple):
            for index, member in enumerate(held):
                yield from _visit(member, f"{path}[{getattr(member, 'id', None) or index}]", field, above)
        else:
            yield from _visit(held, path, field, above)


def _visit(held: Any, path: str, field: Field, above: To | None) -> Iterator[OutgoingReference]:
    target = above or field.target
    if not field.is_reference:
        yield from _walk(held, path, target)
    elif target is not None:
        yield OutgoingReference(path, held, target.classes)


@cache
def _leading_fields(struct: type[SdmxStruct]) -> tuple[Field, ...]:
    """The fields that hold references, or structs below which there are some."""
    return tuple(field for field in fields_of(struct) if field.is_reference or any(map(_has_references, field.structs)))


@cache
def _has_references(struct: type[SdmxStruct]) -> bool:
    return any(field.is_reference for below in structs_below(struct) for field in fields_of(below))
