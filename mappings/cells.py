"""The working table of a run: what its columns are called.

A run works on two frames. *Rows* have the columns of the source under their own names, :data:`~mappings.readers.ports.ROW`, and
columns that the run adds. *Cells* are what becomes of them, one row per future observation: the components (:func:`mapped`),
:data:`INDICATOR`, :data:`UNITS`, :data:`VALUE`, :data:`NUMERATOR` and :data:`DENOMINATOR`, which recipes may read in flag conditions,
and columns that only disclosure control looks at.

Names that the run adds begin with ``=`` (components) or ``~`` (everything else), so that they cannot be taken for an id of a
component; ``n``, ``value`` and the others that recipes know are refused as ids of components.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

#: Number of units that contribute to a cell: rows, or distinct values of the recipe's ``unit`` column.
UNITS: Final = "n"
#: The number that becomes the measure.
VALUE: Final = "value"
#: What the value was made from: the sum above and below the line.
NUMERATOR: Final = "numerator"
DENOMINATOR: Final = "denominator"
#: Key of the indicator in the recipe.
INDICATOR: Final = "indicator"
#: Words that flag conditions may use; the first four are numbers.
NUMBERS: Final = (UNITS, VALUE, NUMERATOR, DENOMINATOR)
WORDS: Final = frozenset({*NUMBERS, INDICATOR})

#: Units whose argument is not zero; only disclosure control looks at it.
MET: Final = "~met"
#: Marks suppressed cells for the counts and the provenance.
SUPPRESSED: Final = "~suppressed"
#: Tells two rows of one indicator and key apart.
OCCURRENCE: Final = "~occurrence"

#: Components that flags, classes and disclosure control know by name.
OBS_STATUS: Final = "OBS_STATUS"
COMMENT_OBS: Final = "COMMENT_OBS"

_COMPONENT: Final = "="


def mapped(component: str) -> str:
    """Column of a component.

    >>> mapped("REF_AREA")
    '=REF_AREA'
    """
    return f"{_COMPONENT}{component}"


def component_of(column: str) -> str | None:
    """The component whose column this is, or None: the inverse of :func:`mapped`."""
    return column.removeprefix(_COMPONENT) if column.startswith(_COMPONENT) else None


@dataclass(frozen=True, slots=True)
class IndicatorColumns:
    """Columns of the rows that one indicator needs.

    Attributes:
        contributes: Whether the row contributes.
        argument: The argument.
        weight: The weight.
        divisor: The denominator.
        weighted: The argument times the weight; what is summed above the line.
        weighted_divisor: The denominator times the weight; what is summed below the line.
        unit: The unit that contributes; only where a recipe names a unit.
        meeting_unit: The unit, where its argument is not zero.
    """

    contributes: str
    argument: str
    weight: str
    divisor: str
    weighted: str
    weighted_divisor: str
    unit: str
    meeting_unit: str


def columns_of_indicator(index: int) -> IndicatorColumns:
    """The columns of the indicator at a position of the recipe."""
    return IndicatorColumns(*(f"~{letter}{index}" for letter in "cvgtxduw"))


#: All columns that indicators add to the rows, as a pattern.
OF_INDICATORS: Final = r"^~[cvgtxduw]\d+$"


def aggregate_column(name: str, index: int) -> str:
    """Column of the cells: a sum, count or median of an indicator, before its value is made from them."""
    return f"~{name}~{index}"


def number_column(column: str) -> str:
    """Column of the rows: a column of text while it is read as numbers."""
    return f"~number~{column}"


def answer_column(multi_select: str, index: int) -> str:
    """Column of the rows: whether a row holds an answer of a multi-select."""
    return f"~{multi_select}~{index}"


def option_column(multi_select: str, index: int) -> str:
    """Column of the rows: whether a cell of a multi-select holds an option."""
    return f"~{multi_select}~option~{index}"


def rest_column(multi_select: str) -> str:
    """Column of the rows: what is left of a cell of a multi-select when its options are taken out."""
    return f"~{multi_select}~rest"


def rule_column(index: int) -> str:
    """Column of the cells: whether a flag rule applies."""
    return f"~rule{index}"
