"""What every artefact store must do, run over SQLite and a real PostgreSQL."""

from __future__ import annotations

import multiprocessing
import os
import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from multiprocessing.synchronize import Barrier

import msgspec
import pytest
from sqlalchemy import Connection, event, func, select, text

from registry.errors import ConflictingWrite, InvalidArtefact, InvalidUrn, InvalidVersion, UnknownArtefact
from registry.model.base import Maintainable
from registry.model.codelists import Codelist, CodelistExtension
from registry.model.families import FAMILIES
from registry.model.identity import Urn
from registry.model.structures import Dataflow
from registry.store import tables
from registry.store.commit import record
from registry.store.documents import hash_of
from registry.store.engine import open_engine, writing
from registry.store.ports import ArtefactRecord, ChangeSet
from registry.store.rows import Prepared
from registry.store.sql import SqlArtefactStore, open_store
from tests.builders import a_category_scheme, a_codelist, a_concept_scheme, a_data_structure, a_dataflow, urn
from tests.narrowing import as_a
from tests.registry.specimens import SPECIMENS

MARCH = datetime(2024, 3, 1, tzinfo=UTC)
APRIL = datetime(2024, 4, 1, tzinfo=UTC)


def put(store: SqlArtefactStore, *artefacts: Maintainable, at: datetime | None = None) -> None:
    store.commit(ChangeSet(put=artefacts), recorded_at=at)


def current(store: SqlArtefactStore, artefact: Codelist, as_of: datetime | None = None) -> Maintainable | None:
    """The artefact stored under the URN of another, or None."""
    found = [record for record in store.records(as_of=as_of) if record.urn == Urn.of(artefact)]
    return store.load(found)[0] if found else None


@pytest.mark.parametrize("specimen", SPECIMENS, ids=lambda artefact: type(artefact).__name__)
def test_every_family_comes_back_as_it_went_in(store: SqlArtefactStore, specimen: Maintainable) -> None:
    put(store, specimen)
    [record] = store.records()
    assert record.urn == Urn.of(specimen)
    assert record.kind == type(specimen).__name__
    assert record.recorded_to is None
    fresh = SqlArtefactStore(store._engine)
    assert fresh.load([record]) == [specimen]


def test_there_is_a_specimen_of_every_family() -> None:
    assert {type(specimen) for specimen in SPECIMENS} == {family.struct for family in FAMILIES}


def test_records_are_ordered_by_kind_agency_id_and_version(store: SqlArtefactStore) -> None:
    put(store, *(a_codelist("CL_B", version=version) for version in ["1.10", "1.9", "1.10.0-rc.1", "1.10.0"]))
    put(store, a_codelist("CL_A"), a_codelist("CL_B", agency_id="ABC"), a_concept_scheme("AA"), a_codelist("cl_a"))
    assert [(record.kind, record.urn.short) for record in store.records()] == [
        ("Codelist", "ABC:CL_B(1.0.0)"),
        ("Codelist", "CDE:CL_A(1.0.0)"),
        ("Codelist", "CDE:CL_B(1.9)"),
        ("Codelist", "CDE:CL_B(1.10)"),
        ("Codelist", "CDE:CL_B(1.10.0-rc.1)"),
        ("Codelist", "CDE:CL_B(1.10.0)"),
        ("Codelist", "CDE:cl_a(1.0.0)"),
        ("ConceptScheme", "CDE:AA(1.0.0)"),
    ]


def test_records_can_be_narrowed(store: SqlArtefactStore) -> None:
    put(store, a_codelist("CL_A"), a_codelist("CL_B", agency_id="ABC"), a_concept_scheme("CL_A"))
    assert [r.urn.short for r in store.records(kinds=["Codelist"])] == ["ABC:CL_B(1.0.0)", "CDE:CL_A(1.0.0)"]
    assert [r.kind for r in store.records(ids={"CL_A"})] == ["Codelist", "ConceptScheme"]
    assert [r.urn.id for r in store.records(agencies=["ABC"], ids=["CL_A", "CL_B"])] == ["CL_B"]
    assert store.records(ids=[]) == []
    assert store.records(agencies=["' OR 1=1 --"]) == []


