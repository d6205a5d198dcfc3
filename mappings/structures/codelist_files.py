"""Codelists from files: the choices of an XLSForm, a list of litter items, a gazetteer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final

import polars as pl
from pydantic import BeforeValidator, Field

from mappings.readers.catalogue import read_source
from mappings.readers.ports import ROW, ReaderOptions
from mappings.recipe.model import Section, Texts
from mappings.recipe.paths import below
from mappings.recipe.source_model import Reader
from registry.model.codelists import Code

_CODE: Final = re.compile(r"[A-Za-z0-9_@$\-]+")


def _by_language(value: object) -> object:
    return {"en": value} if isinstance(value, str) else value


class CodelistFile(Section):
    """Columns of a CSV or spreadsheet beside the structures file that make codes.

    ``names`` and ``descriptions`` are columns by language; a plain text is the English one. ``where`` takes only the rows with these
    values, as in the choices of an XLSForm.
    """

    file: str
    id: str
    names: Annotated[Texts, BeforeValidator(_by_language), Field(min_length=1)]
    descriptions: Annotated[Texts, BeforeValidator(_by_language)] = {}
    parent: str | None = None
    where: dict[str, str] = {}
    reader: Reader = Field(default_factory=ReaderOptions)


def codes_of_file(folder: Path, spec: CodelistFile) -> list[Code]:
    """The codes in the order of the file.

    Raises:
        UnreadableSource: When the file cannot be read.
        ValueError: When columns are missing, or a code is illegal, without a name, or there twice; one line per problem.
    """
    table = read_source(below(folder, spec.file), spec.reader)
    wanted = [spec.id, *spec.names.values(), *spec.descriptions.values(), *spec.where, *((spec.parent,) if spec.parent else ())]
    absent = [column for column in wanted if column not in table.columns]
    if absent:
        raise ValueError(f"{spec.file} has no column {absent[0]!r}; columns are {', '.join(table.columns)}")
    cleaned = table.frame.with_columns(pl.col(column).str.strip_chars() for column in set(wanted))
    rows = cleaned.filter(*[pl.col(column) == value for column, value in spec.where.items()]).drop_nulls(spec.id)
    if rows.is_empty():
        raise ValueError(f"{spec.file} has no rows to take codes from; check id and where")
    problems = list(_problems(rows, spec))
    if problems:
        raise ValueError("\n".join(problems))
    return [_code(row, spec) for row in rows.iter_rows(named=True)]


def _problems(rows: pl.DataFrame, spec: CodelistFile) -> Iterator[str]:
    seen: dict[str, int] = {}
    for row in rows.iter_rows(named=True):
        code, place = row[spec.id], f"{spec.file}:{row[ROW]}"
        if not _CODE.fullmatch(code):
            yield f"{place}: {code!r} is not an id; codes have letters, digits, _ - @ $"
        elif code in seen:
            yield f"{place}: {code!r} stands in row {seen[code]} already; keep one"
        elif not any(row[column] for column in spec.names.values()):
            yield f"{place}: {code!r} has no name"
        seen.setdefault(code, row[ROW])


def _code(row: dict[str, str | None], spec: CodelistFile) -> Code:
    return Code(
        id=str(row[spec.id]),
        names=_texts(row, spec.names),
        descriptions=_texts(row, spec.descriptions),
        parent=row[spec.parent] or None if spec.parent else None,
    )


def _texts(row: dict[str, str | None], columns: Texts) -> dict[str, str]:
    return {language: text for language, column in columns.items() if (text := row[column])}
