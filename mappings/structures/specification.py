"""The structures file as typed values: any of concept scheme, codelists, data structure and dataflow of one agency."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from mappings.recipe.model import AgencyId, Id, Section, Texts
from mappings.structures.codelist_files import CodelistFile


def _named(value: object) -> object:
    """A text stands for an English name."""
    return {"names": {"en": value}} if isinstance(value, str) else value


class Named(Section):
    """Names and descriptions in any languages; a plain text is the English name."""

    names: Texts = Field(min_length=1)
    descriptions: Texts = {}


class AnswerCode(Named):
    """A code; ``source`` is the answer as it stands in the source when it differs from the English name."""

    parent: Id | None = None
    source: str | None = None


class Grid(Section):
    """All cells of a grid that touch a box, as codes."""

    prefix: Id
    size: str
    south: str
    north: str
    west: str
    east: str
    parent: Id | None = None


class CodelistSpec(Named):
    """A codelist from declared codes, a file, a grid, or several of them."""

    codes: dict[Id, Annotated[AnswerCode, BeforeValidator(_named)]] = {}
    codes_file: CodelistFile | None = None
    grid: Grid | None = None


class Dictionary(Section):
    """A data dictionary (CSV) whose variables become concepts; ``codelists`` says which answers a variable has."""

    file: str
    id_column: str
    description_column: str
    codelists: dict[str, Id] = {}


class ConceptSchemeSpec(Named):
    """A concept scheme from own concepts and a data dictionary."""

    id: Id
    concepts: dict[Id, Annotated[Named, BeforeValidator(_named)]] = {}
    dictionary: Dictionary | None = None


class ComponentSpec(Section):
    """A component: its concept (the one of the same id in the own scheme unless named) and its codelist or data type."""

    concept: str | None = None
    codelist: str | None = None
    type: str | None = None
    max_length: int | None = None
    decimals: int | None = None
    minimum: float | None = None
    maximum: float | None = None


class AttributeSpec(ComponentSpec):
    """An attribute and what it describes: the observation, the series, the data set, or some dimensions."""

    attach: Literal["observation", "series", "dataset"] | tuple[Id, ...] = "observation"
    mandatory: bool = False


class DataStructureSpec(Named):
    """A data structure; TIME_PERIOD among the dimensions is the time dimension."""

    id: Id
    dimensions: dict[Id, ComponentSpec] = Field(min_length=1)
    measures: dict[Id, ComponentSpec] = Field(min_length=1)
    attributes: dict[Id, AttributeSpec] = {}


class DataflowSpec(Named):
    """A dataflow."""

    id: Id


class StructuresSpec(Section):
    """A structures file. ``data_structure`` may also be the name of one in the registry, on which the dataflow stands."""

    structures: Literal["1"]
    agency: AgencyId
    version: str
    concept_scheme: ConceptSchemeSpec | None = None
    codelists: dict[Id, CodelistSpec] = {}
    data_structure: DataStructureSpec | None = None
    dataflow: DataflowSpec | None = None
