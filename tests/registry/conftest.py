"""A store for tests of the registry, and a way to fill it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from registry.model.base import Maintainable
from registry.store.ports import ArtefactStore, ChangeSet
from registry.store.sql import open_store

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
