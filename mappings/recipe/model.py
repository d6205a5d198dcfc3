"""The recipe document as typed values.

Every scalar of a recipe is read as text (``No`` stays ``No``, ``1.10`` stays ``1.10``) and converted where a number or a truth
value is meant. Unknown keys are refused. ``recipe.schema.json`` is generated from this module and checked in.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from mappings.expressions.rounding import Rounding
from mappings.readers.ports import ReaderOptions
from mappings.recipe.source_model import Column, ColumnPattern, Lookup, Reader, Section, Source, TextList, Unpivot
from registry.findings import Severity

__all__ = ["Column", "ColumnPattern", "Lookup", "Section", "Source", "Unpivot"]

#: Ids of recipes, components and codes, as SDMX has them.
Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_@$\-]+$")]
AgencyId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_\-]*(\.[A-Za-z][A-Za-z0-9_\-]*)*$")]
SemanticVersion = Annotated[str, StringConstraints(pattern=r"^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z\-.]+)?$")]
ArtefactName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_.\-]*:[A-Za-z0-9_@$\-]+\([^()\s]+\)$")]
#: A recipe expression; the linter parses it.
Expr = Annotated[str, StringConstraints(min_length=1), Field(json_schema_extra={"format": "recipe-expression"})]
Texts = dict[str, str]


def _percent(value: object) -> object:
    return value.strip().removesuffix("%").rstrip() if isinstance(value, str) else value


class RowCheck(Section):
    """A condition that every row should meet; rows for which it is false (not: unknown) are findings. Errors keep the row out."""

    expect: Expr
    severity: Severity = Severity.WARNING
    message: str
    hint: str = "Look at these rows in the source."


class Filter(Section):
    """Rows to keep, and why the others do not belong to the statistics."""

    keep: Expr
    reason: str


class Derived(Section):
    """A new column computed from others.

    Either an expression in ``value``; text that it makes is read as ``type`` says. Or a ``statistic`` of the expression ``of`` over
    all rows that are equal in the columns of ``within``, written into each of them: ``difference`` is the value less that of the row
    before by ``order_by`` (the value itself in the first row, or nothing with ``first: missing``), ``running`` the sum so far.
    """

    column: str
    value: Expr | None = None
    type: Literal["text", "number", "date"] | None = None
    format: TextList = ()
    statistic: Literal["sum", "mean", "min", "max", "count", "difference", "running"] | None = None
    of: Expr | None = None
    within: tuple[str, ...] = ()
    order_by: tuple[str, ...] = ()
    first: Literal["itself", "missing"] = "itself"


class Deduplication(Section):
    """Rows that describe the same thing: keep the first or last by an ordering, or keep all and report. Rows without a key are kept."""

    key: tuple[str, ...] = Field(min_length=1)
    keep: Literal["first", "last", "all"] = "first"
    order_by: tuple[str, ...] = Field(default=(), description="Columns to order by before one is taken; then the order of the file")
    reason: str


class MultiSelect(Section):
    """A column whose cells hold several declared answers; a row counts once in each answer it holds.

    Options are matched longest first, so an option may contain the delimiter. Text left over is a finding and keeps the row out
    unless ``unmatched`` names a code for it. ``missing`` is the code of rows without any answer; without it they are left out of
    the breakdown (and still count in totals).

    Answers that stand in columns of their own (one per answer, ``TRUE`` or ``1`` where it was given) are declared under ``columns``.
    """

    column: str | None = None
    delimiter: str = ","
    options: dict[str, Id] = Field(default={}, description="Answer as it stands in the source to code")
    columns: dict[str, Id] = Field(default={}, description="Column of an answer to its code, instead of column and options")
    none: Id | None = Field(default=None, description="Code of rows that answered but selected nothing, where answers have columns")
    selected: tuple[str, ...] = Field(default=("1", "TRUE", "True", "true"), description="Texts that say that an answer was given")
    missing: Id | None = None
    unmatched: Id | None = None


class TimeFormat(Section):
    """How a column becomes TIME_PERIOD: a date column (ISO 8601 text after reading) reduced to a period of this frequency."""

    to: Literal["A", "S", "Q", "M", "W", "D"]


class CodesFile(Section):
    """A code map in a CSV or spreadsheet beside the recipe: its column of texts and its column of codes.

    ``where`` takes only the rows with these values, so that one file can serve many components.
    """

    file: str
    text: str
    code: str
    where: dict[str, str] = {}
    reader: Reader = Field(default_factory=ReaderOptions)


class ComponentSource(Section):
    """Where the value of a component comes from: a fixed ``value``, a ``column``, or a ``multi_select`` column.

    ``codes`` maps texts of the source to codes; a text that is not listed is a finding and keeps the row out, unless ``default``
    says which code stands for all others. ``codes_file`` reads further codes from a file; ``codes`` go before it. ``missing`` is the
    code for absent values. ``total`` is the code of the total.
    """

    value: str | None = None
    column: str | None = None
    multi_select: str | None = None
    codes: dict[str, Id] | None = None
    codes_file: CodesFile | None = None
    default: Id | None = None
    missing: str | None = None
    total: Id | None = None
    time: TimeFormat | None = None
    publish_personal: str | None = Field(default=None, description="Why a personal column, or one that looks so, may be published")
    mapped_on_purpose: str | None = Field(
        default=None, description="Why a mapping that looks wrong is right (PWD, REF_AREA numbers, REPORTING_TYPE=G)"
    )


class Indicator(Section):
    """One indicator: what is computed, from which rows, and the component values that identify and describe it.

    ``statistic`` is the function; ``of`` its argument (a number; a condition for ``proportion``), ``to`` the denominator of
    ``ratio``. ``among`` restricts the rows. A row contributes when ``among`` holds and its argument is not missing. ``weight``
    weighs sums, means, proportions and ratios. ``value`` takes the number as it stands, one observation per row.
    """

    statistic: Literal["count", "sum", "mean", "median", "proportion", "ratio", "min", "max", "value"]
    of: Expr | None = None
    to: Expr | None = None
    among: Expr | None = None
    weight: Expr | None = None
    extremes_on_purpose: str | None = Field(default=None, description="Why min or max, which tell the value of one unit, are safe")
    publish_personal: str | None = Field(default=None, description="Why a personal column, or one that looks so, may be published")
    scale: float = 1
    decimals: int | None = Field(default=None, ge=0, le=12)
    rounding: Rounding | None = Field(default=None, description="Rule for halves of this indicator; that of the recipe when absent")
    measure: Id = "OBS_VALUE"
    components: dict[Id, str] = {}
    names: Texts = {}


class Totals(Section):
    """Which combinations of dimensions are published; a dimension left out of a combination shows its total.

    ``all`` makes every combination of the dimensions that have a total; otherwise each entry lists the dimensions broken down.
    """

    groupings: Literal["all"] | tuple[tuple[Id, ...], ...] = "all"


class FlagRule(Section):
    """Component values for observations that meet a condition.

    The condition may read ``n``, ``value``, ``numerator``, ``denominator``, ``indicator`` and all components.
    """

    when: Expr
    set: dict[Id, str] = Field(min_length=1)


class Classes(Section):
    """A count published as a class: ``breaks`` are the lower bounds of the classes, ``codes`` their codes."""

    of: Literal["n"] = "n"
    breaks: tuple[int, ...] = Field(min_length=1)
    codes: tuple[Id, ...] = Field(min_length=1)


class Disclosure(Section):
    """Primary threshold suppression.

    Cells with 1 to ``min_units`` - 1 contributing units are suppressed: the measure becomes empty, OBS_STATUS says so, and every
    component in ``hide`` (and every classed count) is emptied too. ``zero_is_safe`` false suppresses cells of no units as well.
    """

    min_units: int = Field(ge=2)
    min_count: int | None = Field(
        default=None, ge=2, description="Suppress counts and shares that rest on fewer units in the numerator, or all but fewer of them"
    )
    zero_is_safe: bool = True
    status: Id = "Q"
    hide: tuple[Id, ...] = Field(default=(), description="Further components to empty, such as bounds and counts")
    comment: str | None = Field(default=None, description="Text for COMMENT_OBS of suppressed cells")
    source_rows: Literal["exact", "withheld"] = "withheld"


class Party(Section):
    """An organisation in the provenance record."""

    id: str
    name: str
    url: str | None = None


class Provenance(Section):
    """Who, how, when and under which terms: recorded with every run and published as W3C PROV."""

    collector: Party
    publisher: Party
    licence: str
    licence_url: str | None = None
    source_url: str | None = None
    collected: str | None = Field(default=None, description="Period of collection, e.g. 2023")
    consent: str = "UNKNOWN"
    participation: str | None = Field(default=None, description="Level of the participation ladder of the Copenhagen Framework, 1 to 5")
    method: str
    notes: tuple[str, ...] = ()


class Recipe(Section):
    """A recipe: how one kind of dataset becomes one dataflow."""

    recipe: Literal["1"] = Field(description="Version of this format")
    id: Id
    agency: AgencyId
    version: SemanticVersion
    names: Texts = Field(min_length=1)
    descriptions: Texts = {}
    dataflow: ArtefactName
    provision_agreement: ArtefactName | None = Field(
        default=None, description="Provision agreement under which the observations are handed in; its constraints hold too"
    )
    structures: str | None = Field(default=None, description="Structures file beside the recipe")
    publication: Literal["merge", "replace"] = Field(
        default="merge", description="replace: one run is the whole dataflow, so observations it does not contain are deleted"
    )
    source: Source
    max_rejected: Annotated[float, BeforeValidator(_percent)] = Field(
        default=5, ge=0, le=100, description="Percent of rows that may be kept out because of errors before nothing is published"
    )
    derive: tuple[Derived, ...] = ()
    checks: tuple[RowCheck, ...] = ()
    filters: tuple[Filter, ...] = ()
    deduplicate: tuple[Deduplication, ...] = ()
    unit: str | None = Field(
        default=None, description="Column that identifies what is counted as one unit in n and for thresholds; a row each when absent"
    )
    multi_select: dict[str, MultiSelect] = {}
    components: dict[Id, ComponentSource] = Field(min_length=1)
    indicators: dict[Id, Indicator] = Field(min_length=1)
    rounding: Rounding = Field(
        default=Rounding.HALF_TO_EVEN, description="What becomes of a half: 0.5 and 2.5 become 0 and 2, or 1 and 3 (away_from_zero)"
    )
    totals: Totals | None = None
    flags: tuple[FlagRule, ...] = ()
    status_hierarchy: tuple[Id, ...] = Field(
        default=(), description="Several flag rules may apply: the highest status stands in OBS_STATUS, the others in COMMENT_OBS"
    )
    classes: dict[Id, Classes] = {}
    disclosure: Disclosure | None = None
    provenance: Provenance

    @property
    def name(self) -> str:
        """``AGENCY:ID(VERSION)``."""
        return f"{self.agency}:{self.id}({self.version})"

    @property
    def is_aggregated(self) -> bool:
        """True when rows are aggregated; false when every row is an observation."""
        return any(indicator.statistic != "value" for indicator in self.indicators.values())
