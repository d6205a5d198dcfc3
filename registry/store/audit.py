"""The audit log: every change of the registry, in order, each entry sealed with the hash of the one before it.

Whoever alters, drops or inserts an entry breaks the chain at that place; whoever alters a stored document breaks its content hash.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, insert, select

from registry.store import documents
from registry.store.tables import artefact, audit

#: What the first entry has in place of a previous hash.
GENESIS: Final = "0" * 64

_BATCH: Final = 1_000


@dataclass(frozen=True, slots=True)
class AuditBreak:
    """The first place where the log, or what it speaks about, is not what was recorded."""

    sequence: int
    reason: str


def head(connection: Connection) -> tuple[int, datetime | None, str]:
    """Sequence, instant and hash of the last entry; ``(0, None, GENESIS)`` of an empty log."""
    last = connection.execute(
        select(audit.c.sequence, audit.c.recorded_at, audit.c.hash).order_by(audit.c.sequence.desc()).limit(1)
    ).first()
    return (last.sequence, last.recorded_at, last.hash) if last else (0, None, GENESIS)


def append(connection: Connection, entries: Sequence[dict[str, Any]], recorded_at: datetime) -> None:
    """Add entries (JSON objects); the caller holds the lock that keeps other writers out."""
    sequence, _, previous = head(connection)
    rows = []
    for sequence_number, entry in enumerate(entries, start=sequence + 1):
        text = msgspec.json.encode(entry, order="deterministic").decode()
        seal = _seal(sequence_number, recorded_at, text, previous)
        rows.append({"sequence": sequence_number, "recorded_at": recorded_at, "entry": text, "previous_hash": previous, "hash": seal})
        previous = seal
    if rows:
        connection.execute(insert(audit), rows)


def find_break(connection: Connection) -> AuditBreak | None:
    """Verify the whole chain, then that every current artefact is the one recorded last for its URN; None when all is well."""
    previous, expected = GENESIS, 1
    last_by_urn: dict[str, tuple[int, str | None]] = {}
    for row in connection.execution_options(yield_per=_BATCH).execute(select(audit).order_by(audit.c.sequence)):
        if row.sequence != expected:
            return AuditBreak(expected, f"entry {expected} is missing")
        if row.previous_hash != previous:
            return AuditBreak(row.sequence, "the entry does not follow the one before it")
        if row.hash != _seal(row.sequence, row.recorded_at, row.entry, previous):
            return AuditBreak(row.sequence, "the entry was altered")
        entry = msgspec.json.decode(row.entry)
        if "urn" in entry:
            last_by_urn[entry["urn"]] = (row.sequence, entry.get("contentHash"))
        previous, expected = row.hash, expected + 1
    return _find_altered_artefact(connection, last_by_urn, expected - 1)


def _find_altered_artefact(connection: Connection, last_by_urn: dict[str, tuple[int, str | None]], end: int) -> AuditBreak | None:
    current = select(artefact.c.urn, artefact.c.kind, artefact.c.content_hash, artefact.c.document).where(artefact.c.recorded_to.is_(None))
    missing = {urn for urn, (_, recorded) in last_by_urn.items() if recorded is not None}
    for row in connection.execution_options(yield_per=100).execute(current):
        sequence, recorded = last_by_urn.get(row.urn, (end, None))
        if recorded != row.content_hash:
            return AuditBreak(sequence, f"{row.urn} is stored with a content that the log does not end with")
        # SQLite takes text where bytes belong.
        if not isinstance(row.document, bytes) or documents.content_hash(row.kind, row.document) != row.content_hash:
            return AuditBreak(sequence, f"the stored document of {row.urn} was altered")
        missing.discard(row.urn)
    if missing:
        urn = min(missing)
        return AuditBreak(last_by_urn[urn][0], f"{urn} is recorded and not stored")
    return None


def _seal(sequence: int, recorded_at: datetime, entry: str, previous: str) -> str:
    instant = recorded_at.astimezone(UTC).isoformat(timespec="microseconds")
    return hashlib.sha256("\n".join((previous, str(sequence), instant, entry)).encode()).hexdigest()
