"""Columns whose cells hold several answers: split against the declared options, longest first.

The delimiter inside a cell is doubled before matching, so that every answer stands between delimiters of its own and an option
that contains the delimiter is found whole. What no option explains is left over, and reported.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import narwhals.stable.v2 as nw

from mappings.cells import answer_column, option_column, rest_column
from mappings.journal import Journal
from mappings.ports import Rows
from mappings.recipe.model import MultiSelect
from registry.findings import Finding, Severity


@dataclass(frozen=True)
class Breakdown:
    """The answers of a multi-select column as columns: code to the name of the Boolean column that says whether a row holds it."""

    flags: dict[str, str]


def split_answers(rows: Rows, name: str, rule: MultiSelect, journal: Journal) -> tuple[Rows, Breakdown]:
    """Add one Boolean column per code. Rows with text that no option explains are kept out, unless a code is declared for it."""
    if rule.column is None:
        return _flagged_columns(rows, name, rule)
    rows, flags = _match_options(rows, name, rule, rule.column)
    rest = rest_column(name)
    unexplained = nw.coalesce(nw.col(rest).str.strip_chars() != "", nw.lit(False))
    if rule.unmatched:
        flags.setdefault(rule.unmatched, []).append(unexplained)
    else:
        rows = journal.reject(
            rows,
            unexplained,
            Finding(
                "unknown-option",
                Severity.ERROR,
                f"{rule.column} holds text that is none of the declared options",
                f"Add the option to multi_select.{name}.options, or give a code for such text with 'unmatched'.",
                column=rule.column,
            ),
            shown=rest,
        )
    if rule.missing:
        flags.setdefault(rule.missing, []).append(nw.col(rest).is_null())
    columns = {code: answer_column(name, index) for index, code in enumerate(flags)}
    combined = [nw.any_horizontal(*conditions, ignore_nulls=True).alias(columns[code]) for code, conditions in flags.items()]
    return rows.with_columns(*combined).drop(rest), Breakdown(columns)


def _flagged_columns(rows: Rows, name: str, rule: MultiSelect) -> tuple[Rows, Breakdown]:
    """Answers that have a column each. A row in which all of them are absent has not answered; one in which none is selected has."""
    chosen = {column: nw.coalesce(nw.col(column).cast(nw.String).is_in(list(rule.selected)), nw.lit(False)) for column in rule.columns}
    flags: dict[str, list[nw.Expr]] = {}
    for column, code in rule.columns.items():
        flags.setdefault(code, []).append(chosen[column])
    if rule.missing:
        flags.setdefault(rule.missing, []).append(nw.all_horizontal(*[nw.col(c).is_null() for c in rule.columns], ignore_nulls=True))
    if rule.none:
        answered = nw.any_horizontal(*[~nw.col(c).is_null() for c in rule.columns], ignore_nulls=True)
        flags.setdefault(rule.none, []).append(answered & ~nw.any_horizontal(*chosen.values(), ignore_nulls=True))
    columns = {code: answer_column(name, index) for index, code in enumerate(flags)}
    combined = [nw.any_horizontal(*conditions, ignore_nulls=True).alias(columns[code]) for code, conditions in flags.items()]
    return rows.with_columns(*combined), Breakdown(columns)


def _match_options(rows: Rows, name: str, rule: MultiSelect, column: str) -> tuple[Rows, dict[str, list[nw.Expr]]]:
    delimiter = rule.delimiter
    rest = rest_column(name)
    text = _without_empty_answers(nw.col(column), rule)
    padded = nw.concat_str([nw.lit(delimiter), text.str.replace_all(delimiter, delimiter * 2, literal=True), nw.lit(delimiter)])
    rows = rows.with_columns(padded.alias(rest))
    flags: dict[str, list[nw.Expr]] = {code: [] for code in rule.options.values()}
    for index, option in enumerate(sorted(rule.options, key=len, reverse=True)):
        needle = delimiter + option.replace(delimiter, delimiter * 2) + delimiter
        found = option_column(name, index)
        rows = rows.with_columns(
            nw.col(rest).str.contains(needle, literal=True).alias(found),
            nw.col(rest).str.replace_all(needle, "", literal=True).alias(rest),
        )
        flags[rule.options[option]].append(nw.col(found))
    return rows, flags


def _without_empty_answers(text: nw.Expr, rule: MultiSelect) -> nw.Expr:
    """The cell without delimiters that stand at its ends or follow each other; absent when nothing else is in it.

    Options that hold such delimiters themselves leave the cells as they are, and so do delimiters that replacements take for signs.
    """
    sign = re.escape(rule.delimiter.strip() or rule.delimiter)
    doubled, first, last = rf"(?:[ \t]*{sign}){{2,}}[ \t]*", rf"^(?:[ \t]*{sign})+[ \t]*", rf"(?:[ \t]*{sign})+[ \t]*$"
    if any(re.search(f"{doubled}|{first}|{last}", option) for option in rule.options) or set(rule.delimiter) & set("$\\"):
        return text
    cleaned = text.str.replace_all(first, "").str.replace_all(last, "").str.replace_all(doubled, rule.delimiter)
    return nw.when(cleaned.str.strip_chars() != "").then(cleaned).otherwise(None)
