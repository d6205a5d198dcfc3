"""The header row of an SDMX-CSV data message: which column is what (field guides 1.0, 2.0 and 2.1, section on columns)."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass

from exchange.codecs.data_reading.unknown import nearest
from exchange.errors import MalformedMessage
from registry.data_schema import DataSchema

_FIRST = re.compile(r'"?(?P<term>DATAFLOW|STRUCTURE(?:\[(?P<sub>[^\]])\])?)(?:: [^"]*(?=")|)"?(?P<separator>[^\w"]|$)')
_TERM = re.compile(r"(?P<id>[^\[\]]+)(?P<multi>\[\])?(?:\[(?P<languages>[^\[\]]+)\])?")
#: No data structure has so many components.
MAX_COLUMNS = 10_000
_ID = re.compile(r"[A-Za-z0-9_@$-]+")
#: Columns with a meaning of their own.
_RESERVED = frozenset({"STRUCTURE_NAME", "SERIES_KEY", "OBS_KEY"})


@dataclass(frozen=True, slots=True)
class ComponentColumn:
    """A column that holds a component.

    Attributes:
        position: 0-based position in the row.
        has_sub_fields: The header says ``[]`` or ``[en;fr]``.
        languages: Languages of the header, in lower case.
        is_labelled: Ids may be followed by ``: name``.
    """

    position: int
    component: str
    has_sub_fields: bool = False
    languages: frozenset[str] = frozenset()
    is_labelled: bool = False


@dataclass(frozen=True, slots=True)
class CsvHeader:
    """What the header row says.

    Attributes:
        separator: Separates fields.
        sub_separator: Separates the values inside a field.
        width: Number of columns.
        is_first_version: SDMX-CSV 1.0, whose first column is the dataflow.
        structure_id: Position of the column that names the structure.
        action: Position of the action, or None.
        columns: The components.
        unknown: Terms of columns that are neither components of the structure nor of a meaning of their own; custom columns are allowed.
    """

    separator: str
    sub_separator: str
    width: int
    is_first_version: bool
    structure_id: int
    action: int | None
    columns: tuple[ComponentColumn, ...]
    unknown: tuple[str, ...] = ()


def separator_of(line: str) -> tuple[str, str]:
    """Field separator and sub-field separator, from the first term of the header row.

    Raises:
        MalformedMessage: When the first column is neither ``DATAFLOW`` nor ``STRUCTURE``.
    """
    match = _FIRST.match(line)
    if not match:
        raise MalformedMessage(
            f"line 1: an SDMX-CSV message begins with the column DATAFLOW (1.0) or STRUCTURE (2.0, 2.1), not with {line[:40]!r}. "
            "Map other CSV files with a recipe."
        )
    return match["separator"] or ",", match["sub"] or ";"


def parse_header(line: str, schema: DataSchema | None) -> CsvHeader:
    """Read the header row; without a schema only the structure columns are looked at.

    Raises:
        MalformedMessage: When a required column is missing, one stands twice, or there are too many.
    """
    separator, sub_separator = separator_of(line)
    try:
        terms = next(csv.reader(io.StringIO(line, newline=""), delimiter=separator))
    except csv.Error as error:
        raise MalformedMessage(f"line 1: the header row cannot be read ({error}). Look for a quote that is not closed.") from error
    if len(terms) > MAX_COLUMNS:
        raise MalformedMessage(f"line 1: the message has {len(terms):,} columns; more than {MAX_COLUMNS:,} are not read. Send fewer.")
    names = [term.partition(": ")[0].strip() for term in terms]
    is_first = names[0] == "DATAFLOW"
    if not is_first and "STRUCTURE_ID" not in names[1:2]:
        raise MalformedMessage("line 1: the second column must be STRUCTURE_ID. Add it: it names the structure as AGENCY:ID(VERSION).")
    action = names.index("ACTION") if not is_first and "ACTION" in names and (schema is None or "ACTION" not in schema) else None
    taken = {0, action} if is_first else {0, 1, action}
    columns, unknown = _components(terms, taken, schema, is_labelled=any(": " in term for term in terms))
    return CsvHeader(separator, sub_separator, len(terms), is_first, 0 if is_first else 1, action, tuple(columns), tuple(unknown))


def _components(
    terms: list[str], taken: set[int | None], schema: DataSchema | None, *, is_labelled: bool
) -> tuple[list[ComponentColumn], list[str]]:
    has_names = "STRUCTURE_NAME" in terms
    columns: list[ComponentColumn] = []
    unknown: list[str] = []
    mentioned = {re.split(r"[:\[]", term, maxsplit=1)[0].strip() for term in terms}
    for position, term in enumerate(terms):
        if (
            position in taken
            or schema is None
            or term in _RESERVED
            or (has_names and _names_previous(term, position, columns, mentioned, schema))
        ):
            continue
        match = _TERM.fullmatch(term.partition(": ")[0].strip())
        identifier = match["id"].strip() if match else term.strip()
        if not match or identifier not in schema:
            # One separator too many at the end of the header makes a column without a name.
            unknown += [identifier] if identifier or position < len(terms) - 1 else []
            continue
        if any(column.component == identifier for column in columns):
            raise MalformedMessage(f"line 1: the column {identifier!r} stands twice. Remove one of them.")
        languages = frozenset(tag.strip().lower() for tag in re.split(r"[^\w-]+", match["languages"] or "") if tag.strip())
        has_sub_fields = bool(match["multi"] or languages)
        columns.append(ComponentColumn(position, identifier, has_sub_fields, languages, is_labelled))
    return columns, unknown


def _names_previous(term: str, position: int, columns: list[ComponentColumn], mentioned: set[str], schema: DataSchema) -> bool:
    """True for the column of names that follows the column of a component (``labels=name``), whose name may be the same as its id.

    What looks like a slip of a component that the header does not mention is none.
    """
    if not columns or columns[-1].position != position - 1:
        return False
    if term in schema[columns[-1].component].names.values() or not _ID.fullmatch(term):
        return True
    return nearest(term, schema) in {None, *mentioned}
