"""The audit log: every change of the registry, in order, each entry sealed with the hash of the one before it.

Whoever alters, drops or inserts an entry breaks the chain at that place; whoever alters a stored document breaks its content hash.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import Connection, insert, select

from registry.store import documents
from registry.store.ports import AuditBreak
from registry.store.tables import artefact, audit

#: What an entry is about: artefacts, which changes what the registry answers, or the submission of data.
ARTEFACT: Final = "artefact"
SUBMISSION: Final = "submission"
#: What the first entry has in place of a previous hash.
GENESIS: Final = "0" * 64

_BATCH: Final = 200


class _LastEntry(NamedTuple):
    """What the log says last about a URN; no hash when it was ended."""

    sequence: int
    content_hash: str | None


def head(connection: Connection) -> tuple[int, datetime | None, str]:
    """Sequence, instant and hash of the last entry; ``(0, None, GENESIS)`` of an empty log."""
    last = connection.execute(
        select(audit.c.sequence, audit.c.recorded_at, audit.c.hash).order_by(audit.c.sequence.desc()).limit(1)
    ).first()
    return (last.sequence, last.recorded_at, last.hash) if last else (0, None, GENESIS)


def next_instant(connection: Connection) -> datetime:
    """Now, but after the last entry whatever the clocks say."""
    _, last, _ = head(connection)
    now = datetime.now(UTC)
    return now if last is None else max(now, last + timedelta(microseconds=1))


def append(connection: Connection, entries: Sequence[dict[str, Any]], recorded_at: datetime, *, about: str = ARTEFACT) -> None:
    """Add entries (JSON objects); the caller holds the lock that keeps other writers out."""
    sequence, _, previous = head(connection)
    rows = []
    for sequence_number, entry in enumerate(entries, start=sequence + 1):
        text = msgspec.json.encode(entry, order="deterministic").decode()
        seal = _seal(sequence_number, recorded_at, text, previous)
        row = {"sequence": sequence_number, "recorded_at": recorded_at, "entry": text, "previous_hash": previous, "hash": seal}
        rows.append(row | {"about": about})
        previous = seal
    if rows:
        connection.execute(insert(audit), rows)


def find_break(connection: Connection) -> AuditBreak | None:
    """Verify the whole chain, then that every current artefact is the one recorded last for its URN; None when all is well."""
    last_by_urn: dict[str, _LastEntry] = {}
    query = select(audit).order_by(audit.c.sequence).execution_options(yield_per=_BATCH)
    with connection.execute(query) as entries:
        broken, end = _follow(entries, last_by_urn)
    return broken or _find_altered_artefact(connection, last_by_urn, end)


def _follow(entries: Iterable[Any], last_by_urn: dict[str, _LastEntry]) -> tuple[AuditBreak | None, int]:
    """Walk the chain up to its first break, or its end; note the last entry of each URN on the way."""
    previous, sequence = GENESIS, 0
    for row in entries:
        sequence += 1
        if row.sequence != sequence:
            return AuditBreak(sequence, f"entry {sequence} is missing"), sequence
        if row.previous_hash != previous:
            return AuditBreak(sequence, "the entry does not follow the one before it"), sequence
        if row.hash != _seal(sequence, row.recorded_at, row.entry, previous):
            return AuditBreak(sequence, "the entry was altered"), sequence
        entry = msgspec.json.decode(row.entry)
        if "urn" in entry:
            last_by_urn[entry["urn"]] = _LastEntry(sequence, entry.get("contentHash"))
        previous = row.hash
    return None, sequence


def _find_altered_artefact(connection: Connection, last_by_urn: dict[str, _LastEntry], end: int) -> AuditBreak | None:
    columns = (artefact.c.urn, artefact.c.kind, artefact.c.content_hash, artefact.c.document)
    query = select(*columns).where(artefact.c.recorded_to.is_(None)).execution_options(yield_per=_BATCH)
    missing = {urn for urn, entry in last_by_urn.items() if entry.content_hash is not None}
    with connection.execute(query) as current:
        for row in current:
            entry = last_by_urn.get(row.urn, _LastEntry(end, None))
            if entry.content_hash != row.content_hash:
                return AuditBreak(entry.sequence, f"{row.urn} is stored with a content that the log does not end with")
            # SQLite takes text where bytes belong.
            if not isinstance(row.document, bytes) or documents.content_hash(row.kind, row.document) != row.content_hash:
                return AuditBreak(entry.sequence, f"the stored document of {row.urn} was altered")
            missing.discard(row.urn)
    first = min(missing, default=None)
    return AuditBreak(last_by_urn[first].sequence, f"{first} is recorded and not stored") if first else None


def _seal(sequence: int, recorded_at: datetime, entry: str, previous: str) -> str:
    instant = recorded_at.astimezone(UTC).isoformat(timespec="microseconds")
    return hashlib.sha256("\n".join((previous, str(sequence), instant, entry)).encode()).hexdigest()
