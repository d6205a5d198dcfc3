"""The log of submissions on SQLite and PostgreSQL: who handed in what, what became of it, and where its numbers come from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Engine, delete, insert, select, update

from registry.findings import Finding, Severity
from registry.store import audit
from registry.store.engine import reading, writing
from registry.store.ports import KeptProvenance, KeptRecipe
from registry.store.tables import origin as origins
from registry.store.tables import recipe as recipes
from registry.store.tables import submission as submissions
from registry.submissions import Part, Submission, SubmissionKind, SubmissionStatus

#: So many findings of a submission are kept; genuine imports can have thousands.
_FINDINGS_KEPT: Final = 200


class SqlSubmissionLog:
    """:class:`registry.store.ports.SubmissionLog` on a database whose schema is up to date. Safe for threads and processes."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def begin(self, submission: Submission, origin: KeptProvenance) -> None:
        """Record a submission whose observations are about to be stored."""
        with writing(self._engine) as connection:
            _insert(connection, submission, origin)

    def complete(self, submission: Submission, origin: KeptProvenance) -> None:
        """The observations are stored. A record that is not there any more is made again."""
        with writing(self._engine) as connection:
            known = connection.execute(select(submissions.c.status).where(submissions.c.id == submission.id)).scalar()
            if known == SubmissionStatus.COMMITTED:
                return
            if known is None:
                _insert(connection, submission, origin)
            outcome = _json(dict(submission.outcome))
            done = {"status": SubmissionStatus.COMMITTED.value, "outcome": outcome}
            connection.execute(update(submissions).where(submissions.c.id == submission.id).values(done))
            entry = {"action": "submit", "dataflow": submission.dataflow, **signature(submission)}
            audit.append(connection, [entry], audit.next_instant(connection), about=audit.SUBMISSION)

    def discard(self, submission: str) -> None:
        """Forget a submission that was not stored after all; one that is committed stays."""
        with writing(self._engine) as connection:
            pending = (submissions.c.id == submission) & (submissions.c.status == SubmissionStatus.PENDING.value)
            if connection.execute(select(submissions.c.id).where(pending)).first() is not None:
                connection.execute(delete(origins).where(origins.c.submission == submission))
                connection.execute(delete(submissions).where(pending))
                _forget_unused_recipes(connection)

    def erase(self, submission: str, *, dataflow: str, actor: str, reason: str) -> None:
        """Forget a submission, and where its numbers come from, for good; the audit log says who did so and why."""
        with writing(self._engine) as connection:
            connection.execute(delete(origins).where(origins.c.submission == submission))
            connection.execute(delete(submissions).where(submissions.c.id == submission))
            _forget_unused_recipes(connection)
            entry = {"action": "erase", "dataflow": dataflow, "submission": submission, "actor": actor, "reason": reason}
            audit.append(connection, [entry], audit.next_instant(connection), about=audit.SUBMISSION)

    def take_over(self, recorded: Iterable[tuple[Submission, KeptProvenance]]) -> int:
        """Record what was recorded elsewhere before; what is here already stays. Returns how many were new."""
        taken = 0
        with writing(self._engine) as connection:
            for submission, origin in recorded:
                if connection.execute(select(submissions.c.id).where(submissions.c.id == submission.id)).first() is None:
                    _insert(connection, submission, origin)
                    taken += 1
        return taken

    def find(self, submission: str) -> Submission | None:
        """A submission by its id."""
        with reading(self._engine) as connection:
            row = connection.execute(select(submissions).where(submissions.c.id == submission)).first()
        return None if row is None else _submission(row)

    def newest(self, limit: int | None = None, *, dataflow: str | None = None, status: SubmissionStatus | None = None) -> list[Submission]:
        """Submissions, the newest first."""
        query = select(submissions).order_by(submissions.c.received.desc(), submissions.c.id).limit(limit)
        if dataflow is not None:
            query = query.where(submissions.c.dataflow == dataflow)
        if status is not None:
            query = query.where(submissions.c.status == status.value)
        with reading(self._engine) as connection:
            return [_submission(row) for row in connection.execute(query)]

    def origin(self, submission: str) -> KeptProvenance | None:
        """Where the observations of a submission come from; None when that was not recorded."""
        query = select(origins.c.record, origins.c.contributions, recipes.c.digest, recipes.c.content)
        query = query.join_from(origins, recipes, origins.c.recipe == recipes.c.digest, isouter=True)
        with reading(self._engine) as connection:
            row = connection.execute(query.where(origins.c.submission == submission)).first()
        if row is None:
            return None
        return KeptProvenance(row.record, row.contributions, None if row.digest is None else KeptRecipe(row.digest, row.content))

    def recipe(self, digest: str) -> bytes | None:
        """The recipe with that digest, as long as a submission that was made with it is kept."""
        with reading(self._engine) as connection:
            content: bytes | None = connection.execute(select(recipes.c.content).where(recipes.c.digest == digest)).scalar()
        return content


