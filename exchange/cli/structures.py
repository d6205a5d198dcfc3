"""``exchange structures``: import structure messages, export artefacts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from exchange.app import open_services
from exchange.cli.output import fail, progress, say
from exchange.codecs.media_types import format_by_alias
from exchange.codecs.ports import Kind, StructureOptions
from exchange.errors import NothingFound, UnknownFormat
from exchange.query.urls import Parameters, path_segments
from exchange.query.v2 import parse_structure
from exchange.services.harvesting import fetch
from exchange.services.loading import decode_structures
from exchange.settings import Settings
from registry.imports.apply import import_structures
from registry.imports.report import ImportReport
from registry.model.messages import StructureMessage
from registry.services.structures import answer

#: So many warnings stand on the line of an artefact; genuine exports can have hundreds.
_WARNINGS_SHOWN = 3

commands = typer.Typer(help="Import and export structures.", no_args_is_help=True)


@commands.command("import")
def import_(
    sources: Annotated[list[str], typer.Argument(metavar="FILE|URL...", help="Structure messages of any SDMX version and format.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen and store nothing.")] = False,
) -> None:
    """Import structure messages; prints a line per artefact, exit status 1 when any was refused."""
    services = open_services(Settings())
    refused = False
    try:
        for source in progress(sources, "Importing structures", len(sources)):
            content = fetch(source) if "://" in source else Path(source).read_bytes()
            read = decode_structures(services.codecs, content, source)
            for finding in read.findings:
                say(f"{finding.severity.value}: {source}: {finding.place}: {finding.message} [{finding.code}]")
            refused |= any(finding.severity.value == "error" for finding in read.findings)
            report = import_structures(services.artefacts, read.message.artefacts, dry_run=dry_run)
            _print_report(report)
            refused |= report.refused
    finally:
        services.close()
    if refused:
        raise typer.Exit(1)


@commands.command("export")
def export(
    query: Annotated[
        str, typer.Argument(help="SDMX-REST 2 path and parameters, e.g. codelist/SDMX/CL_FREQ/* or dataflow/*/*/~?references=all.")
    ],
    alias: Annotated[str, typer.Option("--format", help="sdmx-ml-2.1, sdmx-ml-3.0, sdmx-ml-3.1, sdmx-json-2.0, sdmx-json-2.1.")],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="File to write; default: standard output.")] = None,
) -> None:
    """Write the artefacts that a query matches as one structure message."""
    wanted = format_by_alias(alias, Kind.STRUCTURE)
    services = open_services(Settings())
    try:
        if wanted is None or wanted not in services.codecs.structure_formats:
            raise UnknownFormat(
                f"{alias} is not a structure format; write {', '.join(f.alias for f in services.codecs.structure_formats)}."
            )
        path, _, parameters = query.partition("?")
        found = answer(services.artefacts, parse_structure(path_segments(path.removeprefix("structure/")), Parameters(parameters)))
        if not found.matches:
            raise NothingFound(f"No artefact matches {query}.")
        message = StructureMessage(artefacts=found.artefacts)
        content = services.codecs.structure(wanted).encode(message, StructureOptions())
    finally:
        services.close()
    if output is None:
        typer.echo(content.decode(), nl=False)
    else:
        output.write_bytes(content)
        say(f"{output}: {len(found.artefacts)} artefacts, {len(content):,} bytes")


def _print_report(report: ImportReport) -> None:
    for line in report.lines:
        remarks = [*line.reasons, *(f"warning: {warning}" for warning in line.warnings[:_WARNINGS_SHOWN])]
        if len(line.warnings) > _WARNINGS_SHOWN:
            remarks.append(f"and {len(line.warnings) - _WARNINGS_SHOWN} more warnings")
        say(f"{line.outcome.value:<9} {line.urn}" + (f" ({'; '.join(remarks)})" if remarks else ""))
    if report.refused:
        fail("some artefacts were refused; the others are stored")
