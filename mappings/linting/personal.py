"""Checks that no personal column is published as a value: as component, code, attribute, text, dimension, or extreme."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from mappings.errors import InvalidExpression
from mappings.linting.problems import Problem
from mappings.readers.profile import personal_by_name
from mappings.recipe.model import Recipe
from mappings.steps.personal import Output, declared_personal, outputs, passing_columns
from registry.data_schema import DataSchema
from registry.findings import Finding, Severity
from registry.model.structures import TIME_PERIOD

#: What the profile says of columns whose values hardly repeat: no matter where only listed codes come out.
_BY_VARIETY: Final = frozenset({"free text", "identifying text"})
_REMEDY = "leave it out, or say under publish_personal why it may be published"


def check_personal(recipe: Recipe) -> Iterator[Problem]:
    """Outputs that rest on columns which are declared personal, or whose names say so, without a reason."""
    try:
        found = list(outputs(recipe, passing_columns(recipe)))
    except InvalidExpression:
        # Expressions that cannot be read are problems of their own.
        return
    declared = declared_personal(recipe)
    for output in found:
        if output.reason is None:
            yield from ((output.place, message) for message in _told(output, declared))
        elif not output.reason.strip():
            yield (*output.place, "publish_personal"), "needs the reason why a personal column may be published"


def check_candidates(recipe: Recipe, candidates: Mapping[str, str], schema: DataSchema) -> Iterator[Finding]:
    """Outputs that rest on columns whose values look personal in the data, without a reason.

    Args:
        recipe: The recipe.
        candidates: Columns of the source that look personal, and why.
        schema: The data structure; what is coded there takes listed codes only.
    """
    for output in outputs(recipe, passing_columns(recipe, candidates)):
        if output.reason is not None or output.name == TIME_PERIOD:
            continue
        coded = output.enumerated or (output.name in schema and schema[output.name].codelist is not None)
        measured = output.place[0] == "indicators"
        for column in sorted(output.columns & candidates.keys()):
            kind = candidates[column]
            if (kind in _BY_VARIETY and coded) or (kind == "coordinate" and measured):
                continue
            yield Finding(
                "personal-column-published",
                Severity.ERROR,
                f"{output.name} would publish the column {column!r}, which looks personal ({kind})",
                f"Leave it out, or say under {'.'.join(map(str, output.place))}.publish_personal why it may be published.",
                column=column,
                component=output.name,
            )


def _told(output: Output, declared: frozenset[str]) -> Iterator[str]:
    for column in sorted(output.columns):
        if column in declared:
            yield f"publishes the personal column {column!r}; {_REMEDY}"
        elif kind := personal_by_name(column):
            yield f"publishes the column {column!r}, which looks personal ({kind}); {_REMEDY}"
