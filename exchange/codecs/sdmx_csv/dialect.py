"""What differs between the versions of SDMX-CSV, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from exchange.observations.ports import Action

#: Separates the values inside one field.
SUBFIELD_SEPARATOR: Final = ";"


@dataclass(frozen=True, slots=True)
class CsvDialect:
    """One version of SDMX-CSV.

    Attributes:
        has_structure_columns: ``STRUCTURE``, ``STRUCTURE_ID``, ``ACTION``, key columns and sub-fields; otherwise only ``DATAFLOW``.
        actions: Code of each action in the column ``ACTION``; empty when there is no such column.
    """

    version: str
    has_structure_columns: bool
    actions: Mapping[Action, str]


SDMX_CSV_1_0: Final = CsvDialect("1.0", has_structure_columns=False, actions=MappingProxyType({}))
#: Version 2.0 knows no merge; its append is what comes nearest.
SDMX_CSV_2_0: Final = CsvDialect(
    "2.0",
    has_structure_columns=True,
    actions=MappingProxyType({Action.MERGE: "A", Action.APPEND: "A", Action.REPLACE: "R", Action.DELETE: "D"}),
)
#: Version 2.1 keeps append only as an old name of merge.
SDMX_CSV_2_1: Final = CsvDialect(
    "2.1",
    has_structure_columns=True,
    actions=MappingProxyType({Action.MERGE: "M", Action.APPEND: "M", Action.REPLACE: "R", Action.DELETE: "D"}),
)
