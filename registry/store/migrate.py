"""Brings the schema of a registry database up to this software's revision, however many processes start at once.

A database that is up to date, which is nearly always, is seen to be so without loading Alembic: that costs as much as everything else a
short command does.
"""

from __future__ import annotations

import sqlite3
import time
from pkgutil import iter_modules
from threading import Lock
from typing import Final

from sqlalchemy import Connection, Engine, column, inspect, select, table

from registry.errors import StoreUnavailable
from registry.store.engine import BUSY_SECONDS, is_read_only, reading, translated_errors, writing
from registry.store.migrations import versions

# Alembic hands the environment to env.py through a module-level proxy: one migration per process at a time.
_PROCESS: Final = Lock()
#: Where Alembic keeps the revision of a database.
_PRESENT: Final = table("alembic_version", column("version_num"))


def upgrade(engine: Engine) -> None:
    """Apply the migrations that are missing; all of them or none.

    Raises:
        StoreUnavailable: When the database cannot be used, or was made by a later version of the software.
    """
    if not is_read_only(engine):
        _use_write_ahead_log(engine)
    with _PROCESS:
        with reading(engine) as connection:
            present = _revision(connection)
        if present == head():
            return
        with writing(engine) as connection:
            _check_known(_revision(connection))
            _apply_missing(connection)


def head() -> str:
    """The revision that this software works with: the number in the name of the last module of migrations."""
    return _revisions()[-1]


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table(_PRESENT.name):
        return None
    present = connection.scalar(select(_PRESENT.c.version_num))
    return None if present is None else str(present)


def _revisions() -> list[str]:
    """In order: the modules are named r0001_subject and so on (tested against what Alembic makes of them)."""
    return sorted(module.name[1:].partition("_")[0] for module in iter_modules(versions.__path__))


def _check_known(present: str | None) -> None:
    if present is not None and present not in _revisions():
        raise StoreUnavailable(
            f"the registry database is at schema revision {present}, which is newer than this software; upgrade the software"
        )


def _apply_missing(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415  # see above
    from alembic.config import Config  # noqa: PLC0415  # see above

    config = Config()
    config.set_main_option("script_location", "registry.store:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _use_write_ahead_log(engine: Engine) -> None:
    """Readers and a writer side by side. The switch is permanent; it needs the file for itself, and SQLite does not wait for that."""
    if engine.dialect.name != "sqlite":
        return
    give_up = time.monotonic() + BUSY_SECONDS
    with translated_errors():
        raw = engine.raw_connection()
        try:
            while not _switched(raw.driver_connection, last_try=time.monotonic() > give_up):
                time.sleep(0.05)
        finally:
            raw.close()


def _switched(connection: object, *, last_try: bool) -> bool:
    assert isinstance(connection, sqlite3.Connection)  # noqa: S101  # the dialect says so
    try:
        connection.execute("PRAGMA journal_mode = WAL")
    except sqlite3.OperationalError as error:
        if last_try or "locked" not in str(error):
            raise StoreUnavailable(f"the registry database cannot be used: {error}") from error
        return False
    return True
