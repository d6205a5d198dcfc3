"""Stores for tests of the registry, on SQLite and on a real PostgreSQL, and a way to fill one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

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
