"""What the fields of model classes hold, read from their annotations once per class: structs, and references to which classes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple, get_args, get_type_hints

from registry.model.base import SdmxStruct, To


class Field(NamedTuple):
    """A field of a model class.

    Attributes:
        name: In the model.
        label: In documents.
        structs: Model classes of what it holds.
        target: What the references in it may point at; None when the field says nothing of references.
    """

    name: str
    label: str
    structs: tuple[type[SdmxStruct], ...]
    target: To | None

    @property
    def is_reference(self) -> bool:
        """Whether the field holds references itself, and not structs that may."""
        return self.target is not None and not self.structs


@cache
def fields_of(struct: type[SdmxStruct]) -> tuple[Field, ...]:
    """The fields of a model class, in the order of the class."""
    hints = get_type_hints(struct, include_extras=True)
    return tuple(
        _field(name, label, hints[name]) for name, label in zip(struct.__struct_fields__, struct.__struct_encode_fields__, strict=True)
    )


def _field(name: str, label: str, hint: Any) -> Field:
    found = list(_inside(hint))
    targets = [target for target in found if isinstance(target, To)]
    # An annotation around another one stands behind it: the outermost says it more precisely.
    return Field(name, label, tuple(struct for struct in found if isinstance(struct, type)), targets[-1] if targets else None)


def _inside(hint: Any) -> Iterator[type[SdmxStruct] | To]:
    if isinstance(hint, To) or (isinstance(hint, type) and issubclass(hint, SdmxStruct)):
        yield hint
    for argument in get_args(hint):
        yield from _inside(argument)


def structs_below(struct: type[SdmxStruct]) -> Iterator[type[SdmxStruct]]:
    """A model class and every class of what it can hold, at any level, each once."""
    found = {struct: None}
    waiting = [struct]
    while waiting:
        for field in fields_of(waiting.pop()):
            new = [below for below in field.structs if below not in found]
            found.update(dict.fromkeys(new))
            waiting += new
    return iter(found)
