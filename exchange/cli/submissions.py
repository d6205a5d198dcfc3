"""``exchange submissions``: who handed in what, when, and what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from exchange.cli.output import say
from exchange.cli.session import opened_services

if TYPE_CHECKING:
    from registry.submissions import Submission


def show(
    limit: Annotated[int, typer.Option(min=1, help="So many, the newest first.")] = 20,
    dataflow: Annotated[str | None, typer.Option(metavar="AGENCY:ID(VERSION)", help="Only those that are for this dataflow.")] = None,
) -> None:
    """List submissions of structures and data: when, who, how, what, and what became of them."""
    with opened_services() as services:
        for submission in services.submissions.newest(limit, dataflow=dataflow):
            say(_line(submission))


def _line(submission: Submission) -> str:
    counts = ", ".join(f"{count:,} {name}" for name, count in submission.outcome.items() if count) or "no change"
    parts = ", ".join(part.name for part in submission.parts) or "-"
    target = f" for {submission.dataflow}" if submission.dataflow else ""
    under = f" under {submission.agreement}" if submission.agreement else ""
    about = f"{submission.kind.value} {parts}{target}{under}"
    instant = submission.instant.strftime("%Y-%m-%dT%H:%M:%SZ")
    return f"{instant} {submission.id} {submission.actor} {submission.status.value} {about}: {counts}"
