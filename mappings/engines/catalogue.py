"""The frame engines by the names that users give them."""

from __future__ import annotations

from mappings.engines.names import EngineName
from mappings.engines.polars_engine import PolarsEngine
from mappings.errors import MappingFailed
from mappings.ports import FrameEngine


def engine_called(name: EngineName) -> FrameEngine:
    """A new engine, for one run.

    Raises:
        MappingFailed: When the package it needs is not installed.
    """
    if name is EngineName.POLARS:
        return PolarsEngine()
    try:
        from mappings.engines.duckdb_engine import DuckDBEngine  # noqa: PLC0415 - an optional package
    except ImportError:
        raise MappingFailed("the engine duckdb needs the package duckdb; install citizen-data-exchange[duckdb]") from None
    return DuckDBEngine()
