"""``exchange recipe``: check a recipe, run it, make its structures, write the JSON schema of recipes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from exchange.cli.building import build_into
from exchange.cli.files import check_writable, write_whole
from exchange.cli.output import FINDINGS_SHOWN, fail, line_of, note, say
from exchange.cli.session import opened_registry, opened_services
from mappings.engines.names import EngineName

if TYPE_CHECKING:
    from mappings.run.report import RecipeRun

commands = typer.Typer(help="Recipes: how a citizen dataset becomes a dataflow.", no_args_is_help=True)

RecipePath = Annotated[Path, typer.Argument(metavar="RECIPE", help="The recipe, a YAML file.")]


@commands.command("check")
def check(recipe: RecipePath) -> None:
    """Check a recipe without data: its form, its expressions, and whether it fits the data structure in the registry."""
    from mappings.linting.linter import lint
    from mappings.recipe.loading import load_recipe, schema_urn

    loaded = load_recipe(recipe)
    with opened_registry() as schemas:
        problems = lint(loaded, schemas.of(schema_urn(loaded)))
    for problem in problems:
        say(str(problem))
    if problems:
        raise typer.Exit(1)
    say(f"{recipe}: {loaded.recipe.name} is in order")


@commands.command("schema")
def schema() -> None:
    """Write the JSON schema of recipes, with which editors check a recipe while you type."""
    from mappings.recipe.loading import recipe_json_schema

    say(recipe_json_schema().rstrip("\n"))


@commands.command("run")
def run(
    recipe: RecipePath,
    source: Annotated[Path, typer.Argument(metavar="SOURCE", help="The dataset: CSV, TSV or a spreadsheet.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show inserts, updates, deletes and suppressed cells; store nothing.")] = False,
    publish: Annotated[bool, typer.Option("--publish", help="Store the observations and their provenance.")] = False,
    report: Annotated[Path | None, typer.Option("--report", metavar="FILE.json", help="Write the whole report.")] = None,
    rejected: Annotated[
        Path | None,
        typer.Option("--rejected", metavar="FILE.csv", help="Write the rows that were kept out, whole."),
    ] = None,
    engine: Annotated[EngineName, typer.Option("--engine", help="Where it computes; duckdb is optional.")] = EngineName.POLARS,
) -> None:
    """Run a recipe over a dataset; without --publish nothing is stored. Exit status 1 when the result cannot be published."""
    from exchange.services.publication import IntakeSink
    from mappings.engines.catalogue import engine_called
    from mappings.recipe.loading import load_recipe
    from mappings.run.pipeline import run_recipe

    check_writable(report, rejected)
    loaded = load_recipe(recipe)
    with opened_services() as services:
        note(f"Running {loaded.recipe.name} over {source} …")
        done = run_recipe(
            loaded,
            source,
            schemas=services.schemas,
            sink=IntakeSink(services.intake, services.agreements),
            publish=publish and not dry_run,
            engine=engine_called(engine),
        )
    if report is not None:
        document = json.dumps(done.to_document(), indent=2, ensure_ascii=False, default=str)
        write_whole(report, [f"{document}\n".encode()])
    if rejected is not None:
        write_whole(rejected, [done.rejected.write_csv().encode()], private=True)
    print_run(done)
    if not done.publishable:
        fail(f"{_why_not(done)}; nothing was stored [not-publishable]")
        raise typer.Exit(1)


def _why_not(run: RecipeRun) -> str:
    if not run.refusals:
        return "There are no observations"
    others = len(run.refusals) - 1
    return run.refusals[0].message + (f" (and {others} more reasons, above)" if others else "")


@commands.command("structures")
def structures(
    recipe: RecipePath,
    alias: Annotated[str, typer.Option("--format", help="Format of the message.")] = "sdmx-json-2.1",
    output: Annotated[Path | None, typer.Option("--output", "-o", help="File to write; default: standard output.")] = None,
) -> None:
    """Make the structures that a recipe describes (concepts, codelists, data structure, dataflow), ready for structures import."""
    from exchange.errors import InvalidQuery
    from mappings.recipe.loading import load_recipe

    loaded = load_recipe(recipe)
    path = loaded.structures_path
    if path is None:
        raise InvalidQuery(f"{recipe} names no structures file; add a line structures: FILE.yaml to it.")
    build_into(path, alias, output)


def print_run(done: RecipeRun) -> None:
    """Say what a run did, step by step."""
    from registry.findings import Severity

    say(f"recipe {done.recipe} over {done.source}")
    for step in done.steps:
        say(f"  {step.name:<12}" + ", ".join(f"{name} {count:,}" for name, count in step.counts.items()))
    findings = sorted(done.findings, key=lambda finding: finding.severity is not Severity.ERROR)
    for finding in findings[:FINDINGS_SHOWN]:
        say(f"  {line_of(finding)}")
    if len(findings) > FINDINGS_SHOWN:
        say(f"  and {len(findings) - FINDINGS_SHOWN} more findings (--report FILE.json has all of them)")
    say(f"{done.observations.height:,} observations for {done.dataflow}, {done.suppressed:,} of them suppressed")
    if done.effect is not None:
        effect = done.effect
        counts = f"{effect.inserted:,} inserts, {effect.updated:,} updates, {effect.deleted:,} deletes, {effect.unchanged:,} unchanged"
        say(f"published as submission {done.submission}: {counts}" if done.published else f"not stored; publishing would mean {counts}")
