"""Item schemes in general: a maintained list of items, flat or nested (SDMXStructureBase.xsd, ItemSchemeType)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from exchange.codecs.sdmx_ml.artefacts.shared import urn_stem, write_artefact
from exchange.codecs.sdmx_ml.markup import Attributes, element, true_only
from exchange.codecs.sdmx_ml.parsing import Node
from exchange.codecs.sdmx_ml.writing import Carried, Writing
from registry.model.base import Maintainable, Nameable

AnyItem = TypeVar("AnyItem", bound=Nameable)

#: Writes one item; the second argument is the URN of its scheme with the class of its items and a dot at the end.
ItemWriter = Callable[[Writing, AnyItem, str], str]


def read_partial(node: Node) -> bool:
    """Whether a scheme holds only some of its items."""
    return node.truth("isPartial") or False


def write_scheme(
    writing: Writing,
    name: str,
    scheme: Maintainable,
    items: Iterable[AnyItem],
    item_class: str,
    write_item: ItemWriter[AnyItem],
    *,
    is_partial: bool,
    attributes: Attributes | None = None,
    carried: Carried | None = None,
    tail: str = "",
) -> str:
    """A scheme with its items; ``tail`` stands after them."""
    stem = urn_stem(scheme, writing, item_class) + "."
    body = "".join([write_item(writing, item, stem) for item in items])
    facts = {"isPartial": true_only(is_partial), **(attributes or {})}
    return write_artefact(writing, name, scheme, facts, {} if carried is None else carried, body, tail)


def write_item(writing: Writing, name: str, item: Nameable, urn: str, carried: Carried, *content: str, **attributes: str | None) -> str:
    """An item: the element with identification and names around its content."""
    head = writing.nameable(item, carried)
    return element(name, {**writing.identity(item, urn), **attributes}, head, *content)
