"""``exchange recipe``: check a recipe, run it, make its structures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from exchange.app import open_services
from exchange.cli.output import fail, say
from exchange.codecs.media_types import format_by_alias
from exchange.codecs.ports import Kind, StructureOptions
from exchange.errors import InvalidQuery, UnknownFormat
from exchange.services.publication import StoreSink
from exchange.settings import Settings
from mappings.findings import Finding, Severity
from mappings.pipeline import dataflow_urn, run_recipe
from mappings.recipe.linting import lint
from mappings.recipe.loading import load_recipe
from mappings.report import RecipeRun
from mappings.structures import build_structures
from registry.model.messages import StructureMessage

commands = typer.Typer(help="Recipes: how a citizen dataset becomes a dataflow.", no_args_is_help=True)

#: So many findings of one kind are printed; the report and the file of rejected rows have all of them.
_FINDINGS_SHOWN = 20

RecipePath = Annotated[Path, typer.Argument(metavar="RECIPE", help="The recipe, a YAML file.")]


@commands.command("check")
def check(recipe: RecipePath) -> None:
    """Check a recipe without data: its form, its expressions, and whether it fits the data structure in the registry."""
    loaded = load_recipe(recipe)
    services = open_services(Settings())
    try:
        problems = lint(loaded, services.schemas.of(dataflow_urn(loaded)))
    finally:
        services.close()
    for problem in problems:
        say(str(problem))
    if problems:
        raise typer.Exit(1)
    say(f"{recipe}: {loaded.recipe.name} is in order")


@commands.command("run")
def run(
    recipe: RecipePath,
    source: Annotated[Path, typer.Argument(metavar="SOURCE", help="The dataset: CSV, TSV or a spreadsheet.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show inserts, updates, deletes and suppressed cells; store nothing.")] = False,
    publish: Annotated[bool, typer.Option("--publish", help="Store the observations and their provenance.")] = False,
    report: Annotated[Path | None, typer.Option("--report", metavar="FILE.json", help="Write the whole report.")] = None,
    rejected: Annotated[Path | None, typer.Option("--rejected", metavar="FILE.csv", help="Write the rows that were kept out.")] = None,
) -> None:
    """Run a recipe over a dataset; without --publish nothing is stored. Exit status 1 when the result cannot be published."""
    loaded = load_recipe(recipe)
    services = open_services(Settings())
    try:
        done = run_recipe(
            loaded,
            source,
            schemas=services.schemas,
            sink=StoreSink(services.observations),
            ledger=services.ledger,
            publish=publish and not dry_run,
        )
    finally:
        services.close()
    if report is not None:
        report.write_text(json.dumps(done.to_document(), indent=2, ensure_ascii=False, default=str) + "\n", encoding="utf-8")
    if rejected is not None:
        done.write_rejected(rejected)
    print_run(done)
    if not done.publishable:
        fail("the observations do not fit the data structure; nothing was stored")
        raise typer.Exit(1)


@commands.command("structures")
def structures(
    recipe: RecipePath,
    alias: Annotated[str, typer.Option("--format", help="Format of the message.")] = "sdmx-json-2.1",
    output: Annotated[Path | None, typer.Option("--output", "-o", help="File to write; default: standard output.")] = None,
) -> None:
    """Make the structures that a recipe describes (concepts, codelists, data structure, dataflow), ready for structures import."""
    loaded = load_recipe(recipe)
    path = loaded.structures_path
    if path is None:
        raise InvalidQuery(f"{recipe} names no structures file; add a line structures: FILE.yaml to it.")
    artefacts = build_structures(path)
    services = open_services(Settings())
    try:
        wanted = format_by_alias(alias, Kind.STRUCTURE)
        if wanted is None:
            raise UnknownFormat(
                f"{alias} is not a structure format; write {', '.join(f.alias for f in services.codecs.structure_formats)}."
            )
        content = services.codecs.structure(wanted).encode(StructureMessage(artefacts=tuple(artefacts)), StructureOptions())
    finally:
        services.close()
    if output is None:
        typer.echo(content.decode(), nl=False)
    else:
        output.write_bytes(content)
        say(f"{output}: {len(artefacts)} artefacts")


def print_run(done: RecipeRun) -> None:
    """Say what a run did, step by step."""
    say(f"recipe {done.recipe} over {done.source}")
    for step in done.steps:
        say(f"  {step.name:<12}" + ", ".join(f"{name} {count:,}" for name, count in step.counts.items()))
    for finding in done.findings[:_FINDINGS_SHOWN]:
        say(f"  {_line(finding)}")
    if len(done.findings) > _FINDINGS_SHOWN:
        say(f"  and {len(done.findings) - _FINDINGS_SHOWN} more findings (--report FILE.json has all of them)")
    say(f"{done.observations.height:,} observations for {done.dataflow}, {done.suppressed:,} of them suppressed")
    if done.effect is not None:
        effect = done.effect
        counts = f"{effect.inserted:,} inserts, {effect.updated:,} updates, {effect.deleted:,} deletes, {effect.unchanged:,} unchanged"
        say(f"published as submission {done.submission}: {counts}" if done.published else f"not stored; publishing would mean {counts}")


def _line(finding: Finding) -> str:
    place = ", ".join(
        part
        for part in (
            f"row {finding.row}" if finding.row is not None else "",
            f"column {finding.column}" if finding.column else "",
            f"component {finding.component}" if finding.component else "",
        )
        if part
    )
    times = f" ({finding.count} times)" if finding.count > 1 else ""
    severity = "error" if finding.severity is Severity.ERROR else finding.severity.value
    return f"{severity} {finding.code}{': ' + place if place else ''}: {finding.message}{times} {finding.hint}".rstrip()