def test_load_keeps_the_order_and_the_repetitions_asked_for(store: SqlArtefactStore) -> None:
    put(store, a_codelist("CL_A"), a_codelist("CL_B"))
    first, second = store.records()
    assert [artefact.id for artefact in store.load([second, first, second])] == ["CL_B", "CL_A", "CL_B"]
    assert store.load([]) == []


def test_loading_a_record_of_elsewhere_names_it(store: SqlArtefactStore) -> None:
    with pytest.raises(UnknownArtefact, match=r"CDE:CL_AREA\(1.0.0\)"):
        store.load([ArtefactRecord(Urn.of(a_codelist()), "Codelist", "0" * 64, MARCH)])


def test_empty_schemes_of_two_kinds_are_not_the_same_content() -> None:
    codelist = a_codelist(codes=(), names={})
    concepts = a_concept_scheme("CL_AREA", concepts=(), names={})
    assert msgspec.json.encode(codelist) == msgspec.json.encode(concepts)
    assert hash_of(codelist) != hash_of(concepts)


def test_the_order_of_languages_is_not_content() -> None:
    assert hash_of(a_codelist(names={"en": "Area", "fr": "Zone"})) == hash_of(a_codelist(names={"fr": "Zone", "en": "Area"}))


def test_a_new_revision_ends_the_one_before_and_both_can_be_seen(store: SqlArtefactStore) -> None:
    old, new = a_codelist(codes=["A"], version="1.0"), a_codelist(codes=["A", "B"], version="1.0")
    put(store, old, at=MARCH)
    put(store, new, at=APRIL)
    assert current(store, old) == new
    assert current(store, old, as_of=APRIL) == new
    assert current(store, old, as_of=APRIL - timedelta(microseconds=1)) == old
    assert current(store, old, as_of=MARCH) == old
    assert current(store, old, as_of=MARCH - timedelta(microseconds=1)) is None
    assert [(r.recorded_from, r.recorded_to) for r in store.history(Urn.of(old))] == [(MARCH, APRIL), (APRIL, None)]


def test_as_of_takes_instants_of_any_time_zone_and_no_naive_ones(store: SqlArtefactStore) -> None:
    put(store, a_codelist(), at=MARCH)
    east = MARCH.astimezone(datetime.strptime("+0600", "%z").tzinfo)
    assert len(store.records(as_of=east)) == 1
    naive = MARCH.replace(tzinfo=None)
    with pytest.raises(ValueError, match="time zone"):
        store.records(as_of=naive)
    with pytest.raises(ValueError, match="time zone"):
        put(store, a_codelist("CL_B"), at=naive)


def test_an_ended_artefact_is_gone_now_and_there_before(store: SqlArtefactStore) -> None:
    put(store, a_codelist(), at=MARCH)
    store.commit(ChangeSet(end=(Urn.of(a_codelist()),)), recorded_at=APRIL)
    assert store.records() == []
    assert current(store, a_codelist(), as_of=MARCH) == a_codelist()
    put(store, a_codelist())
    assert current(store, a_codelist()) == a_codelist()


def test_the_same_content_again_makes_no_revision(store: SqlArtefactStore) -> None:
    put(store, a_codelist())
    before = store.revision()
    put(store, a_codelist())
    assert store.revision() == before
    assert len(store.history(Urn.of(a_codelist()))) == 1


