"""What differs between the versions of SDMX-JSON in data messages, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from exchange.codecs.sdmx_json.dialect import JSON_2_0, JSON_2_1, JsonDialect
from exchange.observations.ports import Action


@dataclass(frozen=True, slots=True)
class JsonDataDialect:
    """One version of SDMX-JSON data.

    Attributes:
        base: What holds for structure messages too.
        schema: URL of the JSON schema: in ``meta``, where readers look for it, and where the base says so in ``$schema``.
        actions: How the actions are called. Before 2.1 there is no merge; append comes nearest.
        has_index_arrays: Several coded values are an array of indexes. The schema of 2.0 admits no array of integers (they match two
            branches of a ``oneOf``), so there the codes themselves are written and the component has no list of values.
        has_period_values: Time periods stand under ``value``, as everything that is not coded; before 2.1 under ``id``.
    """

    base: JsonDialect
    schema: str
    actions: Mapping[Action, str]
    has_index_arrays: bool
    has_period_values: bool


_MERGE_IS_APPEND: Final = MappingProxyType(
    {Action.MERGE: "Append", Action.APPEND: "Append", Action.REPLACE: "Replace", Action.DELETE: "Delete"}
)

DATA_2_0: Final = JsonDataDialect(
    JSON_2_0,
    "https://raw.githubusercontent.com/sdmx-twg/sdmx-json/master/data-message/tools/schemas/2.0.0/sdmx-json-data-schema.json",
    _MERGE_IS_APPEND,
    has_index_arrays=False,
    has_period_values=False,
)
DATA_2_1: Final = JsonDataDialect(
    JSON_2_1,
    "https://json.sdmx.org/2.1/sdmx-json-data-schema.json",
    MappingProxyType({**_MERGE_IS_APPEND, Action.MERGE: "Merge", Action.APPEND: "Merge"}),
    has_index_arrays=True,
    has_period_values=True,
)
