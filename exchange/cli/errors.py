"""Errors of the command line itself, and how every error becomes one line on standard error and an exit status."""

from __future__ import annotations

import errno
import sys
from typing import ClassVar, Final

import typer
from typer.core import TyperGroup

from exchange.cli.output import fail
from exchange.errors import ExchangeError
from mappings.errors import InvalidRecipe, MappingError
from registry.errors import RegistryError

#: What to do about errors of the operating system.
_REMEDIES: Final = {
    errno.ENOENT: "check the name",
    errno.EISDIR: "name a file, not a folder",
    errno.ENOTDIR: "a part of the path is a file, not a folder; check the name",
    errno.EACCES: "ask for the permission, or name another place",
    errno.EPERM: "ask for the permission, or name another place",
    errno.EROFS: "the disk can only be read; name another place",
    errno.ENOSPC: "make room on the disk",
}


class CommandError(Exception):
    """Base of the errors that only the command line has. ``code`` is stable; the message names place and remedy."""

    code: ClassVar[str] = "command-error"


class InvalidSetting(CommandError):
    """An environment variable holds something that is no value of its setting."""

    code = "invalid-setting"


class UnusableHome(CommandError):
    """The home folder cannot be made or written."""

    code = "unusable-home"


class AddressNotFree(CommandError):
    """Address and port cannot be listened on."""

    code = "address-not-free"


class ServiceFailed(CommandError):
    """The HTTP service could not start."""

    code = "service-failed"


class GroupOfCommands(TyperGroup):
    """Commands whose errors are one line each, with exit status 1. Usage errors stay what they are, with exit status 2."""

    def invoke(self, ctx: typer.Context) -> object:  # type: ignore[override]  # the class that Typer hands out is this one
        """Run the command that was named."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise  # whoever reads our output has seen enough: click ends quietly
        except Exception as error:
            if not isinstance(error, (CommandError, ExchangeError, MappingError, RegistryError, OSError)) and not _of_the_lake(error):
                raise
            for line in told(error):
                fail(line)
            raise typer.Exit(1) from error


def told(error: Exception) -> list[str]:
    """The lines that say what was wrong, where, and what to do, with the stable code at their end."""
    if isinstance(error, InvalidRecipe):
        return [f"{_one_line(problem)} [{error.code}]" for problem in error.problems]
    if _of_the_lake(error):
        return [f"The observation lake cannot be used: {_one_line(str(error))}; check EXCHANGE_STORE_URL [lake-error]"]
    if isinstance(error, OSError):
        return [_told_by_system(error)]
    return [f"{_one_line(str(error))} [{getattr(error, 'code', 'error')}]"]


def _of_the_lake(error: Exception) -> bool:
    """Whether the lake's library failed. A command that never loaded it has no such error, and does not load it to find out."""
    library = sys.modules.get("deltalake.exceptions")
    return library is not None and isinstance(error, library.DeltaError)


def _told_by_system(error: OSError) -> str:
    if error.errno is None:  # object stores speak through this class, too
        return f"{_one_line(str(error))}; check EXCHANGE_STORE_URL and EXCHANGE_STORE_OPTIONS [system-error]"
    place = f"{error.filename}: " if error.filename else ""
    remedy = f"; {_REMEDIES[error.errno]}" if error.errno in _REMEDIES else ""
    return f"{place}{error.strerror or error}{remedy} [system-error]"


def _one_line(text: str) -> str:
    return " ".join(text.split())