def test_transaction_time_never_goes_back(store: SqlArtefactStore) -> None:
    put(store, a_codelist(version="1.0"), at=APRIL)
    with pytest.raises(ConflictingWrite, match="not after"):
        put(store, a_codelist(version="1.0", codes=[]), at=MARCH)
    future = datetime.now(UTC) + timedelta(days=1)
    put(store, a_codelist("CL_B"), at=future)
    put(store, a_codelist("CL_C"))
    [last] = store.records(ids=["CL_C"])
    assert last.recorded_from > future


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        (ChangeSet(put=(a_codelist("CL_NEW"), a_codelist("CL_NEW", codes=[]))), InvalidArtefact),
        (ChangeSet(put=(a_codelist("CL_NEW"),), end=(Urn.of(a_codelist("CL_NEW")),)), InvalidArtefact),
        (ChangeSet(put=(a_codelist("CL_NEW"),), end=(Urn.of(a_codelist("CL_UNKNOWN")),)), UnknownArtefact),
        (ChangeSet(put=(a_codelist("CL_NEW"), a_codelist("CL_X", version="one"))), InvalidVersion),
        (ChangeSet(put=(a_codelist("CL_NEW"), a_codelist("not an id"))), InvalidUrn),
        (ChangeSet(put=(a_codelist("CL_NEW"), a_codelist("CL_X", codelist_extensions=(CodelistExtension(codelist="CL_Y"),)))), InvalidUrn),
        (ChangeSet(put=(a_codelist("CL_NEW"),), expected={Urn.of(a_codelist("CL_NEW")): "0" * 64}), ConflictingWrite),
    ],
)
def test_a_change_set_that_cannot_be_applied_changes_nothing(store: SqlArtefactStore, changes: ChangeSet, error: type[Exception]) -> None:
    put(store, a_codelist("CL_OLD"))
    before = store.revision()
    with pytest.raises(error):
        store.commit(changes)
    assert [record.urn.id for record in store.records()] == ["CL_OLD"]
    assert store.revision() == before
    assert store.verify() is None


def test_a_failure_in_the_middle_of_a_commit_rolls_all_of_it_back(store: SqlArtefactStore) -> None:
    duplicate = a_codelist("CL_BAD", codes=["A"])
    with store._engine.begin() as connection:
        connection.execute(text("CREATE UNIQUE INDEX no_twins ON item (id)"))
    with pytest.raises(ConflictingWrite):
        put(store, a_codelist("CL_GOOD", codes=["A"]), duplicate)
    assert store.records() == []
    assert store.revision() == 0


def test_an_expectation_that_still_holds_lets_the_commit_through(store: SqlArtefactStore) -> None:
    old, new = a_codelist(version="1.0"), a_codelist(version="1.0", codes=["A"])
    store.commit(ChangeSet(put=(old,), expected={Urn.of(old): None}))
    store.commit(ChangeSet(put=(new,), expected={Urn.of(old): hash_of(old)}))
    with pytest.raises(ConflictingWrite, match="changed"):
        store.commit(ChangeSet(put=(old,), expected={Urn.of(old): hash_of(old)}))
    with pytest.raises(ConflictingWrite, match="added"):
        store.commit(ChangeSet(put=(old,), expected={Urn.of(old): None}))
    store.commit(ChangeSet(end=(Urn.of(old),)))
    with pytest.raises(ConflictingWrite, match="ended"):
        store.commit(ChangeSet(put=(old,), expected={Urn.of(old): hash_of(new)}))


def _increment(store: SqlArtefactStore, times: int) -> int:
    """Add codes one by one, each time on top of what is there; how often somebody else was faster."""
    conflicts = done = 0
    while done < times:
        [record] = store.records()
        codelist = as_a(Codelist, store.load([record])[0])
        longer = msgspec.structs.replace(codelist, codes=(*codelist.codes, a_codelist(codes=[f"C{len(codelist.codes)}"]).codes[0]))
        try:
            store.commit(ChangeSet(put=(longer,), expected={record.urn: record.content_hash}))
            done += 1
        except ConflictingWrite:
            conflicts += 1
    return conflicts


def test_threads_that_write_at_once_lose_nothing(store: SqlArtefactStore) -> None:
    put(store, a_codelist(version="1.0", codes=[]))
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: _increment(store, 8), range(4)))
    [found] = store.load(store.records())
    codelist = as_a(Codelist, found)
    assert [code.id for code in codelist.codes] == [f"C{index}" for index in range(32)]
    assert len(store.history(Urn.of(codelist))) == 33
    assert store.verify() is None


def _process(url: str, name: str, barrier: Barrier) -> None:
    barrier.wait()
    store = open_store(url)
    for index in range(5):
        put(store, a_codelist(f"CL_{name}_{index}"))
    with suppress(ConflictingWrite):
        store.commit(ChangeSet(put=(a_codelist("CL_SHARED"),), expected={Urn.of(a_codelist("CL_SHARED")): None}))
    store.close()


