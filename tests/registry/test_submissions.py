"""The log of submissions, one contract on SQLite and PostgreSQL: both or neither, and the audit names who it was."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import text

from registry.errors import ConflictingWrite, InvalidArtefact
from registry.findings import Finding, Severity
from registry.imports.apply import import_messages
from registry.store.engine import open_engine
from registry.store.ports import ChangeSet, KeptProvenance
from registry.store.sql import SqlArtefactStore, open_store
from registry.submissions import Part, Submission, SubmissionKind, SubmissionStatus
from tests.builders import a_codelist

ORIGIN = KeptProvenance(b'{"why": "test"}', b"rows")
FLOW = "CDE:DF_WATER(1.0.0)"


def of_data(**facts: Any) -> Submission:
    return Submission(**{"kind": SubmissionKind.DATA, "actor": "ann", "dataflow": FLOW, **facts})


def audited(store_url: str) -> list[dict[str, Any]]:
    engine = open_engine(store_url)
    with engine.connect() as connection:
        entries = [msgspec.json.decode(row.entry) for row in connection.execute(text("SELECT entry FROM audit ORDER BY sequence"))]
    engine.dispose()
    return entries


def test_what_was_begun_is_pending_until_it_is_completed(store: SqlArtefactStore) -> None:
    log, submission = store.submissions, of_data(parts=(Part("a.csv", "ab", 3),))
    log.begin(submission, ORIGIN)
    assert log.find(submission.id) == submission
    assert log.newest(status=SubmissionStatus.PENDING) == [submission]
    done = replace(submission, outcome={"inserted": 7})
    log.complete(done, ORIGIN)
    assert log.find(submission.id) == replace(done, status=SubmissionStatus.COMMITTED)
    assert log.newest(status=SubmissionStatus.PENDING) == []
    assert log.origin(submission.id) == ORIGIN


def test_completing_twice_records_once(store: SqlArtefactStore, store_url: str) -> None:
    submission = of_data()
    store.submissions.begin(submission, ORIGIN)
    store.submissions.complete(submission, ORIGIN)
    store.submissions.complete(replace(submission, outcome={"inserted": 1}), ORIGIN)
    assert audited(store_url) == [{"action": "submit", "actor": "ann", "dataflow": FLOW, "submission": submission.id}]
    assert store.verify() is None


def test_what_was_forgotten_meanwhile_is_recorded_again_when_it_is_completed(store: SqlArtefactStore) -> None:
    submission = of_data()
    store.submissions.begin(submission, ORIGIN)
    store.submissions.discard(submission.id)
    assert (store.submissions.find(submission.id), store.submissions.origin(submission.id)) == (None, None)
    store.submissions.complete(submission, ORIGIN)
    assert store.submissions.origin(submission.id) == ORIGIN


def test_what_is_committed_is_not_discarded(store: SqlArtefactStore) -> None:
    submission = of_data()
    store.submissions.begin(submission, ORIGIN)
    store.submissions.complete(submission, ORIGIN)
    store.submissions.discard(submission.id)
    assert store.submissions.origin(submission.id) == ORIGIN


def test_a_submission_is_begun_once(store: SqlArtefactStore) -> None:
    submission = of_data()
    store.submissions.begin(submission, ORIGIN)
    with pytest.raises(ConflictingWrite):
        store.submissions.begin(submission, ORIGIN)


def test_submissions_are_listed_newest_first_and_by_dataflow(store: SqlArtefactStore) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    made = [of_data(instant=start + timedelta(days=day), dataflow=flow) for day, flow in enumerate([FLOW, "CDE:OTHER(1.0)", FLOW])]
    for submission in made:
        store.submissions.begin(submission, ORIGIN)
    assert store.submissions.newest() == made[::-1]
    assert store.submissions.newest(2) == made[:0:-1]
    assert store.submissions.newest(dataflow=FLOW) == [made[2], made[0]]


def test_data_do_not_change_what_the_registry_answers(store: SqlArtefactStore) -> None:
    store.commit(ChangeSet(put=(a_codelist(),)))
    before = store.revision()
    submission = of_data()
    store.submissions.begin(submission, ORIGIN)
    store.submissions.complete(submission, ORIGIN)
    assert store.revision() == before
    store.commit(ChangeSet(put=(a_codelist("CL_OTHER"),)))
    assert store.revision() > before
    assert store.verify() is None


def test_artefacts_and_their_submission_are_stored_together(store: SqlArtefactStore, store_url: str) -> None:
    submission = Submission(SubmissionKind.STRUCTURES, "ben", (Part("codes.xml"),))
    import_messages(store, [[a_codelist()]], submission=submission)
    recorded = store.submissions.find(submission.id)
    assert recorded is not None
    assert (recorded.status, recorded.outcome["added"]) == (SubmissionStatus.COMMITTED, 1)
    [entry] = audited(store_url)
    assert (entry["action"], entry["actor"], entry["submission"]) == ("put", "ben", submission.id)


def test_artefacts_that_are_refused_by_the_store_leave_no_submission(store: SqlArtefactStore) -> None:
    submission = Submission(SubmissionKind.STRUCTURES, "ben")
    with pytest.raises(InvalidArtefact):
        store.commit(ChangeSet(put=(a_codelist(), a_codelist()), submission=submission))
    assert store.submissions.newest() == []


def test_an_import_that_changes_nothing_is_recorded_and_changes_no_revision(store: SqlArtefactStore) -> None:
    store.commit(ChangeSet(put=(a_codelist(),)))
    before = store.revision()
    submission = Submission(SubmissionKind.STRUCTURES, "ben")
    import_messages(store, [[a_codelist()]], submission=submission)
    assert store.revision() == before
    [recorded] = store.submissions.newest()
    assert recorded.outcome == {"added": 0, "replaced": 0, "unchanged": 1, "refused": 0}


def test_a_dry_run_records_nothing(store: SqlArtefactStore) -> None:
    import_messages(store, [[a_codelist()]], dry_run=True, submission=Submission(SubmissionKind.STRUCTURES, "ben"))
    assert store.submissions.newest() == []


def test_findings_are_kept_without_the_values_they_are_about(store: SqlArtefactStore) -> None:
    finding = Finding(
        "unknown-code", Severity.ERROR, "not in the codelist", "Correct it.", row=3, component="AREA", value="Ann Smith", count=2
    )
    submission = of_data(findings=(finding,))
    store.submissions.begin(submission, ORIGIN)
    [kept] = store.submissions.newest()
    assert kept.findings == (replace(finding, value=None),)


def test_what_was_recorded_elsewhere_is_taken_over_once(store: SqlArtefactStore) -> None:
    here, elsewhere = of_data(), of_data(actor="unknown", status=SubmissionStatus.COMMITTED)
    store.submissions.begin(here, ORIGIN)
    other = KeptProvenance(b"{}")
    assert store.submissions.take_over([(here, other), (elsewhere, other)]) == 1
    assert store.submissions.take_over([(here, other), (elsewhere, other)]) == 0
    assert store.submissions.origin(here.id) == ORIGIN
    assert store.submissions.origin(elsewhere.id) == other


def test_many_writers_at_once_wait_for_each_other(store_url: str) -> None:
    stores = [open_store(store_url) for _ in range(4)]

    def write(number: int) -> None:
        log = stores[number % 4].submissions
        submission = of_data()
        log.begin(submission, ORIGIN)
        log.complete(submission, ORIGIN)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(write, range(40)))
    assert len(stores[0].submissions.newest(status=SubmissionStatus.COMMITTED)) == 40
    assert stores[0].verify() is None
    for store in stores:
        store.close()
