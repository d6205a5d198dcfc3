"""Checks what a recipe says, without any data: expressions, columns, components, codes, and traps."""

from __future__ import annotations

from collections.abc import Iterator

from mappings.agencies import STANDARD_AGENCIES
from mappings.cells import OBS_STATUS, WORDS
from mappings.errors import UnreadableSource
from mappings.linting.expressions import Expressions
from mappings.linting.personal import check_personal
from mappings.linting.problems import Problem, near
from mappings.linting.shapes import check_shapes
from mappings.linting.structure import check_against
from mappings.linting.traps import check_mappings
from mappings.recipe.documents import Document, Place
from mappings.recipe.loading import LoadedRecipe
from mappings.recipe.model import Recipe
from mappings.recipe.paths import below
from mappings.steps.columns import known_columns
from registry.data_schema import DataSchema
from registry.model.identity import Urn

_EXTREME = "tells the value of one unit, which no threshold protects; take a median, or say under extremes_on_purpose why it is safe"
_WEIGHTED = frozenset({"count", "sum", "mean", "proportion", "ratio"})


def lint(loaded: LoadedRecipe, schema: DataSchema | None = None) -> list[str]:
    """All problems of a recipe, each with file, line and remedy; empty when it can run.

    Args:
        loaded: The recipe.
        schema: The data structure of its dataflow; without it only the recipe itself is checked.
    """
    document, recipe = loaded.document, loaded.recipe
    problems = [
        *_names(recipe),
        *_paths(loaded),
        *_references(recipe),
        *check_shapes(recipe),
        *Expressions(recipe).problems(),
        *_statistics(recipe),
        *_disclosure(recipe),
        *check_personal(recipe),
        *_totals(recipe),
    ]
    problems += [(place, f"{code}: {message}") for place, code, message in check_mappings(recipe)]
    if schema is not None:
        problems += _agreement(recipe, schema)
        problems += check_against(recipe, schema)
    # A code map in a file may serve many recipes: only those of its codes that the data need must exist, and the run checks them.
    told = [(place, message) for place, message in problems if place[2:3] != ("codes",) or place in document]
    return sorted({document.problem(place, message) for place, message in told}, key=lambda text: _line_of(text, document))


def _line_of(text: str, document: Document) -> tuple[int, str]:
    line = text.removeprefix(document.path.name + ":").split(":", 1)[0]
    return (int(line) if line.isdigit() else 0, text)


def _paths(loaded: LoadedRecipe) -> Iterator[Problem]:
    """Files that lie outside the folder of the recipe."""
    named: list[tuple[Place, str | None]] = [(("structures",), loaded.recipe.structures)]
    named += [(("source", "lookups", index, "file"), rule.file) for index, rule in enumerate(loaded.recipe.source.lookups)]
    for place, name in named:
        try:
            below(loaded.document.path.parent, name or ".")
        except UnreadableSource as error:
            yield place, str(error)


def _names(recipe: Recipe) -> Iterator[Problem]:
    if recipe.agency in STANDARD_AGENCIES:
        yield ("agency",), f"{recipe.agency} maintains its own artefacts; use an agency of your own"
    if recipe.dataflow.split(":")[0] in STANDARD_AGENCIES:
        yield ("dataflow",), "citizen data are published under a dataflow of an agency of your own, never under a standard agency"


def _agreement(recipe: Recipe, schema: DataSchema) -> Iterator[Problem]:
    about = Urn.of(schema.dataflow).short if schema.dataflow else None
    if recipe.provision_agreement and about != recipe.dataflow:
        yield ("provision_agreement",), f"{recipe.provision_agreement} is about the dataflow {about}, not about {recipe.dataflow}"


def _references(recipe: Recipe) -> Iterator[Problem]:
    known = set(known_columns(recipe.source)) | {column.column for column in recipe.derive}
    open_ended = bool(recipe.source.patterns) or not recipe.source.columns
    for place, column in _named_columns(recipe):
        if column not in known and not open_ended:
            yield place, f"there is no column {column!r}{near(column, known)}; declare it under source.columns or derive it"
    for name, source in recipe.components.items():
        given = [key for key in ("value", "column", "multi_select") if getattr(source, key) is not None]
        if len(given) != 1:
            yield ("components", name), "give exactly one of value, column or multi_select"
        if source.multi_select is not None and source.multi_select not in recipe.multi_select:
            yield ("components", name, "multi_select"), f"there is no {source.multi_select!r} under multi_select; add it"
        if name in WORDS:
            yield ("components", name), f"{name} is a word of flag conditions; give the component another id in the data structure"
        if source.codes_file is not None and source.column is None:
            yield ("components", name, "codes_file"), "a code map needs a column; add one"
        if source.value is not None and (source.codes or source.total or source.missing or source.default or source.time):
            yield ("components", name), "a fixed value takes no codes, default, missing, total or time"


