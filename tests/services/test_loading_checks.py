"""What is noticed while data pass by: codes, types, facets, constraints, and mandatory attributes that are given nowhere."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from exchange.observations.ports import Action
from exchange.services.checking import LoadChecks
from registry.constraints.combine import ConstraintSet
from registry.data_schema import DataSchema, Level
from registry.findings import Severity
from registry.services.schemas import ConstrainedSchema
from tests.observations.small_schema import _attribute, rows, small_schema


def mandatory(*names: str) -> DataSchema:
    schema = small_schema(_attribute("WEATHER", Level.OBSERVATION, ("AREA", "TIME_PERIOD")))
    return replace(schema, components=tuple(replace(part, mandatory=part.id in names) for part in schema.components))


def watched(schema: DataSchema, *batches: pl.DataFrame, action: Action = Action.MERGE) -> LoadChecks:
    checks = LoadChecks(ConstrainedSchema(schema, ConstraintSet()))
    passed = list(checks.watch(action, iter(batches)))
    assert [frame.equals(batch) for frame, batch in zip(passed, batches, strict=True)] == [True] * len(batches), "batches pass unchanged"
    return checks


def told(checks: LoadChecks) -> list[tuple[str, str | None, int | None, int]]:
    return [(finding.code, finding.component, finding.row, finding.count) for finding in checks.findings]


def of(name: str, *records: dict[str, Any], **more: Any) -> list[tuple[str, str | None, int | None, int]]:
    return told(watched(mandatory(name), rows(records), **more))


OBSERVATION = {"key": "KG F 2020", "VALUE": 1.0, "_row": 2}
OTHER = {"key": "MW F 2020", "VALUE": 1.0, "_row": 3}


def test_what_is_right_and_what_is_empty_gives_no_finding() -> None:
    for batches in ([], [rows([OBSERVATION]).clear()], [rows([OBSERVATION])]):
        assert told(watched(mandatory(), *batches)) == []
    assert told(watched(mandatory("STATUS"), rows([OBSERVATION]).clear())) == []
    assert watched(mandatory(), rows([OBSERVATION]), rows([OTHER, OBSERVATION])).observations == 3


@pytest.mark.parametrize("name", ["STATUS", "UNIT", "REGION", "TITLE", "WEATHER"])
def test_a_mandatory_attribute_that_is_given_nowhere_is_noticed_with_the_first_row_and_their_number(name: str) -> None:
    missing = ("missing-mandatory", name, 2, 2)
    assert of(name, OTHER, OBSERVATION) == [missing]
    if name != "WEATHER":
        assert of(name, OTHER | {name: None}, OBSERVATION | {name: None}) == [missing]
        assert of(name, OTHER | {name: "x"}, OBSERVATION | {name: "x"}) == []


@pytest.mark.parametrize(
    ("name", "lacking"),
    [("STATUS", 1), ("UNIT", 1), ("REGION", 1), ("TITLE", 0)],
)
def test_a_value_counts_for_the_part_of_the_key_it_depends_on(name: str, lacking: int) -> None:
    """STATUS is that of an observation, UNIT of a series, REGION of an area, TITLE of the dataset."""
    found = of(name, OBSERVATION | {name: "x"}, OTHER | {name: None})
    assert [(component, row, count) for _, component, row, count in found] == [(name, 3, 1)] * lacking
    same = of(name, OBSERVATION | {name: "x"}, {"key": "KG F 2021", name: None, "_row": 4})
    assert len(same) == (1 if name == "STATUS" else 0)


@pytest.mark.parametrize(
    ("name", "key", "lacking"),
    [("TITLE", "* * *", []), ("REGION", "KG * *", [3]), ("REGION", "KG ~ ~", [3]), ("UNIT", "KG F *", [3]), ("UNIT", "MW F ~", [2])],
)
@pytest.mark.parametrize("order", [1, -1])
def test_rows_with_part_of_the_key_give_the_attribute_whichever_comes_first(name: str, key: str, lacking: list[int], order: int) -> None:
    batches = [rows([{"key": key, name: "x", "_row": 9}]), rows([OBSERVATION, OTHER])]
    found = told(watched(mandatory(name), *batches[::order]))
    assert [row for _, _, row, _ in found] == lacking


def test_rows_with_part_of_the_key_lack_nothing_themselves_and_deleted_ones_neither() -> None:
    assert of("STATUS", {"key": "KG F *", "UNIT": "x"}) == []
    assert of("STATUS", {"key": "KG ~ ~", "REGION": "x"}) == []
    assert of("STATUS", OBSERVATION, action=Action.DELETE) == []
    assert watched(mandatory("STATUS"), rows([OBSERVATION]), action=Action.DELETE).observations == 1


def test_what_is_missing_is_counted_over_all_batches_and_is_no_error() -> None:
    checks = watched(mandatory("STATUS", "UNIT"), rows([OTHER]), rows([OBSERVATION, {"key": "KG M 2020", "STATUS": "A", "_row": 9}]))
    assert told(checks) == [("missing-mandatory", "STATUS", 2, 2), ("missing-mandatory", "UNIT", 2, 3)]
    assert checks.errors == ()
    assert all(finding.severity is Severity.WARNING for finding in checks.findings)


def test_without_row_numbers_only_the_count_is_told() -> None:
    assert of("STATUS", {"key": "KG F 2020"}, {"key": "KG F 2021"}) == [("missing-mandatory", "STATUS", None, 2)]


def test_the_same_mistake_is_one_finding_however_many_batches_it_is_in_and_errors_come_first() -> None:
    wrong = rows([{"key": "KG F 2019-W53", "_row": 5}])
    checks = watched(mandatory("STATUS"), wrong, wrong)
    assert [(finding.component, finding.severity, finding.count) for finding in checks.findings] == [
        ("TIME_PERIOD", Severity.ERROR, 2),
        ("STATUS", Severity.WARNING, 2),
    ]
    assert [finding.row for finding in checks.errors] == [5]


def test_deleted_rows_may_hold_anything() -> None:
    wrong = rows([{"key": "KG F 2019-W53"}])
    assert told(watched(mandatory(), wrong, action=Action.DELETE)) == []
    assert len(watched(mandatory(), wrong).errors) == 1
