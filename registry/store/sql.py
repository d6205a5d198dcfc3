"""The artefact store on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import closing
from datetime import datetime
from typing import Any, Final, TypeVar

from sqlalchemy import ColumnElement, Connection, Engine, Select, and_, func, or_, select

from registry.caching import Cache
from registry.errors import UnknownArtefact
from registry.model.base import Maintainable
from registry.model.identity import Urn
from registry.store import audit, documents
from registry.store.commit import record
from registry.store.engine import open_engine, reading, translated_errors, writing
from registry.store.migrate import upgrade
from registry.store.ports import ArtefactRecord, AuditBreak, ChangeSet
from registry.store.rows import Prepared
from registry.store.submissions import SqlSubmissionLog
from registry.store.tables import artefact as artefacts
from registry.store.tables import audit as audit_log
from registry.store.tables import aware
from registry.store.tables import reference as references
from registry.versions import Version, VersionReference

_T = TypeVar("_T")

#: Values per ``IN`` list, below what either database takes in one statement.
_CHUNK: Final = 1_000
#: Decoded structs take a few times the room of their document.
_MEMORY_PER_BYTE: Final = 4

_RECORD: Final = (
    artefacts.c.urn_class,
    artefacts.c.agency,
    artefacts.c.id,
    artefacts.c.version,
    artefacts.c.kind,
    artefacts.c.content_hash,
    artefacts.c.recorded_from,
    artefacts.c.recorded_to,
)
_NEWEST: Final = select(func.coalesce(func.max(audit_log.c.sequence), 0)).where(audit_log.c.about == audit.ARTEFACT)
_REVISION: Final = str(_NEWEST.compile(compile_kwargs={"literal_binds": True}))
_IN_ORDER: Final = (artefacts.c.kind, artefacts.c.agency, artefacts.c.id, artefacts.c.version_order, artefacts.c.version)


def open_store(url: str) -> SqlArtefactStore:
    """The store at a SQLAlchemy URL, made and brought up to date when needed; safe when several processes start at once.

    Raises:
        StoreUnavailable: When the database cannot be reached or belongs to newer software.
    """
    engine = open_engine(url)
    try:
        upgrade(engine)
    except BaseException:
        engine.dispose()
        raise
    return SqlArtefactStore(engine)


class SqlArtefactStore:
    """:class:`registry.store.ports.ArtefactStore` on a database whose schema is up to date. Safe for threads and processes.

    Attributes:
        submissions: The log of submissions in the same database.
    """

    def __init__(self, engine: Engine, cache: Cache[str, Maintainable] | None = None) -> None:
        self._engine = engine
        #: By content hash: content never changes under its hash.
        self._cache = Cache[str, Maintainable](most=20_000, heaviest=256 * 1024 * 1024) if cache is None else cache
        self.submissions = SqlSubmissionLog(engine)

    def records(
        self,
        *,
        kinds: Collection[str] | None = None,
        agencies: Collection[str] | None = None,
        ids: Collection[str] | None = None,
        as_of: datetime | None = None,
    ) -> list[ArtefactRecord]:
        """Revisions in force now (or at ``as_of``), filtered; None means any. Ordered by kind, agency, id, version."""
        query = select(*_RECORD).where(_in_force(as_of)).order_by(*_IN_ORDER)
        for column, admitted in ((artefacts.c.kind, kinds), (artefacts.c.agency, agencies), (artefacts.c.id, ids)):
            if admitted is not None:
                query = query.where(column.in_(list(admitted)))
        with reading(self._engine) as connection:
            return [_record(row) for row in connection.execute(query)]

    def history(self, urn: Urn) -> list[ArtefactRecord]:
        """Every revision of one artefact, oldest first; empty when it never existed."""
        query = select(*_RECORD).where(artefacts.c.urn == str(urn)).order_by(artefacts.c.recorded_from, artefacts.c.revision)
        with reading(self._engine) as connection:
            return [_record(row) for row in connection.execute(query)]

    def load(self, records: Sequence[ArtefactRecord]) -> list[Maintainable]:
        """The artefacts of some records, in the same order.

        Raises:
            UnknownArtefact: When a record is not of this store.
        """
        found = {wanted.content_hash: self._cache.get(wanted.content_hash) for wanted in records}
        missing = [content_hash for content_hash, held in found.items() if held is None]
        if missing:
            found.update(self._fetch(missing))
        return [_present(found[wanted.content_hash], wanted) for wanted in records]

    def referrers(self, targets: Collection[Urn], *, as_of: datetime | None = None) -> list[ArtefactRecord]:
        """Revisions in force that point at any of the targets (maintainable URNs); wildcard references count when they match."""
        wanted: dict[str, list[tuple[Urn, Version]]] = {}
        for target in dict.fromkeys(urn.artefact for urn in targets):
            wanted.setdefault(target.id, []).append((target, Version.parse(target.version)))
        found: dict[int, ArtefactRecord] = {}
        with reading(self._engine) as connection:
            for row in _referring(connection, wanted, as_of):
                if row.revision not in found and _points_at(row, [*wanted.get(row.to_id, ()), *_all_of(wanted, row.to_id)]):
                    found[row.revision] = _record(row)
        return sorted(found.values(), key=_order)

    def commit(self, changes: ChangeSet, *, recorded_at: datetime | None = None) -> None:
        """Apply a change set in one transaction; artefacts that are stored with the same content already stay as they are.

        Raises:
            ConflictingWrite: When ``expected`` does not hold any more, or ``recorded_at`` precedes what is recorded.
            InvalidArtefact: When two artefacts of the change set have the same URN.
            UnknownArtefact: When a URN to end is not stored.
        """
        prepared = [Prepared.of(artefact) for artefact in changes.put]
        with writing(self._engine) as connection:
            record(connection, prepared, changes, recorded_at)

    def revision(self) -> int:
        """A number that grows with every commit of artefacts by any process: the key of caches in front of the store."""
        # Asked with every request: a bare cursor takes a fifth of the time of a Core statement in a transaction.
        with translated_errors(), closing(self._engine.raw_connection()) as connection, closing(connection.cursor()) as cursor:
            cursor.execute(_REVISION)
            [(revision,)] = cursor.fetchall()
        return int(revision)

    def verify(self) -> AuditBreak | None:
        """Check the audit chain and the current artefacts against it; None when nothing was tampered with."""
        with reading(self._engine) as connection:
            return audit.find_break(connection)

    def close(self) -> None:
        """Release connections."""
        self._engine.dispose()

    def _fetch(self, hashes: list[str]) -> dict[str, Maintainable]:
        decoded: dict[str, Maintainable] = {}
        with reading(self._engine) as connection:
            for chunk in _chunks(hashes):
                query = select(artefacts.c.content_hash, artefacts.c.kind, artefacts.c.document).where(artefacts.c.content_hash.in_(chunk))
                for row in connection.execute(query):
                    if row.content_hash not in decoded:
                        decoded[row.content_hash] = documents.decode(row.kind, row.document)
                        self._cache.put(row.content_hash, decoded[row.content_hash], weight=len(row.document) * _MEMORY_PER_BYTE)
        return decoded


def _in_force(as_of: datetime | None) -> ColumnElement[bool]:
    if as_of is None:
        return artefacts.c.recorded_to.is_(None)
    return and_(artefacts.c.recorded_from <= aware(as_of), or_(artefacts.c.recorded_to.is_(None), artefacts.c.recorded_to > as_of))


def _present(loaded: Maintainable | None, wanted: ArtefactRecord) -> Maintainable:
    if loaded is None:
        raise UnknownArtefact(f"{wanted.urn} is not stored with the content {wanted.content_hash[:12]}…")
    return loaded


def _record(row: Any) -> ArtefactRecord:
    urn = Urn(row.urn_class, row.agency, row.id, row.version)
    return ArtefactRecord(urn, row.kind, row.content_hash, row.recorded_from, row.recorded_to)


def _order(found: ArtefactRecord) -> tuple[str, str, str, Version]:
    return found.kind, found.urn.agency, found.urn.id, Version.parse(found.urn.version)


def _referring(connection: Connection, wanted: Collection[str], as_of: datetime | None) -> Iterator[Any]:
    """Rows of revisions in force with a reference to one of the artefact ids, or to any id."""
    columns = (*_RECORD, artefacts.c.revision, artefacts.c.is_stable, references.c.to_class, references.c.to_agency)
    query: Select[Any] = (
        select(*columns, references.c.to_id, references.c.to_version)
        .join(references, references.c.revision == artefacts.c.revision)
        .where(_in_force(as_of))
    )
    for chunk in _chunks([*wanted, "*"] if wanted else []):
        yield from connection.execute(query.where(references.c.to_id.in_(chunk)))


def _all_of(wanted: dict[str, list[tuple[Urn, Version]]], to_id: str) -> Iterable[tuple[Urn, Version]]:
    """Every target, for a reference that leaves the id open."""
    return (target for targets in wanted.values() for target in targets) if to_id == "*" else ()


def _points_at(row: Any, targets: Iterable[tuple[Urn, Version]]) -> bool:
    reference = VersionReference.parse(row.to_version)
    return any(
        row.to_class in {target.cls, "Any"}
        and row.to_agency in {target.agency, "*"}
        and reference.select([version], referrer_stable=row.is_stable)
        for target, version in targets
    )


def _chunks(values: Sequence[_T]) -> Iterator[Sequence[_T]]:
    return (values[start : start + _CHUNK] for start in range(0, len(values), _CHUNK))
