"""``exchange data``: load and export observations."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from exchange.app import open_services
from exchange.cli.output import progress, say
from exchange.services.exporting import export_data
from exchange.services.loading import load_data
from exchange.services.references import parse_dataflow
from exchange.settings import Settings

commands = typer.Typer(help="Load and export observations.", no_args_is_help=True)

Dataflow = Annotated[str, typer.Option("--dataflow", metavar="AGENCY:ID(VERSION)", help="The dataflow; without a version the latest.")]


@commands.command("load")
def load(
    file: Annotated[Path, typer.Argument(help="SDMX-CSV, SDMX-ML, SDMX-JSON, Parquet or Arrow; the format is recognised.")],
    dataflow: Dataflow,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change and store nothing.")] = False,
) -> None:
    """Load a data message into a dataflow, in one transaction."""
    services = open_services(Settings())
    try:
        loaded = load_data(services, file, parse_dataflow(dataflow), dry_run=dry_run)
    finally:
        services.close()
    for finding in loaded.findings:
        say(f"{finding.severity.value}: {finding.place}: {finding.message} [{finding.code}]")
    receipt = loaded.receipt
    counts = f"{receipt.inserted:,} inserted, {receipt.updated:,} updated, {receipt.unchanged:,} unchanged, {receipt.deleted:,} deleted"
    say(f"{'would change' if dry_run else 'stored in'} {loaded.dataflow.short}: {counts}")


@commands.command("export")
def export(
    dataflow: Dataflow,
    alias: Annotated[str, typer.Option("--format", help="sdmx-csv-2.1, sdmx-ml-3.0, sdmx-json-2.0, parquet and so on.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="File to write.")],
    key: Annotated[str, typer.Option(help="Series key as in SDMX-REST 2; * for everything.")] = "*",
) -> None:
    """Write the observations of a dataflow as one data message; the file appears when it is complete."""
    services = open_services(Settings())
    try:
        chunks = export_data(services, parse_dataflow(dataflow), alias, key)
        partial = output.with_name(f".{output.name}.part")
        size = 0
        with partial.open("wb") as stream:
            for chunk in progress(chunks, f"Writing {output}"):
                size += stream.write(chunk)
        partial.replace(output)
    finally:
        services.close()
    say(f"{output}: {size:,} bytes")
