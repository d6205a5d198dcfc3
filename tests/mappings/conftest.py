from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest
from lxml import etree

from mappings.structures import build_structures
from registry.model.base import Maintainable
from registry.model.codelists import Code, Codelist
from registry.model.concepts import Concept, ConceptScheme
from registry.services.schemas import SchemaReader
from registry.store.ports import ChangeSet
from registry.store.sql import open_store

EXAMPLES = Path(__file__).parents[2] / "mappings" / "examples"
_STR = "{http://www.sdmx.org/resources/sdmxml/schemas/v2_1/structure}"
_NAME = "{http://www.sdmx.org/resources/sdmxml/schemas/v2_1/common}Name"


@cache
def cross_domain() -> tuple[Maintainable, ...]:
    """The bundled SDMX artefacts, as far as these tests need them (the codecs have tests of their own)."""
    tree = etree.parse(EXAMPLES / "shared" / "sdmx_cross_domain.xml", etree.XMLParser(resolve_entities=False))
    return (*_schemes(tree, "Codelist", "Code"), *_schemes(tree, "ConceptScheme", "Concept"))


def _schemes(tree: etree._ElementTree, scheme: str, item: str) -> Iterator[Maintainable]:
    for element in tree.iter(_STR + scheme):
        common = {"id": element.get("id"), "agency_id": element.get("agencyID"), "version": element.get("version")}
        names = {"en": element.findtext(_NAME)}
        items = [(child.get("id"), {"en": child.findtext(_NAME)}) for child in element.iter(_STR + item)]
        if scheme == "Codelist":
            yield Codelist(names=names, codes=tuple(Code(id=id_, names=n) for id_, n in items), **common)
        else:
            yield ConceptScheme(names=names, concepts=tuple(Concept(id=id_, names=n) for id_, n in items), **common)


MakeSchemas = Callable[[Iterable[Maintainable]], SchemaReader]


@pytest.fixture
def schemas(tmp_path: Path) -> Iterator[MakeSchemas]:
    stores = []

    def make(artefacts: Iterable[Maintainable]) -> SchemaReader:
        store = open_store(f"sqlite:///{tmp_path / f'registry{len(stores)}.sqlite'}")
        stores.append(store)
        store.commit(ChangeSet(put=(*cross_domain(), *artefacts)))
        return SchemaReader(store)

    yield make
    for store in stores:
        store.close()


@pytest.fixture
def example_schemas(schemas: MakeSchemas) -> Callable[[str], SchemaReader]:
    return lambda name: schemas(build_structures(EXAMPLES / name / "structures.yaml"))
