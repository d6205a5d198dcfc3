"""Database engines for the registry: how SQLite and PostgreSQL are opened, and what their errors mean here."""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, NoSuchModuleError
from sqlalchemy.pool import ConnectionPoolEntry

from registry.errors import ConflictingWrite, StoreUnavailable

#: How long a writer waits for another one before it gives up.
BUSY_SECONDS: Final = 30

_WRITES: Final = "registry_writes"
#: SQLSTATE of serialization failure, deadlock and lock timeout: another transaction was in the way.
_CONFLICT_STATES: Final = frozenset({"40001", "40P01", "55P03"})


def open_engine(url: str) -> Engine:
    """An engine for a SQLAlchemy URL; the folder of a SQLite file is made when it is missing.

    Raises:
        StoreUnavailable: When the URL is not one of SQLite (a file) or PostgreSQL.
    """
    parsed = _parse(url)
    if parsed.get_backend_name() == "postgresql":
        return create_engine(parsed.set(drivername="postgresql+psycopg"), pool_pre_ping=True)
    if parsed.get_backend_name() != "sqlite":
        raise StoreUnavailable(f"the registry runs on SQLite and PostgreSQL, not on {parsed.get_backend_name()}")
    if parsed.database in {None, "", ":memory:"}:
        raise StoreUnavailable("a SQLite database in memory cannot be shared by threads; give a file, as in sqlite:///registry.sqlite")
    file = Path(str(parsed.database))
    if _is_read_only(file):
        parsed = _for_reading(parsed, file)
    folder = file.parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreUnavailable(f"the folder {folder} of the registry database cannot be made: {error.strerror}") from error
    engine = create_engine(parsed, connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def is_read_only(engine: Engine) -> bool:
    """True when the database was opened to be read only, because nobody here may write it."""
    return engine.url.query.get("mode") == "ro"


def _is_read_only(file: Path) -> bool:
    return file.exists() and not (os.access(file, os.W_OK) and os.access(file.parent, os.W_OK))


def _for_reading(url: URL, file: Path) -> URL:
    """A file that cannot be written is opened as one that does not change, unless somebody with more rights is writing it."""
    log = file.with_name(f"{file.name}-wal")
    changes = log.exists() and log.stat().st_size > 0
    query = {"mode": "ro", "uri": "true"} | ({} if changes else {"immutable": "1"})
    return url.set(database=f"file:{quote(str(file))}", query=query)


def _parse(url: str) -> URL:
    try:
        return make_url("postgresql" + url.removeprefix("postgres") if url.startswith("postgres:") else url)
    except (ArgumentError, NoSuchModuleError) as error:
        raise StoreUnavailable(
            "the registry database URL cannot be read; expected sqlite:///FILE or postgresql://USER@HOST/NAME"
        ) from error


def _prepare_sqlite(connection: sqlite3.Connection, _record: ConnectionPoolEntry) -> None:
    # The driver would begin transactions by itself, and too late: _begin_sqlite does it.
    connection.isolation_level = None
    for pragma in ("foreign_keys = ON", "synchronous = FULL", "temp_store = MEMORY"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes the lock at once; upgrading a read transaction later could fail without any waiting.
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection on one consistent state of the database."""
    with translated_errors(), engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A connection in a transaction that excludes every other writer; committed at the end, rolled back on an error."""
    with translated_errors(), engine.connect() as connection:
        connection.execution_options(**{_WRITES: True})
        with connection.begin():
            lock_writers(connection)
            yield connection


def lock_writers(connection: Connection) -> None:
    """Wait until no other transaction writes. SQLite has done so in BEGIN; readers are never kept waiting."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{BUSY_SECONDS}s'")
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext('citizen-data-exchange registry'))")


@contextmanager
def translated_errors() -> Iterator[None]:
    """Turn errors of the database driver into errors of the registry. Messages carry no values and no URL."""
    try:
        yield
    except IntegrityError as error:
        raise ConflictingWrite("another writer recorded the same artefact first; read again and retry") from error
    except DBAPIError as error:
        raise _translated(error.orig) from error
    except Exception as error:
        if not isinstance(error, (sqlite3.Error, *_postgresql("Error"))):
            raise
        raise _translated(error) from error  # from bare connections, which SQLAlchemy does not wrap


def _postgresql(name: str) -> tuple[type[Exception], ...]:
    """A class of errors of the PostgreSQL driver; none while the driver is not loaded, which SQLAlchemy does when it is needed."""
    driver = sys.modules.get("psycopg")
    return () if driver is None else (getattr(driver, name),)


def _translated(origin: BaseException | None) -> ConflictingWrite | StoreUnavailable:
    if getattr(origin, "sqlstate", None) in _CONFLICT_STATES:
        return ConflictingWrite("another writer was in the way; read again and retry")
    if "locked" in str(origin):
        return ConflictingWrite(f"the registry database stayed locked by another process for {BUSY_SECONDS} seconds; retry later")
    if isinstance(origin, (sqlite3.DatabaseError, *_postgresql("OperationalError"))):
        reason = str(origin).strip().partition("\n")[0]
        return StoreUnavailable(f"the registry database cannot be used: {reason}")
    return StoreUnavailable(f"the registry database refused a statement ({type(origin).__name__}); is its schema up to date?")
