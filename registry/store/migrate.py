"""Brings the schema of a registry database up to this software's revision, however many processes start at once."""

from __future__ import annotations

import sqlite3
import time
from threading import Lock
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from registry.errors import StoreUnavailable
from registry.store.engine import BUSY_SECONDS, reading, translated_errors, writing

# Alembic hands the environment to env.py through a module-level proxy: one migration per process at a time.
_PROCESS: Final = Lock()


def upgrade(engine: Engine) -> None:
    """Apply the migrations that are missing; all of them or none.

    Raises:
        StoreUnavailable: When the database cannot be used, or was made by a later version of the software.
    """
    script = ScriptDirectory.from_config(_config())
    head = script.get_current_head()
    _use_write_ahead_log(engine)
    with _PROCESS:
        with reading(engine) as connection:
            present = _revision(connection)
        if present == head:
            return
        with writing(engine) as connection:
            present = _revision(connection)
            _check_known(script, present)
            command.upgrade(_config(connection), "head")


def schema_revision(engine: Engine) -> str | None:
    """The migration a database is at; None when it is empty."""
    with reading(engine) as connection:
        return _revision(connection)


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _check_known(script: ScriptDirectory, present: str | None) -> None:
    known = {revision.revision for revision in script.walk_revisions()}
    if present is not None and present not in known:
        raise StoreUnavailable(
            f"the registry database is at schema revision {present}, which is newer than this software; upgrade the software"
        )


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", "registry.store:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


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
