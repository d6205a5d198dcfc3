"""``exchange store``: check what is stored, clean up after killed writers, erase what must never have been published."""

from __future__ import annotations

from typing import Annotated

import typer

from exchange.cli.output import note, say
from exchange.cli.session import opened_services

commands = typer.Typer(help="Check, clean and erase what is stored.", no_args_is_help=True)


@commands.command("check")
def check() -> None:
    """Check the audit log, every file of observations, and the provenance of every submission. Exit status 1 when anything is wrong."""
    from exchange.services import upkeep

    with opened_services() as services:
        problems = 0
        for problem in upkeep.check(services):
            problems += 1
            say(problem)
        if problems:
            note(f"{problems} {'problem' if problems == 1 else 'problems'}")
            raise typer.Exit(1)
        say("audit log, observations and provenance are as they were recorded")


@commands.command("clean")
def clean() -> None:
    """Remove what killed writers left. What is in use stays; waits some seconds for whoever is storing observations."""
    from exchange.services import upkeep

    with opened_services() as services:
        gone = upkeep.clean(services)
        for line in gone:
            say(f"removed {line}")
        note(f"{len(gone)} removed")


@commands.command("erase")
def erase(
    submission: Annotated[str, typer.Argument(help="Id of the submission, as exchange submissions lists it.")],
    reason: Annotated[str, typer.Option(help="Why; goes into the audit log.")],
) -> None:
    """Take a submission of observations out of state, history and provenance, for what must never have been published."""
    from exchange.cli.actors import operating_system_user
    from exchange.services import upkeep

    with opened_services() as services:
        dataflow, changed_later = upkeep.erase(services, submission, actor=operating_system_user(), reason=reason)
        say(f"erased submission {submission} from {dataflow}, its history and its provenance")
        if changed_later:
            note(
                f"{changed_later:,} observations or waiting values were changed by later submissions, or took over values that came "
                "with it; look at these, too"
            )
        if not services.observations.is_local:
            note("where the bucket keeps former versions of objects, remove them there")
