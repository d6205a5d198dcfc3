"""Structures from a short YAML file and a data dictionary: concept scheme, codelists, data structure and dataflow, or some of them.

The artefacts belong to an agency of the data producer or hub. Publishing under a standard agency is refused: a local list that
calls itself SDMX or IAEG-SDGs cannot be told from the real one.
"""

from __future__ import annotations

import re
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from mappings.agencies import STANDARD_AGENCIES
from mappings.errors import InvalidRecipe, UnreadableSource
from mappings.expressions.grid import cells
from mappings.recipe.documents import Document, read_document
from mappings.recipe.loading import typed
from mappings.recipe.paths import below
from mappings.structures.codelist_files import CodelistFile, codes_of_file
from mappings.structures.dictionaries import concept_id, concepts_of_dictionary
from mappings.structures.specification import (
    AttributeSpec,
    CodelistSpec,
    ComponentSpec,
    ConceptSchemeSpec,
    DataflowSpec,
    DataStructureSpec,
    Dictionary,
    Grid,
    StructuresSpec,
)
from registry.errors import InvalidUrn, InvalidVersion
from registry.model.base import Annotation, Maintainable
from registry.model.codelists import Code, Codelist
from registry.model.concepts import Concept, ConceptScheme
from registry.model.data_types import DATA_TYPES
from registry.model.identity import Urn
from registry.model.representations import Representation, TextFormat
from registry.model.structures import (
    TIME_PERIOD,
    Attribute,
    AttributeList,
    AttributeRelationship,
    Dataflow,
    DataStructure,
    DataStructureComponents,
    Dimension,
    DimensionList,
    Empty,
    Measure,
    MeasureList,
    TimeDimension,
)
from registry.versions import Version

#: Annotation that keeps the label or column name of the source.
SOURCE_CODE: Final = "SOURCE_CODE"

_SHORT = re.compile(r"(?P<agency>[^:]+):(?P<id>[^()]+)\((?P<version>[^()]+)\)(?:\.(?P<item>.+))?")


def build_structures(path: Path) -> tuple[Maintainable, ...]:
    """The artefacts of a structures file: concept scheme, codelists, data structure, dataflow, as far as it describes them.

    Raises:
        InvalidRecipe: With every problem, each with file and line.
    """
    document = read_document(path)
    existing, own = _existing_structure(document)
    spec = typed(own, StructuresSpec)
    if spec.agency in STANDARD_AGENCIES or spec.agency.split(".")[0] in {"SDMX", "IAEG-SDGs"}:
        raise InvalidRecipe(
            [document.problem(("agency",), f"{spec.agency} maintains its own artefacts; publish under an agency of your own")]
        )
    try:
        Version.parse(spec.version)
    except InvalidVersion as error:
        raise InvalidRecipe([document.problem(("version",), str(error))]) from None
    built = _Builder(document, spec, existing).build()
    if not built:
        raise InvalidRecipe([document.problem((), "describes nothing; add codelists, concept_scheme, data_structure or dataflow")])
    return built


def _existing_structure(document: Document) -> tuple[str | None, Document]:
    """The name of a data structure in the registry, when the file names one, and the document without it."""
    content = document.content
    named = content.get("data_structure") if isinstance(content, dict) else None
    if not isinstance(named, str):
        return None, document
    return named, replace(document, content={key: value for key, value in content.items() if key != "data_structure"})


