from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
from lxml import etree

from mappings.linting.linter import lint
from mappings.recipe.loading import LoadedRecipe, load_recipe, schema_urn
from mappings.run.pipeline import run_recipe
from mappings.run.report import RecipeRun
from mappings.structures.building import build_structures
from registry.model.base import Maintainable
from registry.model.codelists import Code, Codelist
from registry.model.concepts import Concept, ConceptScheme
from registry.services.schemas import SchemaReader
from registry.store.ports import ChangeSet
from registry.store.sql import SqlArtefactStore, open_store

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
        name, agency, version = (element.attrib[fact] for fact in ("id", "agencyID", "version"))
        names = _names(element)
        items = [(child.attrib["id"], _names(child)) for child in element.iter(_STR + item)]
        if scheme == "Codelist":
            codes = tuple(Code(id=id_, names=n) for id_, n in items)
            yield Codelist(id=name, agency_id=agency, version=version, names=names, codes=codes)
        else:
            concepts = tuple(Concept(id=id_, names=n) for id_, n in items)
            yield ConceptScheme(id=name, agency_id=agency, version=version, names=names, concepts=concepts)


def _names(element: etree._Element) -> dict[str, str]:
    return {"en": element.findtext(_NAME, "")}


MakeSchemas = Callable[[Iterable[Maintainable]], SchemaReader]


@pytest.fixture(scope="session")
def schemas(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MakeSchemas]:
    """Schemas of some artefacts from a real store, made once for equal artefacts."""
    stores: dict[bytes, SqlArtefactStore] = {}

    def make(artefacts: Iterable[Maintainable]) -> SchemaReader:
        content = tuple(artefacts)
        key = b"".join(type(artefact).__name__.encode() + msgspec.json.encode(artefact) for artefact in content)
        if key not in stores:
            stores[key] = open_store(f"sqlite:///{tmp_path_factory.mktemp('registry') / 'registry.sqlite'}")
            stores[key].commit(ChangeSet(put=(*cross_domain(), *content)))
        return SchemaReader(stores[key])

    yield make
    for store in stores.values():
        store.close()


@pytest.fixture
def example_schemas(schemas: MakeSchemas) -> Callable[[str], SchemaReader]:
    return lambda name: schemas(build_structures(EXAMPLES / name / "structures.yaml"))


STRUCTURES = """\
structures: 1
agency: LOCAL
version: 1.0.0
concept_scheme:
  id: CS
  names: {en: Concepts}
  concepts: {REGION: Region, KIND: Kind, SIZE: Size, UPPER: Upper bound, NOTE: Note, COMMENT_OBS: Comment}
codelists:
  CL_REGION: {names: {en: Regions}, codes: {_T: Total, N: North, S: South}}
  CL_KIND: {names: {en: Kinds}, codes: {_T: Total, A: Kind A, B: Kind B, _U: Unknown}}
  CL_SIZE: {names: {en: Sizes}, codes: {SMALL: Small, LARGE: Large}}
data_structure:
  id: DSD
  names: {en: Structure}
  dimensions:
    REGION: {codelist: CL_REGION}
    KIND: {codelist: CL_KIND}
    TIME_PERIOD: {concept: "SDMX:CROSS_DOMAIN_CONCEPTS(2.0).TIME_PERIOD"}
  measures:
    OBS_VALUE: {concept: "SDMX:CROSS_DOMAIN_CONCEPTS(2.0).OBS_VALUE", type: Double}
  attributes:
    OBS_STATUS: {concept: "SDMX:CROSS_DOMAIN_CONCEPTS(2.0).OBS_STATUS", codelist: "SDMX:CL_OBS_STATUS(2.2)", mandatory: true}
    SIZE: {codelist: CL_SIZE}
    COMMENT_OBS: {type: String}
    NOTE: {type: String, max_length: 5, attach: dataset}
dataflow: {id: DF, names: {en: Flow}}
"""

RECIPE = """\
recipe: 1
id: SMALL
agency: LOCAL
version: 1.0.0
names: {en: Small}
dataflow: LOCAL:DF(1.0.0)
structures: structures.yaml
max_rejected: 100
source:
  reader: {format: csv, encoding: utf-8, delimiter: ","}
  columns:
    region: {}
    kind: {}
    amount: {type: number}
components:
  REGION: {column: region, codes: {north: N, south: S}, total: _T}
  KIND: {column: kind, codes: {a: A, b: B}, missing: _U, total: _T}
  TIME_PERIOD: {value: 2023}
  OBS_STATUS: {value: A}
indicators:
  TOTAL: {statistic: sum, of: amount}
totals: {groupings: all}
provenance:
  collector: {id: CSO, name: Collectors}
  publisher: {id: HUB, name: Hub}
  licence: CC-BY-4.0
  method: Survey
"""


class SmallProject:
    """A recipe of a few lines with its structures and source, in a folder of its own."""

    def __init__(self, folder: Path, schemas: MakeSchemas) -> None:
        self.folder, self._schemas = folder, schemas
        self.recipe_text, self.structures_text = RECIPE, STRUCTURES
        self.extra: tuple[Maintainable, ...] = ()

    def change(self, old: str, new: str) -> SmallProject:
        """Replace a part of the recipe."""
        assert old in self.recipe_text, old
        self.recipe_text = self.recipe_text.replace(old, new, 1)
        return self

    def add(self, text: str) -> SmallProject:
        """Add lines to the recipe."""
        self.recipe_text += text
        return self

    def load(self) -> LoadedRecipe:
        (self.folder / "structures.yaml").write_text(self.structures_text, encoding="utf-8")
        path = self.folder / "recipe.yaml"
        path.write_text(self.recipe_text, encoding="utf-8")
        return load_recipe(path)

    def schemas(self) -> SchemaReader:
        (self.folder / "structures.yaml").write_text(self.structures_text, encoding="utf-8")
        return self._schemas((*build_structures(self.folder / "structures.yaml"), *self.extra))

    def lint(self) -> list[str]:
        loaded = self.load()
        return lint(loaded, self.schemas().constrained(schema_urn(loaded)).schema)

    def run(self, source: str, **options: Any) -> RecipeRun:
        path = self.folder / "source.csv"
        path.write_text(source, encoding="utf-8")
        return run_recipe(self.load(), path, schemas=self.schemas(), **options)


@pytest.fixture
def small(tmp_path: Path, schemas: MakeSchemas) -> SmallProject:
    return SmallProject(tmp_path, schemas)
