"""One commit: check what the writer expects, end revisions, add new ones, and put all of it into the audit log."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, delete, insert, select, update

from registry.errors import ConflictingWrite, InvalidArtefact, UnknownArtefact
from registry.model.identity import Urn
from registry.store import audit
from registry.store.ports import ChangeSet
from registry.store.rows import Prepared
from registry.store.submissions import record_committed, signature
from registry.store.tables import artefact, aware, item, reference

_CHUNK: Final = 1_000
_TICK: Final = timedelta(microseconds=1)


class _Current(NamedTuple):
    """The revision of a URN that is in force."""

    revision: int
    content_hash: str
    recorded_from: datetime


def record(connection: Connection, prepared: Sequence[Prepared], changes: ChangeSet, recorded_at: datetime | None) -> None:
    """Write a change set; the caller holds the writers' lock and the transaction.

    Raises:
        ConflictingWrite, InvalidArtefact, UnknownArtefact: As :meth:`registry.store.sql.SqlArtefactStore.commit` says.
    """
    _check_distinct([*(one.urn for one in prepared), *changes.end])
    current = _current(connection, {*(one.urn for one in prepared), *changes.end, *(changes.expected or {})})
    _check_expected(changes, current)
    _check_stored(changes.end, current)
    new = [one for one in prepared if one.urn not in current or current[one.urn].content_hash != one.content_hash]
    ended = [current[urn] for urn in (*(one.urn for one in new), *changes.end) if urn in current]
    instant = _instant(connection, ended, recorded_at)
    _end(connection, ended, instant)
    _add(connection, new, instant)
    signed = signature(changes.submission) if changes.submission else {}
    audit.append(connection, [entry | signed for entry in _entries(new, changes.end)], instant)
    if changes.submission:
        record_committed(connection, changes.submission)


def _check_distinct(urns: Sequence[Urn]) -> None:
    for urn in {urn for urn in urns if urns.count(urn) > 1} if len(set(urns)) < len(urns) else ():
        raise InvalidArtefact(f"{urn} stands more than once in one change set; submit each artefact once")


def _current(connection: Connection, urns: set[Urn]) -> dict[Urn, _Current]:
    by_text = {str(urn): urn for urn in urns}
    texts = list(by_text)
    columns = (artefact.c.urn, artefact.c.revision, artefact.c.content_hash, artefact.c.recorded_from)
    query = select(*columns).where(artefact.c.recorded_to.is_(None))
    return {
        by_text[row.urn]: _Current(row.revision, row.content_hash, row.recorded_from)
        for start in range(0, len(texts), _CHUNK)
        for row in connection.execute(query.where(artefact.c.urn.in_(texts[start : start + _CHUNK])))
    }


def _check_expected(changes: ChangeSet, current: dict[Urn, _Current]) -> None:
    for urn, seen in (changes.expected or {}).items():
        stored = current[urn].content_hash if urn in current else None
        if stored != seen:
            happened = "was ended" if stored is None else "was added" if seen is None else "was changed"
            raise ConflictingWrite(f"{urn} {happened} by another writer in the meantime; read again and retry")


def _check_stored(urns: Sequence[Urn], current: dict[Urn, _Current]) -> None:
    for urn in urns:
        if urn not in current:
            raise UnknownArtefact(f"{urn} is not stored, so it cannot be ended")


def _instant(connection: Connection, ended: Sequence[_Current], recorded_at: datetime | None) -> datetime:
    """The transaction time: as told when that is after what it replaces, else now, but after the last commit whatever the clocks say."""
    if recorded_at is not None:
        instant = aware(recorded_at)
        if any(instant <= one.recorded_from for one in ended):
            raise ConflictingWrite(f"{recorded_at.isoformat()} is not after the revision that it would replace was recorded")
        return instant
    now = audit.next_instant(connection)
    return max((now, *(one.recorded_from + _TICK for one in ended)))


def _end(connection: Connection, ended: Sequence[_Current], instant: datetime) -> None:
    """Close revisions. Their items go: they serve the search in what is current, and the document keeps them."""
    revisions = [one.revision for one in ended]
    for start in range(0, len(revisions), _CHUNK):
        chunk = revisions[start : start + _CHUNK]
        connection.execute(update(artefact).where(artefact.c.revision.in_(chunk)).values(recorded_to=instant))
        connection.execute(delete(item).where(item.c.revision.in_(chunk)))


def _add(connection: Connection, new: Sequence[Prepared], instant: datetime) -> None:
    references: list[dict[str, Any]] = []
    items: list[dict[str, Any]] = []
    for one in new:
        revision = connection.execute(insert(artefact).values(one.artefact_row(instant)).returning(artefact.c.revision)).scalar_one()
        references += one.reference_rows(revision)
        items += one.item_rows(revision)
    for table, rows in ((reference, references), (item, items)):
        if rows:
            connection.execute(insert(table), rows)


def _entries(new: Sequence[Prepared], ended: Sequence[Urn]) -> Iterator[dict[str, Any]]:
    for one in new:
        yield {"action": "put", "urn": str(one.urn), "contentHash": one.content_hash}
    for urn in ended:
        yield {"action": "end", "urn": str(urn)}
