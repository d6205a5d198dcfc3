"""An availability query, whatever version of SDMX-REST it was written in."""

from __future__ import annotations

from dataclasses import dataclass, field

from exchange.query.values.data_query import DataQuery


@dataclass(frozen=True)
class AvailabilityQuery:
    """What exists, instead of the data themselves.

    Attributes:
        data: Which data the question is about.
        components: Dimension ids to report; empty means all.
        available: mode=available (values that remain valid choices) instead of exact (values in the result).
        references: Kinds of artefacts to add: REST resource names; empty means none.
    """

    data: DataQuery = field(default_factory=DataQuery)
    components: tuple[str, ...] = ()
    available: bool = False
    references: frozenset[str] = frozenset()


#: What ``references=all`` of an availability query stands for (SDMX-REST 2.2.2, availability).
ALL_AVAILABILITY_REFERENCES = frozenset({"dataflow", "datastructure", "conceptscheme", "dataproviderscheme", "codelist", "valuelist"})
