"""Files that are unpacked for reading, named after their process, so that those of killed processes can be told from those in use."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path
from tempfile import gettempdir
from typing import Final

_NAME: Final = re.compile(r"exchange-unpacked-([0-9]+)-")


def prefix() -> str:
    """How the names of unpacked files of this process begin."""
    return f"exchange-unpacked-{os.getpid()}-"


def remove_abandoned() -> list[str]:
    """Remove the unpacked files of processes that are no more; names what went."""
    gone = []
    for file in sorted(Path(gettempdir()).glob("exchange-unpacked-*")):
        found = _NAME.match(file.name)
        if found is not None and not _runs(int(found[1])):
            with suppress(OSError):
                file.unlink()
                gone.append(file.name)
    return gone


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
