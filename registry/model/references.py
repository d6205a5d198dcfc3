"""What an artefact points at: a walk over the fields of the model that are typed :data:`~registry.model.base.Reference`.

The walk knows no artefact family: which fields hold references is read from the annotations of the model classes, once per class.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from inspect import get_annotations
from typing import Any, NamedTuple, get_args, get_type_hints

import msgspec

from registry.model.base import Maintainable, SdmxStruct
from registry.model.identity import Urn

# ``Reference`` is a plain ``str`` at run time; the annotations, kept as text by the future import, still say the word.
_NAMES_REFERENCE = re.compile(r"\bReference\b")


class OutgoingReference(NamedTuple):
    """A reference as it stands in an artefact.

    Attributes:
        place: Where it stands, by field names and ids: ``dataStructureComponents.dimensionList.dimensions[FREQ].conceptIdentity``.
        text: The URN as written, not checked.
    """

    place: str
    text: str


class _Step(NamedTuple):
    """A field to look into: ``is_reference`` when it holds references itself, otherwise it holds structs that may."""

    attribute: str
    label: str
    is_reference: bool


def outgoing_references(artefact: Maintainable) -> Iterator[OutgoingReference]:
    """Every reference of an artefact with its place, in document order, repetitions included."""
    return _walk(artefact, "")


def references_of(artefact: Maintainable) -> tuple[Urn, ...]:
    """Every URN an artefact points at, distinct, in document order.

    Raises:
        InvalidUrn: When a reference is not an SDMX URN.
    """
    return tuple(dict.fromkeys(Urn.parse(reference.text) for reference in outgoing_references(artefact)))


def _walk(value: msgspec.Struct, place: str) -> Iterator[OutgoingReference]:
    for step in _steps(type(value)):
        held = getattr(value, step.attribute)
        if held is None:
            continue
        path = f"{place}.{step.label}" if place else step.label
        if isinstance(held, tuple):
            for index, member in enumerate(held):
                yield from _visit(member, f"{path}[{getattr(member, 'id', None) or index}]", step)
        else:
            yield from _visit(held, path, step)


def _visit(held: Any, path: str, step: _Step) -> Iterator[OutgoingReference]:
    if step.is_reference:
        yield OutgoingReference(path, held)
    else:
        yield from _walk(held, path)


@cache
def _steps(struct: type) -> tuple[_Step, ...]:
    hints = _structs_by_field(struct)
    steps = []
    for name, label in zip(struct.__struct_fields__, struct.__struct_encode_fields__, strict=True):  # type: ignore[attr-defined]  # set by msgspec
        if name in _reference_fields(struct):
            steps.append(_Step(name, label, is_reference=True))
        elif any(_holds_references(member, frozenset({struct})) for member in hints[name]):
            steps.append(_Step(name, label, is_reference=False))
    return tuple(steps)


def _holds_references(struct: type, seen: frozenset[type]) -> bool:
    """Whether a struct, or one below it, has a reference field; ``seen`` ends the recursion of nested items."""
    if _reference_fields(struct):
        return True
    below = {member for members in _structs_by_field(struct).values() for member in members} - seen
    return any(_holds_references(member, seen | {struct}) for member in below)


@cache
def _reference_fields(struct: type) -> frozenset[str]:
    return frozenset(
        name for base in struct.__mro__ for name, annotation in get_annotations(base).items() if _NAMES_REFERENCE.search(str(annotation))
    )


@cache
def _structs_by_field(struct: type) -> dict[str, tuple[type[SdmxStruct], ...]]:
    return {name: tuple(_structs_in(hint)) for name, hint in get_type_hints(struct).items()}


def _structs_in(hint: Any) -> Iterator[type[SdmxStruct]]:
    if isinstance(hint, type) and issubclass(hint, SdmxStruct):
        yield hint
    for argument in get_args(hint):
        yield from _structs_in(argument)