def test_processes_that_start_and_write_at_once_share_one_store(store_url: str) -> None:
    spawn = multiprocessing.get_context("spawn")
    barrier = spawn.Barrier(3)
    processes = [spawn.Process(target=_process, args=(store_url, name, barrier)) for name in "ABC"]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    store = open_store(store_url)
    assert len(store.records()) == 16
    assert store.verify() is None
    store.close()


def _die_while_writing(url: str) -> None:
    engine = open_engine(url)
    with writing(engine) as connection:
        record(connection, [Prepared.of(a_codelist("CL_HALF"))], ChangeSet(put=(a_codelist("CL_HALF"),)), None)
        os._exit(9)


def test_a_process_that_dies_in_the_middle_of_a_commit_leaves_nothing_and_blocks_nobody(store: SqlArtefactStore, store_url: str) -> None:
    put(store, a_codelist())
    process = multiprocessing.get_context("spawn").Process(target=_die_while_writing, args=(store_url,))
    process.start()
    process.join(60)
    assert process.exitcode == 9
    assert [found.urn.id for found in store.records()] == ["CL_AREA"]
    put(store, a_codelist("CL_NEXT"))
    assert store.verify() is None


def test_a_commit_of_one_process_is_seen_by_another(store: SqlArtefactStore, store_url: str) -> None:
    other = open_store(store_url)
    assert other.revision() == store.revision() == 0
    put(store, a_codelist())
    seen = other.revision()
    assert seen == store.revision() > 0
    assert [record.urn for record in other.records()] == [Urn.of(a_codelist())]
    put(other, a_concept_scheme())
    assert store.revision() > seen
    other.close()


def test_referrers_point_at_an_artefact_or_into_it(store: SqlArtefactStore) -> None:
    areas, concepts = a_codelist(), a_concept_scheme()
    structure = a_data_structure(concepts, {"FREQ": None})
    flow = a_dataflow(structure)
    put(store, areas, concepts, structure, flow)
    assert [r.urn for r in store.referrers([Urn.of(concepts)])] == [Urn.of(structure)]
    assert [r.urn for r in store.referrers([Urn.of(concepts), Urn.of(structure)])] == [Urn.of(structure), Urn.of(flow)]
    assert [r.urn for r in store.referrers([Urn.parse(urn(concepts, "FREQ"))])] == [Urn.of(structure)]
    assert store.referrers([Urn.of(areas)]) == []
    assert store.referrers([Urn("Codelist", "CDE", "CS_WATER", "1.0.0")]) == []
    assert store.referrers([]) == []


@pytest.mark.parametrize(
    ("reference", "referrer", "version", "points"),
    [
        ("1.0.0", "1.0.0", "1.0.0", True),
        ("1.0.0", "1.0.0", "1.0", False),
        ("1.0", "1.0", "1.0", True),
        ("2+.3.1", "1.0.0", "10.0.0", True),
        ("2+.3.1", "1.0.0", "2.3.0", False),
        ("2.3+.1", "1.0.0", "2.10.0", True),
        ("2.3+.1", "1.0.0", "3.0.0", False),
        ("2.3.1+", "1.0.0", "2.3.10", True),
        ("2.3.1+", "1.0.0", "2.3.10-draft", False),
        ("2.3.1+", "1.0.0-draft", "2.3.10-draft", True),
        ("*", "1.0.0", "7.1", True),
    ],
)
def test_references_with_wildcards_count_when_they_match(
    store: SqlArtefactStore, reference: str, referrer: str, version: str, points: bool
) -> None:
    target = Urn("DataStructure", "CDE", "DSD", version)
    put(store, a_dataflow(f"urn:sdmx:org.sdmx.infomodel.datastructure.DataStructure=CDE:DSD({reference})", version=referrer))
    assert bool(store.referrers([target])) is points


def test_referrers_can_be_asked_for_the_past(store: SqlArtefactStore) -> None:
    def to(version: str) -> Dataflow:
        return a_dataflow(f"urn:sdmx:org.sdmx.infomodel.datastructure.DataStructure=CDE:DSD({version})", version="1.0")

    put(store, to("1.0.0"), at=MARCH)
    put(store, to("2.0.0"), at=APRIL)
    first = Urn("DataStructure", "CDE", "DSD", "1.0.0")
    assert store.referrers([first]) == []
    assert len(store.referrers([first], as_of=MARCH)) == 1


