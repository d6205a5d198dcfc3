"""What users call the frame engines; loads none of them."""

from __future__ import annotations

from enum import StrEnum


class EngineName(StrEnum):
    """Names of the engines."""

    POLARS = "polars"
    DUCKDB = "duckdb"
