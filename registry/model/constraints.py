"""Data constraints: cube regions and key sets that restrict what may be reported (SDMX 3.1 Section 2, constraints)."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import msgspec

from registry.model.base import Annotable, Maintainable, Reference, SdmxStruct, To
from registry.model.codelists import Cascade


class TimePeriodBound(SdmxStruct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """One end of a time range."""

    period: str
    is_inclusive: bool = True


class TimeRange(SdmxStruct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """Before, after, or from start to end; validity limits it in time."""

    before_period: TimePeriodBound | None = None
    after_period: TimePeriodBound | None = None
    start_period: TimePeriodBound | None = None
    end_period: TimePeriodBound | None = None
    valid_from: str | None = None
    valid_to: str | None = None


class SelectedValue(SdmxStruct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A value of a selection; ``%`` matches any characters; validity limits it in time."""

    value: str
    cascade_values: Cascade | None = None
    lang: str | None = None
    valid_from: str | None = None
    valid_to: str | None = None


class ComponentSelection(SdmxStruct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """Values or a time range of one component (SDMX-JSON ``keyValues`` and ``components`` of a cube region or key).

    ``include`` None means the default, true. Neither values nor a range selects every value.
    """

    id: str
    include: bool | None = None
    remove_prefix: bool | None = None
    valid_from: str | None = None
    valid_to: str | None = None
    values: tuple[SelectedValue, ...] = ()
    time_range: TimeRange | None = None


class CubeRegion(Annotable, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A region of the cube: selections on dimensions (``key_values``) and on other components, ANDed."""

    include: bool = True
    key_values: tuple[ComponentSelection, ...] = ()
    components: tuple[ComponentSelection, ...] = ()


class DataKey(Annotable, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A full or partial key of a key set; positions not mentioned match anything."""

    include: Literal[True] = True
    key_values: tuple[ComponentSelection, ...] = ()
    components: tuple[ComponentSelection, ...] = ()
    valid_from: str | None = None
    valid_to: str | None = None


class DataKeySet(SdmxStruct, frozen=True, kw_only=True, rename="camel"):
    """A list of keys that are allowed (``is_included``) or not."""

    is_included: bool
    keys: tuple[DataKey, ...]


class ReleaseCalendar(SdmxStruct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """SDMX 2.1 and 3.0: when data are released; durations as written."""

    periodicity: str
    offset: str
    tolerance: str


class ReferencePeriod(SdmxStruct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """SDMX 2.1: the days that a constraint is about; instants as written."""

    start_time: str
    end_time: str


class ConstraintAttachment(SdmxStruct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """What a constraint restricts: exactly one kind is filled. The last two are SDMX 2.1 extension properties."""

    data_provider: Annotated[Reference, To("DataProvider")] | None = None
    data_structures: tuple[Annotated[Reference, To("DataStructure")], ...] = ()
    dataflows: tuple[Annotated[Reference, To("Dataflow")], ...] = ()
    provision_agreements: tuple[Annotated[Reference, To("ProvisionAgreement")], ...] = ()
    data_sets: tuple[str, ...] = msgspec.field(default=(), name="x-dataSets")
    simple_data_sources: tuple[str, ...] = msgspec.field(default=(), name="x-simpleDataSources")


class DataConstraint(Maintainable, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A data constraint (2.1: content constraint). ``role`` and ``release_calendar`` exist in 2.1 and 3.0 only; None means allowed.

    ``reference_period`` exists in 2.1 only.
    """

    urn_class: ClassVar[str] = "DataConstraint"

    constraint_attachment: ConstraintAttachment | None = None
    data_key_sets: tuple[DataKeySet, ...] = ()
    cube_regions: tuple[CubeRegion, ...] = ()
    role: Literal["Allowed", "Actual"] | None = msgspec.field(default=None, name="x-role")
    release_calendar: ReleaseCalendar | None = msgspec.field(default=None, name="x-releaseCalendar")
    reference_period: ReferencePeriod | None = msgspec.field(default=None, name="x-referencePeriod")

    @property
    def is_actual(self) -> bool:
        """True when it says what data there are, and restricts nothing."""
        return self.role == "Actual"


class AvailabilityAttachment(SdmxStruct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """What an availability constraint is about: exactly one."""

    data_structure: Annotated[Reference, To("DataStructure")] | None = None
    dataflow: Annotated[Reference, To("Dataflow")] | None = None
    provision_agreement: Annotated[Reference, To("ProvisionAgreement")] | None = None


class AvailabilityConstraint(Annotable, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """What data exist for a query (SDMX 3.1): the answer to an availability query. Not maintainable, never stored."""

    constraint_attachment: AvailabilityAttachment
    cube_region: CubeRegion
    series_count: int | None = None
    obs_count: int | None = None
