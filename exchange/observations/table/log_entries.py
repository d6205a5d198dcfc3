"""Entries of the log of a table, read as they lie there: one JSON object per line (Delta Lake transaction log protocol)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pyarrow.fs import FileSelector, PyFileSystem

from exchange.errors import DamagedStore
from exchange.observations.ports import Receipt

LOG = "_delta_log"
#: What our commits say about themselves: the receipt, and how many files they add and remove, so that a cut entry is noticed.
RECEIPT, FILES = "exchange.receipt", "exchange.files"


@dataclass(frozen=True)
class LogEntry:
    """What one commit did.

    Attributes:
        receipt: That of the submission; None for what changed only columns, and for commits of foreign writers.
    """

    version: int
    added: tuple[str, ...]
    removed: tuple[str, ...]
    receipt: Receipt | None = None


def entry_name(version: int) -> str:
    """Where the entry of a version lies, relative to the table."""
    return f"{LOG}/{version:020}.json"


def parse_entry(content: bytes, version: int) -> LogEntry:
    """An entry from its bytes.

    Raises:
        DamagedStore: When it is empty, cut, or no log entry at all.
    """
    try:
        actions = [json.loads(line) for line in content.splitlines() if line.strip()]
        info: dict[str, Any] = next((action["commitInfo"] for action in actions if "commitInfo" in action), {})
        added, removed = (tuple(action[kind]["path"] for action in actions if kind in action) for kind in ("add", "remove"))
        receipt = read_receipt(info)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise damaged(version) from error
    is_whole = len(added) + len(removed) == int(info.get(FILES, len(added) + len(removed)))
    is_ours = receipt is not None
    if not info or not is_whole or (is_ours and not any("txn" in action for action in actions)):
        raise damaged(version)
    return LogEntry(version, added, removed, receipt)


def read_receipt(info: dict[str, Any]) -> Receipt | None:
    """The receipt in what a commit says about itself; None when it is not ours."""
    if RECEIPT not in info:
        return None
    facts = json.loads(info[RECEIPT])
    facts["recorded_at"] = datetime.fromisoformat(facts["recorded_at"])
    return Receipt(**facts)


def entries(table: PyFileSystem) -> Iterator[LogEntry]:
    """All entries of a table, the oldest first.

    Raises:
        DamagedStore: When one is damaged, or missing between two others.
    """
    found = table.get_file_info(FileSelector(LOG, allow_not_found=True))
    versions = sorted(int(info.base_name.removesuffix(".json")) for info in found if _is_entry(info.base_name))
    for at, version in enumerate(versions):
        if version != versions[0] + at:
            raise damaged(version - 1)
        with table.open_input_stream(entry_name(version)) as stream:
            yield parse_entry(stream.read(), version)


def _is_entry(name: str) -> bool:
    return name.endswith(".json") and name.removesuffix(".json").isdecimal()


def damaged(version: int) -> DamagedStore:
    """The error that an entry of the log is damaged."""
    return DamagedStore(
        f"Entry {version} of the log of observations is damaged; what it says is not known, so nothing is answered. "
        "Bring the folder of this dataflow back from a backup; exchange store check names everything that is damaged."
    )
