from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def golden() -> Path:
    """The folder with the expected data messages."""
    return Path(__file__).parents[2] / "golden" / "data"
