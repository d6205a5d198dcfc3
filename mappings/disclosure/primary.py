"""Primary suppression: cells of too few units lose their value and everything that would give it away, before anyone sees them.

After this step the exact number of units is gone from every cell. Nothing written later (report, log, provenance, dry run) can
contain a suppressed value, because no later step has it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import narwhals.stable.v2 as nw

from mappings.cells import COMMENT_OBS, DENOMINATOR, INDICATOR, MET, NUMERATOR, OBS_STATUS, SUPPRESSED, UNITS, VALUE, mapped
from mappings.ports import Rows
from mappings.recipe.model import ComponentSource, Disclosure


def protect(
    cells: Rows,
    policy: Disclosure | None,
    revealing: Collection[str],
    components: Mapping[str, ComponentSource],
    proportions: Collection[str] = (),
) -> tuple[Rows, list[str]]:
    """Empty the cells below the threshold and drop the exact counts.

    Args:
        cells: Cells with their counts.
        policy: The rule, or None when nothing is suppressed.
        revealing: Components that flags and classes derived from the counts; they fall back to their fixed value, or to nothing.
        components: Where fixed values come from.
        proportions: Indicators that are shares of units which meet a condition.

    Returns:
        The cells without counts, with a column that marks suppressed ones, and the components that were emptied.
    """
    hidden = sorted({*revealing, *(policy.hide if policy else ()), *((COMMENT_OBS,) if policy and policy.comment else ())} - {OBS_STATUS})
    cells = cells.with_columns((_too_few(policy, proportions) if policy else nw.lit(False)).alias(SUPPRESSED))
    if policy:
        cells = cells.with_columns(
            nw.when(~nw.col(SUPPRESSED)).then(nw.col(VALUE)).otherwise(None).alias(VALUE),
            _replaced(cells, OBS_STATUS, policy.status),
            *[_replaced(cells, name, _fallback(name, policy, components)) for name in hidden],
        )
    return cells.drop(UNITS, MET, NUMERATOR, DENOMINATOR), hidden if policy else []


def _too_few(policy: Disclosure, proportions: Collection[str]) -> nw.Expr:
    """Cells of few units; with ``min_count`` also shares of few units and of all but few (a share of 1 in 50 tells the count 1)."""
    units, met = nw.col(UNITS), nw.col(MET)
    few = (units < policy.min_units) & ((units > 0) if policy.zero_is_safe else (units >= 0))
    if policy.min_count is None or not proportions:
        return few
    low, high = ((part > 0) & (part < policy.min_count) for part in (met, units - met))
    return few | (nw.col(INDICATOR).is_in(list(proportions)) & (low | high))


def _fallback(name: str, policy: Disclosure, components: Mapping[str, ComponentSource]) -> str | None:
    if name == COMMENT_OBS and policy.comment:
        return policy.comment
    source = components.get(name)
    return source.value if source and name not in policy.hide else None


def _replaced(cells: Rows, name: str, instead: str | None) -> nw.Expr:
    present = mapped(name) in cells.collect_schema().names()
    value = nw.col(mapped(name)) if present else nw.lit(None).cast(nw.String)
    return nw.when(nw.col(SUPPRESSED)).then(nw.lit(instead).cast(nw.String)).otherwise(value).alias(mapped(name))
