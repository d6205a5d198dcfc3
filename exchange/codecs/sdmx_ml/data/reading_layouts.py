"""The elements of datasets in the two families of SDMX-ML: structure-specific (attributes) and generic (elements)."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from lxml import etree

from exchange.codecs.data_reading.tables import Complex, RepeatedName, RowTable
from exchange.codecs.sdmx_ml.dialect import XML
from exchange.codecs.sdmx_ml.parsing import local_name
from exchange.errors import InvalidObservations, MalformedMessage

#: What may stand in ``Obs``, ``Group`` and ``Atts`` of structure-specific messages, and in ``Series``.
IN_ROWS = frozenset({"Comp", "Annotations"})
IN_SERIES = IN_ROWS | {"Obs"}
#: What may stand in the rows of generic messages.
_IN_GENERIC = frozenset({"SeriesKey", "ObsKey", "GroupKey", "Attributes", "ObsDimension", "ObsValue", "Obs", "Annotations"})
_LANGUAGE = f"{{{XML}}}lang"
_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"


def add_specific(table: RowTable, element: etree._Element, measure_dimension: str | None = None) -> None:
    """A row from the attributes of ``Series``, ``Obs``, ``Group`` or ``Atts``, and from their ``Comp`` elements (3.x).

    ``measure_dimension`` is what the ``xsi:type`` of an ``Obs`` gives the value of, in messages of 2.1 with explicit measures.
    """
    names, values = element.keys(), element.values()
    if measure_dimension is not None and measure_dimension not in names and _TYPE in names:
        at = names.index(_TYPE)
        names[at], values[at] = measure_dimension, str(values[at]).rpartition(":")[2]
    table.append(names, values)
    if len(element):
        for name, value in components(element):
            table.add_complex(name, value)
        if local_name(element) != "Series":
            check_children(element, IN_ROWS)


def check_children(element: etree._Element, known: Collection[str], read: int = 0) -> None:
    """Refuse an element that nobody would read: what it says would be lost, and a slip looks the same.

    Args:
        element: Its children are looked at.
        known: Their names.
        read: So many are known already; there may be very many.

    Raises:
        MalformedMessage: Names the place and what may stand there.
    """
    if len(element) == read:
        return
    for child in element.iterchildren("*"):
        if local_name(child) not in known:
            raise stranger(child, known)


def stranger(child: etree._Element, known: Collection[str]) -> MalformedMessage:
    """An element that stands where it has no meaning."""
    parent = child.getparent()
    inside = local_name(parent) if parent is not None else "the message"
    may = ", ".join(sorted(set(known) - {"Annotations"}))
    return MalformedMessage(f"line {child.sourceline}: {inside} holds a {local_name(child)!r}, which means nothing there. Known are {may}.")


def components(element: etree._Element) -> Iterator[tuple[str, Complex]]:
    """The ``Comp`` children of an element."""
    for child in element.iterchildren("{*}Comp"):
        identifier = child.get("id")
        if identifier is None:
            raise MalformedMessage(f"line {child.sourceline}: Comp has no id. Name the component.")
        yield identifier, _comp_values(child)


def _comp_values(element: etree._Element) -> Complex:
    """The values of a component: texts, or one set of texts by language for each ``Value``."""
    plain: list[str] = []
    sets: list[list[dict[str, str]]] = []
    for value in element.iterchildren("{*}Value"):
        texts = [{"lang": text.get(_LANGUAGE) or "en", "value": _content(text)} for text in value.iterchildren("*")]
        if texts:
            sets.append(texts)
        else:
            plain.append(value.text or "")
    if not sets:
        return plain
    return sets + [[{"lang": "en", "value": text}] for text in plain]


def _content(text: etree._Element) -> str:
    return text.text or "" if local_name(text) == "Text" else _inner_markup(text)


def _inner_markup(element: etree._Element) -> str:
    """XHTML as it stands inside ``StructuredText``."""
    children = "".join(etree.tostring(child, encoding="unicode", with_tail=True) for child in element)
    return (element.text or "") + children


def add_generic(table: RowTable, element: etree._Element, dimension: str, measure: str) -> None:
    """A row from ``Obs``, ``Series`` or ``Group`` of the generic formats (2.1).

    Args:
        table: Where the row goes.
        element: Its ``SeriesKey``, ``ObsKey``, ``GroupKey``, ``ObsDimension``, ``ObsValue`` and ``Attributes`` are read.
        dimension: The component that ``ObsDimension`` stands for unless it says.
        measure: The component that ``ObsValue`` stands for.
    """
    names: list[str] = []
    values: list[str] = []
    for child in element.iterchildren("*"):
        match local_name(child):
            case "SeriesKey" | "ObsKey" | "GroupKey" | "Attributes":
                for value in child.iterchildren("*"):
                    names.append(_needed(value, "id"))
                    values.append(_needed(value, "value"))
            case "ObsDimension":
                names.append(child.get("id") or dimension)
                values.append(_needed(child, "value"))
            case "ObsValue":
                names.append(child.get("id") or measure)
                values.append(_needed(child, "value"))
            case name if name not in _IN_GENERIC:
                raise stranger(child, _IN_GENERIC)
    try:
        table.append(names, values)
    except RepeatedName as repeated:
        raise InvalidObservations(
            f"line {element.sourceline}: {repeated.name} takes one value but stands there twice. Send one; generic messages carry no more."
        ) from None


def _needed(element: etree._Element, name: str) -> str:
    value = element.get(name)
    if value is None:
        raise MalformedMessage(f"line {element.sourceline}: {local_name(element)} has no attribute {name!r}. Add it.")
    return str(value)
