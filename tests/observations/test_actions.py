"""What merge, append, replace and delete do (SDMX-CSV 2.1 field guide, actions; SDMX 3.1 Section 2, dataset actions)."""

from __future__ import annotations

import math
from dataclasses import replace

import polars as pl
import pytest

from exchange.errors import InvalidObservations
from exchange.observations.ports import Action, Change, ObservationStore
from registry.data_schema import SchemaComponent
from tests.observations.small_schema import change, keys, read, rows, small_schema

SCHEMA = small_schema()
FIRST = (
    {"key": "KG F 2019", "VALUE": 1.0, "COUNT": 10, "STATUS": "A", "UNIT": "PT", "REGION": "Asia", "TITLE": "Water"},
    {"key": "KG F 2020", "VALUE": 2.0, "COUNT": 20, "STATUS": "A", "UNIT": "PT", "REGION": "Asia", "TITLE": "Water"},
    {"key": "KG M 2020", "VALUE": 3.0, "COUNT": 30, "STATUS": "E", "UNIT": "N", "REGION": "Asia", "TITLE": "Water"},
    {"key": "MW F 2020", "VALUE": 4.0, "COUNT": 40, "STATUS": "A", "UNIT": "PT", "REGION": "Africa", "TITLE": "Water"},
)


@pytest.fixture
def filled(store: ObservationStore) -> ObservationStore:
    receipt = store.submit(SCHEMA, [change("M", *FIRST)], submission="first")
    assert (receipt.inserted, receipt.updated, receipt.unchanged, receipt.deleted) == (4, 0, 0, 0)
    return store


def test_a_submission_without_rows_is_a_submission(store: ObservationStore) -> None:
    for action in ("D", "M"):
        receipt = store.submit(SCHEMA, [change(action)], submission=f"empty {action}")
        assert (receipt.inserted, receipt.deleted) == (0, 0)
    assert keys(store, SCHEMA) == []
    assert [urn.id for urn in store.dataflows()] == ["FLOW"]
    assert store.last_updated(store.dataflows()[0]) is None
    assert store.submit(SCHEMA, [change("M", *FIRST)], submission="first").inserted == 4


def test_a_new_store_is_empty(store: ObservationStore) -> None:
    assert store.dataflows() == []
    assert keys(store, SCHEMA) == []


@pytest.mark.parametrize("action", ["M", "A"])
def test_merge_leaves_empty_cells_and_absent_columns_as_they_are(filled: ObservationStore, action: str) -> None:
    receipt = filled.submit(SCHEMA, [change(action, {"key": "KG F 2020", "VALUE": 2.5, "STATUS": None})], submission="second")
    assert (receipt.inserted, receipt.updated, receipt.deleted) == (0, 1, 0)
    assert read(filled, SCHEMA, "VALUE", "COUNT", "STATUS", "UNIT")[1] == (2.5, "20", "A", "PT")


def test_merge_inserts_what_is_new_and_keeps_the_rest(filled: ObservationStore) -> None:
    filled.submit(SCHEMA, [change("M", {"key": "AO F 2020", "VALUE": 9.0})], submission="second")
    assert keys(filled, SCHEMA) == ["AO F 2020", "KG F 2019", "KG F 2020", "KG M 2020", "MW F 2020"]


def test_replace_empties_what_is_not_given_but_merges_attributes_above_the_observation(filled: ObservationStore) -> None:
    filled.submit(SCHEMA, [change("R", {"key": "KG F 2020", "VALUE": 5.0})], submission="second")
    assert read(filled, SCHEMA, "VALUE", "COUNT", "STATUS", "UNIT", "REGION", "TITLE") == [
        (1.0, "10", "A", "PT", "Asia", "Water"),
        (5.0, None, None, "PT", "Asia", "Water"),
        (3.0, "30", "E", "N", "Asia", "Water"),
        (4.0, "40", "A", "PT", "Africa", "Water"),
    ]


def test_identical_content_makes_no_revision(filled: ObservationStore) -> None:
    before = filled.last_updated(filled.dataflows()[0])
    receipt = filled.submit(SCHEMA, [change("R", *FIRST)], submission="second")
    assert (receipt.inserted, receipt.updated, receipt.unchanged) == (0, 0, 4)
    assert filled.last_updated(filled.dataflows()[0]) == before
    assert len(read(filled, SCHEMA, include_history=True)) == 4


def test_submitting_the_same_submission_again_gives_the_same_receipt(filled: ObservationStore) -> None:
    again = filled.submit(SCHEMA, [change("D", {"key": "* * *"})], submission="first")
    assert again.inserted == 4
    assert len(keys(filled, SCHEMA)) == 4


def test_new_observations_take_the_attributes_that_hold_for_their_series_group_and_dataset(filled: ObservationStore) -> None:
    filled.submit(SCHEMA, [change("M", {"key": "KG F 2021", "VALUE": 6.0}, {"key": "MW M 2021", "VALUE": 7.0})], submission="second")
    found = {row[:3]: row[3:] for row in read(filled, SCHEMA, "AREA", "SEX", "TIME_PERIOD", "UNIT", "REGION", "TITLE")}
    assert found["KG", "F", "2021"] == ("PT", "Asia", "Water")
    assert found["MW", "M", "2021"] == (None, "Africa", "Water")


