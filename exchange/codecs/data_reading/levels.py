"""Values that a message gives at two levels: for an observation itself, and for its series, a group or the dataset."""

from __future__ import annotations

import polars as pl

from exchange.codecs.data_reading.tables import as_lists
from exchange.errors import InvalidObservations
from exchange.observations.ports import SOURCE_ROW


def agreed(own: pl.Series, above: pl.Series, rows: pl.Series, unit: str, level: str) -> pl.Series:
    """The own values, where there is none those of the level above.

    Args:
        own: Text or lists; null = not given.
        above: What the level above says, row by row.
        rows: The places of the rows.
        unit: What a place is called (``line``, ``observation``).
        level: What the level above is called.

    Raises:
        InvalidObservations: When both are given and differ; names the place.
    """
    if own.dtype != above.dtype:
        own, above = as_lists(own, above)
    differ = (own.is_not_null() & above.is_not_null() & own.ne_missing(above)).arg_true()
    if differ.len():
        first = int(differ[0])
        raise InvalidObservations(
            f"{unit} {rows[first]}: {own.name} takes one value, but the observation says {_shown(own[first])} and its {level} says "
            f"{_shown(above[first])} ({differ.len()} such cases in this part of the message). Give it at one level, or the same at both."
        )
    return pl.select(pl.coalesce(own, above).alias(own.name)).to_series()


def agreed_frames(own: pl.DataFrame, above: pl.DataFrame, rows: pl.Series, unit: str, level: str) -> pl.DataFrame:
    """Both side by side; columns that stand in both become one, see :func:`agreed`."""
    both = [name for name in above.columns if name in own.columns]
    merged = [agreed(own[name], above[name], rows, unit, level) for name in both]
    return pl.concat([above.drop(both), own.with_columns(merged)], how="horizontal")


def one_value_each(rows: pl.DataFrame, keys: list[str], names: list[str], unit: str) -> pl.DataFrame:
    """One row per combination of some dimensions with the values given for it; the place is that of the first row.

    Raises:
        InvalidObservations: When something has two values for the same combination.
    """
    facts = [pl.col(name).drop_nulls().n_unique().alias(f"several {name}") for name in names]
    values = [pl.col(name).drop_nulls().first() for name in names]
    grouped = rows.group_by(keys, maintain_order=True).agg(*values, *facts) if keys else rows.select(*values, *facts)
    for name in names:
        several = grouped.filter(pl.col(f"several {name}") > 1)
        if several.height:
            about = [pl.col(key) == several[key][0] for key in keys]
            found = rows.filter(pl.col(name).is_not_null(), *about)
            key = ", ".join(f"{key}={several[key][0]}" for key in keys) or "the dataset"
            raise InvalidObservations(
                f"{unit} {found[SOURCE_ROW][-1]}: {name} takes one value for {key}, but has {_shown(found[name][0])} and "
                f"{_shown(found[name].filter(found[name].ne_missing(found[name].head(1).new_from_index(0, found.height)))[0])}. Send one."
            )
    return grouped.select(*keys, *names)


def _shown(value: object) -> str:
    return repr(value.to_list() if isinstance(value, pl.Series) else value)[:60]
