"""``exchange demo``: real citizen data, mapped, published and served, with nothing to prepare."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated

import typer

from exchange.cli.output import fail, say
from exchange.cli.recipes import print_run
from exchange.cli.serve import bound, root_url, run
from exchange.cli.session import opened_services

if TYPE_CHECKING:
    from mappings.run.report import RecipeRun

_HOST = "127.0.0.1"


def demo(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to serve on; 0 takes any free one.")] = 8000,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Stop when everything is published.")] = False,
) -> None:
    """Import structures, map and publish the water points of Malawi, and serve them."""
    with ExitStack() as stack:
        # A port that is taken is said before the work, not after it.
        listener = None if no_serve else stack.enter_context(bound(_HOST, port))
        done = _prepare()
        _print_addresses(root_url(listener, _HOST) if listener else f"http://{_HOST}:{port}", done)
        if listener:
            run(listener, _HOST)


def _prepare() -> RecipeRun:
    """Structures imported and data published; again, nothing changes."""
    from exchange.services.demonstration import import_example_structures, publish_example
    from mappings.examples import WATER_POINTS

    with opened_services() as services:
        say(f"Home: {services.settings.home}")
        for report in import_example_structures(WATER_POINTS, codecs=services.codecs, intake=services.intake):
            say("Structures: " + ", ".join(f"{count} {outcome.value}" for outcome, count in report.counts().items() if count))
        done = publish_example(WATER_POINTS, say, schemas=services.schemas, agreements=services.agreements, intake=services.intake)
    print_run(done)
    if not done.published:
        fail("The bundled dataset could not be published; set EXCHANGE_HOME to a new folder [not-published]")
        raise typer.Exit(1)
    return done


def _print_addresses(root: str, done: RecipeRun) -> None:
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
