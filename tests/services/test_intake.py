"""The one way in: an observation never stands without its provenance, and a record without observations does not last."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import polars as pl
import pytest

from exchange.errors import InvalidObservations, StorageUnavailable
from exchange.observations.delta_store import DeltaObservationStore
from exchange.observations.ports import SUBMISSION, Action, Change, Receipt
from exchange.query.values.data_query import ObservationSelection
from exchange.services.former_ledger import take_over
from exchange.services.intake import Described, Intake
from exchange.services.ledger import Ledger
from mappings.provenance.records import ProvenanceRecord, SourceRecord, SubmissionProvenance
from registry.data_schema import DataSchema
from registry.errors import StoreUnavailable
from registry.model.identity import Urn
from registry.services.schemas import SchemaReader
from registry.store.ports import ChangeSet, KeptProvenance
from registry.store.sql import SqlArtefactStore, open_store
from registry.store.submissions import SqlSubmissionLog
from registry.submissions import Submission, SubmissionKind, SubmissionStatus
from tests.builders import a_codelist, a_concept_scheme, a_data_structure, a_dataflow, enumerated

FLOW = Urn("Dataflow", "CDE", "DF_WATER", "1.0.0")


@dataclass
class Interrupting(DeltaObservationStore):
    """A store whose caller is interrupted before, or right after, the commit."""

    root: str
    before: BaseException | None = None
    after: BaseException | None = None
    seen: list[SubmissionStatus] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(self.root)

    def submit(self, schema: DataSchema, changes: Iterable[Change], **facts: Any) -> Receipt:
        read = [Change(change.action, list(change.batches)) for change in changes]
        if self.before:
            raise self.before
        receipt = super().submit(schema, read, **facts)
        if self.after:
            raise self.after
        return receipt


class House:
    """Registry and lake of one node, and an intake on them."""

    def __init__(self, registry: SqlArtefactStore, lake: Path) -> None:
        self.registry, self.lake = registry, lake
        self.log, self.ledger = registry.submissions, Ledger(registry.submissions)
        self.schema = SchemaReader(registry).for_dataflow("CDE", "DF_WATER", "1.0.0")

    def store(self, *, submission: str = "S1", value: float = 1.5, log: SqlSubmissionLog | None = None, **interrupts: Any) -> Receipt:
        intake = Intake(self.registry, log or self.log, Interrupting(str(self.lake), **interrupts), actor="ann")
        changes = [Change(Action.REPLACE, [pl.DataFrame({"AREA": ["A1"], "TIME_PERIOD": ["2020"], "OBS_VALUE": [value]})])]
        described = Described(provenance(submission))
        return intake.data(SubmissionKind.DATA, self.schema, changes, lambda: described, submission=submission)

    def settle(self, *, older_than: timedelta = timedelta(0)) -> tuple[list[str], list[str]]:
        return Intake(self.registry, self.log, Interrupting(str(self.lake)), actor="ben").settle(older_than=older_than)

    def held(self) -> list[str]:
        scan = Interrupting(str(self.lake)).scan(self.schema, ObservationSelection(), [SUBMISSION])
        return [name for batch in scan.batches for name in batch[SUBMISSION]]

    def statuses(self) -> dict[str, str]:
        return {submission.id: submission.status.value for submission in self.log.newest()}


def provenance(submission: str) -> SubmissionProvenance:
    now = datetime.now(UTC)
    record = ProvenanceRecord(
        submission=submission,
        dataflow=FLOW.short,
        dimensions=("AREA", "TIME_PERIOD"),
        source=SourceRecord(name="water.csv", sha256="ab", bytes=3, rows=1, reader={}),
        recipe=None,
        software="test",
        agents=(),
        facts={},
        started=now,
        ended=now,
        steps=(),
        observations=1,
        suppressed=0,
        source_rows="exact",
    )
    return SubmissionProvenance(record, pl.DataFrame({"AREA": ["A1"], "TIME_PERIOD": ["2020"], "rows": [[2]]}))


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    url = f"sqlite:///{tmp_path / 'registry.sqlite'}" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    registry = open_store(url)
    area, concepts = a_codelist(codes=["A1"]), a_concept_scheme()
    structure = a_data_structure(concepts, {"AREA": enumerated(area)})
    registry.commit(ChangeSet(put=(area, concepts, structure, a_dataflow(structure))))
    yield House(registry, tmp_path / "lake")
    registry.close()


def test_what_is_stored_is_recorded_with_actor_parts_outcome_and_provenance(house: House) -> None:
    house.store()
    [recorded] = house.log.newest()
    assert (recorded.actor, recorded.kind, recorded.status, recorded.dataflow) == ("ann", "data", "committed", FLOW.short)
    assert recorded.outcome == {"inserted": 1, "updated": 0, "unchanged": 0, "deleted": 0}
    assert [(part.name, part.sha256, part.bytes) for part in recorded.parts] == [("water.csv", "ab", 3)]
    kept, made = house.ledger.read("S1"), provenance("S1")
    assert kept is not None
    assert kept.contributions is not None
    assert made.contributions is not None
    assert kept.contributions.equals(made.contributions)


@pytest.mark.parametrize("interrupt", [KeyboardInterrupt(), SystemExit(143), RuntimeError("lost")])
def test_an_interrupt_before_the_commit_leaves_neither(house: House, interrupt: BaseException, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(type(interrupt)):
        house.store(before=interrupt)
    assert "was stored before this stopped it" not in caplog.text
    assert (house.held(), house.statuses(), house.ledger.read("S1")) == ([], {}, None)


@pytest.mark.parametrize("interrupt", [KeyboardInterrupt(), SystemExit(143), RuntimeError("lost")])
def test_an_interrupt_after_the_commit_leaves_both(house: House, interrupt: BaseException, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(type(interrupt)):
        house.store(after=interrupt)
    assert "submission S1 was stored before this stopped it" in caplog.text
    assert (house.held(), house.statuses()) == (["S1"], {"S1": "committed"})
    assert house.ledger.read("S1") is not None


# An interrupt that strikes inside polars is told to nobody.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_interrupts_at_many_moments_leave_observations_and_provenance_together_or_neither(house: House) -> None:
    """Real signals, from before the first step to after the last one; every other one is followed by a second interrupt."""
    begin = time.perf_counter()
    house.store(submission="S-1", value=-1.0)
    takes = time.perf_counter() - begin
    former = signal.signal(signal.SIGALRM, signal.default_int_handler)
    interrupted = 0
    try:
        for number in range(30):
            again = takes / 10 if number % 2 else 0.0
            try:
                signal.setitimer(signal.ITIMER_REAL, max(1e-4, takes * number / 25), again)
                try:
                    house.store(submission=f"S{number}", value=float(number))
                finally:
                    signal.setitimer(signal.ITIMER_REAL, 0)
            except KeyboardInterrupt:
                interrupted += 1
            signal.setitimer(signal.ITIMER_REAL, 0)
            [held] = house.held()
            assert house.ledger.read(held) is not None, number
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, former)
    assert interrupted > 5
    house.settle()
    stored = Interrupting(str(house.lake))
    for name, status in house.statuses().items():
        assert status == "committed"
        assert stored.receipt(FLOW, name) is not None, name
    assert house.registry.verify() is None


class Dead(SqlSubmissionLog):
    """A log whose process is killed as soon as the submission is begun: nothing more reaches the database."""

    def complete(self, submission: Submission, origin: KeptProvenance) -> None:
        raise StoreUnavailable("the process was killed")

    def discard(self, submission: str) -> None:
        raise StoreUnavailable("the process was killed")


def dead(house: House) -> Dead:
    return Dead(house.registry._engine)


def test_the_provenance_of_observations_stands_though_the_process_died_before_it_could_say_so(house: House) -> None:
    house.store(log=dead(house))
    assert (house.held(), house.statuses()) == (["S1"], {"S1": "pending"})
    assert house.ledger.read("S1") is not None
    assert house.settle() == (["S1"], [])
    [recorded] = house.log.newest()
    assert (recorded.status, recorded.outcome["inserted"], recorded.actor) == ("committed", 1, "ann")
    assert house.registry.verify() is None


def test_a_record_whose_observations_were_never_stored_is_pending_and_forgotten(house: House) -> None:
    with pytest.raises(KeyboardInterrupt):
        house.store(before=KeyboardInterrupt(), log=dead(house))
    assert (house.held(), house.statuses()) == ([], {"S1": "pending"})
    assert house.settle() == ([], ["S1"])
    assert house.statuses() == {}


def test_what_may_still_be_on_its_way_is_left_alone(house: House) -> None:
    with pytest.raises(KeyboardInterrupt):
        house.store(before=KeyboardInterrupt(), log=dead(house))
    assert house.settle(older_than=timedelta(hours=1)) == ([], [])
    house.store(submission="S2")
    assert house.statuses() == {"S1": "pending", "S2": "committed"}


def test_the_second_of_two_submissions_does_not_touch_the_record_of_the_first(house: House) -> None:
    house.store()
    with pytest.raises(StorageUnavailable):
        house.store(submission="S2", value=2.5, before=StorageUnavailable("no room"))
    assert (house.held(), house.statuses()) == (["S1"], {"S1": "committed"})


def test_data_that_cannot_be_described_are_not_stored(house: House) -> None:
    intake = Intake(house.registry, house.log, Interrupting(str(house.lake)), actor="ann")

    def refuse() -> Described:
        raise InvalidObservations("They do not fit.")

    changes = [Change(Action.REPLACE, [pl.DataFrame({"AREA": ["A1"], "TIME_PERIOD": ["2020"], "OBS_VALUE": [1.5]})])]
    with pytest.raises(InvalidObservations):
        intake.data(SubmissionKind.DATA, house.schema, changes, refuse, submission="S1")
    assert (house.held(), house.statuses()) == ([], {})


def test_records_of_version_0_1_are_taken_over_once(house: House, tmp_path: Path) -> None:
    folder, old = tmp_path / "provenance", provenance("OLD")
    (folder / "OLD").mkdir(parents=True)
    assert old.contributions is not None
    (folder / "OLD" / "record.json").write_bytes(msgspec.json.format(msgspec.json.encode(old.record)))
    old.contributions.write_parquet(folder / "OLD" / "rows.parquet")
    (folder / ".writing-x").mkdir()
    for _ in range(2):
        take_over(folder, house.log)
    kept = house.ledger.read("OLD")
    assert kept is not None
    assert kept.record == old.record
    assert kept.contributions is not None
    assert kept.contributions.equals(old.contributions)
    [recorded] = house.log.newest()
    assert (recorded.actor, recorded.status.value) == ("unknown", "committed")
    assert (folder / "OLD" / "record.json").exists()
