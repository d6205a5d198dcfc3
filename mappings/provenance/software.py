"""What software made a submission."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Final

#: The distribution that carries this package.
DISTRIBUTION: Final = "citizen-data-exchange"


def software() -> str:
    """Name and version of this software."""
    try:
        return f"{DISTRIBUTION} {version(DISTRIBUTION)}"
    except PackageNotFoundError:
        return f"{DISTRIBUTION} (not installed)"
