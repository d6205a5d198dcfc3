"""Category schemes and categorisations (SDMXStructureCategory.xsd, SDMXStructureCategorisation.xsd)."""

from __future__ import annotations

from exchange.codecs.sdmx_ml.artefacts.items import read_partial, write_item, write_scheme
from exchange.codecs.sdmx_ml.artefacts.shared import read_maintenance, read_naming, write_artefact
from exchange.codecs.sdmx_ml.parsing import Node
from exchange.codecs.sdmx_ml.references import read_reference, write_reference
from exchange.codecs.sdmx_ml.writing import Carried, Writing, restored
from registry.model.categories import Categorisation, Category, CategoryScheme


def read_category_scheme(node: Node) -> CategoryScheme:
    """A ``CategoryScheme``."""
    categories = tuple([_read_category(child) for child in node.all("Category")])
    return CategoryScheme(**read_maintenance(node), is_partial=read_partial(node), categories=categories)


def _read_category(node: Node) -> Category:
    children = tuple([_read_category(child) for child in node.all("Category")])
    return restored(Category(**read_naming(node), categories=children))


def write_category_scheme(writing: Writing, scheme: CategoryScheme) -> str:
    """A ``CategoryScheme``."""
    return write_scheme(writing, "str:CategoryScheme", scheme, scheme.categories, "Category", _write_category, is_partial=scheme.is_partial)


def _write_category(writing: Writing, category: Category, stem: str) -> str:
    """A category; the URN of a child holds the path of ids from the top."""
    carried: Carried = {}
    urn = stem + category.id
    children = [_write_category(writing, child, urn + ".") for child in category.categories]
    return write_item(writing, "str:Category", category, urn, carried, *children)


def read_categorisation(node: Node) -> Categorisation:
    """A ``Categorisation``."""
    source = read_reference(node.one("Source"), "Dataflow")
    return Categorisation(**read_maintenance(node), source=source, target=read_reference(node.one("Target"), "Category"))


def write_categorisation(writing: Writing, categorisation: Categorisation) -> str:
    """A ``Categorisation``."""
    source = write_reference("str:Source", categorisation.source, writing.dialect)
    target = write_reference("str:Target", categorisation.target, writing.dialect)
    return write_artefact(writing, "str:Categorisation", categorisation, {}, {}, source, target)