def test_a_changed_series_attribute_holds_for_the_whole_series(filled: ObservationStore) -> None:
    receipt = filled.submit(SCHEMA, [change("M", {"key": "KG F 2020", "UNIT": "IX"})], submission="second")
    assert receipt.updated == 2
    assert [row[0] for row in read(filled, SCHEMA, "UNIT")] == ["IX", "IX", "N", "PT"]


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({"key": "KG F *", "UNIT": "IX"}, ["IX", "IX", "N", "PT"]),
        ({"key": "KG ~ ~", "REGION": "Central Asia"}, ["Central Asia"] * 3 + ["Africa"]),
        ({"key": "* * *", "TITLE": "Sanitation"}, ["Sanitation"] * 4),
    ],
)
def test_attributes_with_a_partial_key_hold_for_all_observations_below_it(
    filled: ObservationStore, record: dict[str, str], expected: list[str]
) -> None:
    filled.submit(SCHEMA, [change("M", record)], submission="second")
    attribute = next(name for name in record if name != "key")
    assert [row[0] for row in read(filled, SCHEMA, attribute)] == expected


def test_an_observation_level_value_needs_a_whole_key(filled: ObservationStore) -> None:
    with pytest.raises(InvalidObservations, match=r"VALUE needs a value of TIME_PERIOD \(row 7\)"):
        filled.submit(SCHEMA, [change("M", {"key": "KG F *", "VALUE": 1.0, "_row": 7})], submission="second")


@pytest.mark.parametrize(
    ("record", "left"),
    [
        ({"key": "KG F 2019"}, ["KG F 2020", "KG M 2020", "MW F 2020"]),
        ({"key": "KG * *"}, ["MW F 2020"]),
        ({"key": "* F 2020"}, ["KG F 2019", "KG M 2020"]),
        ({"key": "* * *"}, []),
        ({"key": "XX F 2019"}, ["KG F 2019", "KG F 2020", "KG M 2020", "MW F 2020"]),
    ],
)
def test_delete_takes_an_empty_dimension_for_any_value(filled: ObservationStore, record: dict[str, str], left: list[str]) -> None:
    receipt = filled.submit(SCHEMA, [change("D", record)], submission="second")
    assert keys(filled, SCHEMA) == left
    assert receipt.deleted == 4 - len(left)


def test_delete_with_values_deletes_only_these(filled: ObservationStore) -> None:
    filled.submit(SCHEMA, [change("D", {"key": "KG * 2020", "COUNT": 0, "STATUS": "-"})], submission="second")
    assert read(filled, SCHEMA, "VALUE", "COUNT", "STATUS") == [(1.0, "10", "A"), (2.0, None, None), (3.0, None, None), (4.0, "40", "A")]


def test_deleting_a_series_attribute_by_a_whole_key_deletes_it_for_the_series(filled: ObservationStore) -> None:
    filled.submit(SCHEMA, [change("D", {"key": "KG F 2020", "UNIT": "-"})], submission="second")
    assert [row[0] for row in read(filled, SCHEMA, "UNIT")] == [None, None, "N", "PT"]


def test_changes_of_a_submission_apply_in_order(filled: ObservationStore) -> None:
    replace_all = [change("D", {"key": "* * *"}), change("M", {"key": "KG F 2019", "VALUE": 1.0}, {"key": "AO F 2019", "VALUE": 8.0})]
    receipt = filled.submit(SCHEMA, replace_all, submission="second")
    assert (receipt.inserted, receipt.updated, receipt.deleted) == (1, 1, 3)
    assert read(filled, SCHEMA, "AREA", "VALUE", "COUNT", "TITLE") == [("AO", 8.0, None, None), ("KG", 1.0, None, None)]


def test_nothing_is_stored_when_any_change_is_wrong(filled: ObservationStore) -> None:
    wrong = [change("M", {"key": "AO F 2020", "VALUE": 1.0}), change("M", {"key": "AO F 2020-13", "VALUE": 1.0, "_row": 5})]
    with pytest.raises(InvalidObservations, match=r"TIME_PERIOD: '2020-13' is not a time period; .* \(row 5\)"):
        filled.submit(SCHEMA, wrong, submission="second")
    assert len(keys(filled, SCHEMA)) == 4


def test_a_repeated_key_with_different_content_is_refused_and_named(store: ObservationStore) -> None:
    twice = change("M", {"key": "KG F 2020", "VALUE": 1.0, "_row": 2}, {"key": "KG F 2020", "VALUE": 2.0, "_row": 9})
    with pytest.raises(InvalidObservations, match=r"AREA=KG, SEX=F, TIME_PERIOD=2020 .* \(row 2, 9\)"):
        store.submit(SCHEMA, [twice], submission="first")


