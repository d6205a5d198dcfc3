"""Reads recipes: YAML to the typed model, every problem with file, line and remedy."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError

from mappings.errors import InvalidRecipe
from mappings.readers.ports import ReaderOptions, UsedFile
from mappings.recipe.code_files import digest_of, resolve_code_files
from mappings.recipe.documents import QUOTE, Document, read_document
from mappings.recipe.model import Recipe
from mappings.recipe.paths import below
from registry.model.identity import Urn

#: The key that the message of a wrong reader option is about.
_READER_KEY = re.compile(r"(?:unknown field `|at `\$\.)(?P<name>\w+)")
#: Signs that no key has, but pieces of expressions.
_NO_KEY = re.compile(r"[()'\"=<>|*/]|^\d")
ModelT = TypeVar("ModelT", bound=BaseModel)


@dataclass(frozen=True)
class LoadedRecipe:
    """A recipe and the document it came from.

    Attributes:
        recipe: The typed recipe.
        document: Lines and text of the file.
        digest: SHA-256 of the file (and of the code files it names), in hexadecimal.
        code_files: The code files that it names.
    """

    recipe: Recipe
    document: Document
    digest: str
    code_files: tuple[UsedFile, ...] = ()

    @property
    def structures_path(self) -> Path | None:
        """The structures file that the recipe names, if any.

        Raises:
            UnreadableSource: When it lies outside the folder of the recipe.
        """
        return below(self.document.path.parent, self.recipe.structures) if self.recipe.structures else None


def schema_urn(loaded: LoadedRecipe) -> Urn:
    """The URN of what the data structure is seen through: the provision agreement that a recipe names, else the dataflow it fills."""
    agreement = loaded.recipe.provision_agreement
    if agreement is not None:
        return Urn.parse(f"urn:sdmx:org.sdmx.infomodel.registry.ProvisionAgreement={agreement}")
    return Urn.parse(f"urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow={loaded.recipe.dataflow}")


def load_recipe(path: Path) -> LoadedRecipe:
    """Read and type a recipe; :func:`mappings.linting.linter.lint` checks what it says.

    Raises:
        InvalidRecipe: With every problem, each with file and line.
    """
    document = read_document(path)
    resolved = resolve_code_files(document, typed(document, Recipe))
    return LoadedRecipe(resolved.recipe, document, digest_of(document.text, [file.sha256 for file in resolved.files]), resolved.files)


def typed(document: Document, model: type[ModelT]) -> ModelT:
    """Type a document.

    Raises:
        InvalidRecipe: With every problem.
    """
    try:
        return model.model_validate(document.content)
    except ValidationError as error:
        raise InvalidRecipe([_spoken(document, detail, model) for detail in error.errors(include_url=False)]) from None


def recipe_json_schema() -> str:
    """The JSON schema of recipes, as checked in beside this module."""
    schema: dict[str, Any] = Recipe.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return json.dumps(schema, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def _spoken(document: Document, detail: Any, model: type[BaseModel]) -> str:
    place = tuple(part for part in detail["loc"] if part != "[key]")
    message = str(detail["msg"]).removeprefix("Value error, ")
    if place and place[-1] == "reader" and (key := _READER_KEY.search(message)):
        place = (*place, key["name"])
        message += f"; keys of a reader are {', '.join(ReaderOptions.__struct_fields__)}" if "unknown field" in message else ""
    if detail["type"] == "extra_forbidden":
        known = sorted(_known_keys(model, place[:-1]))
        near = get_close_matches(str(place[-1]), known, n=1)
        message = "is not a key here" + (f"; did you mean {near[0]!r}?" if near else "; see docs/recipes.md for the keys")
        if not near and _NO_KEY.search(str(place[-1])):
            message += "; a comma ends a value in {…}, so put an expression in double quotes there"
    elif detail["type"] == "string_type":
        message = f"should be a text; {QUOTE}"
    elif detail["type"] == "model_type":
        message = "should have keys with values, such as names: {en: …}"
    elif detail["type"] == "missing":
        message = "is missing"
    elif detail["type"] == "string_pattern_mismatch":
        message = f"{detail['input']!r} has the wrong form; expected {detail['ctx']['pattern']}"
    return document.problem(place, message)


def _known_keys(model: type[BaseModel], place: tuple[str | int, ...]) -> set[str]:
    """The keys of the section at a place."""
    section: type[BaseModel] | None = model
    parts = iter(place)
    for part in parts:
        field = section.model_fields.get(str(part)) if section else None
        section = _section_type(field.annotation) if field else None
        if field and get_origin(field.annotation) in {tuple, dict}:
            # The next part is the index or the name of one section among several.
            next(parts, None)
    return set(section.model_fields) if section else set()


def _section_type(annotation: Any) -> type[BaseModel] | None:
    """The section in an annotation such as ``tuple[Filter, ...]`` or ``dict[str, Column] | None``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _section_type(part)) is not None), None)
