"""``exchange data``: load and export observations."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from exchange.cli.files import check_writable, write_whole
from exchange.cli.output import FINDINGS_SHOWN, line_of, note, progress, say
from exchange.cli.session import opened_services

if TYPE_CHECKING:
    from registry.findings import Finding

commands = typer.Typer(help="Load and export observations.", no_args_is_help=True)

Dataflow = Annotated[str, typer.Option("--dataflow", metavar="AGENCY:ID(VERSION)", help="The dataflow; without a version the latest.")]


@commands.command("load")
def load(
    file: Annotated[Path, typer.Argument(help="SDMX-CSV, SDMX-ML, SDMX-JSON, Parquet or Arrow; the format is recognised.")],
    dataflow: Dataflow,
    agreement: Annotated[
        str | None,
        typer.Option("--agreement", metavar="AGENCY:ID(VERSION)", help="The provision agreement under which the data are handed in."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change and store nothing.")] = False,
    allow_empty: Annotated[
        bool, typer.Option("--allow-empty", help="Also when nothing is left in the dataflow, or no value; refused otherwise.")
    ] = False,
) -> None:
    """Load a data message into a dataflow, in one transaction."""
    from exchange.services.loading import RefusedObservations, load_data
    from exchange.services.references import parse_agreement, parse_dataflow

    with opened_services() as services:
        try:
            loaded = load_data(
                file,
                parse_dataflow(dataflow),
                codecs=services.codecs,
                schemas=services.schemas,
                agreements=services.agreements,
                intake=services.intake,
                limits=services.message_limits,
                agreement=None if agreement is None else parse_agreement(agreement),
                dry_run=dry_run,
                allow_empty=allow_empty,
                watch=lambda batches: progress(batches, f"Reading {file.name}"),
            )
        except RefusedObservations as refusal:
            _print_findings(refusal.findings)
            raise
    _print_findings(loaded.findings)
    receipt = loaded.receipt
    counts = f"{receipt.inserted:,} inserted, {receipt.updated:,} updated, {receipt.unchanged:,} unchanged, {receipt.deleted:,} deleted"
    if receipt.waiting:
        counts += f"; {receipt.waiting:,} attribute values wait for the first observation of their series, group or dataset"
    say(f"{'would change' if dry_run else 'stored in'} {loaded.dataflow.short}: {counts}")


def _print_findings(findings: Sequence[Finding]) -> None:
    for finding in findings[:FINDINGS_SHOWN]:
        note(line_of(finding))
    if len(findings) > FINDINGS_SHOWN:
        note(f"and {len(findings) - FINDINGS_SHOWN} more findings")


@commands.command("export")
def export(
    dataflow: Dataflow,
    alias: Annotated[str, typer.Option("--format", help="sdmx-csv-2.1, sdmx-ml-3.0, sdmx-json-2.0, parquet and so on.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="File to write.")],
    key: Annotated[str, typer.Option(help="Series key as in SDMX-REST 2; * for everything.")] = "*",
) -> None:
    """Write the observations of a dataflow as one data message; the file appears when it is complete."""
    from exchange.codecs.losses import Losses
    from exchange.services.exporting import export_data
    from exchange.services.references import parse_dataflow

    check_writable(output)
    with opened_services() as services:
        sender = services.settings.sender
        losses = Losses()
        chunks = export_data(parse_dataflow(dataflow), alias, key, data=services.data, codecs=services.codecs, sender=sender, losses=losses)
        size = write_whole(output, progress(chunks, f"Writing {output}"))
    _print_findings(losses.findings)
    say(f"{output}: {size:,} bytes")