class _Builder:
    def __init__(self, document: Document, spec: StructuresSpec, existing: str | None) -> None:
        self._document, self._spec, self._existing = document, spec, existing
        self._common: dict[str, Any] = {"agency_id": spec.agency, "version": spec.version}

    def build(self) -> tuple[Maintainable, ...]:
        spec = self._spec
        scheme = self._concept_scheme(spec.concept_scheme) if spec.concept_scheme else None
        self._own_concepts = {concept.id for concept in scheme.concepts} if scheme else set()
        codelists = tuple(self._codelist(name, codelist) for name, codelist in spec.codelists.items())
        structure = self._data_structure(spec.data_structure) if spec.data_structure else None
        flow = self._dataflow(spec.dataflow, structure) if spec.dataflow else None
        return tuple(artefact for artefact in (scheme, *codelists, structure, flow) if artefact is not None)

    def _dataflow(self, spec: DataflowSpec, own: DataStructure | None) -> Dataflow:
        if own is not None:
            structure = str(Urn.of(own))
        elif self._existing is not None:
            structure = self._urn("DataStructure", self._existing, ("data_structure",))
        else:
            problem = "needs a data structure: describe one under data_structure, or name one in the registry as AGENCY:ID(VERSION) there"
            raise InvalidRecipe([self._document.problem(("dataflow",), problem)])
        return Dataflow(id=spec.id, names=spec.names, descriptions=spec.descriptions, structure=structure, **self._common)

    def _concept_scheme(self, spec: ConceptSchemeSpec) -> ConceptScheme:
        own = tuple(Concept(id=key, names=c.names, descriptions=c.descriptions) for key, c in spec.concepts.items())
        concepts = {concept.id: concept for concept in (*self._dictionary_concepts(spec.dictionary), *own)}
        return ConceptScheme(
            id=spec.id, names=spec.names, descriptions=spec.descriptions, concepts=tuple(concepts.values()), **self._common
        )

    def _dictionary_concepts(self, dictionary: Dictionary | None) -> tuple[Concept, ...]:
        if dictionary is None:
            return ()
        try:
            path = below(self._document.path.parent, dictionary.file)
        except UnreadableSource as error:
            raise InvalidRecipe([self._document.problem(("concept_scheme", "dictionary", "file"), str(error))]) from None
        variables = concepts_of_dictionary(path, dictionary.id_column, dictionary.description_column)
        unknown = sorted(set(dictionary.codelists) - set(variables))
        if unknown:
            place = ("concept_scheme", "dictionary", "codelists", unknown[0])
            raise InvalidRecipe([self._document.problem(place, "is not a variable of the data dictionary")])
        return tuple(self._dictionary_concept(name, text, dictionary.codelists.get(name)) for name, text in variables.items())

    def _dictionary_concept(self, variable: str, description: str, codelist: str | None) -> Concept:
        representation = Representation(enumeration=self._codelist_urn(codelist, ("concept_scheme",))) if codelist else None
        return Concept(
            id=concept_id(variable),
            names={"en": variable.replace("_", " ").capitalize()},
            descriptions={"en": description} if description else {},
            annotations=(Annotation(id=SOURCE_CODE, title=variable),),
            core_representation=representation,
        )

    def _codelist(self, name: str, spec: CodelistSpec) -> Codelist:
        codes = [
            Code(
                id=key,
                names=code.names,
                descriptions=code.descriptions,
                parent=code.parent,
                annotations=(Annotation(id=SOURCE_CODE, title=code.source),) if code.source is not None else (),
            )
            for key, code in spec.codes.items()
        ]
        codes += self._file_codes(name, spec.codes_file, {code.id for code in codes}) if spec.codes_file else []
        codes += self._grid_codes(name, spec.grid) if spec.grid else []
        known = {code.id for code in codes}
        for code in codes:
            if code.parent is not None and code.parent not in known:
                place = ("codelists", name, "codes", code.id)
                raise InvalidRecipe([self._document.problem(place, f"the parent {code.parent!r} is not a code of the list")])
        return Codelist(id=name, names=spec.names, descriptions=spec.descriptions, codes=tuple(codes), **self._common)

    def _file_codes(self, name: str, spec: CodelistFile, declared: set[str]) -> list[Code]:
        try:
            return [code for code in codes_of_file(self._document.path.parent, spec) if code.id not in declared]
        except (UnreadableSource, ValueError, OSError) as error:
            place = ("codelists", name, "codes_file")
            raise InvalidRecipe([self._document.problem(place, text) for text in str(error).splitlines()]) from None

    def _grid_codes(self, name: str, grid: Grid) -> list[Code]:
        try:
            found = list(cells(grid.prefix, grid.size, south=grid.south, north=grid.north, west=grid.west, east=grid.east))
        except (ValueError, ArithmeticError) as error:
            raise InvalidRecipe([self._document.problem(("codelists", name, "grid"), str(error) or "borders must be degrees")]) from None
        return [Code(id=code, names={"en": text}, parent=grid.parent) for code, text in found]

    def _data_structure(self, spec: DataStructureSpec) -> DataStructure:
        dimensions = [name for name in spec.dimensions if name != TIME_PERIOD]
        time = spec.dimensions.get(TIME_PERIOD)
        components = DataStructureComponents(
            dimension_list=DimensionList(
                dimensions=tuple(
                    Dimension(id=name, position=position, **self._component(name, spec.dimensions[name], "dimensions"))
                    for position, name in enumerate(dimensions)
                ),
                time_dimension=TimeDimension(id=TIME_PERIOD, **self._component(TIME_PERIOD, time, "dimensions")) if time else None,
            ),
            measure_list=MeasureList(
                measures=tuple(Measure(id=name, **self._component(name, c, "measures")) for name, c in spec.measures.items())
            ),
            attribute_list=AttributeList(attributes=tuple(self._attribute(name, c, dimensions) for name, c in spec.attributes.items()))
            if spec.attributes
            else None,
        )
        return DataStructure(
            id=spec.id, names=spec.names, descriptions=spec.descriptions, data_structure_components=components, **self._common
        )

    def _attribute(self, name: str, spec: AttributeSpec, dimensions: list[str]) -> Attribute:
        match spec.attach:
            case "observation":
                relationship = AttributeRelationship(observation=Empty())
            case "dataset":
                relationship = AttributeRelationship(dataflow=Empty())
            case "series":
                relationship = AttributeRelationship(dimensions=tuple(dimensions))
            case chosen:
                relationship = AttributeRelationship(dimensions=tuple(chosen))
        return Attribute(
            id=name,
            usage="mandatory" if spec.mandatory else "optional",
            attribute_relationship=relationship,
            **self._component(name, spec, "attributes"),
        )

    def _component(self, name: str, spec: ComponentSpec, kind: str) -> dict[str, Any]:
        place = ("data_structure", kind, name)
        return {"concept_identity": self._concept_urn(name, spec, place), "local_representation": self._representation(spec, place)}

    def _representation(self, spec: ComponentSpec, place: tuple[str, ...]) -> Representation | None:
        if spec.codelist:
            return Representation(enumeration=self._codelist_urn(spec.codelist, place))
        if spec.type is not None and spec.type not in DATA_TYPES:
            near = get_close_matches(spec.type, DATA_TYPES, n=1)
            remedy = f"did you mean {near[0]}?" if near else "String, Double, Integer and Boolean are the usual ones"
            raise InvalidRecipe([self._document.problem((*place, "type"), f"{spec.type!r} is no data type of SDMX; {remedy}")])
        text = TextFormat(
            data_type=spec.type or ("ObservationalTimePeriod" if place[-1] == TIME_PERIOD else "String"),
            max_length=spec.max_length,
            decimals=spec.decimals,
            min_value=spec.minimum,
            max_value=spec.maximum,
        )
        return Representation(format=text)

    def _concept_urn(self, name: str, spec: ComponentSpec, place: tuple[str, ...]) -> str:
        scheme = self._spec.concept_scheme
        if spec.concept is None or ":" not in spec.concept:
            own = spec.concept or name
            if scheme is None or own not in self._own_concepts:
                where = f"in {scheme.id}; add it" if scheme else "here; add a concept_scheme"
                problem = f"there is no concept {own!r} {where} or name another as AGENCY:SCHEME(VERSION).CONCEPT"
                raise InvalidRecipe([self._document.problem(place, problem)])
            return str(Urn("ConceptScheme", self._spec.agency, scheme.id, self._spec.version).item_urn("Concept", own))
        return self._urn("Concept", spec.concept, (*place, "concept"))

    def _codelist_urn(self, name: str, place: tuple[str, ...]) -> str:
        if ":" in name:
            return self._urn("Codelist", name, place)
        if name not in self._spec.codelists:
            raise InvalidRecipe([self._document.problem(place, f"there is no codelist {name!r} under codelists; add it")])
        return str(Urn("Codelist", self._spec.agency, name, self._spec.version))

    def _urn(self, cls: str, text: str, place: tuple[str, ...]) -> str:
        match = _SHORT.fullmatch(text)
        if match is None or (cls == "Concept") != (match["item"] is not None):
            form = "AGENCY:SCHEME(VERSION).CONCEPT" if cls == "Concept" else "AGENCY:ID(VERSION)"
            raise InvalidRecipe([self._document.problem(place, f"{text!r} should be {form}")])
        urn = Urn(cls, match["agency"], match["id"], match["version"], match["item"])
        try:
            return str(Urn.parse(str(urn)))
        except InvalidUrn as error:
            raise InvalidRecipe([self._document.problem(place, f"{text!r} names nothing in SDMX: {error}")]) from None
