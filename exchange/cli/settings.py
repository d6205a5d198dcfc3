"""``exchange settings``: what is set, and what could be."""

from __future__ import annotations

from exchange.cli.output import say
from exchange.cli.session import read_settings


def show() -> None:
    """Show all settings with their values; secrets are masked."""
    for variable, value, description in read_settings().described():
        say(f"{variable}={value}\n    {description}")