def record_committed(connection: Connection, submission: Submission) -> None:
    """Record a submission within the transaction that carries it out."""
    connection.execute(insert(submissions).values(_row(submission) | {"status": SubmissionStatus.COMMITTED.value}))


def signature(submission: Submission) -> dict[str, str]:
    """What an entry of the audit log says about the submission behind it."""
    return {"submission": submission.id, "actor": submission.actor}


def _insert(connection: Connection, submission: Submission, origin: KeptProvenance) -> None:
    connection.execute(insert(submissions).values(_row(submission)))
    kept = origin.recipe
    if kept is not None and connection.execute(select(recipes.c.digest).where(recipes.c.digest == kept.digest)).first() is None:
        connection.execute(insert(recipes).values(digest=kept.digest, content=kept.content))
    values = {"submission": submission.id, "record": origin.record, "contributions": origin.contributions}
    connection.execute(insert(origins).values(values | {"recipe": kept.digest if kept else None}))


def _forget_unused_recipes(connection: Connection) -> None:
    """A recipe is kept as long as something was made with it."""
    used = select(origins.c.recipe).where(origins.c.recipe == recipes.c.digest)
    connection.execute(delete(recipes).where(~used.exists()))


def _row(submission: Submission) -> dict[str, Any]:
    return {
        "id": submission.id,
        "kind": submission.kind.value,
        "actor": submission.actor,
        "received": submission.instant,
        "dataflow": submission.dataflow,
        "agreement": submission.agreement,
        "status": submission.status.value,
        "parts": _json([{"name": part.name, "sha256": part.sha256, "bytes": part.bytes} for part in submission.parts]),
        "findings": _json([_told(finding) for finding in submission.findings[:_FINDINGS_KEPT]]),
        "outcome": _json(dict(submission.outcome)),
    }


def _told(finding: Finding) -> dict[str, Any]:
    """A finding without the value, which may be personal."""
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "message": finding.message,
        "hint": finding.hint,
        "component": finding.component,
        "row": finding.row,
        "count": finding.count,
        "place": finding.place,
        "artefact": finding.artefact,
    }


def _submission(row: Any) -> Submission:
    return Submission(
        kind=SubmissionKind(row.kind),
        actor=row.actor,
        parts=tuple(Part(**part) for part in _read(row.parts)),
        dataflow=row.dataflow,
        agreement=row.agreement,
        findings=tuple(_finding(told) for told in _read(row.findings)),
        outcome=_read(row.outcome),
        status=SubmissionStatus(row.status),
        id=row.id,
        instant=row.received.astimezone(UTC),
    )


def _finding(told: Mapping[str, Any]) -> Finding:
    return Finding(**{**told, "severity": Severity(told["severity"])})


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _read(text: str) -> Any:
    return msgspec.json.decode(text)