def _named_columns(recipe: Recipe) -> Iterator[tuple[Place, str]]:
    for name, source in recipe.components.items():
        if source.column is not None:
            yield ("components", name, "column"), source.column
    for name, rule in recipe.multi_select.items():
        if rule.column is not None:
            yield ("multi_select", name, "column"), rule.column
        yield from ((("multi_select", name, "columns", column), column) for column in rule.columns)
    for index, duplicate in enumerate(recipe.deduplicate):
        yield from ((("deduplicate", index), column) for column in (*duplicate.key, *duplicate.order_by))
    for index, derived in enumerate(recipe.derive):
        yield from ((("derive", index), column) for column in (*derived.within, *derived.order_by))
    if recipe.unit is not None:
        yield ("unit",), recipe.unit


def _statistics(recipe: Recipe) -> Iterator[Problem]:
    plain = {name for name, indicator in recipe.indicators.items() if indicator.statistic == "value"}
    if plain and len(plain) != len(recipe.indicators):
        yield ("indicators", min(plain)), "statistic: value takes rows as they stand and does not go together with aggregated indicators"
    if plain and (recipe.totals or any(source.multi_select for source in recipe.components.values())):
        yield ("indicators", min(plain)), "rows taken as they stand have no totals and no multi-select breakdown; aggregate them"
    for name, indicator in recipe.indicators.items():
        place = ("indicators", name)
        if indicator.statistic != "count" and indicator.of is None:
            yield place, f"{indicator.statistic} needs 'of': the expression it is computed from"
        if (indicator.to is not None) != (indicator.statistic == "ratio"):
            yield place, "'to' is the denominator of a ratio: give it there and only there"
        if indicator.weight is not None and indicator.statistic not in _WEIGHTED:
            yield (*place, "weight"), f"a {indicator.statistic} takes no weight; weights go with {', '.join(sorted(_WEIGHTED))}"
    for name, classes in recipe.classes.items():
        if len(classes.breaks) != len(classes.codes) or list(classes.breaks) != sorted(set(classes.breaks)):
            yield ("classes", name), "give one code per break, and the breaks in rising order"


def _totals(recipe: Recipe) -> Iterator[Problem]:
    """Totals that are declared and would never be published."""
    with_total = [name for name, source in recipe.components.items() if source.total is not None and source.value is None]
    if with_total and not recipe.is_aggregated:
        yield ("components", with_total[0], "total"), "rows taken as they stand have no totals; leave it out, or aggregate them"
        return
    if recipe.totals is None or recipe.totals.groupings == "all":
        return
    for name in with_total:
        if all(name in grouping for grouping in recipe.totals.groupings):
            yield ("components", name, "total"), f"no grouping of totals.groupings leaves {name} out, so its total is never published"


def _disclosure(recipe: Recipe) -> Iterator[Problem]:
    policy = recipe.disclosure
    if policy is None:
        return
    for name, classes in recipe.classes.items():
        if any(0 < lower < policy.min_units for lower in classes.breaks):
            yield ("classes", name, "breaks"), f"a class below {policy.min_units} units would tell how small a suppressed cell is"
    if not recipe.is_aggregated:
        yield ("disclosure",), "thresholds protect aggregates; rows taken as they stand rest on one unit each: aggregate them"
    for name, indicator in recipe.indicators.items():
        if indicator.statistic in {"min", "max"} and indicator.extremes_on_purpose is None:
            yield ("indicators", name, "statistic"), _EXTREME
    if policy.source_rows == "exact":
        yield (
            ("disclosure", "source_rows"),
            "a list of rows is an exact count, and those of a total minus the other cells are the suppressed ones; use withheld",
        )
    if OBS_STATUS not in recipe.components:
        yield ("components",), "a disclosure policy needs OBS_STATUS, with its value for normal observations"
