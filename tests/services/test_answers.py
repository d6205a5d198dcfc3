"""Answers from a real registry and store: windows over several datasets, changes, agreements, availability, caches and writes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from exchange.errors import InvalidQuery, NothingFound
from exchange.observations.delta_store import DeltaObservationStore
from exchange.observations.ports import Action, Change, Mandate
from exchange.query.values.availability_query import AvailabilityQuery
from exchange.query.values.data_query import ALL_DIMENSIONS, Context, DataQuery, ObservationSelection
from exchange.query.values.filters import ComponentFilter
from exchange.services.agreements import Agreements
from exchange.services.availability import AvailabilityQueries
from exchange.services.data import DataAnswer, DataQueries
from exchange.services.ledger import Ledger
from exchange.services.provenance import provenance_of
from registry.errors import UnknownArtefact
from registry.model.identity import Urn
from registry.services.schemas import SchemaReader
from registry.store.ports import ChangeSet
from registry.store.sql import SqlArtefactStore, open_store
from tests.builders import (
    a_codelist,
    a_concept_scheme,
    a_data_structure,
    a_dataflow,
    a_provider_scheme,
    a_provision_agreement,
    an_attribute,
    enumerated,
)

FIRST, SECOND, THIRD = (datetime(2026, month, 1, tzinfo=UTC) for month in (1, 2, 3))
FLOWS = ("DF_A", "DF_B", "DF_C")
COUNTRIES = ("KG", "MW")


@dataclass
class House:
    """A registry with three dataflows of one structure, agreements on two of them, and a store."""

    registry: SqlArtefactStore
    store: DeltaObservationStore

    def __post_init__(self) -> None:
        self.schemas = SchemaReader(self.registry)
        self.data = DataQueries(self.registry, self.schemas, self.store)
        self.available = AvailabilityQueries(self.registry, self.schemas, self.data, self.store)

    def submit(self, flow: str, action: Action, keys: list[str], submission: str, at: datetime, agreement: str | None = None) -> None:
        columns = dict(zip(("AREA", "TIME_PERIOD"), zip(*(key.split() for key in keys), strict=True), strict=True))
        rows = pl.DataFrame({name: list(values) for name, values in columns.items()}).with_columns(_row=pl.int_range(2, len(keys) + 2))
        if action is not Action.DELETE:
            rows = rows.with_columns(OBS_VALUE=pl.int_range(pl.len()).cast(pl.Float64), TITLE=pl.col("AREA"))
        mandate = Mandate(agreement, frozenset({agreement, None})) if agreement else None
        schema = self.schemas.for_dataflow("CDE", flow)
        self.store.submit(schema, [Change(action, [rows], mandate)], submission=submission, recorded_at=at)

    def keys(self, **facts: Any) -> list[str]:
        flat = facts.pop("flat", False)
        return told(self.data.answer(query(**facts), flat=flat))


def told(answer: DataAnswer) -> list[str]:
    """Action, dataflow and key of everything in an answer, in its order."""
    found = []
    for dataset in answer.datasets:
        flow = dataset.schema.dataflow
        assert flow is not None
        for batch in dataset.batches:
            keys = [name for name in ("AREA", "TIME_PERIOD") if name in batch.columns]
            sign = "-" if dataset.action is Action.DELETE else ""
            found += [f"{sign}{flow.id[-1]} {' '.join(row)}" for row in batch.select(keys).iter_rows()]
    return found


def query(**facts: Any) -> DataQuery:
    selection = {name: facts.pop(name) for name in list(facts) if name in ObservationSelection.__dataclass_fields__}
    defaults = {"context": Context.DATAFLOW, "agencies": frozenset({"CDE"})}
    return DataQuery(**{**defaults, **facts}, selection=ObservationSelection(**selection))


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """DF_A: 5 observations, one deleted; DF_B: 3 under two agreements; DF_C: nothing."""
    folder: Path = tmp_path_factory.mktemp("answers")
    registry = open_store(f"sqlite:///{folder / 'registry.sqlite'}")
    area, concepts = a_codelist(codes=COUNTRIES), a_concept_scheme()
    title = an_attribute("TITLE", concepts, dimensions=("AREA",))
    structure = a_data_structure(concepts, {"AREA": enumerated(area)}, attributes=(title,))
    flows = {name: a_dataflow(structure, name) for name in FLOWS}
    providers = a_provider_scheme("CSO", "NGO")
    ngo = str(Urn.of(providers).item_urn("DataProvider", "NGO"))
    agreements = [
        a_provision_agreement(flows["DF_A"], providers, "PA_A"),
        a_provision_agreement(flows["DF_B"], providers, "PA_CSO"),
        a_provision_agreement(flows["DF_B"], providers, "PA_NGO", data_provider=ngo),
    ]
    registry.commit(ChangeSet(put=(area, concepts, structure, *flows.values(), providers, *agreements)), recorded_at=FIRST)
    made = House(registry, DeltaObservationStore(str(folder / "lake"), batch_rows=2))
    made.submit("DF_A", Action.MERGE, ["KG 2020", "KG 2021", "MW 2019", "MW 2020", "MW 2021"], "A1", FIRST)
    made.submit("DF_B", Action.MERGE, ["KG 2020", "KG 2021"], "B1", FIRST - timedelta(hours=1), "CDE:PA_CSO(1.0.0)")
    made.submit("DF_B", Action.MERGE, ["MW 2020"], "B2", FIRST, "CDE:PA_NGO(1.0.0)")
    made.submit("DF_A", Action.DELETE, ["MW 2019"], "A2", SECOND)
    made.submit("DF_A", Action.MERGE, ["KG 2022"], "A3", THIRD)
    yield made
    registry.close()


EVERYTHING = ["A KG 2020", "A KG 2021", "A KG 2022", "A MW 2020", "A MW 2021", "B KG 2020", "B KG 2021", "B MW 2020"]


@pytest.mark.parametrize("offset", [0, 1, 4, 5, 6, 7, 8, 9])
@pytest.mark.parametrize("limit", [None, 0, 1, 3, 5, 6, 8, 20])
def test_a_window_counts_over_all_datasets(house: House, offset: int, limit: int | None) -> None:
    expected = EVERYTHING[offset : None if limit is None else offset + limit]
    assert house.keys(offset=offset, limit=limit) == expected
    history = house.keys(offset=offset, limit=limit, include_history=True)
    assert [key for key in EVERYTHING if key in history] == expected


@pytest.mark.parametrize("window", [(0, None), (1, 2), (0, 3), (2, None), (3, 1), (0, 4), (4, None)])
def test_a_window_counts_series_where_series_are_asked_for(house: House, window: tuple[int, int | None]) -> None:
    offset, limit = window
    expected = ["A KG", "A MW", "B KG", "B MW"][offset : None if limit is None else offset + limit]
    series = {"attributes": ("none",), "measures": ("none",), "offset": offset, "limit": limit}
    assert house.keys(**series) == expected
    assert house.keys(**series, include_history=True) == expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"limit": 2}, ["A KG 2020", "A KG 2021"]),
        ({"first_n": 1, "limit": 3}, ["A KG 2020", "A MW 2020", "B KG 2020"]),
        ({"last_n": 1, "offset": 1}, ["A MW 2021", "B KG 2021", "B MW 2020"]),
        ({"sort": (("TIME_PERIOD", True),), "limit": 2, "flat": True}, ["A KG 2022", "A KG 2021"]),
        ({"sort": (("AREA", True),), "offset": 4, "limit": 2}, ["A KG 2022", "B MW 2020"]),
        ({"filters": {"AREA": ComponentFilter.any_of("MW")}, "offset": 1, "limit": 2}, ["A MW 2021", "B MW 2020"]),
        ({"dimension_at_observation": "AREA", "limit": 3}, ["A KG 2020", "A MW 2020", "A KG 2021"]),
        ({"as_of": FIRST, "limit": 4}, ["A KG 2020", "A KG 2021", "A MW 2019", "A MW 2020"]),
        ({"as_of": FIRST, "offset": 4, "limit": 2}, ["A MW 2021", "B KG 2020"]),
    ],
)
def test_a_window_counts_after_every_other_rule(house: House, facts: dict[str, Any], expected: list[str]) -> None:
    assert house.keys(**facts) == expected


def test_what_was_deleted_is_told_whatever_the_window(house: House) -> None:
    changed = {"updated_after": FIRST}
    assert house.keys(**changed) == ["-A MW 2019", "A KG 2022"]
    assert house.keys(**changed, limit=0) == ["-A MW 2019"]
    assert house.keys(**changed, limit=1, ids=frozenset({"DF_A"})) == ["-A MW 2019", "A KG 2022"]
    assert house.keys(**changed, offset=1) == ["-A MW 2019"]
    assert house.keys(updated_after=FIRST - timedelta(days=1), limit=6) == EVERYTHING[:6]


def test_deleted_keys_come_in_the_order_of_the_series_asked_for(house: House, tmp_path: Path) -> None:
    other = House(house.registry, DeltaObservationStore(str(tmp_path), batch_rows=1))
    other.submit("DF_C", Action.MERGE, ["KG 2020", "KG 2021", "MW 2020", "MW 2022"], "C1", FIRST)
    other.submit("DF_C", Action.DELETE, ["KG 2020", "KG 2021", "MW 2020"], "C2", SECOND)
    asked = {"ids": frozenset({"DF_C"}), "updated_after": FIRST}
    assert other.keys(**asked) == ["-C KG 2020", "-C KG 2021", "-C MW 2020"]
    assert other.keys(**asked, dimension_at_observation="AREA") == ["-C KG 2020", "-C MW 2020", "-C KG 2021"]
    assert other.keys(**asked, dimension_at_observation=ALL_DIMENSIONS) == ["-C KG 2020", "-C KG 2021", "-C MW 2020"]
    assert other.keys(**asked, dimension_at_observation="AREA", flat=True) == ["-C KG 2020", "-C KG 2021", "-C MW 2020"]
    later = {"ids": frozenset({"DF_C"}), "updated_after": SECOND}
    assert other.keys(**later, dimension_at_observation="AREA") == []


@pytest.mark.parametrize(
    ("facts", "count"),
    [
        ({}, 8), ({"ids": frozenset({"DF_A"})}, 5), ({"updated_after": FIRST}, 1), ({"as_of": FIRST}, 8),
        ({"filters": {"AREA": ComponentFilter.any_of("MW")}}, 3), ({"limit": 2, "offset": 3}, 8), ({"ids": frozenset({"DF_C"})}, 0),
        ({"updated_after": FIRST - timedelta(days=1)}, 8),
    ],
)  # fmt: skip
def test_the_count_is_of_the_whole_answer_without_its_window_and_without_what_was_deleted(
    house: House, facts: dict[str, Any], count: int
) -> None:
    assert house.data.count(query(**facts)) == count


def test_actions_and_validity_say_what_a_dataset_is(house: House) -> None:
    def first(**facts: Any) -> Any:
        return house.data.answer(query(ids=frozenset({"DF_A"}), **facts)).datasets[0]

    assert first().action is Action.REPLACE
    assert first(attributes=("all",)).action is Action.REPLACE
    assert first(attributes=("none",)).action is Action.MERGE
    assert first(measures=("OBS_VALUE",)).action is Action.MERGE
    assert (first().valid_from, first().valid_to) == (None, None)
    assert (first(as_of=FIRST).valid_from, first(as_of=FIRST).valid_to) == (FIRST, FIRST)
    slices = house.data.answer(query(ids=frozenset({"DF_A"}), include_history=True, attributes=("none",))).datasets
    assert [(part.action, part.valid_from, part.valid_to) for part in slices] == [
        (Action.REPLACE, FIRST, None),
        (Action.DELETE, None, SECOND),
        (Action.REPLACE, THIRD, None),
    ]
    assert slices[1].columns == ("AREA", "TIME_PERIOD")


def test_an_answer_is_as_new_as_the_newest_of_its_data_and_of_the_registry(house: House) -> None:
    assert house.data.answer(query()).last_updated == THIRD
    assert house.data.answer(query(ids=frozenset({"DF_B"}))).last_updated == FIRST
    assert house.data.answer(query(ids=frozenset({"DF_C"}))).last_updated is None
    assert house.data.last_updated(query(ids=frozenset({"DF_A"}))) == THIRD
    assert house.data.last_updated(query(ids=frozenset({"DF_C"}))) == FIRST


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"ids": frozenset({"PA_CSO"})}, ["B KG 2020", "B KG 2021"]),
        ({"ids": frozenset({"PA_NGO"})}, ["B MW 2020"]),
        ({"ids": frozenset({"PA_CSO", "PA_NGO"})}, ["B KG 2020", "B KG 2021", "B MW 2020"]),
        ({"ids": frozenset({"PA_CSO", "PA_NGO"}), "offset": 1, "limit": 2}, ["B KG 2021", "B MW 2020"]),
        ({"ids": frozenset({"PA_CSO"}), "include_history": True}, ["B KG 2020", "B KG 2021"]),
        # What was loaded under none belongs to the only agreement of its dataflow.
        ({"ids": frozenset({"PA_A"})}, EVERYTHING[:5]),
        ({"ids": frozenset({"PA_A"}), "updated_after": FIRST}, ["-A MW 2019", "A KG 2022"]),
    ],
)
def test_an_agreement_answers_with_what_was_reported_under_it(house: House, facts: dict[str, Any], expected: list[str]) -> None:
    assert house.keys(context=Context.PROVISION_AGREEMENT, **facts) == expected


@pytest.mark.parametrize(
    ("providers", "expected"),
    [
        ({("CDE", "CSO")}, [*EVERYTHING[:5], "B KG 2020", "B KG 2021"]),
        ({(None, "NGO")}, ["B MW 2020"]),
        ({(None, "NGO"), ("CDE", "CSO")}, EVERYTHING),
        ({("OTHER", "NGO"), (None, "NGO")}, ["B MW 2020"]),
    ],
)
def test_providers_answer_with_what_they_reported(house: House, providers: set[tuple[str | None, str]], expected: list[str]) -> None:
    assert house.keys(providers=frozenset(providers)) == expected


@pytest.mark.parametrize(
    ("facts", "error", "message"),
    [
        ({"ids": frozenset({"DF_X"})}, UnknownArtefact, r"no dataflow CDE:DF_X.* with data"),
        ({"ids": frozenset({"DF_X"}), "agencies": None}, UnknownArtefact, r"no dataflow \*:DF_X"),
        (
            {"ids": frozenset({"DF_X"}), "context": Context.ANY},
            UnknownArtefact,
            "no dataflow, data structure or provision agreement CDE:DF_X",
        ),
        ({"agencies": frozenset({"NOBODY"})}, NothingFound, "no dataflow that answers"),
        (
            {"providers": frozenset({("OTHER", "NGO"), (None, "X")})},
            NothingFound,
            "agreement says that OTHER:NGO, X reports what is asked for",
        ),
    ],
)
def test_what_is_not_there_is_named(house: House, facts: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        house.data.answer(query(**facts))


@pytest.mark.parametrize(
    ("context", "ids", "expected"),
    [
        (Context.DATASTRUCTURE, {"DSD_WATER"}, EVERYTHING),
        (Context.ANY, {"DSD_WATER", "DF_B"}, [*EVERYTHING[5:], *EVERYTHING[:5]]),
        (Context.ANY, {"PA_NGO"}, ["B MW 2020"]),
        (Context.ANY, {"PA_NGO", "DF_B"}, EVERYTHING[5:]),
    ],
)
def test_a_dataflow_that_is_found_in_several_ways_is_one_dataset(
    house: House, context: Context, ids: set[str], expected: list[str]
) -> None:
    assert house.keys(context=context, ids=frozenset(ids)) == expected


def test_a_new_agreement_and_a_new_dataflow_are_seen_by_the_next_query(tmp_path: Path) -> None:
    registry = open_store(f"sqlite:///{tmp_path / 'registry.sqlite'}")
    area, concepts, providers = a_codelist(codes=COUNTRIES), a_concept_scheme(), a_provider_scheme()
    structure = a_data_structure(concepts, {"AREA": enumerated(area)}, attributes=(an_attribute("TITLE", concepts),))
    flow = a_dataflow(structure, "DF_A")
    registry.commit(ChangeSet(put=(area, concepts, structure, flow, providers, a_provision_agreement(flow, providers, "PA_1"))))
    house = House(registry, DeltaObservationStore(str(tmp_path / "lake")))
    house.submit("DF_A", Action.MERGE, ["KG 2020"], "A1", FIRST)
    under_the_first = {"context": Context.PROVISION_AGREEMENT, "ids": frozenset({"PA_1"})}
    assert house.keys(**under_the_first) == ["A KG 2020"]
    registry.commit(ChangeSet(put=(a_provision_agreement(flow, providers, "PA_1", version="1.1.0"),)))
    assert house.keys(**under_the_first, versions="1.0.0") == ["A KG 2020"], "another version is no other agreement"
    registry.commit(ChangeSet(put=(a_provision_agreement(flow, providers, "PA_2"), a_dataflow(structure, "DF_B"))))
    assert house.keys(**under_the_first) == [], "what was loaded under none belongs to none of two"
    agreements = Agreements(registry, house.schemas)
    known = {Urn.of(found).short for found in agreements.of_dataflow(Urn.of(flow))}
    assert known == {"CDE:PA_1(1.0.0)", "CDE:PA_1(1.1.0)", "CDE:PA_2(1.0.0)"}
    newest = next(found for found in agreements.of_dataflow(Urn.of(flow)) if found.version == "1.1.0")
    assert agreements.mandate(newest, Urn.of(flow)) == Mandate("CDE:PA_1(1.1.0)", frozenset({"CDE:PA_1(1.0.0)", "CDE:PA_1(1.1.0)"}))
    house.submit("DF_B", Action.MERGE, ["MW 2020"], "B1", FIRST)
    assert house.keys() == ["A KG 2020", "B MW 2020"]
    house.submit("DF_B", Action.DELETE, ["MW 2020"], "B2", SECOND)
    assert house.keys() == ["A KG 2020"]
    registry.close()


def available(house: House, **facts: Any) -> list[tuple[dict[str, tuple[str, ...]], int | None, int | None]]:
    own = {name: facts.pop(name) for name in ("components", "available", "references") if name in facts}
    message = house.available.answer(AvailabilityQuery(query(**facts), **own))
    found = []
    for constraint in message.availability:
        regions = constraint.cube_region
        assert regions is not None
        assert regions.include
        values = {part.id: tuple(value.value for value in part.values) for part in regions.key_values}
        found.append((values, constraint.series_count, constraint.obs_count))
    return found


def test_availability_follows_agreements_changes_filters_and_components(house: House) -> None:
    both = {"AREA": ("KG", "MW"), "TIME_PERIOD": ()}
    assert available(house) == [(both, 2, 5), (both, 2, 3), ({}, 0, 0)]
    assert available(house, ids=frozenset({"DF_B"}), components=("AREA",)) == [({"AREA": ("KG", "MW")}, 2, 3)]
    only = {"ids": frozenset({"PA_NGO"}), "context": Context.PROVISION_AGREEMENT, "components": ("AREA",)}
    assert available(house, **only) == [({"AREA": ("MW",)}, 1, 1)]
    # What was deleted since is available, too.
    assert available(house, ids=frozenset({"DF_A"}), updated_after=FIRST) == [(both, 2, 2)]
    malawi = {"ids": frozenset({"DF_A"}), "filters": {"AREA": ComponentFilter.any_of("MW")}, "components": ("AREA",)}
    assert available(house, **malawi) == [({"AREA": ("MW",)}, 1, 2)]
    assert available(house, **malawi, available=True) == [({"AREA": ("KG", "MW")}, 1, 2)]


@pytest.mark.parametrize(
    ("context", "name", "attached"),
    [
        (Context.DATAFLOW, "DF_B", "Dataflow=CDE:DF_B(1.0.0)"),
        (Context.PROVISION_AGREEMENT, "PA_NGO", "ProvisionAgreement=CDE:PA_NGO(1.0.0)"),
        (Context.DATASTRUCTURE, "DSD_WATER", "DataStructure=CDE:DSD_WATER(1.0.0)"),
    ],
)
def test_what_is_available_is_about_what_was_asked_for(house: House, context: Context, name: str, attached: str) -> None:
    message = house.available.answer(AvailabilityQuery(query(context=context, ids=frozenset({name}))))
    attachment = message.availability[0].constraint_attachment
    references = [attachment.dataflow, attachment.provision_agreement, attachment.data_structure]
    [reference] = [reference for reference in references if reference]
    assert reference.endswith(attached)


def test_an_observation_is_explained_by_its_key_and_nothing_else(house: House) -> None:
    def explain(key: str, flow: str = "DF_A") -> Any:
        facts: dict[str, Any] = {"schemas": house.schemas, "observations": house.store, "ledger": Ledger(house.registry.submissions)}
        return provenance_of("CDE", flow, "1.0.0", key, **facts)

    for key in ("KG.2020.1", "", ".2020", "KG."):
        with pytest.raises(InvalidQuery, match=r"must have a value for every dimension: AREA\[.TIME_PERIOD\]"):
            explain(key)
    for key in ("KG.1999", "RW", "MW.2019"):
        with pytest.raises(NothingFound, match=rf"CDE:DF_A\(1.0.0\) holds no observation with the key {key}"):
            explain(key)
    with pytest.raises(NothingFound, match=r"stored without a provenance record \(submission A1\)"):
        explain("KG.2020")
    with pytest.raises(NothingFound, match=r"stored without a provenance record \(submission A1, A3\)"):
        explain("KG")
