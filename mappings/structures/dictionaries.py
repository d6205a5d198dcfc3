"""Data dictionaries: CSV files that describe the variables of a dataset, which become concepts."""

from __future__ import annotations

import csv
import re
from pathlib import Path

from mappings.errors import InvalidRecipe


def concepts_of_dictionary(path: Path, id_column: str, description_column: str) -> dict[str, str]:
    """Variables of a data dictionary with their descriptions.

    Raises:
        InvalidRecipe: When the file cannot be read, lacks a column, or names a variable twice.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = list(csv.DictReader(lines))
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidRecipe([f"{path.name}: the data dictionary cannot be read ({type(error).__name__}); give a UTF-8 CSV file"]) from None
    for column in (id_column, description_column):
        if rows and column not in rows[0]:
            raise InvalidRecipe([f"{path.name}: has no column {column!r}; columns are {', '.join(rows[0])}"])
    variables: dict[str, str] = {}
    for number, row in enumerate(rows, start=2):
        name = row[id_column].strip()
        if name in variables:
            raise InvalidRecipe([f"{path.name}:{number}: names {name!r} for the second time; keep one"])
        variables[name] = row[description_column].strip()
    return variables


def concept_id(variable: str) -> str:
    """A legal SDMX concept id for a column name.

    >>> concept_id("water available today?")
    'WATER_AVAILABLE_TODAY'
    """
    cleaned = re.sub(r"[^A-Za-z0-9_]+", "_", variable.strip()).strip("_").upper()
    return cleaned if cleaned[:1].isalpha() else f"V_{cleaned}"
