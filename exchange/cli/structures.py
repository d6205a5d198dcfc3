"""``exchange structures``: import structure messages, export artefacts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from exchange.cli.building import build_into
from exchange.cli.errors import told
from exchange.cli.files import check_writable, deliver
from exchange.cli.output import fail, note, progress, say
from exchange.cli.session import opened_services
from exchange.errors import NothingFound

if TYPE_CHECKING:
    from exchange.services.importing import ImportedMessage
    from registry.findings import Finding
    from registry.services.structure_query import StructureQuery

#: So many warnings stand on the line of an artefact; genuine exports can have hundreds.
_WARNINGS_SHOWN = 3

commands = typer.Typer(help="Import and export structures.", no_args_is_help=True)


@commands.command("import")
def import_(
    sources: Annotated[list[str], typer.Argument(metavar="FILE|URL...", help="Structure messages of any SDMX version and format.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen and store nothing.")] = False,
) -> None:
    """Import structure messages; prints a line per artefact, exit status 1 when any was refused."""
    from exchange.services.importing import import_structures

    with opened_services() as services:
        told_of = progress(sources, "Importing structures", len(sources))
        messages = import_structures(
            told_of,
            codecs=services.codecs,
            intake=services.intake,
            limits=services.message_limits,
            harvest=services.harvest_rules,
            dry_run=dry_run,
        )
    for message in messages:
        _print_message(message)
    if any(message.refused for message in messages):
        fail(
            "Not everything could be imported; what is not named as refused or as an error is stored [refused]"
            if not dry_run
            else "Not everything could be imported [refused]"
        )
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
    from exchange.cli.formats import structure_format
    from exchange.codecs.ports import StructureOptions
    from registry.model.messages import StructureMessage
    from registry.services.structures import answer

    check_writable(output)
    with opened_services() as services:
        wanted = structure_format(services.codecs, alias)
        found = answer(services.artefacts, _query(query))
        if not found.matches:
            raise NothingFound(f"No artefact matches {query}; exchange structures export 'dataflow/*/*/*' shows the dataflows there are.")
        options = StructureOptions(index=found.index)
        written = services.codecs.write_structures(wanted, StructureMessage(artefacts=found.artefacts), options)
    deliver(written, len(found.artefacts), output)


@commands.command("build")
def build(
    source: Annotated[Path, typer.Argument(metavar="FILE.yaml", help="A structures file: codelists, concepts, a dataflow.")],
    alias: Annotated[str, typer.Option("--format", help="Format of the message.")] = "sdmx-json-2.1",
    output: Annotated[Path | None, typer.Option("--output", "-o", help="File to write; default: standard output.")] = None,
) -> None:
    """Make codelists, a concept scheme, a data structure or a dataflow from a YAML file, ready for structures import."""
    build_into(source, alias, output)


def _query(text: str) -> StructureQuery:
    """A path as in SDMX-REST 2, with or without what stands before the artefact type, and with parameters."""
    from exchange.query.grammar.urls import Parameters, path_segments
    from exchange.query.grammar.v2 import parse_structure

    path, _, parameters = text.partition("?")
    return parse_structure(path_segments(path.strip("/").removeprefix("structure/")), Parameters(parameters))


def _print_message(message: ImportedMessage) -> None:
    for remark in message.remarks:
        note(f"{remark.severity.value}: {message.source}: {_said(remark)}")
    if message.report is not None and not message.report.lines and not message.unread:
        fail(f"{message.source}: it holds nothing that this registry keeps; nothing was stored")
    if message.problem is not None:
        for said in told(message.problem):
            fail(said if message.source in said else f"{message.source}: {said}")
    for finding in message.unread:
        _line("refused", f"{message.source}, {finding.place}", [_said(replace(finding, place=None))])
    for line in message.report.lines if message.report else ():
        warnings = [f"warning: {_said(warning)}" for warning in line.warnings[:_WARNINGS_SHOWN]]
        if len(line.warnings) > _WARNINGS_SHOWN:
            warnings.append(f"and {len(line.warnings) - _WARNINGS_SHOWN} more warnings")
        _line(line.outcome.value, line.urn, [*map(_said, line.reasons), *warnings])


def _said(finding: Finding) -> str:
    return f"{finding} [{finding.code}]"


def _line(outcome: str, artefact: str, remarks: list[str]) -> None:
    why = f" ({'; '.join(remarks)})" if remarks else ""
    say(" ".join(f"{outcome:<9} {artefact}{why}".splitlines()))
