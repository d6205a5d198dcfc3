"""``exchange demo``: real citizen data, mapped, published and served, with nothing to prepare."""

from __future__ import annotations

from typing import Annotated

import typer

from exchange.app import open_services
from exchange.cli.output import fail, say
from exchange.cli.recipes import print_run
from exchange.cli.serve import serve
from exchange.services.demonstration import WATER_POINTS, import_example_structures, publish_example
from exchange.settings import Settings
from mappings.report import RecipeRun


def demo(
    port: Annotated[int, typer.Option(help="Port to serve on.")] = 8000,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Stop when everything is published.")] = False,
) -> None:
    """Import structures, map and publish the water points of Malawi, and serve them."""
    settings = Settings()
    say(f"Home: {settings.home}")
    services = open_services(settings)
    try:
        for report in import_example_structures(services, WATER_POINTS):
            say("Structures: " + ", ".join(f"{count} {outcome.value}" for outcome, count in report.counts().items() if count))
        done = publish_example(services, WATER_POINTS, say)
    finally:
        services.close()
    print_run(done)
    if not done.published:
        fail("the bundled dataset could not be published")
        raise typer.Exit(1)
    _print_addresses(port, done)
    if not no_serve:
        serve(port=port)


def _print_addresses(port: int, done: RecipeRun) -> None:
    root = f"http://127.0.0.1:{port}"
    agency, rest = done.dataflow.split(":", 1)
    flow, version = rest.rstrip(")").split("(")
    key = ".".join(done.observations.row(0, named=True)[dimension.id] for dimension in done.schema.dimensions)
    say("Try:")
    for label, path in (
        ("dataflows", "/sdmx/v2/structure/dataflow"),
        ("data structure with codelists", f"/sdmx/v2/structure/dataflow/{agency}/{flow}/{version}?references=descendants"),
        ("data as CSV with labels", f"/sdmx/v2/data/dataflow/{agency}/{flow}/{version}?format=sdmx-csv-2.1&labels=both"),
        ("data as SDMX-ML 2.1", f"/sdmx/v1/data/{agency},{flow},{version}/all"),
        ("what is available", f"/sdmx/v2/availability/dataflow/{agency}/{flow}/{version}"),
        ("where a series comes from", f"/api/v1/provenance/{agency}/{flow}/{version}/{key}"),
        ("the API described", "/docs"),
    ):
        say(f"  {label:<30} {root}{path}")