def test_a_repeated_key_with_the_same_content_counts_once(store: ObservationStore) -> None:
    twice = change("M", {"key": "KG F 2020", "VALUE": 1.0, "_row": 2}, {"key": "KG F 2020", "VALUE": 1.0, "_row": 9})
    assert store.submit(SCHEMA, [twice], submission="first").inserted == 1


@pytest.mark.parametrize(("attribute", "where"), [("UNIT", "AREA=KG, SEX=F"), ("REGION", "AREA=KG"), ("TITLE", "the dataset")])
def test_an_attribute_above_the_observation_has_one_value(store: ObservationStore, attribute: str, where: str) -> None:
    records = ({"key": "KG F 2019", attribute: "one"}, {"key": "KG F 2020", attribute: "two"})
    with pytest.raises(InvalidObservations, match=f"{attribute} must have one value for {where}"):
        store.submit(SCHEMA, [change("M", *records)], submission="first")


def test_missing_on_purpose_is_a_value(store: ObservationStore) -> None:
    store.submit(SCHEMA, [change("M", {"key": "KG F 2020", "VALUE": math.nan, "STATUS": "#N/A"})], submission="first")
    assert store.submit(SCHEMA, [change("M", {"key": "KG F 2020", "VALUE": math.nan})], submission="second").updated == 0
    value, status = read(store, SCHEMA, "VALUE", "STATUS")[0]
    assert math.isnan(value)
    assert status == "#N/A"


def test_lists_and_languages_are_kept_and_compared(store: ObservationStore) -> None:
    note = [{"lang": "en", "value": "good"}, {"lang": "fr", "value": "bon"}]
    record = {"key": "KG F 2020", "FLAGS": ["A", "B"], "NOTE": note}
    store.submit(SCHEMA, [change("M", record)], submission="first")
    assert store.submit(SCHEMA, [change("M", record)], submission="second").updated == 0
    assert read(store, SCHEMA, "FLAGS", "NOTE") == [(["A", "B"], note)]
    assert store.submit(SCHEMA, [change("M", record | {"FLAGS": ["A"]})], submission="third").updated == 1


def test_preview_counts_and_stores_nothing(filled: ObservationStore) -> None:
    preview = filled.preview(SCHEMA, [change("M", {"key": "KG F 2020", "VALUE": 7.0}, {"key": "AO F 2020", "VALUE": 7.0})])
    assert (preview.inserted, preview.updated, preview.deleted) == (1, 1, 0)
    assert len(keys(filled, SCHEMA)) == 4


def test_categories_and_numbers_in_text_are_taken_as_what_the_structure_says(store: ObservationStore) -> None:
    batch = rows([{"key": "KG F 2020"}]).with_columns(pl.col("AREA").cast(pl.Categorical), VALUE=pl.lit("2.50"), COUNT=pl.lit(3.0))
    store.submit(SCHEMA, [Change(Action.MERGE, iter([batch]))], submission="first")
    assert read(store, SCHEMA, "AREA", "VALUE", "COUNT") == [("KG", 2.5, "3")]


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("VALUE", "many", "VALUE must hold Double, .* 'many'"),
        ("COUNT", 2.5, "COUNT must hold Integer, .* '2.5'"),
        ("X", "1", "no component X"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused(store: ObservationStore, column: str, value: object, message: str) -> None:
    batch = rows([{"key": "KG F 2020"}]).with_columns(pl.lit(value).alias(column))
    with pytest.raises(InvalidObservations, match=message):
        store.submit(SCHEMA, [Change(Action.MERGE, [batch])], submission="first")


def test_a_structure_may_gain_components_but_not_change_their_type(filled: ObservationStore) -> None:
    wider = small_schema(_renamed("STATUS", "COMMENT"))
    batch = rows([{"key": "KG F 2020"}]).with_columns(COMMENT=pl.lit("checked"))
    filled.submit(wider, [Change(Action.MERGE, [batch])], submission="second")
    assert read(filled, wider, "COMMENT", "VALUE") == [(None, 1.0), ("checked", 2.0), (None, 3.0), (None, 4.0)]
    other = small_schema(_renamed("VALUE", "COMMENT"))
    with pytest.raises(InvalidObservations, match="COMMENT is stored as String"):
        filled.submit(other, [change("M", {"key": "KG F 2020", "VALUE": 1.0})], submission="third")


def test_the_key_of_a_dataflow_cannot_change(filled: ObservationStore) -> None:
    longer = replace(SCHEMA, components=(replace(SCHEMA["SEX"], id="AGE"), *SCHEMA.components))
    batch = rows([{"key": "KG F 2020", "VALUE": 1.0}]).with_columns(AGE=pl.lit("_T"))
    with pytest.raises(InvalidObservations, match=r"stored with Key: AREA, SEX, TIME_PERIOD, but .* new version of the dataflow"):
        filled.submit(longer, [Change(Action.MERGE, [batch])], submission="second")


def _renamed(component: str, name: str) -> SchemaComponent:
    return replace(SCHEMA[component], id=name)