def test_referrers_of_very_many_targets_are_found(store: SqlArtefactStore) -> None:
    put(store, a_dataflow(a_data_structure(a_concept_scheme(), {"FREQ": None})))
    targets = [Urn("DataStructure", "CDE", f"DSD_{index}", "1.0.0") for index in range(3_000)]
    assert len(store.referrers([*targets, Urn("DataStructure", "CDE", "DSD_WATER", "1.0.0")])) == 1


def test_items_of_current_schemes_can_be_found_in_the_database(store: SqlArtefactStore) -> None:
    put(store, a_codelist(codes={"A": None, "AB": "A"}, version="1.0"), a_category_scheme())
    put(store, a_codelist(codes={"A": None, "AC": "A"}, version="1.0"))
    query = select(tables.item.c.id, tables.item.c.parent).where(tables.item.c.id.in_(["A", "AB", "AC"])).order_by(tables.item.c.id)
    with store._engine.connect() as connection:
        assert [tuple(row) for row in connection.execute(query)] == [("A", None), ("AC", "A")]


def test_how_many_statements_store_codelists_does_not_depend_on_their_codes(store: SqlArtefactStore) -> None:
    statements: list[str] = []
    event.listen(store._engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
    counts = []
    for size in (1, 1_000):
        statements.clear()
        put(store, *(a_codelist(f"CL_{size}_{index}", codes=[f"C{code}" for code in range(size)]) for index in range(20)))
        counts.append(len(statements))
    few, many = counts
    assert many <= few + 20  # what is inserted in bulk goes in pages
    with store._engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(tables.item)) == 20_020


def _without_guard(store: SqlArtefactStore) -> Connection:
    """A connection of somebody who may do anything in the database."""
    connection = store._engine.connect()
    if connection.dialect.name == "postgresql":
        connection.execute(text("DROP TRIGGER audit_append_only ON audit"))
    else:
        for name in ("audit_no_update", "audit_no_delete"):
            connection.execute(text(f"DROP TRIGGER {name}"))
    return connection


@pytest.mark.parametrize(
    ("tampering", "sequence", "reason"),
    [
        ("UPDATE audit SET entry = replace(entry, 'CL_B', 'CL_X') WHERE sequence = 2", 2, "altered"),
        ("UPDATE audit SET hash = previous_hash WHERE sequence = 1", 1, "altered"),
        ("DELETE FROM audit WHERE sequence = 2", 2, "missing"),
        ("DELETE FROM audit WHERE sequence = 3", 2, "log does not end with"),
        ("UPDATE artefact SET document = '{}' WHERE id = 'CL_C'", 3, "document .* was altered"),
        ("UPDATE artefact SET recorded_to = recorded_from WHERE id = 'CL_A'", 1, "not stored"),
    ],
)
def test_tampering_with_the_log_or_the_artefacts_is_found(store: SqlArtefactStore, tampering: str, sequence: int, reason: str) -> None:
    for name in "ABC":
        put(store, a_codelist(f"CL_{name}"))
    assert store.verify() is None
    with _without_guard(store) as connection:
        connection.execute(text(tampering))
        connection.commit()
    found = store.verify()
    assert found is not None
    assert found.sequence == sequence
    assert re.search(reason, found.reason)


@pytest.mark.parametrize("statement", ["UPDATE audit SET entry = ''", "DELETE FROM audit"])
def test_the_database_itself_refuses_to_change_the_log(store: SqlArtefactStore, statement: str) -> None:
    put(store, a_codelist())
    with store._engine.connect() as connection, pytest.raises(Exception, match="only be appended"):
        connection.execute(text(statement))


def test_a_second_load_reads_nothing(store: SqlArtefactStore) -> None:
    put(store, a_codelist())
    records = store.records()
    first = store.load(records)
    with store._engine.begin() as connection:
        connection.execute(text("DELETE FROM artefact"))
    assert store.load(records)[0] is first[0]
