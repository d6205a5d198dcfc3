"""``exchange settings``: what is set, and what could be."""

from __future__ import annotations

from exchange.cli.output import say
from exchange.settings import Settings


def show() -> None:
    """Show all settings with their values; secrets are masked."""
    for variable, value, description in Settings().described():
        say(f"{variable}={value}\n    {description}")
