"""What a command works with: the settings and the services opened on them."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from exchange.cli.actors import operating_system_user
from exchange.cli.errors import InvalidSetting, UnusableHome

if TYPE_CHECKING:
    from exchange.services.container import Services
    from exchange.settings import Settings
    from registry.services.schemas import SchemaReader


def read_settings() -> Settings:
    """The settings of the environment.

    Raises:
        InvalidSetting: Names the variables, what is wrong and what is expected. Values are not repeated, for they may be secret.
    """
    from pydantic import ValidationError
    from pydantic_settings import SettingsError

    from exchange.settings import Settings

    try:
        return Settings()
    except ValidationError as error:
        problems = [
            f"{_variable(problem['loc'])}: {problem['msg'].removeprefix('Value error, ')}" for problem in error.errors(include_input=False)
        ]
        raise InvalidSetting(f"{'; '.join(problems)}. Correct or unset it; exchange settings describes all of them.") from error
    except SettingsError as error:
        wanted = next((name for name in Settings.model_fields if f'"{name}"' in str(error)), "")
        raise InvalidSetting(f"{_variable((wanted,))}: is not JSON. {Settings.model_fields[wanted].description or ''}") from error


def _variable(place: tuple[int | str, ...]) -> str:
    first, *rest = (str(part) for part in place)
    return f"EXCHANGE_{first.upper()}" + "".join(f"[{part}]" for part in rest)


@contextmanager
def opened_services() -> Iterator[Services]:
    """The services on the settings of the environment, closed at the end.

    Raises:
        InvalidSetting: When a setting is none.
        UnusableHome: When the home folder cannot be made.
    """
    from exchange.app import open_services

    with ending_in_order(), closing(open_services(_with_home(read_settings()), actor=operating_system_user())) as services:
        yield services


@contextmanager
def ending_in_order() -> Iterator[None]:
    """A termination ends a command as an interrupt does: what it has begun is finished or undone, and temporary files go."""
    if threading.current_thread() is not threading.main_thread():  # only the main thread hears of signals
        yield
        return
    before = signal.signal(signal.SIGTERM, _end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _end(number: int, _frame: object) -> None:
    raise SystemExit(128 + number)


@contextmanager
def opened_registry() -> Iterator[SchemaReader]:
    """The schemas of the registry alone, for commands that touch no observations; closed at the end.

    Raises:
        InvalidSetting: When a setting is none.
        UnusableHome: When the home folder cannot be made.
    """
    from registry.services.schemas import SchemaReader
    from registry.store.sql import open_store

    with closing(open_store(_with_home(read_settings()).registry_url())) as store:
        yield SchemaReader(store)


def _with_home(settings: Settings) -> Settings:
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UnusableHome(
            f"EXCHANGE_HOME={settings.home} cannot be made ({error.strerror}); name a folder in which you can write."
        ) from error
    return settings
