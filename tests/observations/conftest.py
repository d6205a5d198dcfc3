"""Stores of every adapter; a new one joins the contract suite by one line here."""

from __future__ import annotations

from pathlib import Path

import pytest

from exchange.observations.delta_store import DeltaObservationStore
from exchange.observations.ports import ObservationStore


def _on_disk(folder: Path) -> ObservationStore:
    return DeltaObservationStore(str(folder / "lake"))


def _by_url(folder: Path) -> ObservationStore:
    return DeltaObservationStore(f"file://{folder}/lake by url", batch_rows=2)


@pytest.fixture(params=[_on_disk, _by_url], ids=["disk", "url"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObservationStore:
    made: ObservationStore = request.param(tmp_path)
    return made
