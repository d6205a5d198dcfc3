"""Checks of observations against the data structure and its constraints."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from mappings.checks.observations import Batch, absent_periods, check_observations
from mappings.checks.traps import check_percentages, check_statuses
from mappings.checks.values import is_of_type
from registry.model.constraints import (
    ComponentSelection,
    ConstraintAttachment,
    CubeRegion,
    DataConstraint,
    DataKey,
    DataKeySet,
    SelectedValue,
    TimePeriodBound,
    TimeRange,
)
from registry.model.data_types import DATA_TYPES
from registry.model.identity import Urn
from registry.model.representations import Representation

GOOD = {"REGION": ["N", "S"], "KIND": ["A", "A"], "TIME_PERIOD": ["2023", "2023-Q1"], "OBS_VALUE": [1.5, 2.0], "OBS_STATUS": ["A", "A"]}
FLOW = Urn("Dataflow", "LOCAL", "DF", "1.0.0")


def codes(small: Any, **changes: list[Any]) -> list[tuple[str, str | None]]:
    frame = pl.DataFrame({**GOOD, **changes}, strict=False)
    constrained = small.schemas().constrained(FLOW)
    found = [*check_observations(frame, constrained), *check_statuses(frame, constrained.schema)]
    return [(finding.code, finding.value) for finding in found]


def test_good_observations_have_no_findings(small: Any) -> None:
    assert codes(small) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"REGION": ["N", "X"]}, ("unknown-code", "X")),
        ({"REGION": ["N", None]}, ("missing-mandatory", None)),
        ({"OBS_STATUS": ["A", None]}, ("missing-mandatory", None)),
        ({"OBS_VALUE": ["1", "many"]}, ("wrong-type", "many")),
        ({"TIME_PERIOD": ["2023", "2023-13"]}, ("wrong-type", "2023-13")),
        ({"TIME_PERIOD": ["2023", "23"]}, ("wrong-type", "23")),
        ({"NOTE": ["abc", "abcdef"]}, ("facet-violation", "abcdef")),
        ({"NOTE": ["abc", "abd"]}, ("inconsistent-attribute", None)),
        ({"OTHER": ["x", "y"]}, ("unknown-component", None)),
        ({"REGION": ["N", "N"], "TIME_PERIOD": ["2023", "2023"]}, ("duplicate-observation", None)),
        ({"REGION": ["N", "N"], "TIME_PERIOD": ["2023", "2023-A1"]}, ("doubled-period", None)),
        ({"REGION": ["N", "S"], "TIME_PERIOD": ["2019-W53", "2023-D366"]}, ("absent-period", "2019-W53")),
        ({"OBS_STATUS": ["A", "Q"]}, ("missing-status-with-value", None)),
        ({"OBS_STATUS": ["A", "O"]}, ("missing-status-with-value", None)),
        ({"OBS_VALUE": [1.0, None]}, ("normal-status-without-value", None)),
    ],
)
def test_each_fault_has_its_finding(small: Any, changes: dict[str, list[Any]], expected: tuple[str, str | None]) -> None:
    assert expected in codes(small, **changes)


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("Long", ["9223372036854775807", "-9223372036854775808", "0"], ["9223372036854775808", "-9223372036854775809", "9" * 38]),
        ("Integer", ["2147483647"], ["2147483648", "9" * 30]),
        ("Time", ["00:00:00", "23:59:59.9Z", "24:00:00"], ["25:00:00", "24:00:01", "10:60:00", "١٠:00:00"]),
        ("MonthDay", ["--02-29", "--12-31"], ["--02-30", "--04-31", "--13-01"]),
        ("Duration", ["P1Y2M", "-P1D", "PT0.5S", "P1DT2H"], ["P", "PT", "P1YT", "P1S", "1Y"]),
    ],
)
def test_values_outside_their_type_are_told_from_those_inside(name: str, right: list[str], wrong: list[str]) -> None:
    assert is_of_type(pl.Series([*right, *wrong]), DATA_TYPES[name]).to_list() == [True] * len(right) + [False] * len(wrong)


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("Integer", [2.0**31 - 1, 2.0**31, 0.5], [True, False, False]),
        ("Short", [32767, 32768], [True, False]),
        ("BigInteger", [1e30, 0.5], [True, False]),
    ],
)
def test_computed_whole_numbers_lie_in_the_range_of_their_type(name: str, values: list[float], expected: list[bool]) -> None:
    assert is_of_type(pl.Series(values), DATA_TYPES[name]).to_list() == expected


def test_periods_of_attributes_must_exist_too(small: Any) -> None:
    constrained = small.schemas().constrained(FLOW)
    schema = constrained.schema
    note = replace(schema["NOTE"], data_type="ReportingWeek", representation=Representation())
    weeks = replace(schema, components=tuple(note if part.id == "NOTE" else part for part in schema.components))
    found = absent_periods(Batch(pl.DataFrame({**GOOD, "NOTE": ["2019-W53", "2020-W53"]}), weeks, constrained.constraints))
    assert [(finding.component, finding.value) for finding in found] == [("NOTE", "2019-W53")]


def test_a_suppressed_observation_needs_no_value(small: Any) -> None:
    assert codes(small, OBS_VALUE=[1.0, None], OBS_STATUS=["A", "Q"]) == []


def test_percentages_between_zero_and_one_are_suspicious() -> None:
    frame = pl.DataFrame({"INDICATOR": ["X", "X", "Y"], "UNIT_MEASURE": ["PT", "PT", "PT"], "OBS_VALUE": [0.2, 0.9, 55.0]})
    (finding,) = check_percentages(frame)
    assert (finding.code, finding.count) == ("percent-looks-like-share", 2)


def test_values_and_combinations_that_constraints_exclude(small: Any) -> None:
    def selection(**values: str) -> tuple[ComponentSelection, ...]:
        return tuple(ComponentSelection(id=name, values=(SelectedValue(value=value),)) for name, value in values.items())

    constraint = DataConstraint(
        id="CN",
        agency_id="LOCAL",
        version="1.0.0",
        names={"en": "Constraint"},
        constraint_attachment=ConstraintAttachment(dataflows=(str(FLOW),)),
        cube_regions=(CubeRegion(key_values=selection(REGION="N")), CubeRegion(key_values=selection(REGION="S", KIND="B"))),
    )
    small.extra = (constraint,)
    found = codes(small, REGION=["N", "_T"], KIND=["A", "A"])
    assert found == [("constraint-violation", "_T")]
    assert codes(small, REGION=["N", "S"], KIND=["A", "A"]) == [("constraint-violation", None)]
    assert codes(small, REGION=["N", "S"], KIND=["A", "B"]) == []


def constraint(*regions: CubeRegion, keys: tuple[DataKeySet, ...] = ()) -> DataConstraint:
    return DataConstraint(
        id="CN",
        agency_id="LOCAL",
        version="1.0.0",
        names={"en": "Constraint"},
        constraint_attachment=ConstraintAttachment(dataflows=(str(FLOW),)),
        cube_regions=regions,
        data_key_sets=keys,
    )


def chosen(component: str, *values: SelectedValue, **options: Any) -> ComponentSelection:
    return ComponentSelection(id=component, values=values, **options)


def test_wildcards_restrict_components_without_codes(small: Any) -> None:
    small.extra = (constraint(CubeRegion(components=(chosen("COMMENT_OBS", SelectedValue(value="Checked%")),))),)
    assert codes(small, COMMENT_OBS=["Checked by hand", "Guessed"]) == [("constraint-violation", "Guessed")]


@pytest.mark.parametrize(
    ("limits", "excluded"),
    [
        (TimeRange(start_period=TimePeriodBound(period="2022"), end_period=TimePeriodBound(period="2023")), ["2021", "2024-01"]),
        (TimeRange(start_period=TimePeriodBound(period="2022", is_inclusive=False)), ["2021", "2022-Q4"]),
        (TimeRange(after_period=TimePeriodBound(period="2023-01")), ["2021", "2022-Q4"]),
        (TimeRange(before_period=TimePeriodBound(period="2023-06-30")), ["2023-12", "2024-01"]),
    ],
)
def test_periods_outside_a_time_range_are_excluded(small: Any, limits: TimeRange, excluded: list[str]) -> None:
    small.extra = (constraint(CubeRegion(key_values=(chosen("TIME_PERIOD", time_range=limits),))),)
    periods = ["2023-02", "2023-05-31", *excluded]
    size = len(periods)
    found = codes(small, REGION=["N"] * size, KIND=["A"] * size, TIME_PERIOD=periods, OBS_VALUE=[1.0] * size, OBS_STATUS=["A"] * size)
    assert sorted(found) == sorted(("constraint-violation", period) for period in excluded)


def test_a_value_counts_only_while_it_is_valid(small: Any) -> None:
    south = SelectedValue(value="S", valid_from="2023", valid_to="2023")
    small.extra = (constraint(CubeRegion(key_values=(chosen("REGION", SelectedValue(value="N"), south),))),)
    assert codes(small, REGION=["N", "S"], TIME_PERIOD=["2024", "2023-Q1"]) == []
    assert codes(small, REGION=["N", "S"], TIME_PERIOD=["2024", "2024-Q1"]) == [("constraint-violation", None)]


def test_a_time_range_counts_only_while_it_is_valid(small: Any) -> None:
    span = TimeRange(start_period=TimePeriodBound(period="2022"), valid_from="2023", valid_to="2023")
    small.extra = (constraint(CubeRegion(key_values=(chosen("TIME_PERIOD", time_range=span),))),)
    assert codes(small, REGION=["N", "S"], TIME_PERIOD=["2023-02", "2023-Q4"]) == []
    assert codes(small, REGION=["N", "S"], TIME_PERIOD=["2023-02", "2022-02"]) == [("constraint-violation", None)]
    small.extra = (constraint(CubeRegion(include=False, key_values=(chosen("TIME_PERIOD", time_range=span),))),)
    assert codes(small, REGION=["N", "S"], TIME_PERIOD=["2021", "2024"]) == []
    assert codes(small, REGION=["N", "S"], TIME_PERIOD=["2021", "2023"]) == [("constraint-violation", None)]


def test_key_sets_are_judged_by_combinations(small: Any) -> None:
    keys = (DataKey(key_values=(chosen("REGION", SelectedValue(value="N")), chosen("KIND", SelectedValue(value="A")))),)
    small.extra = (constraint(keys=(DataKeySet(is_included=False, keys=keys),)),)
    assert codes(small, REGION=["N", "S"], KIND=["B", "A"]) == []
    assert codes(small, REGION=["N", "S"], KIND=["A", "A"]) == [("constraint-violation", None)]
