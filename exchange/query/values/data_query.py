"""A data query, whatever version of SDMX-REST it was written in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from exchange.query.values.filters import ComponentFilter, SeriesKey


class Context(StrEnum):
    """What kind of artefact a data query names; ANY stands for ``*``."""

    DATASTRUCTURE = "datastructure"
    DATAFLOW = "dataflow"
    PROVISION_AGREEMENT = "provisionagreement"
    ANY = "*"


#: Frames count their rows in 32 bits: who asks for more asks for all.
MOST_ROWS = 2**32 - 1
#: ``dimensionAtObservation`` for flat data.
ALL_DIMENSIONS = "AllDimensions"


@dataclass(frozen=True)
class ObservationSelection:
    """Which observations, which versions of them, in which order. Times are aware datetimes.

    Attributes:
        keys: ORed with each other, ANDed with ``filters``; empty means every series.
        filters: Component id to filter; components are ANDed. ``TIME_PERIOD`` compares periods as ranges.
        updated_after: Only what was inserted, updated or deleted after this instant.
        as_of: The state at this instant instead of now.
        include_history: Every revision, not only the current one.
        first_n: At most so many observations of each series, from the first.
        last_n: At most so many observations of each series, counted back from the last.
        offset, limit: Which of the rows; these and ``first_n`` and ``last_n`` are never more than :data:`MOST_ROWS`.
        sort: ``(component id, descending)`` in order of precedence; empty means series key, then time.
        reporting_year_start_day: ``--MM-DD`` for reporting periods in ``filters``.
        agreements: Only what was reported under these provision agreements, each ``AGENCY:ID(VERSION)``; None among them stands for what
            was reported under none. For everything else an observation of another agreement does not exist.
    """

    keys: tuple[SeriesKey, ...] = ()
    filters: Mapping[str, ComponentFilter] = field(default_factory=dict)
    updated_after: datetime | None = None
    as_of: datetime | None = None
    include_history: bool = False
    first_n: int | None = None
    last_n: int | None = None
    offset: int = 0
    limit: int | None = None
    sort: tuple[tuple[str, bool], ...] = ()
    reporting_year_start_day: str = "--01-01"
    agreements: frozenset[str | None] | None = None

    def __post_init__(self) -> None:
        for name in ("first_n", "last_n", "offset", "limit"):
            rows = getattr(self, name)
            if rows is not None and rows > MOST_ROWS:
                object.__setattr__(self, name, MOST_ROWS)


@dataclass(frozen=True)
class DataQuery:
    """Which data, and how much of each observation is wanted.

    Attributes:
        agencies, ids: Admitted values; None means any.
        versions: Version query as written (``~``, ``+``, ``1.0``, ``*`` ... comma separated), parsed by ``registry.versions``.
        attributes: ``dsd``, ``msd``, ``dataset``, ``series``, ``obs``, ``all``, ``none`` or attribute ids.
        measures: ``all``, ``none`` or measure ids.
        dimension_at_observation: A dimension id, ``AllDimensions``, or None for the default of the structure.
        providers: SDMX-REST 1.x providerRef as ``(agency or None, provider id)``; None means any.
        strangers: Names of parameters that are foreign to SDMX-REST and left alone, unless a component is called like one.
        in_production: As SDMX-REST 1.5 means it: drafts only on request, and never beside another version of the same number.
    """

    context: Context = Context.ANY
    agencies: frozenset[str] | None = None
    ids: frozenset[str] | None = None
    versions: str = "*"
    selection: ObservationSelection = field(default_factory=ObservationSelection)
    attributes: tuple[str, ...] = ("dsd",)
    measures: tuple[str, ...] = ("all",)
    dimension_at_observation: str | None = None
    providers: frozenset[tuple[str | None, str]] | None = None
    strangers: frozenset[str] = frozenset()
    in_production: bool = False
