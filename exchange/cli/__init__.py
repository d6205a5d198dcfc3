"""The command line: ``exchange serve``, ``structures``, ``recipe``, ``data``, ``store``, ``submissions``, ``demo``, ``settings``.

The modules of the commands declare them and import nothing else: what a command works with is imported in its body, when it runs. So help
and version cost what they show, and every command loads only what it needs (tested in ``tests/architecture/test_start_up.py``).
"""

from __future__ import annotations

import typer

from exchange import __version__
from exchange.cli import data as data_commands
from exchange.cli import demo as demo_command
from exchange.cli import recipes as recipe_commands
from exchange.cli import serve, settings, store, structures, submissions
from exchange.cli.errors import GroupOfCommands

application = typer.Typer(
    name="exchange",
    cls=GroupOfCommands,
    help="Citizen Data Exchange: map citizen data to SDMX, keep structures, serve SDMX-REST.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
application.command("serve")(serve.serve)
application.command("demo")(demo_command.demo)
application.command("settings")(settings.show)
application.command("submissions")(submissions.show)
application.add_typer(structures.commands, name="structures")
application.add_typer(recipe_commands.commands, name="recipe")
application.add_typer(data_commands.commands, name="data")
application.add_typer(store.commands, name="store")


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@application.callback()
def _options(
    version: bool = typer.Option(False, "--version", callback=_print_version, is_eager=True, help="Print the version and stop."),
) -> None:
    """Options of the command as a whole."""


def main() -> None:
    """Run a command. Exit status 0: done; 1: refused or bad input, said in lines on standard error; 2: no such command or option."""
    application()
