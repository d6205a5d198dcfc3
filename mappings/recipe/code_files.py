"""Code maps in files: the rows of a CSV or spreadsheet beside the recipe become ``codes`` of a component.

This reads the two-column layout of Open SDG (``Text,Dimension,Value``) and any other with a column of texts and a column of codes.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from mappings.errors import InvalidRecipe, UnreadableSource
from mappings.readers.catalogue import read_source
from mappings.readers.ports import ROW, UsedFile
from mappings.recipe.documents import Document
from mappings.recipe.model import CodesFile, Recipe
from mappings.recipe.paths import below

_CODE: Final = re.compile(r"[A-Za-z0-9_@$\-]+")


@dataclass(frozen=True)
class Resolved:
    """A recipe whose code files are read, and these files."""

    recipe: Recipe
    files: tuple[UsedFile, ...]


def resolve_code_files(document: Document, recipe: Recipe) -> Resolved:
    """Put the contents of code files into the components that name them; ``codes`` of the recipe go before those of the file.

    Raises:
        InvalidRecipe: With every problem: files that cannot be read, columns that are not there, contradictions, illegal codes.
    """
    components, problems, files = {}, [], []
    for name, source in recipe.components.items():
        components[name] = source
        if source.codes_file is None:
            continue
        place = ("components", name, "codes_file")
        try:
            codes, used = _read(document.path.parent, source.codes_file, name)
        except (UnreadableSource, OSError, ValueError) as error:
            problems += [document.problem(place, text) for text in str(error).splitlines()]
            continue
        files.append(used)
        components[name] = source.model_copy(update={"codes": {**codes, **(source.codes or {})}})
    if problems:
        raise InvalidRecipe(problems)
    return Resolved(recipe.model_copy(update={"components": components}), tuple(files))


def digest_of(recipe: bytes, files: Sequence[str]) -> str:
    """SHA-256 of a recipe; with files that belong to it, of its bytes followed by their digests."""
    return hashlib.sha256(recipe + "".join(files).encode()).hexdigest()


def _read(folder: Path, spec: CodesFile, component: str) -> tuple[dict[str, str], UsedFile]:
    table = read_source(below(folder, spec.file), spec.reader)
    wanted = [spec.text, spec.code, *spec.where]
    absent = [column for column in wanted if column not in table.columns]
    if absent:
        raise ValueError(f"{spec.file} has no column {absent[0]!r}; columns are {', '.join(table.columns)}")
    rows = table.frame.filter(*[pl.col(column).str.strip_chars() == value for column, value in spec.where.items()])
    rows = rows.select(pl.col(spec.text).alias("text"), pl.col(spec.code).str.strip_chars().alias("code"), pl.col(ROW).alias("row"))
    rows = rows.drop_nulls(["text", "code"])
    if rows.is_empty():
        raise ValueError(f"{spec.file} has no rows to take codes from; check text, code and where")
    return _unambiguous(rows, spec.file), UsedFile(spec.file, table.digest, table.bytes, f"codes of {component}")


def _unambiguous(rows: pl.DataFrame, file: str) -> dict[str, str]:
    codes: dict[str, str] = {}
    problems = []
    for text, code, row in rows.iter_rows():
        if not _CODE.fullmatch(code):
            problems.append(f"{file}:{row}: {code!r} is not an id; codes have letters, digits, _ - @ $")
        elif codes.setdefault(text, code) != code:
            problems.append(f"{file}:{row}: {text!r} has the code {codes[text]!r} above and {code!r} here; keep one")
    if problems:
        raise ValueError("\n".join(problems))
    return codes
