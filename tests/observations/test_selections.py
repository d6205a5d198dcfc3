"""What a selection finds (SDMX-REST 2.2.2, data queries: keys, ``c[...]``, first and last, order, windows, history)."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from deltalake import DeltaTable

from exchange.observations.delta_store import DeltaObservationStore
from exchange.observations.ports import Action, Change, ObservationStore
from exchange.observations.table import lake_files
from exchange.observations.writing import rewrite
from exchange.query.grammar.components import parse_filter
from exchange.query.values.data_query import ObservationSelection
from exchange.query.values.filters import ComponentFilter, SeriesKey
from tests.observations.small_schema import KEYS, change, keys, read, small_schema

SCHEMA = small_schema()
DAY = timedelta(days=1)
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
RECORDS = (
    {"key": "KG F 2010", "VALUE": 1.5, "COUNT": 3, "STATUS": "A", "FLAGS": ["B", "M"], "NOTE": [{"lang": "en", "value": "Euro area"}]},
    {"key": "KG F 2010-Q1", "VALUE": 10.0, "COUNT": 10, "STATUS": "E", "FLAGS": ["B"]},
    {"key": "KG F 2010-03-15", "VALUE": math.nan, "STATUS": "M", "UNIT": "PT"},
    {"key": "KG F 2010-12", "VALUE": -2.0, "COUNT": 0, "STATUS": "A"},
    {"key": "KG M 2009-W53", "VALUE": 4.0, "COUNT": 4},
    {"key": "MW F 2011-01-01T00:00:00", "VALUE": 5.0, "COUNT": 5, "STATUS": "A"},
    {"key": "MW F 2009-12-01/P2M", "VALUE": 6.0, "COUNT": 6, "STATUS": "F"},
)
#: In default order: key, then by start and end of the period.
ORDER = [
    "KG F 2010-Q1",
    "KG F 2010",
    "KG F 2010-03-15",
    "KG F 2010-12",
    "KG M 2009-W53",
    "MW F 2009-12-01/P2M",
    "MW F 2011-01-01T00:00:00",
]


def _filled(store: ObservationStore) -> ObservationStore:
    store.submit(SCHEMA, [change("M", *reversed(RECORDS))], submission="first", recorded_at=FIRST)
    return store


@pytest.fixture(scope="module")
def filled(make_store: Callable[[], ObservationStore]) -> ObservationStore:
    """A store that tests only read."""
    return _filled(make_store())


def _numbers(found: list[str]) -> str:
    """Positions in the default order, which read better than keys."""
    return "".join(str(ORDER.index(key)) for key in found)


def test_default_order_is_key_then_time(filled: ObservationStore) -> None:
    assert keys(filled, SCHEMA) == ORDER


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("2010", "0123"),
        ("eq:2010", "0123"),
        ("ne:2010", "456"),
        ("2010-Q1", "02"),
        ("2010-A1", "0123"),
        ("gt:2010", "6"),
        ("ge:2010", "01236"),
        ("ge:2010-03+le:2010-12-31", "23"),
        ("lt:2010-Q2", "0245"),
        ("lt:2010", ""),
        ("le:2010-01-31", "45"),
        ("le:2010-01", "45"),
        ("gt:2010-03-15", "36"),
        ("2011-01-01T00:00:00", "6"),
        ("2010-Q1,2011-01-01T00:00:00", "026"),
        ("co:Q1", "0"),
        ("sw:2009", "45"),
        ("ew:P2M", "5"),
        ("nc:-", "1"),
        ("nonsense", ""),
        ("ne:nonsense", "0123456"),
    ],
)
def test_periods_compare_as_ranges_across_frequencies(filled: ObservationStore, expression: str, found: str) -> None:
    assert _numbers(keys(filled, SCHEMA, filters={"TIME_PERIOD": parse_filter("TIME_PERIOD", expression)})) == found


def test_reporting_periods_of_a_query_follow_its_start_day(filled: ObservationStore) -> None:
    wanted = {"TIME_PERIOD": parse_filter("TIME_PERIOD", "ge:2010-Q3")}
    assert _numbers(keys(filled, SCHEMA, filters=wanted)) == "36"
    assert _numbers(keys(filled, SCHEMA, filters=wanted, reporting_year_start_day="--07-01")) == "6"


def test_observations_may_say_when_their_reporting_year_starts(store: ObservationStore) -> None:
    schema = small_schema(replace(SCHEMA["STATUS"], id="REPORTING_YEAR_START_DAY"))
    batch = pl.DataFrame({"AREA": ["IN", "IN", "KG"], "SEX": "F", "TIME_PERIOD": ["2010-Q2", "2010-08", "2010-Q2"]})
    july = batch.with_columns(REPORTING_YEAR_START_DAY=pl.Series(["--07-01", None, None]))
    store.submit(schema, [Change(Action.MERGE, [july])], submission="first")
    assert keys(store, schema, filters={"TIME_PERIOD": ComponentFilter.any_of("2010-12")}) == []
    assert keys(store, schema, filters={"TIME_PERIOD": parse_filter("TIME_PERIOD", "ge:2010-10")}) == ["IN F 2010-Q2"]
    # A reporting period in a query means the one of that name, and calendar periods within it as if the year started in January.
    assert keys(store, schema, filters={"TIME_PERIOD": ComponentFilter.any_of("2010-Q2")}) == ["IN F 2010-Q2", "KG F 2010-Q2"]
    assert keys(store, schema, filters={"TIME_PERIOD": ComponentFilter.any_of("2010-Q3")}) == ["IN F 2010-08"]


@pytest.mark.parametrize(
    ("component", "expression", "found"),
    [
        ("STATUS", "A", "136"),
        ("STATUS", "A,E", "0136"),
        ("STATUS", "ge:B", "025"),
        ("STATUS", "ge:B+le:E", "0"),
        ("STATUS", "A,E+M", "136"),
        ("STATUS", "ge:A+le:A,ge:F+le:M", "12356"),
        ("STATUS", "ne:A", "0245"),
        ("STATUS", "ne:A+ne:E", "245"),
        ("STATUS", "ne:A,ne:E", "0123456"),
        ("STATUS", "unknown", ""),
        ("VALUE", "10.0", "0"),
        ("VALUE", "ge:5", "056"),
        ("VALUE", "lt:2.0", "13"),
        ("VALUE", "ne:10", "123456"),
        ("VALUE", "NaN", "2"),
        ("VALUE", "many", ""),
        ("COUNT", "ge:10", "0"),
        ("COUNT", "0", "3"),
        ("COUNT", "gt:4.5", "056"),
        ("FLAGS", "B", "01"),
        ("FLAGS", "B+M", "1"),
        ("FLAGS", "ne:M", "023456"),
        ("NOTE", "co:Euro", "1"),
        ("AREA", "sw:K", "01234"),
        ("AREA", "XX", ""),
        ("UNIT", "PT", "0123"),
        ("NOWHERE", "A", ""),
    ],
)
def test_filters_compare_codes_as_text_and_numbers_as_numbers(
    filled: ObservationStore, component: str, expression: str, found: str
) -> None:
    assert _numbers(keys(filled, SCHEMA, filters={component: parse_filter(component, expression)})) == found


def test_filters_of_different_components_are_anded(filled: ObservationStore) -> None:
    assert _numbers(keys(filled, SCHEMA, filters={"STATUS": ComponentFilter.any_of("A"), "AREA": ComponentFilter.any_of("KG")})) == "13"


@pytest.mark.parametrize("history", [False, True])
@pytest.mark.parametrize("sort", [(), (("VALUE", True),)])
@pytest.mark.parametrize("name", ["limit", "first_n", "last_n", "offset"])
def test_numbers_of_rows_have_no_end(filled: ObservationStore, name: str, sort: tuple[tuple[str, bool], ...], history: bool) -> None:
    found = keys(filled, SCHEMA, include_history=history, sort=sort, **{name: 2**70})
    assert len(found) == (0 if name == "offset" else len(RECORDS))


def _key(text: str) -> SeriesKey:
    return SeriesKey(tuple(frozenset(part.split("+")) if part else None for part in text.split(".")))


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (["KG.F"], "0123"),
        (["KG.M", "MW.F"], "456"),
        (["KG+MW.F"], "012356"),
        (["KG."], "01234"),
        ([".F"], "012356"),
        (["KG"], "01234"),
        ([".M", "MW."], "456"),
        (["."], "0123456"),
        (["XX.F"], ""),
        ([f"X{number}.F" for number in range(5_000)] + ["KG.M"], "4"),
        ([f"X{number}." for number in range(5_000)] + ["MW."], "56"),
        ([f"X{number}." for number in range(50)] + [f".X{number}" for number in range(50)] + [".M"], "4"),
    ],
)
def test_keys_are_ored_and_may_be_many(filled: ObservationStore, wanted: list[str], found: str) -> None:
    assert _numbers(keys(filled, SCHEMA, keys=tuple(_key(text) for text in wanted))) == found


@pytest.mark.parametrize(
    ("selection", "found"),
    [
        ({"first_n": 1}, "045"),
        ({"last_n": 1}, "346"),
        ({"first_n": 1, "last_n": 1}, "03456"),
        ({"last_n": 2, "filters": {"STATUS": ComponentFilter.any_of("A")}}, "136"),
        ({"offset": 2, "limit": 3}, "234"),
        ({"offset": 6}, "6"),
        ({"offset": 7}, ""),
        ({"limit": 1}, "0"),
        ({"last_n": 1, "offset": 1, "limit": 1}, "4"),
        ({"sort": (("TIME_PERIOD", False),)}, "5401236"),
        ({"sort": (("TIME_PERIOD", True), ("AREA", False))}, "6321045"),
        ({"sort": (("VALUE", False),)}, "3146502"),
        ({"sort": (("*", False),)}, "0123456"),
        ({"sort": (("series_key", True),)}, "5640123"),
        ({"sort": (("VALUE", False),), "offset": 1, "limit": 2}, "14"),
        ({"sort": (("TIME_PERIOD", True),), "last_n": 1}, "634"),
    ],
)
def test_first_last_order_and_windows(filled: ObservationStore, selection: dict[str, object], found: str) -> None:
    assert _numbers(keys(filled, SCHEMA, **selection)) == found


def test_the_columns_asked_for_come_in_the_order_asked_for(filled: ObservationStore) -> None:
    scan = filled.scan(SCHEMA, ObservationSelection(limit=1), ("COUNT", "AREA", "_row"))
    assert scan.columns == ("COUNT", "AREA", "_row")
    assert next(scan.batches).columns == ["COUNT", "AREA", "_row"]
    assert scan.last_updated == FIRST


@pytest.fixture(scope="module")
def revised(make_store: Callable[[], ObservationStore]) -> ObservationStore:
    """One observation updated on the second day, one series deleted on the third, one of it inserted again on the fourth."""
    store = _filled(make_store())
    store.submit(SCHEMA, [change("M", {"key": "KG F 2010", "VALUE": 2.5})], submission="update", recorded_at=FIRST + DAY)
    store.submit(SCHEMA, [change("D", {"key": "MW * *"})], submission="deletion", recorded_at=FIRST + 2 * DAY)
    again = {"key": "MW F 2009-12-01/P2M", "VALUE": 7.0}
    store.submit(SCHEMA, [change("M", again)], submission="again", recorded_at=FIRST + 3 * DAY)
    return store


def test_as_of_gives_the_state_at_an_instant(revised: ObservationStore) -> None:
    assert keys(revised, SCHEMA, as_of=FIRST - DAY) == []
    assert _numbers(keys(revised, SCHEMA, as_of=FIRST)) == "0123456"
    assert _numbers(keys(revised, SCHEMA, as_of=FIRST + 2.5 * DAY)) == "01234"
    assert read(revised, SCHEMA, as_of=FIRST + 0.5 * DAY)[1] == ("KG F 2010", 1.5)
    assert read(revised, SCHEMA, as_of=FIRST + 1.5 * DAY)[1] == ("KG F 2010", 2.5)


@pytest.mark.parametrize(
    ("after", "as_of", "changed", "deleted"),
    [(-1, None, "012345", ""), (0, None, "15", "6"), (2, None, "5", ""), (0, 2, "1", "56"), (1, 2, "", "56"), (3, None, "", "")],
)
def test_updated_after_gives_changes_and_deletions(
    revised: ObservationStore, after: int, as_of: int | None, changed: str, deleted: str
) -> None:
    selection = ObservationSelection(updated_after=FIRST + after * DAY, as_of=None if as_of is None else FIRST + as_of * DAY)
    scan = revised.scan(SCHEMA, selection, KEYS)
    assert _found(scan.batches) == changed
    assert scan.deleted is not None
    assert _found(scan.deleted) == deleted


def _found(batches: Iterator[pl.DataFrame]) -> str:
    return _numbers([" ".join(row) for batch in batches for row in batch.select(KEYS).rows()])


def test_history_gives_every_revision_and_its_validity(revised: ObservationStore) -> None:
    key = (_key("MW.F"),)
    revisions = read(revised, SCHEMA, "TIME_PERIOD", "VALUE", "_valid_from", "_valid_to", include_history=True, keys=key)
    day = [FIRST + number * DAY for number in range(4)]
    assert revisions == [
        ("2009-12-01/P2M", 6.0, day[0], day[2]),
        ("2011-01-01T00:00:00", 5.0, day[0], day[2]),
        ("2009-12-01/P2M", 7.0, day[3], None),
    ]
    transactions = revised.scan(SCHEMA, ObservationSelection(include_history=True), KEYS).transactions
    assert transactions is not None
    assert [(at.instant, _found(at.deleted)) for at in transactions if at.deleted] == [(day[2], "56")]


def test_what_an_update_takes_out_of_a_filter_is_deleted_from_its_answer(revised: ObservationStore) -> None:
    """A harvester brings its answer up to date with inserts, updates and deletes (SDMX-REST, ``updatedAfter``); else it kept what went."""
    for wanted, changed, deleted in (("1.5", "", "1"), ("2.5", "1", ""), ("9", "", "")):
        selection = ObservationSelection(updated_after=FIRST, filters={"VALUE": ComponentFilter.any_of(wanted)})
        scan = revised.scan(SCHEMA, selection, KEYS)
        assert _found(scan.batches) == changed
        assert scan.deleted is not None
        assert _found(scan.deleted) == deleted


def test_transaction_times_never_run_backwards(store: ObservationStore) -> None:
    filled = _filled(store)
    receipt = filled.submit(SCHEMA, [change("M", {"key": "KG F 2010", "VALUE": 0.0})], submission="late", recorded_at=FIRST - DAY)
    assert receipt.recorded_at == FIRST + timedelta(microseconds=1)
    assert filled.last_updated(filled.dataflows()[0]) == receipt.recorded_at


def test_availability_of_the_standards_worked_example(store: ObservationStore) -> None:
    """The example of the standard has UK/EMP/M, FR/EMP/M, FR/UEMP/F; AREA, STATUS and SEX stand for its three dimensions."""
    store.submit(SCHEMA, [change("M", {"key": "UK M 2020"}, {"key": "FR M 2020"}, {"key": "FR F 2021"})], submission="first")
    query = ObservationSelection(filters={"AREA": ComponentFilter.any_of("FR"), "SEX": ComponentFilter.any_of("F")})
    exact = store.availability(SCHEMA, query)
    assert exact.values == {"AREA": ("FR",), "SEX": ("F",)}
    assert (exact.series_count, exact.obs_count, exact.start, exact.end) == (1, 1, "2021-01-01T00:00:00Z", "2021-12-31T23:59:59Z")
    assert store.availability(SCHEMA, query, available=True).values == {"AREA": ("FR",), "SEX": ("F", "M")}
    both = ObservationSelection(keys=(_key("FR.F+M"),))
    assert store.availability(SCHEMA, both).values == {"AREA": ("FR",), "SEX": ("F", "M")}
    assert store.availability(SCHEMA, both, available=True).values == {"AREA": ("FR", "UK"), "SEX": ("F", "M")}


def test_availability_of_everything_and_of_nothing(store: ObservationStore) -> None:
    filled = _filled(store)
    everything = filled.availability(SCHEMA, ObservationSelection())
    assert everything.values == {"AREA": ("KG", "MW"), "SEX": ("F", "M")}
    assert (everything.series_count, everything.obs_count) == (3, 7)
    assert (everything.start, everything.end) == ("2009-12-01T00:00:00Z", "2011-01-01T00:00:00Z")
    filled.submit(SCHEMA, [change("D", {"key": "KG * *"})], submission="second")
    assert filled.availability(SCHEMA, ObservationSelection()).obs_count == 2
    nothing = filled.availability(SCHEMA, ObservationSelection(filters={"AREA": ComponentFilter.any_of("XX")}))
    assert (nothing.values, nothing.obs_count, nothing.start) == ({"AREA": (), "SEX": ()}, 0, None)


@pytest.fixture
def many_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DeltaObservationStore:
    """Twelve series of three years in small files, revised and partly deleted: ranges with closed revisions."""
    monkeypatch.setattr(lake_files, "TARGET_ROWS", 3)
    monkeypatch.setattr(rewrite, "TARGET_ROWS", 3)
    store = DeltaObservationStore(str(tmp_path), batch_rows=5)
    records = [{"key": f"A{area:02} F {year}", "VALUE": float(year)} for area in range(12) for year in (2019, 2020, 2021)]
    store.submit(SCHEMA, [change("M", *records)], submission="first", recorded_at=FIRST)
    store.submit(SCHEMA, [change("M", {"key": "A03 F 2020", "VALUE": 0.0})], submission="second", recorded_at=FIRST + DAY)
    store.submit(SCHEMA, [change("D", {"key": "A05 * *"}, {"key": "A11 * 2021"})], submission="third", recorded_at=FIRST + 2 * DAY)
    return store


def test_order_and_windows_hold_across_files(many_files: DeltaObservationStore) -> None:
    everything = keys(many_files, SCHEMA, as_of=FIRST)
    assert everything == [f"A{area:02} F {year}" for area in range(12) for year in (2019, 2020, 2021)]
    left = [key for key in everything if not key.startswith("A05") and key != "A11 F 2021"]
    assert keys(many_files, SCHEMA) == left
    assert keys(many_files, SCHEMA, offset=7, limit=20) == left[7:27]
    assert keys(many_files, SCHEMA, as_of=FIRST + DAY, offset=7, limit=20) == everything[7:27]
    assert keys(many_files, SCHEMA, last_n=1, offset=2, limit=3) == ["A02 F 2021", "A03 F 2021", "A04 F 2021"]
    assert len(keys(many_files, SCHEMA, include_history=True)) == 37
    assert keys(many_files, SCHEMA, sort=(("TIME_PERIOD", True),))[0] == "A00 F 2021"
    deleted = many_files.scan(SCHEMA, ObservationSelection(updated_after=FIRST), KEYS).deleted
    assert deleted is not None
    assert [row[0] for batch in deleted for row in batch.rows()] == ["A05"] * 3 + ["A11"]


def test_order_holds_when_somebody_else_compacts_the_table(many_files: DeltaObservationStore, tmp_path: Path) -> None:
    before = keys(many_files, SCHEMA), keys(many_files, SCHEMA, as_of=FIRST), keys(many_files, SCHEMA, last_n=1)
    DeltaTable(str(tmp_path / "TEST" / "FLOW" / "1.0.0")).optimize.compact()
    assert before == (keys(many_files, SCHEMA), keys(many_files, SCHEMA, as_of=FIRST), keys(many_files, SCHEMA, last_n=1))
    many_files.submit(SCHEMA, [change("M", {"key": "A02 F 2020", "VALUE": 1.0})], submission="fourth")
    assert keys(many_files, SCHEMA) == before[0]


def test_a_series_lies_in_one_file(many_files: DeltaObservationStore, tmp_path: Path) -> None:
    table = pl.scan_delta(str(tmp_path / "TEST" / "FLOW" / "1.0.0"), use_pyarrow=False)
    assert table.filter(pl.col("_current")).select(pl.len()).collect().item() == 32
    files = list((tmp_path / "TEST" / "FLOW" / "1.0.0" / "_current=true").glob("*.parquet"))
    assert len(files) >= 6
    assert all(pl.read_parquet(file).height % 3 == 0 or pl.read_parquet(file)["AREA"].max() == "A11" for file in files)


def test_dataflows_and_versions_are_kept_apart(store: ObservationStore) -> None:
    filled = _filled(store)
    other = small_schema(version="2.0.0")
    filled.submit(other, [change("M", {"key": "KG F 2010", "VALUE": 1.0})], submission="first")
    assert [urn.short for urn in filled.dataflows()] == ["TEST:FLOW(1.0.0)", "TEST:FLOW(2.0.0)"]
    assert len(keys(filled, other)) == 1


@pytest.mark.parametrize("left_out", [{"TIME_PERIOD"}, {"AREA", "SEX"}, {"SEX"}])
def test_structures_without_time_or_without_series_dimensions(store: ObservationStore, left_out: set[str]) -> None:
    components = tuple(c for c in SCHEMA.components if c.id in {*KEYS, "VALUE", "TITLE"} - left_out)
    schema = replace(SCHEMA, components=components)
    record = {"AREA": "KG", "SEX": "F", "TIME_PERIOD": "2020"}
    batch = pl.DataFrame([{name: value for name, value in record.items() if name not in left_out} | {"VALUE": 1.0}])
    store.submit(schema, [Change(Action.MERGE, [batch])], submission="first")
    store.submit(schema, [Change(Action.MERGE, [batch.with_columns(VALUE=2.0, TITLE=pl.lit("Water"))])], submission="second")
    assert read(store, schema, "VALUE", "TITLE") == [(2.0, "Water")]
    assert read(store, schema, "VALUE", "TITLE", last_n=1, sort=(("VALUE", True),)) == [(2.0, "Water")]
    assert store.availability(schema, ObservationSelection()).obs_count == 1
    store.submit(schema, [Change(Action.DELETE, [batch.drop("VALUE")])], submission="third")
    assert read(store, schema, "VALUE") == []


@pytest.mark.parametrize(("after", "count"), [(-1, 6), (0, 3), (2, 1), (3, 0)])
def test_availability_of_changes_counts_what_was_deleted_since(revised: ObservationStore, after: int, count: int) -> None:
    selection = ObservationSelection(updated_after=FIRST + after * DAY)
    scan = revised.scan(SCHEMA, selection, KEYS)
    told = [row for batch in (*scan.batches, *(scan.deleted or ())) for row in batch.select(KEYS).rows()]
    found = revised.availability(SCHEMA, selection)
    assert found.obs_count == count == len(told)
    assert found.values["AREA"] == tuple(sorted({area for area, _, _ in told}))
    assert found.series_count == len({row[:2] for row in told})
